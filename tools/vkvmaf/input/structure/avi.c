/* AVI: chunks and lists, and its index. */
#include <inttypes.h>
#include <string.h>

#include "input/structure/structure.h"

#define HEADER 8u
#define DEPTH_MAX 4
#define ENTRIES 256

struct chunk {
    unsigned char tag[4], kind[4]; /* kind: of a list */
    uint64_t body, end;            /* without the byte that makes it even; beyond the file where that is cut */
    bool is_list;
};

struct avi {
    const struct view *view;
    unsigned char video[2]; /* digits of the stream */
    uint64_t n_chunks;      /* chunks of the video, in the first part */
    uint64_t n_filled;      /* chunks of the video that hold something */
    bool is_first;
};

/* Sizes that were never filled in, of a recording without an end. */
static bool is_open(uint32_t size)
{
    return !size || size == UINT32_MAX;
}

static bool read_chunk(const struct view *view, uint64_t at, uint64_t end, struct chunk *chunk)
{
    unsigned char head[12] = {0};
    if (end - at < HEADER || !view_bytes(view, at, head, HEADER))
        return false;
    memcpy(chunk->tag, head, 4);
    chunk->is_list = (!memcmp(head, "RIFF", 4) || !memcmp(head, "LIST", 4)) && view_bytes(view, at, head, 12);
    memcpy(chunk->kind, head + 8, 4);
    const uint32_t size = le32(head + 4);
    chunk->body = at + HEADER;
    chunk->end = chunk->is_list && is_open(size) ? view->size : chunk->body + size;
    return true;
}

static uint64_t after(const struct chunk *chunk)
{
    return chunk->end + (chunk->end - chunk->body) % 2;
}

/* "00dc", "00db": pictures. */
static bool is_picture(const struct avi *avi, const unsigned char *tag)
{
    return !memcmp(tag, avi->video, 2) && tag[2] == 'd' && (tag[3] == 'c' || tag[3] == 'b');
}

static void read_pictures(struct avi *avi, uint64_t at, uint64_t end)
{
    struct chunk chunk;
    while (at < end && read_chunk(avi->view, at, end, &chunk)) {
        if (chunk.end > end) {
            view_damaged(avi->view, "ends inside a chunk that begins at byte %" PRIu64, at);
            return;
        }
        if (chunk.is_list && !memcmp(chunk.kind, "rec ", 4)) {
            at = chunk.body + 4;
            continue;
        }
        if (is_picture(avi, chunk.tag)) {
            avi->n_chunks += avi->is_first;
            avi->n_filled += chunk.end > chunk.body;
        }
        at = after(&chunk);
    }
}

/* A list of headers holds whole chunks. */
static void read_headers(const struct avi *avi, uint64_t at, uint64_t end, unsigned depth)
{
    struct chunk chunk;
    while (at < end && read_chunk(avi->view, at, end, &chunk)) {
        if (chunk.end > end) {
            view_damaged(avi->view, "has a chunk at byte %" PRIu64 " that is longer than what it lies in", at);
            return;
        }
        if (chunk.is_list && depth < DEPTH_MAX)
            read_headers(avi, chunk.body + 4, chunk.end, depth + 1);
        at = after(&chunk);
    }
}

static void read_index(const struct avi *avi, const struct chunk *chunk)
{
    unsigned char entries[16 * ENTRIES];
    uint64_t n = 0;
    for (uint64_t at = chunk->body; at + 16 <= chunk->end;) {
        const uint64_t left = (chunk->end - at) / 16;
        const size_t taken = left < ENTRIES ? (size_t)left : ENTRIES;
        if (!view_bytes(avi->view, at, entries, taken * 16))
            break;
        for (size_t i = 0; i < taken; i++)
            n += is_picture(avi, entries + 16 * i);
        at += taken * 16;
    }
    if (n > avi->n_chunks)
        view_damaged(avi->view, "has %" PRIu64 " pictures, its index speaks of %" PRIu64, avi->n_chunks, n);
}

static void read_part(struct avi *avi, uint64_t at, uint64_t end)
{
    struct chunk chunk;
    while (at < end && !*avi->view->structure->why && read_chunk(avi->view, at, end, &chunk)) {
        const bool is_pictures = chunk.is_list && !memcmp(chunk.kind, "movi", 4);
        if (chunk.end > end && !is_pictures) {
            view_damaged(avi->view, "ends inside a chunk that begins at byte %" PRIu64, at);
            return;
        }
        if (is_pictures)
            read_pictures(avi, chunk.body + 4, chunk.end < end ? chunk.end : end);
        else if (chunk.is_list && !memcmp(chunk.kind, "hdrl", 4))
            read_headers(avi, chunk.body + 4, chunk.end, 0);
        else if (!memcmp(chunk.tag, "idx1", 4) && avi->is_first)
            read_index(avi, &chunk);
        at = after(&chunk);
    }
}

bool avi_read(const struct view *view, const struct structure_stream *stream)
{
    struct avi avi = {.view = view, .video = {'0', '0'}, .is_first = true};
    struct chunk chunk;
    uint64_t at = 0;
    avi.video[0] = (unsigned char)('0' + stream->index / 10 % 10);
    avi.video[1] = (unsigned char)('0' + stream->index % 10);
    while (at < view->size && read_chunk(view, at, view->size, &chunk) && !memcmp(chunk.tag, "RIFF", 4)) {
        if (chunk.end > view->size)
            view_damaged(view, "is cut: %" PRIu64 " bytes, its list is to end at %" PRIu64, view->size, chunk.end);
        else
            read_part(&avi, chunk.body + 4, chunk.end);
        avi.is_first = false;
        at = after(&chunk);
    }
    view->structure->n_packets = avi.n_filled;
    return !avi.is_first;
}
