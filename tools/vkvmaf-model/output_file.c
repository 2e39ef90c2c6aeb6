#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/atomic_file.h"
#include "common/target.h"
#include "tool.h"

static bool is_stdout(const char *path)
{
    return target_descriptor(path) == STDOUT_FILENO;
}

static bool fail_to_write(const char *path, const char *reason)
{
    tool_fail("'%s' cannot be written: %s", path, reason);
    return false;
}

bool output_open(struct output_file *file, const char *path)
{
    *file = (struct output_file){.stream = stdout, .atomic.fd = -1};
    if (!path || is_stdout(path))
        return true;
    if (!*path)
        return tool_refuse("a file to write has no name");
    *file = (struct output_file){.path = path};
    const int error = atomic_file_open(&file->atomic, path);
    file->stream = error ? NULL : fdopen(file->atomic.fd, "wb");
    if (file->stream) {
        file->atomic.fd = -1; /* the stream closes it */
        return true;
    }
    fail_to_write(path, target_reason(error ? error : errno));
    output_discard(file);
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

static bool fail_to_finish(const struct output_file *file, int error)
{
    return fail_to_write(file->path ? file->path : "stdout", error ? strerror(error) : "not all was taken");
}

bool outputs_finish(struct output_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        errno = 0;
        if (!is_complete(&files[i]))
            return fail_to_finish(&files[i], errno);
    }
    for (size_t i = 0; i < n; i++) {
        const int error = atomic_file_name(&files[i].atomic);
        if (error)
            return fail_to_finish(&files[i], error);
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
    if (file->path)
        atomic_file_discard(&file->atomic);
    *file = (struct output_file){0};
}

/* Pipes are left out: opening one would wait for its reader. */
static bool can_open_direct(const char *path)
{
    const int fd = target_descriptor(path);
    struct stat status;

    if (fd >= 0)
        return target_is_writable(fd) || fail_to_write(path, "it is not open for writing");
    if (stat(path, &status) == 0 && target_unsuitable(&status))
        return tool_refuse("'%s' cannot be written: it is %s", path, target_unsuitable(&status));
    return access(path, W_OK) == 0 || fail_to_write(path, strerror(errno));
}

static bool can_open(const char *path)
{
    struct output_file file;

    if (target_is_direct(path))
        return can_open_direct(path);
    if (!output_open(&file, path))
        return false;
    output_discard(&file);
    return true;
}

/* Devices and pipes may be shared. */
static bool is_same_file(const char *a, const char *b)
{
    return !target_is_direct(a) && target_is_same(a, b);
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
