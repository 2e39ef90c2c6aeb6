#include "commands/models.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/model_path.h"
#include "models/svm_folders.h"
#include "models/svm_known.h"

#define TINY_OPTION "--tiny-model "
#define SVM_OPTION "--model version="

/* A model, by what names it on the command line. */
struct found {
    char *option, *path; /* path: NULL for one that is not found */
    size_t order;        /* of two with one option, the one that is found first is taken */
};

struct list {
    struct found *at;
    size_t n;
    bool is_full; /* there is no memory */
};

static char *join(const char *a, const char *b, size_t n_b)
{
    const size_t n_a = strlen(a);
    char *const text = malloc(n_a + n_b + 1);
    if (text) {
        memcpy(text, a, n_a);
        memcpy(text + n_a, b, n_b);
        text[n_a + n_b] = 0;
    }
    return text;
}

/* The name has `n` characters. `path` becomes the list's; NULL: it is not found. */
static void add(struct list *list, const char *option, const char *name, size_t n, char *path)
{
    struct found *const at = realloc(list->at, (list->n + 1) * sizeof(*at));
    list->at = at ? at : list->at;
    struct found found = {.option = at ? join(option, name, n) : NULL, .path = path, .order = list->n};
    list->is_full = list->is_full || !found.option;
    if (found.option)
        list->at[list->n++] = found;
    else
        free(path);
}

static bool ends(const char *name, const char *ending)
{
    const size_t n = strlen(name), n_ending = strlen(ending);
    return n > n_ending && !strcmp(name + n - n_ending, ending);
}

/* Forms of 8 bit are chosen by another option; a name with other letters is none that people give a model. */
static bool is_model(const char *name, const char *ending)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return *name != '.' && !name[strspn(name, letters)] && ends(name, ending) && !ends(name, ".int8.onnx");
}

static void add_folder(struct list *list, const char *folder, const char *option, const char *ending)
{
    char path[2 * SVM_FOLDER_ROOM];
    DIR *const entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        const int n = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (!is_model(entry->d_name, ending) || n < 0 || n >= (int)sizeof(path))
            continue;
        char *const kept = join("", path, (size_t)n);
        list->is_full = list->is_full || !kept;
        if (kept)
            add(list, option, entry->d_name, strlen(entry->d_name) - strlen(ending), kept);
    }
    if (entries)
        closedir(entries);
}

static bool add_svms(void *list, const char *folder)
{
    add_folder(list, folder, SVM_OPTION, ".json");
    return false;
}

/* Those that can be installed come behind all that are found. */
static void add_known(struct list *list)
{
    char version[SVM_VERSION_ROOM];
    for (size_t i = 0; i < svm_n_files; i++)
        if (svm_file_version(&svm_files[i], version))
            add(list, SVM_OPTION, version, strlen(version), NULL);
}

static int compare(const void *a, const void *b)
{
    const struct found *const one = a, *const other = b;
    const int order = strcmp(one->option, other->option);
    return order ? order : one->order < other->order ? -1 : 1;
}

/* Returns how many are not found. */
static unsigned print(const struct list *list)
{
    unsigned n_missing = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct found *const found = &list->at[i];
        if (i && !strcmp(found->option, found[-1].option))
            continue;
        printf("%-44s  %s\n", found->option, found->path ? found->path : "not found");
        n_missing += !found->path;
    }
    return n_missing;
}

static void free_list(struct list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->at[i].option);
        free(list->at[i].path);
    }
    free(list->at);
}

int models_command(bool quiet)
{
    struct list list = {.n = 0};
    struct model_folders folders;
    unsigned n_missing = 0;
    model_path_folders(NULL, &folders);
    for (size_t i = 0; i < folders.n; i++)
        add_folder(&list, folders.names[i], TINY_OPTION, ".onnx");
    svm_folders_visit(add_svms, &list);
    add_known(&list);
    if (list.is_full)
        message_no_memory("to list the models");
    else {
        qsort(list.at, list.n, sizeof(*list.at), compare);
        n_missing = print(&list);
    }
    const bool failed = list.is_full;
    free_list(&list);
    if (n_missing && !quiet)
        message_line("\"" SVM_INSTALL "\" gets those of libvmaf that are not found");
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
