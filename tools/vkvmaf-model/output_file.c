#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static bool is_stdout(const char *path)
{
    return strcmp(path, "/dev/stdout") == 0;
}

/* Pipes and devices are written, not replaced; so are the system's links to descriptors, whatever those are. */
static bool is_in_place(const char *path)
{
    struct stat status;
    if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
        if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
            return true;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

bool output_open(struct output_file *file, const char *path)
{
    const struct output_file to_stdout = {.stream = stdout};
    int fd = -1;

    *file = to_stdout;
    if (!path || is_stdout(path))
        return true;
    if (!*path)
        return tool_fail("a file to write has no name"), false;
    *file = (struct output_file){.path = path};
    if (is_in_place(path)) {
        file->stream = fopen(path, "wb");
        if (file->stream)
            return true;
        tool_fail("'%s' cannot be written: %s", path, strerror(errno));
        *file = (struct output_file){0};
        return false;
    }
    /* Beside the target, with a short name: the target's own may be as long as names can be. */
    const char *slash = strrchr(path, '/');
    const int folder_n = slash ? (int)(slash + 1 - path) : 0;
    const size_t room = (size_t)folder_n + sizeof(".vkvmaf-XXXXXX");
    file->temporary = malloc(room);
    if (file->temporary) {
        snprintf(file->temporary, room, "%.*s.vkvmaf-XXXXXX", folder_n, path);
        fd = mkstemp(file->temporary);
    }
    /* mkstemp makes a file for the user alone; give it what an ordinary new file gets. */
    const mode_t mask = umask(0);
    umask(mask);
    if (fd >= 0 && fchmod(fd, 0666 & ~mask) == 0)
        file->stream = fdopen(fd, "wb");
    if (file->stream)
        return true;
    const int error = errno;
    tool_fail("'%s' cannot be written: %s", path, strerror(error));
    if (fd >= 0) {
        close(fd);
        unlink(file->temporary);
    }
    free(file->temporary);
    *file = (struct output_file){0};
    return false;
}

/* Everything is written, and the stream is closed unless it is stdout. */
static bool is_complete(struct output_file *file)
{
    bool is_good = !ferror(file->stream);

    if (fflush(file->stream))
        is_good = false;
    if (file->path) {
        if (fclose(file->stream))
            is_good = false;
        file->stream = NULL;
    }
    return is_good;
}

bool outputs_finish(struct output_file *files, size_t n)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            struct output_file *file = &files[i];
            errno = 0;
            if (pass ? file->temporary && rename(file->temporary, file->path) : !is_complete(file))
                return tool_fail("'%s' cannot be written: %s", file->path ? file->path : "stdout",
                                 errno ? strerror(errno) : "not all was taken"),
                       false;
            if (pass) {
                free(file->temporary);
                file->temporary = NULL;
            }
        }
    return true;
}

bool output_finish(struct output_file *file)
{
    return outputs_finish(file, 1);
}

void output_discard(struct output_file *file)
{
    if (file->path && file->stream)
        fclose(file->stream);
    if (file->temporary) {
        unlink(file->temporary);
        free(file->temporary);
    }
    *file = (struct output_file){0};
}

static bool can_open(const char *path)
{
    struct output_file file;
    struct stat status;

    if (!is_stdout(path) && is_in_place(path)) {
        /* To open a pipe would wait for its reader. */
        const bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
        if (!is_folder && access(path, W_OK) == 0)
            return true;
        return tool_fail("'%s' cannot be written: %s", path, strerror(is_folder ? EISDIR : errno)), false;
    }
    if (*path && !is_stdout(path) && stat(path, &status) != 0 && errno != ENOENT)
        return tool_fail("'%s' cannot be written: %s", path, strerror(errno)), false;
    if (!output_open(&file, path))
        return false;
    output_discard(&file);
    return true;
}

/* The same name in the same folder, and not a device or pipe. */
static bool is_same_file(const char *a, const char *b)
{
    const char *const paths[2] = {a, b};
    struct stat folders[2], status;
    const char *names[2];

    if (stat(a, &status) == 0 && !S_ISREG(status.st_mode))
        return false;
    for (int i = 0; i < 2; i++) {
        const char *slash = strrchr(paths[i], '/');
        char folder[4096] = ".";
        names[i] = slash ? slash + 1 : paths[i];
        if (slash)
            snprintf(folder, sizeof(folder), "%.*s", (int)(names[i] - paths[i]), paths[i]);
        if (stat(folder, &folders[i]) != 0)
            return false;
    }
    return strcmp(names[0], names[1]) == 0 && folders[0].st_dev == folders[1].st_dev &&
           folders[0].st_ino == folders[1].st_ino;
}

int outputs_spare(const char *const *paths, size_t n, const char *input)
{
    struct stat read, written;

    for (size_t i = 0; i < n; i++)
        if (paths[i] && input && stat(input, &read) == 0 && S_ISREG(read.st_mode) && stat(paths[i], &written) == 0 &&
            read.st_dev == written.st_dev && read.st_ino == written.st_ino)
            return tool_usage("'%s' is read, and would be replaced by '%s'", input, paths[i]);
    return 0;
}

int outputs_check(const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!paths[i])
            continue;
        for (size_t k = 0; k < i; k++)
            if (paths[k] && is_same_file(paths[k], paths[i]))
                return tool_usage("'%s' and '%s' are the same file", paths[k], paths[i]);
        if (!can_open(paths[i]))
            return EXIT_FAILED;
    }
    return 0;
}
