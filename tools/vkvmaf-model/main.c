#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/suggest.h"
#include "common/target.h"
#include "help.h"
#include "tool.h"

int tool_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message_line_args(format, args);
    va_end(args);
    return EXIT_FAILED;
}

int tool_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message_line_args(format, args);
    va_end(args);
    return EXIT_USAGE;
}

bool tool_refuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message_line_args(format, args);
    va_end(args);
    return false;
}

bool tool_no_memory(const char *what, ...)
{
    va_list args;
    va_start(args, what);
    message_no_memory_args(what, args);
    va_end(args);
    return false;
}

int tool_unexpected(const char *command, const char *argument)
{
    char nearest[HELP_OPTION_ROOM], word[16];
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(command, " "), command);
    return help_nearest(word, argument, nearest)
               ? tool_usage("%s: '%.255s' is not expected; did you mean %s?", command, argument, nearest)
               : tool_usage("%s: '%.255s' is not expected; see --help", command, argument);
}

vkv_log tool_log(void)
{
    return (vkv_log){.fn = message_log};
}

/* The commands by the names that the tools of this family of models have elsewhere; a link to this program by such a
 * name runs it, too. */
static const struct other_name {
    const char *name, *words[3]; /* the command that the name stands for */
} other_names[] = {
    {"train_vmaf_tiny_v2", {"train", "--arch", "mlp_small"}},
    {"train_vmaf_tiny_v3", {"train", "--arch", "mlp_medium"}},
    {"train_vmaf_tiny_v4", {"train", "--arch", "mlp_large"}},
    {"eval_loso_vmaf_tiny_v2", {"loso", "--arch", "mlp_small"}},
    {"eval_loso_vmaf_tiny_v3", {"loso", "--arch", "mlp_medium"}},
    {"eval_loso_vmaf_tiny_v4", {"loso", "--arch", "mlp_large"}},
    {"export_vmaf_tiny_v2", {"export"}},
    {"export_vmaf_tiny_v3", {"export"}},
    {"export_vmaf_tiny_v4", {"export"}},
    {"validate_vmaf_tiny_v2", {"validate"}},
    {"validate_vmaf_tiny_v3", {"validate"}},
    {"validate_vmaf_tiny_v4", {"validate"}},
    {"ptq_dynamic", {"quantize", "dynamic"}},
    {"ptq_static", {"quantize", "static"}},
    {"qat_train", {"quantize", "qat"}},
    {"measure_quant_drop", {"measure-drop"}},
    {"validate_model_registry", {"registry", "check"}},
};

static const struct other_name *find_other_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof(other_names) / sizeof(*other_names); i++)
        if (strcmp(name, other_names[i].name) == 0)
            return &other_names[i];
    return NULL;
}

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"predict", command_predict},   {"inspect", command_inspect},   {"export", command_export},
                {"quantize", command_quantize}, {"registry", command_registry}, {"measure-drop", command_measure_drop},
                {"sign", command_sign},         {"train", command_train},       {"validate", command_validate},
                {"loso", command_loso}};
#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static int complain_of_command(const char *name)
{
    struct suggestion near = {name, strlen(name), false, 0};
    const char *best = NULL;

    for (size_t i = 0; i < N_COMMANDS; i++)
        if (suggest(&near, commands[i].name))
            best = commands[i].name;
    for (size_t i = 0; i < sizeof(other_names) / sizeof(*other_names); i++)
        if (suggest(&near, other_names[i].name))
            best = other_names[i].name;
    if (suggest(&near, "help"))
        best = "help";
    return best ? tool_usage("'%s' is not a command; did you mean " TOOL_NAME " %s?", name, best)
                : tool_usage("'%s' is not a command; see --help", name);
}

static int run_command(int argc, char **argv)
{
    const struct command *command = find_command(argv[0]);
    return command ? command->run(argc - 1, argv + 1) : complain_of_command(argv[0]);
}

/* The command's words and what follows its other name. */
static int run_other_name(const struct other_name *other, int argc, char **argv)
{
    char **words = calloc((size_t)argc + 4, sizeof(*words));
    int n = 0;

    if (!words) {
        tool_no_memory("for the arguments");
        return EXIT_FAILED;
    }
    while (n < 3 && other->words[n]) {
        words[n] = (char *)(uintptr_t)other->words[n];
        n++;
    }
    memcpy(words + n, argv, (size_t)argc * sizeof(*words));
    const int code = run_command(argc + n, words);
    free(words);
    return code;
}

/* Shows the help of the command that a word stands for; NULL: all of it. */
static int show_help(const char *word)
{
    const struct other_name *other = word ? find_other_name(word) : NULL;
    if (word && !other && !find_command(word))
        return complain_of_command(word);
    help_show(stdout, other ? other->words[0] : word);
    return 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int run(int argc, char **argv)
{
    const bool is_other = argc > 0 && find_other_name(argv[0]);
    if (asks_for_help(argc, argv))
        return show_help(is_other ? argv[0] : argv[1][0] == '-' ? NULL : argv[1]);
    if (argc > 1 && !is_other && strcmp(argv[1], "help") == 0)
        return show_help(argc > 2 && strcmp(argv[2], "help") != 0 ? argv[2] : NULL);
    if (is_other)
        return run_other_name(find_other_name(argv[0]), argc - 1, argv + 1);
    if (argc < 2)
        return tool_usage("no command given; see --help");
    if (strcmp(argv[1], "--version") == 0) {
        printf(TOOL_NAME " %s\n", vkv_version());
        return 0;
    }
    if (find_other_name(argv[1]))
        return run_other_name(find_other_name(argv[1]), argc - 2, argv + 2);
    return run_command(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    message_program(TOOL_NAME);
    target_refuse_size_signal();
    const int code = run(argc, argv);
    const bool is_shown = !fflush(stdout) && !ferror(stdout);

    return code || is_shown ? code : tool_fail("stdout cannot be written");
}
