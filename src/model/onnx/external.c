/* External data: the elements of a tensor in a side file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/try.h"
#include "model/files/file.h"
#include "model/onnx/reader.h"

/* Limits the side file, and the sum of what all tensors read from it. */
#define EXTERNAL_BUDGET ((size_t)16 << 20)

enum { LOCATION, OFFSET, LENGTH, CHECKSUM, N_KEYS };
static const char *const keys[N_KEYS] = {"location", "offset", "length", "checksum"};

/* The file's keys for a place. A key that is not given has an empty text. */
struct place {
    struct text found[N_KEYS];
    bool is_given[N_KEYS];
};

static int read_keys(const struct loader *loader, const OnnxPart__Tensor *from, const struct tensor *tensor,
                     struct place *place)
{
    for (size_t i = 0; i < from->n_external_data; i++) {
        const struct text key = text_of(from->external_data[i]->key);
        size_t k = 0;
        while (k < N_KEYS && !text_is(key, keys[k]))
            k++;
        if (k == N_KEYS || place->is_given[k])
            return graph_refuse(loader->graph, "tensor '%s': external data key '%s' is %s", SHOW(tensor->name),
                                SHOW(key), k == N_KEYS ? "not known" : "given twice");
        place->is_given[k] = true;
        place->found[k] = text_of(from->external_data[i]->value);
    }
    return VKV_OK;
}

static int check_location(const struct loader *loader, const struct tensor *tensor, struct text location)
{
    if (!location.n)
        return graph_refuse(loader->graph, "tensor '%s': external data without location", SHOW(tensor->name));
    if (location.n > GRAPH_MAX_NAME || text_has_nul(location) || memchr(location.bytes, '/', location.n) ||
        memchr(location.bytes, '\\', location.n) || text_is(location, ".") || text_is(location, ".."))
        return graph_refuse(loader->graph, "tensor '%s': external data location '%s' is not a bare file name",
                            SHOW(tensor->name), SHOW(location));
    return VKV_OK;
}

/* An unsigned decimal of one digit or more and nothing else. */
static bool read_decimal(struct text text, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned digit = text.bytes[i] - (unsigned)'0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return text.n != 0;
}

/* The number of a key; left alone if the key is not given. */
static int read_number(const struct loader *loader, const struct tensor *tensor, const struct place *place, int key,
                       uint64_t *number)
{
    if (place->is_given[key] && !read_decimal(place->found[key], number))
        return graph_refuse(loader->graph, "tensor '%s': external data %s '%s' is not an unsigned number",
                            SHOW(tensor->name), keys[key], SHOW(place->found[key]));
    return VKV_OK;
}

/* Counts the bytes against the budget. */
static int check_size(struct loader *loader, const struct tensor *tensor, uint64_t length, size_t n_bytes)
{
    if (length != n_bytes)
        return graph_refuse(loader->graph,
                            "tensor '%s': external data has %" PRIu64 " bytes, the dimensions ask for %zu",
                            SHOW(tensor->name), length, n_bytes);
    if (!loader->folder)
        return graph_refuse(loader->graph, "tensor '%s': external data, but the model does not come from a folder",
                            SHOW(tensor->name));
    if (n_bytes > EXTERNAL_BUDGET - loader->external_bytes)
        return graph_refuse(loader->graph, "tensor '%s': more than %zu bytes of external data", SHOW(tensor->name),
                            EXTERNAL_BUDGET);
    loader->external_bytes += n_bytes;
    return VKV_OK;
}

static int read_bytes(const struct loader *loader, const struct tensor *tensor, struct text location, uint64_t offset,
                      size_t n_bytes, uint8_t **bytes)
{
    const vkv_log *log = loader->graph->log;
    char file[GRAPH_MAX_NAME + 1], subject[2 * GRAPH_MAX_NAME + 2 * TEXT_SHOWN_SIZE];
    int err;

    memcpy(file, location.bytes, location.n);
    file[location.n] = '\0';
    snprintf(subject, sizeof(subject), "model '%.255s': tensor '%s': external data '%s'", loader->graph->file,
             SHOW(tensor->name), SHOW(location));
    uint8_t *block = mem_alloc(n_bytes, 1);
    if (!block)
        return log_fail(log, VKV_ERR_MEMORY, "%s: no memory", subject);
    TRY(file_read_part(log, subject, loader->folder, file, EXTERNAL_BUDGET, offset, block, n_bytes));
    *bytes = block;
    return VKV_OK;
fail:
    mem_free(block);
    return err;
}

int read_external(struct loader *loader, const OnnxPart__Tensor *from, const struct tensor *tensor, size_t n_bytes,
                  uint8_t **bytes)
{
    struct place place = {.found = {{NULL, 0}}};
    uint64_t offset = 0, length = n_bytes;

    int err = read_keys(loader, from, tensor, &place);
    if (err)
        return err;
    err = check_location(loader, tensor, place.found[LOCATION]);
    if (err)
        return err;
    err = read_number(loader, tensor, &place, OFFSET, &offset);
    if (err)
        return err;
    err = read_number(loader, tensor, &place, LENGTH, &length);
    if (err)
        return err;
    err = check_size(loader, tensor, length, n_bytes);
    if (err)
        return err;
    return read_bytes(loader, tensor, place.found[LOCATION], offset, n_bytes, bytes);
}
