/* The page for a browser: what is in it, and that names of any kind stay data. Argument: where to leave pages for a
 * browser to open, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/report/gallery.h"
#include "output/output.h"
#include "output/report/picture.h"

#define HOSTILE                                                                                                        \
    "a</script><script>document.title='owned'</script><!--<img src=x onerror=alert(1)>&amp;\"'\\"                      \
    "\xe2\x80\xa8\xe2\x80\xa9\xff\x01{name}"
#define WIDTH 64
#define HEIGHT 48

static char *page; /* the last one made */
static size_t page_bytes;

static void make_page(const struct score_log *log, uint32_t precision)
{
    free(page);
    FILE *file = open_memstream(&page, &page_bytes);
    assert_non_null(file);
    assert_int_equal(report_write(file, log, precision), 0);
    assert_int_equal(fclose(file), 0);
}

static int free_page(void **state)
{
    (void)state;
    free(page);
    return 0;
}

static const struct video_format format = {.width = WIDTH, .height = HEIGHT, .bit_depth = 8, .chroma = CHROMA_420};

/* Frames that have pictures; more would only take time. */
#define PICTURED 600

/* Frame t of encode i is grey of 20 + 10 i + t % 100 with red and blue of its own. */
static struct gallery *make_gallery(struct score_log *log)
{
    static unsigned char planes[1 + VKV_MAX_DISTORTED][VIDEO_PLANES][WIDTH * HEIGHT];
    struct video_format formats[1 + VKV_MAX_DISTORTED];
    for (size_t i = 0; i <= log->n_encodes; i++)
        formats[i] = format;
    struct gallery *gallery = gallery_create(formats, log->n_encodes);
    assert_non_null(gallery);
    for (size_t t = 0; t < log->n_frames && t < PICTURED; t++) {
        struct video_frame frames[1 + VKV_MAX_DISTORTED];
        double scores[VKV_MAX_DISTORTED];
        for (size_t i = 0; i <= log->n_encodes; i++)
            for (size_t plane = 0; plane < VIDEO_PLANES; plane++) {
                memset(planes[i][plane], (int)(plane ? 60 * plane : 20 + 10 * i + t % 100), WIDTH * HEIGHT);
                frames[i].plane[plane] = planes[i][plane];
            }
        for (size_t i = 0; i < log->n_encodes; i++)
            scores[i] = log->encodes[i].metrics[log->encodes[i].score].values[t];
        assert_int_equal(gallery_take(gallery, frames), 0);
        gallery_judge(gallery, scores);
    }
    return gallery;
}

static struct score_log make_log(size_t n_encodes, size_t n_frames)
{
    static const char *const names[] = {"integer_adm2", "integer_motion2", "vmaf<b>"};
    static const vkv_device_info device = {.name = "d</script>", .driver = "<!--", .form = "texel"};
    static const vkv_model_info model = {.name = "m<i>", .kind = "fr", .quant_mode = "fp32", .file = "</SCRIPT>"};
    struct score_log log = {.reference = HOSTILE,
                            .width = WIDTH,
                            .height = HEIGHT,
                            .bit_depth = 8,
                            .fps = 12.5,
                            .frame_rate = 25,
                            .n_frames = n_frames,
                            .frame_step = 1,
                            .device = &device,
                            .model = &model,
                            .n_encodes = n_encodes,
                            .encodes = calloc(n_encodes, sizeof(*log.encodes))};
    assert_non_null(log.encodes);
    for (size_t i = 0; i < n_encodes; i++) {
        log.encodes[i] = (struct encode_log){.path = i ? "b/x.mp4" : HOSTILE, .score = 2, .bitrate_kbps = 100 + 90 * i};
        for (size_t j = 0; j < 3; j++) {
            struct metric *metric = encode_add_metric(&log.encodes[i], n_frames);
            assert_non_null(metric);
            snprintf(metric->name, sizeof(metric->name), "%s", names[j]);
            for (size_t t = 0; t < n_frames; t++)
                metric->values[t] =
                    (j == 2 ? 60 + 5 * (double)i : 0.5) + sin((double)(t * (j + 1)) / 300) * (j == 2 ? 9 : 0.3);
        }
        if (n_frames > 40)
            log.encodes[i].metrics[2].values[40] = NAN;
        log.encodes[i].metrics[2].values[n_frames / 2] = 30 + (double)i;
        assert_int_equal(encode_pool(&log.encodes[i], n_frames), 0);
    }
    log.gallery = make_gallery(&log);
    return log;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

static void names_stay_data(void **state)
{
    struct score_log log = make_log(2, 60);
    (void)state;
    make_page(&log, PRECISION_LIBVMAF);
    assert_int_equal(count(page, "</script>"), 2); /* the page's own: data and program */
    assert_int_equal(count(page, "<script"), 2);
    const char *data = strstr(page, "id=\"run\">");
    assert_non_null(data);
    data += strlen("id=\"run\">");
    assert_memory_equal(data + strcspn(data, "<>&"), "</script>", strlen("</script>"));
    assert_null(strstr(page, "\xe2\x80\xa8"));
    assert_non_null(strstr(page, "\\u2028\\u2029\\ufffd\\u0001{name}"));
    assert_int_equal(count(page, "http:"), 1); /* the name of SVG */
    assert_null(strstr(page, "https:"));
    score_log_free(&log);
}

static void numbers_are_the_logs(void **state)
{
    struct score_log log = make_log(1, 60);
    (void)state;
    log.encodes[0].metrics[0].values[0] = 0x1p-26;
    for (unsigned i = 0; i < 2; i++) {
        char number[40];
        make_page(&log, i ? PRECISION_EXACT : PRECISION_LIBVMAF);
        assert_non_null(strstr(page, i ? "[1.4901161193847656e-08,0.5" : "[0.0000000149011612,0.5"));
        snprintf(number, sizeof(number), i ? ",%.17g," : ",%.6f,", log.encodes[0].metrics[2].values[58 - i]);
        assert_non_null(strstr(page, number));
        assert_non_null(strstr(page, ",null,"));
    }
    score_log_free(&log);
}

static void pictures_are_those_of_the_worst(void **state)
{
    struct score_log log = make_log(2, 60);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct worst *worst = gallery_worst(log.gallery, i);
        assert_true(worst->n > 2);
        assert_int_equal(worst->frames[0].frame, 30);
        for (size_t j = 0; j < worst->n; j++) {
            const unsigned char *reference = gallery_reference(log.gallery, i, j);
            const unsigned char *distorted = gallery_distorted(log.gallery, i, j);
            assert_int_equal(reference[0], 20 + worst->frames[j].frame % 100);
            assert_int_equal(distorted[WIDTH * HEIGHT - 1], 30 + 10 * i + worst->frames[j].frame % 100);
            assert_int_equal(distorted[WIDTH * HEIGHT], 60);
            assert_int_equal(distorted[WIDTH * HEIGHT * 3 / 2 - 1], 120);
        }
    }
    score_log_free(&log);
}

/* Every size, depth and chroma of the input gives a picture within its plane; the sanitizers watch. */
static void pictures_of_any_size(void **state)
{
    static const uint32_t sizes[][2] = {{17, 17}, {481, 33}, {33, 1001}, {960, 541}, {17, 32768}, {1, 1}};
    static const enum video_chroma chromas[] = {CHROMA_NONE, CHROMA_420, CHROMA_410,
                                                CHROMA_411,  CHROMA_440, CHROMA_444};
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t j = 0; j < sizeof(chromas) / sizeof(chromas[0]); j++)
            for (unsigned depth = 8; depth <= 16; depth += 2) {
                const struct video_format any = {
                    .width = sizes[i][0], .height = sizes[i][1], .bit_depth = depth, .chroma = chromas[j]};
                const struct picture_size size = picture_size(&any);
                struct video_frame frame = {.plane = {NULL, NULL, NULL}};
                void *planes[VIDEO_PLANES] = {NULL, NULL, NULL};
                unsigned char *picture = malloc(picture_bytes(&any));
                assert_non_null(picture);
                assert_in_range(size.width, 1, PICTURE_SIDE_MAX);
                assert_in_range(size.height, 1, PICTURE_SIDE_MAX);
                for (unsigned plane = 0; plane < (chromas[j] == CHROMA_NONE ? 1 : VIDEO_PLANES); plane++) {
                    const size_t bytes = (size_t)video_plane_bytes(&any, plane);
                    planes[plane] = malloc(bytes);
                    assert_non_null(planes[plane]);
                    memset(planes[plane], 0xff, bytes); /* also above the depth */
                    frame.plane[plane] = planes[plane];
                }
                picture_take(&any, &frame, picture);
                assert_int_equal(picture[0], 255);
                assert_int_equal(picture[picture_bytes(&any) - 1], chromas[j] == CHROMA_NONE ? 128 : 255);
                for (unsigned plane = 0; plane < VIDEO_PLANES; plane++)
                    free(planes[plane]);
                free(picture);
            }
}

static int leave_page(const char *folder, const char *name, size_t n_encodes, size_t n_frames)
{
    char path[4096];
    struct score_log log = make_log(n_encodes, n_frames);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    make_page(&log, PRECISION_LIBVMAF);
    const int failed = output_write(&(struct output_bytes){path, page, page_bytes}, 1);
    score_log_free(&log);
    return failed;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stay_data),
        cmocka_unit_test(numbers_are_the_logs),
        cmocka_unit_test(pictures_are_those_of_the_worst),
        cmocka_unit_test(pictures_of_any_size),
    };
    if (argc > 1)
        return leave_page(argv[1], "hostile.html", 10, 60) || leave_page(argv[1], "long.html", 2, 100000) ||
               free_page(NULL);
    return cmocka_run_group_tests(tests, NULL, free_page);
}
