/* The second computation of a pair whose lists of undecided pixels were full. */
#ifndef VKV_ENGINE_REPLAY_H
#define VKV_ENGINE_REPLAY_H

#include "engine/pipeline.h"

struct replay; /* pipelines of one family each, made when they are first needed */

/* Computes those partials of use `use` again that have a bit in `again`, for one pair in `slot` of `from`, and
 * completes their sums. *replay: NULL at first; kept for the next pair. */
int replay_pair(struct replay **replay, const struct pipeline *from, uint32_t slot, uint32_t frame, uint32_t stream,
                uint32_t use, uint32_t again, uint64_t *sums);
/* Brings a picture that another submission has copied to where the host can read it. The submission is done. */
int replay_bring(struct replay **replay, const struct pipeline *from, uint32_t slot, uint32_t frame, int stream);
void replay_destroy(struct replay *replay);

#endif
