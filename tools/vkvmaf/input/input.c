#include "input/input.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/hardware.h"
#include "input/reader.h"
#include "input/shared.h"

/* Frames read ahead: as many as fit into the bytes, but two at least, so that reading and scoring overlap. */
#define SLOTS_MIN 2
#define SLOTS_MAX 8
#define SLOTS_BYTES ((uint64_t)32 << 20)
#define BY_INDEX "--pair index compares frame N with frame N"

struct slot {
    unsigned char *room;
    struct shared_frame *left; /* on the device, instead of room; NULL: it does not lie there */
    struct window *window;     /* of the file, instead of room; NULL: the frame lies in room */
    uint64_t number;           /* of the frame in the file */
    bool is_damaged;
};

enum phase { PHASE_OPENING, PHASE_OPEN, PHASE_READING, PHASE_ENDED, PHASE_FAILED };

/* One pair for all inputs, so that several can be waited for at once. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct video_input {
    /* Guarded by `lock`; `changed` is signalled whenever one of them changes. */
    enum phase phase;
    unsigned references;    /* the owner's and the thread's; the last one frees */
    unsigned first, filled; /* the oldest frame, and how many there are */
    bool is_closing;
    char damage[DAMAGE_ROOM], file_damage[DAMAGE_ROOM];
    /* Written before `phase` changes, constant after. */
    struct slot slots[SLOTS_MAX];
    unsigned n_slots;
    struct converter converter;
    unsigned char *unconverted; /* room for a frame as it was read; NULL: converter is idle */
    bool leaves;                /* frames may stay on the device */
    bool may_stall;             /* a pipe, a terminal: nobody knows when its next byte comes */
    char *path, *hardware_device;
    struct video_options options;
    struct frame_index index;
    uint64_t skip; /* frames passed over before the first that is given out */
    struct video_picks picks;
    uint64_t *pick_frames;        /* of the picks */
    size_t picked;                /* the thread's: of the picks, those that were read */
    struct reader reader;         /* the thread's; its format, info and error are read when `phase` says so */
    char torn[READER_ERROR_ROOM]; /* the owner's: why a frame could not be looked at; empty: they all could */
};

/* Publishes the damage that the reader has found. The lock is held. */
static void publish_damage(struct video_input *input)
{
    memcpy(input->damage, input->reader.damage, sizeof(input->damage));
    memcpy(input->file_damage, input->reader.file_damage, sizeof(input->file_damage));
}

static void set_phase(struct video_input *input, enum phase phase)
{
    pthread_mutex_lock(&lock);
    input->phase = phase;
    publish_damage(input);
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
    for (unsigned i = 0; i < SLOTS_MAX; i++) {
        window_close(&input->slots[i].window);
        shared_frame_free(&input->slots[i].left);
        free(input->slots[i].room);
    }
    converter_close(&input->converter);
    frame_index_free(&input->index);
    free(input->pick_frames);
    free(input->unconverted);
    free(input->path);
    free(input->hardware_device);
    shared_close(&input->options.shared);
    free(input);
}

/* Waits for a free slot; NULL when the owner has closed the input. */
static struct slot *free_slot(struct video_input *input)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&lock);
    while (!input->is_closing && (input->phase != PHASE_READING || input->filled == input->n_slots))
        pthread_cond_wait(&changed, &lock);
    if (!input->is_closing)
        slot = &input->slots[(input->first + input->filled) % input->n_slots];
    pthread_mutex_unlock(&lock);
    return slot;
}

/* The last frames are lost. */
static int end_early(struct video_input *input, uint64_t n)
{
    char *const why = input->reader.file_damage;
    if (!*why)
        snprintf(why, sizeof(input->reader.file_damage), "lacks its last %" PRIu64 " frame%s", n, n == 1 ? "" : "s");
    return 0;
}

/* The decoder decides which frames come; those that were chosen by the index must be the ones that it means. */
static int check_shown(struct video_input *input, int more)
{
    struct reader *const reader = &input->reader;
    const struct frame_index *const index = &input->index;
    const uint64_t n = reader->frame;
    if (!input->picks.frames || more < 0)
        return more;
    if (!more && n < index->n && input->options.damaged != DAMAGED_REFUSE)
        return end_early(input, index->n - n);
    if (!more && n != index->n)
        return reader_fail(reader, "ends after %" PRIu64 " frames, its packets tell of %zu; " BY_INDEX, n, index->n);
    if (more && (n > index->n || reader->stamp != index->stamps[n - 1]))
        return reader_fail(reader, "frame %" PRIu64 " is not shown when its packets tell; " BY_INDEX, n - 1);
    return more;
}

/* Passes over the frames before the `n`th. Returns as reader_next. */
static int pass_over(struct video_input *input, uint64_t n)
{
    int more = 1;
    while (more > 0 && input->reader.frame < n)
        more = check_shown(input, reader_next(&input->reader, NULL, NULL));
    return more;
}

/* Passes over what comes before the first frame that is wanted. */
static int skip_frames(struct video_input *input)
{
    for (uint64_t frame = 0; frame < input->skip; frame++) {
        const int more = reader_next(&input->reader, NULL, NULL);
        if (!more)
            reader_fail(&input->reader, "ends after %" PRIu64 " frames, %" PRIu64 " are to be passed over", frame,
                        input->skip);
        if (more <= 0)
            return -1;
    }
    return 0;
}

static void describe_torn(const struct video_input *input, uint64_t number, char why[READER_ERROR_ROOM])
{
    snprintf(why, READER_ERROR_ROOM,
             "%.200s: frame %" PRIu64 " was lost while it was read: the file has been cut, or "
             "its disk fails",
             input->path, number);
}

/* The frames between two picks. 0: there is none that is wanted. */
static int go_to_pick(struct video_input *input)
{
    const struct video_picks *const picks = &input->picks;
    if (!picks->frames)
        return 1;
    if (input->picked < picks->n)
        return pass_over(input, picks->frames[input->picked++]);
    const int more = picks->is_whole ? pass_over(input, UINT64_MAX) : 0;
    return more < 0 ? -1 : 0;
}

static int read_frame(struct video_input *input, struct slot *slot)
{
    unsigned char *const room = input->unconverted ? input->unconverted : slot->room;
    slot->number = input->reader.frame;
    window_close(&slot->window);
    shared_frame_free(&slot->left);
    input->reader.is_damaged = false;
    const int more = check_shown(input, reader_next(&input->reader, room, &slot->window));
    slot->left = input->reader.left;
    input->reader.left = NULL;
    if (more > 0 && input->unconverted)
        converter_run(&input->converter, slot->window ? window_bytes(slot->window) : room, slot->room);
    slot->is_damaged = input->reader.is_damaged;
    const bool is_torn = slot->window && window_is_torn(slot->window);
    if (input->unconverted)
        window_close(&slot->window);
    if (!is_torn || more <= 0)
        return more;
    describe_torn(input, slot->number, input->reader.error);
    return -1;
}

static void read_frames(struct video_input *input)
{
    struct slot *slot = free_slot(input);
    int more = slot && skip_frames(input) ? -1 : 1;
    while (slot && more > 0) {
        more = go_to_pick(input);
        if (more > 0)
            more = read_frame(input, slot);
        if (more <= 0)
            break;
        pthread_mutex_lock(&lock);
        input->filled++;
        publish_damage(input);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        slot = free_slot(input);
    }
    if (more <= 0)
        set_phase(input, more ? PHASE_FAILED : PHASE_ENDED);
}

static void *input_thread(void *argument)
{
    struct video_input *input = argument;
    if (reader_open(&input->reader, input->path, &input->options)) {
        set_phase(input, PHASE_FAILED);
    } else {
        if (input->options.index)
            libav_index(&input->reader, &input->index);
        set_phase(input, PHASE_OPEN);
        read_frames(input);
    }
    reader_close(&input->reader);
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
    if (options->hardware_device)
        input->options.hardware_device = input->hardware_device = strdup(options->hardware_device);
    input->options.shared = options->shared ? shared_ref(options->shared) : NULL;
    input->may_stall = may_stall(path);
    input->references = 2;
    sigfillset(&all);        /* signals are for the main thread, */
    sigdelset(&all, SIGBUS); /* but for the one of windows */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool is_copied = input->path && !options->hardware_device == !input->hardware_device &&
                           !options->shared == !input->options.shared;
    const int failed = !is_copied || pthread_create(&thread, NULL, input_thread, input);
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
    *format = input->reader.format;
    return 0;
}

void video_input_info(const struct video_input *input, struct video_info *info)
{
    *info = input->reader.info;
}

bool video_input_can_leave(const struct video_input *input)
{
    return hardware_can_leave(&input->reader);
}

void video_input_leave(struct video_input *input)
{
    input->leaves = video_input_can_leave(input);
}

bool video_input_leaves(const struct video_input *input)
{
    return input->reader.leaves_frames;
}

bool video_input_uses_raw(const struct video_input *input)
{
    return input->reader.uses_raw;
}

const char *video_input_remark(const struct video_input *input, unsigned i)
{
    return i < READER_REMARKS && *input->reader.remarks[i] ? input->reader.remarks[i] : NULL;
}

const struct frame_index *video_input_index(const struct video_input *input)
{
    return &input->index;
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
                break; /* which of several failures is named does not depend on the threads */
        }
        if (failed || n_ready == n)
            break;
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return failed;
}

static int open_converter(struct video_input *input, const struct video_target *target)
{
    const struct video_target same = video_target_same(&input->reader.format);
    const uint64_t bytes = reader_frame_bytes(&input->reader.format, input->options.chroma);
    char why[256];
    if (converter_open(&input->converter, &input->reader.format, target ? target : &same, input->options.chroma, why,
                       sizeof(why)))
        return reader_fail(&input->reader, "%s", why);
    if (converter_is_idle(&input->converter))
        return 0;
    input->unconverted = bytes < SIZE_MAX - CONVERTER_PADDING ? calloc(1, (size_t)bytes + CONVERTER_PADDING) : NULL;
    return input->unconverted ? 0 : reader_fail(&input->reader, "no memory for a frame of %" PRIu64 " bytes", bytes);
}

static int start(struct video_input *input, const struct video_target *target)
{
    if (open_converter(input, target))
        return -1;
    const uint64_t bytes = reader_frame_bytes(&input->converter.to, input->options.chroma);
    const uint64_t fit = SLOTS_BYTES / bytes;
    const unsigned n = fit < SLOTS_MIN ? SLOTS_MIN : fit > SLOTS_MAX ? SLOTS_MAX : (unsigned)fit;
    for (input->n_slots = 0; input->n_slots < n; input->n_slots++) {
        struct slot *const slot = &input->slots[input->n_slots];
        slot->room = bytes <= SIZE_MAX ? malloc((size_t)bytes) : NULL; /* no memory before it is written to */
        if (!slot->room)
            return reader_fail(&input->reader, "no memory for a frame of %" PRIu64 " bytes", bytes);
    }
    input->reader.leaves_frames = input->leaves && !input->unconverted;
    set_phase(input, PHASE_READING);
    return 0;
}

int video_input_start(struct video_input *input, const struct video_target *target, uint64_t skip)
{
    input->skip = skip;
    return start(input, target);
}

int video_input_start_picks(struct video_input *input, const struct video_target *target,
                            const struct video_picks *picks)
{
    uint64_t *const frames = picks->n <= SIZE_MAX / sizeof(*frames) ? malloc(picks->n * sizeof(*frames)) : NULL;
    if (!frames)
        return reader_fail(&input->reader, "no memory for the numbers of %zu frames", picks->n);
    memcpy(frames, picks->frames, picks->n * sizeof(*frames));
    input->pick_frames = frames;
    input->picks = (struct video_picks){frames, picks->n, picks->is_whole};
    if (input->options.damaged != DAMAGED_REFUSE && input->index.n)
        input->reader.index = &input->index;
    return start(input, target);
}

/* The planes of a slot, one after the other. */
static struct video_frame frame_of(const struct video_input *input, const struct slot *slot)
{
    const unsigned char *const luma = slot->window ? window_bytes(slot->window) : slot->room;
    const struct video_format *const format = &input->converter.to;
    const uint64_t chroma = input->options.chroma ? video_plane_bytes(format, 1) : 0;
    struct video_frame frame = {{luma, NULL, NULL}, slot->left, slot->number, slot->is_damaged};
    if (slot->left)
        frame.plane[0] = NULL;
    if (chroma && !slot->left) {
        frame.plane[1] = luma + video_plane_bytes(format, 0);
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
        *frame = frame_of(input, &input->slots[input->first]);
        state = VIDEO_FRAME;
    } else {
        state = input->phase == PHASE_ENDED ? VIDEO_END : VIDEO_FAILED;
    }
    pthread_mutex_unlock(&lock);
    return state;
}

int video_input_release(struct video_input *input)
{
    const struct slot *const slot = &input->slots[input->first]; /* nobody else moves `first` */
    if (slot->window && window_is_torn(slot->window))
        describe_torn(input, slot->number, input->torn);
    pthread_mutex_lock(&lock);
    shared_frame_free(&input->slots[input->first].left);
    input->first = (input->first + 1) % input->n_slots;
    input->filled--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return input->torn[0] ? -1 : 0;
}

void video_input_damage(struct video_input *input, char frame[DAMAGE_ROOM], char file[DAMAGE_ROOM])
{
    pthread_mutex_lock(&lock);
    memcpy(frame, input->damage, DAMAGE_ROOM);
    memcpy(file, input->file_damage, DAMAGE_ROOM);
    pthread_mutex_unlock(&lock);
}

const char *video_input_error(const struct video_input *input)
{
    return input->torn[0] ? input->torn : input->reader.error;
}

/* A driver must not be at work when the process ends. A thread that waits for a pipe is not. */
static bool works_with_driver(const struct video_input *input)
{
    return input->options.hardware != HARDWARE_NONE && !input->may_stall;
}

static void end_thread(struct video_input *input)
{
    pthread_mutex_lock(&lock);
    input->is_closing = true;
    pthread_cond_broadcast(&changed);
    while (input->references > 1)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

void video_input_close(struct video_input **input)
{
    if (*input && works_with_driver(*input))
        end_thread(*input);
    if (*input)
        drop_reference(*input);
    *input = NULL;
}
