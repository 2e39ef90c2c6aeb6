/* A batch of pictures and its sums: from a device, and from the CPU reference. */
#ifndef VKV_PROBE_BATCH_H
#define VKV_PROBE_BATCH_H

#include "device.h"
#include "features/family.h"

struct probe_batch;

/* Fills width * height samples, rows without gaps: the reference of a frame (stream -1; `ref` is NULL) or a distorted
 * picture, which may look at its reference. */
typedef void probe_paint_fn(const struct probe_batch *batch, uint32_t frame, int stream, const uint16_t *ref,
                            uint16_t *out);

struct probe_batch {
    uint32_t width, height, bit_depth;
    uint32_t frames, streams;
    struct family_use uses[FAMILY_MAX_USES]; /* of families with kernels */
    uint32_t n_uses;
    uint32_t first;        /* of the pictures; others with every number */
    uint32_t mixed;        /* 1: each picture holds several kinds side by side, and none that lists many pixels */
    uint32_t chunk;        /* 1: a dispatch takes as few streams as the sums of one allow */
    uint32_t replays;      /* 1: what a list has no room for is computed again */
    probe_paint_fn *paint; /* NULL: probe_paint */
    void *user;            /* of paint */
};

/* pictures.c: the probes' own pictures; the same for every device, size by size. Those of bands have smooth blocks of
 * close values at every size, from the darkest to the brightest. */
probe_paint_fn probe_paint, probe_paint_bands;

/* sums.c: gives the batch, whose size is set, every family with kernels for it. Bit i of `others`: family i has one of
 * the other sets of options that it is tried with, by turns as `round` says. */
void probe_take_families(struct probe_batch *batch, uint32_t others, uint32_t round);
/* Gives the batch its families again, with all other sets of options, as far as there is room. */
void probe_add_sets(struct probe_batch *batch);
/* Gives it each family whose kernels compute two sets of options at once, with two sets by turns. */
void probe_take_pairs(struct probe_batch *batch, uint32_t round);
/* Sums of one pair. */
uint32_t probe_n_sums(const struct probe_batch *batch);

/* sums[frame][stream][probe_n_sums], use by use; what is known of the reference alone stands with each stream.
 * PROBE_UNKNOWN: a list of undecided pixels did not suffice, and a scorer would compute the pair again; with
 * replays only where no picture has such lists. */
#define PROBE_UNKNOWN UINT64_MAX
int probe_sums_of_device(struct vkv_device *device, const struct probe_batch *batch, uint64_t *sums);
int probe_sums_of_reference(const vkv_log *log, const struct probe_batch *batch, uint64_t *sums);

/* "vif scale 0 a_num", behind it the options that aren't the standard ones: "(vif_enhn_gain_limit=1)". */
#define PROBE_NAME_ROOM (SUM_NAME_ROOM + 260)
void probe_name_sum(const struct probe_batch *batch, uint32_t i, char name[PROBE_NAME_ROOM]);

#endif
