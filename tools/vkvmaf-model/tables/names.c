#include "tables/names.h"

#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static bool make_room(struct names *names)
{
    if (names->n < names->room)
        return true;
    const size_t room = 2 * names->room + 16;
    struct name **larger = realloc(names->all, room * sizeof(*larger));
    if (!larger)
        return false;
    names->all = larger;
    names->room = room;
    return true;
}

size_t names_find(struct names *names, const char *text, size_t n)
{
    n = strnlen(text, n);
    struct name *name = make_room(names) ? malloc(sizeof(*name) + n + 1) : NULL;
    if (!name)
        return SIZE_MAX;
    name->number = names->n;
    memcpy(name->text, text, n);
    name->text[n] = '\0';
    struct name *const *found = tsearch(name, &names->tree, by_text);
    if (found && *found == name) {
        names->all[names->n++] = name;
        names->n_bytes += n;
        return names->n <= NAMES_MAX && names->n_bytes <= NAMES_MAX_BYTES ? name->number : SIZE_MAX;
    }
    free(name);
    return found ? (*found)->number : SIZE_MAX;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        tdelete(names->all[i], &names->tree, by_text);
        free(names->all[i]);
    }
    free(names->all);
    *names = (struct names){0};
}
