#include "output/report/picture.h"

#include <jpeglib.h>
#include <limits.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define JPEG_QUALITY 88
/* Video of this height and above is taken to have the colours of BT.709, other video those of BT.601. */
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

/* The size of a plane: chroma has half the width and height. */
static struct picture_size plane_size(const struct video_format *format, unsigned plane)
{
    const struct picture_size luma = picture_size(format);
    return plane ? (struct picture_size){(luma.width + 1) / 2, (luma.height + 1) / 2} : luma;
}

static size_t plane_start(const struct video_format *format, unsigned plane)
{
    size_t start = 0;
    for (unsigned i = 0; i < plane; i++)
        start += (size_t)plane_size(format, i).width * plane_size(format, i).height;
    return start;
}

size_t picture_bytes(const struct video_format *format)
{
    return plane_start(format, VIDEO_PLANES);
}

/* The four samples of a plane that make one of a picture: they lie spread over its area. All of the area would cost
 * more than the scores. */
struct columns {
    uint32_t left[PICTURE_SIDE_MAX], right[PICTURE_SIDE_MAX];
};

/* The sample of `from` at the `quarter`th quarter of the `at`th of `to` parts. */
static uint32_t spread(uint32_t at, uint32_t to, uint32_t from, uint32_t quarter)
{
    return (uint32_t)((4 * (uint64_t)at + quarter) * from / (4 * (uint64_t)to));
}

static void shrink_row_8(const unsigned char *upper, const unsigned char *lower, const struct columns *columns,
                         uint32_t width, unsigned char *row)
{
    for (uint32_t x = 0; x < width; x++) {
        const uint32_t left = columns->left[x], right = columns->right[x];
        row[x] = (unsigned char)((upper[left] + upper[right] + lower[left] + lower[right] + 2) >> 2);
    }
}

static void shrink_row_16(const uint16_t *upper, const uint16_t *lower, const struct columns *columns, uint32_t width,
                          unsigned excess_bits, unsigned char *row)
{
    for (uint32_t x = 0; x < width; x++) {
        const uint32_t left = columns->left[x], right = columns->right[x];
        const uint32_t mean = ((uint32_t)upper[left] + upper[right] + lower[left] + lower[right]) >> (2 + excess_bits);
        row[x] = (unsigned char)(mean < UCHAR_MAX ? mean : UCHAR_MAX);
    }
}

static void shrink_plane(const struct video_format *format, const void *samples, unsigned plane, unsigned char *picture)
{
    const struct plane_size from = video_plane_size(format, plane);
    const struct picture_size to = plane_size(format, plane);
    struct columns columns;
    for (uint32_t x = 0; x < to.width; x++) {
        columns.left[x] = spread(x, to.width, from.width, 1);
        columns.right[x] = spread(x, to.width, from.width, 3);
    }
    for (uint32_t y = 0; y < to.height; y++, picture += to.width) {
        const size_t upper = (size_t)spread(y, to.height, from.height, 1) * from.width;
        const size_t lower = (size_t)spread(y, to.height, from.height, 3) * from.width;
        if (video_sample_bytes(format) == 1)
            shrink_row_8((const unsigned char *)samples + upper, (const unsigned char *)samples + lower, &columns,
                         to.width, picture);
        else
            shrink_row_16((const uint16_t *)samples + upper, (const uint16_t *)samples + lower, &columns, to.width,
                          format->bit_depth - VIDEO_DEPTH_MIN, picture);
    }
}

void picture_take(const struct video_format *format, const struct video_frame *frame, unsigned char *picture)
{
    for (unsigned plane = 0; plane < VIDEO_PLANES; plane++) {
        unsigned char *const start = picture + plane_start(format, plane);
        if (frame->plane[plane])
            shrink_plane(format, frame->plane[plane], plane, start);
        else
            memset(start, GREY, plane_start(format, plane + 1) - plane_start(format, plane));
    }
}

static unsigned char clip_byte(double value)
{
    return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

/* One row as red, green, blue. Video that says nothing of its range is taken to have the limited one. */
static void convert_row(const struct video_format *format, const unsigned char *picture, uint32_t y_at,
                        unsigned char *row)
{
    const size_t width = picture_size(format).width, chroma_at = (size_t)(y_at / 2) * plane_size(format, 1).width;
    const unsigned char *const luma = picture + y_at * width;
    const unsigned char *const blues = picture + plane_start(format, 1) + chroma_at;
    const unsigned char *const reds = picture + plane_start(format, 2) + chroma_at;
    const double red = format->height < HD_HEIGHT ? 0.299 : 0.2126, blue = format->height < HD_HEIGHT ? 0.114 : 0.0722;
    const double green = 1 - red - blue;
    const bool is_full = format->range == RANGE_FULL;
    const double black = is_full ? 0 : 16, luma_scale = is_full ? 1 : 255.0 / 219, scale = is_full ? 1 : 255.0 / 224;
    for (size_t x = 0; x < width; x++) {
        const double y = (luma[x] - black) * luma_scale;
        const double cb = (blues[x / 2] - GREY) * scale, cr = (reds[x / 2] - GREY) * scale;
        const double b = y + 2 * (1 - blue) * cb, r = y + 2 * (1 - red) * cr;
        *row++ = clip_byte(r);
        *row++ = clip_byte((y - red * r - blue * b) / green);
        *row++ = clip_byte(b);
    }
}

struct jpeg_failure {
    struct jpeg_error_mgr manager; /* first: the library hands it back */
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
        convert_row(format, picture, jpeg.next_scanline, row);
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
        const uint32_t group =
            (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
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
