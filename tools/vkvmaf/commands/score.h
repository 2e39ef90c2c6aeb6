/* Two videos in, a log and a summary out. */
#ifndef VKVMAF_SCORE_H
#define VKVMAF_SCORE_H

#include "run/job.h"

/* Returns the exit status. */
int score_command(const struct job_request *job);

/* The parts of it, for many jobs. Return 0, or -1 after one message. */
/* The log of each distorted video, for output_names_free; NULL: there is none. */
int score_outputs(const struct job_request *job, char *outputs[VKV_MAX_DISTORTED]);
/* Looks, before the work, whether logs and report can be written. */
int score_check(const struct job_request *job, char *const *outputs);
bool score_takes_stdout(const struct job_request *job, char *const *outputs);
/* Says the version where libvmaf's tool begins with its own. */
void score_say_version(const struct job_request *job);
/* Scores, and writes everything. `session` NULL: not a job of a batch. */
int score_job(const struct job_request *job, struct session *session, char *const *outputs);

#endif
