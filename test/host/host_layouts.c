/* Layouts and families that images come in and go back to, layers, disjoint planes, one image twice; and that an image
 * is free when its semaphore has been signalled.
 *
 * usage: host_layouts [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <string.h>

#define FRAMES 2

static struct host host;
static vkv_device *device;
static uint32_t family = VK_QUEUE_FAMILY_IGNORED; /* that images come from */

static vkv_scorer *create_scorer(void)
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params), .width = HOST_WIDTH, .height = HOST_HEIGHT, .bit_depth = 8};
    vkv_scorer *scorer = NULL;
    if (vkv_scorer_create(device, &params, &scorer))
        fail_msg("%s", host_last);
    return scorer;
}

static struct picture_kind kind_of(VkFormat format, VkImageAspectFlags aspect)
{
    return (struct picture_kind){.format = format,
                                 .width = HOST_WIDTH,
                                 .height = HOST_HEIGHT,
                                 .layers = 2,
                                 .usage = VK_IMAGE_USAGE_SAMPLED_BIT,
                                 .aspect = aspect};
}

static void fill(struct host_picture *picture, uint32_t layer, uint32_t frame, uint32_t number, VkImageLayout layout)
{
    uint8_t rows[HOST_WIDTH * HOST_HEIGHT];
    host_fill(rows, HOST_WIDTH, 8, frame, number);
    picture_fill(&host, picture, layer, rows, 1, layout, NULL, NULL);
}

static void push(vkv_scorer *scorer, const vkv_image_use *ref, const vkv_image_use *dist)
{
    const unsigned before = host_submissions;
    if (vkv_scorer_push_images(scorer, ref, dist))
        fail_msg("%s", host_last);
    assert_in_range(host_submissions, before + 1, before + 2); /* the copies, and a batch that is full */
}

/* The expected values of the first frames; what the next frame decides is not compared. */
static void compare(vkv_scorer *scorer)
{
    static struct host_values want, got;
    uint32_t n = 0;
    const vkv_column *const *columns = vkv_scorer_columns(scorer, &n);
    host_expected(8, &want);
    host_pull(scorer, FRAMES, &got);
    for (uint32_t t = 0; t < FRAMES; t++)
        for (uint32_t c = 0; c < n; c++)
            if (!columns[c]->delay && memcmp(&want.values[t][c], &got.values[t][c], sizeof(double)) != 0)
                fail_msg("frame %u, %s: %.17g, %.17g expected", t, columns[c]->name, got.values[t][c],
                         want.values[t][c]);
}

static void score(const struct picture_kind *kind, VkImageLayout layout, uint32_t layer)
{
    struct host_picture pictures[2];
    vkv_image_use uses[2];
    vkv_scorer *scorer = create_scorer();
    for (uint32_t i = 0; i < 2; i++) {
        picture_create(&host, kind, &pictures[i]);
        uses[i] = use_of(picture_wrap(device, &pictures[i], layer, 0), layout);
        uses[i].queue_family = family;
    }
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++)
            fill(&pictures[i], layer, t, i, layout);
        push(scorer, &uses[0], &uses[1]);
    }
    compare(scorer);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&uses[i].image);
        picture_destroy(&host, &pictures[i]);
    }
}

static void layouts(void **state)
{
    static const VkImageLayout all[] = {VK_IMAGE_LAYOUT_GENERAL, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                                        VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL};
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        score(&kind, all[i], i % 2);
}

/* Another family owns the images. Each push acquires both and gives them back, also where no layout changes. */
static void other_family(void **state)
{
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    const vkv_vulkan_params params = host_params(&host);
    vkv_device *const alone = device;
    (void)state;
    host_two_families = true;
    assert_int_equal(vkv_device_open_vulkan(&params, &device), VKV_OK);
    family = 1;
    score(&kind, VK_IMAGE_LAYOUT_GENERAL, 0);
    score(&kind, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, 1);
    assert_int_equal(host_acquired, 2 * 2 * FRAMES);
    assert_int_equal(host_given_back, 2 * 2 * FRAMES);
    family = VK_QUEUE_FAMILY_IGNORED;
    vkv_device_close(&device);
    host_two_families = false;
    device = alone;
}

/* Barriers of an image name it as a whole, or its plane where planes are disjoint. */
static void score_planes(VkImageCreateFlags flags)
{
    const unsigned barriers = host_plane_barriers;
    struct picture_kind kind = kind_of(VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, VK_IMAGE_ASPECT_PLANE_0_BIT);
    kind.layers = 1;
    kind.flags = flags;
    if (!picture_exists(&host, &kind))
        skip();
    score(&kind, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, 0);
    assert_int_equal(host_plane_barriers - barriers, flags & VK_IMAGE_CREATE_DISJOINT_BIT ? 4 * FRAMES : 0);
}

static void planes(void **state)
{
    (void)state;
    score_planes(0);
}

/* Planes with memory of their own: chroma's stays in the layout that it was made in, and barriers leave it alone. */
static void disjoint_planes(void **state)
{
    (void)state;
    score_planes(VK_IMAGE_CREATE_DISJOINT_BIT);
}

/* An image against itself; then two layers of one image. */
static void one_image(void **state)
{
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    struct host_picture picture;
    uint8_t rows[HOST_WIDTH * HOST_HEIGHT];
    const vkv_plane plane = {.struct_size = sizeof(plane), .data = rows, .stride_bytes = HOST_WIDTH};
    const vkv_picture in_memory = {.struct_size = sizeof(in_memory), .n_planes = 1, .planes = &plane};
    struct host_values values;
    uint32_t n = 0;
    vkv_scorer *scorer = create_scorer();
    (void)state;
    vkv_scorer_columns(scorer, &n);
    picture_create(&host, &kind, &picture);
    fill(&picture, 0, 0, 0, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vkv_image *image = picture_wrap(device, &picture, 0, 0), *again = picture_wrap(device, &picture, 0, 0);
    const vkv_image_use use = use_of(image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL),
                        same = use_of(again, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    push(scorer, &use, &use);
    push(scorer, &use, &same);
    host_fill(rows, HOST_WIDTH, 8, 0, 0);
    assert_int_equal(vkv_scorer_push(scorer, &in_memory, &in_memory), VKV_OK);
    host_pull(scorer, 3, &values);
    for (uint32_t t = 0; t < 2; t++)
        assert_memory_equal(values.values[t], values.values[2], n * sizeof(double));
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&again);

    scorer = create_scorer();
    again = picture_wrap(device, &picture, 1, 0);
    picture.layout = VK_IMAGE_LAYOUT_UNDEFINED;
    for (uint32_t t = 0; t < FRAMES; t++) {
        fill(&picture, 0, t, 0, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
        picture.layout = t ? VK_IMAGE_LAYOUT_GENERAL : VK_IMAGE_LAYOUT_UNDEFINED;
        fill(&picture, 1, t, 1, VK_IMAGE_LAYOUT_GENERAL);
        picture.layout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
        const vkv_image_use other = use_of(again, VK_IMAGE_LAYOUT_GENERAL);
        push(scorer, &use, &other);
    }
    compare(scorer);
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&again);
    vkv_image_release(&image);
    picture_destroy(&host, &picture);
}

/* The application fills the images again behind the signal, long before the results come. */
static void free_at_signal(void **state)
{
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    const VkImageLayout layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    uint8_t rows[HOST_WIDTH * HOST_HEIGHT];
    struct host_picture pictures[2];
    vkv_image_use uses[2];
    vkv_semaphore ready[2], free[2];
    vkv_scorer *scorer = create_scorer();
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        picture_create(&host, &kind, &pictures[i]);
        uses[i] = use_of(picture_wrap(device, &pictures[i], 0, 0), layout);
        ready[i] = (vkv_semaphore){.handle = semaphore_create(&host, false)};
        free[i] = (vkv_semaphore){.handle = semaphore_create(&host, false)};
        uses[i].wait = ready[i];
        uses[i].signal = free[i];
    }
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++) {
            host_fill(rows, HOST_WIDTH, 8, t, i);
            picture_fill(&host, &pictures[i], 0, rows, 1, layout, t ? &free[i] : NULL, &ready[i]);
        }
        push(scorer, &uses[0], &uses[1]);
    }
    memset(rows, 0x5a, sizeof(rows));
    for (uint32_t i = 0; i < 2; i++)
        picture_fill(&host, &pictures[i], 0, rows, 1, layout, &free[i], NULL);
    compare(scorer);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&uses[i].image);
        picture_destroy(&host, &pictures[i]);
        vk.DestroySemaphore(host.device, ready[i].handle, NULL);
        vk.DestroySemaphore(host.device, free[i].handle, NULL);
    }
}

/* ---- refusals ---- */

static void refused_uses(void **state)
{
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT),
                              deep = kind_of(VK_FORMAT_R16_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    const VkImageLayout layout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
    const vkv_vulkan_params params = host_params(&host);
    struct host_picture picture, deeper;
    vkv_device *other = NULL;
    vkv_scorer *scorer = create_scorer();
    (void)state;
    picture_create(&host, &kind, &picture);
    picture_create(&host, &deep, &deeper);
    fill(&picture, 0, 0, 0, layout);
    assert_int_equal(vkv_device_open_vulkan(&params, &other), VKV_OK);
    vkv_image *images[] = {picture_wrap(device, &picture, 0, 0), picture_wrap(other, &picture, 0, 0),
                           picture_wrap(device, &deeper, 0, 0)};
    const vkv_image_use good = use_of(images[0], layout);
    const vkv_picture no_planes = {.struct_size = sizeof(no_planes)};
    const vkv_semaphore late = {.handle = (VkSemaphore)semaphore_create(&host, false), .value = 7, .is_timeline = 1};
    const unsigned submissions = host_submissions;
#define REFUSED(member, value, code, part)                                                                             \
    do {                                                                                                               \
        vkv_image_use bad = good;                                                                                      \
        bad.member = value;                                                                                            \
        host_refused(vkv_scorer_push_images(scorer, &bad, &good), code, part);                                         \
        host_refused(vkv_scorer_push_images(scorer, &good, &bad), code, part);                                         \
    } while (0)
    REFUSED(struct_size, 4, VKV_ERR_ARG, "vkv_image_use");
    REFUSED(reserved, 1, VKV_ERR_UNSUPPORTED, "vkv_image_use: reserved");
    REFUSED(wait.reserved, 1, VKV_ERR_UNSUPPORTED, "vkv_semaphore: reserved");
    REFUSED(x, 1, VKV_ERR_ARG, "at 1,0");
    REFUSED(y, UINT32_MAX, VKV_ERR_ARG, "at 0,4294967295");
    REFUSED(layout, VK_IMAGE_LAYOUT_UNDEFINED, VKV_ERR_ARG, "layout 0");
    REFUSED(layout, VK_IMAGE_LAYOUT_PREINITIALIZED, VKV_ERR_ARG, "layout 8");
    REFUSED(layout, VK_IMAGE_LAYOUT_GENERAL, VKV_ERR_ARG, "twice");
    REFUSED(queue_family, 0, VKV_ERR_ARG, "queue family 0 is the device's own");
    REFUSED(queue_family, 1, VKV_ERR_ARG, "queue family 1; the device has 1");
    REFUSED(queue_family, VK_QUEUE_FAMILY_FOREIGN_EXT, VKV_ERR_ARG, "VK_EXT_queue_family_foreign");
    REFUSED(queue_family, VK_QUEUE_FAMILY_EXTERNAL, VKV_ERR_ARG, "twice");
    REFUSED(image, NULL, VKV_ERR_ARG, "neither");
    REFUSED(host, &no_planes, VKV_ERR_ARG, "an image and a picture");
    REFUSED(image, images[1], VKV_ERR_ARG, "another device");
    REFUSED(image, images[2], VKV_ERR_ARG, "16 bits");
    REFUSED(wait, late, VKV_ERR_ARG, "timelineSemaphore");
    REFUSED(signal, late, VKV_ERR_ARG, "timelineSemaphore");
    REFUSED(wait_fd, 1000, VKV_ERR_ARG, "wait_fd 1000");
    host_refused(vkv_scorer_push_images(scorer, NULL, &good), VKV_ERR_ARG, "ref is NULL");
    host_refused(vkv_scorer_push_images(scorer, &good, NULL), VKV_ERR_ARG, "dist is NULL");
    assert_int_equal(vkv_scorer_push_images(NULL, &good, &good), VKV_ERR_ARG);
    vkv_image_use in_memory = {.struct_size = sizeof(in_memory), .host = &no_planes};
    host_refused(vkv_scorer_push_images(scorer, &in_memory, &good), VKV_ERR_ARG, "0 planes");
    assert_int_equal(host_submissions, submissions);
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    host_refused(vkv_scorer_push_images(scorer, &good, &good), VKV_ERR_STATE, "flush");
    vkv_scorer_destroy(&scorer);
    vk.DestroySemaphore(host.device, late.handle, NULL);
    for (int i = 0; i < 3; i++)
        vkv_image_release(&images[i]);
    vkv_device_close(&other);
    picture_destroy(&host, &picture);
    picture_destroy(&host, &deeper);
}

/* Nobody owns an image with concurrent sharing: families of the device do not hand it over, and others may not. */
static void shared_images(void **state)
{
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    struct host_picture picture;
    vkv_image *image = NULL;
    vkv_scorer *scorer = create_scorer();
    (void)state;
    picture_create(&host, &kind, &picture);
    fill(&picture, 0, 0, 0, VK_IMAGE_LAYOUT_GENERAL);
    vkv_image_params params = picture_params(&picture);
    params.sharing_mode = VK_SHARING_MODE_CONCURRENT;
    assert_int_equal(vkv_image_wrap(device, &params, &image), VKV_OK);
    vkv_image_use use = use_of(image, VK_IMAGE_LAYOUT_GENERAL);
    use.queue_family = VK_QUEUE_FAMILY_EXTERNAL;
    host_refused(vkv_scorer_push_images(scorer, &use, &use), VKV_ERR_ARG,
                 "family EXTERNAL for an image with concurrent");
    use.queue_family = VK_QUEUE_FAMILY_FOREIGN_EXT;
    host_refused(vkv_scorer_push_images(scorer, &use, &use), VKV_ERR_ARG, "family FOREIGN_EXT for an image with");
    use.queue_family = 1;
    host_refused(vkv_scorer_push_images(scorer, &use, &use), VKV_ERR_ARG,
                 "queue family 1; the device has 1, and has not");
    use.queue_family = 0;
    push(scorer, &use, &use);
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&image);
    picture_destroy(&host, &picture);
}

/* A family that needs chroma, and one that threads of the library compute for a scorer without others, are named. */
static void refused_families(void **state)
{
    static const struct {
        const char *family, *part;
        uint32_t chroma;
    } cases[] = {{"psnr", "'psnr' is computed on the host", 0}, {"psnr", "'psnr' looks at chroma", 420}};
    const struct picture_kind kind = kind_of(VK_FORMAT_R8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT);
    struct host_picture picture;
    (void)state;
    picture_create(&host, &kind, &picture);
    vkv_image *image = picture_wrap(device, &picture, 0, 0);
    const vkv_image_use use = use_of(image, VK_IMAGE_LAYOUT_GENERAL);
    for (int i = 0; i < 2; i++) {
        const vkv_request requests[] = {{.struct_size = sizeof(vkv_request), .family = "motion"},
                                        {.struct_size = sizeof(vkv_request), .family = cases[i].family}};
        const vkv_scorer_params params = {.struct_size = sizeof(params),
                                          .width = HOST_WIDTH,
                                          .height = HOST_HEIGHT,
                                          .bit_depth = 8,
                                          .chroma = cases[i].chroma,
                                          .requests = i ? requests : &requests[1],
                                          .n_requests = i ? 2 : 1};
        vkv_scorer *scorer = NULL;
        assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
        host_refused(vkv_scorer_push_images(scorer, &use, &use), VKV_ERR_UNSUPPORTED, cases[i].part);
        vkv_scorer_destroy(&scorer);
    }
    vkv_image_release(&image);
    picture_destroy(&host, &picture);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts),       cmocka_unit_test(planes),           cmocka_unit_test(disjoint_planes),
        cmocka_unit_test(one_image),     cmocka_unit_test(free_at_signal),   cmocka_unit_test(refused_uses),
        cmocka_unit_test(shared_images), cmocka_unit_test(refused_families), cmocka_unit_test(other_family),
    };
    host_arguments(argc, argv);
    host_begin(&host, false, &device);
    return host_end(&host, &device, cmocka_run_group_tests(tests, NULL, NULL));
}
