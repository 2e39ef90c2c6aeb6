#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"
#include "input/convert/pair.h"
#include "input/hardware.h"
#include "run/job_parts.h"

#define DECODER_THREADS_MAX 8

/* A decoder's threads: the processors are shared by all of them, and each thread holds a few frames. */
static unsigned decoder_threads(unsigned n_inputs)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN) / (long)n_inputs;
    return n < 1 ? 1 : n > DECODER_THREADS_MAX ? DECODER_THREADS_MAX : (unsigned)n;
}

/* FFmpeg's Vulkan device, where the library may have it, too: no other one is asked for, nor a layer between. */
static struct shared_device *shared_device(const struct job *job)
{
    const struct input_request *const inputs = &job->request->input;
    const struct device_request *const device = &job->request->device;
    return hardware_is_vulkan(inputs->hardware) && !device->select && !device->validation
               ? session_shared(job->session, inputs->hardware_device)
               : NULL;
}

static void set_options(struct job *job)
{
    struct shared_device *const shared = shared_device(job);
    for (unsigned i = 0; i < job->n_inputs; i++)
        job->options[i] = (struct video_options){
            .raw = job->request->input.raw,
            .threads = decoder_threads(job->n_inputs),
            .damaged = job->request->input.damaged,
            .stream = i ? job->request->input.stream_dist : job->request->input.stream_ref,
            .hardware = job->request->input.hardware,
            .hardware_device = job->request->input.hardware_device,
            .shared = shared,
            .index = pairs_want_index(&job->request->pairs, job->request->is_alias),
        };
}

/* ---- what is known once they are open ---------------------------------------------------------------------------- */

static int input_failed(const struct video_input *input)
{
    message_line("%s", video_input_error(input));
    return -1;
}

static int note_remarks(struct job *job)
{
    bool is_raw_used = !video_is_described(&job->request->input.raw);
    for (unsigned i = 0; i < job->n_inputs; i++)
        is_raw_used = is_raw_used || video_input_uses_raw(job->inputs[i]);
    if (!is_raw_used &&
        notes_add(&job->notes, 0, "none of the videos is raw: what was said of raw video has no effect"))
        return -1;
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const char *remark;
        for (unsigned k = 0; (remark = video_input_remark(job->inputs[i], k)); k++)
            if (notes_add(&job->notes, i, "\"%.200s\" %s", job->paths[i], remark))
                return -1;
    }
    return 0;
}

/* How many of the inputs are what libvmaf's tool can read: y4m and raw video. */
static unsigned n_of_samples(const struct job *job)
{
    unsigned n = 0;
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_info info;
        video_input_info(job->inputs[i], &info);
        n += info.is_samples;
    }
    return n;
}

bool job_inputs_are_samples(const struct job *job)
{
    return n_of_samples(job) == job->n_inputs;
}

static bool wants_chroma(const struct job *job)
{
    return measure_wants_chroma(&job->measure);
}

/* Takes the index of each video's frames, if it has one. */
static int take_indexes(struct job *job)
{
    struct pairs *const pairs = &job->pairs;
    *pairs = (struct pairs){.request = &job->request->pairs, .n_inputs = job->n_inputs, .paths = job->paths};
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_info info;
        video_input_info(job->inputs[i], &info);
        pairs->indexes[i] = video_input_index(job->inputs[i]);
        pairs->fps[i] = info.fps;
        pairs->skip[i] = i ? job->request->pairs.offset_dist : job->request->pairs.offset_ref;
    }
    return pairs_judge(pairs) || pairs_window(pairs, &job->start, &job->n_wanted);
}

static int pair_inputs(struct job *job)
{
    const struct input_request *const request = &job->request->input;
    const bool is_alias = job->request->is_alias;
    struct video_options inputs[INPUTS_MAX];
    const struct pair_options pairing = {
        .no_scale = request->no_scale,
        .no_autorotate = request->no_autorotate,
        .stretch = request->stretch,
        .chroma = wants_chroma(job),
        .crops = request->crops,
        .scale_to = request->scale_to,
        .inputs = inputs,
        .as_stored = is_alias && job_inputs_are_samples(job),
        .keeps_range = is_alias && n_of_samples(job) > 0,
    };
    for (unsigned i = 0; i < job->n_inputs; i++) {
        inputs[i] = job->options[i];
        inputs[i].skip = job->pairs.skip[i] + job->start;
    }
    return pair_formats(&pairing, job->paths, job->formats, job->n_inputs, job->targets, &job->notes);
}

/* The format of what is compared; each video keeps its own kind of chroma. */
static void set_formats(struct job *job)
{
    struct video_format *const formats = job->formats;
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (job->targets[i].is_turned)
            formats[i] = video_format_shown(&formats[i]);
    job->format = formats[0];
    job->format.width = job->targets[0].width;
    job->format.height = job->targets[0].height;
    job->format.bit_depth = job->targets[0].bit_depth;
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const enum video_chroma chroma = formats[i].chroma;
        formats[i] = job->format;
        formats[i].chroma = chroma;
    }
}

static int wait_for_formats(struct job *job)
{
    const struct video_input *failed = video_inputs_wait(job->inputs, job->n_inputs);
    if (failed)
        return input_failed(failed);
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (video_input_format(job->inputs[i], &job->formats[i]))
            return input_failed(job->inputs[i]);
    if (note_remarks(job) || take_indexes(job) || pair_inputs(job))
        return -1;
    set_formats(job);
    return 0;
}

static int open_inputs(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        job->options[i].chroma = wants_chroma(job) || job->request->output.report;
        if (!(job->inputs[i] = video_input_open(job->paths[i], &job->options[i]))) {
            message_line("no memory or thread to read the videos");
            return -1;
        }
    }
    return 0;
}

int job_inputs_open(struct job *job)
{
    set_options(job);
    return open_inputs(job) || wait_for_formats(job) ? -1 : 0;
}

int job_inputs_pair(struct job *job)
{
    struct pairs *const pairs = &job->pairs;
    if (pairs_synchronise(pairs, job->options, job->start, &job->notes) ||
        pairs_plan(pairs, &job->n_wanted, &job->notes))
        return -1;
    job->groups->n = pairs->n_groups;
    for (unsigned i = 1; i < job->n_inputs; i++)
        job->groups->of[i - 1] = pairs->groups[i];
    return job->groups->n > 1 ? -1 : 0;
}

/* ---- frames ----------------------------------------------------------------------------------------------------- */

/* Of an input that can stay on the device. */
static int note_stay(struct job *job, unsigned i)
{
    return notes_add(&job->notes, i, "\"%.200s\" is decoded by vulkan, and %s", job->paths[i],
                     video_input_leaves(job->inputs[i]) ? "scored where its frames lie"
                                                        : "its frames are copied to memory");
}

bool job_inputs_can_stay(const struct job *job)
{
    bool can = false;
    for (unsigned i = 0; i < job->n_inputs; i++)
        can = can || (!job->options[i].chroma && video_input_can_leave(job->inputs[i]));
    return can && measure_needs_scorer(&job->measure);
}

void job_inputs_stay(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (!job->options[i].chroma)
            video_input_leave(job->inputs[i]);
}

int job_inputs_start(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const struct video_picks picks = pairs_picks(&job->pairs, i);
        const bool can_stay = video_input_can_leave(job->inputs[i]);
        if (picks.frames ? video_input_start_picks(job->inputs[i], &job->targets[i], &picks)
                         : video_input_start(job->inputs[i], &job->targets[i], job->pairs.skip[i] + job->start))
            return input_failed(job->inputs[i]);
        if (can_stay && note_stay(job, i))
            return -1;
    }
    if (!job->request->quiet)
        notes_show(&job->notes);
    return 0;
}

static int note_end(struct job *job, unsigned shortest, unsigned longer, uint64_t n)
{
    char of[40] = "";
    const uint64_t has = job->pairs.indexes[longer]->n, skipped = job->pairs.skip[longer] + job->start;
    if (has > skipped + n)
        snprintf(of, sizeof(of), " of %" PRIu64, has - skipped);
    /* libvmaf's tool has no name in front. */
    (job->request->is_alias ? message_plain : message_line)("\"%s\" ended before \"%s\".", job->paths[shortest],
                                                            job->paths[longer]);
    return notes_add_frames(&job->notes, 0, "\"%.200s\" ended before \"%.200s\": %" PRIu64 "%s frame%s compared",
                            job->paths[shortest], job->paths[longer], n, of, n == 1 && !*of ? " is" : "s are");
}

/* The run ends with the shortest video after `n` frames; says so when others go on. */
static int note_the_shortest(struct job *job, unsigned shortest, uint64_t n)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_frame frame;
        if (i != shortest && video_input_next(job->inputs[i], &frame) == VIDEO_FRAME)
            return note_end(job, shortest, i, n);
    }
    return 0;
}

int job_inputs_next(struct job *job, uint64_t number, struct video_frame *frames)
{
    const struct video_input *failed = video_inputs_wait(job->inputs, job->n_inputs);
    if (failed)
        return input_failed(failed);
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const enum video_state state = video_input_next(job->inputs[i], &frames[i]);
        if (state == VIDEO_FAILED)
            return input_failed(job->inputs[i]);
        if (state == VIDEO_END && !number && job->damaged.n_skipped)
            return 0;
        if (state == VIDEO_END && !number) {
            message_line("%s: has no frame to score", job->paths[i]);
            return -1;
        }
        if (state == VIDEO_END)
            return note_the_shortest(job, i, number);
    }
    return 1;
}

int job_inputs_release(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (video_input_release(job->inputs[i]))
            return input_failed(job->inputs[i]);
    return 0;
}

uint64_t job_inputs_expected(const struct job *job)
{
    uint64_t n = job->n_wanted;
    for (unsigned i = 0; i < job->n_inputs && !pairs_picks(&job->pairs, i).frames; i++) {
        struct video_info info;
        video_input_info(job->inputs[i], &info);
        const uint64_t passed = job->pairs.skip[i] + job->start;
        if (info.n_frames > passed && info.n_frames - passed < n)
            n = info.n_frames - passed;
    }
    return n == UINT64_MAX ? 0 : n;
}

int job_inputs_check_ends(struct job *job)
{
    const struct video_picks picks = pairs_picks(&job->pairs, 1);
    if (!picks.frames || !picks.is_whole)
        return 0;
    const struct video_input *const failed = video_inputs_wait(job->inputs, job->n_inputs);
    return failed ? input_failed(failed) : 0;
}

void job_inputs_close(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        video_input_close(&job->inputs[i]);
}
