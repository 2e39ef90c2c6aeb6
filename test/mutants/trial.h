/* What a mutant is tried on: pictures of clips, the run's probe, and what `vkvmaf verify` runs. */
#ifndef MUTANTS_TRIAL_H
#define MUTANTS_TRIAL_H

#include <stdbool.h>

#include "probe/probe.h"

/* Uses of families that a mutant is tried with, as bits. */
enum {
    TRY_ADM = 1,
    TRY_AIM = 2, /* adm with the modules that leave its sums, too */
    TRY_MOTION = 4,
    TRY_VIF = 8,
    TRY_CAMBI = 16,
    TRY_ALL = 31,
    TRY_NETWORKS = 32 /* and no family */
};

struct outcome {
    bool changes;          /* a sum of a clip, or a score of one */
    bool passes_probe;     /* that of a run on a clip that changes */
    bool passes_verify;    /* looked at if it changes */
    bool fails;            /* the device gave an error, which ends a run */
    char clip[64];         /* the first clip that changes */
    char seen[PROBE_LINE]; /* what verify names */
};

/* Loads pieces of clips (frames of VKV_SHARED), at most `wanted`, the small ones first, and computes what is right, in
 * this process: children inherit it. False: it cannot be done. */
bool trial_prepare(uint32_t wanted);

/* On an open device; `tries`: the uses that the fault under test can change. */
void trial_features(vkv_device *device, uint32_t tries, struct outcome *outcome);
void trial_networks(vkv_device *device, struct outcome *outcome);

/* What verify says, up to the first difference. False: refused. */
bool trial_verify(vkv_device *device, uint32_t tries, struct outcome *outcome);

/* Creates a scorer of cambi with its kernels, and its probe; what that returns. */
struct scorer_size {
    uint32_t width, height;
    const char *options;
};
int trial_scorer(vkv_device *device, const struct scorer_size *size);

/* Whether the probe of a run with 8 or 10 bit and one stream or two, or that of a model, passes. */
bool trial_probe(vkv_device *device, uint32_t tries);

#endif
