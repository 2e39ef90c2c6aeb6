/* What cambi's options mean: sizes, window, and which steps an eye sees. */
#include "ref/cambi/cambi.h"

#include <string.h>

#include "common/clog2.h"
#include "ref/log2.h"
#include "vkvmaf/vkvmaf.h"

enum { BLACK = 64, WHITE = 940 }; /* limited range, 10 bits */

/* ---- luminance -------------------------------------------------------------------------------------------------- */

static double bt1886(double v)
{
    const double gamma = 2.4, white = ref_pow(300, 1 / gamma), black = ref_pow(0.01, 1 / gamma);
    const double a = ref_pow(white - black, gamma), b = black / (white - black);
    return a * ref_pow(v + b > 0 ? v + b : 0, gamma);
}

static double pq(double v)
{
    const double q = ref_pow(v, 1 / 78.84375), above = q - 0.8359375;
    return 10000 * ref_pow((above > 0 ? above : 0) / (18.8515625 - 18.6875 * q), 1 / 0.1593017578125);
}

/* Candela per square metre. */
static double luminance(enum cambi_eotf eotf, int value)
{
    const int inside = value < BLACK ? BLACK : value > WHITE ? WHITE : value;
    const double v = (double)(inside - BLACK) / (WHITE - BLACK);
    return eotf == CAMBI_PQ ? pq(v) : bt1886(v);
}

static bool is_seen(enum cambi_eotf eotf, double tvi_threshold, int value, int step)
{
    const double here = luminance(eotf, value);
    return luminance(eotf, value + step) - here > tvi_threshold * here;
}

int cambi_limit(enum cambi_eotf eotf, double tvi_threshold, int step)
{
    int low = BLACK, high = WHITE - 1 - step;
    if (!is_seen(eotf, tvi_threshold, low, step))
        return 0;
    if (!is_seen(eotf, tvi_threshold, low + 1, step))
        return low;
    if (is_seen(eotf, tvi_threshold, high, step))
        return is_seen(eotf, tvi_threshold, high + 1, step) ? 1023 : high;
    while (true) {
        const int middle = low + (high - low) / 2;
        if (!is_seen(eotf, tvi_threshold, middle, step))
            high = middle;
        else if (is_seen(eotf, tvi_threshold, middle + 1, step))
            low = middle;
        else
            return middle;
    }
}

int cambi_darkest(enum cambi_eotf eotf, double vis_lum_threshold)
{
    int low = BLACK, high = WHITE; /* the answer is above low, and at most high */
    if (luminance(eotf, low) >= vis_lum_threshold)
        return 0;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (luminance(eotf, middle) >= vis_lum_threshold)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* The limits of libvmaf's models stand here, so that a frame does not compute them. */
static void list_limits(const struct cambi_options *options, struct cambi_plan *plan)
{
    static const int usual[] = {0, 178, 305, 432, 559};
    const bool is_usual = options->eotf == CAMBI_BT1886 && options->tvi_threshold == 0.019;
    for (int d = 1; d <= plan->n_contrasts; d++)
        plan->limit[d] = is_usual && d <= 4 ? usual[d] : cambi_limit(options->eotf, options->tvi_threshold, d);
}

/* ---- plan ------------------------------------------------------------------------------------------------------- */

static bool is_halved(int speedup, int width, int height)
{
    static const int sizes[][3] = {{1080, 1920, 1080}, {1440, 2560, 1440}, {2160, 3840, 2160}};
    for (int i = 0; i < 3; i++)
        if (speedup == sizes[i][0])
            return (int64_t)width * height >= (int64_t)sizes[i][1] * sizes[i][2];
    return false;
}

static int window_of(int window_size, int width, int height, bool halves)
{
    const int side = (int)((int64_t)window_size * ((int64_t)width + height) / 375) / 16;
    return (halves ? (side + 1) / 2 : side) | 1;
}

static void choose_size(const struct cambi_options *options, int width, int height, struct cambi_plan *plan)
{
    const bool is_given = options->encode_width && options->encode_height && options->encode_width <= width &&
                          options->encode_height <= height;
    plan->width = is_given ? options->encode_width : width;
    plan->height = is_given ? options->encode_height : height;
}

int cambi_plan_make(const struct cambi_options *options, int width, int height, int bit_depth, struct cambi_plan *plan)
{
    struct cambi_plan p = {.bit_depth = bit_depth, .topk = options->topk};
    choose_size(options, width, height, &p);
    p.smooths = (options->encode_bit_depth ? options->encode_bit_depth : bit_depth) < 10;
    p.halves = is_halved(options->high_res_speedup, p.width, p.height);
    p.window = window_of(options->window_size, p.width, p.height, p.halves);
    p.least_smooth = (15 + 3 * clog2((int64_t)(p.width / 64) * (p.height / 64))) >> 1;
    p.n_contrasts = 1 << options->max_log_contrast;
    if (p.window > CAMBI_MAX_WINDOW)
        return VKV_ERR_UNSUPPORTED;
    list_limits(options, &p);
    p.darkest = cambi_darkest(options->eotf, options->vis_lum_threshold);
    *plan = p;
    return VKV_OK;
}

static bool same_limits(const struct cambi_plan *a, const struct cambi_plan *b)
{
    return a->n_contrasts == b->n_contrasts && a->darkest == b->darkest && a->least_smooth == b->least_smooth &&
           !memcmp(a->limit + 1, b->limit + 1, (size_t)a->n_contrasts * sizeof(*a->limit));
}

bool cambi_plans_equal(const struct cambi_plan *a, const struct cambi_plan *b)
{
    return a->width == b->width && a->height == b->height && a->bit_depth == b->bit_depth && a->smooths == b->smooths &&
           a->halves == b->halves && a->window == b->window && a->topk == b->topk && same_limits(a, b);
}

void cambi_scale_size(const struct cambi_plan *plan, int scale, int *width, int *height)
{
    *width = plan->width;
    *height = plan->height;
    for (int i = plan->halves ? -1 : 0; i < scale; i++) {
        *width = (*width + 1) / 2;
        *height = (*height + 1) / 2;
    }
}

bool cambi_is_narrow(const struct cambi_plan *plan)
{
    int width, height;
    cambi_scale_size(plan, CAMBI_SCALES - 1, &width, &height);
    return plan->window / 2 > width || plan->window / 2 > height;
}
