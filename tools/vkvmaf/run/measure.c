#include "run/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "run/device.h"

#define NO_COLUMN SIZE_MAX

/* ---- models ----------------------------------------------------------------------------------------------------- */

static int open_svm(struct session *session, const char *argument, struct measure_svm *svm)
{
    if (svm_request_parse(argument, &svm->request)) {
        message_line("--model %s: %s", argument ? argument : "", svm->request.error);
        return -1;
    }
    return session_svm(session, argument, &svm->request, &svm->model);
}

static int open_svms(const struct measure_request *request, struct session *session, struct measure *measure)
{
    if (!request->n_models)
        return 0;
    measure->svms = calloc(request->n_models, sizeof(*measure->svms));
    if (!measure->svms)
        return message_no_memory("for the models");
    for (unsigned i = 0; i < request->n_models; i++)
        if (open_svm(session, request->models[i], &measure->svms[measure->n_svms++]))
            return -1;
    return 0;
}

static void list_models(struct measure *measure)
{
    for (unsigned i = 0; i < measure->n_svms && measure->predicts; i++)
        measure->models[measure->n_models++] = measure->svms[i].model;
    if (measure->tiny)
        measure->models[measure->n_models++] = measure->tiny;
}

/* ---- extractors ------------------------------------------------------------------------------------------------- */

static int add_request(struct extractor_list *list, const char *family, const char *options)
{
    const vkv_request request = {.struct_size = sizeof(request), .family = family, .options = options};
    struct extractor extractor;
    char why[256];
    if (extractor_of_request(&request, &extractor, why, sizeof(why)))
        message_line("%s", why);
    else if (extractor_add(list, &extractor))
        message_line("more than %d features are asked for", EXTRACTORS_MAX);
    else
        return 0;
    return -1;
}

/* The tool's own way is to log all default families, as --feature has it where that names them. */
static int add_own_extractors(const struct measure_request *request, struct extractor_list *list)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t i = 0; i < n; i++) {
        struct extractor extractor = {.family = families[i]};
        if (!(families[i]->flags & VKV_FAMILY_DEFAULT))
            continue;
        if (request->neg)
            extractor_neg_options(families[i], extractor.options);
        const struct extractor *const asked = extractor_find(&request->features, &extractor);
        if (add_request(list, families[i]->name, asked ? asked->options : extractor.options))
            return -1;
    }
    return 0;
}

static int add_libvmaf_columns(struct extractor *extractor)
{
    if (!extractor_add_libvmaf_columns(extractor))
        return 0;
    message_line("the options of feature %s are too long", extractor->family->name);
    return -1;
}

/* Lists extractors in libvmaf's order: those that the models need, then those that --feature names. */
static int list_extractors(const struct measure_request *request, struct measure *measure)
{
    struct extractor_list *const list = &measure->extractors;
    for (unsigned i = 0; i < measure->n_svms; i++) {
        const vkv_model_info *const info = vkv_model_get_info(measure->svms[i].model);
        for (uint32_t j = 0; j < info->n_requests; j++)
            if (add_request(list, info->requests[j]->family, info->requests[j]->options))
                return -1;
    }
    if (!request->as_libvmaf && add_own_extractors(request, list))
        return -1;
    for (unsigned i = 0; i < request->features.n; i++)
        if (extractor_add(list, &request->features.at[i])) {
            message_line("more than %d features are asked for", EXTRACTORS_MAX);
            return -1;
        }
    for (unsigned i = 0; i < list->n && request->all_columns; i++)
        if (add_libvmaf_columns(&list->at[i]))
            return -1;
    for (unsigned i = 0; i < list->n; i++)
        measure->requests[measure->n_requests++] = (vkv_request){
            .struct_size = sizeof(vkv_request), .family = list->at[i].family->name, .options = list->at[i].options};
    return 0;
}

bool measure_wants_chroma(const struct measure *measure)
{
    for (unsigned i = 0; i < measure->extractors.n; i++)
        if (measure->extractors.at[i].n_planes > 1)
            return true;
    return false;
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

/* True for a feature's name. A model may not have it: no reader understands a log with two metrics of one name. */
static bool is_feature(const char *name)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < families[i]->n_columns; c++)
            if (!strcmp(families[i]->columns[c], name))
                return true;
    return false;
}

static bool is_output(const vkv_model_info *info, const char *name, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(info->outputs[i]->name, name))
            return true;
    return false;
}

static int name_is_taken(const char *name)
{
    message_line("a model's metric \"%s\" has the name of another metric; each model needs a name of its own "
                 "(--model name=)",
                 name);
    return -1;
}

static int check_name(const struct measure *measure, uint32_t model, uint32_t output)
{
    const vkv_model_info *const info = vkv_model_get_info(measure->models[model]);
    const char *const name = info->outputs[output]->name;
    bool is_taken = is_feature(name) || is_output(info, name, output);
    for (uint32_t m = 0; m < model; m++) {
        const vkv_model_info *const other = vkv_model_get_info(measure->models[m]);
        is_taken = is_taken || is_output(other, name, other->n_outputs);
    }
    return is_taken ? name_is_taken(name) : 0;
}

static int check_names(const struct measure *measure)
{
    for (uint32_t m = 0; m < measure->n_models; m++)
        for (uint32_t i = 0; i < vkv_model_get_info(measure->models[m])->n_outputs; i++)
            if (check_name(measure, m, i))
                return -1;
    return 0;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

int measure_open(const struct measure_request *request, struct session *session, struct measure *measure)
{
    *measure = (struct measure){.tiny_column = NO_COLUMN, .predicts = !request->no_prediction};
    if (open_svms(request, session, measure) ||
        (request->wants_tiny && session_model(session, &request->tiny, request->neg, &measure->tiny)) ||
        list_extractors(request, measure))
        return -1;
    list_models(measure);
    return check_names(measure);
}

void measure_close(struct measure *measure)
{
    free(measure->svms);
    free(measure->sources);
    *measure = (struct measure){.n_svms = 0};
}

bool measure_has_metrics(const struct measure *measure)
{
    return measure->n_models || measure->extractors.n;
}

bool measure_needs_scorer(const struct measure *measure)
{
    return measure->n_models || measure->n_requests;
}

/* ---- metrics ---------------------------------------------------------------------------------------------------- */

/* Adds a source, for which there is room. */
static void add_source(struct measure *measure, const char *name, size_t at)
{
    struct metric_source *const source = &measure->sources[measure->n_sources++];
    snprintf(source->name, sizeof(source->name), "%s", name);
    source->at = at;
}

/* Features of one request that are known at once, or those of all requests that wait for the next frame. */
static void add_features(struct measure *measure, const vkv_column *const *columns, uint32_t request)
{
    for (uint32_t i = 0; i < measure->n_columns; i++)
        if (columns[i]->kind == VKV_COLUMN_FEATURE && columns[i]->request != UINT32_MAX &&
            (columns[i]->delay ? request == UINT32_MAX : request == columns[i]->request))
            add_source(measure, columns[i]->name, i);
}

static void add_scores(struct measure *measure, const vkv_column *const *columns)
{
    for (uint32_t i = 0; i < measure->n_columns; i++)
        if (columns[i]->kind != VKV_COLUMN_FEATURE) {
            add_source(measure, columns[i]->name, i);
            if (measure->tiny && columns[i]->model == measure->n_models - 1)
                measure->tiny_column = i;
        }
}

/* Checks names that options change; check_names cannot know them. */
static int check_sources(const struct measure *measure)
{
    for (size_t i = 0; i < measure->n_sources; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(measure->sources[i].name, measure->sources[j].name))
                return name_is_taken(measure->sources[i].name);
    return 0;
}

/* The first metric of a family that is computed by default; of some others less is better. Without one the first. */
static size_t find_main_feature(const struct measure *measure, const vkv_column *const *columns)
{
    for (size_t i = 0; i < measure->n_sources; i++) {
        const uint32_t request = columns[measure->sources[i].at]->request;
        if (request < measure->n_requests && measure->extractors.at[request].family->flags & VKV_FAMILY_DEFAULT)
            return i;
    }
    return 0;
}

int measure_bind(struct measure *measure, const vkv_scorer *scorer)
{
    const vkv_column *const *const columns = vkv_scorer_columns(scorer, &measure->n_columns);
    measure->sources = calloc(measure->n_columns + 1, sizeof(*measure->sources));
    if (!measure->sources)
        return message_no_memory("for the names of %u metrics", measure->n_columns);
    for (unsigned i = 0; i < measure->extractors.n; i++)
        add_features(measure, columns, i);
    add_features(measure, columns, UINT32_MAX);
    add_scores(measure, columns);
    measure->main_feature = find_main_feature(measure, columns);
    return check_sources(measure);
}

int measure_note_host(const vkv_scorer *scorer, struct notes *notes)
{
    uint32_t n, n_on_host = 0;
    const char *first = NULL;
    const vkv_column *const *const columns = vkv_scorer_columns(scorer, &n);
    for (uint32_t i = 0; i < n; i++)
        if (columns[i]->flags & VKV_COLUMN_ON_HOST) {
            first = first ? first : columns[i]->name;
            n_on_host++;
        }
    if (!n_on_host)
        return 0;
    if (n_on_host == 1)
        return notes_add(notes, 0, "%.255s is computed on the processor, not on the device", first);
    return notes_add(notes, 0, "%.255s and %u more features are computed on the processor, not on the device", first,
                     n_on_host - 1);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static double value_of(const struct measure *measure, const struct metric_source *source, const double *row)
{
    const double value = row[source->at];
    return source->at == measure->tiny_column && !isnan(value) ? fmin(fmax(value, 0.0), 100.0) : value;
}

static const char *main_name(const struct measure *measure)
{
    if (measure->n_svms)
        return vkv_model_get_info(measure->svms[0].model)->outputs[0]->name;
    return measure->tiny ? vkv_model_get_info(measure->tiny)->outputs[0]->name : "";
}

size_t measure_main(const struct measure *measure)
{
    for (size_t i = 0; i < measure->n_sources; i++)
        if (!strcmp(measure->sources[i].name, main_name(measure)))
            return i;
    return measure->main_feature;
}

double measure_main_score(const struct measure *measure, const double *row)
{
    return measure->n_sources ? value_of(measure, &measure->sources[measure_main(measure)], row) : NAN;
}

/* ---- the log ---------------------------------------------------------------------------------------------------- */

static void log_svm(const struct measure_svm *model, struct svm_log *svm)
{
    const vkv_model_info *const info = vkv_model_get_info(model->model);
    snprintf(svm->label, sizeof(svm->label), "%s", *model->request.path ? model->request.path : info->version);
    svm->name = info->outputs[0]->name;
    if (info->n_outputs < 5)
        return;
    const vkv_column *const *const statistics = info->outputs + info->n_outputs - 4;
    svm->bagging = statistics[0]->name;
    svm->stddev = statistics[1]->name;
    svm->low = statistics[2]->name;
    svm->high = statistics[3]->name;
}

int measure_log_models(const struct measure *measure, struct score_log *log)
{
    log->model = vkv_model_get_info(measure->tiny);
    if (!measure->predicts || !measure->n_svms)
        return 0;
    log->svms = calloc(measure->n_svms, sizeof(*log->svms));
    for (unsigned i = 0; i < measure->n_svms && log->svms; i++)
        log_svm(&measure->svms[i], &log->svms[log->n_svms++]);
    return log->svms ? 0 : -1;
}

int measure_log(const struct measure *measure, measure_row_fn row_of, const void *user, size_t n_frames,
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
        const double *const row = row_of(user, frame);
        for (size_t i = 0; i < measure->n_sources; i++)
            encode->metrics[i].values[frame] = value_of(measure, &measure->sources[i], row);
        if (measure->tiny)
            encode->raw_scores[frame] = row[measure->tiny_column];
    }
    encode->score = measure_main(measure);
    return encode_pool(encode, n_frames);
}
