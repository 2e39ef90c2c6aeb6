/* VIF of one scale: local statistics, the decision per pixel, four integer accumulators. */
#include "ref/ref.h"

#include "common/alloc.h"
#include "features/vif_terms.h"
#include "ref/arithmetic.h"
#include "vkvmaf/vkvmaf.h"

enum { MARGIN = MAX_TAPS / 2 };

/* ---- statistics ------------------------------------------------------------------------------------------------- */

/* One row after the vertical pass, with MARGIN mirrored columns on both sides. */
struct vif_row {
    uint32_t *mx, *my, *xx, *yy, *xy, *memory;
};

static int row_create(struct vif_row *row, int width)
{
    const size_t length = (size_t)width + 2 * MARGIN;
    row->memory = mem_alloc(5 * length, sizeof(uint32_t));
    if (!row->memory)
        return VKV_ERR_MEMORY;
    row->mx = row->memory + MARGIN;
    row->my = row->mx + length;
    row->xx = row->my + length;
    row->yy = row->xx + length;
    row->xy = row->yy + length;
    return VKV_OK;
}

static void mirror_margins(uint32_t *row, int width, int radius)
{
    for (int j = 1; j <= radius; j++) {
        row[-j] = row[mirror(-j, width)];
        row[width - 1 + j] = row[mirror(width - 1 + j, width)];
    }
}

static void vertical(const struct ref_plane *x, const struct ref_plane *y, int scale, int bit_depth, int line,
                     struct vif_row *row)
{
    const struct filter *filter = &vif_filters[scale];
    const int w = x->width, r = filter->radius;
    const int sm = scale == 0 ? bit_depth : 16;
    const int sq = scale == 0 ? 2 * (bit_depth - 8) : 16;
    const uint16_t *rows_x[MAX_TAPS], *rows_y[MAX_TAPS];
    for (int j = 0; j < filter->taps; j++) {
        const size_t offset = (size_t)mirror(line - r + j, x->height) * w;
        rows_x[j] = x->samples + offset;
        rows_y[j] = y->samples + offset;
    }
    for (int col = 0; col < w; col++) {
        uint64_t mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
        for (int j = 0; j < filter->taps; j++) {
            const uint64_t f = filter->f[j], sx = rows_x[j][col], sy = rows_y[j][col];
            mx += f * sx;
            my += f * sy;
            xx += f * (sx * sx);
            yy += f * (sy * sy);
            xy += f * (sx * sy);
        }
        row->mx[col] = (uint32_t)round_shift_u(mx, sm);
        row->my[col] = (uint32_t)round_shift_u(my, sm);
        row->xx[col] = (uint32_t)round_shift_u(xx, sq);
        row->yy[col] = (uint32_t)round_shift_u(yy, sq);
        row->xy[col] = (uint32_t)round_shift_u(xy, sq);
    }
    mirror_margins(row->mx, w, r);
    mirror_margins(row->my, w, r);
    mirror_margins(row->xx, w, r);
    mirror_margins(row->yy, w, r);
    mirror_margins(row->xy, w, r);
}

static inline uint32_t product(uint32_t a, uint32_t b)
{
    return (uint32_t)round_shift_u((uint64_t)a * b, 32);
}

static void horizontal(const struct vif_row *row, const struct filter *filter, int col, struct ref_vif_pixel *p)
{
    const int first = col - filter->radius;
    uint64_t mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int j = 0; j < filter->taps; j++) {
        const uint64_t f = filter->f[j];
        mx += f * row->mx[first + j];
        my += f * row->my[first + j];
        xx += f * row->xx[first + j];
        yy += f * row->yy[first + j];
        xy += f * row->xy[first + j];
    }
    p->mean_x = (uint32_t)mx;
    p->mean_y = (uint32_t)my;
    p->sum_xx = (uint32_t)round_shift_u(xx, 16);
    p->sum_yy = (uint32_t)round_shift_u(yy, 16);
    p->sum_xy = (uint32_t)round_shift_u(xy, 16);
    p->s1 = (int32_t)(p->sum_xx - product(p->mean_x, p->mean_x));
    p->s2_unclamped = (int32_t)(p->sum_yy - product(p->mean_y, p->mean_y));
    p->s12 = (int32_t)(p->sum_xy - product(p->mean_x, p->mean_y));
}

/* ---- decision --------------------------------------------------------------------------------------------------- */

/* The part of `p` behind the statistics. */
static void evaluate(const uint16_t *table, double gain_limit, struct ref_vif_pixel *p)
{
    p->log_den = p->log_num = p->sv = p->q = 0;
    p->g = 0;
    if (p->s1 < VIF_NSQ)
        return;
    p->log_den = (int32_t)vif_log2_of(table, (uint32_t)VIF_NSQ + (uint32_t)p->s1) - 2048 * 17;
    if (p->s12 > 0 && p->s2_unclamped > 0) {
        uint32_t sv, q;
        p->g = vif_terms((uint32_t)p->s1, (uint32_t)p->s12, (uint32_t)p->s2_unclamped, gain_limit, &sv, &q);
        p->sv = (int32_t)sv;
        p->q = (int32_t)q;
        p->log_num = (int32_t)(vif_log2_of(table, (uint64_t)sv + VIF_NSQ + q) - vif_log2_of(table, sv + VIF_NSQ));
    }
}

int ref_vif(const struct ref_plane *x, const struct ref_plane *y, int scale, int bit_depth, double gain_limit,
            struct vif_sums *sums)
{
    const uint16_t *table = vif_log_table();
    struct vif_row row;
    if (row_create(&row, x->width) < 0)
        return VKV_ERR_MEMORY;
    struct vif_sums s = {0};
    for (int line = 0; line < x->height; line++) {
        vertical(x, y, scale, bit_depth, line, &row);
        for (int col = 0; col < x->width; col++) {
            struct ref_vif_pixel p;
            horizontal(&row, &vif_filters[scale], col, &p);
            evaluate(table, gain_limit, &p);
            s.a_den += p.log_den;
            s.a_num += p.log_num;
            if (p.s1 < VIF_NSQ) {
                s.n_num += p.s2_unclamped > 0 ? p.s2_unclamped : 0;
                s.n_den++;
            }
        }
    }
    mem_free(row.memory);
    *sums = s;
    return VKV_OK;
}

int ref_vif_pixel(const struct ref_plane *x, const struct ref_plane *y, int scale, int bit_depth, double gain_limit,
                  int px, int py, struct ref_vif_pixel *pixel)
{
    struct vif_row row;
    if (row_create(&row, x->width) < 0)
        return VKV_ERR_MEMORY;
    vertical(x, y, scale, bit_depth, py, &row);
    horizontal(&row, &vif_filters[scale], px, pixel);
    evaluate(vif_log_table(), gain_limit, pixel);
    pixel->mx = row.mx[px];
    pixel->my = row.my[px];
    pixel->xx = row.xx[px];
    pixel->yy = row.yy[px];
    pixel->xy = row.xy[px];
    mem_free(row.memory);
    return VKV_OK;
}
