/* checkgpu: what every stage of the pipeline leaves on a device, against the reference, byte by byte.
 *
 * A case is a picture size, depth and content derived from one seed. It is run through a pipeline whose buffers the
 * host can read; each stage has one file here that compares its part of the buffers. Bytes that no stage owns must
 * still hold the pattern that was put there before the run. */
#ifndef CHECKGPU_H
#define CHECKGPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "device.h"
#include "engine/pipeline.h"
#include "ref/ref.h"

#define MAX_STREAMS 3
#define MAX_FRAMES 4
#define MAX_CASE_USES 12

/* ---- random numbers (random.c) ---- */

struct random {
    uint64_t state;
};

uint32_t random_word(struct random *r);
uint32_t random_below(struct random *r, uint32_t n);
/* One of the values from `low` to `high`. */
uint32_t random_range(struct random *r, uint32_t low, uint32_t high);

/* ---- cases (cases.c, pictures.c) ---- */

struct check_case {
    uint64_t seed;
    uint32_t width, height, bit_depth;
    uint32_t chroma; /* scorers: 420, 422 or 444; 0: luma alone */
    uint32_t streams, frames;
    uint32_t capacity, slots;              /* frames of one batch, batches in flight */
    struct family_use uses[MAX_CASE_USES]; /* of families with kernels; where there is chroma, of others, too */
    uint32_t n_uses;
    uint32_t ref_fill, dist_fill[MAX_STREAMS];
    uint32_t extra_tolerance, list_every, list_entries;
    uint32_t split_streams;    /* as on a device that cannot bind all streams at once */
    uint32_t copies_uploads;   /* as on a device with memory of its own */
    uint32_t constant_filters; /* as on a GPU */
    uint32_t narrow;           /* as on a device for which some lanes are narrow */
    uint32_t imports;          /* scorers: some pictures lie in imported memory */
};

/* The case of a seed. Consecutive seeds go through every pair of residues of width and height modulo 16. */
void case_from_seed(uint64_t seed, struct check_case *c);
/* A case for scorers with the families of VMAF v1: cambi takes its size; a few are as large as films. */
void case_v1_from_seed(uint64_t seed, struct check_case *c);
/* A case of one frame with another size. */
void case_resize(struct check_case *c, uint32_t width, uint32_t height);
void case_describe(const struct check_case *c, char *text, size_t size);

/* Samples of frame `t`, rows `width` apart. `dist` has as many pictures as the case has streams. */
void case_pictures(const struct check_case *c, uint32_t t, uint16_t *ref, uint16_t *const *dist);

/* ---- the program (main.c) ---- */

enum plant {
    PLANT_NONE,
    PLANT_INGEST,
    PLANT_PAD,
    PLANT_VIF_DOWN,
    PLANT_VIF_REF,
    PLANT_VIF,
    PLANT_VIF_LIST,
    PLANT_ADM_DWT,
    PLANT_ADM,
    PLANT_MOTION,
    PLANT_CAMBI_PREP,
    PLANT_CAMBI_MODE,
    PLANT_CAMBI_COUNT,
    PLANT_CAMBI_SELECT,
    PLANT_REDUCE,
    PLANT_MLP,
    PLANT_GUARD,
    PLANT_ROW,
    PLANT_STALE,
    PLANT_IDLE,
    PLANT_REPEAT,
    PLANT_REPLAY,
    PLANT_SCORER,
    PLANT_UNCHECKED,
    PLANT_VALIDATION,
    PLANT_HAZARD,
    N_PLANTS
};

/* What the library has logged. */
struct check_log {
    atomic_uint n_validation, n_errors; /* lines come from any thread */
    bool verbose, silent;
};

struct checker {
    struct vkv_device *device, *cpu;
    const char *pattern; /* of stages; NULL: all */
    uint64_t seed;
    uint32_t cases, repeat;
    uint32_t width, height; /* of all cases, one frame each; 0: from the seed */
    enum plant plant;
    bool verbose, quiet, validates;
    struct check_log *log;
    uint64_t n_cases, n_dispatches, n_results, n_listed, n_replayed, n_imported, n_banded;
    unsigned differences;
    unsigned by_stage[32]; /* as numbered in report.c */
    unsigned shown;        /* of this case and stage */
};

/* Demands that the device has worked and that the validation layer was silent; reports what is not so. */
void check_evidence(struct checker *k);

/* ---- reporting (report.c) ---- */

/* Where a value lies; parts that do not apply are -1. */
struct place {
    const char *stage, *what;
    int scale, frame, stream, x, y;
};

void report_value(struct checker *k, const struct check_case *c, const struct place *at, int64_t want, int64_t got);
void report_text(struct checker *k, const struct check_case *c, const char *stage, const char *text);
/* Differences reported for a stage so far. */
unsigned report_count(const struct checker *k, const char *stage);

/* ---- reference (expected.c) ---- */

struct expected_picture {
    struct ref_plane level[4];
    struct ref_bands bands[4];
};

struct expected_frame {
    struct expected_picture ref, dist[MAX_STREAMS];
    /* The sums of all uses of the case, one after another. Before the first frame there are black pictures. */
    uint64_t *sums[MAX_STREAMS];
};

uint32_t case_n_sums(const struct check_case *c);
/* Frame `t` of an array, of which those before are there. False when memory is exhausted. */
bool expected_create(const struct check_case *c, uint32_t t, struct expected_frame *frames);
void expected_free(struct expected_frame *frame);

/* ---- running (run.c) ---- */

/* A buffer as the host sees it, and which of its bytes some stage owns. */
struct view {
    struct gpu_buffer *buffer;
    uint8_t *bytes, *owned;
    uint64_t size;
};

/* One batch that has been run. */
struct check_run {
    struct checker *checker;
    const struct check_case *c;
    struct pipeline *pipeline;
    struct gpu_commands *commands;
    uint32_t slot, frames, first_frame;
    const struct expected_frame *want; /* of the batch's first frame; the one before it lies before */
    struct view planes, coefficients, partials, results;
};

/* Runs the case with all checks; false after an error that is no difference (logged). */
bool check_case_run(struct checker *k, const struct check_case *c);

/* Marks bytes as owned and returns them. */
const uint8_t *own(struct view *view, uint64_t offset, uint64_t bytes);
const uint8_t *own_image(struct view *view, const struct images *images, uint32_t image, uint64_t bytes);
/* Of the distorted picture in a batch. */
static inline uint32_t pair_index(const struct check_run *run, uint32_t frame, uint32_t stream)
{
    return frame * run->c->streams + stream;
}

/* Where the partial sums of a stream's chunk begin, and the pair's place among the chunk's. */
static inline uint64_t region_of(const struct check_run *run, uint32_t stream)
{
    return run->pipeline->partial_region_bytes * (stream / run->pipeline->stream_chunk);
}

static inline uint32_t pair_in_region(const struct check_run *run, uint32_t frame, uint32_t stream)
{
    return frame * run->pipeline->stream_chunk + stream % run->pipeline->stream_chunk;
}

/* 64-bit number from two words. */
static inline uint64_t wide(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

/* Sum over rows of round_shift(sum over parts) of column `index`, as reduce defines it. */
uint64_t sum_column(const uint32_t *records, const struct partial *partial, uint32_t index);

/* families.c: for each use of a family, and each pair, or each frame for what is known of references alone, the
 * partial sums added up against the reference's. `settle` (may be NULL) completes the sums of one partial, whose list
 * is at `list`, and says whether the first of them can be compared. */
typedef bool settle_fn(struct check_run *run, const struct use_plan *use, const uint32_t *list,
                       const struct place *where, uint64_t *sums);
void check_family(struct check_run *run, const char *stage, settle_fn *settle);
/* The records of one pair or reference in a chunk's region. */
const uint32_t *records_of(const struct check_run *run, const struct partial *partial, uint32_t stream, uint32_t image);
/* The reference's sums of a use. */
const uint64_t *expected_sums(const struct check_run *run, const struct use_plan *use, uint32_t frame, uint32_t stream);

/* Image `i` of those that are kept for the next batch; NULL: black, from before the first frame. */
const struct ref_plane *kept_reference(const struct check_run *run, uint32_t i);

/* Calls `visit` for the reference (stream -1) and every distorted picture of every frame of the batch. `ref_image` and
 * `dist_image` number them within their ranges. */
typedef void picture_visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                           uint32_t image);
void each_picture(struct check_run *run, picture_visit *visit);
/* Columns [first, end) of a picture's plane of level where->scale; outside of the picture they are mirrored (pad.c). */
void compare_columns(struct check_run *run, const struct ref_plane *want, const struct images *images, uint32_t image,
                     int first, int end, const struct place *where);

/* ---- stages: one file each ---- */

struct stage_check {
    const char *stage;
    void (*batch)(struct check_run *run); /* after a batch; NULL for a stage outside the pipeline */
    bool (*alone)(struct checker *k);
};

/* All of them (table.c). */
extern const struct stage_check *const stage_checks[];
extern const size_t n_stage_checks;
bool stage_selected(const struct checker *k, const char *stage);

/* plants.c: makes one value wrong before the checks see it. */
void plant_in_run(struct check_run *run);
/* Runs every plant and demands that it is reported; the number of those that were not. */
unsigned selftest(struct checker *k);
enum plant plant_find(const char *name);

/* bench.c */
bool bench(struct checker *k);

#endif
