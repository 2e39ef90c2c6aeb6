#include "input/structure/structure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input/files/source.h"

#define WINDOW_LEAST 1024

static bool read_at(const struct view *view, uint64_t at, void *bytes, size_t n)
{
    if (source_read_at(view->fd, view->base + at, bytes, n) != n)
        return false;
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

struct container {
    const char *format; /* FFmpeg's name */
    bool (*read)(const struct view *view, const struct structure_stream *stream);
    bool is_records; /* one after the other, up to the end */
};

static const struct container containers[] = {
    {"mov,mp4,m4a,3gp,3g2,mj2", mp4_read, false},
    {"matroska,webm", matroska_read, false},
    {"avi", avi_read, false},
    {"asf", asf_read, false},
    {"gif", gif_read, false},
    {"ivf", ivf_read, true},
    {"flv", flv_read, true},
    {"mxf", mxf_read, true},
    {"obu", obu_read, true},
    {"av1", av1_annexb_read, true},
    {"ogg", ogg_read, true},
    {"nut", nut_read, true},
    {"dv", dv_read, true},
};

static const struct container *container_of(const char *format)
{
    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
        if (!strcmp(containers[i].format, format))
            return &containers[i];
    return NULL;
}

void structure_read(const struct source *source, const struct structure_stream *stream, struct structure *structure)
{
    const struct container *const container = container_of(stream->format);
    struct view_window window = {.n = 0};
    const struct view view = {source->fd, source->base, source->size, source_padding(source), structure, &window};
    *structure = (struct structure){.is_known = false};
    if (container)
        structure->is_known = container->read(&view, stream);
    if (!structure->is_known)
        *structure = (struct structure){.end = structure->end};
}

void structure_read_records(const struct source *source, const char *format, struct structure *structure)
{
    const struct container *const container = container_of(format);
    *structure = (struct structure){.is_known = false};
    if (container && container->is_records)
        structure_read(source, &(struct structure_stream){.format = format}, structure);
}
