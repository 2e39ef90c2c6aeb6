/* Text with a header line and commas. Blanks and quotes around a field are dropped; a quoted field has no comma. */
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "tool.h"

enum { MAX_FIELDS = 1024 };

/* Ends the line at *at with a NUL and moves *at behind it; NULL at the end of the text. */
static char *next_line(char **at, const char *end)
{
    char *line = *at;
    if (line >= end)
        return NULL;
    char *newline = memchr(line, '\n', (size_t)(end - line));
    *at = newline ? newline + 1 : (char *)(uintptr_t)end;
    if (newline)
        *newline = '\0';
    line[strcspn(line, "\r")] = '\0';
    return line;
}

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

/* meaning[column]: as table_wanted(). *n_columns: up to the last one that is wanted. */
static int read_header(const char *path, char *line, const struct table_request *request, int *meaning,
                       size_t *n_columns)
{
    bool found[TABLE_MAX_COLUMNS + 1] = {false};
    char *rest = line + (strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    size_t column = 0;

    *n_columns = 0;
    for (char *field; (field = next_field(&rest)); column++) {
        if (column == MAX_FIELDS)
            return tool_fail("'%s' has more than %d columns", path, MAX_FIELDS);
        meaning[column] = table_wanted(request, field, strlen(field));
        if (meaning[column] < 0)
            continue;
        if (found[meaning[column]])
            return tool_fail("'%s' has two columns for %.40s", path, field);
        found[meaning[column]] = true;
        *n_columns = column + 1;
    }
    return table_check_found(request, path, found);
}

static size_t count_lines(const char *at, const char *end)
{
    size_t n = 0;
    for (; at < end; n++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return n;
}

static bool read_row(const char *path, size_t number, char *line, const int *meaning, size_t n_columns,
                     struct table *table, const struct table_request *request)
{
    char *rest = line, *end;

    for (size_t column = 0; column < n_columns; column++) {
        char *field = next_field(&rest);
        if (!field)
            return tool_fail("'%s', line %zu: %zu columns, %zu are needed", path, number, column, n_columns), false;
        if (meaning[column] < 0)
            continue;
        if ((size_t)meaning[column] == request->n_names) {
            if (!table_set_text(table, table->n_rows, field, strlen(field)))
                return false;
            continue;
        }
        table->columns[meaning[column]][table->n_rows] = strtod(field, &end);
        if (end == field || *end)
            return tool_fail("'%s', line %zu: %s is '%.40s', not a number", path, number,
                             request->names[meaning[column]], field),
                   false;
    }
    table->n_rows++;
    return true;
}

int table_read_csv(const struct table_file *file, const struct table_request *request, struct table *table)
{
    char *at = (char *)file->bytes, *line;
    const char *end = at + file->n_bytes;
    int meaning[MAX_FIELDS];
    size_t n_columns, number = 1;

    line = next_line(&at, end);
    if (!line)
        return tool_fail("'%s' is empty", file->path);
    const int code = read_header(file->path, line, request, meaning, &n_columns);
    if (code)
        return code;
    if (!table_set_rows(table, request, file->path, count_lines(at, end)))
        return EXIT_FAILED;
    table->n_rows = 0;
    while ((line = next_line(&at, end))) {
        number++;
        if (line[strspn(line, " \t")] && !read_row(file->path, number, line, meaning, n_columns, table, request))
            return EXIT_FAILED;
    }
    return 0;
}
