#include "input/files/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One read(2) never asks for more: larger requests are cut by some systems anyway. */
#define READ_MAX ((size_t)1 << 30)
/* Less is copied sooner than it is mapped. */
#define MAP_MIN ((size_t)512 << 10)

bool source_is_stdin(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(path, names[i]))
            return true;
    return false;
}

int source_open(struct source *source, const char *path)
{
    struct stat st;
    *source = (struct source){.fd = -1};
    if (!strcmp(path, "-")) {
        source->fd = STDIN_FILENO;
    } else {
        do
            source->fd = open(path, O_RDONLY | O_CLOEXEC);
        while (source->fd < 0 && errno == EINTR);
        if (source->fd < 0)
            return errno;
    }
    if (fstat(source->fd, &st)) {
        const int error = errno;
        source_close(source);
        return error;
    }
    if (S_ISDIR(st.st_mode)) {
        source_close(source);
        return EISDIR;
    }
    if (S_ISREG(st.st_mode)) {
        const off_t at = lseek(source->fd, 0, SEEK_CUR);
        source->is_regular = at >= 0;
        source->base = at >= 0 ? (uint64_t)at : 0;
        source->size = at >= 0 && st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
    }
    return 0;
}

void source_close(struct source *source)
{
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    source->fd = -1;
}

/* Up to `n` bytes from the file itself; 0 at the end or after an error. */
static size_t read_some(struct source *source, void *bytes, size_t n)
{
    ssize_t got;
    if (source->error)
        return 0;
    do
        got = read(source->fd, bytes, n < READ_MAX ? n : READ_MAX);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        source->error = errno;
    return got > 0 ? (size_t)got : 0;
}

size_t source_peek(struct source *source, const unsigned char **bytes, size_t n)
{
    if (source->start && source->end - source->start < n) {
        memmove(source->buffer, source->buffer + source->start, source->end - source->start);
        source->end -= source->start;
        source->start = 0;
    }
    while (source->end - source->start < n) {
        const size_t got = read_some(source, source->buffer + source->end, SOURCE_BUFFER_BYTES - source->end);
        if (!got)
            break;
        source->end += got;
    }
    *bytes = source->buffer + source->start;
    return source->end - source->start < n ? source->end - source->start : n;
}

size_t source_read_at(int fd, uint64_t at, void *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        const ssize_t got = pread(fd, (char *)bytes + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

size_t source_beginning(struct source *source, unsigned char *bytes, size_t n)
{
    const unsigned char *peeked;
    if (!source->is_regular) {
        n = source_peek(source, &peeked, n < SOURCE_BUFFER_BYTES ? n : SOURCE_BUFFER_BYTES);
        memcpy(bytes, peeked, n);
        return n;
    }
    return source_read_at(source->fd, source->base, bytes, n);
}

/* How many of the `n` bytes, from the last on, are `byte`. */
static size_t count_last(const unsigned char *bytes, size_t n, unsigned char byte)
{
    size_t count = 0;
    while (count < n && bytes[n - 1 - count] == byte)
        count++;
    return count;
}

uint64_t source_padding(const struct source *source)
{
    unsigned char bytes[16384], last = 0;
    uint64_t end = source->size;
    while (source->is_regular && end) {
        const size_t n = end < sizeof(bytes) ? (size_t)end : sizeof(bytes);
        if (source_read_at(source->fd, source->base + end - n, bytes, n) != n)
            break;
        if (end == source->size)
            last = bytes[n - 1];
        const size_t count = !last || last == 0xff ? count_last(bytes, n, last) : 0;
        end -= count;
        if (count < n)
            break;
    }
    return end;
}

static size_t take_buffered(struct source *source, void *bytes, size_t n)
{
    const size_t have = source->end - source->start;
    const size_t taken = n < have ? n : have;
    if (taken && bytes)
        memcpy(bytes, source->buffer + source->start, taken);
    source->start += taken;
    source->position += taken;
    return taken;
}

size_t source_read(struct source *source, void *bytes, size_t n)
{
    unsigned char *to = bytes;
    size_t done = take_buffered(source, to, n);
    while (done < n) {
        const size_t got = read_some(source, to + done, n - done);
        if (!got)
            break;
        done += got;
        source->position += got;
    }
    return done;
}

struct window *source_map(struct source *source, uint64_t n, uint32_t alignment)
{
    const uint64_t at = source->base + source->position;
    if (!source->is_regular || n < MAP_MIN || n > SIZE_MAX || at % alignment || source->position > source->size ||
        n > source->size - source->position)
        return NULL;
    return window_open(source->fd, at, (size_t)n);
}

size_t source_read_some(struct source *source, void *bytes, size_t n)
{
    size_t done = take_buffered(source, bytes, n);
    if (!done) {
        done = read_some(source, bytes, n);
        source->position += done;
    }
    return done;
}

int source_seek(struct source *source, uint64_t position)
{
    if (lseek(source->fd, (off_t)(source->base + position), SEEK_SET) < 0) {
        source->error = errno == EINVAL ? 0 : errno;
        return -1;
    }
    source->start = source->end = 0;
    source->position = position;
    return 0;
}

/* A seek past the end would succeed and hide a cut file, so it goes no further than the size says. */
static uint64_t skip_by_seeking(struct source *source, uint64_t n)
{
    struct stat st;
    const off_t at = lseek(source->fd, 0, SEEK_CUR);
    if (at < 0 || fstat(source->fd, &st)) {
        source->error = errno;
        return 0;
    }
    const uint64_t left = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
    const uint64_t skipped = n < left ? n : left;
    if (lseek(source->fd, (off_t)skipped, SEEK_CUR) < 0) {
        source->error = errno;
        return 0;
    }
    source->position += skipped;
    return skipped;
}

uint64_t source_skip(struct source *source, uint64_t n)
{
    unsigned char dropped[16384];
    const size_t have = source->end - source->start;
    uint64_t done = take_buffered(source, NULL, n < have ? (size_t)n : have);
    if (done < n && source->is_regular)
        return done + skip_by_seeking(source, n - done);
    while (done < n) {
        const uint64_t left = n - done;
        const size_t got = read_some(source, dropped, left < sizeof(dropped) ? (size_t)left : sizeof(dropped));
        if (!got)
            break;
        done += got;
        source->position += got;
    }
    return done;
}

int source_read_line(struct source *source, char *line, size_t room, size_t *n)
{
    for (*n = 0; *n + 1 < room;) {
        const unsigned char *next;
        if (!source_peek(source, &next, 1))
            break;
        const char c = (char)*next;
        take_buffered(source, NULL, 1);
        if (c == '\n') {
            line[*n] = 0;
            return 1;
        }
        line[(*n)++] = c;
    }
    line[*n] = 0;
    return 0;
}
