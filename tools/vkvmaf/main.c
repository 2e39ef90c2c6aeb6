/* vkvmaf: the command line tool. It sees nothing of the library but its public header. */
#ifdef __linux__
#  define _GNU_SOURCE /* sched_getaffinity */
#  include <sched.h>
#endif
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/alias.h"
#include "commands/batch.h"
#include "commands/bench.h"
#include "commands/device_report/device_report.h"
#include "commands/devices.h"
#include "commands/verify.h"
#include "cli/cli_parse.h"
#include "cli/help.h"
#include "commands/features.h"
#include "commands/mcp.h"
#include "commands/models.h"
#include "commands/run/run.h"
#include "common/message.h"
#include "common/target.h"
#include "commands/score.h"
#include "vkvmaf/vkvmaf.h"

/* libvmaf's tool */
#define ALIAS_EXIT_USAGE 1
#define ALIAS_EXIT_FAILURE 255

static int run_command(const struct settings *settings)
{
    switch (settings->command) {
    case COMMAND_SCORE: return settings->batch ? batch_command(settings) : score_command(&settings->job);
    case COMMAND_VERIFY: return verify_command(&settings->job.device, settings->job.quiet);
    case COMMAND_BENCH: return bench_command(settings);
    case COMMAND_DEVICE_REPORT: return device_report_command(settings);
    case COMMAND_MCP: return mcp_command(settings);
    case COMMAND_MODELS: return models_command(settings->job.quiet);
    case COMMAND_MODELS_INSTALL: return models_install_command(settings->job.quiet);
    case COMMAND_RUN: return run_program_command(settings);
    case COMMAND_LIST_FEATURES: return features_command();
    case COMMAND_LIST_DEVICES: return devices_command(&settings->job.device);
    case COMMAND_VERSION:
        if (settings->job.is_alias)
            message_plain("%s", vkv_version());
        else
            printf("vkvmaf %s\n", vkv_version());
        return EXIT_SUCCESS;
    case COMMAND_INSTALL_ALIAS: return alias_install_command(settings->alias_folder);
    case COMMAND_HELP: cli_help(stdout, settings->topic); return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}

/* A closed standard descriptor would become the first file that is opened. Its place is taken by one that fails when
 * it is used: standard input cannot be read, the others not written. */
static void fill_closed_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            exit(EXIT_FAILURE);
}

/* llvmpipe gives each of its threads an equal part of a dispatch and waits for the last. With as many threads as cores,
 * one that other work holds up keeps the others waiting: 1.6 of 2 cores at work instead of 1.8. */
#define THREADS_PER_CORE 3

static void use_all_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    char threads[32];
#ifdef __linux__
    cpu_set_t set; /* the cores that the process may use */
    if (!sched_getaffinity(0, sizeof(set), &set))
        cores = CPU_COUNT(&set);
#endif
    snprintf(threads, sizeof(threads), "%ld", THREADS_PER_CORE * cores);
    if (cores > 1)
        setenv("LP_NUM_THREADS", threads, 0);
}

int main(int argc, char **argv)
{
    struct settings settings;
    fill_closed_descriptors();
    target_refuse_size_signal();
    use_all_cores();
    if (cli_parse(argc, argv, &settings))
        return settings.job.is_alias ? ALIAS_EXIT_USAGE : EXIT_USAGE;
    message_log_level(settings.verbose ? VKV_LOG_DEBUG : settings.job.quiet ? VKV_LOG_ERROR : VKV_LOG_WARNING);
    int status = run_command(&settings);
    if (settings.job.device.validation && message_log_errors())
        status = status ? status : EXIT_FAILURE;
    if ((fflush(stdout) || ferror(stdout)) && status == EXIT_SUCCESS) {
        message_line("standard output cannot be written");
        status = EXIT_FAILURE;
    }
    return status && settings.job.is_alias ? ALIAS_EXIT_FAILURE : status;
}
