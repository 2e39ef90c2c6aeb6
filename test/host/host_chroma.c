/* Chroma beside luma: planes of one image, images of their own and rows of buffers give the scores of the same pictures
 * in memory; also what may not be chroma.
 *
 * usage: host_chroma [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <string.h>

/* The images are larger than the scored rectangle, which begins at an odd place. */
#define WIDTH 238
#define HEIGHT 174
#define RECT_WIDTH 219
#define RECT_HEIGHT 163
#define X 5
#define Y 3
#define FRAMES 3
#define PLANES 3

/* How a picture lies in images: one of `luma` with all planes, or (`chroma` is something) one for each plane. */
static const struct way {
    const char *name;
    VkFormat luma, chroma;
    uint32_t bit_depth, shift, params_shift;
    uint32_t n_chroma;
} ways[] = {
    {"R8, R8G8", VK_FORMAT_R8_UNORM, VK_FORMAT_R8G8_UNORM, 8, 0, 0, 1},
    {"R16, R16G16", VK_FORMAT_R16_UNORM, VK_FORMAT_R16G16_UNORM, 10, 6, 6, 1},
    {"three R8", VK_FORMAT_R8_UNORM, VK_FORMAT_R8_UNORM, 8, 0, 0, 2},
    {"NV12", VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, VK_FORMAT_UNDEFINED, 8, 0, 0, 1},
    {"I420", VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM, VK_FORMAT_UNDEFINED, 8, 0, 0, 2},
    {"P010", VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, VK_FORMAT_UNDEFINED, 10, 6, 0, 1},
};

static const vkv_request all[] = {{.struct_size = sizeof(vkv_request), .family = "motion"},
                                  {.struct_size = sizeof(vkv_request), .family = "psnr"},
                                  {.struct_size = sizeof(vkv_request), .family = "cambi"},
                                  {.struct_size = sizeof(vkv_request), .family = "speed_chroma"}};

static struct host host;
static vkv_device *device;

static vkv_scorer *create_scorer(uint32_t bit_depth, uint32_t n_requests, uint32_t chroma)
{
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = RECT_WIDTH,
                                      .height = RECT_HEIGHT,
                                      .bit_depth = bit_depth,
                                      .n_distorted = 2,
                                      .chroma = chroma,
                                      .requests = all,
                                      .n_requests = n_requests,
                                      .frames_in_flight = 4};
    vkv_scorer *scorer = NULL;
    if (vkv_scorer_create(device, &params, &scorer))
        fail_msg("%s", host_last);
    return scorer;
}

/* ---- samples ---- */

static uint32_t width_of(uint32_t plane)
{
    return plane ? WIDTH / 2 : WIDTH;
}

static uint32_t height_of(uint32_t plane)
{
    return plane ? HEIGHT / 2 : HEIGHT;
}

static uint32_t code_at(uint32_t x, uint32_t y, uint32_t frame, uint32_t picture, uint32_t plane, uint32_t bit_depth)
{
    const uint32_t noise = (x * 374761393u + y * 668265263u + frame * 2246822519u) * 1274126177u >> 20;
    const uint32_t code = (3 * x + (5 + plane) * y + 9 * frame + 40 * plane) % 160 + noise % 90 / (picture + 1);
    return code << (bit_depth - 8) | (noise & ((1u << (bit_depth - 8)) - 1));
}

/* Samples of a plane, `step` apart. */
static void fill_plane(uint8_t *to, uint32_t step, const struct way *way, uint32_t shift, uint32_t frame,
                       uint32_t picture, uint32_t plane)
{
    const uint32_t bytes = way->bit_depth > 8 ? 2 : 1;
    for (uint32_t y = 0; y < height_of(plane); y++)
        for (uint32_t x = 0; x < width_of(plane); x++) {
            uint8_t *const at = to + ((size_t)y * width_of(plane) + x) * step * bytes;
            const uint32_t word = code_at(x, y, frame, picture, plane, way->bit_depth) << shift;
            at[0] = (uint8_t)word;
            if (bytes > 1)
                at[1] = (uint8_t)(word >> 8);
        }
}

/* ---- in memory ---- */

struct in_memory {
    uint8_t rows[PLANES][2 * WIDTH * HEIGHT];
    vkv_plane planes[PLANES];
    vkv_picture picture;
};

static void fill_memory(struct in_memory *m, const struct way *way, uint32_t frame, uint32_t picture)
{
    const uint32_t bytes = way->bit_depth > 8 ? 2 : 1;
    for (uint32_t p = 0; p < PLANES; p++) {
        const uint32_t stride = bytes * width_of(p), x = p ? X / 2 : X, y = p ? Y / 2 : Y;
        fill_plane(m->rows[p], 1, way, 0, frame, picture, p);
        m->planes[p] = (vkv_plane){.struct_size = sizeof(vkv_plane),
                                   .data = m->rows[p] + (size_t)y * stride + (size_t)x * bytes,
                                   .stride_bytes = stride};
    }
    m->picture = (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = PLANES, .planes = m->planes};
}

static void score_memory(const struct way *way, uint32_t n_requests, struct host_values *values)
{
    static struct in_memory m[3];
    vkv_scorer *scorer = create_scorer(way->bit_depth, n_requests, 420);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 3; i++)
            fill_memory(&m[i], way, t, i);
        const vkv_picture dist[] = {m[1].picture, m[2].picture};
        assert_int_equal(vkv_scorer_push(scorer, &m[0].picture, dist), VKV_OK);
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
}

/* ---- in images ---- */

/* A picture: images (of one, the first), and a use of each plane that is wrapped. */
struct in_images {
    struct host_picture images[PLANES];
    uint32_t n_images;
    vkv_image_use uses[PLANES];
    VkSemaphore ready, free; /* the first chroma's */
};

static struct picture_kind kind_of(const struct way *way, uint32_t plane)
{
    const bool is_alone = way->chroma != VK_FORMAT_UNDEFINED;
    return (struct picture_kind){.format = plane && is_alone ? way->chroma : way->luma,
                                 .width = is_alone ? width_of(plane) : WIDTH,
                                 .height = is_alone ? height_of(plane) : HEIGHT,
                                 .layers = 1,
                                 .aspect = is_alone ? VK_IMAGE_ASPECT_COLOR_BIT : VK_IMAGE_ASPECT_PLANE_0_BIT};
}

static void wrap_plane(struct in_images *in, const struct way *way, uint32_t plane)
{
    const bool is_alone = in->n_images > 1;
    vkv_image_params params = picture_params(&in->images[is_alone ? plane : 0]);
    params.plane = is_alone ? 0 : plane;
    params.shift = way->params_shift;
    in->uses[plane] = use_of(NULL, VK_IMAGE_LAYOUT_GENERAL);
    in->uses[plane].x = plane ? X / 2 : X;
    in->uses[plane].y = plane ? Y / 2 : Y;
    if (vkv_image_wrap(device, &params, &in->uses[plane].image))
        fail_msg("%s", host_last);
}

static void create_images(struct in_images *in, const struct way *way)
{
    in->n_images = way->chroma ? 1 + way->n_chroma : 1;
    in->ready = semaphore_create(&host, false);
    in->free = semaphore_create(&host, false);
    for (uint32_t i = 0; i < in->n_images; i++) {
        const struct picture_kind kind = kind_of(way, i);
        picture_create(&host, &kind, &in->images[i]);
    }
    for (uint32_t p = 0; p <= way->n_chroma; p++)
        wrap_plane(in, way, p);
    in->uses[1].wait = (vkv_semaphore){.handle = in->ready};
    in->uses[1].signal = (vkv_semaphore){.handle = in->free};
    in->uses[0].n_chroma = way->n_chroma;
    in->uses[0].chroma = &in->uses[1];
}

static void destroy_images(struct in_images *in, const struct way *way)
{
    for (uint32_t p = 0; p <= way->n_chroma; p++)
        vkv_image_release(&in->uses[p].image);
    for (uint32_t i = 0; i < in->n_images; i++)
        picture_destroy(&host, &in->images[i]);
    vk.DestroySemaphore(host.device, in->ready, NULL);
    vk.DestroySemaphore(host.device, in->free, NULL);
}

/* Fills a wrapped plane. The first one of a picture waits until the last push has read the chroma, and the last one
 * says that it is ready. */
static void fill_wrapped(struct in_images *in, const struct way *way, uint32_t frame, uint32_t picture, uint32_t plane)
{
    static uint8_t rows[2 * WIDTH * HEIGHT];
    const vkv_semaphore ready = {.handle = in->ready}, free = {.handle = in->free};
    const uint32_t bytes = way->bit_depth > 8 ? 2 : 1, step = plane && way->n_chroma == 1 ? 2 : 1;
    struct host_picture *const image = &in->images[in->n_images > 1 ? plane : 0];
    struct host_picture view = *image;
    for (uint32_t c = 0; c < step; c++)
        fill_plane(rows + (size_t)c * bytes, step, way, way->shift, frame, picture, plane + c);
    view.kind.width = width_of(plane);
    view.kind.height = height_of(plane);
    if (in->n_images == 1)
        view.kind.aspect = VK_IMAGE_ASPECT_PLANE_0_BIT << plane;
    picture_fill(&host, &view, 0, rows, bytes * step, VK_IMAGE_LAYOUT_GENERAL, frame && !plane ? &free : NULL,
                 plane == way->n_chroma ? &ready : NULL);
    image->layout = view.layout;
}

/* Reference and first distorted picture are images, the second one is in memory. */
static void score_images(const struct way *way, uint32_t n_requests, struct host_values *values)
{
    static struct in_memory m;
    struct in_images in[2];
    vkv_scorer *scorer = create_scorer(way->bit_depth, n_requests, 420);
    for (uint32_t i = 0; i < 2; i++)
        create_images(&in[i], way);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++)
            for (uint32_t p = 0; p <= way->n_chroma; p++)
                fill_wrapped(&in[i], way, t, i, p);
        fill_memory(&m, way, t, 2);
        const vkv_image_use dist[] = {in[1].uses[0], {.struct_size = sizeof(vkv_image_use), .host = &m.picture}};
        if (vkv_scorer_push_images(scorer, &in[0].uses[0], dist))
            fail_msg("%s", host_last);
    }
    host_pull(scorer, FRAMES, values);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++)
        destroy_images(&in[i], way);
}

static void same_scores(void **state)
{
    static struct host_values want, got;
    uint32_t n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const struct picture_kind luma = kind_of(&ways[i], 0), chroma = kind_of(&ways[i], 1);
        if (!picture_exists(&host, &luma) || !picture_exists(&host, &chroma))
            continue;
        score_memory(&ways[i], 4, &want);
        score_images(&ways[i], 4, &got);
        if (memcmp(&want, &got, sizeof(want)) != 0)
            fail_msg("%s", ways[i].name);
        n++;
    }
    printf("%u of %zu ways\n", n, sizeof(ways) / sizeof(ways[0]));
    assert_true(n >= 3);
}

/* Nobody looks at the chroma: it is waited for and given back all the same. */
static void unused_chroma(void **state)
{
    static struct host_values want, got;
    (void)state;
    score_memory(&ways[0], 1, &want);
    score_images(&ways[0], 1, &got);
    assert_memory_equal(&want, &got, sizeof(want));
}

/* ---- in a buffer ---- */

/* One buffer has reference and distorted picture, each of luma and of Cb and Cr by turns. */
static void rows_of_a_buffer(void **state)
{
    enum { LUMA = WIDTH * HEIGHT, PAIR = WIDTH * HEIGHT / 2, PLACE = LUMA + PAIR };
    static struct host_values want, got;
    static struct in_memory m;
    struct host_buffer buffer;
    vkv_image_use uses[2][2];
    vkv_scorer *scorer = create_scorer(8, 4, 420);
    (void)state;
    buffer_create(&host, 2 * PLACE, &buffer);
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t plane = i % 2;
        const vkv_buffer_params params = {.struct_size = sizeof(params),
                                          .bits = 8,
                                          .width = width_of(plane),
                                          .height = height_of(plane),
                                          .buffer = buffer.buffer,
                                          .bytes = 2 * PLACE,
                                          .offset = (uint64_t)(i / 2) * PLACE + (plane ? LUMA : 0),
                                          .stride_bytes = WIDTH,
                                          .samples = 1 + plane};
        vkv_image *image = NULL;
        if (vkv_image_wrap_buffer(device, &params, &image))
            fail_msg("%s", host_last);
        uses[i / 2][plane] = use_of(image, VK_IMAGE_LAYOUT_UNDEFINED);
        uses[i / 2][plane].x = plane ? X / 2 : X;
        uses[i / 2][plane].y = plane ? Y / 2 : Y;
    }
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2; i++) {
            uint8_t *const at = buffer.bytes + (size_t)i * PLACE;
            fill_plane(at, 1, &ways[0], 0, t, i, 0);
            fill_plane(at + LUMA, 2, &ways[0], 0, t, i, 1);
            fill_plane(at + LUMA + 1, 2, &ways[0], 0, t, i, 2);
            uses[i][0].n_chroma = 1;
            uses[i][0].chroma = &uses[i][1];
        }
        fill_memory(&m, &ways[0], t, 2);
        const vkv_image_use dist[] = {uses[1][0], {.struct_size = sizeof(vkv_image_use), .host = &m.picture}};
        if (vkv_scorer_push_images(scorer, &uses[0][0], dist))
            fail_msg("%s", host_last);
    }
    host_pull(scorer, FRAMES, &got);
    vkv_scorer_destroy(&scorer);
    score_memory(&ways[0], 4, &want);
    assert_memory_equal(&want, &got, sizeof(want));
    for (uint32_t i = 0; i < 4; i++)
        vkv_image_release(&uses[i / 2][i % 2].image);
    buffer_destroy(&host, &buffer);
}

/* ---- refusals ---- */

static void refused_chroma(void **state)
{
    const struct way *const pair = &ways[0], *const apart = &ways[2];
    struct in_images in, three;
    vkv_scorer *scorer = create_scorer(8, 4, 420), *gray = create_scorer(8, 1, 0);
    vkv_image *image = NULL;
    (void)state;
    create_images(&in, pair);
    create_images(&three, apart);
    in.uses[1].wait = in.uses[1].signal = (vkv_semaphore){0};
    const vkv_image_use good = in.uses[0], dist[] = {good, good};
    const unsigned submissions = host_submissions;
#define REFUSED(member, value, code, part)                                                                             \
    do {                                                                                                               \
        vkv_image_use bad = good;                                                                                      \
        bad.member = value;                                                                                            \
        host_refused(vkv_scorer_push_images(scorer, &bad, dist), code, part);                                          \
    } while (0)
#define REFUSED_CHROMA(member, value, part)                                                                            \
    do {                                                                                                               \
        vkv_image_use chroma = in.uses[1];                                                                             \
        chroma.member = value;                                                                                         \
        vkv_image_use luma = good;                                                                                     \
        luma.chroma = &chroma;                                                                                         \
        host_refused(vkv_scorer_push_images(scorer, &luma, dist), VKV_ERR_ARG, part);                                  \
    } while (0)
    REFUSED(n_chroma, 0, VKV_ERR_UNSUPPORTED, "family 'psnr' looks at chroma, and an image comes without");
    REFUSED(n_chroma, 3, VKV_ERR_ARG, "n_chroma is 3");
    REFUSED(chroma, NULL, VKV_ERR_ARG, "n_chroma is 1, and chroma NULL");
    REFUSED(image, in.uses[1].image, VKV_ERR_ARG, "2 samples a texel; one of luma");
    REFUSED(chroma, three.uses, VKV_ERR_ARG, "chroma of its own");
    REFUSED(chroma, &three.uses[1], VKV_ERR_ARG, "1 samples a texel; Cb and Cr");
    REFUSED_CHROMA(image, NULL, "is not an image alone");
    REFUSED_CHROMA(x, WIDTH / 2, "pictures of 110x82 at 119,1");
    host_refused(vkv_scorer_push_images(gray, &good, dist), VKV_ERR_ARG, "for a scorer whose pictures have none");
    assert_int_equal(host_submissions, submissions);
    vkv_image_params params = picture_params(&in.images[1]);
    params.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
    host_refused(vkv_image_wrap(device, &params, &image), VKV_ERR_UNSUPPORTED, "only luma is sampled");
    params.plane = 1;
    host_refused(vkv_image_wrap(device, &params, &image), VKV_ERR_ARG, "plane 1 of VK_FORMAT_R8G8_UNORM, which has 1");
    vkv_scorer_destroy(&scorer);
    vkv_scorer_destroy(&gray);
    destroy_images(&three, apart);
    destroy_images(&in, pair);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_scores),
        cmocka_unit_test(unused_chroma),
        cmocka_unit_test(rows_of_a_buffer),
        cmocka_unit_test(refused_chroma),
    };
    host_arguments(argc, argv);
    host_begin(&host, false, &device);
    return host_end(&host, &device, cmocka_run_group_tests(tests, NULL, NULL));
}
