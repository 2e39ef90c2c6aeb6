#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"
#include "input/files/sequence.h"
#include "run/job_parts.h"

static int stat_input(const char *path, struct stat *st)
{
    return strcmp(path, "-") ? stat(path, st) : fstat(STDIN_FILENO, st);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

int job_check_pipes(const struct job *job)
{
    struct stat st[INPUTS_MAX];
    for (unsigned i = 0; i < job->n_inputs; i++) {
        if (stat_input(job->paths[i], &st[i]))
            st[i] = (struct stat){.st_mode = 0};
        for (unsigned j = 0; j < i; j++)
            if (S_ISFIFO(st[i].st_mode) && is_same_file(&st[i], &st[j])) {
                message_line("\"%s\" and \"%s\" are the same pipe; each video needs its own", job->paths[j],
                             job->paths[i]);
                return -1;
            }
    }
    return 0;
}

/* Looks at the picture of a sequence that has the output's name. */
static int stat_picture(const char *path, const char *output, struct stat *st)
{
    char *const file = sequence_file(path, output);
    const int failed = file ? stat(file, st) : -1;
    free(file);
    return failed;
}

int job_check_output(const struct input_request *inputs, const char *output)
{
    struct stat input, target;
    if (output_check(output))
        return -1;
    if (output_is_stdout(output) ? fstat(STDOUT_FILENO, &target) : stat(output, &target))
        return 0;
    for (unsigned i = 0; i <= inputs->n_distorted; i++) {
        const char *const path = i ? inputs->distorted[i - 1] : inputs->reference;
        if ((!stat_input(path, &input) || !stat_picture(path, output, &input)) && is_same_file(&input, &target) &&
            (S_ISREG(target.st_mode) || S_ISFIFO(target.st_mode))) {
            message_line("%s: is an input and the output; the log needs another file", output);
            return -1;
        }
    }
    return 0;
}
