#include "common/message.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "vkvmaf/vkvmaf.h"

static atomic_int log_level = VKV_LOG_WARNING;
static atomic_uint log_errors;
static atomic_bool is_mute;
static const char *program = "vkvmaf";
/* Guarded by the lock of stderr. */
static bool in_progress;
static char last_line[MESSAGE_ROOM];
static char place[MESSAGE_PLACE_ROOM];

static void keep(const char *line)
{
    flockfile(stderr);
    snprintf(last_line, sizeof(last_line), "%s", line);
    funlockfile(stderr);
}

static void print_text(const char *text)
{
    for (const char *c = text; *c; c++)
        fputc((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c, stderr);
}

static void end_progress(void)
{
    if (in_progress)
        fputc('\n', stderr);
    in_progress = false;
}

/* `kind` stands behind the program's name. */
static void begin_line(const char *kind)
{
    fprintf(stderr, "%s: %s", program, kind);
    if (*place) {
        print_text(place);
        fputs(": ", stderr);
    }
}

/* `kind` NULL: without the program's name. */
static void print(const char *kind, const char *line)
{
    if (atomic_load(&is_mute))
        return;
    flockfile(stderr);
    end_progress();
    if (kind)
        begin_line(kind);
    print_text(line);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void message_mute(void)
{
    atomic_store(&is_mute, true);
}

void message_place(const char *where)
{
    flockfile(stderr);
    snprintf(place, sizeof(place), "%s", where);
    address_strip(place);
    funlockfile(stderr);
}

void message_program(const char *name)
{
    program = name;
}

void message_line_args(const char *format, va_list args)
{
    char line[MESSAGE_ROOM];
    vsnprintf(line, sizeof(line), format, args);
    address_strip(line);
    keep(line);
    print("", line);
}

void message_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message_line_args(format, args);
    va_end(args);
}

int message_no_memory_args(const char *what, va_list args)
{
    char text[MESSAGE_ROOM];
    vsnprintf(text, sizeof(text), what, args);
    message_line("no memory %s", text);
    return -1;
}

int message_no_memory(const char *what, ...)
{
    va_list args;
    va_start(args, what);
    message_no_memory_args(what, args);
    va_end(args);
    return -1;
}

void message_plain(const char *format, ...)
{
    char line[MESSAGE_ROOM];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    address_strip(line);
    print(NULL, line);
}

void message_progress(const char *format, ...)
{
    va_list args;
    if (atomic_load(&is_mute))
        return;
    va_start(args, format);
    flockfile(stderr);
    fputc('\r', stderr);
    vfprintf(stderr, format, args);
    fflush(stderr);
    in_progress = true;
    funlockfile(stderr);
    va_end(args);
}

void message_progress_end(void)
{
    flockfile(stderr);
    end_progress();
    funlockfile(stderr);
}

/* The library's; "" ends it. */
static void show_progress(const char *text)
{
    if (atomic_load(&log_level) < VKV_LOG_WARNING || !isatty(STDERR_FILENO))
        return;
    if (*text)
        message_progress("%s: %s\033[K", program, text);
    else
        message_progress_end();
}

void message_log(void *user, int level, const char *text)
{
    static const char *const kinds[] = {"", "warning: ", "info: ", "debug: "};
    char line[MESSAGE_ROOM];
    (void)user;
    snprintf(line, sizeof(line), "%s", text);
    address_strip(line);
    if (level == VKV_LOG_ERROR) {
        atomic_fetch_add(&log_errors, 1);
        keep(line);
    }
    if (level == VKV_LOG_PROGRESS)
        show_progress(line);
    if (level >= VKV_LOG_ERROR && level <= VKV_LOG_DEBUG && level <= atomic_load(&log_level))
        print(kinds[level], line);
}

void message_log_level(int level)
{
    atomic_store(&log_level, level);
}

unsigned message_log_errors(void)
{
    return atomic_load(&log_errors);
}

void message_last(char line[MESSAGE_ROOM])
{
    flockfile(stderr);
    memcpy(line, last_line, sizeof(last_line));
    funlockfile(stderr);
}

void message_forget(void)
{
    keep("");
}
