/* The measurements of a run: extractors and models as the command line asks for them, and the metrics that they give,
 * in libvmaf's order and under libvmaf's names. */
#ifndef VKVMAF_MEASURE_H
#define VKVMAF_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model_path.h"
#include "models/svm_path.h"
#include "models/view.h"
#include "output/output.h"
#include "run/extractor.h"
#include "run/notes.h"
#include "run/session.h"

#define MODELS_MAX 32 /* libvmaf's, as libvmaf's tool has it */

/* The models and features that are asked for. The strings belong to the caller. */
struct measure_request {
    const char *models[MODELS_MAX]; /* --model's arguments; NULL: the default */
    unsigned n_models;
    struct view_request view;       /* whose model is the first, in its usual form; none: the models are as they are */
    struct extractor_list features; /* --feature */
    struct model_request tiny;
    bool wants_tiny;    /* the model that `tiny` says */
    bool neg;           /* features that do not reward enhancement */
    bool no_prediction; /* models only say which features are wanted */
    bool as_libvmaf;    /* only what models need and `features` names, as in libvmaf's tool */
    bool all_columns;   /* those, too, that libvmaf's tool always logs */
    uint64_t subsample; /* every so many frames are in the log; 1: all */
};

/* One of libvmaf's models. */
struct measure_svm {
    struct svm_request request;
    vkv_model *model;
};

struct measure {
    vkv_model *tiny; /* NULL: none */
    bool predicts;   /* otherwise the models only say which features are wanted */
    unsigned n_svms;
    struct measure_svm *svms;
    struct extractor_list extractors;
    /* The scorer's parameters. */
    vkv_model *models[MODELS_MAX + 1];
    vkv_request requests[EXTRACTORS_MAX];
    uint32_t n_models, n_requests;
    /* The metrics, when it is there. */
    uint32_t n_columns;
    size_t n_sources, tiny_column, main_feature;
    struct metric_source {
        char name[METRIC_NAME_ROOM];
        size_t at; /* index into the row */
    } *sources;
};

/* The models belong to the session. Returns 0, or -1 after one message; measure_close is due in both cases. */
int measure_open(const struct measure_request *request, struct session *session, struct measure *measure);
void measure_close(struct measure *measure);

/* Says which features the device does not compute. Returns 0, or -1 after a message. */
int measure_note_host(const vkv_scorer *scorer, struct notes *notes);

/* Whether anything is measured. */
bool measure_has_metrics(const struct measure *measure);
/* Whether a scorer is needed. */
bool measure_needs_scorer(const struct measure *measure);
/* Whether chroma is looked at where videos have it. */
bool measure_wants_chroma(const struct measure *measure);
/* Makes the metrics from the scorer's columns (NULL: there is none). Returns 0, or -1 after a message. */
int measure_bind(struct measure *measure, const vkv_scorer *scorer);

/* Index of the main metric: that of libvmaf's first model, else the tiny model's, else the first of a family that is
 * computed by default, else the first. */
size_t measure_main(const struct measure *measure);
/* Its value; NaN when there are no metrics. */
double measure_main_score(const struct measure *measure, const double *row);

/* Says of the models what the log has to say. Returns -1 when there is no memory, without a message. */
int measure_log_models(const struct measure *measure, struct score_log *log);
/* Makes the metrics of one distorted video from `n_frames` frames. `row_of` gives the scorer's row of the `i`th of
 * them. Returns -1 when there is no memory, without a message. */
typedef const double *(*measure_row_fn)(const void *user, size_t i);
int measure_log(const struct measure *measure, measure_row_fn row_of, const void *user, size_t n_frames,
                struct encode_log *encode);

#endif
