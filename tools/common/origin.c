#include "common/origin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/target.h"

static int descriptor_of(const char *path)
{
    return !strcmp(path, "-") || !strcmp(path, "/dev/stdin") ? STDIN_FILENO : target_descriptor(path);
}

/* A pipe that is read without waiting is at its end while it has no writer, and gives EAGAIN while its writer has
 * written nothing. *first is the byte that was read, or EOF. Returns 0 or an errno value. */
static int wait_for_writer(int fd, int *first)
{
    enum { PER_SECOND = 50 };
    const struct timespec pause = {0, 1000000000 / PER_SECOND};
    for (int i = 0; i < TARGET_WAIT_SECONDS * PER_SECOND; i++) {
        unsigned char byte;
        const ssize_t n = read(fd, &byte, 1);
        if (n > 0)
            *first = byte;
        if (n)
            return n > 0 || errno == EAGAIN ? 0 : errno;
        nanosleep(&pause, NULL);
    }
    return ETIMEDOUT;
}

/* Makes what was opened without waiting fit for reading. Returns 0 or an errno value. */
static int prepare(int fd, int *first)
{
    struct stat st;
    if (fstat(fd, &st))
        return errno;
    const int error = S_ISFIFO(st.st_mode) ? wait_for_writer(fd, first) : 0;
    if (error)
        return error;
    return fcntl(fd, F_SETFL, O_RDONLY) < 0 ? errno : 0;
}

static int check_readable(int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? errno : (flags & O_ACCMODE) == O_WRONLY ? EBADF : 0;
}

FILE *origin_open(const char *path)
{
    const int named = descriptor_of(path);
    const int fd =
        named >= 0 ? fcntl(named, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int first = EOF, error = fd < 0 ? errno : named >= 0 ? check_readable(fd) : prepare(fd, &first);
    FILE *const file = error ? NULL : fdopen(fd, "rb");
    if (file) {
        if (first != EOF)
            ungetc(first, file);
        return file;
    }
    error = error ? error : errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return NULL;
}

const char *origin_reason(int error)
{
    return error == ETIMEDOUT ? "nothing writes to it" : strerror(error);
}
