/* The device side of a family of features (struct family.kernels). The planes of the finest level are there for every
 * family; all other planes, the pyramid and the wavelet are computed once for all families that need them. */
#ifndef VKV_ENGINE_KERNELS_H
#define VKV_ENGINE_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "features/family.h"

struct gpu_commands;
struct pipeline;

enum {
    NEEDS_PYRAMID = 1,       /* levels 1 to 3 of both pictures */
    NEEDS_WAVELET = 2,       /* four levels of bands of both pictures */
    NEEDS_REFERENCE_PART = 4 /* the part of VIF that depends on a reference alone, for several streams */
};

#define USE_MAX_PARTIALS 4
#define PARTIAL_MAX_SUMS 9

/* The records that a stage leaves in the region of a chunk of streams. reduce makes `n_sums` 64-bit integers of them,
 * each the sum over rows of round_shift(sum over parts). In front of the records may lie a list for each pair: words of
 * any number, for instance a histogram, the first of which are read back. A partial with lists needs no references
 * before, because a pair that is computed again has none (engine/replay.c). */
struct partial {
    uint64_t offset, bytes;
    uint32_t lists_bytes;     /* at its start, to be zeroed; 0: no lists */
    uint32_t list_words;      /* of one pair */
    uint32_t list_words_read; /* that come back with each pair */
    uint32_t image_words;     /* of the records of one pair or reference */
    uint32_t rows, row_words, parts, part_words;
    uint32_t n_sums, shifts[PARTIAL_MAX_SUMS]; /* rounding of each row; 0: none */
    uint32_t n_previous;                       /* of references before: its sums are 0 where there are fewer */
    bool per_frame;                            /* records of references, one a frame */
};

/* Memory that a family has of its own. */
struct own_memory {
    uint64_t
        scratch_bytes; /* planes of all pairs of a batch: zeros before the first batch, left alone between batches */
    uint64_t scratch_bound; /* the largest range of them that a step binds */
    uint32_t table_words;
};

/* Says that the device computes wrongly, where computing again would hide it from the probes (`settle`). */
#define SETTLE_WRONG 0x80000000u

/* A family in a pipeline. */
struct use_plan {
    struct family_use use;
    struct partial partials[USE_MAX_PARTIALS];
    uint32_t n_partials;
    /* Another use of the family that the same steps compute; each of its partials lies right behind the same one of
     * this use. NULL: none. */
    const struct use_plan *second;
    bool is_second;    /* the steps of another use compute it */
    uint32_t sums_at;  /* number of its first sum among those that reduce makes of a pair */
    uint32_t words_at; /* place of the first list among a pair's result words */
    struct own_memory own;
    uint64_t scratch_at; /* bytes; places in the pipeline's `scratch` and, in words, `tables` */
    uint32_t table_at;
};

/* The pictures of each frame that one dispatch takes: distorted ones [stream, stream + count), or the reference
 * (-1 and 1). */
struct chunk {
    int stream;
    uint32_t count;
};

struct family_kernels {
    uint32_t needs;           /* NEEDS_* */
    bool is_slow_in_software; /* on a device that is a processor; scorers then take `reference` */
    bool follow_size;         /* other pipelines for other sizes: the probe also takes a picture of the scorer's */
    /* Whether they compute the family with these options. NULL: with all. `reference` computes the others. */
    bool (*takes)(const struct family_use *use);
    /* Whether `steps` of a use may compute another one, too (use_plan.second), whose options differ. NULL: never. */
    bool (*computes_both)(const struct family_use *use, const struct family_use *second);
    uint32_t n_partials;
    /* Sets all of partial `i` but the offset. Called before buffers exist, for each number of streams that a dispatch
     * might take. */
    void (*layout)(const struct pipeline *p, const struct family_use *use, uint32_t i, struct partial *partial);
    /* Says what memory it needs of its own for the pairs of a batch, of which a step binds so many at once, and fills
     * its table. NULL: none. */
    struct own_memory (*own_memory)(const struct family_use *use, uint64_t n_pairs, uint64_t n_bound);
    void (*fill_table)(const struct family_use *use, uint32_t *words);
    /* Appends the steps that leave partial `i` of a chunk (engine/steps.h), or nothing. Called for the references, then
     * for each chunk of streams. */
    int (*steps)(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk);
    /* Completes the sums of a pair by its lists, which follow each other as the partials do. Those that reduce has made
     * stand first; it sets all others of the family. Returns a bit for each partial whose list was too short: the pair
     * is computed again. SETTLE_WRONG with them: no picture has such lists. NULL: there are no lists. */
    uint32_t (*settle)(const struct family_use *use, const uint32_t *lists, uint64_t *sums);
    /* Completes the sums of partial `i` by a pipeline of this family alone, whose lists are as long as can be
     * (pipeline_params.list_every), and whose pictures are there. NULL: the reference computes all sums of the pair. */
    int (*again)(struct pipeline *p, struct gpu_commands *commands, uint32_t i, uint64_t *sums);
};

/* Whether the family has kernels that take these options. */
static inline bool family_has_kernels(const struct family_use *use)
{
    const struct family_kernels *const kernels = use->family->kernels;
    return kernels && (!kernels->takes || kernels->takes(use));
}

/* Which uses the same steps of a pipeline compute: partners[u] is the number of the other one, `u` if there is none.
 * The lower number is the first use, the other one its second. Pairs stay the same when others are left out. */
void pipeline_pairs(const struct family_use *uses, uint32_t n_uses, uint32_t partners[FAMILY_MAX_USES]);

#endif
