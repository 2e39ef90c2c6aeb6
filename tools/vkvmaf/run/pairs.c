#include "run/pairs.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Rates that differ by less are one rate, written in two ways (29.97 and 30000/1001). */
#define SAME_RATE 1e-3

bool pairs_want_index(const struct pairs_request *request, bool is_alias)
{
    return request->pair == PAIR_TIME || (request->pair == PAIR_AUTO && !is_alias);
}

static void set_sides(const struct pairs *pairs, unsigned input, struct pairing_side sides[N_SIDES])
{
    sides[SIDE_REF] = (struct pairing_side){pairs->indexes[0], pairs->skip[0], pairs->late[0]};
    sides[SIDE_DIST] = (struct pairing_side){pairs->indexes[input], pairs->skip[input], pairs->late[input]};
}

static int make_pairing(struct pairs *pairs, unsigned input)
{
    struct pairing_side sides[N_SIDES];
    set_sides(pairs, input, sides);
    const int verdict = pairing_make(sides, pairs->request->pair == PAIR_TIME, &pairs->pairings[input]);
    if (verdict < 0)
        message_no_memory("to pair the frames");
    return verdict;
}

bool pairs_is_timed(const struct pairs *pairs, unsigned input)
{
    return pairs->request->pair == PAIR_TIME || pairs->verdicts[input] == PAIRING_TIMED;
}

static int check_has_stamps(const struct pairs *pairs, unsigned input)
{
    const unsigned at = pairs->indexes[0]->n ? input : 0;
    if (pairs->request->pair != PAIR_TIME || pairs->verdicts[input] != PAIRING_UNKNOWN)
        return 0;
    message_line("%s: has no time stamps that go steadily forward, which --pair time needs; --pair index compares "
                 "frame N with frame N",
                 pairs->paths[at]);
    return -1;
}

int pairs_judge(struct pairs *pairs)
{
    for (unsigned i = 1; i < pairs->n_inputs; i++) {
        const int verdict = make_pairing(pairs, i);
        if (verdict < 0)
            return -1;
        pairs->verdicts[i] = (enum pairing_verdict)verdict;
        pairing_free(&pairs->pairings[i]);
        if (check_has_stamps(pairs, i))
            return -1;
    }
    return 0;
}

/* ---- the part that is compared ---------------------------------------------------------------------------------- */

/* A time in frames of the reference. */
static int frames_of(const struct pairs *pairs, const struct video_time *time, const char *option, uint64_t *frames)
{
    *frames = time->frames;
    if (time->seconds <= 0)
        return 0;
    if (pairs->fps[0] <= 0) {
        message_line("%s: has no frame rate that --%s %g could be counted by; give it in frames, as in %s 250f",
                     pairs->paths[0], option, time->seconds, option);
        return -1;
    }
    *frames = (uint64_t)(time->seconds * pairs->fps[0] + 0.5);
    return 0;
}

int pairs_window(const struct pairs *pairs, uint64_t *start, uint64_t *n_wanted)
{
    const struct pairs_request *const request = pairs->request;
    uint64_t duration;
    if (frames_of(pairs, &request->start, "start", start) ||
        frames_of(pairs, &request->duration, "duration", &duration))
        return -1;
    if (request->duration.seconds > 0 && !duration)
        duration = 1; /* less than half a frame is not all of them */
    *n_wanted = request->frame_count ? request->frame_count : UINT64_MAX;
    if (duration && duration < *n_wanted)
        *n_wanted = duration;
    return 0;
}

/* The first frame of the reference that is shown at a time, or half a frame before. */
static uint64_t frame_at(const struct pairing_side *ref, double seconds)
{
    return pairing_frame_at(ref, seconds - pairing_usual_gap(ref) / 2);
}

static void cut_pairing(struct pairs *pairs, unsigned input)
{
    const struct pairs_request *const request = pairs->request;
    const struct video_time *const from = &request->start, *const length = &request->duration;
    struct pairing *const pairing = &pairs->pairings[input];
    struct pairing_side sides[N_SIDES];
    uint64_t most = request->frame_count ? request->frame_count : UINT64_MAX, end = UINT64_MAX;
    set_sides(pairs, input, sides);
    const uint64_t start =
        from->seconds > 0 ? frame_at(&sides[SIDE_REF], from->seconds) : frame_at(&sides[SIDE_REF], 0) + from->frames;
    if (length->seconds > 0)
        end = frame_at(&sides[SIDE_REF], from->seconds + length->seconds);
    else if (length->frames && length->frames < most)
        most = length->frames;
    if (length->seconds > 0 && end <= start)
        end = start + 1;
    pairing_cut(sides, start, end, most, pairing);
}

/* ---- what is said of it ----------------------------------------------------------------------------------------- */

static int note_timed(const struct pairs *pairs, unsigned input, struct notes *notes)
{
    const struct pairing *const pairing = &pairs->pairings[input];
    const char *const ref = pairs->paths[0], *const dist = pairs->paths[input];
    if (notes_add_frames(notes, input,
                         "paired by time stamps: %zu pairs; frames without a partner: %" PRIu64 " of \"%.160s\", "
                         "%" PRIu64 " of \"%.160s\"",
                         pairing->n, pairing->unpaired[SIDE_REF], ref, pairing->unpaired[SIDE_DIST], dist))
        return -1;
    if (pairing->early < 0)
        return 0;
    return notes_add_frames(notes, input, "\"%.200s\" ended before \"%.200s\"", pairing->early == SIDE_REF ? ref : dist,
                            pairing->early == SIDE_REF ? dist : ref);
}

static int note_by_index(const struct pairs *pairs, unsigned input, struct notes *notes)
{
    const double ref = pairs->fps[0], dist = pairs->fps[input];
    if (pairs->verdicts[input] == PAIRING_HOPELESS)
        return notes_add(notes, input,
                         "most frames of \"%.200s\" and \"%.200s\" have different time stamps; frame N is compared "
                         "with frame N",
                         pairs->paths[0], pairs->paths[input]);
    if (ref <= 0 || dist <= 0 || fabs(ref - dist) < SAME_RATE * ref)
        return 0;
    return notes_add(notes, input,
                     "frame rates differ: \"%.200s\" has %.3f, \"%.200s\" has %.3f; frame N is compared with "
                     "frame N",
                     pairs->paths[0], ref, pairs->paths[input], dist);
}

/* ---- the plan --------------------------------------------------------------------------------------------------- */

static int plan_one(struct pairs *pairs, unsigned input, struct notes *notes)
{
    if (!pairs_is_timed(pairs, input))
        return note_by_index(pairs, input, notes);
    pairing_free(&pairs->pairings[input]);
    if (make_pairing(pairs, input) < 0)
        return -1;
    cut_pairing(pairs, input);
    if (pairs->pairings[input].n)
        return note_timed(pairs, input, notes);
    message_line("%s: has no frame that is shown when one of %s is, in the part that is compared", pairs->paths[input],
                 pairs->paths[0]);
    return -1;
}

/* Encodes that are compared with the same frames of the reference. */
static bool are_together(const struct pairs *pairs, unsigned a, unsigned b)
{
    const struct pairing *const x = &pairs->pairings[a], *const y = &pairs->pairings[b];
    return x->n == y->n && (!x->n || !memcmp(x->frames[SIDE_REF], y->frames[SIDE_REF], x->n * sizeof(uint64_t)));
}

static void group_inputs(struct pairs *pairs)
{
    pairs->n_groups = 0;
    for (unsigned i = 1; i < pairs->n_inputs; i++) {
        unsigned first = 1;
        while (first < i && !are_together(pairs, first, i))
            first++;
        pairs->groups[i] = first < i ? pairs->groups[first] : pairs->n_groups++;
    }
}

int pairs_plan(struct pairs *pairs, uint64_t *n_wanted, struct notes *notes)
{
    for (unsigned i = 1; i < pairs->n_inputs; i++)
        if (plan_one(pairs, i, notes))
            return -1;
    group_inputs(pairs);
    if (pairs->pairings[1].n)
        *n_wanted = pairs->pairings[1].n;
    return 0;
}

struct video_picks pairs_picks(const struct pairs *pairs, unsigned input)
{
    const struct pairing *const pairing = &pairs->pairings[input ? input : 1];
    const struct pairs_request *const request = pairs->request;
    return (struct video_picks){
        .frames = pairing->frames[input ? SIDE_DIST : SIDE_REF],
        .n = pairing->n,
        .is_whole = !request->frame_count && !request->duration.frames && request->duration.seconds <= 0,
    };
}

void pairs_free(struct pairs *pairs)
{
    for (unsigned i = 1; i < pairs->n_inputs; i++)
        pairing_free(&pairs->pairings[i]);
}
