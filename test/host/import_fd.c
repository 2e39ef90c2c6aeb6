/* Memory behind file descriptors: another process exports it, or a file in memory stands for a dma-buf; scores are
 * those of the same pictures in memory. Also what is refused, that no file descriptor is lost, and drivers that list
 * extensions without functions.
 *
 * usage: import_fd [--validation]. Exit code 77: no device, or none that exports memory. */
#define _GNU_SOURCE /* memfd_create */
#include "pictures.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/alloc.h"

#define STRIDE 80
#define BEGIN 3 /* of the first rows */
#define PICTURES (2 * HOST_FRAMES)
#define BYTES 49152 /* room for all pictures; pages */

static struct host host;
static vkv_device *device, *own; /* lent, and opened by the library */

static uint64_t offset_of(uint32_t frame, uint32_t picture)
{
    return BEGIN + (uint64_t)(2 * frame + picture) * STRIDE * HOST_HEIGHT;
}

static void fill(uint8_t *memory)
{
    for (uint32_t t = 0; t < HOST_FRAMES; t++)
        for (uint32_t i = 0; i < 2; i++)
            host_fill(memory + offset_of(t, i), STRIDE, 8, t, i);
}

/* A device with all that imports need, where there is such a thing. */
static void open_host(void)
{
    static const char *const names[] = {VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME,
                                        VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME,
                                        VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME};
    struct host_wishes wishes = {.timeline = false};
    VkPhysicalDeviceFeatures has;
    host_open(&host, &wishes);
    vk.GetPhysicalDeviceFeatures(host.physical, &has);
    wishes.features.shaderInt64 = has.shaderInt64;
    for (uint32_t i = 0, n = 0; i < 3; i++)
        if (host_lists(&host, names[i]))
            wishes.extensions[n++] = names[i];
    host_close(&host);
    host_open(&host, &wishes);
}

/* ---- the other process ---- */

struct exported {
    uint64_t bytes;
    uint32_t memory_type;
    int fd;
};

static struct exported from_other; /* fd -1: its driver exports nothing */

static void send_memory(int to, const struct exported *memory)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec data = {(void *)(uintptr_t)memory, sizeof(*memory)};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (memory->fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        memcpy(CMSG_DATA(&control.header), &memory->fd, sizeof(int));
    }
    if (sendmsg(to, &message, 0) != (ssize_t)sizeof(*memory))
        abort();
}

static void receive_memory(int from, struct exported *memory)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec data = {memory, sizeof(*memory)};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    if (recvmsg(from, &message, 0) != (ssize_t)sizeof(*memory))
        abort();
    if (memory->fd >= 0)
        memcpy(&memory->fd, CMSG_DATA(&control.header), sizeof(int));
}

static VkBuffer exported_buffer(VkMemoryRequirements *needs)
{
    const VkExternalMemoryBufferCreateInfo external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
                                                       .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
    const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                     .pNext = &external,
                                     .size = BYTES,
                                     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT};
    VkBuffer buffer;
    assert_int_equal(vk.CreateBuffer(host.device, &info, NULL, &buffer), VK_SUCCESS);
    vk.GetBufferMemoryRequirements(host.device, buffer, needs);
    return buffer;
}

static VkDeviceMemory exported_memory(VkBuffer buffer, const VkMemoryRequirements *needs, struct exported *out)
{
    const VkExportMemoryAllocateInfo export = {.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
                                               .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
    *out = (struct exported){needs->size, memory_type_of(&host, needs->memoryTypeBits), -1};
    const VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                           .pNext = &export,
                                           .allocationSize = needs->size,
                                           .memoryTypeIndex = out->memory_type};
    const PFN_vkGetMemoryFdKHR get_fd = (PFN_vkGetMemoryFdKHR)vk.GetDeviceProcAddr(host.device, "vkGetMemoryFdKHR");
    VkMemoryGetFdInfoKHR fd = {.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
                               .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
    assert_int_equal(vk.AllocateMemory(host.device, &allocate, NULL, &fd.memory), VK_SUCCESS);
    assert_int_equal(vk.BindBufferMemory(host.device, buffer, fd.memory, 0), VK_SUCCESS);
    assert_int_equal(get_fd(host.device, &fd, &out->fd), VK_SUCCESS);
    return fd.memory;
}

/* Exports filled memory, and keeps it until the socket says that this is enough. */
static int export_memory(int to)
{
    struct exported out = {.fd = -1};
    VkMemoryRequirements needs;
    char enough;
    void *mapped = NULL;
    open_host();
    if (!host.wishes.extensions[0]) {
        send_memory(to, &out);
        return 0;
    }
    const VkBuffer buffer = exported_buffer(&needs);
    const VkDeviceMemory memory = exported_memory(buffer, &needs, &out);
    assert_int_equal(vk.MapMemory(host.device, memory, 0, VK_WHOLE_SIZE, 0, &mapped), VK_SUCCESS);
    fill(mapped);
    send_memory(to, &out);
    close(out.fd);
    const bool is_end = read(to, &enough, 1) == 0;
    vk.DestroyBuffer(host.device, buffer, NULL);
    vk.FreeMemory(host.device, memory, NULL);
    host_close(&host);
    return !is_end || host_validation;
}

/* Vulkan comes after the fork: it has threads. */
static pid_t start_other(int *socket)
{
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    const pid_t other = fork();
    assert_true(other >= 0);
    if (!other) {
        close(sockets[0]);
        _exit(export_memory(sockets[1]));
    }
    close(sockets[1]);
    *socket = sockets[0];
    receive_memory(sockets[0], &from_other);
    return other;
}

/* ---- importing ---- */

static vkv_fd_params opaque(void)
{
    return (vkv_fd_params){.struct_size = sizeof(vkv_fd_params),
                           .fd = from_other.fd,
                           .type = VKV_FD_OPAQUE,
                           .memory_type = from_other.memory_type,
                           .bytes = from_other.bytes,
                           .offset = BEGIN,
                           .stride_bytes = STRIDE,
                           .width = HOST_WIDTH,
                           .height = HOST_HEIGHT,
                           .bits = 8};
}

static vkv_fd_params dma_buf(int fd)
{
    vkv_fd_params params = opaque();
    params.fd = fd;
    params.type = VKV_FD_DMA_BUF;
    params.memory_type = 0;
    params.bytes = BYTES;
    return params;
}

static unsigned count_fds(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Scores what lies in the memory: an image for each picture, from file descriptors of its own. */
static void score_on(vkv_device *on, const vkv_fd_params *memory, uint32_t family)
{
    static struct host_values want, got;
    const vkv_scorer_params scorer_params = {
        .struct_size = sizeof(scorer_params), .width = HOST_WIDTH, .height = HOST_HEIGHT, .bit_depth = 8};
    vkv_scorer *scorer = NULL;
    vkv_image_use uses[PICTURES];
    assert_int_equal(vkv_scorer_create(on, &scorer_params, &scorer), VKV_OK);
    const unsigned open_before = count_fds();
    for (uint32_t i = 0; i < PICTURES; i++) {
        vkv_fd_params params = *memory;
        vkv_image *image = NULL;
        params.fd = dup(memory->fd);
        params.offset = offset_of(i / 2, i % 2);
        if (vkv_image_import_fd(on, &params, &image))
            fail_msg("%s", host_last);
        assert_int_equal(vkv_image_path(image), VKV_IMAGE_PATH_BUFFER);
        uses[i] = use_of(image, VK_IMAGE_LAYOUT_UNDEFINED);
        uses[i].queue_family = family;
    }
    for (uint32_t t = 0; t < HOST_FRAMES; t++)
        if (vkv_scorer_push_images(scorer, &uses[2 * t], &uses[2 * t + 1]))
            fail_msg("%s", host_last);
    host_pull(scorer, HOST_FRAMES, &got);
    host_expected(8, &want);
    assert_memory_equal(&want, &got, sizeof(want));
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < PICTURES; i++)
        vkv_image_release(&uses[i].image);
    assert_int_equal(count_fds(), open_before);
}

/* The loader's own, but for host_missing_function. */
static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_function(VkDevice of, const char *name)
{
    return host_missing_function && !strcmp(name, host_missing_function) ? NULL : vk.GetDeviceProcAddr(of, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_function(VkInstance instance, const char *name)
{
    return strcmp(name, "vkGetDeviceProcAddr") != 0 ? vk.GetInstanceProcAddr(instance, name)
                                                    : (PFN_vkVoidFunction)get_device_function;
}

/* A device that the library opens itself. */
static vkv_device *open_own(void)
{
    const PFN_vkGetInstanceProcAddr loader = get_function;
    vkv_device_params params = {
        .struct_size = sizeof(params), .validation = host_validates(), .skip_probe = 1, .log = host_params(&host).log};
    vkv_device *opened = NULL;
    memcpy(&params.get_instance_proc_addr, &loader, sizeof(params.get_instance_proc_addr));
    if (vkv_device_open(&params, &opened)) {
        fprintf(stderr, "%s\n", host_last);
        exit(1);
    }
    return opened;
}

static void score_everywhere(const vkv_fd_params *memory, uint32_t family)
{
    score_on(device, memory, family);
    score_on(own, memory, family);
    assert_int_equal(host_errors, 0);
}

static void other_process(void **state)
{
    const vkv_fd_params memory = opaque();
    (void)state;
    score_everywhere(&memory, VK_QUEUE_FAMILY_EXTERNAL);
    score_everywhere(&memory, VK_QUEUE_FAMILY_IGNORED);
}

static bool has_dma_buf(void)
{
    return host_lists(&host, VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME);
}

static int filled_file(void)
{
    const int fd = memfd_create("pictures", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, BYTES), 0);
    uint8_t *const mapped = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(mapped != MAP_FAILED);
    fill(mapped);
    munmap(mapped, BYTES);
    return fd;
}

static void file_in_memory(void **state)
{
    (void)state;
    if (!has_dma_buf())
        skip();
    const vkv_fd_params memory = dma_buf(filled_file());
    const bool has_foreign = host_lists(&host, VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME);
    score_everywhere(&memory, has_foreign ? VK_QUEUE_FAMILY_FOREIGN_EXT : VK_QUEUE_FAMILY_EXTERNAL);
    close(memory.fd);
}

/* ---- refusals ---- */

/* One line, nothing imported, and every file descriptor as it was. */
static void refused(vkv_device *on, const vkv_fd_params *params, int code, const char *part)
{
    vkv_image *image = NULL;
    const unsigned before = count_fds();
    host_refused(vkv_image_import_fd(on, params, &image), code, part);
    assert_null(image);
    assert_int_equal(count_fds(), before);
}

#define REFUSED(member, value, code, part)                                                                             \
    do {                                                                                                               \
        vkv_fd_params bad = good;                                                                                      \
        bad.member = value;                                                                                            \
        refused(device, &bad, code, part);                                                                             \
    } while (0)

static void refused_params(void **state)
{
    const vkv_fd_params good = opaque();
    const vkv_device_params cpu_params = {.struct_size = sizeof(cpu_params), .select = "cpu"};
    const int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), file = filled_file();
    vkv_image *image = NULL;
    vkv_device *cpu = NULL;
    (void)state;
    REFUSED(struct_size, 4, VKV_ERR_ARG, "vkv_fd_params");
    REFUSED(type, 0, VKV_ERR_ARG, "type 0");
    REFUSED(type, 3, VKV_ERR_ARG, "type 3");
    REFUSED(fd, -1, VKV_ERR_ARG, "fd -1 is not open");
    REFUSED(fd, 1000, VKV_ERR_ARG, "fd 1000 is not open");
    REFUSED(fd, directory, VKV_ERR_ARG, "is a directory; an opaque fd was expected");
    REFUSED(memory_type, 32, VKV_ERR_ARG, "memory type 32");
    REFUSED(bits, 7, VKV_ERR_ARG, "vkv_fd_params: 7 bits");
    REFUSED(offset, from_other.bytes, VKV_ERR_ARG, "vkv_fd_params: rows leave the memory");
    REFUSED(stride_bytes, 1, VKV_ERR_ARG, "vkv_fd_params: rows of 70 bytes are 1 apart");
    REFUSED(bytes, from_other.bytes + 65536, VKV_ERR_ARG, "were expected");
    REFUSED(modifier, UINT64_C(0x100000000000001), VKV_ERR_UNSUPPORTED, "modifier 0x100000000000001; only linear");
    refused(device, &(vkv_fd_params){.struct_size = sizeof(vkv_fd_params)}, VKV_ERR_ARG, "type 0");
    host_refused(vkv_image_import_fd(device, NULL, &image), VKV_ERR_ARG, "NULL");
    assert_int_equal(vkv_image_import_fd(NULL, &good, &image), VKV_ERR_ARG);
    assert_int_equal(vkv_device_open(&cpu_params, &cpu), VKV_OK);
    assert_int_equal(vkv_image_import_fd(cpu, &good, &image), VKV_ERR_ARG);
    vkv_device_close(&cpu);
    close(directory);
    close(file);
}

/* A file that no driver has made. Some drivers see that, and others take any. */
static void file_as_opaque(void **state)
{
    const unsigned before = count_fds();
    vkv_fd_params params = opaque();
    vkv_image *image = NULL;
    (void)state;
    params.fd = filled_file();
    const int err = vkv_image_import_fd(device, &params, &image);
    if (err) {
        host_refused(err, VKV_ERR_UNSUPPORTED, "VK_ERROR_INVALID_EXTERNAL_HANDLE");
        close(params.fd);
    }
    vkv_image_release(&image);
    assert_int_equal(count_fds(), before);
}

/* An import asks for memory twice, and for the second time when it has all but succeeded. */
static void without_memory(void **state)
{
    vkv_fd_params params = opaque();
    vkv_image *image = NULL;
    const unsigned before = count_fds();
    (void)state;
    for (long n = 1; n <= 2; n++) {
        mem_fail_at(n);
        refused(device, &params, VKV_ERR_MEMORY, "out of memory");
    }
    params.fd = dup(params.fd);
    mem_fail_at(3);
    assert_int_equal(vkv_image_import_fd(device, &params, &image), VKV_OK);
    mem_fail_at(0);
    vkv_image_release(&image);
    assert_int_equal(count_fds(), before);
}

/* Files that are no dma-buf of the given bytes. */
static void refused_files(void **state)
{
    const int file = filled_file();
    const vkv_fd_params good = dma_buf(file);
    int pipes[2];
    (void)state;
    if (!has_dma_buf()) {
        refused(device, &good, VKV_ERR_UNSUPPORTED, "VK_EXT_external_memory_dma_buf");
        close(file);
        return;
    }
    assert_int_equal(pipe(pipes), 0);
    REFUSED(fd, pipes[0], VKV_ERR_ARG, "has 0 bytes; 49152 were expected");
    REFUSED(bytes, BYTES + 1, VKV_ERR_ARG, "has 49152 bytes; 49153 were expected");
    assert_int_equal(ftruncate(file, BYTES / 2), 0);
    refused(device, &good, VKV_ERR_ARG, "has 24576 bytes; 49152 were expected");
    close(pipes[0]);
    close(pipes[1]);
    close(file);
}

/* There is a platform for them on Android only. */
static void hardware_buffer(void **state)
{
    static int buffer;
    vkv_image *image = NULL;
    (void)state;
    host_refused(vkv_image_import_ahb(device, (struct AHardwareBuffer *)&buffer, &image), VKV_ERR_UNSUPPORTED,
                 "libnativewindow.so");
    host_refused(vkv_image_import_ahb(own, (struct AHardwareBuffer *)&buffer, &image), VKV_ERR_UNSUPPORTED,
                 "libnativewindow.so");
    assert_null(image);
}

/* ---- drivers that lie ---- */

/* On a device of each kind, whose driver lists what it has no function for. */
static void names_lie(void **state)
{
    static const char *const functions[] = {"vkGetMemoryFdKHR", "vkGetMemoryFdPropertiesKHR",
                                            "vkGetMemoryHostPointerPropertiesEXT"};
    static uint8_t block[2 * 65536];
    const vkv_vulkan_params params = host_params(&host);
    const vkv_fd_params memory = opaque();
    (void)state;
    for (int i = 0; i < 3; i++) {
        vkv_device *devices[2] = {NULL};
        vkv_memory *imported = NULL;
        uint8_t *const aligned = block + (65536 - (uintptr_t)block % 65536) % 65536;
        host_missing_function = functions[i];
        assert_int_equal(vkv_device_open_vulkan(&params, &devices[0]), VKV_OK);
        devices[1] = open_own();
        for (int d = 0; d < 2; d++) {
            if (i < 2)
                refused(devices[d], &memory, VKV_ERR_UNSUPPORTED, "VK_KHR_external_memory_fd");
            else
                host_refused(vkv_memory_import(devices[d], aligned, 65536, &imported), VKV_ERR_UNSUPPORTED,
                             "imports no host memory");
            vkv_device_close(&devices[d]);
        }
        host_missing_function = NULL;
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_process),   cmocka_unit_test(file_in_memory), cmocka_unit_test(refused_params),
        cmocka_unit_test(file_as_opaque),  cmocka_unit_test(without_memory), cmocka_unit_test(refused_files),
        cmocka_unit_test(hardware_buffer), cmocka_unit_test(names_lie),
    };
    int socket = -1, status = 1;
    host_arguments(argc, argv);
    const pid_t other = start_other(&socket);
    open_host();
    if (from_other.fd < 0) {
        printf("skipped: no driver with VK_KHR_external_memory_fd\n");
        return 77;
    }
    const vkv_vulkan_params params = host_params(&host);
    if (vkv_device_open_vulkan(&params, &device)) {
        fprintf(stderr, "%s\n", host_last);
        return 1;
    }
    own = open_own();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vkv_device_close(&own);
    const int ended = host_end(&host, &device, failed);
    close(socket);
    if (waitpid(other, &status, 0) != other || status)
        printf("the other process ended with %d\n", status);
    return ended || status;
}
