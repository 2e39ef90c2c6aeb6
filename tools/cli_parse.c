#include "cli_parse.h"

#include <inttypes.h>
#include <string.h>

#include "message.h"
#include "output/output.h"
#include "vkvmaf/vkvmaf.h"

#define BENCH_WIDTH 1920
#define BENCH_HEIGHT 1080
#define BENCH_DEPTH 8
#define FRAMES_MAX 1000000000

enum option_id {
    OPTION_REFERENCE, OPTION_DISTORTED, OPTION_WIDTH, OPTION_HEIGHT, OPTION_PIXEL_FORMAT, OPTION_BITDEPTH,
    OPTION_TINY_MODEL, OPTION_MODELS_DIR, OPTION_TINY_REGISTRY, OPTION_TINY_QUANT,
    OPTION_TINY_VERIFY, OPTION_DEVICE, OPTION_LIST_DEVICES, OPTION_FORM, OPTION_VALIDATION,
    OPTION_JSON, OPTION_OUTPUT, OPTION_PRECISION, OPTION_QUIET, OPTION_VERBOSE, OPTION_VERSION, OPTION_HELP,
    OPTION_FRAME_COUNT, OPTION_NEG, OPTION_SIZE, OPTION_STREAMS, OPTION_OTHER_FORMAT
};

struct option {
    enum option_id id;
    const char *name;             /* after "--"; '-' and '_' are one character to the user */
    char letter;                  /* after "-", or 0 */
    const char *value;            /* what the value is, or NULL for a switch */
    unsigned commands;            /* that know it */
};

#define RUNS (COMMAND_SCORE | COMMAND_VERIFY | COMMAND_BENCH)

static const struct option options[] = {
    {OPTION_REFERENCE, "reference", 'r', "a file", COMMAND_SCORE},
    {OPTION_DISTORTED, "distorted", 'd', "a file", COMMAND_SCORE},
    {OPTION_WIDTH, "width", 'w', "a number of samples", COMMAND_SCORE},
    {OPTION_HEIGHT, "height", 'h', "a number of samples (for help: --help)", COMMAND_SCORE},
    {OPTION_PIXEL_FORMAT, "pixel_format", 'p', "420, 422 or 444", COMMAND_SCORE},
    {OPTION_BITDEPTH, "bitdepth", 'b', "a number of bits, 8 to 16", COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_TINY_MODEL, "tiny_model", 0, "an ONNX file or a model's id", COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_MODELS_DIR, "models_dir", 0, "a folder", COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_TINY_REGISTRY, "tiny_registry", 0, "a registry's file", COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_TINY_QUANT, "tiny_quant", 0, "auto, fp32 or int8", COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_TINY_VERIFY, "tiny_model_verify", 0, "a public key (PEM)", COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_DEVICE, "device", 0, "an index, name or uuid, or cpu", RUNS},
    {OPTION_LIST_DEVICES, "list_devices", 0, NULL, RUNS},
    {OPTION_FORM, "form", 0, "auto, portable or texel", RUNS},
    {OPTION_VALIDATION, "validation", 0, NULL, RUNS},
    {OPTION_JSON, "json", 0, NULL, COMMAND_SCORE | COMMAND_BENCH},
    {OPTION_OUTPUT, "output", 'o', "a file", COMMAND_SCORE},
    {OPTION_PRECISION, "precision", 0, "6 or 17", COMMAND_SCORE},
    {OPTION_QUIET, "quiet", 'q', NULL, RUNS},
    {OPTION_VERBOSE, "verbose", 0, NULL, RUNS},
    {OPTION_VERSION, "version", 'v', NULL, RUNS},
    {OPTION_HELP, "help", 0, NULL, RUNS},
    {OPTION_FRAME_COUNT, "frame_cnt", 0, "a number of frames", COMMAND_SCORE},
    {OPTION_FRAME_COUNT, "frames", 0, "a number of frames", COMMAND_BENCH},
    {OPTION_NEG, "neg", 0, NULL, COMMAND_SCORE},
    {OPTION_SIZE, "size", 0, "WIDTHxHEIGHT", COMMAND_BENCH},
    {OPTION_STREAMS, "streams", 0, "a number of distorted streams", COMMAND_BENCH},
    {OPTION_OTHER_FORMAT, "xml", 0, NULL, COMMAND_SCORE},
    {OPTION_OTHER_FORMAT, "csv", 0, NULL, COMMAND_SCORE},
    {OPTION_OTHER_FORMAT, "sub", 0, NULL, COMMAND_SCORE},
};

void cli_help(FILE *file)
{
    fputs("vkvmaf scores a distorted video against its reference with VMAF's features, on any device with Vulkan 1.1.\n"
          "\n"
          "  vkvmaf -r REFERENCE -d DISTORTED [options]     score\n"
          "  vkvmaf verify [--device D]                     compare a device with known answers\n"
          "  vkvmaf bench [--device D] [--size WxH]         measure frames per second\n"
          "  vkvmaf --list-devices                          what there is to run on\n"
          "\n"
          "Input: y4m, or raw planar video with -w -h -p -b. \"-\" is standard input, for one of the two.\n"
          "  -r, --reference FILE        the original\n"
          "  -d, --distorted FILE        what is scored\n"
          "  -w, --width N               raw video: width of the luma plane\n"
          "  -h, --height N              raw video: height of the luma plane\n"
          "  -p, --pixel_format F        raw video: 420, 422 or 444\n"
          "  -b, --bitdepth N            raw video: 8 to 16; bench: of the frames (8)\n"
          "      --frame_cnt N           stop after N frames\n"
          "\n"
          "Scores\n"
          "      --tiny-model PATH|ID    the score: an ONNX file, an id such as vmaf_tiny_v2 (the default), or none\n"
          "      --tiny-quant Q          auto (as the registry says), fp32 or int8\n"
          "      --tiny-registry FILE    the registry that ids belong to\n"
          "      --tiny-model-verify[=PUBKEY.pem]\n"
          "                              require a signed registry, or without a key a bundle that cosign accepts\n"
          "      --models-dir DIR        where ids are looked up (else $VKVMAF_MODELS, else the installed models)\n"
          "      --neg                   no credit for enhancement (both gain limits 1.0)\n"
          "\n"
          "Output: a summary on standard output, and on request a log.\n"
          "      --json                  the log's format; without -o it replaces the summary\n"
          "  -o, --output FILE           where the log goes; \"-\" is standard output\n"
          "      --precision 6|17        digits in the log: libvmaf's %.6f (6), or round-trip (17)\n"
          "  -q, --quiet                 no summary, no progress\n"
          "      --verbose               what the library has to say\n"
          "\n"
          "Device\n"
          "      --device D              index, uuid, part of the name, or cpu (the slow reference)\n"
          "      --form F                auto, portable or texel: two forms of the same kernels\n"
          "      --validation            with Vulkan's validation layer; any message of it is a failure\n"
          "\n"
          "Bench\n"
          "      --size WxH              of the frames (1920x1080)\n"
          "      --streams K             distorted pictures per reference (1)\n"
          "      --frames N              measured frames (default: as many as take a second or more)\n"
          "\n"
          "      --help, -v/--version\n",
          file);
}

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
                     command == COMMAND_VERIFY ? " verify" : command == COMMAND_BENCH ? " bench" : " -r -d");
    else
        message_line("option \"%s%.*s\" is not known; see vkvmaf --help", is_long ? "--" : "-", (int)n, typed);
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

static int parse_u32(const struct option *option, const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
    uint64_t value;
    if (parse_number(option, text, least, most, &value))
        return -1;
    *number = (uint32_t)value;
    return 0;
}

/* The place of `text` in `words` (NULL-terminated), or -1 after a message. */
static int parse_word(const struct option *option, const char *text, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(text, words[i]))
            return i;
    message_line("--%s is \"%s\"; %s was expected", option->name, text, option->value);
    return -1;
}

static int parse_size(const struct option *option, const char *text, struct video_format *format)
{
    char width[16] = "";
    const char *x = strchr(text, 'x');
    if (!x || x == text || (size_t)(x - text) >= sizeof(width)) {
        message_line("--%s is \"%s\"; WIDTHxHEIGHT was expected, for example 1920x1080", option->name, text);
        return -1;
    }
    memcpy(width, text, (size_t)(x - text));
    return parse_u32(option, width, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &format->width) ||
                   parse_u32(option, x + 1, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &format->height)
               ? -1
               : 0;
}

static int apply_word(const struct option *option, const char *value, struct settings *settings)
{
    static const char *const chromas[] = {"420", "422", "444", NULL};
    static const enum video_chroma chroma_of[] = {CHROMA_420, CHROMA_422, CHROMA_444};
    static const char *const forms[] = {"auto", "portable", "texel", NULL};
    static const uint32_t form_of[] = {VKV_FORM_AUTO, VKV_FORM_PORTABLE, VKV_FORM_TEXEL};
    static const char *const precisions[] = {"6", "17", NULL};
    static const int precision_of[] = {PRECISION_LIBVMAF, PRECISION_EXACT};
    static const char *const quants[] = {"auto", "fp32", "int8", NULL};
    static const uint32_t quant_of[] = {VKV_QUANT_AUTO, VKV_QUANT_FP32, VKV_QUANT_INT8};
    const int i = parse_word(option, value,
                             option->id == OPTION_PIXEL_FORMAT ? chromas
                             : option->id == OPTION_FORM       ? forms
                             : option->id == OPTION_TINY_QUANT ? quants
                                                               : precisions);
    if (i < 0)
        return -1;
    if (option->id == OPTION_PIXEL_FORMAT)
        settings->raw.chroma = chroma_of[i];
    else if (option->id == OPTION_FORM)
        settings->form = form_of[i];
    else if (option->id == OPTION_TINY_QUANT)
        settings->tiny_quant = quant_of[i];
    else
        settings->precision = precision_of[i];
    return 0;
}

static int apply_switch(const struct option *option, struct settings *settings)
{
    switch (option->id) {
    case OPTION_LIST_DEVICES:
        settings->command = COMMAND_LIST_DEVICES;
        return 0;
    case OPTION_VALIDATION:
        settings->validation = true;
        return 0;
    case OPTION_JSON:
        settings->json = true;
        return 0;
    case OPTION_QUIET:
        settings->quiet = true;
        return 0;
    case OPTION_VERBOSE:
        settings->verbose = true;
        return 0;
    case OPTION_TINY_VERIFY:
        settings->tiny_verify = true;
        return 0;
    case OPTION_NEG:
        settings->neg = true;
        return 0;
    case OPTION_VERSION:
        settings->command = COMMAND_VERSION;
        return 0;
    case OPTION_HELP:
        settings->command = COMMAND_HELP;
        return 0;
    default:
        message_line("--%s is not available yet; the log formats are: --json", option->name);
        return -1;
    }
}

static int apply_value(const struct option *option, const char *value, struct settings *settings)
{
    const char **text = option->id == OPTION_REFERENCE    ? &settings->reference
                        : option->id == OPTION_DISTORTED  ? &settings->distorted
                        : option->id == OPTION_TINY_MODEL ? &settings->tiny_model
                        : option->id == OPTION_MODELS_DIR ? &settings->models_dir
                        : option->id == OPTION_TINY_REGISTRY ? &settings->tiny_registry
                        : option->id == OPTION_TINY_VERIFY   ? &settings->tiny_verify_key
                        : option->id == OPTION_DEVICE     ? &settings->device
                        : option->id == OPTION_OUTPUT     ? &settings->output
                                                          : NULL;
    settings->tiny_verify = settings->tiny_verify || option->id == OPTION_TINY_VERIFY;
    if (text) {
        if (!*value)
            message_line("--%s is empty; %s was expected", option->name, option->value);
        else if (*text)
            message_line("--%s is given twice", option->name);
        else
            *text = value;
        return *text == value ? 0 : -1;
    }
    switch (option->id) {
    case OPTION_WIDTH:
        return parse_u32(option, value, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &settings->raw.width);
    case OPTION_HEIGHT:
        return parse_u32(option, value, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, &settings->raw.height);
    case OPTION_BITDEPTH:
        return parse_u32(option, value, VIDEO_DEPTH_MIN, VIDEO_DEPTH_MAX, &settings->raw.bit_depth);
    case OPTION_FRAME_COUNT:
        return parse_number(option, value, 1, FRAMES_MAX, &settings->frame_count);
    case OPTION_STREAMS:
        return parse_u32(option, value, 1, VKV_MAX_DISTORTED, &settings->streams);
    case OPTION_SIZE:
        return parse_size(option, value, &settings->raw);
    default:
        return apply_word(option, value, settings);
    }
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
    if (equals)
        value = equals + 1;
    else if (!is_long && typed[1])
        value = typed + 1;
    /* The one value that may be left out is only given after '='. */
    if (!option->value || (option->id == OPTION_TINY_VERIFY && !value)) {
        if (!value)
            return apply_switch(option, settings);
        message_line("option \"%s\" takes no value", argv[*at]);
        return -1;
    }
    if (!value && *at + 1 >= argc) {
        message_line("option \"%s\" needs a value: %s", argv[*at], option->value);
        return -1;
    }
    return apply_value(option, value ? value : argv[++*at], settings);
}

static int check_score(const struct settings *settings)
{
    if (!settings->reference && !settings->distorted)
        message_line("no videos; give --reference FILE and --distorted FILE, or see vkvmaf --help");
    else if (!settings->reference)
        message_line("no reference video; give --reference FILE");
    else if (!settings->distorted)
        message_line("no distorted video; give --distorted FILE");
    else if (!strcmp(settings->reference, "-") && !strcmp(settings->distorted, "-"))
        message_line("both videos are \"-\"; only one of them can be standard input");
    else if (settings->output && !settings->json)
        message_line("--output needs --json: XML, libvmaf's default format, is not available yet");
    else
        return 0;
    return -1;
}

int cli_parse(int argc, char **argv, struct settings *settings)
{
    *settings = (struct settings){.command = COMMAND_SCORE, .precision = PRECISION_LIBVMAF};
    if (argc > 1 && !strcmp(argv[1], "verify"))
        settings->command = COMMAND_VERIFY;
    else if (argc > 1 && !strcmp(argv[1], "bench"))
        settings->command = COMMAND_BENCH;
    const enum command known = settings->command;
    for (int at = known == COMMAND_SCORE ? 1 : 2; at < argc; at++) {
        if (argv[at][0] != '-' || !argv[at][1]) {
            message_line("argument \"%s\" is not expected; videos are named with --reference and --distorted",
                         argv[at]);
            return -1;
        }
        if (take_option(argc, argv, &at, known, settings))
            return -1;
        if (settings->command == COMMAND_HELP)
            return 0;
    }
    if (settings->command == COMMAND_SCORE)
        return check_score(settings);
    if (settings->command == COMMAND_BENCH) {
        settings->raw.width = settings->raw.width ? settings->raw.width : BENCH_WIDTH;
        settings->raw.height = settings->raw.height ? settings->raw.height : BENCH_HEIGHT;
        settings->raw.bit_depth = settings->raw.bit_depth ? settings->raw.bit_depth : BENCH_DEPTH;
    }
    return 0;
}
