/* Micro-benchmarks: how many integer instructions a device executes and how many bytes it moves. */
#ifndef VKV_STAGES_RATES_H
#define VKV_STAGES_RATES_H

#include "gpu/gpu.h"

/* `kind`: RATE_* (shared/params.h). *rate: multiply-adds, adds and exclusive ors, or bytes per second. `skip`: tests;
 * as if the driver left out the last workgroups of every dispatch, so many. VKV_ERR_PROBE, logged, when a result is not
 * what it should be. The pipelines are created here and nowhere else. */
int rate_measure(struct gpu_device *device, uint32_t kind, uint32_t skip, double *rate);

#endif
