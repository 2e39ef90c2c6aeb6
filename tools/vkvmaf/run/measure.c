#include "run/measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"

/* ---- models ----------------------------------------------------------------------------------------------------- */

static int open_svm(struct session *session, const char *argument, struct measure_svm *model)
{
    if (svm_request_parse(argument, &model->request)) {
        message_line("--model %s: %s", argument ? argument : "", model->request.error);
        return -1;
    }
    if (session_svm(session, argument, &model->request, &model->svm))
        return -1;
    vkv_svm_get_info(model->svm, &model->info);
    return 0;
}

static int open_svms(const struct settings *settings, struct session *session, struct measure *measure)
{
    if (!settings->n_models)
        return 0;
    measure->svms = calloc(settings->n_models, sizeof(*measure->svms));
    if (!measure->svms) {
        message_line("no memory for the models");
        return -1;
    }
    for (unsigned i = 0; i < settings->n_models; i++)
        if (open_svm(session, settings->models[i], &measure->svms[measure->n_svms++]))
            return -1;
    return 0;
}

static enum limits limits_of(double gain_limit)
{
    return gain_limit == LIMIT_NEG ? LIMITS_NEG : LIMITS_DEFAULT;
}

/* ---- extractors ------------------------------------------------------------------------------------------------- */

static struct extractor extractor_of(const vkv_svm_info *model, const char *feature)
{
    if (!strncmp(feature, "integer_adm", strlen("integer_adm")))
        return (struct extractor){.kind = EXTRACT_ADM, .limits = limits_of(model->adm_gain_limit)};
    if (!strncmp(feature, "integer_vif", strlen("integer_vif")))
        return (struct extractor){.kind = EXTRACT_VIF, .limits = limits_of(model->vif_gain_limit)};
    return (struct extractor){.kind = EXTRACT_MOTION};
}

/* The tool's own way is to log all features. */
static void add_own_extractors(const struct settings *settings, struct extractor_list *list)
{
    static const enum extractor_kind all[] = {EXTRACT_ADM, EXTRACT_MOTION, EXTRACT_VIF};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const enum limits limits = settings->neg && all[i] != EXTRACT_MOTION ? LIMITS_NEG : LIMITS_DEFAULT;
        const struct extractor *const asked = extractor_find(&settings->features, all[i], limits);
        extractor_add(list, asked ? asked : &(struct extractor){.kind = all[i], .limits = limits});
    }
}

/* In libvmaf's order: what the models need, then what --feature names. */
static void list_extractors(const struct settings *settings, struct measure *measure)
{
    for (unsigned i = 0; i < measure->n_svms; i++)
        for (unsigned j = 0; j < measure->svms[i].info.n_features; j++) {
            const struct extractor needed = extractor_of(&measure->svms[i].info, measure->svms[i].info.features[j]);
            extractor_add(&measure->extractors, &needed);
        }
    if (!settings->as_libvmaf)
        add_own_extractors(settings, &measure->extractors);
    for (unsigned i = 0; i < settings->features.n; i++)
        extractor_add(&measure->extractors, &settings->features.at[i]);
}

static bool extracts(const struct measure *measure, enum extractor_kind kind, enum limits limits)
{
    return extractor_find(&measure->extractors, kind, limits) != NULL;
}

/* Motion has no limits: it comes with what is computed anyway. */
static enum limits motion_limits(const struct measure *measure)
{
    return measure_needs(measure, LIMITS_DEFAULT) ? LIMITS_DEFAULT : LIMITS_NEG;
}

bool measure_needs(const struct measure *measure, enum limits limits)
{
    if (extracts(measure, EXTRACT_ADM, limits) || extracts(measure, EXTRACT_VIF, limits) ||
        (measure->tiny && measure->tiny_limits == limits))
        return true;
    return limits == LIMITS_DEFAULT && extracts(measure, EXTRACT_MOTION, LIMITS_DEFAULT) &&
           !measure_needs(measure, LIMITS_NEG);
}

unsigned measure_psnr_planes(const struct measure *measure)
{
    const struct extractor *const psnr = extractor_find(&measure->extractors, EXTRACT_PSNR, LIMITS_DEFAULT);
    return !psnr ? 0 : psnr->luma_only ? 1 : VIDEO_PLANES;
}

/* ---- metrics ---------------------------------------------------------------------------------------------------- */

#define FEATURE_AT(limits, member)                                                                                     \
    (offsetof(struct frame_scores, features) + (size_t)(limits) * sizeof(vkv_result) + offsetof(vkv_result, member))
#define SVM_AT(i, member)                                                                                              \
    (offsetof(struct frame_scores, svm) + (size_t)(i) * sizeof(vkv_svm_scores) + offsetof(vkv_svm_scores, member))

/* Takes nothing more after a failure, which is the absence of `sources`. */
MESSAGE_PRINTF(3, 4) static void add_source(struct measure *measure, size_t offset, const char *format, ...)
{
    struct metric_source *sources = NULL;
    va_list args;
    if (measure->sources || !measure->n_sources)
        sources = realloc(measure->sources, (measure->n_sources + 1) * sizeof(*sources));
    if (!sources)
        free(measure->sources);
    measure->sources = sources;
    if (sources) {
        va_start(args, format);
        vsnprintf(sources[measure->n_sources].name, METRIC_NAME_ROOM, format, args);
        va_end(args);
        sources[measure->n_sources].offset = offset;
    }
    measure->n_sources++;
}

static void add_adm(struct measure *measure, enum limits limits, const char *suffix)
{
    add_source(measure, FEATURE_AT(limits, adm2), "integer_adm2%s", suffix);
    for (unsigned scale = 0; scale < 4; scale++)
        add_source(measure, FEATURE_AT(limits, adm_scale[0]) + scale * sizeof(double), "integer_adm_scale%u%s", scale,
                   suffix);
}

static void add_vif(struct measure *measure, enum limits limits, const char *suffix)
{
    for (unsigned scale = 0; scale < 4; scale++)
        add_source(measure, FEATURE_AT(limits, vif_scale[0]) + scale * sizeof(double), "integer_vif_scale%u%s", scale,
                   suffix);
}

static void add_motion(struct measure *measure, bool debug)
{
    const size_t motion = FEATURE_AT(motion_limits(measure), motion);
    add_source(measure, motion, "VMAF_integer_feature_motion_sad_score");
    if (debug)
        add_source(measure, motion, "integer_motion");
}

static void add_psnr(struct measure *measure, const struct extractor *extractor)
{
    static const char *const planes[VIDEO_PLANES] = {"y", "cb", "cr"};
    for (unsigned i = 0; i < (extractor->luma_only ? 1 : VIDEO_PLANES); i++) {
        add_source(measure, offsetof(struct frame_scores, psnr.psnr) + i * sizeof(double), "psnr_%s", planes[i]);
        if (extractor->mse)
            add_source(measure, offsetof(struct frame_scores, psnr.mse) + i * sizeof(double), "mse_%s", planes[i]);
    }
}

static void add_features(struct measure *measure)
{
    for (unsigned i = 0; i < measure->extractors.n; i++) {
        const struct extractor *extractor = &measure->extractors.at[i];
        const char *const suffix = extractor->limits == LIMITS_NEG ? "_egl_1" : "";
        switch (extractor->kind) {
        case EXTRACT_ADM: add_adm(measure, extractor->limits, suffix); break;
        case EXTRACT_MOTION: add_motion(measure, extractor->debug); break;
        case EXTRACT_VIF: add_vif(measure, extractor->limits, suffix); break;
        case EXTRACT_PSNR: add_psnr(measure, extractor); break;
        case N_EXTRACTORS: break;
        }
    }
    /* libvmaf has it when all frames are there. */
    if (extracts(measure, EXTRACT_MOTION, LIMITS_DEFAULT))
        add_source(measure, FEATURE_AT(motion_limits(measure), motion2), "integer_motion2");
}

static void add_models(struct measure *measure)
{
    for (unsigned i = 0; i < measure->n_svms; i++)
        add_source(measure, SVM_AT(i, score), "%s", measure->svms[i].info.name);
    for (unsigned i = 0; i < measure->n_svms; i++) {
        const vkv_svm_info *const info = &measure->svms[i].info;
        if (!info->is_bootstrap)
            continue;
        for (unsigned member = 1; member < info->n_members; member++)
            add_source(measure, SVM_AT(i, member[0]) + member * sizeof(double), "%s_%04u", info->name, member);
        add_source(measure, SVM_AT(i, bagging), "%s" SUFFIX_BAGGING, info->name);
        add_source(measure, SVM_AT(i, stddev), "%s" SUFFIX_STDDEV, info->name);
        add_source(measure, SVM_AT(i, ci_p95_lo), "%s" SUFFIX_LOW, info->name);
        add_source(measure, SVM_AT(i, ci_p95_hi), "%s" SUFFIX_HIGH, info->name);
    }
    if (measure->tiny) {
        vkv_model_info info;
        vkv_model_get_info(measure->tiny, &info);
        /* "vmaf" is the name of libvmaf's own score. */
        add_source(measure, offsetof(struct frame_scores, tiny), "%s%s", strcmp(info.name, "vmaf") ? "" : "tiny_",
                   info.name);
    }
}

/* Two metrics of one name would make a log that no reader understands. */
static int check_names(const struct measure *measure)
{
    if (measure->n_sources && !measure->sources) {
        message_line("no memory for the names of %zu metrics", measure->n_sources);
        return -1;
    }
    for (size_t i = 0; i < measure->n_sources; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(measure->sources[i].name, measure->sources[j].name)) {
                message_line("a model's metric \"%s\" has the name of another metric; each model needs a name of its "
                             "own (--model name=)",
                             measure->sources[i].name);
                return -1;
            }
    return 0;
}

int measure_open(const struct settings *settings, struct session *session, struct measure *measure)
{
    *measure = (struct measure){.tiny_limits = settings->neg ? LIMITS_NEG : LIMITS_DEFAULT,
                                .predicts = !settings->no_prediction};
    if (open_svms(settings, session, measure) ||
        (settings->wants_tiny && session_model(session, settings, &measure->tiny)))
        return -1;
    list_extractors(settings, measure);
    add_features(measure);
    if (measure->predicts)
        add_models(measure);
    return check_names(measure);
}

void measure_close(struct measure *measure)
{
    free(measure->svms);
    free(measure->sources);
    *measure = (struct measure){.n_svms = 0};
}

void measure_drop_chroma(struct measure *measure)
{
    size_t n = 0;
    for (size_t i = 0; i < measure->n_sources; i++) {
        const size_t at = measure->sources[i].offset - offsetof(struct frame_scores, psnr);
        const bool is_chroma = at < sizeof(struct psnr) && at / sizeof(double) % VIDEO_PLANES != 0;
        if (!is_chroma)
            measure->sources[n++] = measure->sources[i];
    }
    measure->n_sources = n;
}

static void score_models(const struct measure *measure, struct frame_scores *scores)
{
    for (unsigned i = 0; i < measure->n_svms && measure->predicts; i++) {
        const vkv_svm_info *const info = &measure->svms[i].info;
        const vkv_result *const vif = &scores->features[limits_of(info->vif_gain_limit)];
        vkv_result features = scores->features[limits_of(info->adm_gain_limit)];
        memcpy(features.vif_scale, vif->vif_scale, sizeof(features.vif_scale));
        vkv_svm_score(measure->svms[i].svm, &features, &scores->svm[i]);
    }
    const float raw = scores->features[measure->tiny_limits].model_score[0];
    scores->tiny = isnan(raw) ? raw : fmin(fmax(raw, 0.0), 100.0);
}

size_t measure_main(const struct measure *measure)
{
    const size_t wanted = measure->n_svms ? SVM_AT(0, score) : offsetof(struct frame_scores, tiny);
    for (size_t i = 0; i < measure->n_sources; i++)
        if (measure->sources[i].offset == wanted)
            return i;
    return 0;
}

double measure_main_score(const struct measure *measure, struct frame_scores *scores)
{
    double score = NAN;
    score_models(measure, scores);
    if (measure->n_sources)
        memcpy(&score, (const char *)scores + measure->sources[measure_main(measure)].offset, sizeof(score));
    return score;
}

int measure_log_models(const struct measure *measure, struct score_log *log)
{
    if (measure->tiny)
        vkv_model_get_info(measure->tiny, &log->model);
    if (!measure->predicts || !measure->n_svms)
        return 0;
    log->svms = calloc(measure->n_svms, sizeof(*log->svms));
    for (unsigned i = 0; i < measure->n_svms && log->svms; i++) {
        const struct measure_svm *const model = &measure->svms[i];
        struct svm_log *const svm = &log->svms[log->n_svms++];
        const char *const label = *model->request.path ? model->request.path : model->info.version;
        snprintf(svm->label, sizeof(svm->label), "%s", label);
        snprintf(svm->name, sizeof(svm->name), "%s", model->info.name);
        svm->is_bootstrap = model->info.is_bootstrap;
    }
    return log->svms ? 0 : -1;
}

int measure_log(const struct measure *measure, measure_fill_fn fill, const void *user, size_t n_frames,
                struct encode_log *encode)
{
    for (size_t i = 0; i < measure->n_sources; i++) {
        struct metric *metric = encode_add_metric(encode, n_frames);
        if (!metric)
            return -1;
        strcpy(metric->name, measure->sources[i].name);
    }
    if (measure->tiny && !(encode->raw_scores = calloc(n_frames, sizeof(*encode->raw_scores))))
        return -1;
    for (size_t frame = 0; frame < n_frames; frame++) {
        struct frame_scores scores = {.tiny = NAN};
        fill(user, frame, &scores);
        score_models(measure, &scores);
        for (size_t i = 0; i < measure->n_sources; i++)
            memcpy(&encode->metrics[i].values[frame], (const char *)&scores + measure->sources[i].offset,
                   sizeof(double));
        if (measure->tiny)
            encode->raw_scores[frame] = scores.features[measure->tiny_limits].model_score[0];
    }
    encode->score = measure_main(measure);
    return encode_pool(encode, n_frames);
}
