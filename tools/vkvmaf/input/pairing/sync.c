#include "input/pairing/sync.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/message.h"
#include "input/reader.h"

/* A video that is read part by part; two parts are compared at a time, after the first one. */
struct track {
    const struct sync_video *video;
    struct reader reader;
    unsigned char *luma;
    float (*frames)[GRID];
    size_t part, n;
    /* Counting in steps of time: how many there are, the frame that is shown, and the next one that will be. */
    uint64_t steps, next_step;
    float last[GRID], next[GRID];
    bool has_next, is_over;
    bool has_ended;
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

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static int no_memory(void)
{
    return message_no_memory("to look for an offset");
}

static int open_track(struct track *track, const struct sync_video *video, size_t part)
{
    struct video_options luma_only = *video->options;
    luma_only.chroma = false;
    *track = (struct track){.video = video, .part = part};
    if (reader_open(&track->reader, video->path, &luma_only)) {
        message_line("%s", track->reader.error);
        return -1;
    }
    const uint64_t bytes = reader_frame_bytes(&track->reader.format, false);
    track->luma = bytes <= SIZE_MAX ? malloc((size_t)bytes) : NULL;
    track->frames = part <= SIZE_MAX / 2 / sizeof(*track->frames) ? malloc(2 * part * sizeof(*track->frames)) : NULL;
    if (!track->luma || !track->frames)
        return no_memory();
    int more = 1;
    for (uint64_t i = 0; i < video->skip && more > 0; i++)
        more = reader_next(&track->reader, NULL, NULL);
    if (more < 0)
        message_line("%s", track->reader.error);
    track->has_ended = !more;
    return more < 0 ? -1 : 0;
}

static void close_track(struct track *track)
{
    reader_close(&track->reader);
    free(track->luma);
    free(track->frames);
}

/* Returns as reader_next, after a message. */
static int read_grid(struct track *track, float grid[GRID])
{
    struct reader *const reader = &track->reader;
    const int more = reader_next(reader, track->luma, NULL);
    if (more < 0)
        message_line("%s", reader->error);
    if (more > 0)
        reduce(&reader->format, track->luma, grid);
    return more;
}

/* The step at which the frame that was just read is shown; not beyond the part that is read, whatever stamps say. */
static uint64_t step_of(const struct track *track)
{
    const struct sync_video *const video = track->video;
    const uint64_t frame = track->reader.frame - 1, most = track->steps + track->part;
    if (frame >= video->index->n)
        return track->steps;
    const double at = (double)video->index->stamps[frame] * video->index->unit - video->begin;
    const double step = floor(at / video->step + 0.5);
    return step > (double)most ? most : step > 0 ? (uint64_t)step : 0;
}

/* Adds the picture that a screen shows one step later: the last of the frames whose time has come. */
static int add_shown(struct track *track)
{
    if (track->is_over)
        return 0;
    while (!track->is_over && track->next_step <= track->steps) {
        if (track->has_next)
            memcpy(track->last, track->next, sizeof(track->last));
        const int more = read_grid(track, track->next);
        if (more < 0)
            return -1;
        track->is_over = !more;
        if (more)
            track->next_step = step_of(track);
        if (track->is_over && !track->has_next)
            return 0;
        track->has_next = true;
    }
    memcpy(track->frames[track->n++], track->last, sizeof(track->last));
    track->steps++;
    return 1;
}

static int add_frame(struct track *track)
{
    if (track->video->step > 0)
        return add_shown(track);
    const int more = read_grid(track, track->frames[track->n]);
    track->n += more > 0;
    return more;
}

/* Reads a part more, behind the last one. */
static int advance(struct track *track)
{
    if (track->n == 2 * track->part) {
        memmove(track->frames, track->frames + track->part, track->part * sizeof(*track->frames));
        track->n = track->part;
    }
    const size_t end = track->n + track->part;
    int more = 1;
    while (track->n < end && !track->has_ended && more > 0) {
        more = add_frame(track);
        track->has_ended = !more;
    }
    return more < 0 ? -1 : 0;
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

/* ---- the offset -------------------------------------------------------------------------------------------------- */

static int check_found(const char *path, const struct offset *found, uint32_t most)
{
    if (found->late >= -(int64_t)most && found->late <= (int64_t)most)
        return 0;
    message_line("%s: no offset up to %" PRIu32 " frames fits; it may be greater: --sync=N looks further", path, most);
    return -1;
}

static int cannot_tell(const struct track *ref, const struct track *dist, uint32_t most)
{
    message_line("%s: cannot tell by how many frames it is late or early against %s: no offset up to %" PRIu32
                 " fits clearly better than others, as where nothing moves or all repeats; --offset-ref and "
                 "--offset-dist give it by hand",
                 dist->video->path, ref->video->path, most);
    return -1;
}

/* Part by part, until one tells. */
static int search(struct track *ref, struct track *dist, uint32_t most, struct offset *found)
{
    for (;;) {
        if (advance(ref) || advance(dist))
            return -1;
        const int verdict =
            ref->n && dist->n ? offset_find(ref->frames, ref->n, dist->frames, dist->n, most, found) : 0;
        if (verdict < 0)
            return no_memory();
        if (verdict)
            return check_found(dist->video->path, found, most);
        if (ref->has_ended || dist->has_ended)
            return cannot_tell(ref, dist, most);
    }
}

int sync_find(const struct sync_video *ref, const struct sync_video *dist, uint32_t most, struct offset *found)
{
    struct track *const tracks = calloc(2, sizeof(*tracks));
    const size_t part = (size_t)most + 1 + OFFSET_COMPARED;
    if (!tracks)
        return no_memory();
    const int failed = open_track(&tracks[0], ref, part) || open_track(&tracks[1], dist, part) ||
                       search(&tracks[0], &tracks[1], most, found);
    close_track(&tracks[0]);
    close_track(&tracks[1]);
    free(tracks);
    return failed ? -1 : 0;
}
