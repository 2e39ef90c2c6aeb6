#include "cli/cli_parse.h"

#include <string.h>

#include "cli/options.h"
#include "common/message.h"
#include "input/hardware.h"
#include "common/suggest.h"
#include "input/files/source.h"
#include "output/output.h"

#define BENCH_WIDTH 1920
#define BENCH_HEIGHT 1080
#define BENCH_DEPTH 8
#define REPORT_BUDGET 840 /* a GPU in fifteen minutes */
#define VALUE_ROOM 512

/* The option's long name as users type it. */
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
    for (size_t i = 0; i < cli_n_options; i++)
        if (cli_options[i].commands & (unsigned)command && suggest(&near, cli_options[i].name))
            long_name(&cli_options[i], name);
    message_line("option \"%s%.*s\" is not known; %s%s%s", is_long ? "--" : "-", (int)n, typed,
                 *name ? "did you mean " : "see vkvmaf --help", name, *name ? "?" : "");
}

static const struct option *find_option(const char *typed, size_t n, bool is_long, enum command command)
{
    const struct option *elsewhere = NULL;
    for (size_t i = 0; i < cli_n_options; i++) {
        if (is_long ? !cli_option_is(&cli_options[i], typed, n) : cli_options[i].letter != *typed)
            continue;
        if (cli_options[i].commands & (unsigned)command)
            return &cli_options[i];
        elsewhere = &cli_options[i];
    }
    const char *const word = cli_command_word(command);
    if (elsewhere)
        message_line("option \"%s%.*s\" does not belong to \"vkvmaf %s\"; see vkvmaf --help", is_long ? "--" : "-",
                     (int)n, typed, word ? word : "-r -d");
    else
        complain_of_option(typed, n, is_long, command);
    return NULL;
}

static int complain_of_no_value(const struct option *option, const char *typed)
{
    char what[VALUE_ROOM];
    if (option->describe)
        option->describe(what, sizeof(what));
    else
        snprintf(what, sizeof(what), "%s", option->value);
    message_line("option \"%s\" needs a value: %s", typed, what);
    return -1;
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
    if (settings->common && option->commands & COMMANDS_PROCESS) {
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
    if (option->value && !value && !option->is_optional) {
        if (*at + 1 >= argc)
            return complain_of_no_value(option, argv[*at]);
        value = argv[++*at];
    }
    /* Messages have the name as it was typed. */
    char name[64];
    struct option shown = *option;
    if (is_long && n < sizeof(name)) {
        snprintf(name, sizeof(name), "%.*s", (int)n, typed);
        shown.name = name;
    }
    return option_take(&shown, value, settings);
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

static bool is_of_tiny(const struct model_request *tiny)
{
    return tiny->model || tiny->registry || tiny->models_dir || tiny->quant || tiny->verify;
}

static const char *contradiction_to_view(const struct job_request *job)
{
    const struct measure_request *const measure = &job->measure;
    if (!measure->view.view)
        return measure->view.hfr
                   ? "--hfr without --view; a --model names its form itself: version=vmaf_v1.0.16_hfr_3d0h"
                   : NULL;
    if (job->is_alias)
        return "--view is no option of libvmaf's tool, which takes models by their names; call this program vkvmaf";
    if (measure->n_models)
        return "--view and --model; a view is a model, and one of them was expected";
    if (measure->neg)
        return "--view and --neg; the models of the views give no credit for enhancement as they are";
    if (is_of_tiny(&measure->tiny))
        return "--view and options of tiny models; a view's score takes the place of theirs";
    return NULL;
}

/* Returns what is wrong with options that are fine alone; NULL: nothing. */
static const char *contradiction(const struct job_request *job)
{
    if (job->measure.neg && job->measure.n_models)
        return "--neg and --model; a model says itself what it needs: --model version=vmaf_v0.6.1neg";
    if (job->input.no_scale && job->input.scale_to.width)
        return "--no-scale and --scale-to; one of them was expected";
    if (job->is_alias && job->input.scale_to.width)
        return "--scale-to is no option of libvmaf's tool, which scales nothing; call this program vkvmaf";
    if (job->input.hardware_device && (job->input.hardware == HARDWARE_NONE || job->input.hardware == HARDWARE_AUTO))
        return "--hwaccel-device without its kind; --hwaccel vaapi was expected, or another one";
    return contradiction_to_view(job);
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
    else if (contradiction(job))
        message_line("%s", contradiction(job));
    else
        return check_stdin(inputs);
    return -1;
}

/* Sets the parts of a job that follow from the options that were given. */
static void complete_score(struct job_request *job)
{
    struct measure_request *const measure = &job->measure;
    struct output_request *const output = &job->output;
    const bool has_view = measure->view.view != VIEW_NONE;
    measure->as_libvmaf = job->is_alias || measure->n_models || has_view;
    measure->all_columns = job->is_alias;
    output->wants_notes = output->extra_fields != EXTRA_OFF;
    if (output->extra_fields == EXTRA_DEFAULT)
        output->extra_fields = measure->as_libvmaf && !has_view ? EXTRA_OFF : EXTRA_ON;
    if (has_view)
        measure->models[measure->n_models++] = view_model(measure->view.view, measure->view.hfr == HFR_ON);
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

/* Returns 0, or -1 after one message. */
static int complete_report(struct settings *settings)
{
    const char *const select = settings->job.device.select;
    settings->budget = settings->budget ? settings->budget : REPORT_BUDGET;
    if (!settings->job.output.output)
        message_line("no file for the report; give --output FILE");
    else if (select && !strcmp(select, "cpu"))
        message_line("--device cpu is what a report compares a device with; a Vulkan device was expected");
    else
        return 0;
    return -1;
}

static bool is_alias(const char *program)
{
    const char *slash = strrchr(program, '/');
    return !strcmp(slash ? slash + 1 : program, ALIAS);
}

/* Words of commands, and those that users try for options. */
static const struct option_choice command_words[] = {{"verify", COMMAND_VERIFY},
                                                     {"bench", COMMAND_BENCH},
                                                     {"device-report", COMMAND_DEVICE_REPORT},
                                                     {"mcp", COMMAND_MCP},
                                                     {"models", COMMAND_MODELS},
                                                     {"run", COMMAND_RUN},
                                                     {NULL, 0}};
#define HELP_WORD "help"
#define INSTALL_WORD "install"

const char *cli_command_word(enum command command)
{
    for (const struct option_choice *word = command_words; word->word; word++)
        if (word->value == (uint32_t)command)
            return word->word;
    return command == COMMAND_MODELS_INSTALL ? "models " INSTALL_WORD : NULL;
}

/* The command is one that has a word. */
static void complain_of_its_argument(const char *argument, enum command command)
{
    struct suggestion near = {.typed = argument, .n = strlen(argument)};
    const char *const word = cli_command_word(command);
    if (command == COMMAND_MODELS && suggest(&near, INSTALL_WORD))
        message_line("argument \"%s\" is not expected; did you mean vkvmaf %s?", argument,
                     cli_command_word(COMMAND_MODELS_INSTALL));
    else
        message_line("argument \"%s\" is not expected; see vkvmaf help %s", argument, word);
}

/* Something that looks like a file is one. */
static void complain_of_argument(const char *argument, bool is_first)
{
    struct suggestion near = {.typed = argument, .n = strlen(argument)};
    char name[64] = "";
    for (const struct option_choice *word = command_words; word->word; word++)
        if (suggest(&near, word->word))
            snprintf(name, sizeof(name), "%s", word->word);
    if (suggest(&near, HELP_WORD))
        strcpy(name, HELP_WORD);
    for (size_t i = 0; i < cli_n_options; i++)
        if (cli_options[i].take == cli_take_command && suggest(&near, cli_options[i].name))
            long_name(&cli_options[i], name);
    if (is_first && *name && !argument[strcspn(argument, "./")])
        message_line("\"%s\" is not a command; did you mean vkvmaf %s?", argument, name);
    else
        message_line(
            "argument \"%s\" is not expected; --reference and --distorted name videos, vkvmaf help the commands",
            argument);
}

/* The first word that is no option, or the one behind "--", begins the program's words. */
static bool begins_program(char **argv, int at, struct settings *settings)
{
    const bool is_end = !strcmp(argv[at], "--");
    if (settings->command != COMMAND_RUN || (argv[at][0] == '-' && !is_end))
        return false;
    settings->program = argv + at + is_end;
    return true;
}

static int check_run(const struct settings *settings)
{
    if (settings->program && *settings->program && **settings->program)
        return 0;
    message_line("no program; vkvmaf run -- PROGRAM [ARGUMENT]... was expected");
    return -1;
}

int cli_parse_options(int argc, char **argv, struct settings *settings)
{
    const enum command known = settings->command;
    for (int at = 1; at < argc && !begins_program(argv, at, settings); at++) {
        if (argv[at][0] != '-' || !argv[at][1]) {
            if (cli_command_word(known))
                complain_of_its_argument(argv[at], known);
            else
                complain_of_argument(argv[at], at == 1 && !settings->common);
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
    if (settings->command == COMMAND_RUN)
        return check_run(settings);
    return settings->command == COMMAND_DEVICE_REPORT ? complete_report(settings) : 0;
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
    for (const struct option_choice *word = command_words; word->word; word++)
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
    int n_words = settings->command != COMMAND_SCORE;
    if (settings->command == COMMAND_MODELS && argc > 2 && !strcmp(argv[2], INSTALL_WORD)) {
        settings->command = COMMAND_MODELS_INSTALL;
        n_words++;
    }
    return cli_parse_options(argc - n_words, argv + n_words, settings);
}
