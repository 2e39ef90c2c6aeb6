/* The files of one model, found and checked: what the registry, a sidecar and the caller's limits ask for. */
#ifndef VKV_MODEL_FILES_H
#define VKV_MODEL_FILES_H

#include "model/model.h"
#include "model/files/registry.h"

#define FILES_MAX_PATH 4096

struct model_files {
    const vkv_model_params *params;
    const vkv_log *log;
    char registry_file[FILES_MAX_PATH]; /* "": there is none */
    char registry_folder[FILES_MAX_PATH];
    struct registry registry;
    const struct registry_entry *entry;
    struct sidecar sidecar;
    bool has_sidecar;
    bool is_int8; /* `entry` or the sidecar mean the 8-bit file itself by this path */
};

/* A file's bytes in memory from mem_alloc, and what was read. */
struct model_bytes {
    uint8_t *bytes;
    size_t n;
    char sha256[65];
    char path[FILES_MAX_PATH];
};

/* Finds and reads the registry, the entry and the sidecar. Logs. For files_free, also after a failure. */
int files_find(struct model_files *files, const vkv_model_params *params);
void files_free(struct model_files *files);

/* Reads a model file inside the limits; `sha256` "" or NULL: any. `folder` NULL, or where it must lie, links resolved.
 * Of `files` only `params`, `log` and `entry` are looked at. */
int files_read(const struct model_files *files, const char *path, const char *folder, const char *sha256,
               struct model_bytes *read);

/* Whether the caller sets limits to where files lie. */
bool files_is_confined(const struct model_files *files);

/* A file, where it must lie, and whether the caller named it itself. */
struct files_place {
    const char *path;
    const char *folder; /* NULL: anywhere in the caller's limits; else below it, links resolved */
    bool is_named;      /* `root` of the parameters does not count */
};

/* Reads a file that belongs to a model inside the caller's limits, `jail` and `root` of the parameters. `subject`
 * starts a message. What lies outside cannot be told from what is not there. What was checked is what is read, whoever
 * changes links meanwhile. */
int files_read_beside(const struct model_files *files, const char *subject, const struct files_place *place,
                      size_t max_bytes, char resolved[FILES_MAX_PATH], uint8_t **bytes, size_t *n);

/* Resolves the links of a path; what it leads to must lie below `folder`, unless that is NULL. `subject` starts a
 * message. */
int files_resolve(const vkv_log *log, const char *subject, const char *path, const char *folder,
                  char resolved[FILES_MAX_PATH]);

/* The entry that lists the file at `path` as its float form or, then *is_int8, its 8-bit form; the first one of more.
 * *entry is NULL if there is none. */
int files_entry_of_path(const vkv_log *log, const struct registry *registry, const char *registry_folder,
                        const char *path, const struct registry_entry **entry, bool *is_int8);

/* "<folder>/<name>", or a message. */
int files_join(const vkv_log *log, const char *folder, const char *name, char path[FILES_MAX_PATH]);

const char *files_base_name(const char *path);
/* Replaces the ending ".onnx"; false if there is none, or no room. */
bool files_replace_ending(const char *path, const char *ending, char changed[FILES_MAX_PATH]);

#endif
