/* Text with a header line and commas. Quotes are as in RFC 4180: between them commas, newlines and quotes (doubled) are
 * part of the field. Blanks around a field are dropped. */
#include <stdlib.h>
#include <string.h>

#include "tables/table.h"
#include "tool.h"

enum { MAX_FIELDS = 1024 };

struct reader {
    const char *path;
    char *at, *end; /* a NUL is at the end */
    size_t line;    /* that of `at`, from 1 */
};

struct field {
    char *text; /* ends with a NUL, and may have others */
    size_t n;
    bool is_last; /* of its row */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char *skip_blanks(char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

/* Takes what stands between quotes; r->at is behind the first. Returns the end of the text, which is moved together;
 * NULL after a message. */
static char *take_quoted(struct reader *r)
{
    const size_t first_line = r->line;
    char *to = r->at;

    for (; r->at < r->end && (*r->at != '"' || r->at[1] == '"'); r->at++) {
        r->at += *r->at == '"';
        r->line += *r->at == '\n';
        *to++ = *r->at;
    }
    if (r->at == r->end)
        return tool_fail("'%s', line %zu: a quote is not closed", r->path, first_line), NULL;
    r->at = skip_blanks(r->at + 1);
    if (r->at < r->end && *r->at != ',' && *r->at != '\n')
        return tool_fail("'%s', line %zu: text behind a quote", r->path, r->line), NULL;
    return to;
}

/* False after a message. */
static bool next_field(struct reader *r, struct field *field)
{
    char *to;

    r->at = skip_blanks(r->at);
    if (*r->at == '"') {
        field->text = ++r->at;
        if (!(to = take_quoted(r)))
            return false;
    } else {
        field->text = r->at;
        while (r->at < r->end && *r->at != ',' && *r->at != '\n')
            r->at++;
        for (to = r->at; to > field->text && is_blank(to[-1]);)
            to--;
    }
    field->n = (size_t)(to - field->text);
    field->is_last = r->at == r->end || *r->at == '\n';
    r->line += *r->at == '\n';
    r->at += r->at < r->end;
    *to = '\0';
    return true;
}

/* meaning[column]: as table_wanted(). */
static int read_header(struct reader *r, const struct table_request *request, int *meaning, size_t *n_columns)
{
    bool found[TABLE_MAX_COLUMNS + 1] = {false};
    struct field field = {0};

    for (*n_columns = 0; !field.is_last; ++*n_columns) {
        if (!next_field(r, &field))
            return EXIT_FAILED;
        if (*n_columns == MAX_FIELDS)
            return tool_fail("'%s' has more than %d columns", r->path, MAX_FIELDS);
        const int wanted = meaning[*n_columns] = table_wanted(request, field.text, field.n);
        if (wanted < 0)
            continue;
        if (found[wanted])
            return tool_fail("'%s' has two columns for %.40s", r->path, field.text);
        found[wanted] = true;
    }
    return table_check_found(request, r->path, found);
}

/* Counts at least as many lines as there are rows. */
static size_t count_lines(const char *at, const char *end)
{
    size_t n = 0;
    for (; at < end; n++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return n;
}

static bool store(const struct table_request *request, const char *path, size_t line, int wanted,
                  const struct field *field, struct table *table)
{
    char *end;

    if ((size_t)wanted == request->n_names)
        return table_set_text(table, table->n_rows, field->text, field->n) ||
               tool_no_memory("for the texts of '%s'", path);
    table->columns[wanted][table->n_rows] = strtod(field->text, &end);
    return (field->n && end == field->text + field->n) ||
           tool_refuse("'%s', line %zu: %s is '%.40s', not a number", path, line, request->names[wanted], field->text);
}

static bool read_row(struct reader *r, const int *meaning, size_t n_columns, const struct table_request *request,
                     struct table *table)
{
    const size_t line = r->line;
    struct field field = {0};
    size_t n = 0;

    for (; !field.is_last; n++)
        if (!next_field(r, &field) ||
            (n < n_columns && meaning[n] >= 0 && !store(request, r->path, line, meaning[n], &field, table)))
            return false;
    if (n != n_columns)
        return tool_refuse("'%s', line %zu: %zu columns, the header has %zu", r->path, line, n, n_columns);
    table->n_rows++;
    return true;
}

int table_read_csv(const struct table_file *file, const struct table_request *request, struct table *table)
{
    char *start = (char *)file->bytes;
    struct reader r = {file->path, start, start + file->n_bytes, 1};
    int meaning[MAX_FIELDS];
    size_t n_columns;

    if (!file->n_bytes)
        return tool_fail("'%s' is empty", file->path);
    r.at += strncmp(r.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const int code = read_header(&r, request, meaning, &n_columns);
    if (code)
        return code;
    if (!table_set_rows(table, request, file, count_lines(r.at, r.end)))
        return EXIT_FAILED;
    for (table->n_rows = 0; r.at < r.end;) {
        char *text = skip_blanks(r.at);
        if (*text == '\n') { /* an empty line */
            r.at = text + 1;
            r.line++;
        } else if (text == r.end)
            r.at = r.end;
        else if (!read_row(&r, meaning, n_columns, request, table))
            return EXIT_FAILED;
    }
    return 0;
}
