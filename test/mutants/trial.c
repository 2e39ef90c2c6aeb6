#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/clip.h"
#include "model/model.h"
#include "probe/probe.h"
#include "scorer.h"

#define FRAMES 3
#define MAX_PIECES 16
#define MAX_BATCHES 256
#define MAX_ROWS 256

/* ---- pieces of clips ---- */

struct piece {
    const char *clip;
    uint32_t x, y, width, height; /* width 0: the whole picture */
    uint32_t frames, streams;
    uint32_t vif_set, adm_set, aim_set, cambi_set; /* family_use_tried */
    uint32_t tries;                                /* 0: all */
    uint32_t both;                                 /* 1: the other gain limit at once, and another set with AIM */
};

/* Cheap ones first: a mutant that changes one is not tried on the others. */
static const struct piece pieces[] = {
    {"hall_352x288_8bit", 90, 70, 176, 144, 3, 1, 0, 0, 2, 0, 0, 0},
    {"sparks_480x270_10bit", 131, 67, 201, 121, 2, 2, 1, 0, 3, 3, 0, 0},
    {"archer_1920x1080_8bit", 601, 400, 600, 120, 2, 2, 1, 1, 4, 1, 0, 0},
    {"src01_576x324_10bit", 0, 0, 0, 0, 2, 1, 0, 1, 2, 2, 0, 0},
    {"archer_1920x1080_8bit", 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, TRY_CAMBI, 0},
    {"hall_352x288_8bit", 0, 0, 0, 0, 3, 1, 0, 0, 4, 2, 0, 0},
    {"sparks_480x270_10bit", 0, 0, 0, 0, 3, 1, 0, 0, 3, 1, 0, 0},
    {"seeking_720x480_x264_crf45", 0, 0, 0, 0, 2, 1, 0, 0, 2, 2, 0, 0},
    {"src01_576x324_10bit", 100, 50, 437, 219, 2, 2, 0, 0, 4, 0, 0, 0},
    {"seeking_720x480_x264_crf30", 11, 7, 513, 255, 2, 1, 0, 0, 3, 2, 0, 0},
    {"seeking_720x480_x264_crf38", 77, 33, 333, 401, 2, 2, 0, 1, 2, 1, 0, 0},
    {"seeking_720x480_x265_half", 0, 0, 0, 0, 2, 1, 0, 0, 4, 0, 0, 0},
    {"archer_1920x1080_8bit", 0, 0, 0, 0, 2, 1, 0, 0, 3, 0, 0, 0},
    {"hall_352x288_8bit", 80, 64, 153, 131, 2, 1, 0, 0, 2, 0, TRY_ADM | TRY_AIM | TRY_VIF, 1},
    {"sparks_480x270_10bit", 117, 71, 167, 109, 1, 2, 0, 0, 3, 0, TRY_ADM | TRY_AIM | TRY_VIF, 1},
};
#define N_PIECES (sizeof(pieces) / sizeof(pieces[0]))

/* A batch with the sums that it should have. */
struct known {
    struct probe_batch batch;
    uint64_t *sums;
};

static struct item {
    struct known known, probe[KNOWN_SHAPES + 1]; /* the last: of the piece's own size */
    const struct piece *piece;
    uint32_t stride, n_frames;
    uint16_t *ref[FRAMES], *dist[FRAMES];
} items[N_PIECES];
static uint32_t n_pieces;

/* The second stream is the first one, a column further. Of a clip that ends early, the last frame moves. */
static void paint_piece(const struct probe_batch *batch, uint32_t frame, int stream, const uint16_t *ref, uint16_t *out)
{
    const struct item *item = batch->user;
    const uint32_t last = frame < item->n_frames ? frame : item->n_frames - 1, moved = 2 * (frame - last);
    const uint16_t *from = stream < 0 ? item->ref[last] : item->dist[last];
    (void)ref;
    for (uint32_t y = 0; y < batch->height; y++)
        for (uint32_t x = 0; x < batch->width; x++) {
            const uint32_t column = item->piece->x + x, shifted = column + (stream > 0) + moved;
            out[y * batch->width + x] =
                from[(item->piece->y + y) * item->stride + (shifted < item->stride ? shifted : column)];
        }
}

static uint16_t *copy_luma(const struct clip_pair *pair, const unsigned char *luma)
{
    const size_t n = (size_t)pair->clip->width * (size_t)pair->clip->height;
    uint16_t *samples = malloc(n * sizeof(*samples));
    for (size_t i = 0; samples && i < n; i++)
        samples[i] = pair->clip->bit_depth > 8 ? (uint16_t)(luma[2 * i] | luma[2 * i + 1] << 8) : luma[i];
    return samples;
}

/* ---- uses ---- */

static bool has_aim(const struct family_use *use)
{
    return use->family == &family_adm && use->options[family_option(&family_adm, "adm3")] != 0;
}

static uint32_t bit_of(const struct family_use *use)
{
    return has_aim(use)                    ? TRY_AIM
           : use->family == &family_adm    ? TRY_ADM
           : use->family == &family_motion ? TRY_MOTION
           : use->family == &family_vif    ? TRY_VIF
                                           : TRY_CAMBI;
}

static void set_use(const struct probe_batch *batch, const struct family *family, uint32_t set, struct family_use *use)
{
    *use = family_use_tried(family, set);
    use->width = batch->width;
    use->height = batch->height;
    use->bit_depth = batch->bit_depth;
}

/* All families with the sets of options of the piece, and adm with AIM. */
static void take_uses(struct probe_batch *batch, const struct piece *piece)
{
    probe_take_families(batch, 0, 0);
    for (uint32_t u = 0; u < batch->n_uses; u++) {
        const uint32_t bit = bit_of(&batch->uses[u]);
        const uint32_t set = bit == TRY_ADM     ? piece->adm_set
                             : bit == TRY_VIF   ? piece->vif_set
                             : bit == TRY_CAMBI ? piece->cambi_set
                                                : 0;
        set_use(batch, batch->uses[u].family, set, &batch->uses[u]);
    }
    set_use(batch, &family_adm, piece->aim_set, &batch->uses[batch->n_uses++]);
    if (!piece->both)
        return;
    set_use(batch, &family_adm, 1 - piece->adm_set, &batch->uses[batch->n_uses++]);
    set_use(batch, &family_adm, piece->aim_set + 1, &batch->uses[batch->n_uses++]);
    set_use(batch, &family_vif, 1 - piece->vif_set, &batch->uses[batch->n_uses++]);
}

/* Only the uses that are tried stay. */
static void keep_uses(struct probe_batch *batch, uint32_t tries)
{
    uint32_t kept = 0;
    for (uint32_t u = 0; u < batch->n_uses; u++)
        if (bit_of(&batch->uses[u]) & tries)
            batch->uses[kept++] = batch->uses[u];
    batch->n_uses = kept;
}

/* Their sums of all pairs. */
static void keep_sums(const struct known *known, uint32_t tries, uint64_t *to)
{
    const struct probe_batch *const batch = &known->batch;
    const uint64_t *from = known->sums;
    for (uint32_t i = 0; i < batch->frames * batch->streams; i++)
        for (uint32_t u = 0; u < batch->n_uses; u++) {
            const uint32_t n = family_n_sums(&batch->uses[u]);
            if (bit_of(&batch->uses[u]) & tries) {
                memcpy(to, from, n * sizeof(*to));
                to += n;
            }
            from += n;
        }
}

/* ---- pieces ---- */

static bool load(struct item *item, const struct piece *piece)
{
    const struct golden_clip *clip = golden_clip_find(piece->clip);
    struct clip_pair pair;
    bool ok = clip && !clip_pair_open(&pair, VKV_SHARED, clip);
    if (!ok)
        return false;
    for (uint32_t f = 0; ok && f < piece->frames; f++) {
        if (clip_pair_next(&pair) != 1)
            break;
        item->ref[f] = copy_luma(&pair, pair.ref);
        item->dist[f] = copy_luma(&pair, pair.dist);
        ok = item->ref[f] && item->dist[f];
        item->n_frames = f + 1;
    }
    clip_pair_close(&pair);
    ok = ok && item->n_frames;
    item->piece = piece;
    item->stride = (uint32_t)clip->width;
    item->known.batch = (struct probe_batch){.width = piece->width ? piece->width : (uint32_t)clip->width,
                                             .height = piece->width ? piece->height : (uint32_t)clip->height,
                                             .bit_depth = (uint32_t)clip->bit_depth,
                                             .frames = piece->frames,
                                             .streams = piece->streams,
                                             .replays = 1,
                                             .paint = paint_piece,
                                             .user = item};
    take_uses(&item->known.batch, piece);
    return ok;
}

static struct probe_use use_of(const struct probe_batch *batch)
{
    return (struct probe_use){batch->bit_depth, batch->streams > 1, batch->n_uses, batch->uses};
}

static bool know(struct known *known)
{
    const vkv_log log = {NULL, NULL};
    const struct probe_batch *const batch = &known->batch;
    known->sums = malloc(sizeof(*known->sums) * batch->frames * batch->streams * probe_n_sums(batch));
    return known->sums && !probe_sums_of_reference(&log, batch, known->sums);
}

/* ---- batches of verify ---- */

static struct known verified[MAX_BATCHES];
static uint32_t n_verified;

static bool know_verified(void)
{
    while (n_verified < MAX_BATCHES && probe_verify_batch(n_verified, &verified[n_verified].batch))
        if (!know(&verified[n_verified++]))
            return false;
    return true;
}

/* ---- networks ---- */

static const char *const model_files[] = {"vmaf_tiny_v2.onnx", "vmaf_tiny_v3.onnx", "vmaf_tiny_v4.onnx",
                                          "vmaf_tiny_v3.int8.onnx", "vmaf_tiny_v4.int8.onnx"};
#define N_MODELS (sizeof(model_files) / sizeof(model_files[0]))
static vkv_model *models[N_MODELS];
static float rows[MAX_ROWS][PLAN_N_INPUTS];
static uint32_t n_rows;

static bool load_models(void)
{
    for (size_t m = 0; m < N_MODELS; m++) {
        char path[1024];
        const vkv_model_params params = {.struct_size = sizeof(params), .path = path};
        snprintf(path, sizeof(path), "%s/%s", VKV_MODELS_DIR, model_files[m]);
        if (vkv_model_open(&params, &models[m]))
            return false;
    }
    return true;
}

static void load_rows(void)
{
    for (int c = 0; c < N_GOLDEN_CLIPS; c++) {
        struct golden_row *golden;
        size_t n;
        if (golden_rows_read(VKV_SHARED, golden_clips[c].name, &golden, &n))
            continue;
        for (size_t i = 0; i < n && i < MAX_ROWS / N_GOLDEN_CLIPS; i++, n_rows++) {
            rows[n_rows][0] = (float)golden[i].adm2;
            for (int s = 0; s < 4; s++)
                rows[n_rows][1 + s] = (float)golden[i].vif_scale[s];
            rows[n_rows][5] = (float)golden[i].motion2;
        }
        free(golden);
    }
}

/* ---- all of it ---- */

static bool know_piece(struct item *item)
{
    const struct probe_use use = use_of(&item->known.batch);
    if (!know(&item->known))
        return false;
    for (uint32_t shape = 0; shape < KNOWN_SHAPES; shape++) {
        item->probe[shape].batch = probe_known_batch(&use, shape);
        item->probe[shape].batch.replays = 1; /* as the probe does where a list overflows */
        if (!know(&item->probe[shape]))
            return false;
    }
    return !probe_own_batch(&use, &item->probe[KNOWN_SHAPES].batch) || know(&item->probe[KNOWN_SHAPES]);
}

bool trial_prepare(uint32_t wanted)
{
    n_pieces = wanted < N_PIECES ? wanted : N_PIECES;
    for (size_t i = 0; i < n_pieces; i++)
        if (!load(&items[i], &pieces[i]) || !know_piece(&items[i]))
            return false;
    if (n_pieces)
        load_rows();
    return know_verified() && load_models();
}

static bool is_equal(vkv_device *device, const struct known *known, uint32_t tries, struct probe_report *report,
                     int *err)
{
    struct probe_batch batch = known->batch;
    keep_uses(&batch, tries);
    *err = VKV_OK;
    if (!batch.n_uses)
        return true;
    const size_t n = (size_t)batch.frames * batch.streams * probe_n_sums(&batch);
    uint64_t *const got = malloc(2 * sizeof(*got) * n), *const want = got + n;
    if (!got)
        abort();
    keep_sums(known, tries, want);
    *err = probe_sums_of_device(device, &batch, got);
    const bool equal = !*err && !probe_compare_sums(&batch, got, want, report);
    free(got);
    return equal;
}

/* The probe of a run as on this piece. */
static bool passes(vkv_device *device, const struct item *item, uint32_t tries, struct outcome *outcome)
{
    struct probe_report report = {.fn = NULL};
    bool equal = true;
    for (uint32_t shape = 0; equal && shape <= KNOWN_SHAPES; shape++) {
        int err;
        equal = is_equal(device, &item->probe[shape], tries, &report, &err);
        outcome->fails = outcome->fails || err;
    }
    return equal;
}

static uint32_t tries_of(const struct piece *piece, uint32_t tries)
{
    return piece->tries ? tries & piece->tries : tries;
}

void trial_features(vkv_device *device, uint32_t tries, struct outcome *outcome)
{
    for (size_t i = 0; i < n_pieces && !outcome->changes; i++) {
        struct probe_report report = {.fn = NULL};
        const struct probe_batch *batch = &items[i].known.batch;
        const uint32_t tried = tries_of(&pieces[i], tries);
        int err;
        if (is_equal(device, &items[i].known, tried, &report, &err))
            continue;
        if (err) {
            outcome->fails = true;
            return;
        }
        snprintf(outcome->clip, sizeof(outcome->clip), "%.30s %ux%u s%u", pieces[i].clip, batch->width, batch->height,
                 batch->streams);
        outcome->changes = true;
        outcome->passes_probe = passes(device, &items[i], tried, outcome);
    }
    if (outcome->passes_probe && !outcome->fails)
        outcome->passes_verify = trial_verify(device, tries, outcome);
}

void trial_networks(vkv_device *device, struct outcome *outcome)
{
    for (size_t m = 0; m < N_MODELS; m++) {
        static double wide[MAX_ROWS][PLAN_N_INPUTS], got[MAX_ROWS], expected[MAX_ROWS];
        float want[MAX_ROWS];
        struct probe_report report = {.fn = NULL};
        for (uint32_t i = 0; i < n_rows; i++)
            for (uint32_t k = 0; k < PLAN_N_INPUTS; k++)
                wide[i][k] = (double)rows[i][k];
        if (vkv_model_predict(device, models[m], wide[0], n_rows, got)) {
            outcome->fails = true;
            return;
        }
        mlp_evaluate(&models[m]->plan, rows[0], n_rows, want);
        for (uint32_t i = 0; i < n_rows; i++)
            expected[i] = (double)want[i];
        if (!memcmp(got, expected, n_rows * sizeof(*got)))
            continue;
        snprintf(outcome->clip, sizeof(outcome->clip), "%s", model_files[m]);
        outcome->changes = true;
        outcome->passes_probe = !probe_models(device, &models[m], 1, 48, &report) || outcome->passes_probe;
    }
    if (outcome->passes_probe)
        outcome->passes_verify = trial_verify(device, TRY_NETWORKS, outcome);
}

/* The run's pictures at all depths. */
static int verify_depths(vkv_device *device, struct probe_batch *batch, uint32_t tries, struct probe_report *report)
{
    int err = VKV_OK;
    keep_uses(batch, tries);
    for (uint32_t depth = 8; batch->n_uses && !err && depth <= 16; depth++)
        err = probe_known_features(device, &(struct probe_use){depth, 0, batch->n_uses, batch->uses}, report);
    return err;
}

static bool verify_features(vkv_device *device, uint32_t tries, struct probe_report *report)
{
    struct probe_batch batch;
    probe_take_families(&batch, 0, 0);
    int err = verify_depths(device, &batch, tries, report);
    probe_take_pairs(&batch, 0);
    err = err ? err : verify_depths(device, &batch, tries, report);
    for (uint32_t i = 0; !err && i < n_verified; i++)
        if (!is_equal(device, &verified[i], tries, report, &err))
            return false;
    return !err && !probe_lists(device, report) && !report->first[0];
}

bool trial_verify(vkv_device *device, uint32_t tries, struct outcome *outcome)
{
    struct probe_report report = {.fn = NULL};
    const bool equal =
        tries == TRY_NETWORKS ? !probe_made_networks(device, &report) : verify_features(device, tries, &report);
    memcpy(outcome->seen, report.first, sizeof(outcome->seen));
    return equal;
}

int trial_scorer(vkv_device *device, const struct scorer_size *size)
{
    const struct engine_tests tests = {.all_kernels = 1};
    const vkv_request request = {.struct_size = sizeof(request), .family = "cambi", .options = size->options};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = size->width,
                                      .height = size->height,
                                      .bit_depth = 8,
                                      .n_requests = 1,
                                      .requests = &request};
    struct vkv_scorer *scorer = NULL;
    const int err = scorer_create(device, &params, true, &tests, &scorer);
    vkv_scorer_destroy(&scorer);
    return err;
}

bool trial_probe(vkv_device *device, uint32_t tries)
{
    static const struct piece like = {.aim_set = 2, .cambi_set = 1};
    struct probe_report report = {.fn = NULL};
    struct probe_batch batch = {0};
    take_uses(&batch, &like);
    keep_uses(&batch, tries);
    const struct probe_use uses[] = {{8, 0, batch.n_uses, batch.uses}, {10, 1, batch.n_uses, batch.uses}};
    if (tries == TRY_NETWORKS)
        return !probe_models(device, models, 1, 48, &report);
    return !probe_known_features(device, &uses[0], &report) && !probe_known_features(device, &uses[1], &report);
}
