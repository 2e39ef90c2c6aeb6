/* A session is shared by the jobs of one process: it holds the device, and each model once. One thread uses it at a
 * time; all requests that it is used with ask for the same device. */
#ifndef VKVMAF_SESSION_H
#define VKVMAF_SESSION_H

#include "input/shared.h"
#include "models/svm_path.h"
#include "run/device.h"
#include "vkvmaf/vkvmaf.h"

struct session_model;

/* All zero: nothing is open. */
struct session {
    vkv_device *device;
    struct shared_device *shared; /* FFmpeg's Vulkan device; NULL: nobody has asked for it */
    const char *shared_name;      /* that it was asked for by */
    bool is_lent;                 /* `device` is the shared one */
    struct session_model *models;
    /* Place of a batch: the job that runs, from 1; how many there are; where the job is written; whether another job's
     * log has standard output. Then whether a summary has been written. */
    size_t job, n_jobs;
    const char *place;
    bool stdout_is_taken, has_summary;
};

/* Device and models belong to the session; they are opened when they are first asked for. Return 0, or -1 after one
 * message. */
int session_device(struct session *session, const struct device_request *request, vkv_device **device);
/* The same on FFmpeg's device, if none is open yet: see is_lent. */
int session_lend(struct session *session, const struct device_request *request, vkv_device **device);
/* FFmpeg's Vulkan device of that name. NULL: there is none, or the session has another one. */
struct shared_device *session_shared(struct session *session, const char *name);
/* The model as model_open has it. */
int session_model(struct session *session, const struct model_request *request, bool neg, vkv_model **model);
/* `argument`: that of --model, which `request` was made from. */
int session_svm(struct session *session, const char *argument, const struct svm_request *request, vkv_model **model);

/* Drops the device after an error of it: it is opened anew when it is asked for again. */
void session_drop_device(struct session *session);
void session_close(struct session *session);

#endif
