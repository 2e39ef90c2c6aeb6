/* Everything a program says on standard error: one line each, "vkvmaf: ..." for one. Control characters become '?', so
 * that a name read from a hostile file cannot drive a terminal; addresses lose user information and query. Safe from
 * any thread. */
#ifndef VKVMAF_MESSAGE_H
#define VKVMAF_MESSAGE_H

#include <stdarg.h>

#if defined(__GNUC__)
#  define MESSAGE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#  define MESSAGE_PRINTF(fmt, args)
#endif

#define MESSAGE_ROOM 16384 /* some paths fit, whole */
#define MESSAGE_PLACE_ROOM 1100

/* The name in front, before anything is said; "vkvmaf" unless set. The string stays the caller's. */
void message_program(const char *name);

/* An error or a note. */
void message_line(const char *format, ...) MESSAGE_PRINTF(1, 2);
void message_line_args(const char *format, va_list args) MESSAGE_PRINTF(1, 0);

/* "no memory " and what for: message_no_memory("for %zu frames", n). Returns -1. */
int message_no_memory(const char *what, ...) MESSAGE_PRINTF(1, 2);
int message_no_memory_args(const char *what, va_list args) MESSAGE_PRINTF(1, 0);

/* Sets the place that the following messages are about, "jobs.txt:12" for one: it stands behind the prefix of all lines
 * but plain ones. "": none. Copied, and kept until the next call. */
void message_place(const char *where);

/* Prints nothing from now on; message_last goes on. For a process whose messages another one shows. */
void message_mute(void);

/* A line that others read: without prefix. */
void message_plain(const char *format, ...) MESSAGE_PRINTF(1, 2);

/* A line without prefix that the next one overwrites; for terminals only. */
void message_progress(const char *format, ...) MESSAGE_PRINTF(1, 2);
/* Ends the progress line, if there is one. */
void message_progress_end(void);

/* The callback for vkv_log: prints lines up to the level given to message_log_level, and counts the errors. Progress is
 * for a terminal, unless errors alone are wanted. */
void message_log(void *user, int level, const char *line);
void message_log_level(int level);
unsigned message_log_errors(void);

/* The last error or note since message_forget, without its prefix; "" for none. */
void message_last(char line[MESSAGE_ROOM]);
void message_forget(void);

#endif
