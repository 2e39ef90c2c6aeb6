/* MP4 and QuickTime: boxes, and the tables that say where each sample of the video lies. */
#include <inttypes.h>
#include <string.h>

#include "input/structure/structure.h"

#define CURSOR_BYTES 4096

struct box {
    uint32_t type;
    uint64_t body, end; /* end is beyond the file where that is cut */
};

/* A table that is read from front to back. */
struct cursor {
    const struct view *view;
    uint64_t next, end;
    size_t at, filled;
    unsigned char bytes[CURSOR_BYTES];
};

struct track {
    struct box stsz, stsc, stco;
    bool is_compact, is_long; /* stz2, co64 */
    struct box stts;
};

#define BOX(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* The box at `at`, not beyond `end`. False: none can be there. */
static bool read_box(const struct view *view, uint64_t at, uint64_t end, struct box *box)
{
    unsigned char head[16];
    if (end - at < 8 || !view_bytes(view, at, head, 8))
        return false;
    uint64_t size = be32(head), head_bytes = 8;
    if (size == 1) {
        if (end - at < 16 || !view_bytes(view, at, head, 16))
            return false;
        size = be64(head + 8);
        head_bytes = 16;
    }
    box->type = be32(head + 4);
    if (!size)
        size = end - at;
    if (size < head_bytes || size > UINT64_MAX - at)
        return false;
    box->body = at + head_bytes;
    box->end = at + size;
    return true;
}

/* The first child of that type, from *at on, which moves behind it. */
static bool next_child(const struct view *view, const struct box *parent, uint32_t type, uint64_t *at,
                       struct box *child)
{
    while (*at < parent->end && read_box(view, *at, parent->end, child) && child->end <= parent->end) {
        *at = child->end;
        if (child->type == type)
            return true;
    }
    return false;
}

static bool find_child(const struct view *view, const struct box *parent, uint32_t type, struct box *child)
{
    uint64_t at = parent->body;
    return next_child(view, parent, type, &at, child);
}

static struct cursor cursor_at(const struct view *view, uint64_t at, uint64_t end)
{
    return (struct cursor){.view = view, .next = at, .end = end < view->size ? end : view->size};
}

/* The next `n` (<= 8) bytes as a number; false at the end. */
static bool take(struct cursor *cursor, unsigned n, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < n; i++) {
        if (cursor->at == cursor->filled) {
            const uint64_t left = cursor->end - cursor->next;
            cursor->filled = left < CURSOR_BYTES ? (size_t)left : CURSOR_BYTES;
            cursor->at = 0;
            if (!cursor->filled || !view_bytes(cursor->view, cursor->next, cursor->bytes, cursor->filled))
                return false;
            cursor->next += cursor->filled;
        }
        *value = *value << 8 | cursor->bytes[cursor->at++];
    }
    return true;
}

static bool track_has_id(const struct view *view, const struct box *trak, int id)
{
    struct box tkhd;
    unsigned char bytes[24];
    if (!find_child(view, trak, BOX('t', 'k', 'h', 'd'), &tkhd) || tkhd.end - tkhd.body < 24 ||
        !view_bytes(view, tkhd.body, bytes, 24))
        return false;
    return be32(bytes + (bytes[0] == 1 ? 20 : 12)) == (uint32_t)id;
}

static bool find_track(const struct view *view, const struct box *moov, int id, struct track *track)
{
    struct box trak, mdia, minf, stbl;
    uint64_t at = moov->body;
    do
        if (!next_child(view, moov, BOX('t', 'r', 'a', 'k'), &at, &trak))
            return false;
    while (!track_has_id(view, &trak, id));
    if (!find_child(view, &trak, BOX('m', 'd', 'i', 'a'), &mdia) ||
        !find_child(view, &mdia, BOX('m', 'i', 'n', 'f'), &minf) ||
        !find_child(view, &minf, BOX('s', 't', 'b', 'l'), &stbl))
        return false;
    track->is_compact = !find_child(view, &stbl, BOX('s', 't', 's', 'z'), &track->stsz);
    track->is_long = !find_child(view, &stbl, BOX('s', 't', 'c', 'o'), &track->stco);
    return (!track->is_compact || find_child(view, &stbl, BOX('s', 't', 'z', '2'), &track->stsz)) &&
           (!track->is_long || find_child(view, &stbl, BOX('c', 'o', '6', '4'), &track->stco)) &&
           find_child(view, &stbl, BOX('s', 't', 's', 'c'), &track->stsc) &&
           find_child(view, &stbl, BOX('s', 't', 't', 's'), &track->stts);
}

/* The sizes of samples, one after the other. */
struct sizes {
    struct cursor cursor;
    uint64_t n, taken;
    uint32_t same; /* 0: each has its own */
    unsigned bits;
    unsigned half; /* the second of two halves of a byte */
    bool has_half;
};

static bool open_sizes(const struct view *view, const struct track *track, struct sizes *sizes)
{
    unsigned char head[12];
    if (track->stsz.end - track->stsz.body < 12 || !view_bytes(view, track->stsz.body, head, 12))
        return false;
    *sizes = (struct sizes){.cursor = cursor_at(view, track->stsz.body + 12, track->stsz.end),
                            .n = be32(head + 8),
                            .same = track->is_compact ? 0 : be32(head + 4),
                            .bits = track->is_compact ? head[7] : 32};
    return sizes->bits == 4 || !(sizes->bits % 8 || !sizes->bits || sizes->bits > 32);
}

static bool next_size(struct sizes *sizes, uint64_t *size)
{
    *size = sizes->same;
    sizes->taken++;
    if (sizes->same)
        return true;
    if (sizes->bits != 4)
        return take(&sizes->cursor, sizes->bits / 8, size);
    if (!sizes->has_half && !take(&sizes->cursor, 1, size))
        return false;
    const uint64_t byte = *size;
    *size = sizes->has_half ? sizes->half : byte >> 4;
    sizes->half = byte & 15;
    sizes->has_half = !sizes->has_half;
    return true;
}

/* How many samples a chunk has: runs of chunks, each from a first one to that of the next run. */
struct runs {
    struct cursor cursor;
    uint64_t left;             /* runs that have not been taken */
    uint64_t next_first, next; /* first chunk and place of the run after this one */
    uint64_t samples;          /* samples of a chunk in this run */
};

static bool next_run(struct runs *runs)
{
    uint64_t description;
    runs->samples = runs->next;
    runs->next_first = UINT64_MAX;
    if (!runs->left)
        return true;
    runs->left--;
    return take(&runs->cursor, 4, &runs->next_first) && take(&runs->cursor, 4, &runs->next) &&
           take(&runs->cursor, 4, &description);
}

static bool open_runs(const struct view *view, const struct box *stsc, struct runs *runs)
{
    *runs = (struct runs){.cursor = cursor_at(view, stsc->body + 4, stsc->end)};
    return take(&runs->cursor, 4, &runs->left) && next_run(runs);
}

/* Finds the end of a chunk's samples, and that they are there. False when a table ends. */
static bool read_chunk(struct sizes *sizes, uint64_t samples, uint64_t *end)
{
    for (uint64_t i = 0; i < samples && sizes->taken < sizes->n; i++) {
        uint64_t size;
        if (!next_size(sizes, &size))
            return false;
        *end = size > UINT64_MAX - *end ? UINT64_MAX : *end + size;
        if (sizes->same && *end > sizes->cursor.view->size)
            sizes->taken = sizes->n; /* a hostile count: the end is known */
    }
    return true;
}

static void check_end(const struct view *view, uint64_t last)
{
    if (last > view->size)
        view_damaged(view, "is cut: %" PRIu64 " bytes, its index speaks of %" PRIu64, view->size, last);
}

/* The chunks hold all samples, and lie in the file. */
static void check_chunks(const struct view *view, const struct track *track, struct sizes *sizes)
{
    struct runs runs = {.left = 0};
    struct cursor offsets = cursor_at(view, track->stco.body + 4, track->stco.end);
    uint64_t n_chunks = 0, last = 0, offset = 0, room = 0, chunk = 0;
    bool is_whole = take(&offsets, 4, &n_chunks) && open_runs(view, &track->stsc, &runs);
    for (; chunk < n_chunks && is_whole; chunk++) {
        while (is_whole && chunk + 1 >= runs.next_first)
            is_whole = next_run(&runs);
        if (!is_whole || !take(&offsets, track->is_long ? 8 : 4, &offset))
            break;
        room += runs.samples;
        is_whole = read_chunk(sizes, runs.samples, &offset);
        last = offset > last ? offset : last;
    }
    check_end(view, last);
    if (!is_whole || chunk < n_chunks || room < sizes->n || (room && room - sizes->n >= runs.samples))
        view_damaged(view, "its tables of samples disagree: %" PRIu64 " samples, chunks for %" PRIu64, sizes->n, room);
}

/* The table of durations counts the samples a second time. */
static void check_times(const struct view *view, const struct track *track, uint64_t n_samples)
{
    struct cursor cursor = cursor_at(view, track->stts.body + 4, track->stts.end);
    uint64_t n = 0, count = 0, duration = 0, sum = 0;
    if (!take(&cursor, 4, &n))
        return;
    while (n-- && take(&cursor, 4, &count) && take(&cursor, 4, &duration))
        sum += count;
    if (sum != n_samples)
        view_damaged(view, "its tables of samples disagree: %" PRIu64 " samples, times for %" PRIu64, n_samples, sum);
}

static bool read_tables(const struct view *view, const struct track *track)
{
    struct sizes sizes;
    if (!open_sizes(view, track, &sizes))
        return false;
    view->structure->n_packets = sizes.n;
    check_times(view, track, sizes.n);
    check_chunks(view, track, &sizes);
    return true;
}

bool mp4_read(const struct view *view, const struct structure_stream *stream)
{
    struct box box, moov = {0, 0, 0}, extends;
    struct track track;
    uint64_t at = 0;
    bool is_cut = false;
    while (at < view->padding && !is_cut && read_box(view, at, view->size, &box)) {
        if (box.type == BOX('m', 'o', 'o', 'v') && !moov.end)
            moov = box;
        is_cut = box.end > view->size && box.type != BOX('f', 'r', 'e', 'e') && box.type != BOX('s', 'k', 'i', 'p');
        at = box.end;
    }
    if (!moov.end)
        return false;
    if (moov.end > view->size)
        moov.end = view->size;
    const bool has_fragments = find_child(view, &moov, BOX('m', 'v', 'e', 'x'), &extends);
    if (has_fragments && is_cut)
        view_damaged(view, "is cut: %" PRIu64 " bytes, its last box is to end at %" PRIu64, view->size, box.end);
    if (!find_track(view, &moov, stream->id, &track) || !read_tables(view, &track))
        return has_fragments;
    if (has_fragments)
        view->structure->n_packets = 0;
    return true;
}
