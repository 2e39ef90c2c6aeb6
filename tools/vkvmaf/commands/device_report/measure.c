/* Known answers, and frames per second. */
#include <stdlib.h>
#include <string.h>

#include "commands/bench_parts.h"
#include "commands/device_report/part.h"
#include "common/message.h"

static void take_check(void *user, const char *what, int equal)
{
    part_compared(user, equal, what);
}

static void take_checks(void *user, const char *group, const char *name, const char *value)
{
    struct outcome *const outcome = user;
    if (!strcmp(group, "verify") && !strcmp(name, "checks"))
        outcome->n_wanted = (unsigned)strtoul(value, NULL, 10);
}

int verify_all(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    vkv_device *device = NULL;
    (void)part;
    if (part_open(request, &device))
        return -1;
    vkv_device_facts(device, take_checks, outcome);
    const unsigned errors = message_log_errors();
    const int code = vkv_device_verify(device, take_check, outcome);
    vkv_device_close(&device);
    return code == VKV_ERR_PROBE ? 0 : library_result(code, "vkv_device_verify", errors);
}

static void put_bench(struct json_writer *w, void *data)
{
    json_open(w, "bench", '{', JSON_LINES);
    bench_put(w, data);
    json_close(w);
}

/* A processor takes seconds for a frame: its rounds are few and short, its batches small. */
#define SLOW_ROUNDS 3
#define SLOW_IN_FLIGHT 2

static bool is_software(const struct device_request *request)
{
    vkv_device *device = NULL;
    const bool is_open = !part_open(request, &device);
    const bool is_slow = is_open && vkv_device_get_info(device)->type == VKV_DEVICE_SOFTWARE;
    vkv_device_close(&device);
    return is_slow;
}

int measure_frames(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    const struct settings settings = {.job.device = *request};
    const bool is_slow = is_software(request);
    struct bench bench = {
        .settings = &settings,
        .streams = part->streams,
        .frames_min = is_slow ? 1 : 16,
        .in_flight = is_slow ? SLOW_IN_FLIGHT : 0,
        .n_rounds = is_slow ? SLOW_ROUNDS : ROUNDS,
        .frames = {.width = part->width, .height = part->height, .bit_depth = part->bit_depth},
    };
    const int failed = bench_measure(&bench) || part_members(outcome, put_bench, &bench);
    bench_close(&bench);
    return failed ? -1 : 0;
}
