/* The second computation of VIF for a pair whose list of undecided pixels was full. */
#ifndef VKV_ENGINE_REPLAY_H
#define VKV_ENGINE_REPLAY_H

#include "engine/pipeline.h"

struct replay; /* a pipeline of its own, made when it is first needed */

/* Evaluates the scales of the bit set `scales` of one pair in `slot` of `from` again, and adds what their lists hold
 * to the numerators in `sums`. *replay: NULL at first; kept for the next pair. */
int replay_pair(struct replay **replay, const struct pipeline *from, uint32_t slot, uint32_t frame, uint32_t stream,
                uint32_t scales, struct frame_sums *sums);
void replay_destroy(struct replay *replay);

#endif
