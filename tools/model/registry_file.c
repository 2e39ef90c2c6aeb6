#include "registry_file.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "model/file.h"
#include "model_path.h"
#include "tool.h"

bool registry_file_read(const char *path, struct registry_file *file)
{
    const vkv_log log = tool_log();
    char subject[300];
    int n;

    *file = (struct registry_file){0};
    if (path) {
        n = snprintf(file->path, sizeof(file->path), "%s", path);
    } else {
        struct model_place place;
        vkv_model_params params;
        if (model_path_find(&(struct model_request){0}, &params, &place) <= 0) {
            tool_fail("there is no " REGISTRY_FILE " where models are installed; name one");
            return false;
        }
        n = snprintf(file->path, sizeof(file->path), "%s/" REGISTRY_FILE, params.models_dir);
    }
    if (n < 0 || n >= (int)sizeof(file->path)) {
        tool_fail("the registry's path is too long");
        return false;
    }
    const char *slash = strrchr(file->path, '/');
    if (slash)
        memcpy(file->folder, file->path, (size_t)(slash + 1 - file->path));
    else
        strcpy(file->folder, "./");
    snprintf(subject, sizeof(subject), "registry '%.255s'", file->path);
    return file_read(&log, subject, file->path, REGISTRY_MAX_BYTES, &file->bytes, &file->n) == VKV_OK;
}

bool registry_file_beside(const char *model, struct registry_file *file)
{
    const char *slash = strrchr(model, '/');
    const int n = snprintf(file->path, sizeof(file->path), "%.*s" REGISTRY_FILE, slash ? (int)(slash + 1 - model) : 0,
                           model);
    return n > 0 && n < (int)sizeof(file->path);
}

static void show_problem(void *user, const char *text)
{
    if (!(*(unsigned *)user)++)
        tool_fail("registry: %s", text);
}

bool registry_file_parse(const struct registry_file *file, struct registry *registry)
{
    unsigned n_problems = 0;
    return registry_parse(file->bytes, file->n, registry, show_problem, &n_problems);
}

bool registry_file_is_about(const struct registry_entry *entry, const char *model)
{
    const char *slash = strrchr(model, '/'), *name = strrchr(entry->onnx, '/');
    return strcmp(model, entry->id) == 0 ||
           (strstr(model, ".onnx") && strcmp(slash ? slash + 1 : model, name ? name + 1 : entry->onnx) == 0);
}

void registry_file_free(struct registry_file *file)
{
    mem_free(file->bytes);
    file->bytes = NULL;
}
