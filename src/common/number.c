#include "common/number.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* The locale "C" is part of the C library: making it takes no memory. */
locale_t number_locale_enter(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_locale);
    return uselocale(c_locale);
}

void number_locale_leave(locale_t before)
{
    uselocale(before);
}

double number_read(const char *text, const char **end)
{
    char *behind;
    const locale_t before = number_locale_enter();
    const double number = strtod(text, &behind);
    number_locale_leave(before);
    *end = behind;
    return number;
}

int number_vprint(char *to, size_t room, const char *format, va_list args)
{
    const locale_t before = number_locale_enter();
    const int n = vsnprintf(to, room, format, args);
    number_locale_leave(before);
    return n;
}

int number_print(char *to, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = number_vprint(to, room, format, args);
    va_end(args);
    return n;
}
