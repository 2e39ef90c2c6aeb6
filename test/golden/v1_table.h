/* Tables of golden values whose columns have names: golden/v1/clips and golden/v1/synthetic. */
#ifndef VKV_TEST_V1_TABLE_H
#define VKV_TEST_V1_TABLE_H

#include <stdbool.h>

enum { V1_MAX_COLUMNS = 64, V1_MAX_ROWS = 64 };

struct v1_table {
    int n_columns, n_rows;
    char columns[V1_MAX_COLUMNS][48];
    double values[V1_MAX_ROWS][V1_MAX_COLUMNS];
    bool is_there[V1_MAX_ROWS][V1_MAX_COLUMNS]; /* false: not defined for pictures of this size */
};

/* Reads SHARED/golden/v1/FILE. 0; 1: there is no such file; -1: it is no such table (a line on stderr says where). */
int v1_table_read(const char *shared, const char *file, struct v1_table *table);
/* Number of the column of that name; -1: there is none. */
int v1_table_column(const struct v1_table *table, const char *name);

/* A line of golden/v1/options.csv; values[i]: of frame i. */
struct v1_line {
    const char *clip, *extractor, *options, *feature;
    double values[3];
    int n_values;
};

/* Gives `check` each line of a file that is of one of two extractors. -1: the file, or a line of it, cannot be read. */
int v1_lines_each(const char *path, const char *extractor, const char *other,
                  void (*check)(const struct v1_line *line));

#endif
