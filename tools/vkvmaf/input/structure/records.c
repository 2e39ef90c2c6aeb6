/* Containers that are one record after the other: IVF, FLV, MXF, AV1's units, Ogg, DV; and the end of NUT. */
#include <inttypes.h>
#include <string.h>

#include "input/structure/structure.h"

/* Whether a record may begin there: before the end and what fills the file up. */
static bool has_more(const struct view *view, uint64_t at)
{
    view->structure->end = at < view->size ? at : view->size;
    return at < view->padding;
}

static void ends_inside(const struct view *view, const char *what, uint64_t at)
{
    view_damaged(view, "ends inside a %s that begins at byte %" PRIu64, what, at);
}

static void no_record(const struct view *view, const char *what, uint64_t at)
{
    view_damaged(view, "has no %s at byte %" PRIu64 ", where one should begin", what, at);
}

/* A header of 12 bytes, of which 4 are the size. The header's count of frames is often wrong and means nothing. */
bool ivf_read(const struct view *view, const struct structure_stream *stream)
{
    unsigned char head[12];
    uint64_t at;
    (void)stream;
    if (!view_bytes(view, 0, head, 12))
        return false;
    for (at = (uint64_t)head[7] << 8 | head[6]; has_more(view, at); at += 12 + (uint64_t)le32(head))
        if (!view_bytes(view, at, head, 12) || le32(head) > view->size - at - 12) {
            ends_inside(view, "frame", at);
            break;
        }
    return true;
}

static bool is_flv_tag(unsigned char type)
{
    type &= 0x1f; /* bit 5: encrypted */
    return type == 8 || type == 9 || type == 18;
}

/* Tags of 11 bytes and a body, each followed by its size. */
bool flv_read(const struct view *view, const struct structure_stream *stream)
{
    unsigned char head[11];
    (void)stream;
    if (!view_bytes(view, 0, head, 9))
        return false;
    for (uint64_t at = (uint64_t)be32(head + 5) + 4; has_more(view, at);) {
        if (!view_bytes(view, at, head, 11)) {
            ends_inside(view, "tag", at);
            break;
        }
        if (!is_flv_tag(head[0])) {
            no_record(view, "tag", at);
            break;
        }
        if (be24(head + 1) > view->size - at - 11) {
            ends_inside(view, "tag", at);
            break;
        }
        at += 11 + (uint64_t)be24(head + 1) + 4;
    }
    return true;
}

/* A key of 16 bytes, a length by ASN.1's rules, a value. */
bool mxf_read(const struct view *view, const struct structure_stream *stream)
{
    static const unsigned char prefix[4] = {0x06, 0x0e, 0x2b, 0x34};
    unsigned char head[16], bytes[9];
    (void)stream;
    if (!view_bytes(view, 0, head, 16) || memcmp(head, prefix, 4))
        return false; /* something runs in before the first key */
    for (uint64_t at = 0; has_more(view, at);) {
        uint64_t size = 0;
        if (!view_bytes(view, at, head, 16) || !view_bytes(view, at + 16, bytes, 1)) {
            ends_inside(view, "key", at);
            break;
        }
        if (memcmp(head, prefix, 4)) {
            no_record(view, "key", at);
            break;
        }
        const unsigned n = bytes[0] & 0x80 ? bytes[0] & 0x7f : 0;
        if (n > 8 || !view_bytes(view, at + 17, bytes + 1, n)) {
            ends_inside(view, "key", at);
            break;
        }
        for (unsigned i = 0; i < n; i++)
            size = size << 8 | bytes[1 + i];
        size = n ? size : bytes[0];
        if (size > view->size - at - 17 - n) {
            ends_inside(view, "value", at);
            break;
        }
        at += 17 + n + size;
    }
    return true;
}

/* Seven bits a byte, the lowest first. Returns how many bytes; 0: there is no such number. */
static unsigned read_leb128(const struct view *view, uint64_t at, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned char byte;
        if (!view_bytes(view, at + i, &byte, 1))
            return 0;
        *value |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (!(byte & 0x80))
            return i + 1;
    }
    return 0;
}

/* AV1's low-overhead format. */
bool obu_read(const struct view *view, const struct structure_stream *stream)
{
    (void)stream;
    for (uint64_t at = 0; has_more(view, at);) {
        unsigned char head;
        uint64_t size;
        if (!view_bytes(view, at, &head, 1) || !(head & 2)) {
            view->structure->end = at ? view->size : 0; /* a unit that goes on to the end */
            return at > 0;
        }
        const uint64_t head_bytes = head & 4 ? 2 : 1;
        const unsigned n = read_leb128(view, at + head_bytes, &size);
        if (head & 0x80) {
            no_record(view, "unit", at);
            break;
        }
        if (!n || size > view->size - at - head_bytes - n) {
            ends_inside(view, "unit", at);
            break;
        }
        at += head_bytes + n + size;
    }
    return true;
}

/* AV1's format of its specification's annex B: temporal units after their lengths. */
bool av1_annexb_read(const struct view *view, const struct structure_stream *stream)
{
    (void)stream;
    for (uint64_t at = 0, size; has_more(view, at); at += size) {
        const unsigned n = read_leb128(view, at, &size);
        if (!n || size > view->size - at - n) {
            ends_inside(view, "temporal unit", at);
            break;
        }
        at += n;
    }
    return true;
}

#define OGG_STREAMS 16

/* Pages of each stream are numbered. */
struct ogg_numbers {
    uint32_t serials[OGG_STREAMS], next[OGG_STREAMS];
    unsigned n;
};

/* Whether a page follows the one before it of its stream; of more streams than are kept, nothing is known. */
static bool follows(struct ogg_numbers *numbers, const unsigned char *head)
{
    const uint32_t serial = le32(head + 14), number = le32(head + 18);
    const bool begins = head[5] & 2;
    unsigned i = 0;
    while (i < numbers->n && numbers->serials[i] != serial)
        i++;
    if (i == OGG_STREAMS)
        return true;
    const bool is_next = begins || i == numbers->n || numbers->next[i] == number;
    numbers->n += i == numbers->n;
    numbers->serials[i] = serial;
    numbers->next[i] = number + 1;
    return is_next;
}

/* Pages; what FFmpeg has to say of them counts, too. */
bool ogg_read(const struct view *view, const struct structure_stream *stream)
{
    struct ogg_numbers numbers = {.n = 0};
    (void)stream;
    for (uint64_t at = 0; has_more(view, at);) {
        unsigned char head[27], lacing[255];
        uint64_t size = 0;
        if (!view_bytes(view, at, head, 27) || !view_bytes(view, at + 27, lacing, head[26])) {
            ends_inside(view, "page", at);
            break;
        }
        if (memcmp(head, "OggS", 4)) {
            no_record(view, "page", at);
            break;
        }
        if (!follows(&numbers, head))
            view_damaged(view, "lacks pages before byte %" PRIu64, at);
        for (unsigned i = 0; i < head[26]; i++)
            size += lacing[i];
        if (size > view->size - at - 27 - head[26]) {
            ends_inside(view, "page", at);
            break;
        }
        at += 27 + head[26] + size;
        if (at >= view->padding && head[26] && lacing[head[26] - 1] == 255)
            view_damaged(view, "ends inside a packet");
    }
    return *view->structure->why;
}

/* A file that was written to its end ends with its index, and that with its own length and a checksum. */
bool nut_read(const struct view *view, const struct structure_stream *stream)
{
    static const unsigned char begins[8] = {'N', 'X', 0xdd, 0x67, 0x2f, 0x23, 0xe6, 0x4e};
    unsigned char last[12], first[8];
    (void)stream;
    for (uint64_t end = view->padding; end <= view->size && end - view->padding <= sizeof(last); end++) {
        if (end < sizeof(last) || !view_bytes(view, end - sizeof(last), last, sizeof(last)))
            continue;
        const uint64_t n = be64(last);
        if (n <= end && view_bytes(view, end - n, first, sizeof(first)) && !memcmp(first, begins, sizeof(begins)))
            view->structure->end = end;
    }
    return false; /* the rest is its demuxer's */
}

/* Frames of one size, which their first block tells: 525 or 625 lines, of 25, 50 or 100 Mbit/s. */
static uint32_t dv_frame_bytes(const struct view *view)
{
    unsigned char block[4], kind;
    if (!view_bytes(view, 0, block, 4) || !view_bytes(view, 80 * 5 + 48 + 3, &kind, 1) || block[0] != 0x1f ||
        block[1] != 0x07 || block[2])
        return 0;
    const uint32_t n = block[3] & 0x80 ? 144000 : 120000;
    kind &= 0x1f;
    return kind == 0 ? n : kind == 4 || kind == 0x18 ? 2 * n : kind == 0x14 || kind == 0x15 ? 4 * n : 0;
}

bool dv_read(const struct view *view, const struct structure_stream *stream)
{
    const uint32_t n = dv_frame_bytes(view);
    uint64_t at = 0;
    (void)stream;
    for (; n && has_more(view, at); at += n)
        if (n > view->size - at)
            ends_inside(view, "frame", at);
    return n;
}
