#include "registry/registry_file.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/model_path.h"
#include "tool.h"

bool registry_file_read(const char *path, bool is_beside, struct registry_file *file)
{
    const vkv_model_params limits = {.jail = is_beside ? model_path_jail() : NULL, .log = tool_log()};
    const struct model_files files = {.params = &limits, .log = &limits.log};
    char subject[300], resolved[FILES_MAX_PATH];
    int n;

    *file = (struct registry_file){0};
    if (path) {
        n = snprintf(file->path, sizeof(file->path), "%s", path);
    } else {
        struct model_place place;
        vkv_model_params params;
        if (model_path_find(&(struct model_request){0}, &params, &place) <= 0 || !params.models_dir) {
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
    return files_read_beside(&files, subject, &(struct files_place){.path = file->path}, REGISTRY_MAX_BYTES, resolved,
                             &file->bytes, &file->n) == VKV_OK;
}

bool registry_file_beside(const char *model, struct registry_file *file)
{
    const char *slash = strrchr(model, '/');
    const int n =
        snprintf(file->path, sizeof(file->path), "%.*s" REGISTRY_FILE, slash ? (int)(slash + 1 - model) : 0, model);
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

const struct registry_entry *registry_file_find(const struct registry_file *file, const struct registry *registry,
                                                const char *model)
{
    const vkv_log log = tool_log();
    const struct registry_entry *entry = NULL;
    bool is_int8;

    if (!model_path_is_path(model))
        return registry_find(registry, model);
    return files_entry_of_path(&log, registry, file->folder, model, &entry, &is_int8) == VKV_OK ? entry : NULL;
}

bool registry_file_place(const struct registry_file *file, const char *name, char path[FILES_MAX_PATH])
{
    const vkv_log log = tool_log();
    char subject[300], resolved[FILES_MAX_PATH];

    snprintf(subject, sizeof(subject), "'%.255s'", name);
    return files_join(&log, file->folder, name, path) == VKV_OK &&
           files_resolve(&log, subject, path, file->folder, resolved) == VKV_OK;
}

void registry_file_free(struct registry_file *file)
{
    mem_free(file->bytes);
    file->bytes = NULL;
}
