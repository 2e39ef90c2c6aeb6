#include "models/svm_folders.h"

#include <glob.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/model_path.h"
#include "models/svm_known.h"

/* A folder that begins with "/.." lies beside the program, and one that begins with '$' below a variable's folder. */
static const char *const folders_beside[] = {"/../share/vmaf", "/../share/model"};
static const char *const own_folders[] = {"$XDG_DATA_HOME/vkvmaf/libvmaf-models",
                                          "$HOME/.local/share/vkvmaf/libvmaf-models"};
/* libvmaf's own build installs no models: these are where distributions, Homebrew and instructions put them. */
static const char *const usual_folders[] = {
    "/usr/local/share/model",
    "/usr/share/model",
    "/usr/local/share/vmaf",
    "/usr/share/vmaf",
    "/usr/local/share/vmaf/model",
    "/usr/share/vmaf/model",
    "/usr/local/share/libvmaf/model",
    "/usr/share/libvmaf/model",
    "/opt/homebrew/share/libvmaf/model",
    "/home/linuxbrew/.linuxbrew/share/libvmaf/model",
};
/* Python's folders of packages: that which this program came in, those of environments, of users and of the system. */
static const char *const package_folders[] = {
    "/../../..",
    "$VIRTUAL_ENV/lib/python3*/site-packages",
    "$CONDA_PREFIX/lib/python3*/site-packages",
    "$HOME/.local/lib/python3*/site-packages",
    "$HOME/.local/share/pipx/venvs/ffmpeg-quality-metrics/lib/python3*/site-packages",
    "$HOME/.local/share/uv/tools/ffmpeg-quality-metrics/lib/python3*/site-packages",
    "$HOME/.pyenv/versions/*/lib/python3*/site-packages",
    "/usr/local/lib/python3*/site-packages",
    "/usr/local/lib/python3*/dist-packages",
    "/usr/lib/python3*/site-packages",
    "/usr/lib/python3/dist-packages",
};
#define PACKAGE_ROOM 256
/* libvmaf's source has the models of VMAF v1 in folders of their own. */
static const char *const folders_below[] = {"vmaf_v1.0.16", "vmaf_v1.0.16_hfr"};
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

struct visitor {
    bool (*visit)(void *user, const char *folder);
    void *user;
};

/* The folder, and what is there of those below it. */
static bool visit_tree(const struct visitor *visitor, const char *folder)
{
    char below[SVM_FOLDER_ROOM + 32];
    bool is_done = visitor->visit(visitor->user, folder);
    for (size_t i = 0; i < COUNT(folders_below) && !is_done; i++) {
        const int n = snprintf(below, sizeof(below), "%s/%s", folder, folders_below[i]);
        is_done = n > 0 && n < SVM_FOLDER_ROOM && !access(below, X_OK) && visitor->visit(visitor->user, below);
    }
    return is_done;
}

static bool visit_environment(const struct visitor *visitor)
{
    char folder[SVM_FOLDER_ROOM];
    const char *folders = getenv("VKVMAF_LIBVMAF_MODELS");
    while (folders && *folders) {
        const size_t n = strcspn(folders, ":");
        if (n && n < sizeof(folder)) {
            snprintf(folder, sizeof(folder), "%.*s", (int)n, folders);
            if (visit_tree(visitor, folder))
                return true;
        }
        folders += n + (folders[n] == ':');
    }
    return false;
}

/* The beginning of a folder, which is taken as it is: the program's folder, or a variable that names one. Returns the
 * rest; NULL: there is no such beginning. */
static const char *expand_beginning(const char *folder, char beginning[SVM_FOLDER_ROOM])
{
    char name[64];
    *beginning = 0;
    if (!strncmp(folder, "/..", 3))
        return model_path_beside("", beginning, SVM_FOLDER_ROOM) ? folder : NULL;
    if (*folder != '$')
        return folder;
    const size_t n = strcspn(folder, "/");
    snprintf(name, sizeof(name), "%.*s", (int)(n - 1), folder + 1);
    const char *const value = getenv(name);
    if (!value || *value != '/' || strlen(value) >= SVM_FOLDER_ROOM)
        return NULL;
    strcpy(beginning, value);
    return folder + n;
}

static bool expand(const char *folder, char expanded[SVM_FOLDER_ROOM])
{
    char beginning[SVM_FOLDER_ROOM];
    const char *const rest = expand_beginning(folder, beginning);
    return rest && strlen(beginning) + strlen(rest) < SVM_FOLDER_ROOM &&
           snprintf(expanded, SVM_FOLDER_ROOM, "%s%s", beginning, rest) > 0;
}

static bool visit_list(const struct visitor *visitor, const char *const *list, size_t n)
{
    char folder[SVM_FOLDER_ROOM];
    bool is_done = false;
    for (size_t i = 0; i < n && !is_done; i++)
        is_done = expand(list[i], folder) && visit_tree(visitor, folder);
    return is_done;
}

/* The folder's own letters are no pattern; backslashes say so. False where it does not fit. */
static bool make_pattern(const char *folder, char pattern[2 * SVM_FOLDER_ROOM + PACKAGE_ROOM])
{
    char beginning[SVM_FOLDER_ROOM];
    const char *const rest = expand_beginning(folder, beginning);
    size_t n = 0;
    for (const char *c = beginning; *c; c++) {
        if (strchr("\\*?[", *c))
            pattern[n++] = '\\';
        pattern[n++] = *c;
    }
    return rest && snprintf(pattern + n, PACKAGE_ROOM, "%s/" SVM_PACKAGE_FOLDER, rest) < PACKAGE_ROOM;
}

/* Those that are there. */
static bool visit_packages(const struct visitor *visitor, const char *folder)
{
    char pattern[2 * SVM_FOLDER_ROOM + PACKAGE_ROOM];
    glob_t found = {.gl_pathc = 0};
    bool is_done = false;
    if (make_pattern(folder, pattern) && !glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc && !is_done; i++)
            is_done = visit_tree(visitor, found.gl_pathv[i]);
    globfree(&found);
    return is_done;
}

bool svm_folders_visit(bool (*visit)(void *user, const char *folder), void *user)
{
    const struct visitor visitor = {visit, user};
    bool is_done = visit_environment(&visitor) || visit_list(&visitor, folders_beside, COUNT(folders_beside)) ||
                   visit_list(&visitor, own_folders, COUNT(own_folders)) ||
                   visit_list(&visitor, usual_folders, COUNT(usual_folders));
    for (size_t i = 0; i < COUNT(package_folders) && !is_done; i++)
        is_done = visit_packages(&visitor, package_folders[i]);
    return is_done;
}

bool svm_folders_own(char folder[SVM_FOLDER_ROOM])
{
    return expand(own_folders[0], folder) || expand(own_folders[1], folder);
}
