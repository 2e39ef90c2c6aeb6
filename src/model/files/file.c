#ifdef __linux__
#  define _GNU_SOURCE /* O_PATH: folders that may be passed, but not listed */
#endif
#include "model/files/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"

#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#ifdef O_PATH
#  define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)
#else
#  define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif

/* strerror is not thread-safe, strerror_r has two forms. */
static const char *reason(int error)
{
    switch (error) {
    case ENOENT: return "no such file";
    case EACCES:
    case EPERM: return "permission denied";
    case ELOOP: return "it is a symbolic link";
    case ENOTDIR: return "a part of the path is not a folder";
    case ENAMETOOLONG: return "the name is too long";
    case EMFILE:
    case ENFILE: return "too many open files";
    case EIO: return "input/output error";
    }
    return "system error";
}

static int check_regular(const vkv_log *log, const char *subject, int fd, size_t max_bytes, uint64_t *size)
{
    struct stat st;

    if (fstat(fd, &st))
        return log_fail(log, VKV_ERR_IO, "%s: cannot be examined: %s (%d)", subject, reason(errno), errno);
    if (!S_ISREG(st.st_mode))
        return log_fail(log, VKV_ERR_IO, "%s: is not a regular file", subject);
    if (st.st_size < 0 || (uint64_t)st.st_size > max_bytes)
        return log_fail(log, VKV_ERR_MODEL, "%s: is %lld bytes long, at most %zu are accepted", subject,
                        (long long)st.st_size, max_bytes);
    *size = (uint64_t)st.st_size;
    return VKV_OK;
}

static int read_all(const vkv_log *log, const char *subject, int fd, uint64_t offset, uint8_t *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(fd, bytes + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return log_fail(log, VKV_ERR_IO, "%s: cannot be read: %s (%d)", subject, reason(errno), errno);
        if (got == 0)
            return log_fail(log, VKV_ERR_IO, "%s: became shorter while it was read", subject);
        done += (size_t)got;
    }
    return VKV_OK;
}

/* Opens a path from realpath, part by part. A part that has become a link since is not followed: whoever puts one there
 * gets an error. -1: errno. */
static int open_resolved(const char *path, int flags)
{
    int fd = open("/", FOLDER_FLAGS), error = fd < 0 ? errno : 0;

    for (const char *part = path + strspn(path, "/"); !error && *part; part += strspn(part, "/")) {
        char name[NAME_MAX + 1];
        const size_t n = strcspn(part, "/");
        const bool is_last = !part[n + strspn(part + n, "/")];
        int next = -1;
        if (n <= NAME_MAX) {
            memcpy(name, part, n);
            name[n] = '\0';
            next = openat(fd, name, (is_last ? flags : FOLDER_FLAGS) | O_NOFOLLOW);
        } else {
            errno = ENAMETOOLONG;
        }
        error = next < 0 ? errno : 0;
        close(fd);
        fd = next;
        part += n;
    }
    errno = error;
    return fd;
}

/* Takes `fd`, which may be -1: errno says why. */
static int read_whole(const vkv_log *log, const char *subject, int fd, size_t max_bytes, uint8_t **bytes,
                      size_t *n_bytes)
{
    uint8_t *block = NULL;
    uint64_t size;
    int err;

    if (fd < 0)
        return log_fail(log, VKV_ERR_IO, "%s: cannot be opened: %s (%d)", subject, reason(errno), errno);
    TRY(check_regular(log, subject, fd, max_bytes, &size));
    block = mem_alloc((size_t)size, 1);
    if (!block)
        TRY(log_fail(log, VKV_ERR_MEMORY, "%s: no memory for its %zu bytes", subject, (size_t)size));
    TRY(read_all(log, subject, fd, 0, block, (size_t)size));
    *bytes = block;
    *n_bytes = (size_t)size;
    block = NULL;
fail:
    mem_free(block);
    close(fd);
    return err;
}

int file_read(const vkv_log *log, const char *subject, const char *path, size_t max_bytes, uint8_t **bytes,
              size_t *n_bytes)
{
    return read_whole(log, subject, open(path, FILE_FLAGS), max_bytes, bytes, n_bytes);
}

int file_read_resolved(const vkv_log *log, const char *subject, const char *path, size_t max_bytes, uint8_t **bytes,
                       size_t *n_bytes)
{
    return read_whole(log, subject, open_resolved(path, FILE_FLAGS), max_bytes, bytes, n_bytes);
}

int file_read_part(const vkv_log *log, const char *subject, const char *folder, const char *name, size_t max_bytes,
                   uint64_t offset, uint8_t *bytes, size_t n)
{
    uint64_t size;
    int fd = -1, err;

    int folder_fd = open_resolved(folder, FOLDER_FLAGS);
    if (folder_fd < 0)
        return log_fail(log, VKV_ERR_IO, "%s: its folder cannot be opened: %s (%d)", subject, reason(errno), errno);
    fd = openat(folder_fd, name, FILE_FLAGS | O_NOFOLLOW);
    if (fd < 0)
        TRY(log_fail(log, VKV_ERR_IO, "%s: cannot be opened: %s (%d)", subject, reason(errno), errno));
    TRY(check_regular(log, subject, fd, max_bytes, &size));
    if (offset > size || n > size - offset)
        TRY(log_fail(log, VKV_ERR_MODEL, "%s: has %llu bytes, %zu from offset %llu are asked for", subject,
                     (unsigned long long)size, n, (unsigned long long)offset));
    err = read_all(log, subject, fd, offset, bytes, n);
fail:
    if (fd >= 0)
        close(fd);
    close(folder_fd);
    return err;
}
