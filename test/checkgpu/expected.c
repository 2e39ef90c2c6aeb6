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

static bool build_sums(const struct check_case *c, const struct expected_picture *x, const struct expected_picture *y,
                       struct frame_sums *sums)
{
    int depth = (int)c->bit_depth;
    for (int s = 0; s < 4; s++)
        if (ref_vif(&x->level[s], &y->level[s], s, depth, c->vif_gain_is_one ? 1.0 : 100.0, &sums->vif[s]) ||
            ref_adm(&x->bands[s], &y->bands[s], s, c->adm_gain_is_one ? 1.0 : 100.0, &sums->adm[s], NULL))
            return false;
    return true;
}

static bool build_motion(const struct check_case *c, const struct ref_plane *before, const struct ref_plane *now,
                         uint64_t *sad)
{
    struct ref_plane black = {0};
    if (!before && ref_plane_create(&black, now->width, now->height))
        return false;
    int err = ref_motion(before ? before : &black, now, (int)c->bit_depth, sad);
    ref_plane_free(&black);
    return !err;
}

bool expected_create(const struct check_case *c, uint32_t t, const struct expected_frame *before,
                     struct expected_frame *f)
{
    int w = (int)c->width, h = (int)c->height;
    uint16_t *dist[MAX_STREAMS];
    uint64_t sad;
    memset(f, 0, sizeof(*f));
    if (ref_plane_create(&f->ref.level[0], w, h))
        return false;
    for (uint32_t s = 0; s < c->streams; s++) {
        if (ref_plane_create(&f->dist[s].level[0], w, h))
            return false;
        dist[s] = f->dist[s].level[0].samples;
    }
    case_pictures(c, t, f->ref.level[0].samples, dist);
    if (!build_picture(&f->ref, (int)c->bit_depth) ||
        !build_motion(c, before ? &before->ref.level[0] : NULL, &f->ref.level[0], &sad))
        return false;
    for (uint32_t s = 0; s < c->streams; s++) {
        if (!build_picture(&f->dist[s], (int)c->bit_depth) || !build_sums(c, &f->ref, &f->dist[s], &f->sums[s]))
            return false;
        f->sums[s].motion_sad = sad;
    }
    return true;
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
    for (int s = 0; s < MAX_STREAMS; s++)
        free_picture(&f->dist[s]);
}
