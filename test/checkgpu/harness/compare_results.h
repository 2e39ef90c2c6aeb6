/* One case through the public interface, on the device and on the CPU reference. */
#ifndef CHECKGPU_COMPARE_RESULTS_H
#define CHECKGPU_COMPARE_RESULTS_H

#include "checkgpu.h"

/* Results of all frames must be equal in every byte; differences are reported for `stage`. `extra_tolerance`: lists
 * more pixels on the device. False after an error. */
bool compare_scorers(struct checker *k, const struct check_case *c, const char *stage, uint32_t extra_tolerance);

#endif
