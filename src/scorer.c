/* The scorer: frame order, rows, models. Engines (engine/engine.h) compute the sums; columns.c says what a row is.
 *
 *   push -> engines -> sums -> features -> what waits for the next frame -> networks -> libvmaf's models -> pull */
#include "scorer.h"

#include <string.h>

#include "columns.h"
#include "common/alloc.h"
#include "common/log.h"
#include "common/params.h"
#include "common/try.h"
#include "engine/networks.h"
#include "probe/probe.h"

/* Frames whose results may wait for pull, and rows that one evaluation of the networks takes. */
#define MAX_WAITING_FRAMES 1024
/* Rows that have been pulled stay for those that depend on them. */
#define RING_FRAMES (MAX_WAITING_FRAMES + FAMILY_MAX_CONTEXT)
#define NETWORK_ROWS 256
#define MAX_GROUPS 4
#define SCORER_MAX_MODELS 64

struct scorer_engine {
    struct vkv_scorer *scorer;
    struct engine *engine;
    uint64_t n_extracted; /* frames whose sums it has given */
};

/* Networks with equal inputs, evaluated together. */
struct group {
    struct networks *networks;
    vkv_model *models[NETWORKS_MAX];
    uint32_t numbers[NETWORKS_MAX]; /* in the scorer's list of models */
    uint32_t n;
    float *rows; /* NETWORK_ROWS of PLAN_N_INPUTS */
    bool is_done;
};

struct vkv_scorer {
    struct vkv_device *device;
    const vkv_log *log;
    vkv_scorer_params params;
    struct columns columns;
    uint32_t n_planes; /* planes of a picture that some family looks at */
    struct scorer_engine engines[COLUMNS_MAX_ENGINES];
    bool pushed, flushed;
    int failed; /* the error after which nothing works any more */

    struct group groups[MAX_GROUPS];
    uint32_t n_groups;
    uint32_t rows_in_flight; /* 0: the networks are idle */

    /* Frame counts: pulled <= scored <= in_networks <= complete <= extracted; rows lie in a ring. */
    uint64_t n_extracted, n_complete, n_in_networks, n_scored, n_pulled;
    double *values; /* RING_FRAMES * n_distorted rows */

    struct stage_time *stages;
    vkv_stage_time *times;
    const vkv_stage_time **time_list;
};

static double *row_at(const struct vkv_scorer *s, uint64_t frame, uint32_t stream)
{
    return s->values + (frame % RING_FRAMES * s->params.n_distorted + stream) * s->columns.row;
}

/* ---- features ---- */

static void take_values(const struct column_use *use, const double *row, double *values)
{
    for (uint32_t c = 0; c < use->use.family->info.n_columns; c++)
        values[c] = row[use->at[c]];
}

static void put_values(const struct column_use *use, const double *values, double *row)
{
    for (uint32_t c = 0; c < use->use.family->info.n_columns; c++)
        row[use->at[c]] = values[c];
}

/* The columns of one use that wait, for a frame of which all around it is known. */
static void complete_use(const struct vkv_scorer *s, const struct column_use *use, uint64_t frame, uint32_t stream)
{
    double values[2 * FAMILY_MAX_CONTEXT + 1][FAMILY_MAX_COLUMNS], *rows[2 * FAMILY_MAX_CONTEXT + 1];
    uint32_t before, after;
    family_context(&use->use, &before, &after);
    for (uint32_t i = 0; i <= before + after; i++) {
        const bool exists = frame + i >= before && frame + i - before < s->n_extracted;
        rows[i] = exists ? values[i] : NULL;
        if (exists)
            take_values(use, row_at(s, frame + i - before, stream), values[i]);
    }
    use->use.family->complete(&use->use, rows + before);
    put_values(use, values[before], row_at(s, frame, stream));
}

/* Completes the frames whose following frames have been extracted; `last`: the others, too. */
static void complete_frames(struct vkv_scorer *s, bool last)
{
    const uint64_t end = last ? s->n_extracted + s->columns.after : s->n_extracted;
    for (; s->n_complete + s->columns.after < end; s->n_complete++)
        for (uint32_t u = 0; u < s->columns.n_uses; u++)
            for (uint32_t k = 0; k < s->params.n_distorted && s->columns.uses[u].use.family->complete; k++)
                complete_use(s, &s->columns.uses[u], s->n_complete, k);
}

/* An engine calls this for each frame. */
static void take_frame(void *user, const uint64_t *sums)
{
    struct scorer_engine *const from = user;
    struct vkv_scorer *const s = from->scorer;
    const uint32_t engine = (uint32_t)(from - s->engines), n_sums = engine_n_sums(&from->engine->params);
    for (uint32_t k = 0; k < s->params.n_distorted; k++)
        for (uint32_t u = 0; u < s->columns.n_uses; u++) {
            const struct column_use *const use = &s->columns.uses[u];
            double values[FAMILY_MAX_COLUMNS];
            if (use->engine != engine)
                continue;
            use->use.family->finalize(&use->use, sums + k * n_sums + use->sums_at, values);
            put_values(use, values, row_at(s, from->n_extracted, k));
        }
    from->n_extracted++;
    s->n_extracted = from->n_extracted;
    for (uint32_t e = 0; e < s->columns.n_engines; e++)
        if (s->engines[e].n_extracted < s->n_extracted)
            s->n_extracted = s->engines[e].n_extracted;
    complete_frames(s, false);
}

/* ---- models ---- */

/* Frames that one evaluation takes. */
static uint32_t frames_of_next_rows(const struct vkv_scorer *s)
{
    uint64_t waiting = s->n_complete - s->n_in_networks, room = NETWORK_ROWS / s->params.n_distorted;
    return (uint32_t)(waiting < room ? waiting : room);
}

static void take_scores(struct vkv_scorer *s)
{
    const uint32_t k = s->params.n_distorted;
    for (uint32_t g = 0; g < s->n_groups; g++)
        for (uint32_t i = 0; i < s->rows_in_flight; i++)
            for (uint32_t m = 0; m < s->groups[g].n; m++)
                row_at(s, s->n_scored + i / k, i % k)[s->columns.models[s->groups[g].numbers[m]].score] =
                    (double)networks_score(s->groups[g].networks, m, i);
    s->n_scored += s->rows_in_flight / k;
    s->rows_in_flight = 0;
}

static int submit_group(struct vkv_scorer *s, struct group *group, uint32_t rows)
{
    const struct column_model *const first = &s->columns.models[group->numbers[0]];
    for (uint32_t i = 0; i < rows; i++) {
        const double *const row = row_at(s, s->n_in_networks + i / s->params.n_distorted, i % s->params.n_distorted);
        for (uint32_t f = 0; f < PLAN_N_INPUTS; f++)
            group->rows[(size_t)i * PLAN_N_INPUTS + f] = (float)row[first->inputs[f]];
    }
    group->is_done = false;
    return networks_submit(group->networks, group->rows, rows);
}

static int submit_rows(struct vkv_scorer *s, uint32_t frames)
{
    for (uint32_t g = 0; g < s->n_groups; g++) {
        const int err = submit_group(s, &s->groups[g], frames * s->params.n_distorted);
        if (err)
            return err;
    }
    s->rows_in_flight = frames * s->params.n_distorted;
    s->n_in_networks += frames;
    return VKV_OK;
}

static int collect_groups(struct vkv_scorer *s, bool wait, bool *done)
{
    *done = true;
    for (uint32_t g = 0; g < s->n_groups; g++) {
        if (!s->groups[g].is_done) {
            const int err = networks_collect(s->groups[g].networks, wait, &s->groups[g].is_done);
            if (err)
                return err;
        }
        *done = *done && s->groups[g].is_done;
    }
    return VKV_OK;
}

/* Moves complete frames towards pull; with `wait`, all of them. */
static int run_networks(struct vkv_scorer *s, bool wait)
{
    if (!s->n_groups) {
        s->n_scored = s->n_in_networks = s->n_complete;
        return VKV_OK;
    }
    for (;;) {
        bool done = true;
        int err = s->rows_in_flight ? collect_groups(s, wait, &done) : VKV_OK;
        if (err || !done)
            return err;
        if (s->rows_in_flight)
            take_scores(s);
        const uint32_t frames = frames_of_next_rows(s);
        if (!frames)
            return VKV_OK;
        err = submit_rows(s, frames);
        if (err)
            return err;
    }
}

/* The models that the host evaluates, on a row that is complete. */
static void score_on_host(const struct vkv_scorer *s, double *row)
{
    for (uint32_t m = 0; m < s->columns.n_models; m++) {
        const struct column_model *const bound = &s->columns.models[m];
        double inputs[MODEL_MAX_INPUTS], outputs[MODEL_MAX_OUTPUTS];
        if (!bound->model->svm)
            continue;
        for (uint32_t i = 0; i < bound->model->n_inputs; i++)
            inputs[i] = row[bound->inputs[i]];
        svm_evaluate(bound->model->svm, inputs, outputs);
        row[bound->score] = outputs[0];
        for (uint32_t i = 1; i < bound->model->info.n_outputs; i++)
            row[bound->statistics + i - 1] = outputs[i];
    }
}

/* ---- life ---- */

static int check_params(const vkv_log *log, vkv_scorer_params *p)
{
    if (p->width < 17 || p->height < 17 || p->width > 32768 || p->height > 32768)
        return log_fail(log, VKV_ERR_ARG, "pictures of %ux%u: width and height must be 17 to 32768", p->width,
                        p->height);
    if (p->bit_depth < 8 || p->bit_depth > 16)
        return log_fail(log, VKV_ERR_ARG, "bit depth %u: 8 to 16 expected", p->bit_depth);
    if (!chroma_is_known(p->chroma))
        return log_fail(log, VKV_ERR_ARG, "chroma %u: 420, 422, 440, 444, 411, 410 or 0 expected", p->chroma);
    p->n_distorted = p->n_distorted ? p->n_distorted : 1;
    if (p->n_distorted > VKV_MAX_DISTORTED)
        return log_fail(log, VKV_ERR_ARG, "%u distorted streams: at most %d", p->n_distorted, VKV_MAX_DISTORTED);
    if (p->n_models > SCORER_MAX_MODELS || (p->n_models && !p->models))
        return log_fail(log, VKV_ERR_ARG, "%u models: at most %d, and a list of them", p->n_models, SCORER_MAX_MODELS);
    if (p->n_requests && !p->requests)
        return log_fail(log, VKV_ERR_ARG, "%u requests: no list of them", p->n_requests);
    for (uint32_t i = 0; i < p->n_models; i++)
        if (!p->models[i])
            return log_fail(log, VKV_ERR_ARG, "model %u is NULL", i);
    return VKV_OK;
}

static int create_engine(struct vkv_scorer *s, uint32_t number, const struct engine_tests *tests)
{
    struct scorer_engine *const engine = &s->engines[number];
    const struct engine_params params = {
        .width = s->params.width,
        .height = s->params.height,
        .bit_depth = s->params.bit_depth,
        .n_distorted = s->params.n_distorted,
        .uses = s->columns.by_engine[number],
        .n_uses = s->columns.n_by_engine[number],
        .frames_in_flight = s->params.frames_in_flight,
        .deliver = take_frame,
        .user = engine,
    };
    engine->scorer = s;
    if (s->columns.has_kernels[number])
        return engine_create_gpu(s->device->gpu, &params, tests, &engine->engine);
    return engine_create_reference(s->log, &params, &engine->engine);
}

static int create_engines(struct vkv_scorer *s, const struct engine_tests *tests)
{
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        const int err = create_engine(s, e, tests);
        if (err)
            return err;
    }
    return VKV_OK;
}

static struct group *group_of(struct vkv_scorer *s, const struct column_model *network)
{
    uint32_t g = 0;
    while (g < s->n_groups &&
           memcmp(s->columns.models[s->groups[g].numbers[0]].inputs, network->inputs, sizeof(network->inputs)) != 0)
        g++;
    return g < MAX_GROUPS ? &s->groups[g] : NULL;
}

static int group_networks(struct vkv_scorer *s)
{
    for (uint32_t m = 0; m < s->columns.n_models; m++) {
        if (s->columns.models[m].model->svm)
            continue;
        struct group *const group = group_of(s, &s->columns.models[m]);
        if (!group || group->n == NETWORKS_MAX)
            return log_fail(s->log, VKV_ERR_UNSUPPORTED,
                            "more than %d networks with equal inputs, or than %d kinds of "
                            "inputs",
                            NETWORKS_MAX, MAX_GROUPS);
        if (!group->n)
            s->n_groups++;
        group->numbers[group->n] = m;
        group->models[group->n++] = s->columns.models[m].model;
    }
    return VKV_OK;
}

static int create_networks(struct vkv_scorer *s)
{
    int err = group_networks(s);
    if (err)
        return err;
    for (uint32_t g = 0; g < s->n_groups; g++) {
        struct group *const group = &s->groups[g];
        group->rows = mem_alloc((size_t)NETWORK_ROWS * PLAN_N_INPUTS, sizeof(float));
        if (!group->rows)
            return log_no_memory(s->log);
        err = networks_create(s->device, group->models, group->n, NETWORK_ROWS, &group->networks);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int probe_engines(struct vkv_scorer *s)
{
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        const struct engine *const engine = s->engines[e].engine;
        if (s->device->gpu && !s->columns.has_kernels[e])
            continue;
        const struct probe_use use = {.bit_depth = s->params.bit_depth,
                                      .shares_reference = engine_shares_reference(engine),
                                      .n_uses = engine->params.n_uses,
                                      .uses = engine->params.uses};
        const int err = probe_features_once(s->device, &use);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Probes come last, so that their passes are built together with the others. */
static int probe(struct vkv_scorer *s)
{
    int err = probe_engines(s);
    if (err)
        return err;
    for (uint32_t g = 0; g < s->n_groups; g++) {
        err = probe_models_once(s->device, s->groups[g].models, s->groups[g].n);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* The number of planes that some family looks at. */
static uint32_t most_planes(const struct columns *columns)
{
    uint32_t most = 0;
    for (uint32_t u = 0; u < columns->n_uses; u++) {
        const uint32_t n_planes = family_n_planes(&columns->uses[u].use);
        most = n_planes > most ? n_planes : most;
    }
    return most;
}

static enum columns_kernels kernels_of(const struct vkv_device *device, const struct engine_tests *tests)
{
    if (!device->gpu)
        return COLUMNS_NO_KERNELS;
    const bool is_software = gpu_device_info(device->gpu)->type == VKV_DEVICE_SOFTWARE;
    return is_software && !(tests && tests->all_kernels) ? COLUMNS_FAST_KERNELS : COLUMNS_ALL_KERNELS;
}

static struct columns_device device_of(const struct vkv_device *device, const struct engine_tests *tests)
{
    struct columns_device known = {.kernels = kernels_of(device, tests)};
    if (device->gpu) {
        known.binding_limit = gpu_device_binding_limit(device->gpu);
        known.max_allocation = gpu_device_limits(device->gpu)->max_allocation;
    }
    if (tests && tests->binding_limit)
        known.binding_limit = tests->binding_limit;
    return known;
}

static int create(struct vkv_scorer *s, bool probes, const struct engine_tests *tests)
{
    const struct columns_device device = device_of(s->device, tests);
    int err = columns_plan(s->log, &s->params, &device, &s->columns);
    if (err)
        return err;
    s->n_planes = most_planes(&s->columns);
    s->values = mem_alloc((size_t)RING_FRAMES * s->params.n_distorted * s->columns.row, sizeof(*s->values));
    if (!s->values)
        return log_no_memory(s->log);
    err = create_engines(s, tests);
    if (err)
        return err;
    err = create_networks(s);
    if (err)
        return err;
    err = probes ? probe(s) : VKV_OK;
    if (err)
        return err;
    return s->device->gpu ? gpu_passes_build(s->device->gpu) : VKV_OK;
}

int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probes,
                  const struct engine_tests *tests, struct vkv_scorer **out)
{
    vkv_scorer_params checked = *params;
    int err = check_params(&device->log, &checked);
    if (err)
        return err;
    struct vkv_scorer *s = mem_alloc(1, sizeof(*s));
    if (!s)
        return log_no_memory(&device->log);
    s->device = device;
    s->log = &device->log;
    s->params = checked;
    TRY(create(s, probes, tests));
    *out = s;
    return VKV_OK;
fail:
    vkv_scorer_destroy(&s);
    return err;
}

void vkv_scorer_destroy(vkv_scorer **scorer)
{
    struct vkv_scorer *s = scorer ? *scorer : NULL;
    if (!s)
        return;
    *scorer = NULL;
    for (uint32_t g = 0; g < MAX_GROUPS; g++) {
        networks_destroy(&s->groups[g].networks);
        mem_free(s->groups[g].rows);
    }
    for (uint32_t e = 0; e < COLUMNS_MAX_ENGINES; e++)
        if (s->engines[e].engine)
            s->engines[e].engine->call->destroy(s->engines[e].engine);
    columns_free(&s->columns);
    mem_free(s->values);
    mem_free(s->stages);
    mem_free(s->times);
    mem_free(s->time_list);
    mem_free(s);
}

const vkv_column *const *vkv_scorer_columns(const vkv_scorer *s, uint32_t *count)
{
    *count = s ? s->columns.n : 0;
    return s ? s->columns.list : NULL;
}

/* ---- push, pull, flush ---- */

/* Whether all rows lie in the plane's memory. */
static bool lies_in_memory(const vkv_plane *plane, uint64_t row, uint64_t rows)
{
    const struct gpu_buffer *buffer = plane->memory->buffer;
    const uint64_t bytes = gpu_buffer_bytes(buffer);
    const uint64_t stride = plane->stride_bytes < 0 ? -(uint64_t)plane->stride_bytes : (uint64_t)plane->stride_bytes;
    /* Unsigned on purpose: an address before the buffer becomes a huge offset and fails the next test. */
    const uint64_t first = (uintptr_t)plane->data - (uintptr_t)gpu_buffer_map(buffer), span = stride * (rows - 1);
    if (first > bytes || bytes - first < row || stride > bytes / (rows - 1))
        return false;
    return plane->stride_bytes < 0 ? span <= first : span <= bytes - first - row;
}

static int check_layout(const struct vkv_scorer *s, const vkv_plane *plane, uint32_t width, uint32_t height)
{
    const uint64_t step = plane->step ? plane->step : 1, sample = s->params.bit_depth > 8 ? 2 : 1;
    const uint64_t row = ((width - 1) * step + 1) * sample;
    const uint64_t stride = plane->stride_bytes < 0 ? -(uint64_t)plane->stride_bytes : (uint64_t)plane->stride_bytes;
    const uint32_t bits = s->params.bit_depth > 8 ? 16 : 8;
    if (!plane->data || stride < row)
        return log_fail(s->log, VKV_ERR_ARG, "a picture is NULL or its rows are closer than %u samples", width);
    if (plane->shift > bits - s->params.bit_depth)
        return log_fail(s->log, VKV_ERR_ARG, "a picture's shift is %u; samples of %u bits have room for %u",
                        plane->shift, s->params.bit_depth, bits - s->params.bit_depth);
    if (!plane->memory)
        return VKV_OK;
    if (plane->memory->device != s->device)
        return log_fail(s->log, VKV_ERR_ARG, "a picture's memory was imported by another device than the scorer's");
    if (!lies_in_memory(plane, row, height))
        return log_fail(s->log, VKV_ERR_ARG, "a picture's rows do not all lie in its imported memory of %llu bytes",
                        (unsigned long long)gpu_buffer_bytes(plane->memory->buffer));
    return VKV_OK;
}

uint32_t scorer_n_planes(const vkv_scorer *s)
{
    return s->n_planes;
}

void scorer_plane_size(const vkv_scorer *s, uint32_t plane, uint32_t *width, uint32_t *height)
{
    family_plane_size(&s->columns.uses[0].use, plane, width, height);
}

static int take_plane(const struct vkv_scorer *s, const vkv_plane *planes, uint32_t i, struct plane *taken)
{
    vkv_plane plane;
    uint32_t width, height;
    int err = params_take_at(&plane, sizeof(plane), planes, i, "vkv_plane", s->log);
    if (err)
        return err;
    err = params_reserved(plane.reserved, "vkv_plane", s->log);
    if (err)
        return err;
    scorer_plane_size(s, i, &width, &height);
    *taken = (struct plane){.data = plane.data,
                            .stride_bytes = plane.stride_bytes,
                            .step = plane.step ? plane.step : 1,
                            .shift = plane.shift,
                            .memory = plane.memory};
    return check_layout(s, &plane, width, height);
}

int scorer_take_picture(const struct vkv_scorer *s, const vkv_picture *pictures, uint32_t i, struct picture *taken)
{
    vkv_picture picture;
    if (!pictures)
        return log_fail(s->log, VKV_ERR_ARG, "a picture is NULL; all families need reference and distorted ones");
    int err = params_take_at(&picture, sizeof(picture), pictures, i, "vkv_picture", s->log);
    if (err)
        return err;
    if (!picture.planes || picture.n_planes < s->n_planes)
        return log_fail(s->log, VKV_ERR_ARG, "a picture has %u planes; %s expected",
                        picture.planes ? picture.n_planes : 0, s->n_planes > 1 ? "luma, Cb and Cr were" : "luma was");
    taken->n_planes = s->n_planes;
    for (uint32_t p = 0; p < s->n_planes; p++) {
        err = take_plane(s, picture.planes, p, &taken->planes[p]);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Frames that were pushed and that not all engines have given back. */
static uint32_t frames_in_flight(const struct vkv_scorer *s)
{
    uint32_t most = 0;
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        const struct engine *const engine = s->engines[e].engine;
        const uint64_t n = s->engines[e].n_extracted + engine_in_flight(engine) - s->n_extracted;
        most = n > most ? (uint32_t)n : most;
    }
    return most;
}

/* Pushes to an engine of which there is at most one. */
static int push_to(struct vkv_scorer *s, bool has_kernels, struct picture *ref, struct picture *dist)
{
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        struct engine *const engine = s->engines[e].engine;
        if (s->columns.has_kernels[e] != has_kernels)
            continue;
        int err = engine->call->push(engine, ref, dist);
        if (err)
            return err;
        err = has_kernels && s->columns.n_engines > 1 ? engine->call->read(engine, ref, dist) : VKV_OK;
        if (err)
            return err;
    }
    return VKV_OK;
}

/* The host's engine follows the device's, which has the samples of images. */
static int push_pictures(struct vkv_scorer *s, struct picture *ref, struct picture *dist)
{
    int err = push_to(s, true, ref, dist);
    if (err)
        return err;
    err = push_to(s, false, ref, dist);
    return err ? err : run_networks(s, false);
}

int scorer_check_open(const vkv_scorer *s)
{
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    return s->flushed ? log_fail(s->log, VKV_ERR_STATE, "push after flush") : VKV_OK;
}

bool scorer_has_room(const vkv_scorer *s)
{
    return s->n_extracted + frames_in_flight(s) - s->n_pulled < MAX_WAITING_FRAMES;
}

int scorer_push_taken(vkv_scorer *s, struct picture *ref, struct picture *dist)
{
    if (!scorer_has_room(s))
        return VKV_AGAIN;
    s->pushed = true;
    s->failed = push_pictures(s, ref, dist);
    return s->failed;
}

int vkv_scorer_push(vkv_scorer *s, const vkv_picture *ref, const vkv_picture *dist)
{
    struct picture ref_picture, dist_pictures[VKV_MAX_DISTORTED];
    if (!s)
        return VKV_ERR_ARG;
    int err = scorer_check_open(s);
    if (err)
        return err;
    err = scorer_take_picture(s, ref, 0, &ref_picture);
    if (err)
        return err;
    for (uint32_t k = 0; k < s->params.n_distorted; k++) {
        err = scorer_take_picture(s, dist, k, &dist_pictures[k]);
        if (err)
            return err;
    }
    return scorer_push_taken(s, &ref_picture, dist_pictures);
}

int scorer_check_images(const vkv_scorer *s, bool have_chroma)
{
    bool has_device = false; /* that brings the samples to the host, too */
    for (uint32_t e = 0; e < s->columns.n_engines; e++)
        has_device = has_device || s->columns.has_kernels[e];
    for (uint32_t u = 0; u < s->columns.n_uses; u++) {
        const struct column_use *const use = &s->columns.uses[u];
        const bool lacks_chroma = !have_chroma && family_n_planes(&use->use) > 1;
        if (lacks_chroma || !has_device)
            return log_fail(s->log, VKV_ERR_UNSUPPORTED, "family '%s' %s", use->use.family->info.name,
                            lacks_chroma ? "looks at chroma, and an image comes without (vkv_image_use.chroma)"
                                         : "is computed on the host, and nothing that reads images is asked for; push "
                                           "pictures in memory");
    }
    return VKV_OK;
}

const vkv_scorer_params *scorer_get_params(const vkv_scorer *s)
{
    return &s->params;
}

const struct vkv_device *scorer_get_device(const vkv_scorer *s)
{
    return s->device;
}

static int flush_engines(struct vkv_scorer *s)
{
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        const int err = engine_flush(s->engines[e].engine);
        if (err)
            return err;
    }
    return VKV_OK;
}

int vkv_scorer_flush(vkv_scorer *s)
{
    if (!s)
        return VKV_ERR_ARG;
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    if (!s->flushed)
        s->failed = flush_engines(s);
    s->flushed = true;
    return s->failed;
}

static int collect(struct vkv_scorer *s, bool wait)
{
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        const int err = engine_collect(s->engines[e].engine, wait);
        if (err)
            return err;
    }
    return run_networks(s, false);
}

/* Waits, after flush, until the next result is there. */
static int drain(struct vkv_scorer *s)
{
    while (s->n_scored == s->n_pulled && frames_in_flight(s)) {
        const int err = collect(s, true);
        if (err)
            return err;
    }
    if (s->n_scored != s->n_pulled)
        return VKV_OK;
    complete_frames(s, true);
    return run_networks(s, true);
}

/* The next result is waited for after flush; before, only what is done is collected. */
static int find_result(struct vkv_scorer *s)
{
    const int err = s->n_scored == s->n_pulled ? collect(s, false) : VKV_OK;
    if (err || !s->flushed || s->n_scored != s->n_pulled)
        return err;
    return drain(s);
}

int vkv_scorer_pull(vkv_scorer *s, uint64_t *frame, double *values)
{
    if (!s)
        return VKV_ERR_ARG;
    if (!values)
        return log_fail(s->log, VKV_ERR_ARG, "vkv_scorer_pull: values is NULL");
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    s->failed = find_result(s);
    if (s->failed)
        return s->failed;
    if (s->n_scored == s->n_pulled)
        return s->flushed ? VKV_END : VKV_AGAIN;
    for (uint32_t k = 0; k < s->params.n_distorted; k++) {
        double *const row = row_at(s, s->n_pulled, k);
        score_on_host(s, row);
        memcpy(values + (size_t)k * s->columns.n, row, s->columns.n * sizeof(*values));
    }
    if (frame)
        *frame = s->n_pulled;
    s->n_pulled++;
    return VKV_OK;
}

/* ---- measuring ---- */

int vkv_scorer_measure(vkv_scorer *s, int on)
{
    if (!s)
        return VKV_ERR_ARG;
    if (s->pushed)
        return log_fail(s->log, VKV_ERR_STATE, "measuring must be switched on before the first push");
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        const int err = engine_measure(s->engines[e].engine, on != 0);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Stages of all engines. */
static uint32_t count_stages(const struct vkv_scorer *s)
{
    uint32_t n = 0;
    for (uint32_t e = 0; e < s->columns.n_engines; e++) {
        uint32_t of_engine = 0;
        engine_stage_times(s->engines[e].engine, NULL, &of_engine);
        n += of_engine;
    }
    return n;
}

static int make_times(struct vkv_scorer *s, uint32_t n)
{
    if (s->stages && s->times && s->time_list)
        return VKV_OK;
    mem_free(s->stages);
    mem_free(s->times);
    mem_free(s->time_list);
    s->stages = mem_alloc(n + 1, sizeof(*s->stages));
    s->times = mem_alloc(n + 1, sizeof(*s->times));
    s->time_list = mem_alloc(n + 1, sizeof(*s->time_list));
    if (!s->stages || !s->times || !s->time_list)
        return log_no_memory(s->log);
    return VKV_OK;
}

int vkv_scorer_stage_times(vkv_scorer *s, const vkv_stage_time *const **times, uint32_t *count)
{
    if (!s)
        return VKV_ERR_ARG;
    if (!times || !count)
        return log_fail(s->log, VKV_ERR_ARG, "vkv_scorer_stage_times: a parameter is NULL");
    const uint32_t n = count_stages(s);
    int err = make_times(s, n);
    if (err)
        return err;
    for (uint32_t e = 0, first = 0; e < s->columns.n_engines; e++) {
        uint32_t room = n - first;
        engine_stage_times(s->engines[e].engine, s->stages + first, &room);
        first += room;
    }
    for (uint32_t i = 0; i < n; i++) {
        s->times[i] = (vkv_stage_time){.struct_size = sizeof(vkv_stage_time),
                                       .stage = s->stages[i].stage,
                                       .seconds = s->stages[i].seconds,
                                       .dispatches = s->stages[i].dispatches,
                                       .bytes = s->stages[i].bytes};
        s->time_list[i] = &s->times[i];
    }
    *times = s->time_list;
    *count = n;
    return VKV_OK;
}
