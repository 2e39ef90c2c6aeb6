/* How a stored picture is turned and mirrored before it is shown: a container's or a frame's display matrix. */
#ifndef VKVMAF_INPUT_ORIENT_H
#define VKVMAF_INPUT_ORIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORIENT_MATRIX 9

/* One of the eight ways to lay a picture down. Zero: as it is stored. */
struct orient {
    bool swapped;          /* rows become columns: before the mirroring */
    bool mirrored_x;       /* left and right change places in the picture that is shown */
    bool mirrored_y;       /* so do top and bottom */
    bool is_odd;           /* the matrix is none of the eight; the others are false */
    int32_t odd_by[2 * 2]; /* of an odd matrix: a, b, c, d */
};

/* `matrix`: a, b, u, c, d, v, x, y, w in 16.16 (u, v, w in 2.30) fixed point, which moves sample (p, q) to
 * (a p + c q + x, b p + d q + y); NULL: as it is stored. Where a picture is moved to is not looked at. */
struct orient orient_of_matrix(const int32_t *matrix);
bool orient_is_none(const struct orient *orient);
bool orient_is_equal(const struct orient *a, const struct orient *b);

/* "turned by 90 degrees clockwise". Returns `text`. */
#define ORIENT_TEXT_ROOM 80
const char *orient_text(const struct orient *orient, char text[ORIENT_TEXT_ROOM]);

/* Copies a plane of `width` x `height` samples of 1 or 2 bytes, as stored, to the picture that is shown, whose rows
 * follow each other without gaps. */
struct orient_plane {
    const unsigned char *bytes;
    size_t stride;
    uint32_t width, height, sample_bytes;
};
void orient_run(const struct orient *orient, const struct orient_plane *from, unsigned char *to);

#endif
