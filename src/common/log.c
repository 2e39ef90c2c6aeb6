#include "common/log.h"

#include <stdarg.h>

#include "common/number.h"

void log_clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

static void emit(const vkv_log *log, int level, const char *format, va_list args)
{
    char line[LOG_LINE_MAX];
    if (!log || !log->fn)
        return;
    number_vprint(line, sizeof(line), format, args);
    log_clean(line);
    log->fn(log->user, level, line);
}

void log_line(const vkv_log *log, int level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    emit(log, level, format, args);
    va_end(args);
}

int log_fail(const vkv_log *log, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    emit(log, VKV_LOG_ERROR, format, args);
    va_end(args);
    return code;
}

int log_no_memory(const vkv_log *log)
{
    return log_fail(log, VKV_ERR_MEMORY, "out of memory");
}
