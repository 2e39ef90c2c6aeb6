#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#  include <sys/prctl.h>
#endif

#include "commands/device_report/part.h"
#include "common/clock.h"
#include "common/message.h"

#define LOOK_SECONDS 0.02
/* Work on a GPU that hangs may hold a process that was killed. */
#define KILLED_SECONDS 10

struct outcome *outcome_create(void)
{
    void *const memory = mmap(NULL, sizeof(struct outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        message_no_memory("for the parts of a report");
    return memory == MAP_FAILED ? NULL : memory;
}

/* The child: its messages are the report's. */
static void run(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    char line[MESSAGE_ROOM];
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    message_mute();
    const int failed = part->run(part, request, outcome) || (request->validation && message_log_errors());
    message_last(line);
    if (failed)
        snprintf(outcome->error, sizeof(outcome->error), "%.*s", PART_LINE - 1, line);
    outcome->status = failed ? PART_FAILED : PART_DONE;
    _exit(0); /* what a driver does at the end of a process is none of the report's */
}

/* Whether the process ended within so many seconds. */
static bool ends_within(pid_t child, double seconds, int *status)
{
    const double started = clock_seconds();
    const struct timespec pause = {.tv_nsec = (long)(LOOK_SECONDS * 1e9)};
    pid_t ended;
    while (!(ended = waitpid(child, status, WNOHANG)) || (ended < 0 && errno == EINTR)) {
        if (clock_seconds() - started > seconds)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

static void wait_for(pid_t child, double seconds, struct outcome *outcome)
{
    int status = 0;
    if (ends_within(child, seconds, &status)) {
        if (outcome->status != PART_STOPPED)
            return;
        outcome->status = PART_FAILED;
        snprintf(outcome->error, sizeof(outcome->error), "the process ended early: %s",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "the driver ended it");
        return;
    }
    kill(child, SIGKILL);
    if (!ends_within(child, KILLED_SECONDS, &status))
        snprintf(outcome->error, sizeof(outcome->error), "the process hangs in the driver, and cannot be killed");
}

void part_run(const struct part *part, const struct device_request *request, double seconds, struct outcome *outcome)
{
    const double started = clock_seconds();
    outcome->status = PART_STOPPED; /* until the child says otherwise */
    fflush(NULL);
    const pid_t child = fork();
    if (!child)
        run(part, request, outcome);
    if (child < 0) {
        outcome->status = PART_FAILED;
        snprintf(outcome->error, sizeof(outcome->error), "no process for it: %s", strerror(errno));
        return;
    }
    wait_for(child, seconds, outcome);
    outcome->seconds = clock_seconds() - started;
}
