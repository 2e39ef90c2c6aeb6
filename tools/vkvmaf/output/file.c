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

#include "common/atomic_file.h"
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

/* Leaves a file that has no name yet, or nothing. Returns 0 or an errno value. */
static int write_unnamed(const struct output_bytes *bytes, struct atomic_file *file)
{
    if (output_is_stdout(bytes->path))
        fflush(stdout);
    int error = atomic_file_open(file, bytes->path);
    if (!error)
        error = write_all(file->fd, bytes->bytes, bytes->n);
    const int close_error = atomic_file_close(file);
    error = error ? error : close_error;
    if (error)
        atomic_file_discard(file);
    return error;
}

/* Fills the file; after a failure it is empty again. */
static int fill_empty_file(const struct output_bytes *bytes)
{
    const int fd = open(bytes->path, O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int error = fd < 0 ? errno : write_all(fd, bytes->bytes, bytes->n);
    if (fd >= 0) {
        if (error && ftruncate(fd, 0))
            error = errno;
        if (close(fd) && !error)
            error = errno;
    }
    return error;
}

static int give_name(const struct output_bytes *bytes, struct atomic_file *file)
{
    if (!is_empty_file(bytes->path))
        return atomic_file_name(file);
    const int error = fill_empty_file(bytes);
    atomic_file_discard(file);
    return error;
}

static int failed_to_write(const struct output_bytes *bytes, int error)
{
    if (error)
        message_line("%s: cannot be written: %s", bytes->path, target_reason(error));
    return error ? -1 : 0;
}

static int write_renamed(const struct output_bytes *bytes, size_t n)
{
    struct atomic_file files[OUTPUT_FILES_MAX];
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        files[i] = (struct atomic_file){.fd = -1};
    for (size_t i = 0; i < n && !failed; i++)
        if (!target_is_direct(bytes[i].path))
            failed = failed_to_write(&bytes[i], write_unnamed(&bytes[i], &files[i]));
    for (size_t i = 0; i < n; i++) {
        if (files[i].temporary && !failed)
            failed = failed_to_write(&bytes[i], give_name(&bytes[i], &files[i]));
        atomic_file_discard(&files[i]);
    }
    return failed;
}

int output_write(const struct output_bytes *bytes, size_t n)
{
    sigset_t held, before;
    struct atomic_file file;
    for (size_t i = 0; i < n; i++)
        if (target_is_direct(bytes[i].path) && failed_to_write(&bytes[i], write_unnamed(&bytes[i], &file)))
            return -1;
    /* An interrupt waits until the temporary files have their names or are gone. */
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    const int failed = write_renamed(bytes, n);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}
