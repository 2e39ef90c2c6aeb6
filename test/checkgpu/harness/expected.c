/* Everything the reference says about one frame of a case. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"

static bool build_picture(struct expected_picture *p, int bit_depth)
{
    for (int s = 1; s < 4; s++)
        if (ref_plane_create(&p->level[s], p->level[s - 1].width / 2, p->level[s - 1].height / 2) ||
            ref_vif_down(&p->level[s - 1], &p->level[s], s - 1, bit_depth))
            return false;
    for (int s = 0; s < 4; s++) {
        const struct ref_bands *finer = s ? &p->bands[s - 1] : NULL;
        int w = finer ? finer->width : p->level[0].width, h = finer ? finer->height : p->level[0].height;
        if (ref_bands_create(&p->bands[s], w, h) ||
            (finer ? ref_adm_dwt(finer, s, &p->bands[s]) : ref_adm_dwt0(&p->level[0], bit_depth, &p->bands[s])))
            return false;
    }
    return true;
}

static bool build_sums(const struct check_case *c, const struct family_input *in, uint64_t *sums)
{
    for (uint32_t u = 0; u < c->n_uses; sums += family_n_sums(&c->uses[u++]))
        if (c->uses[u].family->reference(&c->uses[u], in, sums))
            return false;
    return true;
}

uint32_t case_n_sums(const struct check_case *c)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < c->n_uses; u++)
        n += family_n_sums(&c->uses[u]);
    return n;
}

/* Frame `t` of those at `f - t` and behind it; before the first one there are black pictures. */
static bool build_frame(const struct check_case *c, uint32_t t, struct expected_frame *f)
{
    struct ref_plane black = {0};
    bool ok = !ref_plane_create(&black, (int)c->width, (int)c->height);
    struct family_input in = {.ref = &f->ref.level[0], .bit_depth = c->bit_depth};
    for (uint32_t i = 0; i < FAMILY_MAX_PREVIOUS; i++)
        in.previous[i] = i < t ? &f[-1 - (int)i].ref.level[0] : &black;
    for (uint32_t s = 0; ok && s < c->streams; s++) {
        in.dist = &f->dist[s].level[0];
        f->sums[s] = calloc(case_n_sums(c), sizeof(*f->sums[s]));
        ok = f->sums[s] && build_picture(&f->dist[s], (int)c->bit_depth) && build_sums(c, &in, f->sums[s]);
    }
    ref_plane_free(&black);
    return ok;
}

bool expected_create(const struct check_case *c, uint32_t t, struct expected_frame *frames)
{
    struct expected_frame *const f = &frames[t];
    int w = (int)c->width, h = (int)c->height;
    uint16_t *dist[MAX_STREAMS];
    memset(f, 0, sizeof(*f));
    if (ref_plane_create(&f->ref.level[0], w, h))
        return false;
    for (uint32_t s = 0; s < c->streams; s++) {
        if (ref_plane_create(&f->dist[s].level[0], w, h))
            return false;
        dist[s] = f->dist[s].level[0].samples;
    }
    case_pictures(c, t, f->ref.level[0].samples, dist);
    return build_picture(&f->ref, (int)c->bit_depth) && build_frame(c, t, f);
}

static void free_picture(struct expected_picture *p)
{
    for (int s = 0; s < 4; s++) {
        ref_plane_free(&p->level[s]);
        ref_bands_free(&p->bands[s]);
    }
}

void expected_free(struct expected_frame *f)
{
    free_picture(&f->ref);
    for (int s = 0; s < MAX_STREAMS; s++) {
        free_picture(&f->dist[s]);
        free(f->sums[s]);
    }
}
