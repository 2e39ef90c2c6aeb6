/* Numbers as text, with a decimal point whatever the program's locale is. A program that has called setlocale gets the
 * same results and the same lines as any other. */
#ifndef VKV_COMMON_NUMBER_H
#define VKV_COMMON_NUMBER_H

#include <locale.h>
#include <stdarg.h>
#include <stddef.h>

#include "common/log.h"

/* strtod and vsnprintf, with a point. */
double number_read(const char *text, const char **end);
int number_vprint(char *to, size_t room, const char *format, va_list args);
int number_print(char *to, size_t room, const char *format, ...) VKV_PRINTF(3, 4);

/* number_locale_enter gives this thread the locale "C", for other libraries that read or write numbers, until
 * number_locale_leave gets what it returned. */
locale_t number_locale_enter(void);
void number_locale_leave(locale_t before);

#endif
