#include "input/input.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/source.h"

/* Frames read ahead: as many as fit into the bytes, but two at least, so that reading and scoring overlap. */
#define SLOTS_MIN 2
#define SLOTS_MAX 8
#define SLOTS_BYTES ((uint64_t)32 << 20)
#define ERROR_ROOM 512

enum phase { PHASE_OPENING, PHASE_OPEN, PHASE_READING, PHASE_ENDED, PHASE_FAILED };

/* One pair for all inputs, so that several can be waited for at once. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct video_input {
    /* Guarded by `lock`; `changed` is signalled whenever one of them changes. */
    enum phase phase;
    unsigned references;          /* the owner's and the thread's; the last one frees */
    unsigned first, filled;       /* the oldest frame, and how many there are */
    bool is_closing;
    /* Written before `phase` changes, constant after. */
    char error[ERROR_ROOM];
    struct video_format format;
    unsigned char *slots[SLOTS_MAX];
    unsigned n_slots;
    bool may_stall;               /* a pipe, a terminal: nobody knows when its next byte comes */
    /* The thread's alone. */
    char *path;
    struct video_options options;
    bool is_y4m;
    uint64_t frame;
    struct source source;
};

static void set_error(struct video_input *input, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set_error(struct video_input *input, const char *format, ...)
{
    const int n = snprintf(input->error, sizeof(input->error), "%.200s: ", input->path);
    va_list args;
    va_start(args, format);
    vsnprintf(input->error + n, sizeof(input->error) - (size_t)n, format, args);
    va_end(args);
}

static void set_phase(struct video_input *input, enum phase phase)
{
    pthread_mutex_lock(&lock);
    input->phase = phase;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void drop_reference(struct video_input *input)
{
    pthread_mutex_lock(&lock);
    input->is_closing = true;
    const bool is_last = --input->references == 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (!is_last)
        return;
    for (unsigned i = 0; i < input->n_slots; i++)
        free(input->slots[i]);
    free(input->path);
    free(input);
}

/* An option that contradicts the header is a mistake somewhere, so it is not passed over. */
static int check_against_options(struct video_input *input)
{
    const struct video_format *is = &input->format, *said = &input->options.raw;
    if (said->width && said->width != is->width)
        set_error(input, "its y4m header says width %u, --width says %u", is->width, said->width);
    else if (said->height && said->height != is->height)
        set_error(input, "its y4m header says height %u, --height says %u", is->height, said->height);
    else if (said->bit_depth && said->bit_depth != is->bit_depth)
        set_error(input, "its y4m header says %u bit, --bitdepth says %u", is->bit_depth, said->bit_depth);
    else if (said->chroma != CHROMA_UNKNOWN && said->chroma != is->chroma)
        set_error(input, "its y4m header says %s, --pixel_format says %s", video_chroma_name(is->chroma),
                  video_chroma_name(said->chroma));
    else
        return 0;
    return -1;
}

static int open_y4m(struct video_input *input)
{
    char line[Y4M_LINE_MAX], why[256];
    size_t n;
    if (!source_read_line(&input->source, line, sizeof(line), &n)) {
        if (input->source.error)
            set_error(input, "%s", strerror(input->source.error));
        else
            set_error(input, "its y4m header has no line end within %d bytes", Y4M_LINE_MAX - 1);
        return -1;
    }
    if (y4m_parse_header(line, n, &input->format, why, sizeof(why))) {
        set_error(input, "%s", why);
        return -1;
    }
    input->is_y4m = true;
    return check_against_options(input);
}

static int open_yuv(struct video_input *input)
{
    char why[256];
    input->format = input->options.raw;
    if (yuv_check_options(&input->format, why, sizeof(why)) ||
        (input->source.is_regular && yuv_check_size(&input->format, input->source.size, why, sizeof(why)))) {
        set_error(input, "%s", why);
        return -1;
    }
    return 0;
}

static int open_source(struct video_input *input)
{
    const unsigned char *head;
    const int error = source_open(&input->source, input->path);
    if (error) {
        set_error(input, "cannot be opened: %s", strerror(error));
        return -1;
    }
    const size_t n = source_peek(&input->source, &head, strlen(Y4M_MAGIC));
    if (input->source.error) {
        set_error(input, "cannot be read: %s", strerror(input->source.error));
        return -1;
    }
    if (!n) {
        set_error(input, "is empty, a video was expected");
        return -1;
    }
    return n == strlen(Y4M_MAGIC) && !memcmp(head, Y4M_MAGIC, n) ? open_y4m(input) : open_yuv(input);
}

/* 1: a frame begins here; 0: the video ends here; -1: neither. */
static int at_frame(struct video_input *input)
{
    const unsigned char *next;
    char line[Y4M_LINE_MAX];
    size_t n;
    if (!source_peek(&input->source, &next, 1)) {
        if (input->source.error) {
            set_error(input, "frame %" PRIu64 " cannot be read: %s", input->frame, strerror(input->source.error));
            return -1;
        }
        if (input->frame == 0) {
            set_error(input, "has a y4m header but no frame");
            return -1;
        }
        return 0;
    }
    if (!input->is_y4m)
        return 1;
    if (!source_read_line(&input->source, line, sizeof(line), &n) || !y4m_is_frame_line(line, n)) {
        char text[VIDEO_QUOTE_ROOM];
        set_error(input, "frame %" PRIu64 " begins with \"%s\", a line \"FRAME\" was expected", input->frame,
                  video_quote(line, n < 16 ? n : 16, text));
        return -1;
    }
    return 1;
}

/* Bytes of a frame that are kept: luma, and both chroma planes if they are wanted. */
static uint64_t slot_bytes(const struct video_input *input)
{
    return video_plane_bytes(&input->format, 0) +
           (input->options.chroma ? 2 * video_plane_bytes(&input->format, 1) : 0);
}

/* Reads what is kept of one frame into `slot` and passes over the rest. */
static int read_planes(struct video_input *input, unsigned char *slot)
{
    const uint64_t kept = slot_bytes(input);
    const uint64_t all = video_plane_bytes(&input->format, 0) + video_chroma_bytes(&input->format);
    uint64_t got = source_read(&input->source, slot, (size_t)kept);
    if (got == kept)
        got += source_skip(&input->source, all - kept);
    if (got == all)
        return 0;
    if (input->source.error)
        set_error(input, "frame %" PRIu64 " cannot be read: %s", input->frame, strerror(input->source.error));
    else
        set_error(input, "frame %" PRIu64 " is cut: %" PRIu64 " bytes, %" PRIu64 " expected", input->frame, got,
                  all);
    return -1;
}

/* Waits for a free slot; NULL when the owner has closed the input. */
static unsigned char *free_slot(struct video_input *input)
{
    unsigned char *slot = NULL;
    pthread_mutex_lock(&lock);
    while (!input->is_closing && (input->phase != PHASE_READING || input->filled == input->n_slots))
        pthread_cond_wait(&changed, &lock);
    if (!input->is_closing)
        slot = input->slots[(input->first + input->filled) % input->n_slots];
    pthread_mutex_unlock(&lock);
    return slot;
}

static void read_frames(struct video_input *input)
{
    unsigned char *slot;
    while ((slot = free_slot(input))) {
        const int more = at_frame(input);
        if (more <= 0 || read_planes(input, slot)) {
            set_phase(input, more ? PHASE_FAILED : PHASE_ENDED);
            return;
        }
        input->frame++;
        pthread_mutex_lock(&lock);
        input->filled++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
}

static void *input_thread(void *argument)
{
    struct video_input *input = argument;
    if (open_source(input)) {
        set_phase(input, PHASE_FAILED);
    } else {
        set_phase(input, PHASE_OPEN);
        read_frames(input);
    }
    source_close(&input->source);
    drop_reference(input);
    return NULL;
}

/* A path that cannot be looked at fails at once when it is opened. */
static bool may_stall(const char *path)
{
    struct stat st;
    const int failed = strcmp(path, "-") ? stat(path, &st) : fstat(STDIN_FILENO, &st);
    return !failed && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

struct video_input *video_input_open(const char *path, const struct video_options *options)
{
    pthread_t thread;
    sigset_t all, before;
    struct video_input *input = calloc(1, sizeof(*input));
    if (!input)
        return NULL;
    input->path = strdup(path);
    input->options = *options;
    input->may_stall = may_stall(path);
    input->source.fd = -1;
    input->references = 2;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);              /* signals are for the main thread */
    const int failed = !input->path || pthread_create(&thread, NULL, input_thread, input);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        input->references = 1;
        drop_reference(input);
        return NULL;
    }
    pthread_detach(thread);
    return input;
}

int video_input_format(struct video_input *input, struct video_format *format)
{
    pthread_mutex_lock(&lock);
    while (input->phase == PHASE_OPENING)
        pthread_cond_wait(&changed, &lock);
    const bool failed = input->phase == PHASE_FAILED;
    pthread_mutex_unlock(&lock);
    if (failed)
        return -1;
    *format = input->format;
    return 0;
}

static bool is_ready(const struct video_input *input)
{
    return input->phase != PHASE_OPENING && (input->phase != PHASE_READING || input->filled);
}

struct video_input *video_inputs_wait(struct video_input *const *inputs, unsigned n)
{
    struct video_input *failed = NULL;
    pthread_mutex_lock(&lock);
    for (;;) {
        unsigned n_ready = 0;
        for (unsigned i = 0; i < n && !failed; i++) {
            if (inputs[i]->phase == PHASE_FAILED && !inputs[i]->filled)
                failed = inputs[i];
            else if (is_ready(inputs[i]))
                n_ready++;
            else if (!inputs[i]->may_stall)
                break;              /* which of several failures is named does not depend on the threads */
        }
        if (failed || n_ready == n)
            break;
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return failed;
}

int video_input_start(struct video_input *input)
{
    const uint64_t bytes = slot_bytes(input);
    const uint64_t fit = SLOTS_BYTES / bytes;
    const unsigned n = fit < SLOTS_MIN ? SLOTS_MIN : fit > SLOTS_MAX ? SLOTS_MAX : (unsigned)fit;
    for (input->n_slots = 0; input->n_slots < n; input->n_slots++) {
        input->slots[input->n_slots] = bytes <= SIZE_MAX ? malloc((size_t)bytes) : NULL;
        if (!input->slots[input->n_slots]) {
            set_error(input, "no memory for a frame of %" PRIu64 " bytes", bytes);
            return -1;
        }
    }
    set_phase(input, PHASE_READING);
    return 0;
}

/* The planes of a slot, one after the other. */
static struct video_frame frame_of(const struct video_input *input, const unsigned char *slot)
{
    const uint64_t chroma = input->options.chroma ? video_plane_bytes(&input->format, 1) : 0;
    struct video_frame frame = {{slot, NULL, NULL}};
    if (chroma) {
        frame.plane[1] = slot + video_plane_bytes(&input->format, 0);
        frame.plane[2] = (const unsigned char *)frame.plane[1] + chroma;
    }
    return frame;
}

enum video_state video_input_next(struct video_input *input, struct video_frame *frame)
{
    enum video_state state;
    pthread_mutex_lock(&lock);
    while (input->phase == PHASE_READING && !input->filled)
        pthread_cond_wait(&changed, &lock);
    if (input->filled) {
        *frame = frame_of(input, input->slots[input->first]);
        state = VIDEO_FRAME;
    } else {
        state = input->phase == PHASE_ENDED ? VIDEO_END : VIDEO_FAILED;
    }
    pthread_mutex_unlock(&lock);
    return state;
}

void video_input_release(struct video_input *input)
{
    pthread_mutex_lock(&lock);
    input->first = (input->first + 1) % input->n_slots;
    input->filled--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

const char *video_input_error(const struct video_input *input)
{
    return input->error;
}

void video_input_close(struct video_input **input)
{
    if (*input)
        drop_reference(*input);
    *input = NULL;
}
