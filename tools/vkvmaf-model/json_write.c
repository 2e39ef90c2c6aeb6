#include "json_write.h"

#include <math.h>

#include "common/json_text.h"

static void begin(struct json_writer *w, const char *key)
{
    if (w->depth)
        fprintf(w->stream, "%s%*s", w->has_items ? ",\n" : "\n", 2 * w->depth, "");
    if (key) {
        json_text_write(w->stream, key);
        fputs(": ", w->stream);
    }
    w->has_items = true;
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
    begin(w, key);
    fputc(bracket, w->stream);
    w->depth++;
    w->has_items = false;
}

void json_close(struct json_writer *w, char bracket)
{
    w->depth--;
    if (w->has_items)
        fprintf(w->stream, "\n%*s", 2 * w->depth, "");
    fputc(bracket, w->stream);
    w->has_items = true;
    if (!w->depth)
        fputc('\n', w->stream);
}

void json_put_text(struct json_writer *w, const char *key, const char *text)
{
    begin(w, key);
    if (text)
        json_text_write(w->stream, text);
    else
        fputs("null", w->stream);
}

static void put_number(FILE *stream, double number)
{
    if (isfinite(number))
        fprintf(stream, "%.17g", number);
    else
        fputs("null", stream);
}

void json_put_number(struct json_writer *w, const char *key, double number)
{
    begin(w, key);
    put_number(w->stream, number);
}

void json_put_integer(struct json_writer *w, const char *key, long long number)
{
    begin(w, key);
    fprintf(w->stream, "%lld", number);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
    begin(w, key);
    fputs(value ? "true" : "false", w->stream);
}

void json_put_numbers(struct json_writer *w, const char *key, const double *numbers, size_t n)
{
    begin(w, key);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "[", w->stream);
        put_number(w->stream, numbers[i]);
    }
    fputs(n ? "]" : "[]", w->stream);
}

void json_put_texts(struct json_writer *w, const char *key, const char *const *texts, size_t n)
{
    begin(w, key);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "[", w->stream);
        json_text_write(w->stream, texts[i]);
    }
    fputs(n ? "]" : "[]", w->stream);
}

void json_put_hex_floats(struct json_writer *w, const char *key, const float *numbers, size_t n)
{
    begin(w, key);
    for (size_t i = 0; i < n; i++)
        fprintf(w->stream, "%s\"%a\"", i ? ", " : "[", (double)numbers[i]);
    fputs(n ? "]" : "[]", w->stream);
}
