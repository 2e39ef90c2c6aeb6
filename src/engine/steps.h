/* The stages build the pipeline with these functions: bindings and steps. */
#ifndef VKV_ENGINE_STEPS_H
#define VKV_ENGINE_STEPS_H

#include "engine/pipeline.h"

static inline uint32_t div_up(uint32_t a, uint32_t b)
{
    return (a + b - 1) / b;
}

/* The chunk of the references. */
extern const struct chunk references;

/* A binding of images [first, first + count). */
struct gpu_binding bind_images(const struct images *images, uint32_t first, uint32_t count, enum gpu_texel texel,
                               bool writes);
/* The pictures of a chunk: its planes of a level, its bands of a scale, and the samples of a level, without the
 * margins, to be written. */
struct gpu_binding bind_planes(const struct pipeline *p, int scale, const struct chunk *chunk, enum gpu_texel texel,
                               bool writes);
struct gpu_binding bind_bands(const struct pipeline *p, int scale, const struct chunk *chunk, enum gpu_texel texel,
                              bool writes);
struct gpu_binding bind_samples(const struct pipeline *p, int scale, const struct chunk *chunk);
/* The raw pictures of a chunk in a slot. */
struct gpu_binding bind_pictures(const struct pipeline *p, uint32_t slot, const struct chunk *chunk);
/* The range that a stage writes for a chunk, and the one that reduce reads. */
struct gpu_binding bind_partial(const struct pipeline *p, const struct partial *partial, const struct chunk *chunk);
/* As bind_partial, with the same partial of the second use. */
struct gpu_binding bind_partials(const struct pipeline *p, const struct use_plan *use, uint32_t i,
                                 const struct chunk *chunk);
struct gpu_binding bind_partial_region(const struct pipeline *p, const struct chunk *chunk);
struct gpu_binding bind_buffer(struct gpu_buffer *buffer, enum gpu_texel texel, bool writes);
/* The tables, of which `words` are read. */
struct gpu_binding bind_tables(const struct pipeline *p, uint32_t words);
/* The table of a family. */
struct gpu_binding bind_own_table(const struct pipeline *p, const struct use_plan *use);
/* Bound because the shader names it, but not touched. */
struct gpu_binding bind_idle(struct gpu_binding binding);

/* Number of images of the finest level's references before those of the batch. */
uint32_t first_reference(const struct pipeline *p, int scale);

/* The order of steps. Independent stages stand side by side, so that few barriers are needed: one falls only where a
 * step reads what an unfinished one writes. Steps of the same time keep the order in which they were added. */
enum when {
    WHEN_INGEST,
    WHEN_PAD,
    WHEN_REFERENCE, /* steps on references alone */
    WHEN_PICTURES,  /* steps that read the planes of a level */
    WHEN_WAVELET,   /* the bands of the finest level */
    WHEN_DOWN,      /* the next level of the pyramid */
    WHEN_STATISTICS,
    WHEN_BANDS,        /* steps that read bands */
    WHEN_NEXT_WAVELET, /* the bands of the next level */
    N_WHEN_OF_SCALE,
    WHEN_REDUCE = 4 * N_WHEN_OF_SCALE
};

/* A time at a scale. */
static inline uint32_t when_at(int scale, enum when when)
{
    return (uint32_t)scale * N_WHEN_OF_SCALE + when;
}

struct step_info {
    const char *stage;
    int scale; /* -1: none */
    uint32_t when;
    const struct gpu_shader *shader;
    const uint32_t *spec; /* n_spec constants */
    uint32_t n_spec;
    const void *push; /* push_bytes bytes of parameters; copied */
    uint32_t push_bytes;
    struct groups groups;
    uint32_t images_per_frame, images_on_y; /* struct step */
    struct gpu_binding storage[GPU_N_STORAGE];
    struct gpu_binding uniform;             /* buffer NULL: none */
    struct gpu_buffer *const *slot_buffers; /* by slot, of storage[slot_binding]; NULL: all slots bind the same */
    uint32_t slot_binding;
};

/* Members of struct step_info: the specialisation constants, and a struct of parameters. */
#define STEP_SPEC(...)                                                                                                 \
    .spec = (const uint32_t[]){__VA_ARGS__}, .n_spec = sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)
#define STEP_PUSH(params) .push = &(params), .push_bytes = sizeof(params)

/* Adds a step in its place. */
int pipeline_add_step(struct pipeline *p, const struct step_info *info);

#endif
