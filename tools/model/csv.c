#include "csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

struct reader {
    FILE *stream;
    const char *path;
    char *line;
    size_t room;
    unsigned long number;             /* of the line, from 1 */
    size_t column_of[VKV_N_FEATURES]; /* from 0 */
    size_t n_columns;                 /* up to the last one that is used */
};

/* False at the end of the file. Line ends are removed. */
static bool next_line(struct reader *reader)
{
    const ssize_t n = getline(&reader->line, &reader->room, reader->stream);
    if (n < 0)
        return false;
    reader->number++;
    reader->line[strcspn(reader->line, "\r\n")] = '\0';
    return true;
}

/* Cuts the next field off *rest, without blanks and quotes around it; NULL behind the last one. */
static char *next_field(char **rest)
{
    char *field = *rest;
    if (!field)
        return NULL;
    char *comma = strchr(field, ',');
    *rest = comma ? comma + 1 : NULL;
    if (comma)
        *comma = '\0';
    field += strspn(field, " \t\"");
    for (size_t n = strlen(field); n && strchr(" \t\"", field[n - 1]); n--)
        field[n - 1] = '\0';
    return field;
}

static bool read_header(struct reader *reader)
{
    bool is_found[VKV_N_FEATURES] = {false};
    size_t column = 0;

    errno = 0;
    if (!next_line(reader)) {
        if (errno == EISDIR)
            return tool_fail("'%s' is a directory", reader->path), false;
        if (ferror(reader->stream))
            return tool_fail("'%s' cannot be read: %s", reader->path, strerror(errno)), false;
        return tool_fail("'%s' is empty", reader->path), false;
    }
    char *rest = reader->line;
    if (strncmp(rest, "\xef\xbb\xbf", 3) == 0)
        rest += 3;
    for (char *field; (field = next_field(&rest)); column++) {
        const char *name = strncmp(field, "integer_", 8) == 0 ? field + 8 : field;
        for (int i = 0; i < VKV_N_FEATURES; i++) {
            if (strcmp(name, tool_features[i]) != 0)
                continue;
            if (is_found[i])
                return tool_fail("'%s' has two columns for %s", reader->path, tool_features[i]), false;
            is_found[i] = true;
            reader->column_of[i] = column;
            reader->n_columns = column + 1;
        }
    }
    for (int i = 0; i < VKV_N_FEATURES; i++)
        if (!is_found[i])
            return tool_fail("'%s' has no column %s", reader->path, tool_features[i]), false;
    return true;
}

static bool read_row(struct reader *reader, float *row)
{
    char *rest = reader->line;

    for (size_t column = 0; column < reader->n_columns; column++) {
        char *field = next_field(&rest), *end;
        if (!field)
            return tool_fail("'%s', line %lu: %zu columns, %zu are needed", reader->path, reader->number, column,
                             reader->n_columns),
                   false;
        for (int i = 0; i < VKV_N_FEATURES; i++) {
            if (reader->column_of[i] != column)
                continue;
            row[i] = (float)strtod(field, &end);
            if (end == field || *end)
                return tool_fail("'%s', line %lu: %s is '%.40s', not a number", reader->path, reader->number,
                                 tool_features[i], field),
                       false;
        }
    }
    return true;
}

bool csv_read(const char *path, float **rows, size_t *n_rows)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    struct reader reader = {.path = path, .stream = is_stdin ? stdin : fopen(path, "rb")};
    float *block = NULL;
    size_t n = 0, room = 0;
    bool is_good;

    if (!reader.stream)
        return tool_fail("'%s' cannot be opened: %s", path, strerror(errno)), false;
    is_good = read_header(&reader);
    while (is_good && next_line(&reader)) {
        if (!reader.line[strspn(reader.line, " \t")])
            continue;
        if (n == room) {
            room = room ? 2 * room : 1024;
            float *larger = realloc(block, room * VKV_N_FEATURES * sizeof(float));
            if (!larger) {
                is_good = (tool_fail("no memory for the rows of '%s'", path), false);
                break;
            }
            block = larger;
        }
        is_good = read_row(&reader, block + n * VKV_N_FEATURES);
        n += is_good;
    }
    if (is_good && ferror(reader.stream))
        is_good = (tool_fail("'%s' cannot be read: %s", path, strerror(errno)), false);
    if (is_good && !n)
        is_good = (tool_fail("'%s' has no rows", path), false);
    free(reader.line);
    if (!is_stdin)
        fclose(reader.stream);
    if (!is_good) {
        free(block);
        return false;
    }
    *rows = block;
    *n_rows = n;
    return true;
}
