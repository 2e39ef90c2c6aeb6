#include "model/files/model_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "model/files/file.h"
#include "model/files/sha256.h"
#include "model/files/verify.h"

_Static_assert(FILES_MAX_PATH >= PATH_MAX, "realpath's room");

/* The largest model of this family has 14 kB. */
#define MODEL_MAX_BYTES ((size_t)1 << 20)

const char *files_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool files_replace_ending(const char *path, const char *ending, char changed[FILES_MAX_PATH])
{
    const size_t n = strlen(path), n_old = strlen(".onnx");
    if (n <= n_old || strcmp(path + n - n_old, ".onnx") != 0 || n + strlen(ending) >= FILES_MAX_PATH)
        return false;
    memcpy(changed, path, n - n_old);
    strcpy(changed + n - n_old, ending);
    return true;
}

int files_join(const vkv_log *log, const char *folder, const char *name, char path[FILES_MAX_PATH])
{
    const size_t n = strlen(folder);
    const int written = snprintf(path, FILES_MAX_PATH, "%s%s%s", folder, n && folder[n - 1] != '/' ? "/" : "", name);
    if (written < 0 || written >= FILES_MAX_PATH)
        return log_fail(log, VKV_ERR_ARG, "the path of '%.255s' is too long", name);
    return VKV_OK;
}

/* The folder of a path, ending in '/'; "./" where the path names none. */
static int folder_of(const vkv_log *log, const char *path, char folder[FILES_MAX_PATH])
{
    const size_t n = (size_t)(files_base_name(path) - path);
    if (n >= FILES_MAX_PATH)
        return log_fail(log, VKV_ERR_ARG, "the path of '%.255s' is too long", files_base_name(path));
    snprintf(folder, FILES_MAX_PATH, "%.*s%s", (int)n, path, n ? "" : "./");
    return VKV_OK;
}

/* True if `path` lies below `folder`; both without links, "." and "..". */
static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    if (n && folder[n - 1] == '/')
        n--;
    return strncmp(path, folder, n) == 0 && path[n] == '/' && path[n + 1];
}

/* Whether a folder's entry `path` is there, as itself and not as what a link in its place leads to. */
static bool is_entry(const char *path)
{
    struct stat st;
    return !lstat(path, &st) || errno != ENOENT;
}

int files_resolve(const vkv_log *log, const char *subject, const char *path, const char *folder,
                  char resolved[FILES_MAX_PATH])
{
    char folder_resolved[FILES_MAX_PATH];

    const bool is_found = realpath(path, resolved);
    if (!is_found && (!folder || !is_entry(path)))
        return log_fail(log, VKV_ERR_IO, "%s: cannot be opened: %s", subject,
                        errno == ENOENT ? "no such file" : "its path cannot be resolved");
    if (folder && (!is_found || !realpath(folder, folder_resolved) || !is_below(resolved, folder_resolved)))
        return log_fail(log, VKV_ERR_IO, "%s: lies outside of the registry's folder", subject);
    return VKV_OK;
}

/* Resolves the folder that `path` lies in; false where nothing is there. */
static bool resolve_folder(const char *path, char resolved[FILES_MAX_PATH])
{
    const size_t n = (size_t)(files_base_name(path) - path);
    char folder[FILES_MAX_PATH];
    snprintf(folder, sizeof(folder), "%.*s", n ? (int)n : 2, n ? path : "./");
    return n < sizeof(folder) && realpath(folder, resolved);
}

/* Refuses with one and the same message whatever a link leads to outside of `limit`, and what is not there. */
static int check_limit(const struct model_files *files, const char *subject, const char *limit, const char *path)
{
    char limit_resolved[FILES_MAX_PATH], resolved[FILES_MAX_PATH];
    struct stat st;

    if (!limit || !*limit)
        return VKV_OK;
    if (!realpath(limit, limit_resolved) || stat(limit_resolved, &st) || !S_ISDIR(st.st_mode))
        return log_fail(files->log, VKV_ERR_IO, "%s: the folder that models are confined to, '%s', is not a folder",
                        subject, limit);
    if (realpath(path, resolved) && is_below(resolved, limit_resolved))
        return VKV_OK;
    /* Inside the limits it may be told that a file is missing. */
    if (resolve_folder(path, resolved) && (is_below(resolved, limit_resolved) || !strcmp(resolved, limit_resolved)) &&
        !is_entry(path))
        return log_fail(files->log, VKV_ERR_IO, "%s: cannot be opened: no such file", subject);
    return log_fail(files->log, VKV_ERR_IO, "%s: lies outside of '%s', where models are confined to", subject, limit);
}

bool files_is_confined(const struct model_files *files)
{
    const vkv_model_params *p = files->params;
    return (p->jail && *p->jail) || (p->root && *p->root);
}

/* Whether there is something to be read at `path`. Where files are confined only a link itself counts, not where it
 * leads. */
static bool is_there(const struct model_files *files, const char *path)
{
    return files_is_confined(files) ? is_entry(path) : !access(path, F_OK) || errno != ENOENT;
}

/* The registry that the caller names may lie outside of `root`. */
static int check_limits(const struct model_files *files, const char *subject, const struct files_place *place,
                        const char *path)
{
    const int err = check_limit(files, subject, files->params->jail, path);
    if (err || place->is_named)
        return err;
    return check_limit(files, subject, files->params->root, path);
}

int files_read_beside(const struct model_files *files, const char *subject, const struct files_place *place,
                      size_t max_bytes, char resolved[FILES_MAX_PATH], uint8_t **bytes, size_t *n)
{
    if (!place->folder && !files_is_confined(files)) {
        snprintf(resolved, FILES_MAX_PATH, "%s", place->path);
        return file_read(files->log, subject, resolved, max_bytes, bytes, n);
    }
    int err = check_limits(files, subject, place, place->path);
    if (err)
        return err;
    err = files_resolve(files->log, subject, place->path, place->folder, resolved);
    if (err)
        return err;
    err = check_limits(files, subject, place, resolved); /* a link may have been changed in between */
    if (err)
        return err;
    return file_read_resolved(files->log, subject, resolved, max_bytes, bytes, n);
}

int files_read(const struct model_files *files, const char *path, const char *folder, const char *sha256,
               struct model_bytes *read)
{
    const char *name = files_base_name(path);
    char subject[300], place[FILES_MAX_PATH + 16]; /* names the whole path, for a file that is missing */

    snprintf(place, sizeof(place), "model '%.*s'", FILES_MAX_PATH, path);
    snprintf(subject, sizeof(subject), "model '%.255s'", *name ? name : path);
    int err = files_read_beside(files, place, &(struct files_place){path, folder, false}, MODEL_MAX_BYTES, read->path,
                                &read->bytes, &read->n);
    if (err)
        return err;
    if (!sha256_hex(read->bytes, read->n, read->sha256))
        return log_fail(files->log, VKV_ERR_MEMORY, "%s: no memory", subject);
    if (sha256 && *sha256 && strcmp(read->sha256, sha256) != 0)
        return log_fail(files->log, VKV_ERR_MODEL, "%s: its SHA-256 is %s, the %s says %s", subject, read->sha256,
                        files->entry ? "registry" : "description beside it", sha256);
    return VKV_OK;
}

/* ---- registry ---------------------------------------------------------------------------------------------------- */

struct first_problem {
    char text[512];
};

static void keep_first(void *user, const char *text)
{
    struct first_problem *first = user;
    if (!first->text[0])
        snprintf(first->text, sizeof(first->text), "%s", text);
}

/* Checks the signature beside the registry against its bytes. */
static int check_signature(const struct model_files *files, const uint8_t *bytes, size_t n)
{
    char path[FILES_MAX_PATH + 8], resolved[FILES_MAX_PATH], subject[300];
    uint8_t *text = NULL;
    size_t n_text = 0;

    snprintf(path, sizeof(path), "%s.sig", files->registry_file);
    snprintf(subject, sizeof(subject), "signature '%.255s'", path);
    const struct files_place place = {path, NULL, files->params->registry != NULL};
    int err = files_read_beside(files, subject, &place, SIGNATURE_MAX_BYTES, resolved, &text, &n_text);
    if (err)
        return err;
    err = verify_signature(files->log, files->params->verify_key, subject, text, n_text, bytes, n);
    mem_free(text);
    return err;
}

static int read_registry(struct model_files *files)
{
    const vkv_model_params *p = files->params;
    struct first_problem first = {""};
    char subject[300], resolved[FILES_MAX_PATH];
    uint8_t *bytes = NULL;
    size_t n = 0;

    snprintf(subject, sizeof(subject), "registry '%.255s'", files->registry_file);
    /* A registry that the caller names may lie elsewhere than the models below `root`. */
    const struct files_place place = {files->registry_file, NULL, p->registry != NULL};
    int err;
    TRY(files_read_beside(files, subject, &place, REGISTRY_MAX_BYTES, resolved, &bytes, &n));
    if (p->verify && p->verify_key)
        TRY(check_signature(files, bytes, n));
    if (!registry_parse(bytes, n, &files->registry, keep_first, &first))
        TRY(log_fail(files->log, files->registry.is_out_of_memory ? VKV_ERR_MEMORY : VKV_ERR_MODEL, "%s: %s", subject,
                     first.text));
    err = folder_of(files->log, files->registry_file, files->registry_folder);
fail:
    mem_free(bytes);
    return err;
}

/* Fills registry_file; leaves it empty where no registry has to be. */
static int find_registry(struct model_files *files)
{
    const vkv_model_params *p = files->params;
    char folder[FILES_MAX_PATH];

    if (p->registry)
        return files_join(files->log, "", p->registry, files->registry_file);
    if (p->id)
        return files_join(files->log, p->models_dir, REGISTRY_FILE, files->registry_file);
    int err = folder_of(files->log, p->path, folder);
    if (err)
        return err;
    err = files_join(files->log, folder, REGISTRY_FILE, files->registry_file);
    if (err)
        return err;
    if (!is_there(files, files->registry_file))
        files->registry_file[0] = '\0';
    return VKV_OK;
}

int files_entry_of_path(const vkv_log *log, const struct registry *registry, const char *registry_folder,
                        const char *path, const struct registry_entry **entry, bool *is_int8)
{
    char folder[FILES_MAX_PATH], ours[FILES_MAX_PATH], place[FILES_MAX_PATH];

    *entry = NULL;
    *is_int8 = false;
    int err = folder_of(log, path, folder);
    if (err || !realpath(folder, ours) || !realpath(registry_folder, folder))
        return err;
    err = files_join(log, ours, files_base_name(path), place);
    if (err)
        return err;
    if (!is_below(place, folder))
        return VKV_OK;
    const char *relative = place + strlen(folder) + (folder[strlen(folder) - 1] != '/');
    for (uint32_t i = 0; i < registry->n && !*entry; i++)
        if (strcmp(relative, registry->entries[i].onnx) == 0)
            *entry = &registry->entries[i];
    for (uint32_t i = 0; i < registry->n && !*entry; i++)
        if (registry->entries[i].int8_sha256[0] && strcmp(relative, registry->entries[i].int8) == 0) {
            *entry = &registry->entries[i];
            *is_int8 = true;
        }
    return VKV_OK;
}

static int find_entry(struct model_files *files)
{
    const vkv_model_params *p = files->params;
    int err = VKV_OK;

    if (p->id)
        files->entry = registry_find(&files->registry, p->id);
    else if (files->registry_file[0])
        err = files_entry_of_path(files->log, &files->registry, files->registry_folder, p->path, &files->entry,
                                  &files->is_int8);
    if (err)
        return err;
    if (p->id && !files->entry)
        return log_fail(files->log, VKV_ERR_MODEL, "model '%.64s': registry '%.255s' has no such entry", p->id,
                        files->registry_file);
    if (p->verify && !files->entry)
        return log_fail(files->log, VKV_ERR_MODEL, "model '%.255s': cannot be verified: no registry lists it", p->path);
    if (files->entry && strcmp(files->entry->kind, "fr") != 0)
        return log_fail(files->log, VKV_ERR_MODEL, "model '%s': is of kind '%s'; only 'fr' can be used here",
                        files->entry->id, files->entry->kind);
    return VKV_OK;
}

/* ---- sidecar ----------------------------------------------------------------------------------------------------- */

static int read_sidecar(struct model_files *files)
{
    const struct registry_entry *entry = files->entry;
    struct first_problem first = {""};
    char model[FILES_MAX_PATH], path[FILES_MAX_PATH], resolved[FILES_MAX_PATH], subject[300];
    uint8_t *bytes = NULL;
    size_t n = 0;

    int err = entry ? files_join(files->log, files->registry_folder, entry->onnx, model)
                    : files_join(files->log, "", files->params->path, model);
    if (err || !files_replace_ending(model, ".json", path))
        return err;
    if (!is_there(files, path) && (!entry || entry->smoke))
        return VKV_OK;
    snprintf(subject, sizeof(subject), "description '%.255s'", files_base_name(path));
    const struct files_place place = {path, entry ? files->registry_folder : NULL, false};
    TRY(files_read_beside(files, subject, &place, REGISTRY_MAX_BYTES, resolved, &bytes, &n));
    if (!sidecar_parse(bytes, n, &files->sidecar, keep_first, &first))
        TRY(log_fail(files->log, VKV_ERR_MODEL, "%s: %s", subject, first.text));
    files->has_sidecar = true;
    if (files->sidecar.kind[0] && strcmp(files->sidecar.kind, "fr") != 0)
        TRY(log_fail(files->log, VKV_ERR_MODEL, "%s: the model is of kind '%s'; only 'fr' can be used here", subject,
                     files->sidecar.kind));
fail:
    mem_free(bytes);
    return err;
}

int files_find(struct model_files *files, const vkv_model_params *params)
{
    *files = (struct model_files){.params = params, .log = &params->log};
    int err = find_registry(files);
    if (err)
        return err;
    err = files->registry_file[0] ? read_registry(files) : VKV_OK;
    if (err)
        return err;
    err = find_entry(files);
    return err ? err : read_sidecar(files);
}

void files_free(struct model_files *files)
{
    registry_free(&files->registry);
}
