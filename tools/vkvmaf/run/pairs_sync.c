#include <inttypes.h>

#include "input/pairing/sync.h"
#include "run/pairs.h"

/* Videos that are paired by time are looked at in steps of the reference's usual time between two frames. */
static double step_of(const struct pairs *pairs, unsigned input)
{
    const struct pairing_side ref = {pairs->indexes[0], pairs->skip[0], 0};
    return pairs_is_timed(pairs, input) ? pairing_usual_gap(&ref) : 0;
}

static struct sync_video video_of(const struct pairs *pairs, const struct video_options *options, unsigned input,
                                  uint64_t start, double step)
{
    struct sync_video video = {
        pairs->paths[input], &options[input], pairs->skip[input] + start, pairs->indexes[input], 0, step};
    const struct pairing_side ref = {pairs->indexes[0], pairs->skip[0], 0};
    const struct pairing_side own = {pairs->indexes[input], pairs->skip[input], 0};
    if (step <= 0 || start >= pairing_count(&ref))
        return video;
    const double begin = pairing_time(&ref, start);
    video.skip = pairs->skip[input] + pairing_frame_at(&own, begin - step / 2);
    video.begin = (double)own.index->stamps[own.skip] * own.index->unit + begin;
    return video;
}

static int note_offset(const struct pairs *pairs, unsigned input, const struct offset *found, struct notes *notes)
{
    const int64_t late = found->late;
    return notes_add(notes, input, "sync: \"%.200s\" is %" PRId64 " frame%s %s (error %.3f, unmoved %.3f)",
                     pairs->paths[input], late < 0 ? -late : late, late == 1 || late == -1 ? "" : "s",
                     late < 0 ? "early" : "late", found->error, found->error_unmoved);
}

/* Skips frames by number: a late video loses its first ones, and where one is early the reference and all others lose
 * theirs. */
static void pass_over(struct pairs *pairs, const struct offset *found, const double *steps)
{
    int64_t early = 0;
    for (unsigned i = 1; i < pairs->n_inputs; i++)
        if (steps[i] <= 0 && -found[i].late > early)
            early = -found[i].late;
    pairs->skip[0] += (uint64_t)early;
    for (unsigned i = 1; i < pairs->n_inputs; i++)
        if (steps[i] > 0)
            pairs->late[i] = (double)found[i].late * steps[i];
        else
            pairs->skip[i] += (uint64_t)(early + found[i].late);
}

int pairs_synchronise(struct pairs *pairs, const struct video_options *options, uint64_t start, struct notes *notes)
{
    struct offset found[INPUTS_MAX];
    double steps[INPUTS_MAX];
    if (!pairs->request->sync)
        return 0;
    for (unsigned i = 1; i < pairs->n_inputs; i++) {
        steps[i] = step_of(pairs, i);
        const struct sync_video ref = video_of(pairs, options, 0, start, steps[i]);
        const struct sync_video dist = video_of(pairs, options, i, start, steps[i]);
        if (sync_find(&ref, &dist, pairs->request->sync, &found[i]) || note_offset(pairs, i, &found[i], notes))
            return -1;
    }
    pass_over(pairs, found, steps);
    return 0;
}
