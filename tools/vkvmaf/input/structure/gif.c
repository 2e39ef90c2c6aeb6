/* GIF: a screen, blocks that begin with what they are, and a trailer. */
#include <inttypes.h>
#include <string.h>

#include "input/structure/structure.h"

#define EXTENSION 0x21
#define IMAGE 0x2c
#define TRAILER 0x3b
#define SCREEN_BYTES 13
#define IMAGE_BYTES 10
#define EXTENSION_BYTES 2

/* Three bytes per colour, if the flags say that there are any. */
static uint64_t colours_bytes(unsigned char flags)
{
    return flags & 0x80 ? 3u << ((flags & 7) + 1) : 0;
}

/* Passes over parts of up to 255 bytes behind their lengths, up to an empty one. False: the file ends before. */
static bool pass_over_parts(const struct view *view, uint64_t *at)
{
    unsigned char n;
    do {
        if (!view_bytes(view, *at, &n, 1))
            return false;
        *at += 1 + (uint64_t)n;
    } while (n);
    return true;
}

static bool pass_over_block(const struct view *view, unsigned char kind, uint64_t *at)
{
    unsigned char head[IMAGE_BYTES];
    if (kind == EXTENSION) {
        *at += EXTENSION_BYTES;
        return pass_over_parts(view, at);
    }
    if (!view_bytes(view, *at, head, IMAGE_BYTES))
        return false;
    *at += IMAGE_BYTES + colours_bytes(head[9]) + 1; /* and the width of the codes */
    return pass_over_parts(view, at);
}

/* A file that lacks the trailer but ends with a block is left to the demuxer: it may be whole. */
bool gif_read(const struct view *view, const struct structure_stream *stream)
{
    unsigned char screen[SCREEN_BYTES], kind = 0;
    (void)stream;
    if (!view_bytes(view, 0, screen, SCREEN_BYTES))
        return false;
    for (uint64_t at = SCREEN_BYTES + colours_bytes(screen[10]);
         view_bytes(view, at, &kind, 1) && (kind == EXTENSION || kind == IMAGE);) {
        const uint64_t begin = at;
        if (!pass_over_block(view, kind, &at) || at > view->size) {
            view_damaged(view, "ends inside a block that begins at byte %" PRIu64, begin);
            break;
        }
    }
    return *view->structure->why || kind == TRAILER;
}
