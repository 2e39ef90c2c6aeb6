#include "input/sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input/reader.h"
#include "common/message.h"

/* A frame becomes the means of this many blocks, so that size, depth and coding noise do not matter. */
#define GRID_WIDTH 32
#define GRID_HEIGHT 18
#define GRID (GRID_WIDTH * GRID_HEIGHT)
/* Frames that meet at every offset at least, where the videos have as many. All that meet are compared. */
#define COMPARED 64
/* An offset must leave this share of the error or less: a still picture fits at every offset. */
#define CLEARLY_BETTER 0.5

struct beginning {
    size_t n_frames;
    float (*frames)[GRID];
};

static double sum_row(const unsigned char *row, uint32_t sample_bytes, uint32_t from, uint32_t to)
{
    uint64_t sum = 0;
    for (uint32_t x = from; x < to; x++)
        sum += sample_bytes == 2 ? ((const uint16_t *)(const void *)row)[x] : row[x];
    return (double)sum;
}

/* Block means, on the scale of 8 bit. Blocks are of one sample at least: pictures are not smaller than 17x17. */
static void reduce(const struct video_format *format, const unsigned char *luma, float grid[GRID])
{
    const uint32_t sample_bytes = video_sample_bytes(format);
    const double scale = 1.0 / (double)(1u << (format->bit_depth - 8));
    for (uint32_t by = 0; by < GRID_HEIGHT; by++)
        for (uint32_t bx = 0; bx < GRID_WIDTH; bx++) {
            const uint32_t x0 = (uint32_t)((uint64_t)format->width * bx / GRID_WIDTH);
            const uint32_t y0 = (uint32_t)((uint64_t)format->height * by / GRID_HEIGHT);
            uint32_t x1 = (uint32_t)((uint64_t)format->width * (bx + 1) / GRID_WIDTH);
            uint32_t y1 = (uint32_t)((uint64_t)format->height * (by + 1) / GRID_HEIGHT);
            double sum = 0;
            x1 += x1 == x0;
            y1 += y1 == y0;
            for (uint32_t y = y0; y < y1; y++)
                sum += sum_row(luma + (size_t)y * format->width * sample_bytes, sample_bytes, x0, x1);
            grid[by * GRID_WIDTH + bx] = (float)(sum * scale / ((double)(x1 - x0) * (double)(y1 - y0)));
        }
}

static int read_frames(struct reader *reader, uint64_t skip, size_t n, struct beginning *beginning)
{
    const uint64_t bytes = reader_frame_bytes(&reader->format, false);
    unsigned char *const luma = bytes <= SIZE_MAX ? malloc((size_t)bytes) : NULL;
    int more = 1;
    beginning->frames = calloc(n, sizeof(*beginning->frames));
    if (!luma || !beginning->frames)
        more = reader_fail(reader, "no memory to look for its offset");
    for (uint64_t i = 0; i < skip && more > 0; i++)
        more = reader_next(reader, NULL, NULL);
    while (more > 0 && beginning->n_frames < n) {
        more = reader_next(reader, luma, NULL);
        if (more > 0)
            reduce(&reader->format, luma, beginning->frames[beginning->n_frames++]);
    }
    free(luma);
    if (more >= 0 && !beginning->n_frames)
        more = reader_fail(reader, "has no frame to look for an offset");
    return more < 0 ? -1 : 0;
}

static int read_beginning(const char *path, const struct video_options *options, uint64_t skip, size_t n,
                          struct beginning *beginning)
{
    struct reader *const reader = calloc(1, sizeof(*reader));
    struct video_options luma_only = *options;
    luma_only.chroma = false;
    if (!reader) {
        message_line("no memory to look for an offset");
        return -1;
    }
    const int failed = reader_open(reader, path, &luma_only) || read_frames(reader, skip, n, beginning);
    if (failed)
        message_line("%s", reader->error);
    reader_close(reader);
    free(reader);
    return failed ? -1 : 0;
}

int sync_check(const char *const *paths, unsigned n)
{
    struct stat st;
    for (unsigned i = 0; i < n; i++)
        if (!strcmp(paths[i], "-") || (!stat(paths[i], &st) && !S_ISREG(st.st_mode))) {
            message_line("%s: is no regular file, and --sync has to read the beginning twice", paths[i]);
            return -1;
        }
    return 0;
}

/* Mean square difference with `dist` moved by `late` frames; negative when too few frames meet. */
static double error_at(const struct beginning *ref, const struct beginning *dist, int64_t late)
{
    const size_t skip_ref = late < 0 ? (size_t)-late : 0, skip_dist = late > 0 ? (size_t)late : 0;
    const size_t shorter = ref->n_frames < dist->n_frames ? ref->n_frames : dist->n_frames;
    const size_t least = (shorter + 1) / 2 < COMPARED ? (shorter + 1) / 2 : COMPARED;
    double sum = 0;
    if (ref->n_frames < skip_ref + least || dist->n_frames < skip_dist + least)
        return -1;
    const size_t left_ref = ref->n_frames - skip_ref, left_dist = dist->n_frames - skip_dist;
    const size_t n = left_ref < left_dist ? left_ref : left_dist;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < GRID; j++) {
            const double difference = (double)ref->frames[skip_ref + i][j] - (double)dist->frames[skip_dist + i][j];
            sum += difference * difference;
        }
    return sum / (double)n / GRID;
}

/* The smallest offset of those that fit best; one beyond `most` is tried, too, which then says that none fits. */
static struct sync_result best_offset(const struct beginning *ref, const struct beginning *dist, uint32_t most)
{
    struct sync_result best = {0, error_at(ref, dist, 0), 0};
    best.error_unmoved = best.error;
    for (int64_t distance = 1; distance <= (int64_t)most + 1; distance++)
        for (int sign = 1; sign >= -1; sign -= 2) {
            const double error = error_at(ref, dist, sign * distance);
            if (error >= 0 && error < best.error && error < CLEARLY_BETTER * best.error_unmoved) {
                best.late = sign * distance;
                best.error = error;
            }
        }
    return best;
}

static int check_found(const char *path, const struct sync_result *found, uint32_t most)
{
    if (found->late >= -(int64_t)most && found->late <= (int64_t)most)
        return 0;
    message_line("%s: no offset up to %" PRIu32 " frames fits; it may be greater: --sync=N looks further", path, most);
    return -1;
}

int sync_find(const char *const *paths, const struct video_options *options, const uint64_t *skip, unsigned n,
              uint32_t most, struct sync_result *results)
{
    const size_t n_frames = (size_t)most + 1 + COMPARED;
    struct beginning ref = {0, NULL};
    int failed = read_beginning(paths[0], &options[0], skip[0], n_frames, &ref);
    for (unsigned i = 1; i < n && !failed; i++) {
        struct beginning dist = {0, NULL};
        failed = read_beginning(paths[i], &options[i], skip[i], n_frames, &dist);
        if (!failed) {
            results[i] = best_offset(&ref, &dist, most);
            failed = check_found(paths[i], &results[i], most);
        }
        free(dist.frames);
    }
    free(ref.frames);
    return failed;
}
