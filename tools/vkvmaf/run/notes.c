#include "run/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int add(struct notes *notes, struct note note, const char *format, va_list args)
{
    struct note *const list = realloc(notes->list, (notes->n + 1) * sizeof(*list));
    if (!list)
        return message_no_memory("for a note");
    vsnprintf(note.text, sizeof(note.text), format, args);
    notes->list = list;
    list[notes->n++] = note;
    return 0;
}

int notes_add(struct notes *notes, unsigned input, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int failed = add(notes, (struct note){.input = input}, format, args);
    va_end(args);
    return failed;
}

int notes_add_frames(struct notes *notes, unsigned input, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int failed = add(notes, (struct note){.input = input, .is_of_frames = true}, format, args);
    va_end(args);
    return failed;
}

void notes_show_from(const struct notes *notes, size_t first)
{
    for (size_t i = first; i < notes->n; i++)
        message_line("%s", notes->list[i].text);
}

void notes_show(const struct notes *notes)
{
    notes_show_from(notes, 0);
}

void notes_free(struct notes *notes)
{
    free(notes->list);
    *notes = (struct notes){.n = 0};
}
