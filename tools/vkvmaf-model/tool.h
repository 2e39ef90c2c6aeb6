/* Declarations that the commands of vkvmaf-model share. */
#ifndef VKVMAF_MODEL_TOOL_H
#define VKVMAF_MODEL_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/atomic_file.h"
#include "common/message.h"
#include "vkvmaf/vkvmaf.h"

#define TOOL_NAME "vkvmaf-model"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* One line on stderr. Returns EXIT_FAILED or EXIT_USAGE. */
int tool_fail(const char *format, ...) MESSAGE_PRINTF(1, 2);
int tool_usage(const char *format, ...) MESSAGE_PRINTF(1, 2);
/* The same, where the caller has no exit code. Returns false. */
bool tool_refuse(const char *format, ...) MESSAGE_PRINTF(1, 2);
/* "no memory " and what for. Returns false. */
bool tool_no_memory(const char *what, ...) MESSAGE_PRINTF(1, 2);

/* The same for an argument that a command ("quantize qat" for one) does not take. */
int tool_unexpected(const char *command, const char *argument);

/* Shows warnings and errors of the library on stderr. */
vkv_log tool_log(void);

/* Each command gets the arguments behind its name and returns the exit code. */
int command_predict(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_export(int argc, char **argv);
int command_quantize(int argc, char **argv);
int command_quantize_qat(int argc, char **argv);
int command_measure_drop(int argc, char **argv);
int command_registry(int argc, char **argv);
int command_sign(int argc, char **argv);
int command_train(int argc, char **argv);
int command_validate(int argc, char **argv);
int command_loso(int argc, char **argv);

/* Output that appears under its name only when it is complete. `path` NULL: stdout. */
struct output_file {
    FILE *stream;
    const char *path;
    struct atomic_file atomic; /* of a path */
};
/* False after a message. */
bool output_open(struct output_file *file, const char *path);
bool output_finish(struct output_file *file);
/* None of `n` appears unless all are complete. */
bool outputs_finish(struct output_file *files, size_t n);
/* Tries, before long work, whether all can be written and are different files. Leaves nothing behind and changes
 * nothing. A path may be NULL. 0, or EXIT_USAGE or EXIT_FAILED after a message. */
int outputs_check(const char *const *paths, size_t n);
/* EXIT_USAGE after a message when one of them is the file `input` (may be NULL), else 0. */
int outputs_spare(const char *const *paths, size_t n, const char *input);
/* Removes what was written; accepts a zeroed struct and a finished file. */
void output_discard(struct output_file *file);

#endif
