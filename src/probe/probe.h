/* Whether a device computes rightly: the short probe of a run, and the long one of `vkvmaf verify`. What they look at
 * stands in docs/exactness.md.
 *
 * A device that differs gives VKV_ERR_PROBE, and a line that names the first difference; an error of the run itself is
 * returned as it is. */
#ifndef VKV_PROBE_H
#define VKV_PROBE_H

#include "device.h"
#include "probe/batch.h"

/* Longest description of a difference. */
#define PROBE_LINE 512

/* The receiver of lines about comparisons. */
struct probe_report {
    vkv_verify_fn fn; /* may be NULL */
    void *user;
    char first[PROBE_LINE]; /* the first difference; empty: none so far */
};

/* The kernels that a scorer uses, and the way in which it uses them. */
struct probe_use {
    uint32_t bit_depth;
    uint32_t shares_reference; /* 1: several streams, which share what is known of their reference alone */
    uint32_t n_uses;
    const struct family_use *uses; /* of families with kernels */
};

/* The run's probe of features: known pictures, once per device, family and options (and size, where kernels follow it);
 * the outcome is remembered, errors of the run are not. Compiles only what a scorer of this use needs. Logs one line.
 * Thread-safe. */
int probe_features_once(struct vkv_device *device, const struct probe_use *use);

/* The run's probe of networks: the given models on rows of the probe's own against their C twins, once per device and
 * model. As above. */
int probe_models_once(struct vkv_device *device, vkv_model *const *models, uint32_t n_models);

/* The probe of sampled images of a format: every code, once per device; it finds the factor. As above, and nothing
 * skips it. */
int probe_sampling_once(struct vkv_device *device, struct gpu_sampling *sampling);

/* Everything, now, beginning with what costs least. VKV_ERR_PROBE is not logged. */
int probe_verify(struct vkv_device *device, struct probe_report *report);
/* How many comparisons probe_verify tells. */
uint32_t probe_n_checks(const struct vkv_device *device);

/* ---- parts, also for tests ---- */

/* known.c: the run's pictures against digests of their sums. */
int probe_known_features(struct vkv_device *device, const struct probe_use *use, struct probe_report *report);
/* The batch of a use and shape (KNOWN_SHAPES), and the digest of a family's sums of one pair. */
struct probe_batch probe_known_batch(const struct probe_use *use, uint32_t shape);
uint64_t probe_digest(const uint64_t *sums, uint32_t n);

/* own_size.c: a picture of the size that the use's pictures have, for families whose kernels follow it. */
int probe_own_size(struct vkv_device *device, const struct probe_use *use, struct probe_report *report);
/* Its batch; false: there is no such family. */
bool probe_own_batch(const struct probe_use *use, struct probe_batch *batch);

/* networks.c: the C twin against constants; models on a device against their C twins; networks that have everything. */
#define PROBE_NETWORK_CONSTANTS 4
#define PROBE_MADE_NETWORKS 24
int probe_known_network(struct vkv_device *device, struct probe_report *report);
int probe_models(struct vkv_device *device, vkv_model *const *models, uint32_t n_models, uint32_t n_rows,
                 struct probe_report *report);
int probe_made_networks(struct vkv_device *device, struct probe_report *report);

/* verify.c: batch number `i` of those that are compared with the CPU reference; false: there are not so many. */
bool probe_verify_batch(uint32_t i, struct probe_batch *batch);
/* The first difference of sums, as a line; false: none. */
bool probe_compare_sums(const struct probe_batch *batch, const uint64_t *got, const uint64_t *want,
                        struct probe_report *report);
/* A batch on a device and by the CPU reference; tells. Errors are those of the run, not differences. */
int probe_compare_batch(struct vkv_device *device, const struct probe_batch *batch, struct probe_report *report);
/* Pixels that the device lists, and pairs that are computed again because the list overflows. */
int probe_lists(struct vkv_device *device, struct probe_report *report);
uint32_t probe_n_list_checks(void);

/* known.c: tells that all sums of a batch are equal. */
void probe_tell_equal(struct probe_report *report, const struct probe_batch *batch);

/* probe.c: tells one comparison; a difference is kept if it is the first. */
void probe_tell(struct probe_report *report, bool equal, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;
/* VKV_ERR_PROBE or VKV_OK. */
int probe_outcome(const struct probe_report *report);

#endif
