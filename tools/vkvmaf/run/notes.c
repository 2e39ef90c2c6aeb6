#include "run/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int notes_add(struct notes *notes, unsigned input, const char *format, ...)
{
    va_list args;
    struct note *const list = realloc(notes->list, (notes->n + 1) * sizeof(*list));
    if (!list) {
        message_line("no memory for a note");
        return -1;
    }
    struct note *const note = &list[notes->n++];
    notes->list = list;
    note->input = input;
    va_start(args, format);
    vsnprintf(note->text, sizeof(note->text), format, args);
    va_end(args);
    return 0;
}

void notes_show(const struct notes *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        message_line("%s", notes->list[i].text);
}

void notes_free(struct notes *notes)
{
    free(notes->list);
    *notes = (struct notes){.n = 0};
}
