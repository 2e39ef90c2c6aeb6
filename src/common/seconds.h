/* Time that passes. */
#ifndef VKV_COMMON_SECONDS_H
#define VKV_COMMON_SECONDS_H

/* Seconds of a clock that only goes forward, from an arbitrary beginning. Thread-safe. */
double seconds_now(void);

#endif
