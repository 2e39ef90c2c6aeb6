/* The GPU pipeline for one size and depth: buffers, and a list of steps that the families and the stages they share
 * append (plan.c), in the order of `enum when` (steps.h). The recorder, the tests and the benchmark read that list. */
#ifndef VKV_ENGINE_PIPELINE_H
#define VKV_ENGINE_PIPELINE_H

#include "engine/kernels.h"
#include "gpu/gpu.h"
#include "shared/params.h"

#define PIPELINE_MAX_SLOTS 4

struct pipeline_params {
    uint32_t width, height, bit_depth;
    uint32_t streams;              /* distorted pictures per reference */
    uint32_t frames;               /* frames of one batch */
    uint32_t slots;                /* batches in flight: each has its own pictures and results */
    const struct family_use *uses; /* of families with kernels; copied */
    uint32_t n_uses;               /* 0: each family with kernels, with its standard options */
    /* Off the main path: */
    uint32_t list_every;       /* every undecided pixel is listed */
    uint32_t list_entries;     /* 0: LIST_ENTRIES */
    uint32_t extra_tolerance;  /* tests: more pixels are listed */
    uint32_t host_visible;     /* tests and replay: the host can read all buffers */
    uint32_t copies_uploads;   /* tests: as on a device with memory of its own */
    uint32_t constant_filters; /* tests: a pipeline for each filter and gain limit, as on a GPU */
    uint32_t narrow;           /* tests: GPU_NARROW_*, beside what suits the device; 0 in the texel form */
    uint64_t binding_limit;    /* tests: as if the device bound at most this many bytes; 0: what it does */
};

/* A range of a buffer that holds images of one kind, evenly spaced. */
struct images {
    struct gpu_buffer *buffer;
    uint64_t offset, image_bytes; /* image_bytes respects the alignment of binding offsets */
};

struct level { /* a level of the VIF pyramid */
    uint32_t width, height;
    uint32_t stride; /* groups of four samples, with margins */
    struct images ref, dist;
    struct images shared; /* VIF's MX and s1 of each reference, behind ref; see shares_reference */
};

struct bands { /* a scale of the ADM wavelet */
    uint32_t width, height;
    uint32_t stride;      /* groups of four samples */
    uint32_t group_bytes; /* of h, v, d and a of four columns */
    struct images ref, dist;
};

/* Where a picture of a slot is. */
struct picture_source {
    struct gpu_rows
        rows;      /* in imported memory, from where the batch copies it; buffer NULL: the host put it in place */
    bool is_there; /* another submission has copied it to where ingest reads it */
};

struct groups { /* workgroups along two axes */
    uint32_t x, y;
};

/* One dispatch. Its z axis is images_per_frame times the frames of the batch. */
struct step {
    const char *stage;
    int scale;     /* -1: the stage has none */
    uint32_t when; /* place in the order; steps.h */
    const struct gpu_pass *pass;
    struct gpu_set *sets[PIPELINE_MAX_SLOTS]; /* all the same where a step does not touch a slot's buffers */
    uint32_t push[GPU_PUSH_BYTES / 4];
    uint32_t push_bytes;
    struct groups groups;
    uint32_t images_per_frame;
    uint32_t images_on_y; /* 1: the images lie on the y axis */
    uint64_t bytes;       /* that a full batch reads and writes, each byte counted once */
};

struct pipeline {
    struct gpu_device *device;
    struct pipeline_params params;
    uint32_t lanes_x;      /* of a workgroup of the stages with neighbours */
    uint32_t stream_chunk; /* streams of one dispatch; less than all only for one huge frame */
    bool shares_reference; /* several streams: VIF evaluates the reference's part once */
    uint32_t raw_stride_words, sample_bytes;
    uint64_t raw_image_bytes;
    uint32_t needs;         /* of all families: NEEDS_* */
    uint32_t n_previous;    /* references before a frame's own that some family looks at */
    struct level levels[4]; /* levels[0].ref begins with n_previous images: the last of the previous batches */
    struct bands bands[4];
    struct use_plan uses[FAMILY_MAX_USES];
    uint32_t n_uses;
    uint32_t n_sums, n_lists;      /* that reduce makes of a pair, and copies */
    uint32_t n_columns;            /* of reduce, each a workgroup for a sum, a list or both */
    uint32_t result_words;         /* of a pair, that come back: two for each column, then the lists */
    uint64_t partial_region_bytes; /* of one chunk; the regions follow each other in `partials` */
    uint32_t table_words;          /* of `tables`: those that stages share, then those of families */
    struct gpu_buffer *pictures[PIPELINE_MAX_SLOTS]; /* frames references, then frames * streams distorted */
    struct picture_source *sources[PIPELINE_MAX_SLOTS];
    struct gpu_buffer *copies[PIPELINE_MAX_SLOTS];    /* the device's copies of pictures; NULL: it reads the pictures
                                                       * themselves */
    struct gpu_commands *uploads[PIPELINE_MAX_SLOTS]; /* that make the copies */
    struct gpu_buffer *results[PIPELINE_MAX_SLOTS];   /* result_words per pair */
    struct gpu_buffer *planes, *coefficients, *partials, *tables, *tables_upload, *columns;
    struct gpu_buffer *scratch; /* planes that families have of their own; NULL: none has */
    bool primed;
    struct step *steps;
    uint32_t n_steps, room_for_steps;
    struct gpu_set **sets;
    uint32_t n_sets, room_for_sets;
};

/* *frames: frames per batch that suit a size on this device, at most `bound` (0: no bound). VKV_ERR_UNSUPPORTED when
 * one frame does not fit (the log names the plane and the limit), VKV_ERR_MEMORY. */
int pipeline_frames(struct gpu_device *device, const struct pipeline_params *params, uint32_t bound, uint32_t *frames);

int pipeline_create(struct gpu_device *device, const struct pipeline_params *params, struct pipeline **pipeline);
void pipeline_destroy(struct pipeline **pipeline);

/* A binding_limit that one stream fits in, but not all of the pipeline's. */
uint64_t pipeline_split_limit(const struct pipeline *pipeline);

/* The place where the host puts samples: rows of raw_stride_words, 8-bit or 16-bit as the depth asks. `stream` -1:
 * reference. */
void *pipeline_picture(const struct pipeline *pipeline, uint32_t slot, uint32_t frame, int stream);

/* Gives the place of a picture, in bytes from the start of the slot's pictures. */
uint64_t pipeline_picture_offset(const struct pipeline *pipeline, uint32_t frame, int stream);

/* Where a picture is; to be set. Zeros, as at first: the host put it in its place. */
struct picture_source *pipeline_source(const struct pipeline *pipeline, uint32_t slot, uint32_t frame, int stream);

/* Where ingest reads a picture. */
struct gpu_rows pipeline_read_rows(const struct pipeline *pipeline, uint32_t slot, uint32_t frame, int stream);

/* Records the batch of `frames` frames in `slot`. */
int pipeline_record(struct pipeline *pipeline, struct gpu_commands *commands, uint32_t slot, uint32_t frames);

/* Reads the sums of a use for one pair after the batch; `before` frames preceded the pair. Returns a bit for each of
 * its partials that must be computed again (replay.h). */
uint32_t pipeline_sums(const struct pipeline *pipeline, uint32_t slot, uint32_t frame, uint32_t stream, uint32_t use,
                       uint64_t before, uint64_t *sums);

/* Raw result words of a pair. */
const uint32_t *pipeline_result(const struct pipeline *pipeline, uint32_t slot, uint32_t frame, uint32_t stream);

#endif
