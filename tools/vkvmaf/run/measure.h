/* What a run measures: extractors and models as the command line asks for them, and the metrics that they give, in
 * libvmaf's order and under libvmaf's names. */
#ifndef VKVMAF_MEASURE_H
#define VKVMAF_MEASURE_H

#include "cli/cli_parse.h"
#include "run/extractor.h"
#include "output/output.h"
#include "run/psnr.h"
#include "run/session.h"
#include "run/svm_path.h"

/* All that is known of one frame of one distorted video. */
struct frame_scores {
    vkv_result features[N_LIMITS]; /* of the limits that measure_needs names */
    struct psnr psnr;
    double tiny; /* the tiny model's score, 0..100 */
    vkv_svm_scores svm[MODELS_MAX];
};

/* One of libvmaf's models. */
struct measure_svm {
    struct svm_request request;
    vkv_svm *svm;
    vkv_svm_info info;
};

struct measure {
    vkv_model *tiny;         /* NULL: none */
    enum limits tiny_limits; /* of the features that it gets */
    bool predicts;           /* otherwise the models only say which features are wanted */
    unsigned n_svms;
    struct measure_svm *svms;
    struct extractor_list extractors;
    size_t n_sources;
    struct metric_source {
        char name[METRIC_NAME_ROOM];
        size_t offset; /* of a double in struct frame_scores */
    } *sources;        /* the metrics */
};

/* The models belong to the session. Returns 0, or -1 after one message; measure_close is due in both cases. */
int measure_open(const struct settings *settings, struct session *session, struct measure *measure);
void measure_close(struct measure *measure);

/* Whether features with these gain limits are used. */
bool measure_needs(const struct measure *measure, enum limits limits);
/* How many planes PSNR is wanted of. */
unsigned measure_psnr_planes(const struct measure *measure);
/* Drops what a video without chroma does not have. */
void measure_drop_chroma(struct measure *measure);

/* Which of the metrics is the main one: that of libvmaf's first model, else the tiny model's, else the first. */
size_t measure_main(const struct measure *measure);
/* Its value, of features and psnr in `scores`; NaN when there are no metrics. */
double measure_main_score(const struct measure *measure, struct frame_scores *scores);

/* Says of the models what the log has to say. Returns -1 when there is no memory, without a message. */
int measure_log_models(const struct measure *measure, struct score_log *log);
/* Makes the metrics of one distorted video from `n_frames` frames. `fill` sets features and psnr of the `i`th of them.
 * Returns -1 when there is no memory, without a message. */
typedef void (*measure_fill_fn)(const void *user, size_t i, struct frame_scores *scores);
int measure_log(const struct measure *measure, measure_fill_fn fill, const void *user, size_t n_frames,
                struct encode_log *encode);

#endif
