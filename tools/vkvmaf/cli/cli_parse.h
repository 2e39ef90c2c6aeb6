/* The command line, checked, as one struct. */
#ifndef VKVMAF_CLI_PARSE_H
#define VKVMAF_CLI_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run/job.h"

/* Exit status of a command line that was not understood. */
#define EXIT_USAGE 2

enum command {
    COMMAND_SCORE = 1,
    COMMAND_VERIFY = 2,
    COMMAND_BENCH = 4,
    COMMAND_LIST_DEVICES = 8,
    COMMAND_LIST_FEATURES = 256,
    COMMAND_HELP = 16,
    COMMAND_VERSION = 32,
    COMMAND_INSTALL_ALIAS = 64,
    COMMAND_MCP = 128,
    COMMAND_MODELS = 512,
    COMMAND_MODELS_INSTALL = 1024,
    COMMAND_DEVICE_REPORT = 2048,
    COMMAND_RUN = 4096
};

#define ALIAS "vmaf" /* libvmaf's tool, when called by this name */
#define CLI_ROOTS_MAX 16
/* The command line: the parts of a job that the modules take, and the options of commands. */
struct settings {
    enum command command;
    enum command topic; /* help: what it is asked for; COMMAND_SCORE: everything */
    bool verbose;
    struct job_request job;        /* bench: its raw video has size and depth of the frames, frame_count their number */
    const char *batch;             /* NULL: one job, that of the command line */
    const struct settings *common; /* in a line of a batch: the command's settings; else NULL */
    const char *alias_folder;
    uint32_t streams;                 /* bench: distorted pictures per reference; 0: one */
    uint32_t budget;                  /* device-report: seconds that it may take */
    const char *roots[CLI_ROOTS_MAX]; /* mcp: folders that videos may be read from */
    unsigned n_roots;
    char **program; /* run: its words, with NULL behind them */
    bool forces;    /* run: whatever it loads */
};

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
