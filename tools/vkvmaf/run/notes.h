/* Notes say how the videos were changed before they were compared; they go to standard error and into the log. */
#ifndef VKVMAF_NOTES_H
#define VKVMAF_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/message.h"

struct note {
    unsigned input;    /* 0: it concerns every encode; else encode input - 1 */
    bool is_of_frames; /* it says which frames were not compared, which whoever looks at a score has to see */
    char text[512];
};

struct notes {
    size_t n;
    struct note *list;
};

/* Returns 0, or -1 after a message. */
int notes_add(struct notes *notes, unsigned input, const char *format, ...) MESSAGE_PRINTF(3, 4);
/* The same for a note that is_of_frames. */
int notes_add_frames(struct notes *notes, unsigned input, const char *format, ...) MESSAGE_PRINTF(3, 4);
/* Says those that are there, once nothing is left that could refuse the videos. */
void notes_show(const struct notes *notes);
/* Shows the notes from number `first` on. */
void notes_show_from(const struct notes *notes, size_t first);
void notes_free(struct notes *notes);

#endif
