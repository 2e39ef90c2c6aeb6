/* Android's hardware buffers, without Android: a library of its name stands for the platform (nativewindow.c), and
 * functions between the library and the driver give ordinary images for buffers. Scores are those of the same pictures
 * in memory, by each way that a buffer may go; also what is refused, and that nothing is held afterwards.
 *
 * usage: import_ahb [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan_android.h>

#include "nativewindow.h"

#define AHB VK_ANDROID_EXTERNAL_MEMORY_ANDROID_HARDWARE_BUFFER_EXTENSION_NAME
#define FOREIGN VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME

enum { BLOB = 0x21, YUV = 0x23, P010 = 0x36, R8 = 0x38, R16 = 0x39, VENDOR = 0x7fa30c06 };

#define CPU_READ UINT64_C(3)
#define GPU_READ UINT64_C(0x100)
#define PROTECTED UINT64_C(0x4000)

/* A buffer is larger than its pictures, which begin at an odd place. */
#define X 5
#define Y 3
#define WIDTH (HOST_WIDTH + 10)
#define HEIGHT (HOST_HEIGHT + 8)

static struct host host;
static vkv_device *device, *plain; /* with the functions below, and with the driver's own */
static char told[256];             /* the last line about a buffer's way */

/* ---- a driver that imports buffers ---- */

static struct {
    VkFormat format;
    VkFormatFeatureFlags features;
    uint64_t external;                  /* in place of `format`, which images have all the same */
    VkResult properties, image, memory; /* of the next calls */
    bool imports_none;
    int n_images, n_memories; /* of buffers, now */
    VkImage image_handles[2]; /* the last ones */
    VkDeviceMemory memory_handles[2];
    struct AHardwareBuffer *written; /* by the host, and its image */
    VkImage written_image;
    uint32_t spoilt; /* bits of codes that are lost on the way to it */
} driver;

static const char *missing_function;

static VKAPI_ATTR VkResult VKAPI_CALL get_properties(VkDevice of, const struct AHardwareBuffer *buffer,
                                                     VkAndroidHardwareBufferPropertiesANDROID *properties)
{
    VkAndroidHardwareBufferFormatPropertiesANDROID *const format = properties->pNext;
    (void)of;
    if (driver.properties)
        return driver.properties;
    properties->allocationSize = (VkDeviceSize)8 * buffer->desc.width * buffer->desc.height + 65536;
    properties->memoryTypeBits = UINT32_MAX;
    format->format = driver.external ? VK_FORMAT_UNDEFINED : driver.format;
    format->externalFormat = driver.external;
    format->formatFeatures = driver.features;
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL get_memory(VkDevice of, const VkMemoryGetAndroidHardwareBufferInfoANDROID *info,
                                                 struct AHardwareBuffer **buffer)
{
    (void)of;
    (void)info;
    (void)buffer;
    return VK_ERROR_OUT_OF_HOST_MEMORY;
}

static const VkBaseInStructure *find_link(const void *chain, VkStructureType type)
{
    const VkBaseInStructure *link = chain;
    while (link && link->sType != type)
        link = link->pNext;
    return link;
}

static VKAPI_ATTR VkResult VKAPI_CALL image_properties(VkPhysicalDevice physical,
                                                       const VkPhysicalDeviceImageFormatInfo2 *info,
                                                       VkImageFormatProperties2 *properties)
{
    VkExternalImageFormatProperties *const external = properties->pNext;
    (void)physical;
    (void)info;
    external->externalMemoryProperties.externalMemoryFeatures =
        driver.imports_none ? 0 : VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
    return VK_SUCCESS;
}

/* The test writes to the images. */
static VKAPI_ATTR VkResult VKAPI_CALL create_image(VkDevice of, const VkImageCreateInfo *info,
                                                   const VkAllocationCallbacks *allocator, VkImage *image)
{
    VkImageCreateInfo ordinary = *info;
    if (!find_link(info->pNext, VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO))
        return vk.CreateImage(of, info, allocator, image);
    if (driver.image)
        return driver.image;
    if (find_link(info->pNext, VK_STRUCTURE_TYPE_EXTERNAL_FORMAT_ANDROID)) {
        assert_int_equal(info->format, VK_FORMAT_UNDEFINED);
        assert_int_equal(info->usage, VK_IMAGE_USAGE_SAMPLED_BIT);
        ordinary.format = driver.format;
    }
    ordinary.pNext = NULL;
    ordinary.usage |= VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    assert_int_equal(vk.CreateImage(of, &ordinary, allocator, image), VK_SUCCESS);
    driver.image_handles[driver.n_images++ % 2] = *image;
    return VK_SUCCESS;
}

static bool is_external(const void *chain)
{
    const VkBaseInStructure *const link = find_link(chain, VK_STRUCTURE_TYPE_EXTERNAL_FORMAT_ANDROID);
    return link && ((const VkExternalFormatANDROID *)link)->externalFormat == driver.external;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_conversion(VkDevice of, const VkSamplerYcbcrConversionCreateInfo *info,
                                                        const VkAllocationCallbacks *allocator,
                                                        VkSamplerYcbcrConversion *conversion)
{
    const PFN_vkCreateSamplerYcbcrConversion create =
        (PFN_vkCreateSamplerYcbcrConversion)vk.GetDeviceProcAddr(of, "vkCreateSamplerYcbcrConversion");
    VkSamplerYcbcrConversionCreateInfo ordinary = *info;
    if (info->format == VK_FORMAT_UNDEFINED) {
        assert_true(is_external(info->pNext));
        ordinary.pNext = NULL;
        ordinary.format = driver.format;
    }
    return create(of, &ordinary, allocator, conversion);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_view(VkDevice of, const VkImageViewCreateInfo *info,
                                                  const VkAllocationCallbacks *allocator, VkImageView *view)
{
    const PFN_vkCreateImageView create = (PFN_vkCreateImageView)vk.GetDeviceProcAddr(of, "vkCreateImageView");
    VkImageViewCreateInfo ordinary = *info;
    if (info->format == VK_FORMAT_UNDEFINED)
        ordinary.format = driver.format;
    return create(of, &ordinary, allocator, view);
}

/* The image of a buffer that the library allocates gets what it writes. */
static void upload(struct AHardwareBuffer *buffer)
{
    const struct picture_kind kind = {.format = driver.format,
                                      .width = buffer->desc.width,
                                      .height = buffer->desc.height,
                                      .aspect = VK_IMAGE_ASPECT_PLANE_0_BIT};
    struct host_picture picture = {.kind = kind, .image = driver.written_image};
    assert_ptr_equal(buffer, driver.written);
    for (uint32_t i = 0; i < kind.width * kind.height * buffer->pixel_stride; i += buffer->pixel_stride)
        ((uint8_t *)buffer->rows)[i] &= (uint8_t)~driver.spoilt;
    picture_fill(&host, &picture, 0, buffer->rows, buffer->pixel_stride, VK_IMAGE_LAYOUT_GENERAL, NULL, NULL);
}

static VKAPI_ATTR void VKAPI_CALL destroy_image(VkDevice of, VkImage image, const VkAllocationCallbacks *allocator)
{
    driver.n_images -= image && (image == driver.image_handles[0] || image == driver.image_handles[1]);
    vk.DestroyImage(of, image, allocator);
}

/* Ordinary memory that the image can have. */
static VkResult allocate_for(VkDevice of, VkImage image, VkDeviceMemory *memory)
{
    const VkImageMemoryRequirementsInfo2 info = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2,
                                                 .image = image};
    VkMemoryRequirements2 needs = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};
    vk.GetImageMemoryRequirements2(of, &info, &needs);
    const VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                           .allocationSize = needs.memoryRequirements.size,
                                           .memoryTypeIndex =
                                               memory_type_of(&host, needs.memoryRequirements.memoryTypeBits)};
    return vk.AllocateMemory(of, &allocate, NULL, memory);
}

static VKAPI_ATTR VkResult VKAPI_CALL allocate_memory(VkDevice of, const VkMemoryAllocateInfo *info,
                                                      const VkAllocationCallbacks *allocator, VkDeviceMemory *memory)
{
    const VkBaseInStructure *const dedicated = find_link(info->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO);
    const VkBaseInStructure *const import =
        find_link(info->pNext, VK_STRUCTURE_TYPE_IMPORT_ANDROID_HARDWARE_BUFFER_INFO_ANDROID);
    if (!import)
        return vk.AllocateMemory(of, info, allocator, memory);
    if (driver.memory)
        return driver.memory;
    assert_non_null(dedicated);
    driver.written = ((const VkImportAndroidHardwareBufferInfoANDROID *)import)->buffer;
    driver.written_image = ((const VkMemoryDedicatedAllocateInfo *)dedicated)->image;
    assert_non_null(driver.written);
    assert_int_equal(allocate_for(of, ((const VkMemoryDedicatedAllocateInfo *)dedicated)->image, memory), VK_SUCCESS);
    driver.memory_handles[driver.n_memories++ % 2] = *memory;
    return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL free_memory(VkDevice of, VkDeviceMemory memory,
                                              const VkAllocationCallbacks *allocator)
{
    driver.n_memories -= memory && (memory == driver.memory_handles[0] || memory == driver.memory_handles[1]);
    vk.FreeMemory(of, memory, allocator);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_function(VkDevice of, const char *name)
{
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } functions[] = {{"vkGetAndroidHardwareBufferPropertiesANDROID", (PFN_vkVoidFunction)get_properties},
                     {"vkGetMemoryAndroidHardwareBufferANDROID", (PFN_vkVoidFunction)get_memory},
                     {"vkCreateImage", (PFN_vkVoidFunction)create_image},
                     {"vkCreateImageView", (PFN_vkVoidFunction)create_view},
                     {"vkCreateSamplerYcbcrConversion", (PFN_vkVoidFunction)create_conversion},
                     {"vkDestroyImage", (PFN_vkVoidFunction)destroy_image},
                     {"vkAllocateMemory", (PFN_vkVoidFunction)allocate_memory},
                     {"vkFreeMemory", (PFN_vkVoidFunction)free_memory}};
    if (missing_function && !strcmp(name, missing_function))
        return NULL;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!strcmp(functions[i].name, name))
            return functions[i].function;
    return vk.GetDeviceProcAddr(of, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_function(VkInstance instance, const char *name)
{
    if (!strcmp(name, "vkGetDeviceProcAddr"))
        return (PFN_vkVoidFunction)get_device_function;
    if (!strcmp(name, "vkGetPhysicalDeviceImageFormatProperties2"))
        return (PFN_vkVoidFunction)image_properties;
    return host_get_instance_proc_addr(instance, name);
}

/* ---- devices ---- */

static vkv_log host_log;

static void on_line(void *user, int level, const char *line)
{
    if (level == VKV_LOG_INFO && !strncmp(line, "AHardwareBuffer", 15))
        snprintf(told, sizeof(told), "%s", line);
    host_log.fn(user, level, line);
}

/* With the driver's own functions, or with those above. */
static vkv_device *lend(bool is_faked)
{
    static const char *const names[] = {FOREIGN, AHB};
    vkv_vulkan_params params = host_params(&host);
    vkv_device *opened = NULL;
    host_log = params.log;
    params.log.fn = on_line;
    params.skip_probe = 1;
    if (is_faked) {
        params.get_instance_proc_addr = get_function;
        params.extensions = names;
        params.n_extensions = 2;
        host_fake_extension = AHB;
    }
    if (vkv_device_open_vulkan(&params, &opened)) {
        fprintf(stderr, "%s\n", host_last);
        exit(1);
    }
    host_fake_extension = NULL;
    return opened;
}

static void open_devices(void)
{
    struct host_wishes wishes = {.conversions = true};
    VkPhysicalDeviceFeatures has;
    uint32_t n = 0;
    host_open(&host, &wishes);
    vk.GetPhysicalDeviceFeatures(host.physical, &has);
    wishes.features.shaderInt64 = has.shaderInt64;
    if (host_lists(&host, FOREIGN))
        wishes.extensions[n++] = FOREIGN;
    if (n && host_lists(&host, AHB))
        wishes.extensions[n++] = AHB;
    host_close(&host);
    host_open(&host, &wishes);
    plain = lend(false);
    device = lend(true);
}

static bool can_import(void)
{
    return host_lists(&host, FOREIGN);
}

/* ---- scoring ---- */

static struct AHardwareBuffer buffer_of(uint32_t format, uint64_t usage)
{
    return (struct AHardwareBuffer){.desc = {WIDTH, HEIGHT, 1, format, usage, WIDTH, 0, 0}, .n_planes = 1};
}

static vkv_image *import(vkv_device *on, struct AHardwareBuffer *buffer, uint32_t path)
{
    vkv_image *image = NULL;
    told[0] = 0;
    if (vkv_image_import_ahb(on, buffer, &image))
        fail_msg("%s", host_last);
    assert_int_equal(vkv_image_path(image), path);
    assert_int_equal(buffer->n_held, 1);
    assert_non_null(strstr(told, "AHardwareBuffer of format"));
    return image;
}

static vkv_scorer *create_scorer(vkv_device *on, uint32_t bit_depth)
{
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = HOST_WIDTH,
                                      .height = HOST_HEIGHT,
                                      .bit_depth = bit_depth,
                                      .frames_in_flight = 4};
    vkv_scorer *scorer = NULL;
    if (vkv_scorer_create(on, &params, &scorer))
        fail_msg("%s", host_last);
    return scorer;
}

static vkv_image_use cropped(vkv_image *image)
{
    vkv_image_use use = use_of(image, VK_IMAGE_LAYOUT_GENERAL);
    use.queue_family = VK_QUEUE_FAMILY_FOREIGN_EXT;
    use.x = X;
    use.y = Y;
    return use;
}

/* Puts a picture into rows of a buffer, `step` samples apart, in words shifted to the left. */
static void put(uint8_t *rows, uint32_t stride, uint32_t step, uint32_t bit_depth, uint32_t shift, uint32_t t,
                uint32_t picture)
{
    static uint8_t tight[2 * HOST_WIDTH * HOST_HEIGHT];
    const uint32_t bytes = bit_depth > 8 ? 2 : 1;
    host_fill(tight, HOST_WIDTH * bytes, bit_depth, t, picture);
    for (uint32_t i = 0; i < HOST_WIDTH * HOST_HEIGHT; i++) {
        const uint32_t x = X + i % HOST_WIDTH, y = Y + i / HOST_WIDTH;
        uint8_t *const to = rows + y * stride + x * step * bytes;
        const uint32_t code = bytes == 1 ? tight[i] : tight[2 * i] | (uint32_t)tight[2 * i + 1] << 8;
        to[0] = (uint8_t)(code << shift);
        if (bytes == 2)
            to[1] = (uint8_t)(code << shift >> 8);
    }
}

static void push(vkv_scorer *scorer, const vkv_image_use *ref, const vkv_image_use *dist)
{
    if (vkv_scorer_push_images(scorer, ref, dist))
        fail_msg("%s", host_last);
}

static void check_values(vkv_scorer *scorer, uint32_t bit_depth)
{
    static struct host_values want, got;
    host_pull(scorer, HOST_FRAMES, &got);
    host_expected(bit_depth, &want);
    assert_memory_equal(&want, &got, sizeof(want));
    assert_int_equal(host_errors, 0);
}

/* Two buffers, each filled again behind the push that read it. */
static void score_images(uint32_t format, const struct picture_kind *kind, uint32_t bit_depth, uint32_t shift,
                         uint32_t path)
{
    static uint8_t rows[2 * WIDTH * HEIGHT];
    struct AHardwareBuffer buffers[2] = {buffer_of(format, GPU_READ), buffer_of(format, GPU_READ)};
    struct host_picture pictures[2];
    vkv_image_use uses[2];
    vkv_scorer *scorer = create_scorer(device, bit_depth);
    const uint32_t bytes = bit_depth > 8 ? 2 : 1;
    for (uint32_t i = 0; i < 2; i++) {
        uses[i] = cropped(import(device, &buffers[i], path));
        pictures[i] = (struct host_picture){.kind = *kind, .image = driver.image_handles[i]};
    }
    for (uint32_t t = 0; t < HOST_FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++) {
            put(rows, WIDTH * bytes, 1, bit_depth, shift, t, i);
            picture_fill(&host, &pictures[i], 0, rows, bytes, VK_IMAGE_LAYOUT_GENERAL, NULL, NULL);
        }
        push(scorer, &uses[0], &uses[1]);
    }
    check_values(scorer, bit_depth);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&uses[i].image);
        assert_int_equal(buffers[i].n_held, 0);
        assert_int_equal(buffers[i].locks, 0);
    }
    assert_int_equal(driver.n_images, 0);
    assert_int_equal(driver.n_memories, 0);
}

static const struct image_case {
    VkFormat format;
    VkImageAspectFlags aspect;
    uint32_t bit_depth, shift;
} cases[] = {
    {VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT, 8, 0},
    {VK_FORMAT_R16_UINT, VK_IMAGE_ASPECT_COLOR_BIT, 10, 0},
    {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, VK_IMAGE_ASPECT_PLANE_0_BIT, 8, 0},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, VK_IMAGE_ASPECT_PLANE_0_BIT, 10, 6},
};

static uint32_t score_cases(VkFormatFeatureFlags features, uint32_t path)
{
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct picture_kind kind = {.format = cases[i].format,
                                          .width = WIDTH,
                                          .height = HEIGHT,
                                          .layers = 1,
                                          .is_no_source = path == VKV_IMAGE_PATH_SAMPLED,
                                          .aspect = cases[i].aspect};
        const bool converts = path == VKV_IMAGE_PATH_SAMPLED && kind.aspect == VK_IMAGE_ASPECT_PLANE_0_BIT;
        if (!picture_exists(&host, &kind) || (converts && !host.wishes.conversions))
            continue;
        driver.format = kind.format;
        driver.features = features;
        score_images(VENDOR, &kind, cases[i].bit_depth, cases[i].shift, path);
        n++;
    }
    return n;
}

static void copied(void **state)
{
    (void)state;
    if (!can_import())
        skip();
    assert_true(score_cases(VK_FORMAT_FEATURE_TRANSFER_SRC_BIT | VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT,
                            VKV_IMAGE_PATH_COPY) >= 2);
}

/* The driver copies from no such images. */
static void sampled(void **state)
{
    (void)state;
    if (!can_import())
        skip();
    assert_true(score_cases(VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT, VKV_IMAGE_PATH_SAMPLED) >= 2);
}

static VkFormatFeatureFlags features_of(VkFormat format)
{
    VkFormatProperties properties;
    vk.GetPhysicalDeviceFormatProperties(host.physical, format, &properties);
    return properties.optimalTilingFeatures & ~(VkFormatFeatureFlags)VK_FORMAT_FEATURE_TRANSFER_SRC_BIT;
}

/* Images of a format that the driver has a number for: whether there can be any on this driver. */
static bool make_external(size_t number, struct picture_kind *kind)
{
    *kind = (struct picture_kind){.format = cases[number].format,
                                  .width = WIDTH,
                                  .height = HEIGHT,
                                  .layers = 1,
                                  .is_no_source = true,
                                  .aspect = cases[number].aspect};
    driver.format = kind->format;
    driver.features = features_of(kind->format);
    driver.external = 500 + number;
    nativewindow_written = upload;
    return can_import() && picture_exists(&host, kind) && host.wishes.conversions;
}

static void external(void **state)
{
    struct picture_kind kind;
    (void)state;
    if (make_external(2, &kind))
        score_images(YUV, &kind, 8, 0, VKV_IMAGE_PATH_SAMPLED);
    if (make_external(3, &kind))
        score_images(P010, &kind, 10, 6, VKV_IMAGE_PATH_SAMPLED);
    assert_int_equal(nativewindow_allocated, 0);
    driver.external = 0;
}

/* ---- by the host ---- */

static const struct host_case {
    uint32_t format, bit_depth, shift, step;
} host_cases[] = {{R8, 8, 0, 1}, {YUV, 8, 0, 1}, {YUV, 8, 0, 2}, {P010, 10, 6, 1}, {R16, 10, 0, 1}};

#define STRIDE (4 * WIDTH)

static uint8_t host_rows[2][STRIDE * HEIGHT];

static struct AHardwareBuffer readable(const struct host_case *c, uint32_t i)
{
    struct AHardwareBuffer buffer = buffer_of(c->format, CPU_READ);
    buffer.rows = host_rows[i];
    buffer.pixel_stride = c->step * (c->bit_depth > 8 ? 2 : 1);
    buffer.row_stride = STRIDE;
    return buffer;
}

static void score_rows(const struct host_case *c)
{
    struct AHardwareBuffer buffers[2] = {readable(c, 0), readable(c, 1)};
    vkv_image_use uses[2] = {cropped(import(plain, &buffers[0], VKV_IMAGE_PATH_HOST)),
                             cropped(import(plain, &buffers[1], VKV_IMAGE_PATH_HOST))};
    vkv_scorer *scorer = create_scorer(plain, c->bit_depth);
    for (uint32_t t = 0; t < HOST_FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++)
            put(host_rows[i], STRIDE, c->step, c->bit_depth, c->shift, t, i);
        push(scorer, &uses[0], &uses[1]);
    }
    check_values(scorer, c->bit_depth);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&uses[i].image);
        assert_int_equal(buffers[i].n_held, 0);
        assert_int_equal(buffers[i].n_locked, 0);
        assert_int_equal(buffers[i].locks, HOST_FRAMES);
        assert_int_equal(buffers[i].wrong_usages, 0);
    }
}

static void read_by_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(host_cases) / sizeof(host_cases[0]); i++)
        score_rows(&host_cases[i]);
}

/* One image as reference and distorted picture is locked once. */
static void twice(void **state)
{
    struct AHardwareBuffer buffer = readable(&host_cases[0], 0);
    vkv_image_use use = cropped(import(plain, &buffer, VKV_IMAGE_PATH_HOST)), moved = use;
    vkv_scorer *scorer = create_scorer(plain, 8);
    (void)state;
    moved.x++;
    push(scorer, &use, &moved);
    assert_int_equal(buffer.locks, 1);
    assert_int_equal(buffer.n_locked, 0);
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&use.image);
    assert_int_equal(buffer.n_held, 0);
}

/* ---- refusals ---- */

static void refused(vkv_device *on, struct AHardwareBuffer buffer, int code, const char *part)
{
    vkv_image *image = NULL;
    host_refused(vkv_image_import_ahb(on, &buffer, &image), code, part);
    assert_null(image);
    assert_int_equal(buffer.n_held, 0);
    assert_int_equal(driver.n_images, 0);
    assert_int_equal(driver.n_memories, 0);
}

static void refused_buffers(void **state)
{
    const vkv_device_params cpu_params = {.struct_size = sizeof(cpu_params), .select = "cpu"};
    struct AHardwareBuffer good = buffer_of(R8, CPU_READ), layers = good;
    vkv_image *image = NULL;
    vkv_device *cpu = NULL;
    (void)state;
    layers.desc.layers = 2;
    refused(plain, layers, VKV_ERR_UNSUPPORTED, "2 layers");
    refused(plain, buffer_of(R8, CPU_READ | PROTECTED), VKV_ERR_UNSUPPORTED, "PROTECTED_CONTENT");
    refused(plain, buffer_of(BLOB, CPU_READ), VKV_ERR_UNSUPPORTED, "BLOB");
    refused(plain, buffer_of(VENDOR, CPU_READ), VKV_ERR_UNSUPPORTED, "format 0x7fa30c06 with usage 0x3");
    host_refused(vkv_image_import_ahb(plain, NULL, &image), VKV_ERR_ARG, "NULL");
    host_refused(vkv_image_import_ahb(plain, &good, NULL), VKV_ERR_ARG, "NULL");
    assert_int_equal(vkv_image_import_ahb(NULL, &good, &image), VKV_ERR_ARG);
    assert_int_equal(vkv_device_open(&cpu_params, &cpu), VKV_OK);
    assert_int_equal(vkv_image_import_ahb(cpu, &good, &image), VKV_ERR_ARG);
    vkv_device_close(&cpu);
}

/* What a driver says no to: then the host reads, if it can. */
static void refused_by_driver(void **state)
{
    struct AHardwareBuffer buffer = buffer_of(R8, GPU_READ), both = readable(&host_cases[1], 0);
    (void)state;
    if (!can_import())
        skip();
    both.desc.usage |= GPU_READ;
    driver.external = 506;
    driver.features = 0;
    refused(device, buffer, VKV_ERR_UNSUPPORTED, "external format");
    vkv_image *image = import(device, &both, VKV_IMAGE_PATH_HOST);
    assert_non_null(strstr(told, "the host reads it, because the device does not convert"));
    vkv_image_release(&image);
    driver.external = 0;
    driver.format = VK_FORMAT_R8G8B8A8_UNORM;
    driver.features = VK_FORMAT_FEATURE_TRANSFER_SRC_BIT;
    refused(device, buffer, VKV_ERR_UNSUPPORTED, "neither copies nor samples");
    driver.format = VK_FORMAT_R8_UNORM;
    driver.features = 0;
    refused(device, buffer, VKV_ERR_UNSUPPORTED, "neither copies nor samples");
    driver.features = VK_FORMAT_FEATURE_TRANSFER_SRC_BIT;
    driver.imports_none = true;
    refused(device, buffer, VKV_ERR_UNSUPPORTED, "neither copies nor samples");
    driver.imports_none = false;
    refused(device, buffer_of(R8, 0), VKV_ERR_UNSUPPORTED, "its usage lets the GPU");
    driver.properties = VK_ERROR_INVALID_EXTERNAL_HANDLE;
    refused(device, buffer, VKV_ERR_UNSUPPORTED, "the driver does not take it");
    driver.properties = VK_ERROR_OUT_OF_HOST_MEMORY;
    refused(device, buffer, VKV_ERR_MEMORY, "vkGetAndroidHardwareBufferPropertiesANDROID");
    driver.properties = VK_SUCCESS;
    driver.image = VK_ERROR_OUT_OF_HOST_MEMORY;
    refused(device, buffer, VKV_ERR_MEMORY, "vkCreateImage");
    driver.image = VK_SUCCESS;
    driver.memory = VK_ERROR_INVALID_EXTERNAL_HANDLE;
    refused(device, buffer, VKV_ERR_DEVICE, "vkAllocateMemory");
    driver.memory = VK_SUCCESS;
}

/* An external format whose trial cannot be made, or does not give every code back. */
static void refused_external(void **state)
{
    struct picture_kind kind;
    (void)state;
    if (make_external(2, &kind)) {
        vkv_device *other = lend(true);
        refused(other, buffer_of(VENDOR, GPU_READ), VKV_ERR_UNSUPPORTED, "how many bits");
        nativewindow_allocate_result = -12;
        refused(other, buffer_of(YUV, GPU_READ), VKV_ERR_UNSUPPORTED, "on trial");
        nativewindow_allocate_result = 0;
        driver.spoilt = 4;
        refused(other, buffer_of(YUV, GPU_READ), VKV_ERR_PROBE, "of 256 codes differ");
        driver.spoilt = 0;
        refused(other, buffer_of(YUV, GPU_READ), VKV_ERR_PROBE, "has failed the probe");
        assert_int_equal(nativewindow_allocated, 0);
        vkv_device_close(&other);
    }
    driver.external = 0;
}

/* A push that is refused leaves the buffer unlocked and the scorer as it was. */
static void refused_push(vkv_scorer *scorer, const vkv_image_use *ref, const vkv_image_use *dist,
                         struct AHardwareBuffer *buffer, int code, const char *part)
{
    host_refused(vkv_scorer_push_images(scorer, ref, dist), code, part);
    assert_int_equal(buffer->n_locked, 0);
    push(scorer, ref, ref);
}

static void refused_uses(void **state)
{
    const struct AHardwareBuffer good = readable(&host_cases[0], 0);
    struct AHardwareBuffer buffers[2] = {good, good};
    const vkv_image_use use = cropped(import(plain, &buffers[0], VKV_IMAGE_PATH_HOST)),
                        other = cropped(import(plain, &buffers[1], VKV_IMAGE_PATH_HOST));
    vkv_scorer *scorer = create_scorer(plain, 8);
    vkv_image_use bad = other;
    (void)state;
    bad.signal.handle = semaphore_create(&host, false);
    refused_push(scorer, &use, &bad, buffers, VKV_ERR_ARG, "semaphores");
    bad.wait = bad.signal;
    bad.signal.handle = VK_NULL_HANDLE;
    refused_push(scorer, &use, &bad, buffers, VKV_ERR_ARG, "semaphores");
    vk.DestroySemaphore(host.device, bad.wait.handle, NULL);
    bad = other;
    bad.x = WIDTH - HOST_WIDTH + 1;
    refused_push(scorer, &use, &bad, buffers, VKV_ERR_ARG, "do not lie in an image");
    buffers[1].lock_result = -22;
    refused_push(scorer, &use, &other, buffers, VKV_ERR_UNSUPPORTED, "AHardwareBuffer_lockPlanes gave -22");
    buffers[1].lock_result = 0;
    buffers[1].pixel_stride = 3;
    refused_push(scorer, &use, &other, buffers, VKV_ERR_UNSUPPORTED, "samples 3 bytes apart");
    buffers[1].pixel_stride = 0;
    refused_push(scorer, &use, &other, buffers, VKV_ERR_UNSUPPORTED, "samples 0 bytes apart");
    buffers[1].pixel_stride = 1;
    buffers[1].n_planes = 0;
    refused_push(scorer, &use, &other, buffers, VKV_ERR_UNSUPPORTED, "0 planes");
    buffers[1].n_planes = 1;
    buffers[1].row_stride = HOST_WIDTH - 1;
    refused_push(scorer, &use, &other, buffers, VKV_ERR_ARG, "rows are closer");
    assert_int_equal(buffers[1].n_locked, 0);
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&(vkv_image *){use.image});
    vkv_image_release(&(vkv_image *){other.image});
}

/* The host reads luma alone: as a picture with chroma, and as chroma. */
static void refused_chroma(void **state)
{
    static const vkv_request requests[] = {{.struct_size = sizeof(vkv_request), .family = "motion"},
                                           {.struct_size = sizeof(vkv_request), .family = "psnr"}};
    vkv_scorer_params params = {.struct_size = sizeof(params),
                                .width = HOST_WIDTH,
                                .height = HOST_HEIGHT,
                                .bit_depth = 8,
                                .chroma = 420,
                                .requests = requests,
                                .n_requests = 2};
    struct AHardwareBuffer buffer = readable(&host_cases[1], 0);
    const vkv_image_use luma = cropped(import(plain, &buffer, VKV_IMAGE_PATH_HOST));
    vkv_image_use use = luma;
    vkv_scorer *scorer = NULL;
    (void)state;
    assert_int_equal(vkv_scorer_create(plain, &params, &scorer), VKV_OK);
    host_refused(vkv_scorer_push_images(scorer, &luma, &luma), VKV_ERR_UNSUPPORTED, "family 'psnr' looks at chroma");
    vkv_scorer_destroy(&scorer);
    params.n_requests = 1;
    use.n_chroma = 1;
    use.chroma = &luma;
    assert_int_equal(vkv_scorer_create(plain, &params, &scorer), VKV_OK);
    host_refused(vkv_scorer_push_images(scorer, &use, &use), VKV_ERR_UNSUPPORTED, "luma alone");
    assert_int_equal(buffer.locks, 0);
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&use.image);
}

/* A driver that lists the extension and lacks one of its functions, as Mesa 25's llvmpipe lacks both. */
static void names_lie(void **state)
{
    static const char *const functions[] = {"vkGetAndroidHardwareBufferPropertiesANDROID",
                                            "vkGetMemoryAndroidHardwareBufferANDROID"};
    struct AHardwareBuffer both = readable(&host_cases[0], 0);
    (void)state;
    printf("the driver %s " AHB "\n", host_lists(&host, AHB) ? "lists" : "does not list");
    refused(plain, buffer_of(R8, GPU_READ), VKV_ERR_UNSUPPORTED, "does not have " AHB);
    for (int i = 0; i < 2; i++) {
        missing_function = functions[i];
        vkv_device *lying = lend(true);
        missing_function = NULL;
        refused(lying, buffer_of(R8, GPU_READ), VKV_ERR_UNSUPPORTED, "does not have " AHB);
        both.desc.usage = CPU_READ | GPU_READ;
        vkv_image *image = import(lying, &both, VKV_IMAGE_PATH_HOST);
        vkv_image_release(&image);
        vkv_device_close(&lying);
    }
}

/* The same for a device that the library opens, with functions of the driver or with those above. */
static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_own_function(VkInstance instance, const char *name)
{
    return !strcmp(name, "vkGetDeviceProcAddr") || !strcmp(name, "vkGetPhysicalDeviceImageFormatProperties2")
               ? get_function(instance, name)
               : vk.GetInstanceProcAddr(instance, name);
}

static vkv_device *open_own(PFN_vkGetInstanceProcAddr loader)
{
    vkv_device_params params = {.struct_size = sizeof(params), .skip_probe = 1, .log = {on_line, NULL}};
    vkv_device *opened = NULL;
    memcpy(&params.get_instance_proc_addr, &loader, sizeof(params.get_instance_proc_addr));
    if (vkv_device_open(&params, &opened))
        fail_msg("%s", host_last);
    return opened;
}

static void own_device(void **state)
{
    struct AHardwareBuffer buffer = buffer_of(R8, GPU_READ);
    (void)state;
    if (!host_lists(&host, AHB))
        skip();
    vkv_device *lying = open_own(vk.GetInstanceProcAddr), *own = open_own(get_own_function);
    refused(lying, buffer, VKV_ERR_UNSUPPORTED, "does not have " AHB);
    driver.format = VK_FORMAT_R8_UNORM;
    driver.features = VK_FORMAT_FEATURE_TRANSFER_SRC_BIT;
    vkv_image *image = import(own, &buffer, VKV_IMAGE_PATH_COPY);
    vkv_image_release(&image);
    assert_int_equal(buffer.n_held, 0);
    vkv_device_close(&own);
    vkv_device_close(&lying);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copied),           cmocka_unit_test(sampled),           cmocka_unit_test(external),
        cmocka_unit_test(refused_external), cmocka_unit_test(read_by_host),      cmocka_unit_test(twice),
        cmocka_unit_test(refused_buffers),  cmocka_unit_test(refused_by_driver), cmocka_unit_test(refused_uses),
        cmocka_unit_test(refused_chroma),   cmocka_unit_test(names_lie),         cmocka_unit_test(own_device),
    };
    host_arguments(argc, argv);
    open_devices();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vkv_device_close(&device);
    return host_end(&host, &plain, failed);
}
