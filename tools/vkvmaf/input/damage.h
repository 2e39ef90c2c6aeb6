/* Keeps the damage of a video that was not refused. */
#ifndef VKVMAF_INPUT_DAMAGE_H
#define VKVMAF_INPUT_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#define DAMAGE_RANGES 12
#define DAMAGE_ROOM 224

/* Frames by their numbers. */
struct damage {
    uint64_t n_frames;
    struct {
        uint64_t first, last;
    } ranges[DAMAGE_RANGES]; /* ranges without room here are only counted */
    unsigned n_ranges;
};

/* Frames come in order. */
void damage_add(struct damage *damage, uint64_t frame);
/* "3, 7-9 and 12 more". Returns `text`. */
const char *damage_text(const struct damage *damage, char *text, size_t room);

#endif
