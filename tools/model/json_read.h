/* A JSON text, looked into in place. */
#ifndef VKVMAF_MODEL_JSON_READ_H
#define VKVMAF_MODEL_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

/* A value inside a text that ends with NUL; NULL where a search found nothing, which all functions accept. */
typedef const char *json_at;

/* The value of a text that is one whole JSON value of at most 16 levels, else NULL. */
json_at json_check(const char *text);
/* The value of a key of an object. */
json_at json_member(json_at object, const char *key);
/* The first element of an array, the one behind `element`; NULL at the end. */
json_at json_first(json_at array);
json_at json_next(json_at element);
bool json_number(json_at value, double *number);
/* How many numbers an array of numbers holds, at most `max`, which are read; -1 if it is something else or longer. */
long json_numbers_of(json_at array, double *numbers, size_t max);
/* The text of a string from malloc (escapes resolved, \u only below 128); NULL if it is not one. */
char *json_text(json_at value);

#endif
