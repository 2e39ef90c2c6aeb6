/* What a mutant is tried on: pictures of clips, the run's probe, and what `vkvmaf verify` runs. */
#ifndef MUTANTS_TRIAL_H
#define MUTANTS_TRIAL_H

#include <stdbool.h>

#include "probe/probe.h"

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

/* On an open device. `is_network`: the shader under test is that of the networks. */
void trial_features(vkv_device *device, struct outcome *outcome);
void trial_networks(vkv_device *device, struct outcome *outcome);

/* What verify says, up to the first difference. False: refused. */
bool trial_verify(vkv_device *device, bool is_network, struct outcome *outcome);

/* Whether the probe of a run with 8 or 10 bit and one stream or two, and of a model, passes. */
bool trial_probe(vkv_device *device, bool is_network);

#endif
