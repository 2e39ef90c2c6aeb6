#include "input/damage.h"

#include <inttypes.h>
#include <stdio.h>

void damage_add(struct damage *damage, uint64_t frame)
{
    damage->n_frames++;
    if (damage->n_ranges && damage->ranges[damage->n_ranges - 1].last + 1 == frame) {
        damage->ranges[damage->n_ranges - 1].last = frame;
    } else if (damage->n_ranges < DAMAGE_RANGES) {
        damage->ranges[damage->n_ranges].first = damage->ranges[damage->n_ranges].last = frame;
        damage->n_ranges++;
    }
}

/* snprintf at the end of `text`. */
#define APPEND(...) (at += at < room ? (size_t)snprintf(text + at, room - at, __VA_ARGS__) : 0)

const char *damage_text(const struct damage *damage, char *text, size_t room)
{
    size_t at = 0;
    uint64_t n_named = 0;
    *text = 0;
    for (unsigned i = 0; i < damage->n_ranges; i++) {
        const uint64_t first = damage->ranges[i].first, last = damage->ranges[i].last;
        n_named += last - first + 1;
        APPEND("%s%" PRIu64, i ? ", " : "", first);
        if (last > first)
            APPEND("-%" PRIu64, last);
    }
    if (n_named < damage->n_frames)
        APPEND(" and %" PRIu64 " more", damage->n_frames - n_named);
    return text;
}
