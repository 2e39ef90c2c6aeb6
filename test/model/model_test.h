/* What the tests of the model loader share. */
#ifndef MODEL_TEST_H
#define MODEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "model/model.h"

/* Counts lines at VKV_LOG_ERROR and keeps the last one. */
struct captured {
    int n_errors;
    char line[1200];
};
void capture_line(void *user, int level, const char *line);
#define CAPTURE(captured) ((vkv_log){capture_line, captured})

/* Opens a model by path with a fresh capture. */
int open_captured(const char *path, struct captured *captured, vkv_model **model);

/* The whole file in memory from malloc, with a NUL behind it; NULL if it cannot be read. */
uint8_t *slurp(const char *path, size_t *n);

/* Prints one line and exits with 77 if the folder of shared data is not there. */
void need_shared_data(void);

/* The next `"key":` behind `at`; NULL if there is none. For the golden files, whose keys are all plain. */
const char *json_key(const char *at, const char *key);
/* Copies the string value that starts at or behind `at`. */
void json_string(const char *at, char *string, size_t size);
/* Reads the number, or the array of at most `max` numbers, that starts at or behind `at`. Returns how many. */
size_t json_numbers(const char *at, double *numbers, size_t max);

/* A CSV of numbers with names in its first line; an empty cell is NaN. */
struct golden_table {
    char names[64][64];
    size_t n_columns, n_rows;
    double cells[256][64];
};
void golden_read(const char *path, struct golden_table *table);
double golden_cell(const struct golden_table *table, size_t row, const char *name);

/* Fails unless both are the same double. */
void same_double(double found, double expected, const char *what, size_t row);

#endif
