/* JSON for reports: one value per call, keys in the order given, nothing that differs between two runs. */
#ifndef VKVMAF_MODEL_JSON_WRITE_H
#define VKVMAF_MODEL_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An indented writer. Inside an object each call takes a key, inside an array the key is NULL. */
struct json_writer {
    FILE *stream;
    int depth;
    bool has_items;
};

void json_open(struct json_writer *w, const char *key, char bracket);
/* Closes with the bracket that fits; a newline behind the outermost. */
void json_close(struct json_writer *w, char bracket);
void json_put_text(struct json_writer *w, const char *key, const char *text); /* NULL: null */
/* %.17g; null if it is not finite. */
void json_put_number(struct json_writer *w, const char *key, double number);
void json_put_integer(struct json_writer *w, const char *key, long long number);
void json_put_bool(struct json_writer *w, const char *key, bool value);
/* An array in one line. */
void json_put_numbers(struct json_writer *w, const char *key, const double *numbers, size_t n);
void json_put_texts(struct json_writer *w, const char *key, const char *const *texts, size_t n);
/* The numbers as C hex floats in strings: every bit is kept. */
void json_put_hex_floats(struct json_writer *w, const char *key, const float *numbers, size_t n);

#endif
