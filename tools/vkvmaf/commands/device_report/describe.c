/* The device and its driver, and how long its kernels take to compile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_report/part.h"
#include "commands/devices.h"
#include "common/message.h"
#include "output/output.h"

/* ---- limits and memory ---- */

/* A list of the facts of one group. */
struct listing {
    struct json_writer *w;
    const char *group;
};

static void put_number(void *user, const char *group, const char *name, const char *value)
{
    const struct listing *const list = user;
    if (!strcmp(group, list->group))
        json_put_format(list->w, name, "%s", value);
}

static void put_line(void *user, const char *group, const char *name, const char *value)
{
    const struct listing *const list = user;
    (void)name;
    if (!strcmp(group, list->group))
        json_put_text(list->w, NULL, value);
}

static void put_facts(struct json_writer *w, vkv_device *device)
{
    struct listing limits = {w, "limit"}, heaps = {w, "heap"}, memory = {w, "memory"};
    json_open(w, "limits", '{', JSON_LINES);
    vkv_device_facts(device, put_number, &limits);
    json_close(w);
    json_open(w, "memory_heaps", '[', JSON_LINES);
    vkv_device_facts(device, put_line, &heaps);
    json_close(w);
    json_open(w, "memory_types", '[', JSON_LINES);
    vkv_device_facts(device, put_line, &memory);
    json_close(w);
}

/* Without the uuid, which may tell one copy of a GPU from another. */
static void put_device(struct json_writer *w, void *data)
{
    vkv_device *const device = data;
    const vkv_device_info *const info = vkv_device_get_info(device);
    char version[API_VERSION_ROOM];
    json_open(w, "device", '{', JSON_LINES);
    json_put_text(w, "name", info->name);
    json_put_text(w, "type", device_type_name(info->type));
    json_put_text(w, "driver", info->driver);
    json_put_text(w, "api_version", api_version_text(info->api_version, version));
    json_put_text(w, "form", info->form);
    json_close(w);
    put_facts(w, device);
}

int describe_device(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    vkv_device *device = NULL;
    (void)part;
    if (part_open(request, &device))
        return -1;
    const int failed = part_members(outcome, put_device, device);
    vkv_device_close(&device);
    return failed;
}

/* ---- pipelines ---- */

static void put_pipeline(void *user, const char *group, const char *name, const char *value)
{
    struct json_writer *const w = user;
    if (strcmp(group, "pipeline") != 0)
        return;
    json_open(w, NULL, '{', JSON_SPACED);
    json_put_text(w, "kernel", name);
    json_put_format(w, "seconds", "%s", value);
    json_close(w);
}

static void put_pipelines(struct json_writer *w, void *data)
{
    json_open(w, "pipelines", '[', JSON_LINES);
    vkv_device_facts(data, put_pipeline, w);
    json_close(w);
}

/* What a scorer of that kind needs is compiled with its first batch. */
static int use_scorer(vkv_device *device, uint32_t bit_depth, uint32_t streams)
{
    static const uint16_t samples[64 * 64];
    const vkv_scorer_params params = {
        .struct_size = sizeof(params), .width = 64, .height = 64, .bit_depth = bit_depth, .n_distorted = streams};
    const vkv_plane plane = {.struct_size = sizeof(plane), .data = samples, .stride_bytes = 128};
    const vkv_picture picture = {.struct_size = sizeof(picture), .n_planes = 1, .planes = &plane};
    const vkv_picture pictures[2] = {picture, picture};
    vkv_scorer *scorer = NULL;
    const unsigned errors = message_log_errors();
    int code = vkv_scorer_create(device, &params, &scorer);
    code = code ? code : vkv_scorer_push(scorer, &picture, pictures);
    code = code ? code : vkv_scorer_flush(scorer);
    vkv_scorer_destroy(&scorer);
    return library_result(code, "vkv_scorer_create", errors);
}

int describe_pipelines(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    vkv_device *device = NULL;
    (void)part;
    setenv("MESA_SHADER_CACHE_DISABLE", "true", 1);
    setenv("__GL_SHADER_DISK_CACHE", "0", 1);
    int failed = part_open(request, &device);
    for (uint32_t i = 0; i < 4 && !failed; i++)
        failed = use_scorer(device, i & 1 ? 10 : 8, 1 + i / 2) || part_members(outcome, put_pipelines, device);
    vkv_device_close(&device);
    return failed ? -1 : 0;
}
