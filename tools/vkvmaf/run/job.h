/* One job: a reference and the videos that are compared with it, read, scored on a device, and taken together. */
#ifndef VKVMAF_JOB_H
#define VKVMAF_JOB_H

#include "input/request.h"
#include "output/output.h"
#include "run/device.h"
#include "run/measure.h"
#include "run/pairs.h"
#include "run/session.h"

/* A job from its inputs to what is written of it: a part for each module, and what concerns all of them. */
struct job_request {
    struct device_request device;
    struct input_request input;
    struct pairs_request pairs;
    struct measure_request measure;
    struct output_request output;
    bool quiet;    /* no summary, no progress, no notes on standard error */
    bool is_alias; /* called as "vmaf": libvmaf's tool in what is read, printed and returned */
};

/* Encodes that are compared with different frames of the reference, by their time stamps, cannot share a run. */
struct job_groups {
    unsigned n;
    unsigned of[VKV_MAX_DISTORTED]; /* each encode's group, from 0 */
};
#define JOB_APART 1

/* Fills *log (score_log_free); its paths are those of `request`, and what it says of device and models is valid until
 * the session is closed. Returns 0, or -1 after one message, or JOB_APART with *groups: each of them is a job of its
 * own. */
int job_run(const struct job_request *request, struct session *session, struct score_log *log,
            struct job_groups *groups);

/* Says, before the work, why `output` cannot be written, or that it would destroy an input. Returns 0 or -1. */
int job_check_output(const struct input_request *inputs, const char *output);

#endif
