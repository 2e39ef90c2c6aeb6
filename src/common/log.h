/* One log line to the caller's callback. Every public call that fails logs exactly one line at VKV_LOG_ERROR. */
#ifndef VKV_COMMON_LOG_H
#define VKV_COMMON_LOG_H

#include "vkvmaf/vkvmaf.h"

#if defined(__GNUC__)
#  define VKV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#  define VKV_PRINTF(fmt, args)
#endif

/* Longest line, in bytes; longer ones are cut. Control characters become '?', so that a name read from a
 * hostile file cannot drive a terminal. `log` may be NULL. */
#define LOG_LINE_MAX 5120 /* a path of 4 096 fits */

void log_line(const vkv_log *log, int level, const char *format, ...) VKV_PRINTF(3, 4);

/* Makes '?' of control characters. */
void log_clean(char *text);

/* Logs at VKV_LOG_ERROR and returns `code`: `return log_fail(log, VKV_ERR_ARG, "...")`. */
int log_fail(const vkv_log *log, int code, const char *format, ...) VKV_PRINTF(3, 4);

/* Logs that an allocation failed and returns VKV_ERR_MEMORY. */
int log_no_memory(const vkv_log *log);

#endif
