/* Known-answer probe: small pictures whose sums are constants of this file, run through a device. */
#ifndef VKV_PROBE_H
#define VKV_PROBE_H

#include "device.h"

/* What to probe: the features at a bit depth (8..16), or the networks. */
#define PROBE_FEATURES(bit_depth) ((bit_depth) - 8)
#define PROBE_NETWORK 9
#define N_PROBES 10

/* Longest description of a difference. */
#define PROBE_LINE 256

/* Runs a probe once per device and remembers whether it passed. VKV_ERR_PROBE, logged, when something differs; other
 * errors of the run are not remembered. Thread-safe. */
int probe_once(struct vkv_device *device, uint32_t probe);

/* Runs it now; every comparison is told to `fn` (may be NULL). VKV_ERR_PROBE is not logged: `first` gets the first
 * difference. */
int probe_run(struct vkv_device *device, uint32_t probe, vkv_verify_fn fn, void *user, char first[PROBE_LINE]);

/* The sums themselves, unchecked: 2 frames of N_SUMS, in the order of shaders/shared/params.h. */
int probe_sums(struct vkv_device *device, uint32_t bit_depth, uint64_t sums[2][41]);

#endif
