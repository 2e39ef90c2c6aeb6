#include "libvmaf/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/say.h"

static struct store_vector *find(const struct store *store, const char *name)
{
    for (size_t i = 0; i < store->n; i++)
        if (!strcmp(store->vectors[i].name, name))
            return &store->vectors[i];
    return NULL;
}

static struct store_vector *add_vector(struct store *store, const char *name)
{
    struct store_vector *const vectors = realloc(store->vectors, (store->n + 1) * sizeof(*vectors));
    if (!vectors)
        return NULL;
    store->vectors = vectors;
    vectors[store->n] = (struct store_vector){.name = strdup(name)};
    return vectors[store->n].name ? &vectors[store->n++] : NULL;
}

static int make_room(struct store_vector *vector, size_t index)
{
    size_t room = vector->room ? vector->room : 8;
    while (room <= index)
        room *= 2;
    if (room == vector->room)
        return 0;
    double *const values = realloc(vector->values, room * sizeof(*values));
    vector->values = values ? values : vector->values;
    bool *const is_known = values ? realloc(vector->is_known, room * sizeof(*is_known)) : NULL;
    if (!is_known)
        return no_memory();
    memset(is_known + vector->room, 0, (room - vector->room) * sizeof(*is_known));
    vector->is_known = is_known;
    vector->room = room;
    return 0;
}

static bool knows(const struct store_vector *vector, size_t index)
{
    return vector && index < vector->room && vector->is_known[index];
}

int store_set(struct store *store, const char *name, unsigned index, double value)
{
    struct store_vector *vector = find(store, name);
    vector = vector ? vector : add_vector(store, name);
    if (!vector)
        return no_memory();
    const int err = make_room(vector, index);
    if (err)
        return err;
    vector->values[index] = value;
    vector->is_known[index] = true;
    return 0;
}

int store_add(struct store *store, const char *name, unsigned index, double value)
{
    if (!knows(find(store, name), index))
        return store_set(store, name, index, value);
    say(VKV_LOG_WARNING, "feature \"%s\" has a value at index %u already", name, index);
    return -EINVAL;
}

int store_get(const struct store *store, const char *name, unsigned index, double *value)
{
    const struct store_vector *const vector = find(store, name);
    if (!knows(vector, index))
        return -EINVAL;
    *value = vector->values[index];
    return 0;
}

size_t store_end(const struct store *store)
{
    size_t end = 0;
    for (size_t i = 0; i < store->n; i++)
        for (size_t index = store->vectors[i].room; index > end; index--)
            if (store->vectors[i].is_known[index - 1])
                end = index;
    return end;
}

void store_free(struct store *store)
{
    for (size_t i = 0; i < store->n; i++) {
        free(store->vectors[i].name);
        free(store->vectors[i].values);
        free(store->vectors[i].is_known);
    }
    free(store->vectors);
    *store = (struct store){0};
}
