/* Matroska and WebM: elements that lie within each other. */
#include <inttypes.h>

#include "input/structure/structure.h"

#define ID_SEGMENT 0x18538067
#define ID_CLUSTER 0x1F43B675
#define ID_BLOCK_GROUP 0xA0
#define ID_BLOCK 0xA1
#define ID_SIMPLE_BLOCK 0xA3
#define ID_TRACKS 0x1654AE6B
#define ID_TRACK 0xAE
#define ID_TRACK_NUMBER 0xD7
#define ID_TRACK_TYPE 0x83
#define TYPE_VIDEO 1
#define UNKNOWN_SIZE UINT64_MAX

struct element {
    uint32_t id;
    uint64_t body, size; /* UNKNOWN_SIZE: until something of a higher level begins */
};

#define TRACKS_MAX 64

struct tracks {
    uint64_t numbers[TRACKS_MAX];
    uint64_t video; /* the number of the last one that is video */
    unsigned n, n_video;
};

static const uint32_t level1_ids[] = {0x114D9B74, 0x1549A966, ID_TRACKS, ID_CLUSTER, 0x1C53BB6B, 0x1941A469,
                                      0x1043A770, 0x1254C367, 0xEC,      0xBF,       0};
static const uint32_t cluster_ids[] = {0xE7, ID_SIMPLE_BLOCK, ID_BLOCK_GROUP, 0xAB, 0xA7, 0x5854, 0xAF, 0xEC, 0xBF, 0};
static const uint32_t group_ids[] = {ID_BLOCK, 0x9B, 0xFA, 0xFB, 0xFD, 0xA4, 0x75A2, 0x75A1,
                                     0x8E,     0xC8, 0xA2, 0xAF, 0xEC, 0xBF, 0};

static bool is_one_of(uint32_t id, const uint32_t *ids)
{
    while (*ids && *ids != id)
        ids++;
    return *ids != 0;
}

/* The most bytes of an ID and a size. */
#define HEAD 12u

/* A number of 1 to `most` bytes, as many as its first byte has leading zeros. Returns its length; 0: there is none. */
static unsigned read_number(const unsigned char *bytes, size_t n_bytes, unsigned most, bool keeps_mark, uint64_t *value)
{
    unsigned n = 1;
    while (n <= most && n_bytes && !(bytes[0] & 0x100u >> n))
        n++;
    if (n > most || n > n_bytes)
        return 0;
    *value = keeps_mark ? bytes[0] : bytes[0] & (0xffu >> n);
    bool is_unknown = (bytes[0] & (0xffu >> n)) == 0xffu >> n;
    for (unsigned i = 1; i < n; i++) {
        *value = *value << 8 | bytes[i];
        is_unknown = is_unknown && bytes[i] == 0xff;
    }
    if (is_unknown && !keeps_mark)
        *value = UNKNOWN_SIZE;
    return n;
}

static bool read_element(const struct view *view, uint64_t at, struct element *element)
{
    unsigned char head[HEAD];
    uint64_t id = 0;
    const size_t n = at >= view->size ? 0 : view->size - at < HEAD ? (size_t)(view->size - at) : HEAD;
    if (!view_bytes(view, at, head, n))
        return false;
    const unsigned id_bytes = read_number(head, n, 4, true, &id);
    const unsigned size_bytes = id_bytes ? read_number(head + id_bytes, n - id_bytes, 8, false, &element->size) : 0;
    element->id = (uint32_t)id;
    element->body = at + id_bytes + size_bytes;
    return size_bytes;
}

static void cut(const struct view *view, uint64_t at)
{
    view_damaged(view, "ends inside an element that begins at byte %" PRIu64, at);
}

/* ---- tracks and their blocks ---- */

static uint64_t read_value(const struct view *view, const struct element *element)
{
    unsigned char bytes[8];
    uint64_t value = 0;
    if (element->size > sizeof(bytes) || !view_bytes(view, element->body, bytes, (size_t)element->size))
        return 0;
    for (unsigned i = 0; i < element->size; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* The next one before `end`, at `*at`, which moves behind it. */
static bool next_inside(const struct view *view, uint64_t *at, uint64_t end, struct element *element)
{
    if (*at >= end || !read_element(view, *at, element) || element->body > end || element->size > end - element->body)
        return false;
    *at = element->body + element->size;
    return true;
}

static void read_track(const struct view *view, const struct element *track, struct tracks *tracks)
{
    struct element element;
    uint64_t number = 0, type = 0;
    for (uint64_t at = track->body; next_inside(view, &at, track->body + track->size, &element);) {
        number = element.id == ID_TRACK_NUMBER ? read_value(view, &element) : number;
        type = element.id == ID_TRACK_TYPE ? read_value(view, &element) : type;
    }
    if (tracks->n < TRACKS_MAX)
        tracks->numbers[tracks->n] = number;
    tracks->n++;
    tracks->n_video += type == TYPE_VIDEO;
    tracks->video = type == TYPE_VIDEO ? number : tracks->video;
}

static void read_tracks(const struct view *view, const struct element *element, struct tracks *tracks)
{
    struct element track;
    for (uint64_t at = element->body; next_inside(view, &at, element->body + element->size, &track);)
        if (track.id == ID_TRACK)
            read_track(view, &track, tracks);
}

/* Before the tracks are known, or if there are too many, any will do. */
static bool is_track(const struct tracks *tracks, uint64_t number)
{
    unsigned i = 0;
    while (i < tracks->n && i < TRACKS_MAX && tracks->numbers[i] != number)
        i++;
    return !tracks->n || i < tracks->n;
}

/* A block begins with the number of its track, a time and flags; FFmpeg passes over one of no track. The blocks of the
 * video are counted if there is one video only. */
static void take_block(const struct view *view, const struct element *block, const struct tracks *tracks)
{
    unsigned char head[8];
    uint64_t number;
    const size_t n = block->size < sizeof(head) ? (size_t)block->size : sizeof(head);
    const unsigned n_number =
        view_bytes(view, block->body, head, n) ? read_number(head, n, sizeof(head), false, &number) : 0;
    if (!n_number || block->size < n_number + 3 || !is_track(tracks, number))
        view_damaged(view, "has a block of no track at byte %" PRIu64, block->body);
    else if (tracks->n_video == 1 && number == tracks->video)
        view->structure->n_packets += block->size > n_number + 3;
}

/* ---- levels ---- */

/* Elements of the kinds `ids` from `at` to `end`. Returns where they end: before another kind in one of unknown size.
 */
static uint64_t read_children(const struct view *view, uint64_t at, uint64_t end, const uint32_t *ids,
                              const struct tracks *tracks)
{
    const uint64_t limit = end == UNKNOWN_SIZE ? view->size : end;
    while (at < (end == UNKNOWN_SIZE ? view->padding : end) && !*view->structure->why) {
        struct element child;
        if (!read_element(view, at, &child)) {
            if (end == UNKNOWN_SIZE && view->size - at >= 12)
                view_damaged(view, "has no element at byte %" PRIu64, at);
            else
                cut(view, at);
        } else if (!is_one_of(child.id, ids)) {
            if (end == UNKNOWN_SIZE && is_one_of(child.id, level1_ids))
                return at;
            view_damaged(view, "has an element at byte %" PRIu64 " that does not belong there", at);
        } else if (child.size == UNKNOWN_SIZE || child.size > limit - child.body) {
            if (child.size == UNKNOWN_SIZE || end != UNKNOWN_SIZE)
                view_damaged(view, "has an element at byte %" PRIu64 " that is longer than what it lies in", at);
            else
                cut(view, at);
        } else {
            if (child.id == ID_BLOCK_GROUP)
                read_children(view, child.body, child.body + child.size, group_ids, tracks);
            else if (child.id == ID_BLOCK || child.id == ID_SIMPLE_BLOCK)
                take_block(view, &child, tracks);
            at = child.body + child.size;
        }
    }
    return at;
}

/* Bytes behind the segment are another segment or junk. */
static void read_segment(const struct view *view, uint64_t at, uint64_t end)
{
    const bool is_live = end == UNKNOWN_SIZE;
    const uint64_t limit = is_live ? view->size : end;
    struct tracks tracks = {.n = 0};
    while (at < (is_live ? view->padding : end) && !*view->structure->why) {
        struct element child;
        if (!read_element(view, at, &child)) {
            cut(view, at);
        } else if (!is_one_of(child.id, level1_ids)) {
            if (!is_live)
                view_damaged(view, "has an element at byte %" PRIu64 " that does not belong there", at);
            return;
        } else if (child.size != UNKNOWN_SIZE && child.size > limit - child.body) {
            cut(view, at);
        } else if (child.id == ID_CLUSTER) {
            at = read_children(view, child.body, child.size == UNKNOWN_SIZE ? UNKNOWN_SIZE : child.body + child.size,
                               cluster_ids, &tracks);
        } else if (child.size == UNKNOWN_SIZE) {
            return;
        } else {
            if (child.id == ID_TRACKS)
                read_tracks(view, &child, &tracks);
            at = child.body + child.size;
        }
    }
}

bool matroska_read(const struct view *view, const struct structure_stream *stream)
{
    struct element element;
    (void)stream;
    if (!read_element(view, 0, &element) || element.size > view->size - element.body ||
        !read_element(view, element.body + element.size, &element) || element.id != ID_SEGMENT)
        return false;
    const bool is_live = element.size == UNKNOWN_SIZE;
    if (!is_live && element.size > view->size - element.body)
        view_damaged(view, "is cut: %" PRIu64 " bytes, its segment is to end at %" PRIu64, view->size,
                     element.body + element.size);
    else
        read_segment(view, element.body, is_live ? UNKNOWN_SIZE : element.body + element.size);
    return true;
}
