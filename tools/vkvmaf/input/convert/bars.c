#include "input/convert/bars.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/message.h"
#include "input/reader.h"

/* A row or column whose mean is this many steps of 8 bit or less above black is a bar's. Noise of a coder does not
 * change a mean so much. */
#define BLACK_STEPS 8
/* A row's mean depends on the columns that count, and a column's on the rows. */
#define PASSES 3

static uint32_t sample_at(const unsigned char *samples, uint32_t sample_bytes, size_t at)
{
    return sample_bytes == 2 ? ((const uint16_t *)(const void *)samples)[at] : samples[at];
}

/* The plane and the greatest mean of black. */
struct plane {
    const unsigned char *luma;
    uint32_t width, sample_bytes;
    uint64_t black;
};

static bool is_black_row(const struct plane *plane, uint32_t y, const struct bars_part *part)
{
    const size_t row = (size_t)y * plane->width;
    uint64_t sum = 0;
    for (uint32_t x = part->left; x < part->right; x++)
        sum += sample_at(plane->luma, plane->sample_bytes, row + x);
    return sum <= plane->black * (part->right - part->left);
}

static bool is_black_column(const struct plane *plane, uint32_t x, const struct bars_part *part)
{
    uint64_t sum = 0;
    for (uint32_t y = part->top; y < part->bottom; y++)
        sum += sample_at(plane->luma, plane->sample_bytes, (size_t)y * plane->width + x);
    return sum <= plane->black * (part->bottom - part->top);
}

/* Takes off what is black, from outside. */
static void trim(const struct plane *plane, struct bars_part *part)
{
    while (part->top < part->bottom && is_black_row(plane, part->top, part))
        part->top++;
    while (part->top < part->bottom && is_black_row(plane, part->bottom - 1, part))
        part->bottom--;
    if (part->top == part->bottom)
        return;
    while (part->left < part->right && is_black_column(plane, part->left, part))
        part->left++;
    while (part->left < part->right && is_black_column(plane, part->right - 1, part))
        part->right--;
}

/* Rows that are black by the means of whole rows may not be by those of the columns between bars at the sides. */
static struct bars_part find(const struct plane *plane, uint32_t height)
{
    struct bars_part part = {0, 0, plane->width, height};
    for (int pass = 0; pass < PASSES && part.left < part.right; pass++) {
        part.top = 0;
        part.bottom = height;
        trim(plane, &part);
    }
    return part;
}

static void unite(struct bars_part *part, const struct bars_part *other)
{
    if (!part->right) {
        *part = *other;
        return;
    }
    part->left = other->left < part->left ? other->left : part->left;
    part->top = other->top < part->top ? other->top : part->top;
    part->right = other->right > part->right ? other->right : part->right;
    part->bottom = other->bottom > part->bottom ? other->bottom : part->bottom;
}

bool bars_add(const struct video_format *format, const unsigned char *luma, struct bars_part *part)
{
    const uint64_t step = (uint64_t)1 << (format->bit_depth - 8);
    const uint64_t black = (format->range == RANGE_FULL ? 0 : 16) + BLACK_STEPS;
    const struct plane plane = {luma, format->width, video_sample_bytes(format), black * step};
    const struct bars_part found = find(&plane, format->height);
    if (found.top >= found.bottom || found.left >= found.right)
        return false;
    unite(part, &found);
    return true;
}

static bool is_whole(const struct bars_part *part, const struct video_format *format)
{
    return !part->left && !part->top && part->right == format->width && part->bottom == format->height;
}

static int read_frames(struct reader *reader, struct bars_part *part)
{
    const uint64_t bytes = reader_frame_bytes(&reader->format, false);
    unsigned char *const luma = bytes <= SIZE_MAX ? malloc((size_t)bytes) : NULL;
    int more = luma ? 1 : reader_fail(reader, "no memory to look for bars");
    for (uint64_t i = 0; i < reader->options.skip && more > 0; i++)
        more = reader_next(reader, NULL, NULL);
    for (unsigned n = 0; n < BARS_FRAMES && more > 0 && !is_whole(part, &reader->format);) {
        more = reader_next(reader, luma, NULL);
        n += more > 0 && bars_add(&reader->format, luma, part);
    }
    free(luma);
    return more < 0 ? -1 : 0;
}

/* The part of the stored picture, as it lies in the one that is shown. */
static struct video_crop shown_part(const struct video_format *stored, const struct bars_part *part)
{
    const struct orient *const orient = &stored->orient;
    const struct bars_part ends = {part->left, part->top, stored->width - part->right, stored->height - part->bottom};
    const struct bars_part swapped = {ends.top, ends.left, ends.bottom, ends.right};
    const struct bars_part bars = orient->swapped ? swapped : ends;
    return (struct video_crop){
        .width = orient->swapped ? part->bottom - part->top : part->right - part->left,
        .height = orient->swapped ? part->right - part->left : part->bottom - part->top,
        .x = orient->mirrored_x ? bars.right : bars.left,
        .y = orient->mirrored_y ? bars.bottom : bars.top,
    };
}

static int find_in(struct reader *reader, const char *path, const struct video_options *options, bool is_turned,
                   struct video_crop *part)
{
    struct bars_part found = {0, 0, 0, 0};
    if (reader_open(reader, path, options) || read_frames(reader, &found)) {
        message_line("%s", reader->error);
        return -1;
    }
    if (!is_turned)
        reader->format.orient = (struct orient){.swapped = false};
    *part = (struct video_crop){.width = 0};
    if (found.right && !is_whole(&found, &reader->format))
        *part = shown_part(&reader->format, &found);
    return 0;
}

int bars_find(const char *path, const struct video_options *options, bool is_turned, struct video_crop *part)
{
    struct video_options luma_only = *options;
    struct stat st;
    luma_only.chroma = false;
    if (source_is_stdin(path) || (!stat(path, &st) && !S_ISREG(st.st_mode))) {
        message_line("%s: is no regular file, and an automatic crop has to read its beginning twice", path);
        return -1;
    }
    struct reader *const reader = calloc(1, sizeof(*reader));
    if (!reader)
        return message_no_memory("to look for bars");
    const int failed = find_in(reader, path, &luma_only, is_turned, part);
    reader_close(reader);
    free(reader);
    return failed;
}
