#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/clip.h"
#include "model/model.h"
#include "probe/probe.h"

#define FRAMES 3
#define MAX_PIECES 16
/* Bits of families, by their places in the list. */
#define ADM 1u
#define VIF 4u
#define MAX_BATCHES 256
#define MAX_ROWS 256

/* ---- pieces of clips ---- */

struct piece {
    const char *clip;
    uint32_t x, y, width, height; /* width 0: the whole picture */
    uint32_t frames, streams, vif_gain_is_one, adm_gain_is_one;
};

/* Cheap ones first: a mutant that changes one is not tried on the others. */
static const struct piece pieces[] = {
    {"hall_352x288_8bit", 90, 70, 176, 144, 3, 1, 0, 0},
    {"sparks_480x270_10bit", 131, 67, 201, 121, 2, 2, 1, 0},
    {"archer_1920x1080_8bit", 601, 400, 600, 120, 2, 2, 1, 1},
    {"src01_576x324_10bit", 0, 0, 0, 0, 2, 1, 0, 1},
    {"hall_352x288_8bit", 0, 0, 0, 0, 3, 1, 0, 0},
    {"sparks_480x270_10bit", 0, 0, 0, 0, 3, 1, 0, 0},
    {"seeking_720x480_x264_crf45", 0, 0, 0, 0, 2, 1, 0, 0},
    {"src01_576x324_10bit", 100, 50, 437, 219, 2, 2, 0, 0},
    {"seeking_720x480_x264_crf30", 11, 7, 513, 255, 2, 1, 0, 0},
    {"seeking_720x480_x264_crf38", 77, 33, 333, 401, 2, 2, 0, 1},
    {"seeking_720x480_x265_half", 0, 0, 0, 0, 2, 1, 0, 0},
    {"archer_1920x1080_8bit", 0, 0, 0, 0, 2, 1, 0, 0},
};
#define N_PIECES (sizeof(pieces) / sizeof(pieces[0]))

static struct item {
    struct probe_batch batch;
    const struct piece *piece;
    uint32_t stride, n_frames;
    uint16_t *ref[FRAMES], *dist[FRAMES];
    uint64_t *want, *want_of_probe[KNOWN_SHAPES];
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
    item->batch = (struct probe_batch){.width = piece->width ? piece->width : (uint32_t)clip->width,
                                       .height = piece->width ? piece->height : (uint32_t)clip->height,
                                       .bit_depth = (uint32_t)clip->bit_depth,
                                       .frames = piece->frames,
                                       .streams = piece->streams,
                                       .replays = 1,
                                       .paint = paint_piece,
                                       .user = item};
    probe_take_families(&item->batch, (piece->adm_gain_is_one ? ADM : 0) | (piece->vif_gain_is_one ? VIF : 0), 0);
    return ok;
}

static struct probe_use use_of(const struct probe_batch *batch)
{
    return (struct probe_use){batch->bit_depth, batch->streams > 1, batch->n_uses, batch->uses};
}

static uint64_t *right_sums(const struct probe_batch *batch)
{
    const vkv_log log = {NULL, NULL};
    uint64_t *sums = malloc(sizeof(*sums) * batch->frames * batch->streams * probe_n_sums(batch));
    return sums && !probe_sums_of_reference(&log, batch, sums) ? sums : NULL;
}

/* ---- batches of verify ---- */

static uint64_t *verify_sums[MAX_BATCHES];

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

bool trial_prepare(uint32_t wanted)
{
    struct probe_batch batch;
    n_pieces = wanted < N_PIECES ? wanted : N_PIECES;
    for (size_t i = 0; i < n_pieces; i++) {
        if (!load(&items[i], &pieces[i]))
            return false;
        const struct probe_use use = use_of(&items[i].batch);
        if (!(items[i].want = right_sums(&items[i].batch)))
            return false;
        for (uint32_t shape = 0; shape < KNOWN_SHAPES; shape++) {
            batch = probe_known_batch(&use, shape);
            if (!(items[i].want_of_probe[shape] = right_sums(&batch)))
                return false;
        }
    }
    for (uint32_t i = 0; i < MAX_BATCHES && probe_verify_batch(i, &batch); i++)
        if (!(verify_sums[i] = right_sums(&batch)))
            return false;
    if (n_pieces)
        load_rows();
    return load_models();
}

static bool is_equal(vkv_device *device, const struct probe_batch *batch, const uint64_t *want,
                     struct probe_report *report, int *err)
{
    uint64_t *got = malloc(sizeof(*got) * batch->frames * batch->streams * probe_n_sums(batch));
    *err = got ? probe_sums_of_device(device, batch, got) : VKV_ERR_MEMORY;
    const bool equal = !*err && !probe_compare_sums(batch, got, want, report);
    free(got);
    return equal;
}

/* The probe of a run as on this batch. */
static bool passes(vkv_device *device, const struct probe_batch *batch, uint64_t *const want[KNOWN_SHAPES],
                   struct outcome *outcome)
{
    struct probe_report report = {.fn = NULL};
    const struct probe_use use = use_of(batch);
    bool equal = true;
    for (uint32_t shape = 0; equal && shape < KNOWN_SHAPES; shape++) {
        struct probe_batch known = probe_known_batch(&use, shape);
        int err;
        known.replays = 1; /* as the probe does where a list overflows */
        equal = is_equal(device, &known, want[shape], &report, &err);
        outcome->fails = outcome->fails || err;
    }
    return equal;
}

void trial_features(vkv_device *device, struct outcome *outcome)
{
    for (size_t i = 0; i < n_pieces && !outcome->changes; i++) {
        struct probe_report report = {.fn = NULL};
        const struct probe_batch *batch = &items[i].batch;
        int err;
        if (is_equal(device, batch, items[i].want, &report, &err))
            continue;
        if (err) {
            outcome->fails = true;
            return;
        }
        snprintf(outcome->clip, sizeof(outcome->clip), "%.30s %ux%u s%u", pieces[i].clip, batch->width, batch->height,
                 batch->streams);
        outcome->changes = true;
        outcome->passes_probe = passes(device, batch, items[i].want_of_probe, outcome);
    }
    if (outcome->passes_probe && !outcome->fails)
        outcome->passes_verify = trial_verify(device, false, outcome);
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
        outcome->passes_verify = trial_verify(device, true, outcome);
}

static bool verify_features(vkv_device *device, struct probe_report *report)
{
    struct probe_batch batch;
    int err = VKV_OK;
    probe_take_families(&batch, 0, 0);
    for (uint32_t depth = 8; !err && depth <= 16; depth++)
        err = probe_known_features(device, &(struct probe_use){depth, 0, batch.n_uses, batch.uses}, report);
    for (uint32_t i = 0; !err && probe_verify_batch(i, &batch); i++)
        if (!is_equal(device, &batch, verify_sums[i], report, &err))
            return false;
    return !err && !probe_lists(device, report) && !report->first[0];
}

bool trial_verify(vkv_device *device, bool is_network, struct outcome *outcome)
{
    struct probe_report report = {.fn = NULL};
    const bool equal = is_network ? !probe_made_networks(device, &report) : verify_features(device, &report);
    memcpy(outcome->seen, report.first, sizeof(outcome->seen));
    return equal;
}

bool trial_probe(vkv_device *device, bool is_network)
{
    struct probe_report report = {.fn = NULL};
    struct probe_batch batch;
    probe_take_families(&batch, 0, 0);
    const struct probe_use uses[] = {{8, 0, batch.n_uses, batch.uses}, {10, 1, batch.n_uses, batch.uses}};
    if (is_network)
        return !probe_models(device, models, 1, 48, &report);
    return !probe_known_features(device, &uses[0], &report) && !probe_known_features(device, &uses[1], &report);
}
