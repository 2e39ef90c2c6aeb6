/* JSON, a value per call and keys in the order given. The writer keeps nothing but where it is: a log of any length
 * goes straight to its stream, whose error flag says whether all was taken. */
#ifndef VKVMAF_COMMON_JSON_WRITE_H
#define VKVMAF_COMMON_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/message.h"

enum json_layout {
    JSON_LINES,      /* a line for each item, two spaces deeper than the brackets */
    JSON_LINES_KEPT, /* the same, and the closing bracket has a line of its own even where there is no item */
    JSON_SPACED,     /* { "a": 1, "b": 2 } */
    JSON_ROW,        /* [1, 2] */
    JSON_COMPACT     /* {"a":1,"b":2} */
};

#define JSON_DEPTH_MAX 16

/* Inside an object each call takes a key, inside an array, and for the outermost value, the key is NULL. */
struct json_writer {
    FILE *stream;
    bool is_in_html; /* texts are safe within HTML: they end no element, begin no comment, and are JavaScript, too */
    /* The writer's place; all zero at the beginning. */
    int depth;
    bool has_items, breaks;
    struct {
        char bracket;
        enum json_layout layout;
    } open[JSON_DEPTH_MAX];
};

/* An object or an array; `bracket`: '{' or '['. */
void json_open(struct json_writer *w, const char *key, char bracket, enum json_layout layout);
/* A newline follows the outermost one unless it is compact. */
void json_close(struct json_writer *w);
/* The next item of a compact one begins on a line of its own. */
void json_break(struct json_writer *w);

/* Begins a value that the caller writes to the stream. */
void json_put(struct json_writer *w, const char *key);
void json_put_text(struct json_writer *w, const char *key, const char *text); /* NULL: null */
/* The same, but "" is null, too. */
void json_put_name(struct json_writer *w, const char *key, const char *text);
/* %.17g; null if it is not finite. */
void json_put_number(struct json_writer *w, const char *key, double number);
void json_put_integer(struct json_writer *w, const char *key, long long number);
void json_put_bool(struct json_writer *w, const char *key, bool value);
/* A number as printf has it. */
void json_put_format(struct json_writer *w, const char *key, const char *format, ...) MESSAGE_PRINTF(3, 4);
/* An array in one line. */
void json_put_numbers(struct json_writer *w, const char *key, const double *numbers, size_t n);
void json_put_texts(struct json_writer *w, const char *key, const char *const *texts, size_t n);
/* The numbers as C hex floats in strings: every bit is kept. */
void json_put_hex_floats(struct json_writer *w, const char *key, const float *numbers, size_t n);

#endif
