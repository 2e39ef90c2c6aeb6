/* The measurements that bench.c makes and bench_print.c shows. */
#ifndef VKVMAF_BENCH_PARTS_H
#define VKVMAF_BENCH_PARTS_H

#include "cli/cli_parse.h"
#include "commands/frames.h"
#include "common/json_write.h"
#include "vkvmaf/vkvmaf.h"

enum {
    ROUNDS = 7, /* samples of the frame rate, at most */
    STAGES_MAX = 64
};

struct bench {
    const struct settings *settings;
    uint32_t streams;    /* distorted pictures per reference: the same one, copied as often */
    uint32_t frames_min; /* of the warm-up and of a round: results come in batches, and less would measure the batch */
    uint32_t in_flight;  /* as vkv_scorer_params.frames_in_flight */
    unsigned n_rounds;   /* 1 to ROUNDS */
    struct frames frames;
    vkv_device *device;
    const vkv_device_info *info;
    vkv_model *model;
    uint64_t round_frames;
    double *values;       /* of one frame */
    double rates[ROUNDS]; /* n_rounds of frames per second, ascending */
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

/* Measures with what is set up to n_rounds; bench_close is due in all cases. Returns 0, or -1 after one message. */
int bench_measure(struct bench *bench);
void bench_close(struct bench *bench);

/* Frames and results as members of an object. */
void bench_put(struct json_writer *w, const struct bench *bench);
/* Print to standard output: a table for people, or JSON. */
void bench_print_table(const struct bench *bench);
void bench_print_json(const struct bench *bench);

#endif
