#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#define _DARWIN_C_SOURCE
#include "input/files/window.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Windows that are open at the same time; without a free one files are read. */
#define WINDOWS_MAX 256

struct window {
    atomic_bool is_taken, is_torn;
    atomic_uintptr_t map; /* 0: none. Set after map_n, which stays as long as it is set */
    size_t map_n;         /* whole pages */
    size_t begin;         /* of the bytes asked for, within the map */
    int fd;               /* a descriptor of its own, whoever closes the file */
    uint64_t end;         /* of the bytes asked for, within the file */
};

static struct window windows[WINDOWS_MAX];
static size_t page_bytes;
static struct sigaction before;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_installed;

/* Zeros from the missing page to the end. mmap is a system call that needs no lock, so it may be called here. */
static bool mend(struct window *window, uintptr_t at)
{
    const uintptr_t map = atomic_load(&window->map);
    if (!map || at < map || at - map >= window->map_n)
        return false;
    const size_t missing_at = (at - map) / page_bytes * page_bytes;
    atomic_store(&window->is_torn, true);
    return mmap((char *)map + missing_at, window->map_n - missing_at, PROT_READ,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static void on_missing_page(int number, siginfo_t *info, void *context)
{
    const int error = errno;
    (void)context;
    for (size_t i = 0; i < WINDOWS_MAX && info->si_code > 0; i++)
        if (mend(&windows[i], (uintptr_t)info->si_addr)) {
            errno = error;
            return;
        }
    sigaction(number, &before, NULL); /* not ours: it comes again, to whom it went before */
    if (info->si_code <= 0)           /* sent by a process, so not by itself */
        raise(number);
    errno = error;
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_missing_page, .sa_flags = SA_SIGINFO | SA_RESTART};
    const long page = sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    page_bytes = page > 0 ? (size_t)page : 0;
    is_installed = page_bytes && !sigaction(SIGBUS, &action, &before);
}

static struct window *take_free(void)
{
    for (size_t i = 0; i < WINDOWS_MAX; i++)
        if (!atomic_exchange(&windows[i].is_taken, true))
            return &windows[i];
    return NULL;
}

struct window *window_open(int fd, uint64_t offset, size_t n)
{
    pthread_once(&once, install);
    struct window *window = is_installed && n < SIZE_MAX / 2 ? take_free() : NULL;
    if (!window)
        return NULL;
    window->begin = (size_t)(offset % page_bytes);
    window->map_n = (window->begin + n + page_bytes - 1) / page_bytes * page_bytes;
    atomic_store(&window->is_torn, false);
    window->end = offset + n;
    window->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    void *const map =
        window->fd < 0 ? MAP_FAILED
                       : mmap(NULL, window->map_n, PROT_READ, MAP_SHARED, window->fd, (off_t)(offset - window->begin));
    atomic_store(&window->map, map == MAP_FAILED ? 0 : (uintptr_t)map);
    if (map == MAP_FAILED)
        window_close(&window);
    return window;
}

void window_close(struct window **window)
{
    if (!*window)
        return;
    void *const map = (void *)atomic_exchange(&(*window)->map, 0);
    if (map)
        munmap(map, (*window)->map_n);
    if ((*window)->fd >= 0)
        close((*window)->fd);
    atomic_store(&(*window)->is_taken, false);
    *window = NULL;
}

const unsigned char *window_bytes(const struct window *window)
{
    return (const unsigned char *)atomic_load(&window->map) + window->begin;
}

void window_load(const struct window *window)
{
    void *const map = (void *)atomic_load(&window->map);
    posix_madvise(map, window->map_n, POSIX_MADV_WILLNEED);
    for (size_t at = 0; at < window->map_n; at += page_bytes)
        (void)((const volatile unsigned char *)map)[at];
}

/* The rest of a page behind the end of its file is zeros, too, and no signal says so. */
bool window_is_torn(const struct window *window)
{
    struct stat st;
    return atomic_load(&window->is_torn) || (!fstat(window->fd, &st) && (uint64_t)st.st_size < window->end);
}
