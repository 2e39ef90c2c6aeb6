/* Columns of numbers, found by name, from a file of rows: CSV, CSV in gzip, NPZ or Parquet. What a file is, its first
 * bytes say; its name does not matter. */
#ifndef VKVMAF_MODEL_TABLE_H
#define VKVMAF_MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables/names.h"

enum { TABLE_MAX_COLUMNS = 16 };

/* Limits of a file: its bytes; the bytes that gzip, an array of an archive or the pages of a column of Parquet unpack
 * to; one such page; its rows. Ten million rows to train with fit. */
#define TABLE_MAX_FILE ((size_t)1 << 30)
#define TABLE_MAX_UNPACKED ((size_t)512 << 20)
#define TABLE_MAX_PAGE ((size_t)128 << 20)
#define TABLE_MAX_ROWS ((size_t)10 << 20)
/* Limit of the memory that a file's rows and unpacked bytes take at once. With the names of sources (NAMES_MAX, 124
 * MiB) and the program that is less than 2 GiB. */
#define TABLE_MAX_HELD ((size_t)1856 << 20)

struct table {
    size_t n_rows, n_columns;
    double *columns[TABLE_MAX_COLUMNS]; /* [n_rows] each, in the order asked for */
    uint32_t *text;                     /* [n_rows] numbers in `texts`; NULL if no text was asked for */
    struct names texts;
};

/* The columns to read: `names` (where a name stands with the prefix "integer_", that column) and, unless NULL, the
 * column of text `text_name`. A file may lack the latter unless `needs_text` (table->text is NULL then). In an NPZ file
 * the array `matrix` (NULL: none) of two dimensions stands for all names, in their order. */
struct table_request {
    const char *const *names;
    size_t n_names;
    const char *text_name;
    bool needs_text;
    const char *matrix;
    bool takes_non_finite;
};

/* Other columns are ignored. `path` "-": stdin. `table` is zeroed memory; free it in either case.
 * Returns 0, or after a message: EXIT_USAGE if a column is missing, EXIT_FAILED otherwise. */
int table_read(const char *path, const struct table_request *request, struct table *table);
void table_free(struct table *table);

/* The content of a file; `bytes`, from malloc, has a NUL behind the last byte. */
struct table_file {
    const char *path;
    unsigned char *bytes;
    size_t n_bytes;
};
/* The same from memory; replaces the bytes if they are packed. */
int table_read_bytes(struct table_file *file, const struct table_request *request, struct table *table);

/* ---- for the readers of the formats ------------------------------------------------------------------------------ */

/* The index of `name` among the request's columns, n_names for the text, or -1. */
int table_wanted(const struct table_request *request, const char *name, size_t n);
/* EXIT_USAGE after a message that names the first column that was not found; 0 if all were. `found` has n_names + 1
 * entries. */
int table_check_found(const struct table_request *request, const char *path, const bool *found);
/* Room for `n_rows`. False after a message. */
bool table_set_rows(struct table *table, const struct table_request *request, const struct table_file *file,
                    size_t n_rows);
/* Whether `n_bytes` more can be held beside the file and its rows. */
bool table_has_room(const struct table *table, const struct table_file *file, size_t n_bytes);
/* Puts a text into a row. False if memory is exhausted. */
bool table_set_text(struct table *table, size_t row, const char *text, size_t n);

int table_read_csv(const struct table_file *file, const struct table_request *request, struct table *table);
int table_read_npz(const struct table_file *file, const struct table_request *request, struct table *table);
int table_read_parquet(const struct table_file *file, const struct table_request *request, struct table *table);

/* Inflates `n_in` bytes (window_bits as in zlib). `*out` is from malloc, with a NUL behind. False without a message. */
bool table_inflate(const unsigned char *in, size_t n_in, int window_bits, size_t max_out, unsigned char **out,
                   size_t *n_out);

#endif
