/* Images without TRANSFER_SRC of every format that the driver samples, through a view of their luma plane and through a
 * YCbCr conversion: their scores are those of the same pictures in memory, and every code comes as it is. Also what may
 * not be sampled, and what a device says that samples with the wrong factor.
 *
 * usage: host_sampled [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <pthread.h>
#include <string.h>

#include "device.h"
#include "scorer.h"

/* The image is larger than the scored rectangle, which begins at an odd place. */
#define X 5
#define Y 3
#define WIDTH (HOST_WIDTH + 14)
#define HEIGHT (HOST_HEIGHT + 8)
#define FRAMES 3
#define CODES 256 /* width and height of a picture with every code of 16 bits */

#define PLANE0 VK_IMAGE_ASPECT_PLANE_0_BIT
#define COLOR VK_IMAGE_ASPECT_COLOR_BIT
#define MUTABLE VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT
#define DISJOINT VK_IMAGE_CREATE_DISJOINT_BIT
#define READ_ONLY VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL

static const struct format_case {
    VkFormat format;
    VkImageAspectFlags aspect;
    uint32_t bit_depth, params_shift, shift;
    VkImageCreateFlags flags; /* in both ways */
    bool is_mutable;          /* a view of it has another format */
} cases[] = {
    {VK_FORMAT_R8_UNORM, COLOR, 8, 0, 0, 0, false},
    {VK_FORMAT_R8_UINT, COLOR, 8, 0, 0, 0, false},
    {VK_FORMAT_R16_UNORM, COLOR, 16, 0, 0, 0, false},
    {VK_FORMAT_R16_UNORM, COLOR, 10, 6, 6, 0, false},
    {VK_FORMAT_R16_UINT, COLOR, 16, 0, 0, 0, false},
    {VK_FORMAT_R16_UINT, COLOR, 12, 4, 4, 0, false},
    {VK_FORMAT_R10X6_UNORM_PACK16, COLOR, 10, 0, 6, 0, true},
    {VK_FORMAT_R12X4_UNORM_PACK16, COLOR, 12, 0, 4, 0, true},
    {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, PLANE0, 8, 0, 0, 0, true},
    {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, PLANE0, 8, 0, 0, DISJOINT, true},
    {VK_FORMAT_G8_B8R8_2PLANE_422_UNORM, PLANE0, 8, 0, 0, 0, true},
    {VK_FORMAT_G8_B8R8_2PLANE_444_UNORM, PLANE0, 8, 0, 0, 0, true},
    {VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM, PLANE0, 8, 0, 0, 0, true},
    {VK_FORMAT_G8_B8_R8_3PLANE_422_UNORM, PLANE0, 8, 0, 0, 0, true},
    {VK_FORMAT_G8_B8_R8_3PLANE_444_UNORM, PLANE0, 8, 0, 0, 0, true},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, PLANE0, 10, 0, 6, 0, true},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_422_UNORM_3PACK16, PLANE0, 10, 0, 6, 0, true},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_444_UNORM_3PACK16, PLANE0, 10, 0, 6, 0, true},
    {VK_FORMAT_G10X6_B10X6_R10X6_3PLANE_420_UNORM_3PACK16, PLANE0, 10, 0, 6, 0, true},
    {VK_FORMAT_G10X6_B10X6_R10X6_3PLANE_422_UNORM_3PACK16, PLANE0, 10, 0, 6, 0, true},
    {VK_FORMAT_G10X6_B10X6_R10X6_3PLANE_444_UNORM_3PACK16, PLANE0, 10, 0, 6, 0, true},
    {VK_FORMAT_G12X4_B12X4R12X4_2PLANE_420_UNORM_3PACK16, PLANE0, 12, 0, 4, 0, true},
    {VK_FORMAT_G12X4_B12X4R12X4_2PLANE_422_UNORM_3PACK16, PLANE0, 12, 0, 4, 0, true},
    {VK_FORMAT_G12X4_B12X4R12X4_2PLANE_444_UNORM_3PACK16, PLANE0, 12, 0, 4, 0, true},
    {VK_FORMAT_G12X4_B12X4_R12X4_3PLANE_420_UNORM_3PACK16, PLANE0, 12, 0, 4, 0, true},
    {VK_FORMAT_G12X4_B12X4_R12X4_3PLANE_422_UNORM_3PACK16, PLANE0, 12, 0, 4, 0, true},
    {VK_FORMAT_G12X4_B12X4_R12X4_3PLANE_444_UNORM_3PACK16, PLANE0, 12, 0, 4, 0, true},
    {VK_FORMAT_G16_B16R16_2PLANE_420_UNORM, PLANE0, 16, 0, 0, 0, true},
    {VK_FORMAT_G16_B16R16_2PLANE_422_UNORM, PLANE0, 12, 4, 4, 0, true},
    {VK_FORMAT_G16_B16R16_2PLANE_444_UNORM, PLANE0, 10, 0, 0, 0, true},
    {VK_FORMAT_G16_B16_R16_3PLANE_420_UNORM, PLANE0, 10, 0, 0, 0, true},
    {VK_FORMAT_G16_B16_R16_3PLANE_422_UNORM, PLANE0, 16, 0, 0, 0, true},
    {VK_FORMAT_G16_B16_R16_3PLANE_444_UNORM, PLANE0, 10, 6, 6, 0, true},
};

static struct host host;
static vkv_device *device;
static const struct engine_tests *ways; /* of scorers from now on */

static bool is_converted(VkFormat format)
{
    const VkFormatFeatureFlags places =
        VK_FORMAT_FEATURE_MIDPOINT_CHROMA_SAMPLES_BIT | VK_FORMAT_FEATURE_COSITED_CHROMA_SAMPLES_BIT;
    VkFormatProperties properties;
    vk.GetPhysicalDeviceFormatProperties(host.physical, format, &properties);
    return host.wishes.conversions && properties.optimalTilingFeatures & places;
}

/* Whether the driver has the case through a view of one plane, or through a conversion; *kind: its images. */
static bool is_there(const struct format_case *c, bool converts, struct picture_kind *kind)
{
    *kind = (struct picture_kind){.format = c->format,
                                  .width = WIDTH,
                                  .height = HEIGHT,
                                  .layers = 1,
                                  .is_no_source = true,
                                  .flags = c->flags | (c->is_mutable && !converts ? MUTABLE : 0),
                                  .aspect = c->aspect};
    return (!converts || (c->aspect == PLANE0 && is_converted(c->format))) && picture_exists(&host, kind);
}

static void put(uint8_t *rows, uint32_t i, uint32_t bit_depth, uint32_t word)
{
    rows[bit_depth > 8 ? 2 * i : i] = (uint8_t)word;
    if (bit_depth > 8)
        rows[2 * i + 1] = (uint8_t)(word >> 8);
}

static void fill(uint8_t *rows, uint32_t frame, uint32_t picture, uint32_t bit_depth, uint32_t shift)
{
    for (uint32_t n = 0; n < WIDTH * HEIGHT; n++) {
        const uint32_t noise = (n * 2654435761u >> 7) % (1 + 6 * picture);
        put(rows, n, bit_depth, ((n * 37 + 11 * frame + noise) & ((1u << bit_depth) - 1)) << shift);
    }
}

/* Families that look at every sample: one on the device, one that has them read back. */
static vkv_scorer *create_scorer(uint32_t width, uint32_t height, uint32_t bit_depth)
{
    static const vkv_request requests[] = {{.struct_size = sizeof(vkv_request), .family = "motion"},
                                           {.struct_size = sizeof(vkv_request), .family = "psnr"}};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = width,
                                      .height = height,
                                      .bit_depth = bit_depth,
                                      .n_distorted = 1,
                                      .requests = requests,
                                      .n_requests = 2,
                                      .frames_in_flight = 2};
    vkv_scorer *scorer = NULL;
    if (scorer_create(device, &params, false, ways, &scorer))
        fail_msg("%s", host_last);
    return scorer;
}

static void push(vkv_scorer *scorer, const vkv_image_use *ref, const vkv_image_use *dist)
{
    if (vkv_scorer_push_images(scorer, ref, dist))
        fail_msg("%s", host_last);
}

static void score_memory(uint32_t bit_depth, struct host_values *values)
{
    static uint8_t rows[2][2 * WIDTH * HEIGHT];
    const uint32_t bytes = bit_depth > 8 ? 2 : 1, stride = bytes * WIDTH;
    vkv_plane planes[2];
    vkv_picture pictures[2];
    vkv_scorer *scorer = create_scorer(HOST_WIDTH, HOST_HEIGHT, bit_depth);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++) {
            fill(rows[i], t, i, bit_depth, 0);
            planes[i] = (vkv_plane){
                .struct_size = sizeof(vkv_plane), .data = rows[i] + Y * stride + X * bytes, .stride_bytes = stride};
            pictures[i] = (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = 1, .planes = &planes[i]};
        }
        assert_int_equal(vkv_scorer_push(scorer, &pictures[0], &pictures[1]), VKV_OK);
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
}

/* The values of pictures in memory, scored once for each depth. */
static const struct host_values *expected(uint32_t bit_depth)
{
    static struct host_values values[17];
    static bool is_known[17];
    if (!is_known[bit_depth])
        score_memory(bit_depth, &values[bit_depth]);
    is_known[bit_depth] = true;
    return &values[bit_depth];
}

static vkv_image_use wrap(const struct host_picture *picture, uint32_t shift, VkImageLayout layout)
{
    vkv_image_use use = use_of(picture_wrap(device, picture, 0, shift), layout);
    use.x = X;
    use.y = Y;
    return use;
}

/* Two images, used for all frames: each is filled again behind the push that read it. */
static void score_images(const struct format_case *c, const struct picture_kind kinds[2], VkImageLayout layout,
                         struct host_values *values)
{
    static uint8_t rows[2 * WIDTH * HEIGHT];
    struct host_picture pictures[2];
    vkv_image_use uses[2];
    vkv_scorer *scorer = create_scorer(HOST_WIDTH, HOST_HEIGHT, c->bit_depth);
    for (uint32_t i = 0; i < 2; i++) {
        picture_create(&host, &kinds[i], &pictures[i]);
        uses[i] = wrap(&pictures[i], c->params_shift, layout);
    }
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++) {
            fill(rows, t, i, c->bit_depth, c->shift);
            picture_fill(&host, &pictures[i], 0, rows, c->bit_depth > 8 ? 2 : 1, layout, NULL, NULL);
        }
        push(scorer, &uses[0], &uses[1]);
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&uses[i].image);
        picture_destroy(&host, &pictures[i]);
    }
}

static void check_case(const struct format_case *c, const struct picture_kind kinds[2], VkImageLayout layout)
{
    static struct host_values got;
    score_images(c, kinds, layout, &got);
    if (memcmp(expected(c->bit_depth), &got, sizeof(got)) != 0)
        fail_msg("VkFormat %d with flags %d at %u bits in layout %d", (int)c->format, (int)kinds[1].flags, c->bit_depth,
                 (int)layout);
}

static void formats(void **state)
{
    const size_t n_cases = sizeof(cases) / sizeof(cases[0]);
    uint32_t n[2] = {0, 0};
    (void)state;
    for (size_t i = 0; i < n_cases; i++)
        for (int converts = 0; converts < 2; converts++) {
            struct picture_kind kind;
            if (!is_there(&cases[i], converts, &kind))
                continue;
            check_case(&cases[i], (const struct picture_kind[]){kind, kind},
                       i % 2 ? READ_ONLY : VK_IMAGE_LAYOUT_GENERAL);
            n[converts]++;
        }
    printf("%u and %u of %zu formats\n", n[0], n[1], n_cases);
    assert_true(n[0] >= 6 && (n[1] >= 3 || !host.wishes.conversions));
}

/* Every layout that such an image may be in; a copied image beside a sampled one. */
static void layouts(void **state)
{
    static const VkImageLayout legal[] = {READ_ONLY, VK_IMAGE_LAYOUT_GENERAL, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL};
    static const struct {
        uint32_t number;
        bool converts;
    } kept[] = {{2, false}, {8, true}, {9, true}};
    const size_t n_kept = sizeof(kept) / sizeof(kept[0]);
    (void)state;
    for (size_t i = 0; i < n_kept * sizeof(legal) / sizeof(legal[0]); i++) {
        const struct format_case *const c = &cases[kept[i % n_kept].number];
        const VkImageLayout layout = legal[i / n_kept];
        struct picture_kind kinds[2];
        if (!is_there(c, kept[i % n_kept].converts, &kinds[1]))
            continue;
        kinds[0] = kinds[1];
        check_case(c, kinds, layout);
        kinds[0].is_no_source = false;
        kinds[0].usage = VK_IMAGE_USAGE_SAMPLED_BIT;
        check_case(c, kinds, layout);
    }
}

/* A device with memory of its own, where the dispatch writes and whence samples are read back. */
static void own_memory(void **state)
{
    static const struct engine_tests copied = {.copies_uploads = 1};
    struct picture_kind kind;
    (void)state;
    ways = &copied;
    for (size_t i = 0; i < 4; i += 3)
        if (is_there(&cases[i], false, &kind))
            check_case(&cases[i], (const struct picture_kind[]){kind, kind}, READ_ONLY);
    ways = NULL;
}

/* An image and the same picture in memory: every code of the format, and no difference. */
static void check_codes(const struct format_case *c, struct picture_kind kind)
{
    static uint8_t rows[2 * CODES * CODES], codes[2 * CODES * CODES];
    static struct host_values same, got;
    const uint32_t bytes = c->bit_depth > 8 ? 2 : 1;
    struct host_picture image;
    kind.width = kind.height = CODES;
    for (uint32_t i = 0; i < CODES * CODES; i++) {
        put(codes, i, c->bit_depth, i & ((1u << c->bit_depth) - 1));
        put(rows, i, c->bit_depth, (i & ((1u << c->bit_depth) - 1)) << c->shift);
    }
    picture_create(&host, &kind, &image);
    picture_fill(&host, &image, 0, rows, bytes, READ_ONLY, NULL, NULL);
    const vkv_plane plane = {.struct_size = sizeof(plane), .data = codes, .stride_bytes = CODES * bytes};
    const vkv_picture picture = {.struct_size = sizeof(picture), .n_planes = 1, .planes = &plane};
    vkv_image_use sampled = use_of(picture_wrap(device, &image, 0, c->params_shift), READ_ONLY);
    const vkv_image_use in_memory = {.struct_size = sizeof(in_memory), .host = &picture};
    vkv_scorer *scorer = create_scorer(CODES, CODES, c->bit_depth);
    push(scorer, &in_memory, &in_memory);
    host_pull(scorer, 1, &same);
    vkv_scorer_destroy(&scorer);
    scorer = create_scorer(CODES, CODES, c->bit_depth);
    push(scorer, &in_memory, &sampled);
    host_pull(scorer, 1, &got);
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&sampled.image);
    picture_destroy(&host, &image);
    if (memcmp(&same, &got, sizeof(got)) != 0)
        fail_msg("VkFormat %d with flags %d has other codes", (int)c->format, (int)kind.flags);
}

static void codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int converts = 0; converts < 2; converts++) {
            struct picture_kind kind;
            if (is_there(&cases[i], converts, &kind))
                check_codes(&cases[i], kind);
        }
}

/* ---- refusals ---- */

static vkv_device *open_other(bool conversions, uint32_t only_factor)
{
    vkv_vulkan_params params = host_params(&host);
    const VkPhysicalDeviceFeatures2 plain = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                             .features = host.features.features};
    vkv_device *other = NULL;
    params.features = conversions ? &host.features : &plain;
    params.skip_probe = 1;
    if (vkv_device_open_vulkan(&params, &other))
        fail_msg("%s", host_last);
    other->only_factor = only_factor;
    return other;
}

static int wrap_on(vkv_device *on, const struct host_picture *picture, uint32_t plane)
{
    const vkv_image_params params = {.struct_size = sizeof(params),
                                     .plane = plane,
                                     .image = picture->image,
                                     .format = picture->kind.format,
                                     .flags = picture->kind.flags,
                                     .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
                                     .width = picture->kind.width,
                                     .height = picture->kind.height};
    vkv_image *image = NULL;
    const int err = vkv_image_wrap(on, &params, &image);
    assert_true(!err == (image != NULL));
    vkv_image_release(&image);
    return err;
}

/* One of both factors is right, and no probe lets the other one pass: neither at first nor when it is remembered. */
static void wrong_factor(void **state)
{
    static const struct {
        uint32_t number;
        bool converts;
        const char *name;
    } trials[] = {{0, false, "R8_UNORM"},
                  {8, true, "G8_B8R8_2PLANE_420_UNORM"},
                  {15, true, "G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16"}};
    (void)state;
    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        uint32_t n_right = 0;
        struct picture_kind kind;
        struct host_picture picture;
        if (!is_there(&cases[trials[i].number], trials[i].converts, &kind))
            continue;
        picture_create(&host, &kind, &picture);
        for (uint32_t factor = 1; factor <= 2; factor++) {
            vkv_device *other = open_other(true, factor);
            const int err = wrap_on(other, &picture, 0);
            n_right += !err;
            if (err) {
                assert_non_null(strstr(host_last, vkv_device_get_info(other)->driver));
                host_refused(err, VKV_ERR_PROBE, trials[i].name);
                host_refused(wrap_on(other, &picture, 0), VKV_ERR_PROBE, trials[i].name);
            }
            vkv_device_close(&other);
        }
        picture_destroy(&host, &picture);
        assert_int_equal(n_right, 1);
    }
}

/* A probe that comes to no end says nothing of the device: the next wrap probes again. */
static void interrupted_probe(void **state)
{
    struct picture_kind kind;
    struct host_picture picture;
    vkv_device *other = open_other(true, 0);
    (void)state;
    assert_true(is_there(&cases[0], false, &kind));
    picture_create(&host, &kind, &picture);
    host_huge_buffers = true;
    host_refused(wrap_on(other, &picture, 0), VKV_ERR_UNSUPPORTED, "buffer 'ramp' needs");
    host_huge_buffers = false;
    host_failing_submission = 1;
    host_refused(wrap_on(other, &picture, 0), VKV_ERR_MEMORY, "vkQueueSubmit");
    assert_int_equal(wrap_on(other, &picture, 0), VKV_OK);
    picture_destroy(&host, &picture);
    vkv_device_close(&other);
}

struct wrapper {
    pthread_t thread;
    vkv_device *device;
    const struct host_picture *picture;
    int failed;
};

static void *wrap_often(void *argument)
{
    struct wrapper *const wrapper = argument;
    for (int i = 0; i < 8; i++)
        wrapper->failed |= wrap_on(wrapper->device, wrapper->picture, 0);
    return NULL;
}

/* The first wraps of a format at once, each of which may be the one that probes. */
static void threads(void **state)
{
    struct wrapper wrappers[4];
    struct picture_kind kind;
    struct host_picture picture;
    vkv_device *other = open_other(true, 0);
    (void)state;
    assert_true(is_there(&cases[0], false, &kind));
    picture_create(&host, &kind, &picture);
    for (int i = 0; i < 4; i++) {
        wrappers[i] = (struct wrapper){.device = other, .picture = &picture};
        assert_int_equal(pthread_create(&wrappers[i].thread, NULL, wrap_often, &wrappers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(wrappers[i].thread, NULL);
        assert_int_equal(wrappers[i].failed, 0);
    }
    picture_destroy(&host, &picture);
    vkv_device_close(&other);
}

static void refusals(void **state)
{
    struct picture_kind kind;
    struct host_picture picture;
    vkv_device *plain = open_other(false, 0);
    (void)state;
    if (is_there(&cases[6], true, &kind) || is_there(&cases[6], false, &kind)) {
        kind.flags = 0; /* a view would be one of R10X6 */
        picture_create(&host, &kind, &picture);
        host_refused(wrap_on(device, &picture, 0), VKV_ERR_UNSUPPORTED, "MUTABLE_FORMAT");
        picture_destroy(&host, &picture);
    }
    if (is_there(&cases[12], true, &kind)) {
        picture_create(&host, &kind, &picture);
        host_refused(wrap_on(plain, &picture, 0), VKV_ERR_UNSUPPORTED, "samplerYcbcrConversion");
        host_refused(wrap_on(device, &picture, 1), VKV_ERR_UNSUPPORTED, "plane 1");
        picture_destroy(&host, &picture);
    }
    vkv_device_close(&plain);
}

/* A feature that the device does not have. */
static void no_feature(void **state)
{
    const VkPhysicalDeviceSamplerYcbcrConversionFeatures given = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SAMPLER_YCBCR_CONVERSION_FEATURES,
        .samplerYcbcrConversion = VK_TRUE};
    const VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                                .pNext = (void *)(uintptr_t)&given};
    vkv_vulkan_params params = host_params(&host);
    vkv_device *other = NULL;
    (void)state;
    if (host.conversion.samplerYcbcrConversion)
        return;
    params.features = &features;
    host_refused(vkv_device_open_vulkan(&params, &other), VKV_ERR_ARG, "samplerYcbcrConversion");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),      cmocka_unit_test(layouts),  cmocka_unit_test(codes),
        cmocka_unit_test(wrong_factor), cmocka_unit_test(refusals), cmocka_unit_test(no_feature),
        cmocka_unit_test(own_memory),   cmocka_unit_test(threads),  cmocka_unit_test(interrupted_probe),
    };
    host_arguments(argc, argv);
    host_begin_with(&host, &(struct host_wishes){.conversions = true}, &device);
    return host_end(&host, &device, cmocka_run_group_tests(tests, NULL, NULL));
}
