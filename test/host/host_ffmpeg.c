/* FFmpeg's device, lent to the library, and its frames: those that FFmpeg allocates and fills, and frames of
 * multi-planar images, as FFmpeg has them since 6.1.
 *
 * usage: host_ffmpeg [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <libavutil/frame.h>
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vulkan.h>
#include <libavutil/pixdesc.h>
#include <stdlib.h>
#include <string.h>

#define FFMPEG_6_1 (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100))
#define BACK 2 /* frames that are kept, since an upload may still read them */

static const struct frame_case {
    enum AVPixelFormat pixels;
    VkFormat together;
    uint32_t bit_depth, shift;
} cases[] = {
    {AV_PIX_FMT_NV12, VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, 8, 0},
    {AV_PIX_FMT_P010, VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, 10, 6},
    {AV_PIX_FMT_YUV420P10, VK_FORMAT_G16_B16_R16_3PLANE_420_UNORM, 10, 0},
};

static AVBufferRef *gpu;
static struct host host;
static vkv_device *device;

/* FFmpeg speaks for the validation layer. */
static void on_message(void *object, int level, const char *format, va_list args)
{
    (void)object;
    if (level > AV_LOG_WARNING)
        return;
    char line[1200];
    vsnprintf(line, sizeof(line), format, args);
    fputs(line, stderr);
    /* Internal warnings are the layer's about its own settings, which newer versions of FFmpeg make. */
    host_validation += !strstr(line, "Internal Warning:");
}

/* FFmpeg's device as the application's. Its frames are of one family here. */
static void open_gpu(void)
{
    AVDictionary *options = NULL;
    if (host_validates())
        av_dict_set(&options, "debug", "1", 0);
    if (av_hwdevice_ctx_create(&gpu, AV_HWDEVICE_TYPE_VULKAN, NULL, options, 0) < 0) {
        printf("skipped: FFmpeg has no Vulkan device\n");
        exit(77);
    }
    av_dict_free(&options);
    const AVVulkanDeviceContext *const vulkan = ((AVHWDeviceContext *)(void *)gpu->data)->hwctx;
    host = (struct host){.instance = vulkan->inst,
                         .physical = vulkan->phys_dev,
                         .device = vulkan->act_dev,
                         .wishes = {.timeline = true},
                         .features = vulkan->device_features};
    vk.GetDeviceQueue(host.device, 0, 0, &host.queue);
    vkv_vulkan_params params = host_params(&host);
    params.extensions = vulkan->enabled_dev_extensions;
    params.n_extensions = (uint32_t)vulkan->nb_enabled_dev_extensions;
    if (vkv_device_open_vulkan(&params, &device))
        fail_msg("%s", host_last);
}

static vkv_scorer *create_scorer(uint32_t bit_depth)
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params), .width = HOST_WIDTH, .height = HOST_HEIGHT, .bit_depth = bit_depth};
    vkv_scorer *scorer = NULL;
    if (vkv_scorer_create(device, &params, &scorer))
        fail_msg("%s", host_last);
    return scorer;
}

static void shift_words(uint8_t *row, uint32_t shift)
{
    for (uint32_t x = 0; shift && x < HOST_WIDTH; x++) {
        const uint32_t word = (uint32_t)(row[2 * x] | row[2 * x + 1] << 8) << shift;
        row[2 * x] = (uint8_t)word;
        row[2 * x + 1] = (uint8_t)(word >> 8);
    }
}

static void fill_luma(const struct frame_case *c, uint8_t *rows, size_t stride, uint32_t frame, uint32_t picture)
{
    host_fill(rows, stride, c->bit_depth, frame, picture);
    for (uint32_t y = 0; y < HOST_HEIGHT; y++)
        shift_words(rows + y * stride, c->shift);
}

/* The use waits for what the frame counts, and counts on. */
static vkv_image_use use_of_frame(AVVkFrame *f, vkv_image *image)
{
    vkv_image_use use = use_of(image, f->layout[0]);
    use.wait = (vkv_semaphore){.handle = f->sem[0], .value = f->sem_value[0], .is_timeline = 1};
    use.signal = (vkv_semaphore){.handle = f->sem[0], .value = ++f->sem_value[0], .is_timeline = 1};
    return use;
}

/* ---- FFmpeg's own frames ---- */

static AVBufferRef *make_pool(enum AVPixelFormat pixels)
{
    AVBufferRef *pool = av_hwframe_ctx_alloc(gpu);
    AVHWFramesContext *const frames = (AVHWFramesContext *)(void *)pool->data;
    frames->format = AV_PIX_FMT_VULKAN;
    frames->sw_format = pixels;
    frames->width = HOST_WIDTH;
    frames->height = HOST_HEIGHT;
    if (av_hwframe_ctx_init(pool) < 0)
        av_buffer_unref(&pool);
    return pool;
}

static AVFrame *in_memory(const struct frame_case *c, uint32_t frame, uint32_t picture)
{
    AVFrame *const f = av_frame_alloc();
    f->format = c->pixels;
    f->width = HOST_WIDTH;
    f->height = HOST_HEIGHT;
    assert_true(av_frame_get_buffer(f, 0) >= 0);
    for (int plane = 1; plane < 3 && f->data[plane]; plane++)
        memset(f->data[plane], 0x21, (size_t)f->linesize[plane] * HOST_HEIGHT / 2);
    fill_luma(c, f->data[0], (size_t)f->linesize[0], frame, picture);
    return f;
}

static vkv_image *wrap_frame(const AVFrame *frame, const struct frame_case *c)
{
    const AVHWFramesContext *const pool = (const void *)frame->hw_frames_ctx->data;
    const AVVulkanFramesContext *const images = pool->hwctx;
    const vkv_image_params params = {.struct_size = sizeof(params),
                                     .image = ((AVVkFrame *)(void *)frame->data[0])->img[0],
#if FFMPEG_6_1
                                     .format = images->format[0],
#else
                                     .format = av_vkfmt_from_pixfmt(pool->sw_format)[0],
#endif
                                     .usage = images->usage,
                                     .width = HOST_WIDTH,
                                     .height = HOST_HEIGHT,
                                     .shift = c->shift};
    vkv_image *image = NULL;
    if (vkv_image_wrap(device, &params, &image))
        fail_msg("%s", host_last);
    return image;
}

/* FFmpeg goes on with a frame that has been read. */
static void check_frame(const AVFrame *there, const AVFrame *source, uint32_t bit_depth)
{
    AVFrame *back = av_frame_alloc();
    assert_true(av_hwframe_transfer_data(back, there, 0) >= 0);
    for (uint32_t y = 0; y < HOST_HEIGHT; y++)
        assert_memory_equal(back->data[0] + (int)y * back->linesize[0], source->data[0] + (int)y * source->linesize[0],
                            HOST_WIDTH * (bit_depth > 8 ? 2 : 1));
    av_frame_free(&back);
}

static void score_uploaded(const struct frame_case *c, AVBufferRef *pool, struct host_values *values)
{
    vkv_scorer *scorer = create_scorer(c->bit_depth);
    for (uint32_t t = 0; t < HOST_FRAMES; t++) {
        AVFrame *sources[BACK], *frames[BACK];
        vkv_image_use uses[BACK];
        for (uint32_t i = 0; i < BACK; i++) {
            sources[i] = in_memory(c, t, i);
            frames[i] = av_frame_alloc();
            assert_true(av_hwframe_get_buffer(pool, frames[i], 0) >= 0);
            assert_true(av_hwframe_transfer_data(frames[i], sources[i], 0) >= 0);
            uses[i] = use_of_frame((AVVkFrame *)(void *)frames[i]->data[0], wrap_frame(frames[i], c));
        }
        if (vkv_scorer_push_images(scorer, &uses[0], &uses[1]))
            fail_msg("%s", host_last);
        for (uint32_t i = 0; i < BACK; i++) {
            check_frame(frames[i], sources[i], c->bit_depth);
            vkv_image_release(&uses[i].image);
            av_frame_free(&frames[i]);
            av_frame_free(&sources[i]);
        }
    }
    host_pull(scorer, HOST_FRAMES, values);
    vkv_scorer_destroy(&scorer);
}

static void uploaded(void **state)
{
    static struct host_values want, got;
    uint32_t n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AVBufferRef *pool = make_pool(cases[i].pixels);
        if (!pool)
            continue;
        host_expected(cases[i].bit_depth, &want);
        score_uploaded(&cases[i], pool, &got);
        if (memcmp(&want, &got, sizeof(want)) != 0)
            fail_msg("frames of %s", av_get_pix_fmt_name(cases[i].pixels));
        av_buffer_unref(&pool);
        n++;
    }
    printf("%u of %zu formats\n", n, sizeof(cases) / sizeof(cases[0]));
    assert_true(n);
}

/* ---- frames of one image for all planes ---- */

static void score_together(const struct frame_case *c, const struct picture_kind *kind, struct host_values *values)
{
    static uint8_t rows[2 * HOST_WIDTH * HOST_HEIGHT];
    const uint32_t bytes = c->bit_depth > 8 ? 2 : 1;
    struct host_picture pictures[2];
    AVVkFrame *frames[2];
    vkv_image *images[2];
    vkv_scorer *scorer = create_scorer(c->bit_depth);
    for (uint32_t i = 0; i < 2; i++) {
        picture_create(&host, kind, &pictures[i]);
        images[i] = picture_wrap(device, &pictures[i], 0, 0);
        frames[i] = av_vk_frame_alloc();
        frames[i]->sem[0] = semaphore_create(&host, true);
        frames[i]->layout[0] = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
    }
    for (uint32_t t = 0; t < HOST_FRAMES; t++) {
        vkv_image_use uses[2];
        for (uint32_t i = 0; i < 2; i++) {
            AVVkFrame *const f = frames[i];
            const vkv_semaphore before = {.handle = f->sem[0], .value = f->sem_value[0], .is_timeline = 1};
            const vkv_semaphore after = {.handle = f->sem[0], .value = ++f->sem_value[0], .is_timeline = 1};
            fill_luma(c, rows, bytes * HOST_WIDTH, t, i);
            picture_fill(&host, &pictures[i], 0, rows, bytes, f->layout[0], &before, &after);
            uses[i] = use_of_frame(f, images[i]);
        }
        if (vkv_scorer_push_images(scorer, &uses[0], &uses[1]))
            fail_msg("%s", host_last);
    }
    host_pull(scorer, HOST_FRAMES, values);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_release(&images[i]);
        picture_destroy(&host, &pictures[i]);
        vk.DestroySemaphore(host.device, frames[i]->sem[0], NULL);
        av_free(frames[i]);
    }
}

static void together(void **state)
{
    static struct host_values want, got;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct picture_kind kind = {.format = cases[i].together,
                                          .width = HOST_WIDTH,
                                          .height = HOST_HEIGHT,
                                          .layers = 1,
                                          .aspect = VK_IMAGE_ASPECT_PLANE_0_BIT};
        if (!picture_exists(&host, &kind))
            continue;
        host_expected(cases[i].bit_depth, &want);
        score_together(&cases[i], &kind, &got);
        if (memcmp(&want, &got, sizeof(want)) != 0)
            fail_msg("images like %s", av_get_pix_fmt_name(cases[i].pixels));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(uploaded), cmocka_unit_test(together)};
    host_arguments(argc, argv);
    av_log_set_callback(on_message);
    open_gpu();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vkv_device_close(&device);
    host_use(&host);
    av_buffer_unref(&gpu);
    printf("%u validation messages, %u calls that a guest must not make\n", host_validation, host_forbidden);
    return failed || host_validation || host_forbidden;
}
