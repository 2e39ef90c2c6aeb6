/* ASF and WMV: objects of a name of 16 bytes, a length of 8 that counts both, and what they hold. */
#include <inttypes.h>
#include <string.h>

#include "input/structure/structure.h"

#define NAME_BYTES 16
#define HEAD (NAME_BYTES + 8)
#define FIRST_INSIDE (HEAD + 6)              /* of the header's objects: their count and two bytes come before */
#define FILE_BYTES_AT (HEAD + 16)            /* in the properties: behind the file's number */
#define FLAGS_AT (FILE_BYTES_AT + 8 + 5 * 8) /* behind a date, a count and three times */
#define IS_BROADCAST 1u                      /* the lengths were not known when the header was written */

static const unsigned char properties[NAME_BYTES] = {0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11,
                                                     0x8e, 0xe4, 0x00, 0xc0, 0x0c, 0x20, 0x53, 0x65};

static uint64_t le64(const unsigned char *bytes)
{
    return (uint64_t)le32(bytes + 4) << 32 | le32(bytes);
}

/* How long the file is to be; 0: its header does not say. */
static uint64_t read_properties(const struct view *view, uint64_t at)
{
    unsigned char bytes[FLAGS_AT + 4];
    if (!view_bytes(view, at, bytes, sizeof(bytes)) || le32(bytes + FLAGS_AT) & IS_BROADCAST)
        return 0;
    return le64(bytes + FILE_BYTES_AT);
}

static uint64_t find_file_bytes(const struct view *view)
{
    unsigned char head[HEAD];
    const uint64_t end = view_bytes(view, 0, head, HEAD) ? le64(head + NAME_BYTES) : 0;
    for (uint64_t at = FIRST_INSIDE; at < end && view_bytes(view, at, head, HEAD);) {
        const uint64_t size = le64(head + NAME_BYTES);
        if (!memcmp(head, properties, NAME_BYTES))
            return read_properties(view, at);
        if (size < HEAD || size > end - at)
            break;
        at += size;
    }
    return 0;
}

/* Only the length: packets are the demuxer's. */
bool asf_read(const struct view *view, const struct structure_stream *stream)
{
    const uint64_t n_bytes = find_file_bytes(view);
    (void)stream;
    if (n_bytes > view->size)
        view_damaged(view, "is cut: %" PRIu64 " bytes, its header speaks of %" PRIu64, view->size, n_bytes);
    return *view->structure->why;
}
