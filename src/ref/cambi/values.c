/* cambi's values: how banded the surroundings of each smooth sample are. */
#include "ref/cambi/cambi.h"

#include "common/alloc.h"
#include "vkvmaf/vkvmaf.h"

/* Histograms of the window around each sample of one row. A code is a value of the picture, counted from the lowest
 * that matters. */
struct counter {
    const struct cambi_plan *plan;
    int width, height;
    int lowest, n_codes; /* the value of code 0 */
    uint16_t *codes;     /* per sample; n_codes: masked out, or of no matter */
    uint16_t *counts;    /* [code]: one for each sample of the row, `stride` in all */
    int stride;
    float *reciprocals;
};

/* 1 / i with nine significant digits, rounded to a float, is libvmaf's. 10^12 / i has at least those for any i, and is
 * never within 10^-5 of halfway between two. */
void cambi_reciprocals(float *reciprocals, int last)
{
    reciprocals[0] = 0;
    for (int i = 1; i <= last; i++) {
        uint64_t scale = 1000000000;
        for (int j = i; j > 10; j = (j + 9) / 10)
            scale *= 10;
        reciprocals[i] = (float)((double)((scale + (uint64_t)i / 2) / (uint64_t)i) / (double)scale);
    }
}

/* ---- codes ------------------------------------------------------------------------------------------------------ */

/* Values above `darkest` - 2 n and up to the last limit can have a value above 0; those within n of them are counted.
 */
static void choose_codes(const struct cambi_plan *plan, struct counter *counter)
{
    int highest = 0;
    for (int d = 1; d <= plan->n_contrasts; d++)
        highest = plan->limit[d] > highest ? plan->limit[d] : highest;
    counter->lowest = plan->darkest - 3 * plan->n_contrasts + 1;
    const int n_codes = highest + plan->n_contrasts - counter->lowest + 1;
    counter->n_codes = n_codes > 0 ? n_codes : 0;
}

static void make_codes(const struct cambi_picture *picture, struct counter *counter)
{
    const size_t n = (size_t)picture->width * picture->height;
    const int none = counter->n_codes, lowest = counter->lowest;
    for (size_t i = 0; i < n; i++) {
        const int code = picture->image[i] - lowest;
        counter->codes[i] = (uint16_t)(picture->mask[i] && code >= 0 && code < none ? code : none);
    }
}

/* ---- histograms ------------------------------------------------------------------------------------------------- */

/* Adds `sign` times how many samples of a run each of the windows around it has. */
static void count_run(uint16_t *counts, int run, int window, int sign)
{
    const int most = run < window ? run : window, n = run + window - 1;
    for (int i = 0; i < most - 1; i++)
        counts[i] = (uint16_t)(counts[i] + sign * (i + 1));
    for (int i = most - 1; i < n - most + 1; i++)
        counts[i] = (uint16_t)(counts[i] + sign * most);
    for (int i = n - most + 1; i < n; i++)
        counts[i] = (uint16_t)(counts[i] + sign * (n - i));
}

/* Row `y` enters or leaves all windows. */
static void count_row(const struct counter *counter, int y, int sign)
{
    if (y < 0 || y >= counter->height)
        return;
    const uint16_t *const codes = counter->codes + (size_t)y * counter->width;
    for (int x = 0, end; x < counter->width; x = end) {
        for (end = x + 1; end < counter->width && codes[end] == codes[x]; end++)
            ;
        if (codes[x] < counter->n_codes)
            count_run(counter->counts + (size_t)codes[x] * counter->stride + x, end - x, counter->plan->window, sign);
    }
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

/* Steps that are not seen at this value weigh nothing. */
static void choose_weights(const struct cambi_plan *plan, int value, int weights[CAMBI_MAX_CONTRASTS + 1])
{
    static const uint8_t all[CAMBI_MAX_CONTRASTS] = {1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8,
                                                     8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    for (int d = 1; d <= plan->n_contrasts; d++)
        weights[d] = value <= plan->limit[d] && value + plan->n_contrasts + d > plan->darkest ? all[d - 1] : 0;
}

/* `counts`: how often the window has the sample's value; those of other values are `stride` apart. */
static inline float value_of(const uint16_t *counts, ptrdiff_t stride, const int *weights, int n_contrasts,
                             const float *reciprocals)
{
    const int own = *counts;
    float value = 0;
    for (int d = 1; d <= n_contrasts; d++) {
        const int up = counts[d * stride], down = counts[-d * stride], most = up > down ? up : down;
        if (!most)
            continue;
        const float one = (float)(weights[d] * own * most) * reciprocals[own + most];
        value = one > value ? one : value;
    }
    return value;
}

static void value_row(const struct counter *counter, int y, float *values)
{
    const struct cambi_plan *const plan = counter->plan;
    const uint16_t *const codes = counter->codes + (size_t)y * counter->width;
    int weights[CAMBI_MAX_CONTRASTS + 1] = {0}, last = -1;
    for (int x = 0; x < counter->width; x++) {
        const int code = codes[x];
        values[x] = 0;
        if (code < plan->n_contrasts || code >= counter->n_codes - plan->n_contrasts)
            continue;
        if (code != last)
            choose_weights(plan, code + counter->lowest, weights);
        last = code;
        values[x] = value_of(counter->counts + (size_t)code * counter->stride + x + plan->window / 2, counter->stride,
                             weights, plan->n_contrasts, counter->reciprocals);
    }
}

static int counter_create(const struct cambi_picture *picture, struct counter *counter)
{
    const int window = counter->plan->window;
    counter->width = picture->width;
    counter->height = picture->height;
    counter->stride = picture->width + window - 1;
    counter->codes = mem_alloc((size_t)picture->width * picture->height, sizeof(*counter->codes));
    counter->counts = mem_alloc((size_t)counter->n_codes * counter->stride, sizeof(*counter->counts));
    counter->reciprocals = mem_alloc((size_t)window * window + 1, sizeof(*counter->reciprocals));
    return counter->codes && counter->counts && counter->reciprocals ? VKV_OK : VKV_ERR_MEMORY;
}

static void counter_free(struct counter *counter)
{
    mem_free(counter->codes);
    mem_free(counter->counts);
    mem_free(counter->reciprocals);
}

int cambi_values(const struct cambi_plan *plan, const struct cambi_picture *picture, float *values)
{
    struct counter counter = {.plan = plan};
    const int radius = plan->window / 2;
    choose_codes(plan, &counter);
    int err = counter_create(picture, &counter);
    if (!err) {
        make_codes(picture, &counter);
        cambi_reciprocals(counter.reciprocals, plan->window * plan->window);
        for (int y = -radius; y < picture->height; y++) {
            count_row(&counter, y - radius - 1, -1);
            count_row(&counter, y + radius, 1);
            if (y >= 0)
                value_row(&counter, y, values + (size_t)y * picture->width);
        }
    }
    counter_free(&counter);
    return err;
}
