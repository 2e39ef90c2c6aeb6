#include "input/structure/structure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/source.h"

#define WINDOW_LEAST 1024

static bool read_at(const struct view *view, uint64_t at, void *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        const ssize_t got = pread(view->fd, (char *)bytes + done, n - done, (off_t)(view->base + at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    view->window->n_reads++;
    view->window->n_read += n;
    return true;
}

/* Windows that follow each other grow; one far away is small, so that what is jumped over is not read. */
static bool move_window(const struct view *view, uint64_t at)
{
    struct view_window *const window = view->window;
    const uint64_t end = window->at + window->n, left = view->size - at;
    const bool is_near = at >= window->at && at <= end + WINDOW_LEAST;
    size_t n = is_near ? 4 * window->n : WINDOW_LEAST;
    n = n < WINDOW_LEAST ? WINDOW_LEAST : n > WINDOW_BYTES ? WINDOW_BYTES : n;
    n = n < left ? n : (size_t)left;
    window->at = at;
    window->n = read_at(view, at, window->bytes, n) ? n : 0;
    return window->n;
}

bool view_bytes(const struct view *view, uint64_t at, void *bytes, size_t n)
{
    const struct view_window *const window = view->window;
    if (at > view->size || n > view->size - at)
        return false;
    if (!n)
        return true;
    if (n >= WINDOW_LEAST)
        return read_at(view, at, bytes, n);
    const bool is_inside = at >= window->at && at - window->at + n <= window->n;
    if (!is_inside && !move_window(view, at))
        return false;
    memcpy(bytes, window->bytes + (at - window->at), n);
    return true;
}

void view_damaged(const struct view *view, const char *format, ...)
{
    va_list args;
    if (*view->structure->why)
        return;
    va_start(args, format);
    vsnprintf(view->structure->why, STRUCTURE_ROOM, format, args);
    va_end(args);
}

void structure_read(const struct source *source, const struct structure_stream *stream, struct structure *structure)
{
    static const struct {
        const char *format;
        bool (*read)(const struct view *view, const struct structure_stream *stream);
    } readers[] = {
        {"mov,mp4,m4a,3gp,3g2,mj2", mp4_read},
        {"matroska,webm", matroska_read},
        {"avi", avi_read},
        {"ivf", ivf_read},
        {"flv", flv_read},
        {"mxf", mxf_read},
        {"obu", obu_read},
        {"av1", av1_annexb_read},
        {"ogg", ogg_read},
    };
    struct view_window window = {.n = 0};
    const struct view view = {source->fd, source->base, source->size, source_padding(source), structure, &window};
    *structure = (struct structure){.is_known = false};
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        if (!strcmp(readers[i].format, stream->format))
            structure->is_known = readers[i].read(&view, stream);
    if (!structure->is_known)
        *structure = (struct structure){.end = structure->end};
}
