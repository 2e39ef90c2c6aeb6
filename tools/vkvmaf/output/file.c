#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"

/* The descriptor that `path` names, or -1. */
static int named_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
        return STDOUT_FILENO;
    if (!strcmp(path, "/dev/stderr"))
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        const size_t n = strlen(folders[i]);
        const char *digits = path + n;
        if (!strncmp(path, folders[i], n) && *digits && strlen(digits) < 9 && !digits[strspn(digits, "0123456789")])
            return atoi(digits);
    }
    return -1;
}

int output_is_stdout(const char *path)
{
    return named_descriptor(path) == STDOUT_FILENO;
}

bool output_is_shared(const char *path)
{
    struct stat st;
    return !output_is_stdout(path) && !stat(path, &st) && S_ISCHR(st.st_mode);
}

/* Whether the bytes go straight to `path`: it exists and is no regular file. */
static bool is_direct(const char *path)
{
    struct stat st;
    return !stat(path, &st) && !S_ISREG(st.st_mode);
}

/* One that a script has made for us, and may hold open: it is filled, and stays the same file. */
static bool is_empty_file(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISREG(st.st_mode) && !st.st_size;
}

/* The folder in which `path` is created or replaced, to be freed; NULL with errno set. */
static char *folder_of(const char *path)
{
    char *real = realpath(path, NULL); /* a link stays a link */
    char *copy = real ? real : strdup(path);
    char *folder = copy ? strdup(dirname(copy)) : NULL;
    free(copy);
    return folder;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *output_identity(const char *path)
{
    const size_t room = strlen(path) + 64;
    char *identity = malloc(room), *folder = folder_of(path);
    const int descriptor = named_descriptor(path);
    struct stat st;
    if (!identity || !folder) {
        free(identity);
        identity = NULL;
    } else if (descriptor >= 0 && (fstat(descriptor, &st) || !S_ISREG(st.st_mode))) {
        snprintf(identity, room, "descriptor %d", descriptor);
    } else if (descriptor >= 0 || !stat(path, &st)) {
        snprintf(identity, room, "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    } else if (!stat(folder, &st)) {
        snprintf(identity, room, "%" PRIuMAX ":%" PRIuMAX "/%s", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
                 last_name(path));
    } else {
        strcpy(identity, path);
    }
    free(folder);
    return identity;
}

int output_is_same(const char *a, const char *b)
{
    char *identity_a = output_identity(a), *identity_b = output_identity(b);
    const int same = identity_a && identity_b && !strcmp(identity_a, identity_b);
    free(identity_a);
    free(identity_b);
    return same;
}

static int check_descriptor(int fd, const char *path)
{
    const int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
        return 0;
    message_line("%s: cannot be written: it is not open for writing", path);
    return -1;
}

int output_check(const char *path)
{
    struct stat st;
    const int fd = named_descriptor(path);
    if (fd >= 0)
        return check_descriptor(fd, path);
    if (!*path) {
        message_line("the output file has an empty name");
        return -1;
    }
    if (!stat(path, &st)) {
        if (S_ISDIR(st.st_mode)) {
            message_line("%s: is a folder, an output file was expected", path);
            return -1;
        }
        if (access(path, W_OK)) {
            message_line("%s: cannot be written: %s", path, strerror(errno));
            return -1;
        }
    } else if (errno == ENAMETOOLONG) {
        message_line("%s: cannot be created: %s", path, strerror(errno));
        return -1;
    }
    if (is_direct(path))
        return 0;
    char *folder = folder_of(path);
    const int failed = !folder || access(folder, W_OK | X_OK);
    if (failed)
        message_line("%s: cannot be created: %s", path, strerror(folder ? errno : ENOMEM));
    free(folder);
    return failed ? -1 : 0;
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
    const int named = named_descriptor(path);
    if (named == STDOUT_FILENO)
        fflush(stdout);
    const int fd = named >= 0 ? fcntl(named, F_DUPFD_CLOEXEC, 0) : open(path, O_WRONLY | O_CLOEXEC);
    int error = fd < 0 ? errno : write_all(fd, bytes, n);
    if (fd >= 0 && close(fd) && !error)
        error = errno;
    return error;
}

/* Permissions of the file that is replaced, or those that a new file gets. */
static mode_t target_mode(const char *path)
{
    struct stat st;
    if (!stat(path, &st))
        return st.st_mode & 0777;
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Writes beside the target a file that is not yet under its name, which is to be freed. Returns 0 or an errno value. */
static int write_beside(const struct output_file *file, char **temporary)
{
    static const char name[] = "/.vkvmaf-XXXXXX"; /* short: the target's own name may be as long as names can be */
    char *folder = folder_of(file->path);
    const size_t folder_n = folder ? strlen(folder) : 0;
    char *path = folder ? malloc(folder_n + sizeof(name)) : NULL;
    int error = path ? 0 : ENOMEM, fd = -1;
    if (!error) {
        memcpy(path, folder, folder_n);
        memcpy(path + folder_n, name, sizeof(name));
        fd = mkstemp(path);
        error = fd < 0 ? errno : write_all(fd, file->bytes, file->n);
    }
    if (fd >= 0) {
        if (!error && fchmod(fd, target_mode(file->path)))
            error = errno;
        if (close(fd) && !error)
            error = errno;
        if (error)
            unlink(path);
    }
    free(folder);
    if (error)
        free(path);
    else
        *temporary = path;
    return error;
}

/* After a failure the file is empty again. */
static int fill_empty_file(const struct output_file *file)
{
    const int fd = open(file->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
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
    char *real = realpath(file->path, NULL); /* a link stays a link */
    const int error = rename(temporary, real ? real : file->path) ? errno : 0;
    free(real);
    return error;
}

static int failed_to_write(const struct output_file *file, int error)
{
    if (error)
        message_line("%s: cannot be written: %s", file->path, strerror(error));
    return error ? -1 : 0;
}

static bool is_renamed(const struct output_file *file)
{
    return named_descriptor(file->path) < 0 && !is_direct(file->path);
}

static int write_renamed(const struct output_file *files, size_t n)
{
    char *temporaries[OUTPUT_FILES_MAX] = {NULL};
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++)
        if (is_renamed(&files[i]))
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
        if (!is_renamed(&files[i]) &&
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
