/* Time that passes. */
#ifndef VKVMAF_CLOCK_H
#define VKVMAF_CLOCK_H

/* Seconds of a clock that only goes forward, from an arbitrary beginning. Safe from any thread. */
double clock_seconds(void);

#endif
