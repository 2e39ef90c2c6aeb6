/* Decides which frames of the videos of a job are compared: those of one number, or of one time. */
#ifndef VKVMAF_RUN_PAIRS_H
#define VKVMAF_RUN_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "input/input.h"
#include "input/pairing/pairing.h"
#include "run/notes.h"
#include "vkvmaf/vkvmaf.h"

/* The reference and the distorted videos. */
#define INPUTS_MAX (1 + VKV_MAX_DISTORTED)

/* A place or length within a video: frames, or where these are 0 seconds; both 0: not given. */
struct video_time {
    uint64_t frames;
    double seconds;
};

enum { PAIR_AUTO, PAIR_TIME, PAIR_INDEX };

/* The frames that are asked for. All zero: all of them, paired as their time stamps suggest. */
struct pairs_request {
    uint32_t pair;                    /* PAIR_* */
    uint32_t sync;                    /* the greatest offset that is looked for, in frames; 0: none */
    uint64_t offset_ref, offset_dist; /* frames passed over */
    struct video_time start, duration;
    uint64_t frame_count; /* 0: all */
};

struct pairs {
    const struct pairs_request *request;
    unsigned n_inputs;
    const char *const *paths;                      /* the reference first */
    const struct frame_index *indexes[INPUTS_MAX]; /* empty: nothing is known */
    double fps[INPUTS_MAX];                        /* 0: not known */
    uint64_t skip[INPUTS_MAX];                     /* frames passed over */
    double late[INPUTS_MAX];                       /* seconds by which a video that is paired by time is late */
    enum pairing_verdict verdicts[INPUTS_MAX];
    /* Made by pairs_plan. */
    struct pairing pairings[INPUTS_MAX]; /* of each distorted video; empty: by index */
    unsigned groups[INPUTS_MAX];         /* of each distorted video: those of one number are scored together */
    unsigned n_groups;
};

/* Whether the videos' indexes are wanted. libvmaf's tool, `is_alias`, looks at time stamps only where it is told to. */
bool pairs_want_index(const struct pairs_request *request, bool is_alias);
/* Finds out for each distorted video whether it is paired by time. Returns 0, or -1 after one message. */
int pairs_judge(struct pairs *pairs);
bool pairs_is_timed(const struct pairs *pairs, unsigned input);
/* The first frame that is compared, in frames of the reference that are not skipped, and the most that are. Returns 0,
 * or -1 after one message. */
int pairs_window(const struct pairs *pairs, uint64_t *start, uint64_t *n_wanted);
/* pairs_sync.c: looks for the offset of each distorted video against the reference, from the first frame that is
 * compared on, where the request asks for it, and passes over it. Returns 0, or -1 after one message. */
int pairs_synchronise(struct pairs *pairs, const struct video_options *options, uint64_t start, struct notes *notes);
/* Videos that are paired by time get their pairs, and *n_wanted their number. Says in `notes` what was done. Returns 0,
 * or -1 after one message; pairs_free is due. */
int pairs_plan(struct pairs *pairs, uint64_t *n_wanted, struct notes *notes);
/* The picks of an input, for video_input_start_picks; none: by index. */
struct video_picks pairs_picks(const struct pairs *pairs, unsigned input);
void pairs_free(struct pairs *pairs);

#endif
