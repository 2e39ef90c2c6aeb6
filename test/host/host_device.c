/* The library on a device that it does not own: what it needs, what it takes, what it leaves alone.
 *
 * usage: host_device [--validation] [--without=TEST]. Exit code 77: no device. */
#include "host.h"

#include <pthread.h>
#include <string.h>

static const struct host_wishes nothing;

static vkv_device *open_on(const vkv_vulkan_params *params)
{
    vkv_device *device = NULL;
    if (vkv_device_open_vulkan(params, &device))
        fail_msg("%s", host_last);
    return device;
}

static void scores_as_expected(const struct host *host)
{
    static struct host_values want, got;
    const vkv_vulkan_params params = host_params(host);
    vkv_device *device = open_on(&params);
    host_expected(8, &want);
    host_score(device, 8, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    vkv_device_close(&device);
    assert_null(device);
}

static void robust_access(void **state)
{
    const struct host_wishes wishes = {.features = {.robustBufferAccess = VK_TRUE}};
    struct host host;
    (void)state;
    host_open(&host, &wishes);
    scores_as_expected(&host);
    host_close(&host);
}

/* Everything that is enabled is used: the texel form, imported memory. */
static void all_enabled(void **state)
{
    static uint8_t block[2 * 65536];
    struct host_wishes wishes = {.extensions = {VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME}};
    struct host host;
    VkPhysicalDeviceFeatures has;
    uint32_t used = 1;
    vkv_memory *memory = NULL;
    (void)state;
    host_open(&host, &nothing);
    vk.GetPhysicalDeviceFeatures(host.physical, &has);
    if (host_lists(&host, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME))
        wishes.extensions[used++] = VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
    vkv_vulkan_params params = host_params(&host);
    vkv_device *device = open_on(&params);
    uint8_t *const aligned = block + (65536 - (uintptr_t)block % 65536) % 65536;
    host_refused(vkv_memory_import(device, aligned, 65536, &memory), VKV_ERR_UNSUPPORTED, "imports no host memory");
    vkv_device_close(&device);
    params.form = VKV_FORM_TEXEL;
    host_refused(vkv_device_open_vulkan(&params, &device), VKV_ERR_UNSUPPORTED, "shaderInt64");
    host_close(&host);

    wishes.features.shaderInt64 = has.shaderInt64;
    host_open(&host, &wishes);
    params = host_params(&host);
    device = open_on(&params);
    assert_string_equal(vkv_device_get_info(device)->form, has.shaderInt64 ? "texel" : "portable");
    if (has.shaderInt64)
        scores_as_expected(&host);
    const int err = vkv_memory_import(device, aligned, 65536, &memory);
    assert_true(err == VKV_OK || !has.shaderInt64); /* SwiftShader lists the extension, and imports nothing */
    vkv_memory_release(&memory);
    vkv_device_close(&device);
    host_errors = 0;
    host_close(&host);
}

/* ---- refusals ---- */

static void refused_params(void **state)
{
    struct host host, other;
    VkPhysicalDeviceFeatures has;
    vkv_device *device = NULL;
    (void)state;
    host_open(&host, &nothing);
    host_open(&other, &nothing);
    const vkv_vulkan_params good = host_params(&host);
    const char *const no_name = NULL;
    assert_int_equal(vkv_device_open_vulkan(NULL, &device), VKV_ERR_ARG);
    host_refused(vkv_device_open_vulkan(&good, NULL), VKV_ERR_ARG, "device is NULL");
#define REFUSED(member, value, code, part)                                                                             \
    do {                                                                                                               \
        vkv_vulkan_params bad = good;                                                                                  \
        bad.member = value;                                                                                            \
        host_refused(vkv_device_open_vulkan(&bad, &device), code, part);                                               \
    } while (0)
    REFUSED(get_instance_proc_addr, NULL, VKV_ERR_ARG, "get_instance_proc_addr");
    REFUSED(instance, VK_NULL_HANDLE, VKV_ERR_ARG, "instance");
    REFUSED(physical_device, VK_NULL_HANDLE, VKV_ERR_ARG, "physical_device");
    REFUSED(physical_device, other.physical, VKV_ERR_ARG, "physical_device");
    REFUSED(device, VK_NULL_HANDLE, VKV_ERR_ARG, "device");
    REFUSED(queue_family, 1, VKV_ERR_ARG, "queue family 1");
    REFUSED(queue_index, 1, VKV_ERR_ARG, "queue 1");
    REFUSED(lock_queue, host_lock_queue, VKV_ERR_ARG, "unlock_queue is NULL");
    REFUSED(unlock_queue, host_unlock_queue, VKV_ERR_ARG, "lock_queue is NULL");
    REFUSED(form, VKV_FORM_UNROLLED + 1, VKV_ERR_ARG, "form 5");
    REFUSED(reserved, 1, VKV_ERR_UNSUPPORTED, "reserved");
    vkv_vulkan_params bad = good;
    bad.n_extensions = 1;
    bad.extensions = NULL;
    host_refused(vkv_device_open_vulkan(&bad, &device), VKV_ERR_ARG, "extensions");
    bad.extensions = &no_name;
    host_refused(vkv_device_open_vulkan(&bad, &device), VKV_ERR_ARG, "extension 0");
    /* A feature that the device does not have; each has one among these. */
    vk.GetPhysicalDeviceFeatures(host.physical, &has);
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
    features.features.inheritedQueries = !has.inheritedQueries;
    features.features.sparseResidencyAliased = !has.sparseResidencyAliased;
    host_missing_queue = true;
    host_refused(vkv_device_open_vulkan(&good, &device), VKV_ERR_ARG, "was made without queue 0 of family 0");
    host_missing_queue = false;
    bad = good;
    bad.features = &features;
    host_refused(vkv_device_open_vulkan(&bad, &device), VKV_ERR_ARG, "given as enabled");
    assert_null(device);
    host_close(&other);
    host_close(&host);
}

static void refused_loaders(void **state)
{
    struct host host;
    vkv_device *device = NULL;
    (void)state;
    host_open(&host, &nothing);
    vkv_vulkan_params params = host_params(&host);
    static const char *const needed[] = {"vkGetPhysicalDeviceProperties2", "vkGetDeviceProcAddr", "vkQueueSubmit"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        host_missing_function = needed[i];
        host_refused(vkv_device_open_vulkan(&params, &device), VKV_ERR_UNSUPPORTED, needed[i]);
    }
    host_missing_function = NULL;
    host_fake_extension = "VK_KHR_portability_subset";
    host_refused(vkv_device_open_vulkan(&params, &device), VKV_ERR_ARG, host_fake_extension);
    params.extensions = &host_fake_extension;
    params.n_extensions = 1;
    device = open_on(&params);
    vkv_device_close(&device);
    host_fake_extension = NULL;
    host_close(&host);
}

/* ---- one queue ---- */

/* A driver that fails is waited for by fence, not by device. */
static void failing_wait(void **state)
{
    struct host host;
    vkv_scorer *scorer = NULL;
    const vkv_scorer_params small = {
        .struct_size = sizeof(small), .width = HOST_WIDTH, .height = HOST_HEIGHT, .bit_depth = 8};
    (void)state;
    host_open(&host, &nothing);
    const vkv_vulkan_params params = host_params(&host);
    vkv_device *device = open_on(&params);
    host_failing_waits = 2;
    host_refused(vkv_scorer_create(device, &small, &scorer), VKV_ERR_MEMORY, "vkWaitForFences");
    assert_int_equal(host_failing_waits, 0);
    vkv_device_close(&device);
    host_close(&host);
}

struct worker {
    pthread_t thread;
    vkv_device *device;
    struct host_values values;
};

static void *work(void *argument)
{
    struct worker *const worker = argument;
    host_score(worker->device, 8, &worker->values);
    return NULL;
}

/* Two devices of the library on one queue, four threads, and an application that goes on using it: on Vulkan 1.1
 * without a feature, without an extension. */
static void shared_queue(void **state)
{
    static struct worker workers[4];
    static struct host_values want;
    static atomic_flag lock = ATOMIC_FLAG_INIT;
    struct host host;
    vkv_device *devices[2];
    (void)state;
    host_open(&host, &nothing);
    vkv_vulkan_params params = host_params(&host);
    params.lock_queue = host_lock_queue;
    params.unlock_queue = host_unlock_queue;
    params.queue_user = &lock;
    params.max_threads = 1;
    params.features = NULL;
    params.extensions = NULL;
    host_outside = host_submissions = host_locks = host_most_locked = 0;
    for (int i = 0; i < 2; i++)
        devices[i] = open_on(&params);
    host_expected(8, &want);
    for (int i = 0; i < 4; i++) {
        workers[i].device = devices[i / 2];
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        host_lock_queue(&lock, 0, 0);
        vk.QueueSubmit(host.queue, 0, NULL, VK_NULL_HANDLE);
        host_unlock_queue(&lock, 0, 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_memory_equal(&want, &workers[i].values, sizeof(want));
    }
    assert_string_equal(vkv_device_get_info(devices[0])->form, "portable");
    assert_int_equal(vkv_device_verify(devices[0], NULL, NULL), VKV_OK);
    assert_int_equal(host_most_locked, 1);
    assert_int_equal(host_outside, 0);
    assert_true(host_submissions >= 4 * 2);
    assert_int_equal(host_locks, host_submissions + 20);
    for (int i = 0; i < 2; i++)
        vkv_device_close(&devices[i]);
    host_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(robust_access),   cmocka_unit_test(all_enabled),  cmocka_unit_test(refused_params),
        cmocka_unit_test(refused_loaders), cmocka_unit_test(failing_wait), cmocka_unit_test(shared_queue),
    };
    host_arguments(argc, argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    printf("%u validation messages, %u calls that a guest must not make\n", host_validation, host_forbidden);
    return failed || host_validation || host_forbidden;
}
