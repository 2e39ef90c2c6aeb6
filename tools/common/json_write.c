#include "common/json_write.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>

#include "common/json_text.h"

/* The characters around the items of one layout. */
static const struct look {
    bool has_lines;
    const char *first, *between, *colon, *last;
} looks[] = {
    [JSON_LINES] = {true, "", ",", ": ", ""},      [JSON_LINES_KEPT] = {true, "", ",", ": ", ""},
    [JSON_SPACED] = {false, " ", ", ", ": ", " "}, [JSON_ROW] = {false, "", ", ", ": ", ""},
    [JSON_COMPACT] = {false, "", ",", ":", ""},
};

static void new_line(const struct json_writer *w)
{
    fprintf(w->stream, "\n%*s", 2 * w->depth, "");
}

void json_put(struct json_writer *w, const char *key)
{
    const struct look *const look = &looks[w->depth ? w->open[w->depth - 1].layout : JSON_LINES];
    if (w->depth) {
        fputs(w->has_items ? look->between : look->first, w->stream);
        if (look->has_lines)
            new_line(w);
        else if (w->breaks)
            fputc('\n', w->stream);
    }
    if (key) {
        json_text_write(w->stream, key, w->is_in_html);
        fputs(look->colon, w->stream);
    }
    w->has_items = true;
    w->breaks = false;
}

void json_open(struct json_writer *w, const char *key, char bracket, enum json_layout layout)
{
    assert(w->depth < JSON_DEPTH_MAX);
    json_put(w, key);
    fputc(bracket, w->stream);
    w->open[w->depth].bracket = bracket;
    w->open[w->depth++].layout = layout;
    w->has_items = false;
}

void json_close(struct json_writer *w)
{
    const enum json_layout layout = w->open[--w->depth].layout;
    if (layout == JSON_LINES_KEPT || (looks[layout].has_lines && w->has_items))
        new_line(w);
    fputs(looks[layout].last, w->stream);
    fputc(w->open[w->depth].bracket == '{' ? '}' : ']', w->stream);
    w->has_items = true;
    if (!w->depth && layout != JSON_COMPACT)
        fputc('\n', w->stream);
}

void json_break(struct json_writer *w)
{
    w->breaks = true;
}

void json_put_text(struct json_writer *w, const char *key, const char *text)
{
    json_put(w, key);
    if (text)
        json_text_write(w->stream, text, w->is_in_html);
    else
        fputs("null", w->stream);
}

void json_put_name(struct json_writer *w, const char *key, const char *text)
{
    json_put_text(w, key, text && *text ? text : NULL);
}

void json_put_number(struct json_writer *w, const char *key, double number)
{
    json_put(w, key);
    if (isfinite(number))
        fprintf(w->stream, "%.17g", number);
    else
        fputs("null", w->stream);
}

void json_put_integer(struct json_writer *w, const char *key, long long number)
{
    json_put(w, key);
    fprintf(w->stream, "%lld", number);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
    json_put(w, key);
    fputs(value ? "true" : "false", w->stream);
}

void json_put_format(struct json_writer *w, const char *key, const char *format, ...)
{
    va_list args;
    json_put(w, key);
    va_start(args, format);
    vfprintf(w->stream, format, args);
    va_end(args);
}

void json_put_numbers(struct json_writer *w, const char *key, const double *numbers, size_t n)
{
    json_open(w, key, '[', JSON_ROW);
    for (size_t i = 0; i < n; i++)
        json_put_number(w, NULL, numbers[i]);
    json_close(w);
}

void json_put_texts(struct json_writer *w, const char *key, const char *const *texts, size_t n)
{
    json_open(w, key, '[', JSON_ROW);
    for (size_t i = 0; i < n; i++)
        json_put_text(w, NULL, texts[i]);
    json_close(w);
}

void json_put_hex_floats(struct json_writer *w, const char *key, const float *numbers, size_t n)
{
    json_open(w, key, '[', JSON_ROW);
    for (size_t i = 0; i < n; i++)
        json_put_format(w, NULL, "\"%a\"", (double)numbers[i]);
    json_close(w);
}
