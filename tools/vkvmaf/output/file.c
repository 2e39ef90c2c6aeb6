#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"
#include "common/target.h"

int output_is_stdout(const char *path)
{
    return target_descriptor(path) == STDOUT_FILENO;
}

bool output_is_shared(const char *path)
{
    struct stat st;
    return !output_is_stdout(path) && !stat(path, &st) && S_ISCHR(st.st_mode);
}

/* One that a script has made for us, and may hold open: it is filled, and stays the same file. */
static bool is_empty_file(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISREG(st.st_mode) && !st.st_size;
}

static int check_descriptor(int fd, const char *path)
{
    if (target_is_writable(fd))
        return 0;
    message_line("%s: cannot be written: it is not open for writing", path);
    return -1;
}

static int check_existing(const char *path, const struct stat *st)
{
    const char *const what = target_unsuitable(st);
    if (what)
        message_line("%s: is %s, an output file was expected", path, what);
    else if (access(path, W_OK))
        message_line("%s: cannot be written: %s", path, strerror(errno));
    else
        return 0;
    return -1;
}

/* The folder is looked at, too, when the file is there: it is replaced. */
static int check_folder(const char *path)
{
    char *const real = target_resolve(path);
    const int failed = !real || access(dirname(real), W_OK | X_OK);
    if (failed)
        message_line("%s: cannot be created: %s", path, strerror(errno));
    free(real);
    return failed ? -1 : 0;
}

int output_check(const char *path)
{
    struct stat st;
    const int fd = target_descriptor(path);
    if (fd >= 0)
        return check_descriptor(fd, path);
    if (!*path) {
        message_line("the output file has an empty name");
        return -1;
    }
    if (!stat(path, &st) && check_existing(path, &st))
        return -1;
    return target_is_direct(path) ? 0 : check_folder(path);
}

/* Writes all bytes. Returns 0 or an errno value. */
static int write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        const ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno != EINTR)
            return errno;
        if (done > 0) {
            bytes += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

static int write_direct(const char *path, const char *bytes, size_t n)
{
    if (output_is_stdout(path))
        fflush(stdout);
    const int fd = target_open(path);
    int error = fd < 0 ? errno : write_all(fd, bytes, n);
    if (fd >= 0 && close(fd) && !error)
        error = errno;
    return error;
}

/* Writes beside the target a file that is not yet under its name, which is to be freed. Returns 0 or an errno value. */
static int write_beside(const struct output_file *file, char **temporary)
{
    char *path = NULL;
    const int fd = target_create_beside(file->path, &path);
    if (fd < 0)
        return errno;
    int error = write_all(fd, file->bytes, file->n);
    if (close(fd) && !error)
        error = errno;
    if (error) {
        unlink(path);
        free(path);
    } else {
        *temporary = path;
    }
    return error;
}

/* After a failure the file is empty again. */
static int fill_empty_file(const struct output_file *file)
{
    const int fd = open(file->path, O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int error = fd < 0 ? errno : write_all(fd, file->bytes, file->n);
    if (fd >= 0) {
        if (error && ftruncate(fd, 0))
            error = errno;
        if (close(fd) && !error)
            error = errno;
    }
    return error;
}

static int give_name(const struct output_file *file, const char *temporary)
{
    if (is_empty_file(file->path)) {
        const int error = fill_empty_file(file);
        if (!error)
            unlink(temporary);
        return error;
    }
    return target_rename(temporary, file->path) ? errno : 0; /* a link stays a link */
}

static int failed_to_write(const struct output_file *file, int error)
{
    if (error)
        message_line("%s: cannot be written: %s", file->path, target_reason(error));
    return error ? -1 : 0;
}

static int write_renamed(const struct output_file *files, size_t n)
{
    char *temporaries[OUTPUT_FILES_MAX] = {NULL};
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++)
        if (!target_is_direct(files[i].path))
            failed = failed_to_write(&files[i], write_beside(&files[i], &temporaries[i]));
    for (size_t i = 0; i < n; i++) {
        if (temporaries[i] && !failed)
            failed = failed_to_write(&files[i], give_name(&files[i], temporaries[i]));
        if (temporaries[i] && failed)
            unlink(temporaries[i]);
        free(temporaries[i]);
    }
    return failed;
}

int output_write(const struct output_file *files, size_t n)
{
    sigset_t held, before;
    for (size_t i = 0; i < n; i++)
        if (target_is_direct(files[i].path) &&
            failed_to_write(&files[i], write_direct(files[i].path, files[i].bytes, files[i].n)))
            return -1;
    /* An interrupt waits until the temporary files have their names or are gone. */
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    const int failed = write_renamed(files, n);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}
