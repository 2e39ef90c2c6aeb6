/* From a seed to a case. */
#include <inttypes.h>

#include "checkgpu.h"
#include "pictures.h"

/* Around the tiles: 240 columns of VIF, 16 rows, 248 columns of motion and of bands (twice and more in samples). */
static const uint32_t tile_edges[] = {47,  48,  49,  63,  64,  65,  79,  80,  81,  111, 112,
                                      113, 119, 120, 121, 127, 128, 129, 223, 224, 225, 239,
                                      240, 241, 247, 248, 249, 255, 256, 257, 335, 336, 337};

static uint32_t pick_length(struct random *r, uint32_t residue)
{
    uint32_t kind = random_below(r, 16), base;
    if (kind == 0)
        return random_range(r, 17, 40);
    if (kind == 1)
        return tile_edges[random_below(r, sizeof(tile_edges) / sizeof(tile_edges[0]))];
    base = kind < 10 ? random_range(r, 33, 96) : kind < 14 ? random_range(r, 96, 208) : random_range(r, 208, 384);
    return base + (residue + 16 - base % 16) % 16;
}

/* A set of options of those that the kernels are tried with. */
static void take_family(struct check_case *c, const struct family *family, uint32_t set)
{
    c->uses[c->n_uses++] = family_use_tried(family, set);
}

static void set_sizes(struct check_case *c)
{
    for (uint32_t u = 0; u < c->n_uses; u++) {
        c->uses[u].width = c->width;
        c->uses[u].height = c->height;
        c->uses[u].bit_depth = c->bit_depth;
        c->uses[u].chroma = c->chroma;
    }
}

/* Every family with kernels: with the standard options or with others by turns, as `others` says; with `both` also with
 * those that follow, near or far by turns. */
static void take_families(struct check_case *c, const uint32_t others[2], bool both)
{
    const uint32_t turn = (uint32_t)c->seed;
    for (uint32_t f = 0; f < n_families; f++) {
        const uint32_t n = families[f]->n_tried, set = n && others[f % 2 == 0] ? 1 + turn % n : 0;
        if (!families[f]->kernels)
            continue;
        take_family(c, families[f], set);
        if (both && n && c->n_uses < MAX_CASE_USES - n_families)
            take_family(c, families[f], (set + 1 + turn / 4 % n) % (n + 1));
    }
}

void case_from_seed(uint64_t seed, struct check_case *c)
{
    struct random r = {seed * 2 + 1};
    *c = (struct check_case){.seed = seed};
    c->width = pick_length(&r, (uint32_t)(seed % 16));
    c->height = pick_length(&r, (uint32_t)(seed / 16 % 16));
    c->bit_depth = random_below(&r, 3) == 0 ? 8 : random_range(&r, 8, 16);
    c->streams = random_below(&r, 2) ? 1 : random_range(&r, 1, MAX_STREAMS);
    c->frames = random_range(&r, 1, MAX_FRAMES);
    c->capacity = random_range(&r, 1, 3);
    c->slots = random_range(&r, 1, 3);
    c->split_streams = c->capacity == 1 && c->streams > 1 && random_below(&r, 2);
    const uint32_t others[2] = {random_below(&r, 3) == 0, random_below(&r, 3) == 0};
    c->ref_fill = random_below(&r, N_FILLS);
    for (uint32_t s = 0; s < c->streams; s++)
        c->dist_fill[s] = random_below(&r, N_CHANGES);
    c->copies_uploads = random_below(&r, 2);
    c->imports = random_below(&r, 4) > 0;
    take_families(c, others, random_below(&r, 4) == 0);
    c->constant_filters = random_below(&r, 2);
    c->narrow = random_below(&r, 2) ? random_below(&r, GPU_NARROW_ALL + 1) : 0;
    set_sizes(c);
}

void case_resize(struct check_case *c, uint32_t width, uint32_t height)
{
    c->width = width;
    c->height = height;
    c->streams = c->frames = c->capacity = c->slots = 1;
    c->split_streams = 0;
    set_sizes(c);
}

/* ---- VMAF v1 ---- */

/* One in so many cases is as large as a film. */
#define LARGE_EVERY 50

/* What libvmaf and its models distinguish: windows of cambi from 5 to 65 columns, halved pictures, several strips. */
static const uint32_t large_sizes[][2] = {{640, 360},   {854, 480},   {1280, 720}, {1904, 1072},
                                          {1920, 1080}, {2048, 217},  {217, 2048}, {1600, 161},
                                          {161, 1600},  {2560, 1440}, {2500, 563}, {3840, 400}};

/* A side and another, up to ten times as long, of which one has cambi's least length. */
static void pick_small_size(struct random *r, struct check_case *c)
{
    const uint32_t longer = random_range(r, 216, random_below(r, 4) ? 300 : 640);
    const uint32_t shorter = random_range(r, random_below(r, 2) ? 36 : longer / 10 + 15, longer);
    const bool is_wide = random_below(r, 2);
    c->width = is_wide ? longer : shorter;
    c->height = is_wide ? shorter : longer;
}

static void pick_large_size(struct random *r, struct check_case *c)
{
    const uint32_t i = random_below(r, sizeof(large_sizes) / sizeof(large_sizes[0]));
    case_resize(c, large_sizes[i][0] + random_below(r, 4), large_sizes[i][1] + random_below(r, 4));
}

static void take_request(struct check_case *c, const char *family, const char *options)
{
    const vkv_request request = {sizeof(request), 0, family, options};
    if (!family_use_take(NULL, "", &request, 0, &c->uses[c->n_uses]))
        c->n_uses++;
}

/* The options of libvmaf's models, or any that the kernels are tried with. */
static void take_v1(struct check_case *c, bool of_models)
{
    c->n_uses = 0;
    if (!of_models) {
        take_family(c, &family_adm, true);
        take_family(c, &family_motion, c->seed / 3 % 2);
        c->uses[c->n_uses++] = family_use_tried(&family_cambi, (uint32_t)(c->seed % (family_cambi.n_tried + 1)));
        take_request(c, "speed_chroma", "");
        return;
    }
    take_request(c, "adm",
                 "adm3=true:adm_csf_mode=2:adm_dlm_weight=0.7:adm_enhn_gain_limit=1:adm_min_val=0.5:"
                 "adm_noise_weight=0.02");
    take_request(c, "adm",
                 "adm3=true:adm_csf_mode=2:adm_dlm_weight=0.7:adm_enhn_gain_limit=1:adm_min_val=0.5:"
                 "adm_noise_weight=0.02:adm_norm_view_dist=5");
    take_request(c, "motion", "motion3=true:motion_max_val=18");
    take_request(c, "motion",
                 "motion3=true:motion_max_val=18:motion_five_frame_window=true:motion_moving_average=true");
    take_request(c, "cambi", "cambi_high_res_speedup=1080:cambi_vis_lum_threshold=0.06:cambi_max_val=17");
    take_request(c, "speed_chroma", "speed_nn_floor=0.1:speed_sigma_nn=0.19:speed_weight_var_mode=5:speed_max_val=45");
}

void case_v1_from_seed(uint64_t seed, struct check_case *c)
{
    static const uint32_t kinds[] = {420, 420, 422, 444}, depths[] = {8, 10, 12, 16};
    struct random r = {seed * 2 + 7};
    case_from_seed(seed, c);
    pick_small_size(&r, c);
    if (random_below(&r, LARGE_EVERY) == 0)
        pick_large_size(&r, c);
    if (random_below(&r, 2)) /* the depths of speed_chroma */
        c->bit_depth = depths[random_below(&r, 4)];
    c->chroma = kinds[random_below(&r, 4)];
    for (uint32_t s = 0; s < c->streams; s++)
        if (random_below(&r, 4))
            c->dist_fill[s] = random_range(&r, CHANGE_TO_BANDS, CHANGE_TO_LIMITS);
    take_v1(c, random_below(&r, 2));
    set_sizes(c);
}

void case_describe(const struct check_case *c, char *text, size_t size)
{
    int n = snprintf(text, size,
                     "seed %" PRIu64 ": %ux%u, %u bit, chroma %u, %u frames in batches of %u, %u slots%s%s%s%s%s, "
                     "%u families, fill %s against",
                     c->seed, c->width, c->height, c->bit_depth, c->chroma, c->frames, c->capacity, c->slots,
                     c->split_streams ? ", streams one by one" : "", c->copies_uploads ? ", uploads copied" : "",
                     c->constant_filters ? ", filters constant" : "", c->narrow ? ", narrow lanes" : "",
                     c->imports ? ", pictures imported" : "", c->n_uses, fill_name(c->ref_fill));
    for (uint32_t s = 0; s < c->streams && n > 0 && (size_t)n < size; s++)
        n += snprintf(text + n, size - (size_t)n, " %s", change_name(c->dist_fill[s]));
}
