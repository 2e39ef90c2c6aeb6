#include "common/target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int target_descriptor(const char *path)
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

bool target_is_direct(const char *path)
{
    struct stat st;
    return target_descriptor(path) >= 0 || (!stat(path, &st) && !S_ISREG(st.st_mode));
}

const char *target_unsuitable(const struct stat *st)
{
    return S_ISDIR(st->st_mode)    ? "a folder"
           : S_ISBLK(st->st_mode)  ? "a device of blocks"
           : S_ISSOCK(st->st_mode) ? "a socket"
                                   : NULL;
}

static bool is_pipe(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISFIFO(st.st_mode);
}

/* A pipe that nobody reads gives ENXIO when it is opened without waiting. */
static int open_with_reader(const char *path)
{
    enum { PER_SECOND = 50 };
    const struct timespec pause = {0, 1000000000 / PER_SECOND};
    int fd = -1;
    for (int i = 0; fd < 0 && i < TARGET_WAIT_SECONDS * PER_SECOND; i++) {
        fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 && (errno != ENXIO || !is_pipe(path)))
            return -1;
        if (fd < 0)
            nanosleep(&pause, NULL);
    }
    if (fd < 0)
        errno = ENXIO;
    return fd;
}

int target_open(const char *path)
{
    struct stat st;
    const int named = target_descriptor(path);
    if (named != STDOUT_FILENO)
        signal(SIGPIPE, SIG_IGN);
    if (named >= 0)
        return fcntl(named, F_DUPFD_CLOEXEC, 0);
    const int fd = open_with_reader(path);
    if (fd < 0)
        return -1;
    int error = fstat(fd, &st) ? errno : 0;
    if (!error && (S_ISREG(st.st_mode) || target_unsuitable(&st)))
        error = ESTALE; /* put there since it was looked at */
    if (!error && fcntl(fd, F_SETFL, O_WRONLY) < 0)
        error = errno;
    if (!error)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

/* The target of the link `path`, as seen from the current folder. NULL: errno. */
static char *follow(const char *path)
{
    char to[PATH_MAX], *copy = strdup(path), *next = NULL;
    const ssize_t n = readlink(path, to, sizeof(to) - 1);
    if (n > 0 && copy) {
        to[n] = 0;
        const char *const folder = *to == '/' ? "" : dirname(copy), *const slash = *to == '/' ? "" : "/";
        const size_t room = strlen(folder) + strlen(to) + 2;
        next = malloc(room);
        if (next)
            snprintf(next, room, "%s%s%s", folder, slash, to);
    }
    free(copy);
    return next;
}

/* The same file by way of its real folder; nothing lies there. */
static char *in_real_folder(const char *path)
{
    char *const copy = strdup(path), *const folder = copy ? realpath(dirname(copy), NULL) : NULL;
    const char *const slash = strrchr(path, '/'), *const name = slash ? slash + 1 : path;
    const size_t room = folder ? strlen(folder) + strlen(name) + 2 : 0;
    char *const real = folder && *name ? malloc(room) : NULL;
    if (real)
        snprintf(real, room, "%s/%s", strcmp(folder, "/") ? folder : "", name);
    else if (folder && *path && !*name)
        errno = EISDIR;
    free(copy);
    free(folder);
    return real;
}

char *target_resolve(const char *path)
{
    enum { LINKS_MAX = 40 };
    char *const real = realpath(path, NULL);
    if (real || errno != ENOENT)
        return real;
    char *at = strdup(path);
    struct stat st;
    for (int i = 0; at && i < LINKS_MAX; i++) {
        const bool is_link = !lstat(at, &st) && S_ISLNK(st.st_mode);
        char *const next = is_link ? follow(at) : in_real_folder(at);
        free(at);
        if (!is_link)
            return next;
        at = next;
    }
    free(at);
    errno = ELOOP; /* more links than the system follows, or no memory */
    return NULL;
}

char *target_identity(const char *path)
{
    char *const real = target_resolve(path), *identity = real;
    const int descriptor = target_descriptor(path);
    struct stat st;
    const bool is_there = descriptor >= 0 ? !fstat(descriptor, &st) : real && !stat(real, &st);
    if ((descriptor >= 0 || is_there) && (identity = malloc(64))) {
        if (is_there && (descriptor < 0 || S_ISREG(st.st_mode)))
            snprintf(identity, 64, "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
        else
            snprintf(identity, 64, "descriptor %d", descriptor);
    }
    if (identity != real)
        free(real);
    return identity ? identity : strdup(path);
}

bool target_is_same(const char *a, const char *b)
{
    char *const identity_a = target_identity(a), *const identity_b = target_identity(b);
    const bool is_same = identity_a && identity_b && !strcmp(identity_a, identity_b);
    free(identity_a);
    free(identity_b);
    return is_same;
}

bool target_is_writable(int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* Permissions of the file that is replaced, or those that a new file gets. */
static mode_t mode_of(const char *path)
{
    struct stat st;
    if (!stat(path, &st))
        return st.st_mode & 0777;
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

int target_create_beside(const char *path, char **temporary)
{
    static const char name[] = "/.vkvmaf-XXXXXX"; /* short: the target's own name may be as long as names can be */
    char *const real = target_resolve(path);
    if (!real)
        return -1;
    const mode_t mode = mode_of(real);
    const char *const folder = dirname(real);
    const size_t folder_n = strlen(folder);
    char *const beside = malloc(folder_n + sizeof(name));
    int fd = -1;
    if (beside) {
        memcpy(beside, folder, folder_n);
        memcpy(beside + folder_n, name, sizeof(name));
        fd = mkstemp(beside);
    }
    if (fd >= 0 && fchmod(fd, mode)) {
        const int error = errno;
        close(fd);
        unlink(beside);
        errno = error;
        fd = -1;
    }
    free(real);
    if (fd >= 0)
        *temporary = beside;
    else
        free(beside);
    return fd;
}

void target_refuse_size_signal(void)
{
    signal(SIGXFSZ, SIG_IGN);
}

int target_rename(const char *temporary, const char *path)
{
    char *const real = target_resolve(path);
    const int failed = real ? rename(temporary, real) : -1;
    const int error = errno;
    free(real);
    errno = error;
    return failed;
}

const char *target_reason(int error)
{
    return error == ENXIO ? "nothing reads it" : strerror(error);
}
