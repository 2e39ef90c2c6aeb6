/* The measurements that bench.c makes and bench_print.c shows. */
#ifndef VKVMAF_BENCH_PARTS_H
#define VKVMAF_BENCH_PARTS_H

#include "cli/cli_parse.h"
#include "vkvmaf/vkvmaf.h"

enum {
    PAIRS = 4,  /* kept in memory and pushed in turn; two make every frame differ from the one before */
    ROUNDS = 7, /* samples of the frame rate */
    STAGES_MAX = 64
};

struct bench {
    const struct settings *settings;
    uint32_t streams; /* distorted pictures per reference: the same one, copied as often */
    uint32_t width, height, bit_depth;
    unsigned char *frames[2 * PAIRS]; /* reference, distorted, reference, ... */
    vkv_device *device;
    const vkv_device_info *info;
    vkv_model *model;
    uint64_t round_frames;
    double *values;       /* of one frame */
    double rates[ROUNDS]; /* frames per second, ascending */
    vkv_device_rates measured;
    struct stage {
        char name[64];
        double seconds;
        uint64_t dispatches, bytes;
    } stages[STAGES_MAX];
    uint32_t n_stages;
    uint64_t stage_frames;
    /* Per frame; behind the last stage: their sum. */
    double stage_ms[STAGES_MAX + 1][ROUNDS]; /* ascending */
    double stage_bytes[STAGES_MAX + 1], stage_instructions[STAGES_MAX + 1];
};

/* Print to standard output: a table for people, or JSON. */
void bench_print_table(const struct bench *bench);
void bench_print_json(const struct bench *bench);

#endif
