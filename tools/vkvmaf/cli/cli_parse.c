#include "cli/cli_parse.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "input/input.h"
#include "input/source.h"
#include "common/message.h"
#include "common/suggest.h"
#include "output/output.h"
#include "vkvmaf/vkvmaf.h"

#define BENCH_WIDTH 1920
#define BENCH_HEIGHT 1080
#define BENCH_DEPTH 8
#define FRAMES_MAX 1000000000
#define REASON_ROOM 512
/* Frames either way; the beginnings of the videos are kept in a few KiB per frame. */
#define SYNC_DEFAULT 60
#define SYNC_MAX 10000
/* As many as FFmpeg takes from a file. */
#define STREAMS_MAX 1000

struct option;
struct choice {
    const char *word;
    uint32_t value;
};

/* How an option's value becomes a member of struct settings. */
enum kind {
    SWITCH,   /* no value: a bool becomes true */
    COMMAND,  /* no value: `least` becomes the command */
    CONSTANT, /* no value: a uint32_t becomes `least` */
    TEXT,     /* a string, given once */
    NUMBER_32,
    NUMBER_64, /* from `least` to `most` */
    CHOICE,    /* one of `choices`: a uint32_t */
    OTHER      /* `take` does it; `value` NULL: without one */
};

struct option {
    const char *name;  /* after "--"; '-' and '_' are one character to the user */
    char letter;       /* after "-", or 0 */
    unsigned commands; /* that know it, and PROCESS */
    const char *value; /* what the value is, for messages; NULL: it has none */
    enum kind kind;
    size_t offset; /* of the member */
    uint64_t least, most;
    const struct choice *choices;
    int (*take)(const struct option *option, const char *value, struct settings *settings);
    bool optional; /* the value may be left out; it only comes after '=' */
};

static int take_distorted(const struct option *option, const char *value, struct settings *settings);
static int take_size(const struct option *option, const char *value, struct settings *settings);
static int take_crop(const struct option *option, const char *value, struct settings *settings);
static int take_start(const struct option *option, const char *value, struct settings *settings);
static int take_duration(const struct option *option, const char *value, struct settings *settings);
static int take_sync(const struct option *option, const char *value, struct settings *settings);
static int take_stream(const struct option *option, const char *value, struct settings *settings);
static int take_verify(const struct option *option, const char *value, struct settings *settings);
static int take_root(const struct option *option, const char *value, struct settings *settings);
static int take_model(const struct option *option, const char *value, struct settings *settings);
static int take_feature(const struct option *option, const char *value, struct settings *settings);
static int take_ctc(const struct option *option, const char *value, struct settings *settings);
static int take_unused(const struct option *option, const char *value, struct settings *settings);
static int take_alias(const struct option *option, const char *value, struct settings *settings);

static const struct choice chromas[] = {{"420", CHROMA_420}, {"422", CHROMA_422}, {"444", CHROMA_444}, {NULL, 0}};
static const struct choice damages[] = {
    {"refuse", DAMAGED_REFUSE}, {"skip", DAMAGED_SKIP}, {"conceal", DAMAGED_CONCEAL}, {NULL, 0}};
static const struct choice forms[] = {
    {"auto", VKV_FORM_AUTO}, {"portable", VKV_FORM_PORTABLE}, {"texel", VKV_FORM_TEXEL}, {NULL, 0}};
static const struct choice precisions[] = {{"6", PRECISION_LIBVMAF}, {"17", PRECISION_EXACT}, {NULL, 0}};
static const struct choice extras[] = {{"on", EXTRA_ON}, {"off", EXTRA_OFF}, {NULL, 0}};
static const struct choice pairings[] = {{"auto", PAIR_AUTO}, {"time", PAIR_TIME}, {"index", PAIR_INDEX}, {NULL, 0}};
static const struct choice quants[] = {
    {"auto", VKV_QUANT_AUTO}, {"fp32", VKV_QUANT_FP32}, {"int8", VKV_QUANT_INT8}, {NULL, 0}};

#define SCORE COMMAND_SCORE
#define BENCH COMMAND_BENCH
#define MCP COMMAND_MCP
#define PROCESS 256 /* a process has one: not for a job of a batch */
#define ALL (COMMAND_SCORE | COMMAND_VERIFY | COMMAND_BENCH | COMMAND_MCP | PROCESS)
#define AT(member) offsetof(struct settings, member)
#define SWITCH_AT(member) NULL, SWITCH, AT(member), 0, 0, NULL, NULL, false
#define COMMAND_IS(command) NULL, COMMAND, 0, command, 0, NULL, NULL, false
#define CONSTANT_AT(member, constant) NULL, CONSTANT, AT(member), constant, 0, NULL, NULL, false
#define TEXT_AT(member, what) what, TEXT, AT(member), 0, 0, NULL, NULL, false
#define NUMBER_AT(bits, member, least, most, what) what, NUMBER_##bits, AT(member), least, most, NULL, NULL, false
#define CHOICE_AT(member, choices, what) what, CHOICE, AT(member), 0, 0, choices, NULL, false
#define CROP_AT(side) "WIDTH:HEIGHT:X:Y or auto", OTHER, AT(job.input.crops.side), 0, 0, NULL, take_crop, false
#define OTHER_BY(take, what, optional) what, OTHER, 0, 0, 0, NULL, take, optional

static const struct option options[] = {
    {"reference", 'r', SCORE, TEXT_AT(job.input.reference, "a file")},
    {"distorted", 'd', SCORE, OTHER_BY(take_distorted, "a file", false)},
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
    {"model", 'm', SCORE, OTHER_BY(take_model, "path=FILE or version=NAME", false)},
    {"feature", 0, SCORE, OTHER_BY(take_feature, "adm, motion, psnr or vif", false)},
    {"no_prediction", 'n', SCORE, SWITCH_AT(job.measure.no_prediction)},
    {"aom_ctc", 0, SCORE, OTHER_BY(take_ctc, "a version", false)},
    {"nflx_ctc", 0, SCORE, OTHER_BY(take_ctc, "a version", false)},
    {"threads", 0, SCORE, OTHER_BY(take_unused, "an integer", false)},
    {"cpumask", 0, SCORE, OTHER_BY(take_unused, "an integer", false)},
    {"gpumask", 0, SCORE, OTHER_BY(take_unused, "an integer", false)},
    {"no_scale", 0, SCORE, SWITCH_AT(job.input.no_scale)},
    {"damaged", 0, SCORE, CHOICE_AT(job.input.damaged, damages, "refuse, skip or conceal")},
    {"no_autorotate", 0, SCORE, SWITCH_AT(job.input.no_autorotate)},
    {"stretch", 0, SCORE, SWITCH_AT(job.input.stretch)},
    {"crop", 0, SCORE, CROP_AT(all)},
    {"crop_ref", 0, SCORE, CROP_AT(ref)},
    {"crop_dist", 0, SCORE, CROP_AT(dist)},
    {"offset_ref", 0, SCORE, NUMBER_AT(64, job.pairs.offset_ref, 0, FRAMES_MAX, "a number of frames")},
    {"offset_dist", 0, SCORE, NUMBER_AT(64, job.pairs.offset_dist, 0, FRAMES_MAX, "a number of frames")},
    {"stream_ref", 0, SCORE, "a number", OTHER, AT(job.input.stream_ref), 0, STREAMS_MAX - 1, NULL, take_stream, false},
    {"stream_dist", 0, SCORE, "a number", OTHER, AT(job.input.stream_dist), 0, STREAMS_MAX - 1, NULL, take_stream,
     false},
    {"start", 0, SCORE, OTHER_BY(take_start, "seconds, or frames as in 250f", false)},
    {"duration", 0, SCORE, OTHER_BY(take_duration, "seconds, or frames as in 250f", false)},
    {"pair", 0, SCORE, CHOICE_AT(job.pairs.pair, pairings, "auto, time or index")},
    {"sync", 0, SCORE, OTHER_BY(take_sync, "a number of frames", true)},
    {"neg", 0, SCORE, SWITCH_AT(job.measure.neg)},
    {"tiny_model", 0, SCORE | BENCH, TEXT_AT(job.measure.tiny.model, "an ONNX file or a model's id")},
    {"models_dir", 0, SCORE | BENCH | MCP, TEXT_AT(job.measure.tiny.models_dir, "a folder")},
    {"tiny_registry", 0, SCORE | BENCH | MCP, TEXT_AT(job.measure.tiny.registry, "a registry's file")},
    {"tiny_quant", 0, SCORE | BENCH | MCP, CHOICE_AT(job.measure.tiny.quant, quants, "auto, fp32 or int8")},
    {"tiny_model_verify", 0, SCORE | BENCH | MCP, OTHER_BY(take_verify, "a public key (PEM)", true)},
    {"xml", 0, SCORE, CONSTANT_AT(job.output.format, LOG_XML)},
    {"json", 0, SCORE | BENCH, CONSTANT_AT(job.output.format, LOG_JSON)},
    {"csv", 0, SCORE, CONSTANT_AT(job.output.format, LOG_CSV)},
    {"sub", 0, SCORE, CONSTANT_AT(job.output.format, LOG_SUB)},
    {"extra_fields", 0, SCORE, CHOICE_AT(job.output.extra_fields, extras, "on or off")},
    {"output", 'o', SCORE, TEXT_AT(job.output.output, "a file")},
    {"report", 0, SCORE, TEXT_AT(job.output.report, "a file")},
    {"precision", 0, SCORE, CHOICE_AT(job.output.precision, precisions, "6 or 17")},
    {"quiet", 'q', ALL, SWITCH_AT(job.quiet)},
    {"verbose", 0, ALL, SWITCH_AT(verbose)},
    {"device", 0, ALL, TEXT_AT(job.device.select, "an index, name or uuid, or cpu")},
    {"form", 0, ALL, CHOICE_AT(job.device.form, forms, "auto, portable or texel")},
    {"validation", 0, ALL, SWITCH_AT(job.device.validation)},
    {"size", 0, BENCH, OTHER_BY(take_size, "WIDTHxHEIGHT", false)},
    {"streams", 0, BENCH, NUMBER_AT(32, streams, 1, VKV_MAX_DISTORTED, "a number of distorted streams")},
    {"frames", 0, BENCH, NUMBER_AT(64, job.pairs.frame_count, 1, FRAMES_MAX, "a number of frames")},
    {"root", 0, MCP, OTHER_BY(take_root, "a folder", false)},
    {"install_alias", 0, SCORE | PROCESS, OTHER_BY(take_alias, "a folder", false)},
    {"list_devices", 0, ALL, COMMAND_IS(COMMAND_LIST_DEVICES)},
    {"version", 'v', ALL, COMMAND_IS(COMMAND_VERSION)},
    {"help", 0, ALL, COMMAND_IS(COMMAND_HELP)},
};

/* Like strcmp on the first `n` characters of `typed`, with '-' and '_' being one character. */
static bool is_name(const char *typed, size_t n, const char *name)
{
    if (strlen(name) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((typed[i] == '-' ? '_' : typed[i]) != name[i])
            return false;
    return true;
}

unsigned cli_option_commands(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (is_name(name, n, options[i].name))
            return options[i].commands;
    return 0;
}

/* As users type it. */
static void long_name(const struct option *option, char name[64])
{
    snprintf(name, 64, "--%s", option->name);
    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : *c;
}

static void complain_of_option(const char *typed, size_t n, bool is_long, enum command command)
{
    struct suggestion near = {.typed = typed, .n = is_long ? n : 0};
    char name[64] = "";
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i].commands & (unsigned)command && suggest(&near, options[i].name))
            long_name(&options[i], name);
    message_line("option \"%s%.*s\" is not known; %s%s%s", is_long ? "--" : "-", (int)n, typed,
                 *name ? "did you mean " : "see vkvmaf --help", name, *name ? "?" : "");
}

static const struct option *find_option(const char *typed, size_t n, bool is_long, enum command command)
{
    const struct option *elsewhere = NULL;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (is_long ? !is_name(typed, n, options[i].name) : options[i].letter != *typed)
            continue;
        if (options[i].commands & (unsigned)command)
            return &options[i];
        elsewhere = &options[i];
    }
    if (elsewhere)
        message_line("option \"%s%.*s\" does not belong to \"vkvmaf%s\"; see vkvmaf --help", is_long ? "--" : "-",
                     (int)n, typed,
                     command == COMMAND_VERIFY  ? " verify"
                     : command == COMMAND_BENCH ? " bench"
                     : command == COMMAND_MCP   ? " mcp"
                                                : " -r -d");
    else
        complain_of_option(typed, n, is_long, command);
    return NULL;
}

/* A decimal number within [least, most]. */
static int parse_number(const struct option *option, const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    bool ok = *text != 0;
    for (const char *c = text; *c && ok; c++) {
        ok = *c >= '0' && *c <= '9' && value <= most;
        value = value * 10 + (uint64_t)(*c - '0');
    }
    if (ok && value >= least && value <= most) {
        *number = value;
        return 0;
    }
    message_line("--%s is \"%s\"; a number from %" PRIu64 " to %" PRIu64 " was expected", option->name, text, least,
                 most);
    return -1;
}

static int take_number(const struct option *option, const char *value, struct settings *settings)
{
    char *const member = (char *)settings + option->offset;
    uint64_t number;
    if (parse_number(option, value, option->least, option->most, &number))
        return -1;
    if (option->kind == NUMBER_64)
        *(uint64_t *)(void *)member = number;
    else
        *(uint32_t *)(void *)member = (uint32_t)number;
    return 0;
}

static int take_choice(const struct option *option, const char *value, struct settings *settings)
{
    for (const struct choice *choice = option->choices; choice->word; choice++)
        if (!strcmp(value, choice->word)) {
            *(uint32_t *)(void *)((char *)settings + option->offset) = choice->value;
            return 0;
        }
    message_line("--%s is \"%s\"; %s was expected", option->name, value, option->value);
    return -1;
}

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

static int add_text(const struct option *option, const char *value, const char **list, unsigned *n, unsigned most)
{
    if (*n == most) {
        message_line("--%s is given more than %u times", option->name, most);
        return -1;
    }
    list[(*n)++] = value;
    return 0;
}

static int take_distorted(const struct option *option, const char *value, struct settings *settings)
{
    return check_text(option, value) ? -1
                                     : add_text(option, value, settings->job.input.distorted,
                                                &settings->job.input.n_distorted, VKV_MAX_DISTORTED);
}

static int take_verify(const struct option *option, const char *value, struct settings *settings)
{
    settings->job.measure.tiny.verify = true;
    return value ? set_text(option, value, settings, &settings->job.measure.tiny.verify_key) : 0;
}

static int take_root(const struct option *option, const char *value, struct settings *settings)
{
    return check_text(option, value) ? -1 : add_text(option, value, settings->roots, &settings->n_roots, CLI_ROOTS_MAX);
}

/* An empty one is refused with the reason that its grammar gives. */
static int take_model(const struct option *option, const char *value, struct settings *settings)
{
    return add_text(option, value, settings->job.measure.models, &settings->job.measure.n_models, MODELS_MAX);
}

static int take_feature(const struct option *option, const char *value, struct settings *settings)
{
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
static int take_ctc(const struct option *option, const char *value, struct settings *settings)
{
    (void)settings;
    message_line("--%s %s is not available: it needs features that are not computed: %s", option->name, value,
                 *option->name == 'a' ? "ciede, float_ssim, float_ms_ssim, psnr_hvs, from v3.0 on cambi, and apsnr"
                                      : "float_ssim, cambi and apsnr");
    return -1;
}

/* What libvmaf's tool takes and this one has no use for. */
static int take_unused(const struct option *option, const char *value, struct settings *settings)
{
    char *end;
    (void)settings;
    strtoull(value, &end, 0);
    if (*value && !*end)
        return 0;
    message_line("--%s is \"%s\"; %s was expected", option->name, value, option->value);
    return -1;
}

static int take_alias(const struct option *option, const char *value, struct settings *settings)
{
    settings->command = COMMAND_INSTALL_ALIAS;
    return set_text(option, value, settings, &settings->alias_folder);
}

static int take_size(const struct option *option, const char *value, struct settings *settings)
{
    char width[16] = "";
    uint64_t w, h;
    const char *x = strchr(value, 'x');
    if (!x || x == value || (size_t)(x - value) >= sizeof(width)) {
        message_line("--%s is \"%s\"; WIDTHxHEIGHT was expected, for example 1920x1080", option->name, value);
        return -1;
    }
    memcpy(width, value, (size_t)(x - value));
    if (parse_number(option, width, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &w) ||
        parse_number(option, x + 1, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &h))
        return -1;
    settings->job.input.raw.width = (uint32_t)w;
    settings->job.input.raw.height = (uint32_t)h;
    return 0;
}

static int take_crop(const struct option *option, const char *value, struct settings *settings)
{
    struct crop_wish *const wish = (struct crop_wish *)(void *)((char *)settings + option->offset);
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

static int take_start(const struct option *option, const char *value, struct settings *settings)
{
    return take_time(option, value, &settings->job.pairs.start);
}

static int take_duration(const struct option *option, const char *value, struct settings *settings)
{
    if (take_time(option, value, &settings->job.pairs.duration))
        return -1;
    if (settings->job.pairs.duration.frames || settings->job.pairs.duration.seconds > 0)
        return 0;
    message_line("--%s is \"%s\"; more than nothing was expected", option->name, value);
    return -1;
}

static int take_sync(const struct option *option, const char *value, struct settings *settings)
{
    uint64_t most = SYNC_DEFAULT;
    if (value && parse_number(option, value, 1, SYNC_MAX, &most))
        return -1;
    settings->job.pairs.sync = (uint32_t)most;
    return 0;
}

/* Counted from 1, so that 0 says nothing. */
static int take_stream(const struct option *option, const char *value, struct settings *settings)
{
    uint64_t stream;
    if (parse_number(option, value, option->least, option->most, &stream))
        return -1;
    *(uint32_t *)(void *)((char *)settings + option->offset) = (uint32_t)stream + 1;
    return 0;
}

static int apply(const struct option *option, const char *value, struct settings *settings)
{
    char *const member = (char *)settings + option->offset;
    switch (option->kind) {
    case SWITCH: *(bool *)(void *)member = true; return 0;
    case COMMAND: settings->command = (enum command)option->least; return 0;
    case CONSTANT: *(uint32_t *)(void *)member = (uint32_t)option->least; return 0;
    case TEXT: return set_text(option, value, settings, (const char **)(void *)member);
    case NUMBER_32:
    case NUMBER_64: return take_number(option, value, settings);
    case CHOICE: return take_choice(option, value, settings);
    case OTHER: break;
    }
    return option->take(option, value, settings);
}

/* Takes the option at argv[*at] and its value; *at moves to the last argument taken. */
static int take_option(int argc, char **argv, int *at, enum command known, struct settings *settings)
{
    const char *typed = argv[*at] + 1, *value = NULL;
    const bool is_long = *typed == '-';
    typed += is_long;
    const char *equals = is_long ? strchr(typed, '=') : NULL;
    const size_t n = equals ? (size_t)(equals - typed) : is_long ? strlen(typed) : 1;
    const struct option *option = find_option(typed, n, is_long, known);
    if (!option)
        return -1;
    if (settings->common && option->commands & PROCESS) {
        message_line("option \"%s\" is for all jobs of a batch; give it on the command line", argv[*at]);
        return -1;
    }
    if (equals)
        value = equals + 1;
    else if (!is_long && typed[1])
        value = typed + 1;
    if (!option->value && value) {
        message_line("option \"%s\" takes no value", argv[*at]);
        return -1;
    }
    if (option->value && !value && !option->optional) {
        if (*at + 1 >= argc) {
            message_line("option \"%s\" needs a value: %s", argv[*at], option->value);
            return -1;
        }
        value = argv[++*at];
    }
    /* Messages have the name as it was typed. */
    char name[64];
    struct option shown = *option;
    if (is_long && n < sizeof(name)) {
        snprintf(name, sizeof(name), "%.*s", (int)n, typed);
        shown.name = name;
    }
    return apply(&shown, value, settings);
}

/* Standard input can be one of the videos only. */
static int check_stdin(const struct input_request *inputs)
{
    unsigned n = source_is_stdin(inputs->reference);
    for (unsigned i = 0; i < inputs->n_distorted; i++)
        n += source_is_stdin(inputs->distorted[i]);
    if (n < 2)
        return 0;
    message_line("two videos are standard input; only one of them can be");
    return -1;
}

static int check_score(const struct job_request *job)
{
    const struct input_request *const inputs = &job->input;
    if (!inputs->reference && !inputs->n_distorted)
        message_line("no videos; give --reference FILE and --distorted FILE, or see vkvmaf --help");
    else if (!inputs->reference)
        message_line("no reference video; give --reference FILE");
    else if (!inputs->n_distorted)
        message_line("no distorted video; give --distorted FILE");
    else if (job->measure.neg && job->measure.n_models)
        message_line("--neg and --model; a model says itself what it needs: --model version=vmaf_v0.6.1neg");
    else
        return check_stdin(inputs);
    return -1;
}

/* What follows from what was said. */
static void complete_score(struct job_request *job)
{
    struct measure_request *const measure = &job->measure;
    struct output_request *const output = &job->output;
    measure->as_libvmaf = job->is_alias || measure->n_models;
    output->wants_notes = output->extra_fields != EXTRA_OFF;
    if (output->extra_fields == EXTRA_DEFAULT)
        output->extra_fields = measure->as_libvmaf ? EXTRA_OFF : EXTRA_ON;
    if (job->is_alias && !measure->n_models && !measure->no_prediction)
        measure->models[measure->n_models++] = measure->neg ? "version=vmaf_v0.6.1neg" : NULL;
    measure->wants_tiny =
        !measure->no_prediction && (measure->tiny.model || (!measure->as_libvmaf && output->extra_fields == EXTRA_ON));
    if (output->output && output->format == LOG_NONE)
        output->format = LOG_XML;
    if (!measure->subsample)
        measure->subsample = 1;
}

static void complete_bench(struct video_format *frames)
{
    frames->width = frames->width ? frames->width : BENCH_WIDTH;
    frames->height = frames->height ? frames->height : BENCH_HEIGHT;
    frames->bit_depth = frames->bit_depth ? frames->bit_depth : BENCH_DEPTH;
}

static bool is_alias(const char *program)
{
    const char *slash = strrchr(program, '/');
    return !strcmp(slash ? slash + 1 : program, ALIAS);
}

/* Words of commands, and those that users try for options. */
static const struct choice command_words[] = {
    {"verify", COMMAND_VERIFY}, {"bench", COMMAND_BENCH}, {"mcp", COMMAND_MCP}, {NULL, 0}};
#define HELP_WORD "help"

const char *cli_command_word(enum command command)
{
    for (const struct choice *word = command_words; word->word; word++)
        if (word->value == (uint32_t)command)
            return word->word;
    return NULL;
}

/* Something that looks like a file is one. */
static void complain_of_argument(const char *argument, bool is_first)
{
    struct suggestion near = {.typed = argument, .n = strlen(argument)};
    char name[64] = "";
    for (const struct choice *word = command_words; word->word; word++)
        if (suggest(&near, word->word))
            snprintf(name, sizeof(name), "%s", word->word);
    if (suggest(&near, HELP_WORD))
        strcpy(name, HELP_WORD);
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i].kind == COMMAND && suggest(&near, options[i].name))
            long_name(&options[i], name);
    if (is_first && *name && !argument[strcspn(argument, "./")])
        message_line("\"%s\" is not a command; did you mean vkvmaf %s?", argument, name);
    else
        message_line(
            "argument \"%s\" is not expected; --reference and --distorted name videos, vkvmaf help the commands",
            argument);
}

int cli_parse_options(int argc, char **argv, struct settings *settings)
{
    const enum command known = settings->command;
    for (int at = 1; at < argc; at++) {
        if (argv[at][0] != '-' || !argv[at][1]) {
            complain_of_argument(argv[at], at == 1 && known == COMMAND_SCORE && !settings->common);
            return -1;
        }
        if (take_option(argc, argv, &at, known, settings))
            return -1;
        if (settings->command == COMMAND_HELP)
            return 0;
    }
    if (settings->command == COMMAND_SCORE && !settings->batch) {
        if (check_score(&settings->job))
            return -1;
        complete_score(&settings->job);
    }
    if (settings->command == COMMAND_BENCH)
        complete_bench(&settings->job.input.raw);
    return 0;
}

int cli_parse_job(int argc, char **argv, const struct settings *common, struct settings *settings)
{
    *settings = *common;
    settings->batch = NULL;
    settings->common = common;
    return cli_parse_options(argc, argv, settings);
}

static enum command command_of(const char *argument)
{
    for (const struct choice *word = command_words; word->word; word++)
        if (!strcmp(argument, word->word))
            return (enum command)word->value;
    return COMMAND_SCORE;
}

/* "help", or "help COMMAND". */
static int parse_help(int argc, char **argv, struct settings *settings)
{
    settings->command = COMMAND_HELP;
    if (argc < 3 || argv[2][0] == '-' || !strcmp(argv[2], HELP_WORD))
        return 0;
    settings->topic = command_of(argv[2]);
    if (settings->topic != COMMAND_SCORE)
        return 0;
    complain_of_argument(argv[2], true);
    return -1;
}

int cli_parse(int argc, char **argv, struct settings *settings)
{
    *settings =
        (struct settings){.command = COMMAND_SCORE, .topic = COMMAND_SCORE, .job.output.precision = PRECISION_LIBVMAF};
    settings->job.is_alias = argc > 0 && is_alias(argv[0]);
    if (argc > 1 && !strcmp(argv[1], HELP_WORD))
        return parse_help(argc, argv, settings);
    if (argc > 1)
        settings->command = settings->topic = command_of(argv[1]);
    const int n_words = settings->command != COMMAND_SCORE;
    return cli_parse_options(argc - n_words, argv + n_words, settings);
}
