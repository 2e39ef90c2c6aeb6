/* Which frames of the videos of a job are compared: those of one number, or of one time. */
#ifndef VKVMAF_RUN_PAIRS_H
#define VKVMAF_RUN_PAIRS_H

#include "cli/cli_parse.h"
#include "input/input.h"
#include "input/pairing.h"
#include "run/notes.h"

/* The reference and the distorted videos. */
#define INPUTS_MAX (1 + VKV_MAX_DISTORTED)

struct pairs {
    const struct settings *settings;
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

/* Whether the videos' indexes are wanted. */
bool pairs_want_index(const struct settings *settings);
/* Finds out for each distorted video whether it is paired by time. Returns 0, or -1 after one message. */
int pairs_judge(struct pairs *pairs);
bool pairs_is_timed(const struct pairs *pairs, unsigned input);
/* The first frame that is compared, in frames of the reference that are not skipped, and the most that are. Returns 0,
 * or -1 after one message. */
int pairs_window(const struct pairs *pairs, uint64_t *start, uint64_t *n_wanted);
/* pairs_sync.c: looks for the offset of each distorted video against the reference, from the first frame that is
 * compared on, where the settings ask for it, and passes over it. Returns 0, or -1 after one message. */
int pairs_synchronise(struct pairs *pairs, const struct video_options *options, uint64_t start, struct notes *notes);
/* Videos that are paired by time get their pairs, and *n_wanted their number. Says in `notes` what was done. Returns 0,
 * or -1 after one message; pairs_free is due. */
int pairs_plan(struct pairs *pairs, uint64_t *n_wanted, struct notes *notes);
/* The picks of an input, for video_input_start_picks; none: by index. */
struct video_picks pairs_picks(const struct pairs *pairs, unsigned input);
void pairs_free(struct pairs *pairs);

#endif
