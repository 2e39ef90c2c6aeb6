#include "json_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The end of a string that starts at its quote, behind the closing quote. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return NULL;
        if (*at == '\\' && !*++at)
            return NULL;
    }
    return *at ? at + 1 : NULL;
}

static const char *skip_value(const char *at, int depth);

/* From the opening bracket; `is_object`: members with keys. */
static const char *skip_list(const char *at, bool is_object, int depth)
{
    const char end = is_object ? '}' : ']';

    at = skip_blanks(at + 1);
    if (*at == end)
        return at + 1;
    for (;;) {
        if (is_object) {
            if (*at != '"' || !(at = skip_string(at)))
                return NULL;
            at = skip_blanks(at);
            if (*at++ != ':')
                return NULL;
        }
        if (!(at = skip_value(skip_blanks(at), depth + 1)))
            return NULL;
        at = skip_blanks(at);
        if (*at == end)
            return at + 1;
        if (*at++ != ',')
            return NULL;
        at = skip_blanks(at);
    }
}

static const char *skip_value(const char *at, int depth)
{
    static const char *const words[] = {"true", "false", "null"};

    if (depth > 16)
        return NULL;
    if (*at == '"')
        return skip_string(at);
    if (*at == '{' || *at == '[')
        return skip_list(at, *at == '{', depth);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    const size_t n = strspn(at, "+-0123456789.eE");
    return n && n < 64 && strchr("-0123456789", *at) ? at + n : NULL;
}

json_at json_check(const char *text)
{
    const char *start = skip_blanks(text), *end = skip_value(start, 0);
    return end && !*skip_blanks(end) ? start : NULL;
}

json_at json_member(json_at object, const char *key)
{
    const size_t n = strlen(key);

    if (!object || *object != '{')
        return NULL;
    for (const char *at = skip_blanks(object + 1); *at == '"';) {
        const char *name = at + 1, *end = skip_string(at);
        const bool is_key = (size_t)(end - 1 - name) == n && memcmp(name, key, n) == 0;
        at = skip_blanks(skip_blanks(end) + 1);
        if (is_key)
            return at;
        at = skip_blanks(skip_value(at, 0));
        at = skip_blanks(at + (*at == ','));
    }
    return NULL;
}

json_at json_first(json_at array)
{
    if (!array || *array != '[')
        return NULL;
    array = skip_blanks(array + 1);
    return *array == ']' ? NULL : array;
}

json_at json_next(json_at element)
{
    const char *at = skip_blanks(skip_value(element, 0));
    return *at == ',' ? skip_blanks(at + 1) : NULL;
}

bool json_number(json_at value, double *number)
{
    char *end;

    if (!value || !strchr("-0123456789", *value))
        return false;
    *number = strtod(value, &end);
    return end == skip_value(value, 0);
}

long json_numbers_of(json_at array, double *numbers, size_t max)
{
    size_t n = 0;

    if (!array || *array != '[')
        return -1;
    for (json_at at = json_first(array); at; at = json_next(at), n++)
        if (n == max || !json_number(at, &numbers[n]))
            return -1;
    return (long)n;
}

char *json_text(json_at value)
{
    static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";

    if (!value || *value != '"')
        return NULL;
    const char *end = skip_string(value) - 1, *at = value + 1;
    char *text = malloc((size_t)(end - at) + 1), *to = text;
    while (text && at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        const char *escape = strchr(escapes, *++at);
        if (escape && *escape) {
            *to++ = meant[escape - escapes];
            at++;
            continue;
        }
        char hex[5] = {0}, *stop;
        if (*at == 'u' && end - at >= 5)
            memcpy(hex, at + 1, 4);
        const unsigned long code = strtoul(hex, &stop, 16);
        if (stop != hex + 4 || !code || code > 127) {
            free(text);
            return NULL;
        }
        *to++ = (char)code;
        at += 5;
    }
    if (text)
        *to = '\0';
    return text;
}
