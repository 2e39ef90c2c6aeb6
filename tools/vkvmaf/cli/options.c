#include "cli/options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "input/hardware.h"
#include "input/input.h"
#include "output/output.h"

#define FRAMES_MAX 1000000000
#define REASON_ROOM 512
/* Frames either way; the beginnings of the videos are kept in a few KiB per frame. */
#define SYNC_DEFAULT 60
#define SYNC_MAX 10000
/* FFmpeg takes as many streams from a file. */
#define STREAMS_MAX 1000

/* ---- values ------------------------------------------------------------------------------------------------------ */

static int check_text(const struct option *option, const char *value)
{
    if (*value)
        return 0;
    message_line("--%s is empty; %s was expected", option->name, option->value);
    return -1;
}

/* Whether a text is the command's, in a line of a batch. */
static bool is_common(const struct settings *settings, const char *const *member)
{
    const size_t offset = (size_t)((const char *)member - (const char *)settings);
    const void *const common = settings->common ? (const char *)settings->common + offset : NULL;
    return common && *member == *(const char *const *)common;
}

static int set_text(const struct option *option, const char *value, struct settings *settings, const char **member)
{
    if (check_text(option, value))
        return -1;
    if (*member && !is_common(settings, member)) {
        message_line("--%s is given twice", option->name);
        return -1;
    }
    *member = value;
    return 0;
}

static int take_text(const struct option *option, const char *value, void *target)
{
    return set_text(option, value, target, option_member(option, target));
}

int cli_take_command(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    (void)value;
    settings->command = (enum command)option->least;
    return 0;
}

static int add_text(const struct option *option, const char *value, const char **list, unsigned *n, unsigned most)
{
    if (*n == most) {
        message_line("--%s is given more than %u times", option->name, most);
        return -1;
    }
    list[(*n)++] = value;
    return 0;
}

static int take_distorted(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    return check_text(option, value) ? -1
                                     : add_text(option, value, settings->job.input.distorted,
                                                &settings->job.input.n_distorted, VKV_MAX_DISTORTED);
}

static int take_verify(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    settings->job.measure.tiny.verify = true;
    return value ? set_text(option, value, settings, &settings->job.measure.tiny.verify_key) : 0;
}

static int take_root(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    return check_text(option, value) ? -1 : add_text(option, value, settings->roots, &settings->n_roots, CLI_ROOTS_MAX);
}

/* An empty one is refused with the reason that its grammar gives. */
static int take_model(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    return add_text(option, value, settings->job.measure.models, &settings->job.measure.n_models, MODELS_MAX);
}

static int take_feature(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    struct extractor extractor;
    char why[REASON_ROOM];
    if (extractor_parse(value, &extractor, why, sizeof(why))) {
        message_line("--%s %s: %s", option->name, value, why);
        return -1;
    }
    if (extractor_add(&settings->job.measure.features, &extractor)) {
        message_line("--%s is given for more than %d features", option->name, EXTRACTORS_MAX);
        return -1;
    }
    return 0;
}

/* Sets of metrics for comparing codecs, most of which are not VMAF's features. */
static int take_ctc(const struct option *option, const char *value, void *target)
{
    (void)target;
    message_line("--%s %s is not available: it needs features that are not computed: %s", option->name, value,
                 *option->name == 'a' ? "ciede, float_ssim, float_ms_ssim, psnr_hvs and apsnr"
                                      : "float_ssim and apsnr");
    return -1;
}

/* Takes an option of libvmaf's tool that has no use here. */
static int take_unused(const struct option *option, const char *value, void *target)
{
    char *end;
    (void)target;
    strtoull(value, &end, 0);
    if (*value && !*end)
        return 0;
    message_line("--%s is \"%s\"; %s was expected", option->name, value, option->value);
    return -1;
}

static int take_alias(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    settings->command = COMMAND_INSTALL_ALIAS;
    return set_text(option, value, settings, &settings->alias_folder);
}

static int read_size(const struct option *option, const char *value, uint32_t *width, uint32_t *height)
{
    char text[16] = "";
    uint64_t w, h;
    const char *x = strchr(value, 'x');
    if (!x || x == value || (size_t)(x - value) >= sizeof(text)) {
        message_line("--%s is \"%s\"; %s was expected, for example 1920x1080", option->name, value, option->value);
        return -1;
    }
    memcpy(text, value, (size_t)(x - value));
    if (option_number(option, text, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &w) ||
        option_number(option, x + 1, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &h))
        return -1;
    *width = (uint32_t)w;
    *height = (uint32_t)h;
    return 0;
}

static int take_size(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    return read_size(option, value, &settings->job.input.raw.width, &settings->job.input.raw.height);
}

static int take_scale_to(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    struct scale_wish wish = {.is_display = false};
    if (!scale_wish_display(value, &wish) && read_size(option, value, &wish.width, &wish.height))
        return -1;
    settings->job.input.scale_to = wish;
    return 0;
}

static int take_crop(const struct option *option, const char *value, void *target)
{
    struct crop_wish *const wish = option_member(option, target);
    unsigned long numbers[4];
    const char *at = value;
    char *end;
    *wish = (struct crop_wish){.is_auto = !strcmp(value, "auto")};
    if (wish->is_auto)
        return 0;
    for (int i = 0; i < 4; i++, at = end + 1) {
        numbers[i] = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : ULONG_MAX;
        if (numbers[i] > VIDEO_SIZE_MAX || (i < 2 && numbers[i] < VIDEO_SIZE_MIN) || *end != (i < 3 ? ':' : 0)) {
            message_line("--%s is \"%s\"; WIDTH:HEIGHT:X:Y of %dx%d or more, or auto, was expected", option->name,
                         value, VIDEO_SIZE_MIN, VIDEO_SIZE_MIN);
            return -1;
        }
    }
    wish->part =
        (struct video_crop){(uint32_t)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2], (uint32_t)numbers[3]};
    return 0;
}

/* "12.5" or "12.5s": seconds; "300f": frames. */
static int take_time(const struct option *option, const char *value, struct video_time *time)
{
    char *end = NULL;
    const double number = *value >= '0' && *value <= '9' ? strtod(value, &end) : -1;
    const bool is_frames = end && !strcmp(end, "f");
    if (!(number >= 0 && number <= FRAMES_MAX) || value[strspn(value, "0123456789.fs")] ||
        (!is_frames && *end && strcmp(end, "s")) || (is_frames && number != (double)(uint64_t)number)) {
        message_line("--%s is \"%s\"; %s was expected", option->name, value, option->value);
        return -1;
    }
    *time = (struct video_time){.frames = is_frames ? (uint64_t)number : 0, .seconds = is_frames ? 0 : number};
    return 0;
}

static int take_start(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    return take_time(option, value, &settings->job.pairs.start);
}

static int take_duration(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    if (take_time(option, value, &settings->job.pairs.duration))
        return -1;
    if (settings->job.pairs.duration.frames || settings->job.pairs.duration.seconds > 0)
        return 0;
    message_line("--%s is \"%s\"; more than nothing was expected", option->name, value);
    return -1;
}

static int take_sync(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    uint64_t most = SYNC_DEFAULT;
    if (value && option_number(option, value, 1, SYNC_MAX, &most))
        return -1;
    settings->job.pairs.sync = (uint32_t)most;
    return 0;
}

static int take_hwaccel(const struct option *option, const char *value, void *target)
{
    struct settings *const settings = target;
    char why[REASON_ROOM];
    if (!hardware_kind(value, &settings->job.input.hardware, why, sizeof(why)))
        return 0;
    message_line("--%s is \"%s\"; %s", option->name, value, why);
    return -1;
}

/* Counted from 1, so that 0 says nothing. */
static int take_stream(const struct option *option, const char *value, void *target)
{
    uint64_t stream;
    if (option_number(option, value, option->least, option->most, &stream))
        return -1;
    *(uint32_t *)option_member(option, target) = (uint32_t)stream + 1;
    return 0;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static const struct option_choice chromas[] = {
    {"420", CHROMA_420}, {"422", CHROMA_422}, {"444", CHROMA_444}, {NULL, 0}};
static const struct option_choice damages[] = {
    {"refuse", DAMAGED_REFUSE}, {"skip", DAMAGED_SKIP}, {"conceal", DAMAGED_CONCEAL}, {NULL, 0}};
static const struct option_choice forms[] = {{"auto", VKV_FORM_AUTO},         {"portable", VKV_FORM_PORTABLE},
                                             {"texel", VKV_FORM_TEXEL},       {"narrow", VKV_FORM_NARROW},
                                             {"unrolled", VKV_FORM_UNROLLED}, {NULL, 0}};
static const struct option_choice precisions[] = {{"6", PRECISION_LIBVMAF}, {"17", PRECISION_EXACT}, {NULL, 0}};
static const struct option_choice extras[] = {{"on", EXTRA_ON}, {"off", EXTRA_OFF}, {NULL, 0}};
static const struct option_choice pairings[] = {
    {"auto", PAIR_AUTO}, {"time", PAIR_TIME}, {"index", PAIR_INDEX}, {NULL, 0}};
static const struct option_choice quants[] = {
    {"auto", VKV_QUANT_AUTO}, {"fp32", VKV_QUANT_FP32}, {"int8", VKV_QUANT_INT8}, {NULL, 0}};
static const struct option_choice hfrs[] = {{"on", HFR_ON}, {"off", HFR_OFF}, {NULL, 0}};

#define SCORE COMMAND_SCORE
#define BENCH COMMAND_BENCH
#define MCP COMMAND_MCP
#define REPORT COMMAND_DEVICE_REPORT
#define RUN COMMAND_RUN
#define MODELS (COMMAND_MODELS | COMMAND_MODELS_INSTALL)
#define PROCESS COMMANDS_PROCESS
#define ALL (COMMAND_SCORE | COMMAND_VERIFY | COMMAND_BENCH | COMMAND_MCP | REPORT | PROCESS)
#define AT(member) .offset = offsetof(struct settings, member)
#define SWITCH_AT(member) .kind = TAKE_SWITCH, AT(member)
#define COMMAND_IS(command) .kind = TAKE_OTHER, .least = command, .take = cli_take_command
#define CONSTANT_AT(member, constant) .kind = TAKE_CONSTANT, AT(member), .least = constant
#define TEXT_AT(member, what) .value = what, .kind = TAKE_OTHER, AT(member), .take = take_text
#define NUMBER_AT(bits, member, from, to, what)                                                                        \
    .value = what, .kind = TAKE_NUMBER_##bits, AT(member), .least = from, .most = to
#define CHOICE_AT(member, words, what) .value = what, .kind = TAKE_CHOICE, AT(member), .choices = words
#define CROP_AT(side)                                                                                                  \
    .value = "WIDTH:HEIGHT:X:Y or auto", .kind = TAKE_OTHER, AT(job.input.crops.side), .take = take_crop
#define STREAM_AT(member)                                                                                              \
    .value = "a number", .kind = TAKE_OTHER, AT(member), .most = STREAMS_MAX - 1, .take = take_stream
#define OTHER_BY(function, what) .value = what, .kind = TAKE_OTHER, .take = function

const struct option cli_options[] = {
    {"reference", 'r', SCORE, TEXT_AT(job.input.reference, "a file")},
    {"distorted", 'd', SCORE, OTHER_BY(take_distorted, "a file")},
    {"batch", 0, SCORE | PROCESS, TEXT_AT(batch, "a file")},
    {"width", 'w', SCORE, NUMBER_AT(32, job.input.raw.width, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, "a number of samples")},
    {"height", 'h', SCORE,
     NUMBER_AT(32, job.input.raw.height, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, "a number of samples (for help: --help)")},
    {"pixel_format", 'p', SCORE, CHOICE_AT(job.input.raw.chroma, chromas, "420, 422 or 444")},
    {"bitdepth", 'b', SCORE | BENCH,
     NUMBER_AT(32, job.input.raw.bit_depth, VIDEO_DEPTH_MIN, VIDEO_DEPTH_MAX, "a number of bits, 8 to 16")},
    {"frame_cnt", 0, SCORE, NUMBER_AT(64, job.pairs.frame_count, 0, FRAMES_MAX, "a number of frames")},
    {"frame_skip_ref", 0, SCORE, NUMBER_AT(64, job.pairs.offset_ref, 0, FRAMES_MAX, "a number of frames")},
    {"frame_skip_dist", 0, SCORE, NUMBER_AT(64, job.pairs.offset_dist, 0, FRAMES_MAX, "a number of frames")},
    {"subsample", 0, SCORE, NUMBER_AT(64, job.measure.subsample, 0, FRAMES_MAX, "a number of frames")},
    {"model", 'm', SCORE, OTHER_BY(take_model, "path=FILE or version=NAME")},
    {"view", 0, SCORE, CHOICE_AT(job.measure.view.view, view_words, "1080p, 2160p, phone or tv")},
    {"hfr", 0, SCORE, CHOICE_AT(job.measure.view.hfr, hfrs, "on or off")},
    {"feature", 0, SCORE, OTHER_BY(take_feature, "a feature"), .describe = extractor_names},
    {"no_prediction", 'n', SCORE, SWITCH_AT(job.measure.no_prediction)},
    {"aom_ctc", 0, SCORE, OTHER_BY(take_ctc, "a version")},
    {"nflx_ctc", 0, SCORE, OTHER_BY(take_ctc, "a version")},
    {"threads", 0, SCORE, OTHER_BY(take_unused, "an integer")},
    {"cpumask", 0, SCORE, OTHER_BY(take_unused, "an integer")},
    {"gpumask", 0, SCORE, OTHER_BY(take_unused, "an integer")},
    {"no_scale", 0, SCORE, SWITCH_AT(job.input.no_scale)},
    {"scale_to", 0, SCORE, OTHER_BY(take_scale_to, "WIDTHxHEIGHT, 1080p or 2160p")},
    {"damaged", 0, SCORE, CHOICE_AT(job.input.damaged, damages, "refuse, skip or conceal")},
    {"hwaccel", 0, SCORE, OTHER_BY(take_hwaccel, "none, auto, or a kind of device that FFmpeg knows")},
    {"hwaccel_device", 0, SCORE, TEXT_AT(job.input.hardware_device, "a device, as FFmpeg names it")},
    {"no_autorotate", 0, SCORE, SWITCH_AT(job.input.no_autorotate)},
    {"stretch", 0, SCORE, SWITCH_AT(job.input.stretch)},
    {"crop", 0, SCORE, CROP_AT(all)},
    {"crop_ref", 0, SCORE, CROP_AT(ref)},
    {"crop_dist", 0, SCORE, CROP_AT(dist)},
    {"offset_ref", 0, SCORE, NUMBER_AT(64, job.pairs.offset_ref, 0, FRAMES_MAX, "a number of frames")},
    {"offset_dist", 0, SCORE, NUMBER_AT(64, job.pairs.offset_dist, 0, FRAMES_MAX, "a number of frames")},
    {"stream_ref", 0, SCORE, STREAM_AT(job.input.stream_ref)},
    {"stream_dist", 0, SCORE, STREAM_AT(job.input.stream_dist)},
    {"start", 0, SCORE, OTHER_BY(take_start, "seconds, or frames as in 250f")},
    {"duration", 0, SCORE, OTHER_BY(take_duration, "seconds, or frames as in 250f")},
    {"pair", 0, SCORE, CHOICE_AT(job.pairs.pair, pairings, "auto, time or index")},
    {"sync", 0, SCORE, OTHER_BY(take_sync, "a number of frames"), .is_optional = true},
    {"neg", 0, SCORE, SWITCH_AT(job.measure.neg)},
    {"tiny_model", 0, SCORE | BENCH, TEXT_AT(job.measure.tiny.model, "an ONNX file or a model's id")},
    {"models_dir", 0, SCORE | BENCH | MCP, TEXT_AT(job.measure.tiny.models_dir, "a folder")},
    {"tiny_registry", 0, SCORE | BENCH | MCP, TEXT_AT(job.measure.tiny.registry, "a registry's file")},
    {"tiny_quant", 0, SCORE | BENCH | MCP, CHOICE_AT(job.measure.tiny.quant, quants, "auto, fp32 or int8")},
    {"tiny_model_verify", 0, SCORE | BENCH | MCP, OTHER_BY(take_verify, "a public key (PEM)"), .is_optional = true},
    {"xml", 0, SCORE, CONSTANT_AT(job.output.format, LOG_XML)},
    {"json", 0, SCORE | BENCH, CONSTANT_AT(job.output.format, LOG_JSON)},
    {"csv", 0, SCORE, CONSTANT_AT(job.output.format, LOG_CSV)},
    {"sub", 0, SCORE, CONSTANT_AT(job.output.format, LOG_SUB)},
    {"extra_fields", 0, SCORE, CHOICE_AT(job.output.extra_fields, extras, "on or off")},
    {"output", 'o', SCORE | REPORT, TEXT_AT(job.output.output, "a file")},
    {"report", 0, SCORE, TEXT_AT(job.output.report, "a file")},
    {"precision", 0, SCORE, CHOICE_AT(job.output.precision, precisions, "6 or 17")},
    {"quiet", 'q', ALL | MODELS, SWITCH_AT(job.quiet)},
    {"verbose", 0, ALL, SWITCH_AT(verbose)},
    {"device", 0, ALL | RUN, TEXT_AT(job.device.select, "an index, name or uuid, or cpu")},
    {"form", 0, ALL, CHOICE_AT(job.device.form, forms, "auto, portable, texel, narrow or unrolled")},
    {"validation", 0, ALL, SWITCH_AT(job.device.validation)},
    {"size", 0, BENCH, OTHER_BY(take_size, "WIDTHxHEIGHT")},
    {"streams", 0, BENCH, NUMBER_AT(32, streams, 1, VKV_MAX_DISTORTED, "a number of distorted streams")},
    {"frames", 0, BENCH, NUMBER_AT(64, job.pairs.frame_count, 1, FRAMES_MAX, "a number of frames")},
    {"budget", 0, REPORT, NUMBER_AT(32, budget, 1, 86400, "a number of seconds")},
    {"force", 0, RUN, SWITCH_AT(forces)},
    {"root", 0, MCP, OTHER_BY(take_root, "a folder")},
    {"install_alias", 0, SCORE | PROCESS, OTHER_BY(take_alias, "a folder")},
    {"list_devices", 0, ALL, COMMAND_IS(COMMAND_LIST_DEVICES)},
    {"list_features", 0, ALL, COMMAND_IS(COMMAND_LIST_FEATURES)},
    {"version", 'v', ALL | MODELS | RUN, COMMAND_IS(COMMAND_VERSION)},
    {"help", 0, ALL | MODELS | RUN, COMMAND_IS(COMMAND_HELP)},
};

const size_t cli_n_options = sizeof(cli_options) / sizeof(cli_options[0]);

bool cli_option_is(const struct option *option, const char *typed, size_t n)
{
    if (strlen(option->name) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((typed[i] == '-' ? '_' : typed[i]) != option->name[i])
            return false;
    return true;
}

unsigned cli_option_commands(const char *name, size_t n)
{
    for (size_t i = 0; i < cli_n_options; i++)
        if (cli_option_is(&cli_options[i], name, n))
            return cli_options[i].commands;
    return 0;
}
