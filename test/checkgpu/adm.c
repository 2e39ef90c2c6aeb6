/* adm: the rows' partial sums, rounded and added up here, against numerators and denominators. */
#include "checkgpu.h"

static void check_pair(struct check_run *run, uint32_t frame, uint32_t stream)
{
    static const char *const names[] = {"num h", "num v", "num d", "den h", "den v", "den d"};
    for (int s = 0; s < 4; s++) {
        const struct partial *partial = &run->pipeline->adm[s];
        const struct adm_sums *want = &run->want[frame].sums[stream].adm[s];
        const struct ref_bands *bands = &run->want[frame].ref.bands[s];
        struct adm_shape shape;
        adm_shape_of(s, bands->width, bands->height, &shape);
        const uint32_t *records =
            (const uint32_t *)own(&run->partials,
                                  region_of(run, stream) + partial->offset +
                                      (uint64_t)4 * pair_in_region(run, frame, stream) * partial->image_words,
                                  (uint64_t)4 * partial->image_words);
        if (partial->rows != (uint32_t)shape.region_height)
            report_text(run->checker, run->c, "adm", "the number of rows is not that of the region");
        for (uint32_t i = 0; i < 6; i++) {
            uint64_t got = sum_column(records, partial, i, i < 3 ? shape.num_sr : shape.den_sr);
            uint64_t wanted = i < 3 ? (uint64_t)want->num[i] : want->den[i - 3];
            const struct place at = {"adm", names[i], s, (int)frame, (int)stream, -1, -1};
            if (got != wanted)
                report_value(run->checker, run->c, &at, (int64_t)wanted, (int64_t)got);
        }
    }
}

static void batch(struct check_run *run)
{
    for (uint32_t f = 0; f < run->frames; f++)
        for (uint32_t s = 0; s < run->c->streams; s++)
            check_pair(run, f, s);
}

const struct stage_check check_adm = {"adm", batch, NULL};
