#include "output/picture.h"

#include <jpeglib.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define JPEG_QUALITY 88
/* From this height on video is taken to have the colours of BT.709, below those of BT.601. */
#define HD_HEIGHT 720
#define GREY 128

struct picture_size picture_size(const struct video_format *format)
{
    const uint32_t longest = format->width > format->height ? format->width : format->height;
    struct picture_size size = {format->width, format->height};
    if (longest > PICTURE_SIDE_MAX) {
        size.width = format->width * PICTURE_SIDE_MAX / longest;
        size.height = format->height * PICTURE_SIDE_MAX / longest;
    }
    size.width += !size.width;
    size.height += !size.height;
    return size;
}

static size_t plane_bytes(const struct video_format *format)
{
    const struct picture_size size = picture_size(format);
    return (size_t)size.width * size.height;
}

size_t picture_bytes(const struct video_format *format)
{
    return VIDEO_PLANES * plane_bytes(format);
}

static unsigned sample_at(const void *plane, size_t at, bool is_deep)
{
    return is_deep ? ((const uint16_t *)plane)[at] : ((const unsigned char *)plane)[at];
}

/* Each sample is the mean of four that lie spread over its area: the whole area would cost more than the scores. */
static void shrink_plane(const struct video_format *format, const void *plane, struct plane_size from,
                         unsigned char *picture)
{
    const struct picture_size to = picture_size(format);
    const bool is_deep = video_sample_bytes(format) > 1;
    const unsigned shift = format->bit_depth - VIDEO_DEPTH_MIN + 2, most = 255;
    uint32_t columns[PICTURE_SIDE_MAX][2];
    for (uint32_t x = 0; x < to.width; x++)
        for (uint32_t i = 0; i < 2; i++)
            columns[x][i] = (uint32_t)((uint64_t)(4 * x + 2 * i + 1) * from.width / (4 * to.width));
    for (uint32_t y = 0; y < to.height; y++) {
        const size_t upper = (size_t)((uint64_t)(4 * y + 1) * from.height / (4 * to.height)) * from.width;
        const size_t lower = (size_t)((uint64_t)(4 * y + 3) * from.height / (4 * to.height)) * from.width;
        for (uint32_t x = 0; x < to.width; x++) {
            const unsigned sum = sample_at(plane, upper + columns[x][0], is_deep) +
                                 sample_at(plane, upper + columns[x][1], is_deep) +
                                 sample_at(plane, lower + columns[x][0], is_deep) +
                                 sample_at(plane, lower + columns[x][1], is_deep);
            const unsigned mean = (sum + (1u << (shift - 1))) >> shift;
            *picture++ = (unsigned char)(mean < most ? mean : most);
        }
    }
}

void picture_take(const struct video_format *format, const struct video_frame *frame, unsigned char *picture)
{
    const size_t bytes = plane_bytes(format);
    for (unsigned plane = 0; plane < VIDEO_PLANES; plane++)
        if (frame->plane[plane])
            shrink_plane(format, frame->plane[plane], video_plane_size(format, plane), picture + plane * bytes);
        else
            memset(picture + plane * bytes, GREY, bytes);
}

static unsigned char clip_byte(double value)
{
    return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

/* One row as red, green, blue. Video that says nothing of its range is taken to have the limited one. */
static void convert_row(const struct video_format *format, const unsigned char *luma, size_t plane, uint32_t width,
                        unsigned char *row)
{
    const double red = format->height < HD_HEIGHT ? 0.299 : 0.2126, blue = format->height < HD_HEIGHT ? 0.114 : 0.0722;
    const double green = 1 - red - blue;
    const bool is_full = format->range == RANGE_FULL;
    const double black = is_full ? 0 : 16, luma_scale = is_full ? 1 : 255.0 / 219, scale = is_full ? 1 : 255.0 / 224;
    for (uint32_t x = 0; x < width; x++, luma++) {
        const double y = (*luma - black) * luma_scale;
        const double cb = (luma[plane] - GREY) * scale, cr = (luma[2 * plane] - GREY) * scale;
        const double b = y + 2 * (1 - blue) * cb, r = y + 2 * (1 - red) * cr;
        *row++ = clip_byte(r);
        *row++ = clip_byte((y - red * r - blue * b) / green);
        *row++ = clip_byte(b);
    }
}

struct jpeg_failure {
    struct jpeg_error_mgr manager;        /* first: the library hands it back */
    jmp_buf back;
};

static void jpeg_failed(j_common_ptr jpeg)
{
    longjmp(((struct jpeg_failure *)(void *)jpeg->err)->back, 1);
}

/* The library's own prints. */
static void jpeg_silent(j_common_ptr jpeg)
{
    (void)jpeg;
}

static int make_jpeg(const struct video_format *format, const unsigned char *picture, unsigned char *row,
                     unsigned char **bytes, unsigned long *n)
{
    const struct picture_size size = picture_size(format);
    struct jpeg_compress_struct jpeg;
    struct jpeg_failure failure;
    jpeg.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = jpeg_failed;
    failure.manager.output_message = jpeg_silent;
    if (setjmp(failure.back)) {
        jpeg_destroy_compress(&jpeg);
        return -1;
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, bytes, n);
    jpeg.image_width = size.width;
    jpeg.image_height = size.height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, JPEG_QUALITY, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        convert_row(format, picture + (size_t)jpeg.next_scanline * size.width, plane_bytes(format), size.width, row);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return 0;
}

static void write_base64(FILE *file, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        const size_t left = n - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? bytes[i + 2] : 0);
        fputc(digits[group >> 18], file);
        fputc(digits[group >> 12 & 63], file);
        fputc(left > 1 ? digits[group >> 6 & 63] : '=', file);
        fputc(left > 2 ? digits[group & 63] : '=', file);
    }
}

int picture_write(FILE *file, const struct video_format *format, const unsigned char *picture)
{
    unsigned char *bytes = NULL, *row = malloc(3 * (size_t)picture_size(format).width);
    unsigned long n = 0;
    const int failed = !row || make_jpeg(format, picture, row, &bytes, &n);
    if (!failed) {
        fputs("\"data:image/jpeg;base64,", file);
        write_base64(file, bytes, n);
        fputc('"', file);
    }
    free(bytes);
    free(row);
    return failed ? -1 : 0;
}
