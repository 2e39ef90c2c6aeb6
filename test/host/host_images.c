/* Images of every format that the driver copies, and rows of buffers: their scores are those of the same pictures in
 * memory. Also what may not be wrapped or used.
 *
 * usage: host_images [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <string.h>

#include "scorer.h"

/* The image is larger than the scored rectangle, which begins at an odd place. */
#define X 5
#define Y 3
#define WIDTH (HOST_WIDTH + 14)
#define HEIGHT (HOST_HEIGHT + 8)
#define FRAMES 5

#define PLANE0 VK_IMAGE_ASPECT_PLANE_0_BIT
#define COLOR VK_IMAGE_ASPECT_COLOR_BIT

static const struct format_case {
    VkFormat format;
    VkImageAspectFlags aspect;
    uint32_t bit_depth, params_shift, shift;
} cases[] = {
    {VK_FORMAT_R8_UNORM, COLOR, 8, 0, 0},
    {VK_FORMAT_R8_UINT, COLOR, 8, 0, 0},
    {VK_FORMAT_R16_UNORM, COLOR, 10, 0, 0},
    {VK_FORMAT_R16_UNORM, COLOR, 10, 6, 6},
    {VK_FORMAT_R16_UINT, COLOR, 16, 0, 0},
    {VK_FORMAT_R10X6_UNORM_PACK16, COLOR, 10, 0, 6},
    {VK_FORMAT_R12X4_UNORM_PACK16, COLOR, 12, 4, 4},
    {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, PLANE0, 8, 0, 0},
    {VK_FORMAT_G8_B8R8_2PLANE_422_UNORM, PLANE0, 8, 0, 0},
    {VK_FORMAT_G8_B8R8_2PLANE_444_UNORM, PLANE0, 8, 0, 0},
    {VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM, PLANE0, 8, 0, 0},
    {VK_FORMAT_G8_B8_R8_3PLANE_422_UNORM, PLANE0, 8, 0, 0},
    {VK_FORMAT_G8_B8_R8_3PLANE_444_UNORM, PLANE0, 8, 0, 0},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, PLANE0, 10, 0, 6},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_422_UNORM_3PACK16, PLANE0, 10, 0, 6},
    {VK_FORMAT_G10X6_B10X6_R10X6_3PLANE_420_UNORM_3PACK16, PLANE0, 10, 0, 6},
    {VK_FORMAT_G12X4_B12X4R12X4_2PLANE_420_UNORM_3PACK16, PLANE0, 12, 0, 4},
    {VK_FORMAT_G12X4_B12X4_R12X4_3PLANE_420_UNORM_3PACK16, PLANE0, 12, 0, 4},
    {VK_FORMAT_G16_B16R16_2PLANE_420_UNORM, PLANE0, 16, 0, 0},
    {VK_FORMAT_G16_B16_R16_3PLANE_420_UNORM, PLANE0, 10, 0, 0},
};

static struct host host;
static vkv_device *device;
static const vkv_request *asked; /* NULL: what a scorer has without requests */
static uint32_t n_asked;

/* Every code of 8, 9 and 10 bits, and what a decoder would not leave there below the value. */
static uint16_t code_at(uint32_t x, uint32_t y, uint32_t frame, uint32_t picture, uint32_t bit_depth)
{
    const uint32_t n = y * WIDTH + x, noise = n * 2654435761u >> 7;
    return (uint16_t)((n * 37 + 11 * frame + noise % (1 + 6 * picture)) & ((1u << bit_depth) - 1));
}

static void fill(uint8_t *rows, size_t stride, uint32_t frame, uint32_t picture, uint32_t bit_depth, uint32_t shift)
{
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            const uint32_t word = (uint32_t)code_at(x, y, frame, picture, bit_depth) << shift;
            rows[y * stride + (bit_depth > 8 ? 2 * x : x)] = (uint8_t)word;
            if (bit_depth > 8)
                rows[y * stride + 2 * x + 1] = (uint8_t)(word >> 8);
        }
}

static vkv_scorer *create_scorer(uint32_t bit_depth, uint32_t k, const struct engine_tests *tests)
{
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = HOST_WIDTH,
                                      .height = HOST_HEIGHT,
                                      .bit_depth = bit_depth,
                                      .n_distorted = k,
                                      .requests = asked,
                                      .n_requests = n_asked,
                                      .frames_in_flight = 4};
    vkv_scorer *scorer = NULL;
    if (scorer_create(device, &params, false, tests, &scorer))
        fail_msg("%s", host_last);
    return scorer;
}

/* Pictures in memory, of the rectangle. */
struct in_memory {
    uint8_t rows[PICTURES_MAX][2 * WIDTH * HEIGHT];
    vkv_plane planes[PICTURES_MAX];
    vkv_picture pictures[PICTURES_MAX];
};

static void fill_memory(struct in_memory *m, uint32_t frame, uint32_t bit_depth)
{
    const uint32_t bytes = bit_depth > 8 ? 2 : 1, stride = bytes * WIDTH;
    for (uint32_t i = 0; i < PICTURES_MAX; i++) {
        fill(m->rows[i], stride, frame, i, bit_depth, 0);
        m->planes[i] = (vkv_plane){
            .struct_size = sizeof(vkv_plane), .data = m->rows[i] + Y * stride + X * bytes, .stride_bytes = stride};
        m->pictures[i] = (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = 1, .planes = &m->planes[i]};
    }
}

static void score_memory(uint32_t bit_depth, uint32_t k, struct host_values *values)
{
    static struct in_memory m;
    vkv_scorer *scorer = create_scorer(bit_depth, k, NULL);
    for (uint32_t t = 0; t < FRAMES; t++) {
        fill_memory(&m, t, bit_depth);
        assert_int_equal(vkv_scorer_push(scorer, &m.pictures[0], &m.pictures[1]), VKV_OK);
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
}

static void push(vkv_scorer *scorer, const vkv_image_use *ref, const vkv_image_use *dist)
{
    if (vkv_scorer_push_images(scorer, ref, dist))
        fail_msg("%s", host_last);
}

/* Two images, used for all frames: each is filled again behind the push that read it. */
static void score_images(const struct format_case *c, const struct engine_tests *tests, struct host_values *values)
{
    const struct picture_kind kind = {
        .format = c->format, .width = WIDTH, .height = HEIGHT, .layers = 1, .aspect = c->aspect};
    struct host_picture pictures[2];
    vkv_image_use uses[2];
    vkv_scorer *scorer = create_scorer(c->bit_depth, 1, tests);
    for (uint32_t i = 0; i < 2; i++) {
        picture_create(&host, &kind, &pictures[i]);
        uses[i] = use_of(picture_wrap(device, &pictures[i], 0, c->params_shift), VK_IMAGE_LAYOUT_GENERAL);
        uses[i].x = X;
        uses[i].y = Y;
    }
    for (uint32_t t = 0; t < FRAMES; t++) {
        static uint8_t rows[2 * WIDTH * HEIGHT];
        const uint32_t bytes = c->bit_depth > 8 ? 2 : 1;
        for (uint32_t i = 0; i < 2; i++) {
            fill(rows, bytes * WIDTH, t, i, c->bit_depth, c->shift);
            picture_fill(&host, &pictures[i], 0, rows, bytes, VK_IMAGE_LAYOUT_GENERAL, NULL, NULL);
        }
        push(scorer, &uses[0], &uses[1]);
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&uses[i].image);
        assert_null(uses[i].image);
        picture_destroy(&host, &pictures[i]);
    }
}

static void formats(void **state)
{
    static struct host_values want, got;
    uint32_t n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct picture_kind kind = {
            .format = cases[i].format, .width = WIDTH, .height = HEIGHT, .layers = 1, .aspect = cases[i].aspect};
        if (!picture_exists(&host, &kind))
            continue;
        score_memory(cases[i].bit_depth, 1, &want);
        score_images(&cases[i], NULL, &got);
        if (memcmp(&want, &got, sizeof(want)) != 0)
            fail_msg("VkFormat %d at %u bits", (int)cases[i].format, cases[i].bit_depth);
        n++;
    }
    printf("%u of %zu formats\n", n, sizeof(cases) / sizeof(cases[0]));
    assert_true(n >= 4);
}

/* A device with memory of its own; lists that overflow, so that the pair is computed again; both. */
static void other_ways(void **state)
{
    static const struct engine_tests ways[] = {
        {.copies_uploads = 1}, {.extra_tolerance = 1u << 31}, {.copies_uploads = 1, .extra_tolerance = 1u << 31}};
    static struct host_values want, got;
    (void)state;
    score_memory(10, 1, &want);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        score_images(&cases[3], &ways[i], &got);
        assert_memory_equal(&want, &got, sizeof(want));
    }
}

/* The replay of an earlier frame needs more memory than the device has: an image's semaphores may have been touched, so
 * it is not VKV_ERR_UNSUPPORTED. */
static void replay_without_memory(void **state)
{
    static const struct engine_tests overflows = {.extra_tolerance = 1u << 31};
    const struct picture_kind kind = {
        .format = VK_FORMAT_R8_UNORM, .width = WIDTH, .height = HEIGHT, .layers = 1, .aspect = COLOR};
    static uint8_t rows[WIDTH * HEIGHT];
    struct host_picture picture;
    vkv_scorer *scorer = create_scorer(8, 1, &overflows);
    uint32_t n = 0;
    int err = VKV_OK;
    (void)state;
    picture_create(&host, &kind, &picture);
    fill(rows, WIDTH, 0, 1, 8, 0);
    picture_fill(&host, &picture, 0, rows, 1, VK_IMAGE_LAYOUT_GENERAL, NULL, NULL);
    vkv_image_use use = use_of(picture_wrap(device, &picture, 0, 0), VK_IMAGE_LAYOUT_GENERAL);
    push(scorer, &use, &use);
    host_huge_buffers = true;
    while (!err && n++ < 8)
        err = vkv_scorer_push_images(scorer, &use, &use);
    host_huge_buffers = false;
    host_refused(err, VKV_ERR_DEVICE, "maxMemoryAllocationSize");
    vkv_scorer_destroy(&scorer);
    vkv_image_release(&use.image);
    picture_destroy(&host, &picture);
}

/* A family that threads of the library compute has the samples read back. */
static void on_host(void **state)
{
    static const vkv_request requests[] = {{.struct_size = sizeof(vkv_request), .family = "motion"},
                                           {.struct_size = sizeof(vkv_request), .family = "psnr"}};
    static const struct engine_tests copied = {.copies_uploads = 1};
    static struct host_values want, got;
    (void)state;
    asked = requests;
    n_asked = 2;
    score_memory(10, 1, &want);
    score_images(&cases[3], NULL, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    score_images(&cases[3], &copied, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    asked = NULL;
    n_asked = 0;
}

/* ---- buffers, mixtures ---- */

/* Two distorted pictures; by bits of the frame's number a picture is in memory or in a buffer. */
static void score_mixed(uint32_t bit_depth, uint32_t shift, uint64_t stride, const struct engine_tests *tests,
                        struct host_values *values)
{
    static struct in_memory m;
    struct host_buffer buffer;
    vkv_image_use uses[PICTURES_MAX], none = {.struct_size = sizeof(none)};
    vkv_scorer *scorer = create_scorer(bit_depth, 2, tests);
    vkv_image *images[PICTURES_MAX];
    const uint64_t place = stride * HEIGHT + 7;
    buffer_create(&host, PICTURES_MAX * place, &buffer);
    for (uint32_t i = 0; i < PICTURES_MAX; i++) {
        const vkv_buffer_params params = {.struct_size = sizeof(params),
                                          .bits = bit_depth,
                                          .shift = shift,
                                          .width = WIDTH,
                                          .height = HEIGHT,
                                          .buffer = buffer.buffer,
                                          .bytes = PICTURES_MAX * place,
                                          .offset = i * place + 3,
                                          .stride_bytes = stride};
        if (vkv_image_wrap_buffer(device, &params, &images[i]))
            fail_msg("%s", host_last);
        assert_int_equal(vkv_image_path(images[i]), VKV_IMAGE_PATH_BUFFER);
    }
    for (uint32_t t = 0; t < FRAMES; t++) {
        vk.QueueWaitIdle(host.queue); /* earlier pushes have read the buffer */
        fill_memory(&m, t, bit_depth);
        for (uint32_t i = 0; i < PICTURES_MAX; i++) {
            fill(buffer.bytes + i * place + 3, stride, t, i, bit_depth, shift);
            uses[i] = none;
            if ((t + 1) >> i & 1)
                uses[i] = use_of(images[i], VK_IMAGE_LAYOUT_UNDEFINED);
            else
                uses[i].host = &m.pictures[i];
            uses[i].x = X;
            uses[i].y = Y;
        }
        push(scorer, &uses[0], &uses[1]);
        memset(m.rows, 0x55, sizeof(m.rows));
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < PICTURES_MAX; i++)
        vkv_image_release(&images[i]);
    buffer_destroy(&host, &buffer);
}

static void mixed(void **state)
{
    static const struct engine_tests copied = {.copies_uploads = 1};
    static struct host_values want, got;
    (void)state;
    score_memory(8, 2, &want);
    score_mixed(8, 0, WIDTH + 5, NULL, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    score_mixed(8, 0, 80 + 16, &copied, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    score_memory(10, 2, &want);
    score_mixed(10, 6, 2 * WIDTH + 1, NULL, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    score_mixed(10, 5, (2 * HOST_WIDTH + 15) / 16 * 16 + 32, &copied, &got);
    assert_memory_equal(&want, &got, sizeof(want));
}

/* Memory that is not coherent: what the host wrote is flushed before what the device wrote beside it is fetched. */
static void incoherent_memory(void **state)
{
    static const vkv_request requests[] = {{.struct_size = sizeof(vkv_request), .family = "motion"},
                                           {.struct_size = sizeof(vkv_request), .family = "psnr"}};
    static struct host_values want, got;
    const vkv_vulkan_params params = host_params(&host);
    vkv_device *const coherent = device;
    (void)state;
    asked = requests;
    n_asked = 2;
    score_memory(8, 2, &want);
    host_incoherent = true;
    assert_int_equal(vkv_device_open_vulkan(&params, &device), VKV_OK);
    score_mixed(8, 0, WIDTH + 5, NULL, &got);
    assert_memory_equal(&want, &got, sizeof(want));
    assert_int_equal(host_lost_writes, 0);
    vkv_device_close(&device);
    host_incoherent = false;
    device = coherent;
    asked = NULL;
    n_asked = 0;
}

/* ---- refusals ---- */

static void refused_wraps(void **state)
{
    const struct picture_kind kind = {
        .format = VK_FORMAT_R8_UNORM, .width = WIDTH, .height = HEIGHT, .layers = 1, .aspect = COLOR};
    const vkv_device_params cpu_params = {.struct_size = sizeof(cpu_params), .select = "cpu"};
    struct host_picture picture;
    struct host_buffer buffer;
    vkv_image *image = NULL;
    vkv_device *cpu = NULL;
    (void)state;
    picture_create(&host, &kind, &picture);
    buffer_create(&host, 1 << 20, &buffer);
    const vkv_image_params good = {.struct_size = sizeof(good),
                                   .image = picture.image,
                                   .format = VK_FORMAT_R8_UNORM,
                                   .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
                                   .width = WIDTH,
                                   .height = HEIGHT};
    const vkv_buffer_params rows = {.struct_size = sizeof(rows),
                                    .bits = 8,
                                    .width = 1024,
                                    .height = 1024,
                                    .buffer = buffer.buffer,
                                    .bytes = 1 << 20,
                                    .stride_bytes = 1024};
#define REFUSED_IMAGE(member, value, code, part)                                                                       \
    do {                                                                                                               \
        vkv_image_params bad = good;                                                                                   \
        bad.member = value;                                                                                            \
        host_refused(vkv_image_wrap(device, &bad, &image), code, part);                                                \
    } while (0)
#define REFUSED_ROWS(member, value, part)                                                                              \
    do {                                                                                                               \
        vkv_buffer_params bad = rows;                                                                                  \
        bad.member = value;                                                                                            \
        host_refused(vkv_image_wrap_buffer(device, &bad, &image), VKV_ERR_ARG, part);                                  \
    } while (0)
    REFUSED_IMAGE(struct_size, 0, VKV_ERR_ARG, "vkv_image_params");
    REFUSED_IMAGE(sharing_mode, 2, VKV_ERR_ARG, "vkv_image_params: sharing_mode is 2");
    REFUSED_IMAGE(image, VK_NULL_HANDLE, VKV_ERR_ARG, "image is NULL");
    REFUSED_IMAGE(width, 0, VKV_ERR_ARG, "an image of 0x58");
    REFUSED_IMAGE(format, VK_FORMAT_R8G8B8A8_UNORM, VKV_ERR_UNSUPPORTED, "VkFormat 37");
    REFUSED_IMAGE(usage, VK_IMAGE_USAGE_STORAGE_BIT, VKV_ERR_UNSUPPORTED, "TRANSFER_SRC");
    REFUSED_IMAGE(flags, VK_IMAGE_CREATE_DISJOINT_BIT, VKV_ERR_ARG, "no images of VK_FORMAT_R8_UNORM with");
    REFUSED_IMAGE(plane, 1, VKV_ERR_ARG, "plane 1");
    REFUSED_IMAGE(shift, 1, VKV_ERR_ARG, "shift is 1");
    vkv_image_params words = good;
    words.format = VK_FORMAT_R16_UNORM;
    words.shift = 8;
    host_refused(vkv_image_wrap(device, &words, &image), VKV_ERR_ARG, "shift is 8, 7 at most leave 9 bits");
    host_refused(vkv_image_wrap(device, NULL, &image), VKV_ERR_ARG, "NULL");
    host_refused(vkv_image_wrap(device, &good, NULL), VKV_ERR_ARG, "NULL");
    REFUSED_ROWS(struct_size, 12, "vkv_buffer_params");
    REFUSED_ROWS(sharing_mode, 2, "vkv_buffer_params: sharing_mode is 2");
    REFUSED_ROWS(buffer, VK_NULL_HANDLE, "buffer is NULL");
    REFUSED_ROWS(samples, 3, "3 samples at each place");
    REFUSED_ROWS(bits, 7, "7 bits");
    REFUSED_ROWS(bits, 17, "17 bits");
    REFUSED_ROWS(shift, 1, "shift of 1");
    REFUSED_ROWS(height, 0, "1024x0");
    REFUSED_ROWS(stride_bytes, 1023, "1023 apart");
    REFUSED_ROWS(stride_bytes, UINT64_MAX / 1023, "leave");
    REFUSED_ROWS(offset, 1 << 20, "leave");
    REFUSED_ROWS(offset, UINT64_MAX, "leave");
    REFUSED_ROWS(offset, 1, "leave the memory, which has 1048576 bytes");
    REFUSED_ROWS(bytes, 0, "leave the memory, which has 0 bytes");
    REFUSED_ROWS(bytes, 2 << 20, "a buffer of 2097152 bytes");
    assert_int_equal(vkv_device_open(&cpu_params, &cpu), VKV_OK);
    assert_int_equal(vkv_image_wrap(cpu, &good, &image), VKV_ERR_ARG);
    vkv_device_close(&cpu);
    assert_null(image);
    assert_int_equal(vkv_image_path(NULL), 0);
    vkv_image_release(&image);
    vkv_image_release(NULL);
    buffer_destroy(&host, &buffer);
    picture_destroy(&host, &picture);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),       cmocka_unit_test(other_ways), cmocka_unit_test(replay_without_memory),
        cmocka_unit_test(on_host),       cmocka_unit_test(mixed),      cmocka_unit_test(incoherent_memory),
        cmocka_unit_test(refused_wraps),
    };
    host_arguments(argc, argv);
    host_begin(&host, false, &device);
    return host_end(&host, &device, cmocka_run_group_tests(tests, NULL, NULL));
}
