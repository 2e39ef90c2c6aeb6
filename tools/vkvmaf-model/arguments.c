#include "arguments.h"

#include <string.h>

#include "tool.h"

int take_full_text(const struct option *option, const char *value, void *target)
{
    if (!*value) {
        tool_usage("--%s wants %s", option->name, option->value);
        return -1;
    }
    *(const char **)option_member(option, target) = value;
    return 0;
}

/* Whether `argument` is "--name", "-l" or the same with "=value", which is then *value, else NULL. */
static bool is_option(const struct option *option, const char *argument, const char **value)
{
    const char letter[] = {'-', option->letter, 0};
    const bool is_long = !strncmp(argument, "--", 2);
    const char *const name = is_long ? option->name : letter, *const typed = is_long ? argument + 2 : argument;
    const size_t n = strlen(name);
    if ((!is_long && !option->letter) || strncmp(typed, name, n) || (typed[n] && (typed[n] != '=' || !option->value)))
        return false;
    *value = typed[n] ? typed + n + 1 : NULL;
    return true;
}

static const struct option *find_option(const struct arguments *arguments, const char *argument, const char **value,
                                        void **target)
{
    for (size_t t = 0; t < ARGUMENT_ROWS_MAX; t++) {
        const struct argument_rows *const table = &arguments->options[t];
        *target = table->target;
        for (size_t i = 0; i < table->n; i++)
            if (is_option(&table->rows[i], argument, value))
                return &table->rows[i];
    }
    return NULL;
}

/* Takes the option at argv[*i], which has `value` unless that is NULL; *i moves to the last argument taken. */
static int take_option(const struct option *option, const char *value, void *target, int argc, char **argv, int *i)
{
    if (option->value && !value && !option->is_optional) {
        if (*i + 1 == argc)
            return tool_usage("%s wants a value", argv[*i]);
        value = argv[++*i];
    }
    if (option_take(option, value, target))
        return EXIT_USAGE;
    while (option->is_list && *i + 1 < argc && argv[*i + 1][0] != '-')
        if (option_take(option, argv[++*i], target))
            return EXIT_USAGE;
    return 0;
}

static int take_operand(struct arguments *arguments, const char *argument)
{
    const bool is_dashed = argument[0] == '-' && (argument[1] || !arguments->takes_stdin);
    if (is_dashed || arguments->n_operands == arguments->most)
        return arguments->refuse ? arguments->refuse(argument) : tool_unexpected(arguments->command, argument);
    arguments->operands[arguments->n_operands++] = argument;
    return 0;
}

int arguments_read(struct arguments *arguments, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *value;
        void *target;
        const struct option *const option = find_option(arguments, argv[i], &value, &target);
        const int code = option ? take_option(option, value, target, argc, argv, &i) : take_operand(arguments, argv[i]);
        if (code)
            return code;
    }
    return 0;
}
