/* The arguments of a command: options, which are rows (common/option.h), and operands. */
#ifndef VKVMAF_MODEL_ARGUMENTS_H
#define VKVMAF_MODEL_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/option.h"

/* Rows and the struct that their offsets lie in. */
struct argument_rows {
    const struct option *rows;
    size_t n;
    void *target;
};

enum { OPERANDS_MAX = 2, ARGUMENT_ROWS_MAX = 2 };

struct arguments {
    const char *command; /* for messages: "quantize qat" */
    struct argument_rows options[ARGUMENT_ROWS_MAX];
    unsigned most;                       /* operands that the command takes */
    bool takes_stdin;                    /* "-" is an operand */
    int (*refuse)(const char *argument); /* says that one is not expected; NULL: tool_unexpected */
    /* Found. */
    unsigned n_operands;
    const char *operands[OPERANDS_MAX]; /* NULL: not given */
};

/* Takes the options' values, in their order, and finds the operands, between options or behind. A value is the next
 * argument, or follows "=". Returns 0, or EXIT_USAGE after one message. */
int arguments_read(struct arguments *arguments, int argc, char **argv);

/* Takes a text that may not be empty: "--schema wants a file name", where the row's value is "a file name". */
int take_full_text(const struct option *option, const char *value, void *target);

/* The ends of rows: a text as it is, a text that is not empty, a switch, and an option of its own kind. */
#define TEXT_AT(type, member) .value = "a value", .kind = TAKE_TEXT, .offset = offsetof(type, member)
#define FULL_TEXT_AT(type, member, what)                                                                               \
    .value = what, .kind = TAKE_OTHER, .offset = offsetof(type, member), .take = take_full_text
#define SWITCH_AT(type, member) .kind = TAKE_SWITCH, .offset = offsetof(type, member)
#define OTHER_AT(type, member, function)                                                                               \
    .value = "a value", .kind = TAKE_OTHER, .offset = offsetof(type, member), .take = function

/* struct argument_rows of a table and its target. */
#define ROWS(table, object) {table, sizeof(table) / sizeof(*(table)), object}

#endif
