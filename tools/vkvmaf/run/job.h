/* One job: a reference and the videos that are compared with it, read, scored on a device, and taken together. */
#ifndef VKVMAF_JOB_H
#define VKVMAF_JOB_H

#include "cli/cli_parse.h"
#include "output/output.h"
#include "run/session.h"

/* Fills *log (score_log_free); its paths are those of `settings`. `session` NULL: what the job opens is closed at its
 * end. Returns 0, or -1 after one message. */
int job_run(const struct settings *settings, struct session *session, struct score_log *log);

/* Says, before the work, why `output` cannot be written, or that it would destroy an input. Returns 0 or -1. */
int job_check_output(const struct settings *settings, const char *output);

/* Seconds of a clock that only goes forward. */
double clock_seconds(void);

#endif
