/* The command line, checked, as one struct. */
#ifndef VKVMAF_CLI_PARSE_H
#define VKVMAF_CLI_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run/extractor.h"
#include "input/crop.h"
#include "input/format.h"
#include "vkvmaf/vkvmaf.h"

/* Exit status of a command line that was not understood. */
#define EXIT_USAGE 2

enum command {
    COMMAND_SCORE = 1,
    COMMAND_VERIFY = 2,
    COMMAND_BENCH = 4,
    COMMAND_LIST_DEVICES = 8,
    COMMAND_HELP = 16,
    COMMAND_VERSION = 32,
    COMMAND_INSTALL_ALIAS = 64,
    COMMAND_MCP = 128
};

#define ALIAS "vmaf" /* libvmaf's tool, when called by this name */
#define CLI_ROOTS_MAX 16
#define MODELS_MAX 32 /* libvmaf's, as libvmaf's tool has it */

/* A place or length within a video: frames, or where these are 0 seconds; both 0: not given. */
struct video_time {
    uint64_t frames;
    double seconds;
};

struct settings {
    enum command command;
    enum command topic; /* help: what it is asked for; COMMAND_SCORE: everything */
    const char *reference;
    const char *distorted[VKV_MAX_DISTORTED];
    unsigned n_distorted;
    struct video_format raw; /* what was said of raw video; for bench: size and depth of the frames */
    bool no_scale, no_autorotate, stretch;
    struct crop_wishes crops;
    uint32_t damaged;                 /* enum video_damaged */
    uint64_t offset_ref, offset_dist; /* frames */
    uint32_t stream_ref, stream_dist; /* of a file's video streams, counted from 1; 0: not given */
    struct video_time start, duration;
    uint32_t pair;          /* PAIR_* */
    uint32_t sync;          /* the greatest offset that is looked for; 0: none */
    const char *tiny_model; /* path, id or "none"; NULL: the default one, if there is a registry */
    const char *models_dir, *tiny_registry;
    const char *model_root; /* mcp: the folder that a tiny_model's files must lie below; NULL: anywhere */
    uint32_t tiny_quant;    /* VKV_QUANT_* */
    bool tiny_verify;
    const char *tiny_verify_key; /* NULL: by cosign */
    const char *device;          /* NULL: the library's choice */
    uint32_t form;               /* VKV_FORM_* */
    bool validation, quiet, verbose, neg;
    /* Called as "vmaf": libvmaf's tool in what is printed and returned. */
    bool is_alias;
    /* Called so, or with --model: libvmaf's tool in what is measured and logged. */
    bool as_libvmaf;
    const char *models[MODELS_MAX]; /* --model's arguments; NULL: the default */
    unsigned n_models;
    struct extractor_list features; /* --feature */
    bool wants_tiny;                /* the model that tiny_model says */
    bool no_prediction;
    uint32_t format;       /* LOG_*; LOG_NONE: no log */
    const char *output;    /* NULL: none; a log that was asked for without a file goes to standard output */
    const char *report;    /* NULL: none */
    uint32_t precision;    /* PRECISION_* */
    uint32_t extra_fields; /* EXTRA_*; after cli_parse not EXTRA_DEFAULT */
    bool wants_notes;      /* in the log; not if extra fields were refused */
    uint64_t frame_count;  /* 0: all */
    uint64_t subsample;    /* every so many frames are in the log */
    const char *alias_folder;
    uint32_t streams;                 /* bench: distorted pictures per reference; 0: one */
    const char *roots[CLI_ROOTS_MAX]; /* mcp: folders that videos may be read from */
    unsigned n_roots;
    const char *batch;             /* NULL: one job, that of the command line */
    const struct settings *common; /* in a line of a batch: the command's settings; else NULL */
};
enum { PAIR_AUTO, PAIR_TIME, PAIR_INDEX };
enum { EXTRA_DEFAULT, EXTRA_ON, EXTRA_OFF };

/* Returns 0, or -1 after one message. The strings belong to `argv`. With a batch the videos may be missing. */
int cli_parse(int argc, char **argv, struct settings *settings);

/* The same for options of the command `settings->command`, which are added to what `settings` holds; argv[0] is not
 * looked at. */
int cli_parse_options(int argc, char **argv, struct settings *settings);

/* The same for one job of a batch: its options are added to the command's settings, `common`. Of an option that may be
 * given once the job's is taken. Those that the process has only one of are refused. */
int cli_parse_job(int argc, char **argv, const struct settings *common, struct settings *settings);

/* The word on the command line, "verify" for one; NULL for those without. */
const char *cli_command_word(enum command command);

/* The commands (enum command) that know the option whose name is the first `n` characters of `name`; 0: none. */
unsigned cli_option_commands(const char *name, size_t n);

#endif
