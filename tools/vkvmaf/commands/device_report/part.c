#include "commands/device_report/part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"

int part_open(const struct device_request *request, vkv_device **device)
{
    char cache[DEVICE_CACHE_ROOM];
    vkv_device_params params = device_params(request, cache);
    params.cache_dir = NULL;
    params.skip_probe = 1;
    const unsigned errors = message_log_errors();
    return library_result(vkv_device_open(&params, device), "vkv_device_open", errors);
}

static void keep(struct outcome *outcome, const char *text, size_t n)
{
    atomic_store(&outcome->has_members, false);
    memcpy(outcome->members, text, n + 1);
    atomic_store(&outcome->has_members, true);
}

int part_members(struct outcome *outcome, void (*put)(struct json_writer *w, void *data), void *data)
{
    char *text = NULL;
    size_t n = 0;
    /* The place of a part's object in the report, behind its first members. */
    struct json_writer w = {.stream = open_memstream(&text, &n),
                            .depth = 3,
                            .has_items = true,
                            .open = {{'{', JSON_LINES}, {'[', JSON_LINES}, {'{', JSON_LINES}}};
    if (!w.stream)
        return message_no_memory("for a part of the report");
    put(&w, data);
    const int failed = fclose(w.stream) || n >= sizeof(outcome->members);
    if (failed)
        message_no_memory("for %zu bytes of a part", n);
    else
        keep(outcome, text, n);
    free(text);
    return failed ? -1 : 0;
}

void part_compared(struct outcome *outcome, bool is_equal, const char *what)
{
    outcome->n_compared++;
    if (!is_equal && !outcome->n_different++)
        snprintf(outcome->first, sizeof(outcome->first), "%s", what);
}
