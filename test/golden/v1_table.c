#include "golden/v1_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts off the text up to the next comma or the line's end. NULL: there is none. */
static char *next_field(char **line)
{
    char *const field = *line, *const end = field ? field + strcspn(field, ",\n") : NULL;
    if (!field)
        return NULL;
    *line = *end == ',' ? end + 1 : NULL;
    *end = 0;
    return field;
}

static bool take_header(char *line, struct v1_table *table)
{
    for (char *field; (field = next_field(&line)); table->n_columns++) {
        if (table->n_columns == V1_MAX_COLUMNS || strlen(field) >= sizeof(table->columns[0]))
            return false;
        strcpy(table->columns[table->n_columns], field);
    }
    return table->n_columns && strcmp(table->columns[0], "frame") == 0;
}

static bool take_row(char *line, struct v1_table *table)
{
    const int row = table->n_rows++;
    for (int c = 0; c < table->n_columns; c++) {
        char *const field = next_field(&line), *end;
        if (!field)
            return false;
        table->values[row][c] = strtod(field, &end);
        table->is_there[row][c] = *field != 0;
        if (*end)
            return false;
    }
    return !line && table->values[row][0] == row;
}

int v1_table_read(const char *shared, const char *file, struct v1_table *table)
{
    char path[1024], line[4096];
    snprintf(path, sizeof(path), "%s/golden/v1/%s", shared, file);
    FILE *const stream = fopen(path, "r");
    if (!stream)
        return 1;
    memset(table, 0, sizeof(*table));
    bool ok = fgets(line, sizeof(line), stream) && take_header(line, table);
    while (ok && fgets(line, sizeof(line), stream))
        ok = table->n_rows < V1_MAX_ROWS && take_row(line, table);
    fclose(stream);
    if (!ok || !table->n_rows)
        fprintf(stderr, "%s, row %d: not a table of golden values\n", path, table->n_rows);
    return ok && table->n_rows ? 0 : -1;
}

int v1_table_column(const struct v1_table *table, const char *name)
{
    for (int c = 0; c < table->n_columns; c++)
        if (strcmp(table->columns[c], name) == 0)
            return c;
    return -1;
}

/* Cuts up `text`, which the line points into. False: it is not a line of values. */
static bool read_line(char *text, struct v1_line *line)
{
    char *field[7] = {text};
    int n = 1;
    for (char *c = text; *c; c++)
        if (*c == ',' || *c == '\n') {
            if (*c == ',' && n < 7)
                field[n++] = c + 1;
            *c = 0;
        }
    *line = (struct v1_line){.clip = field[0], .extractor = field[1], .options = field[2], .feature = field[3]};
    for (int i = 4; i < n && *field[i]; i++)
        line->values[line->n_values++] = strtod(field[i], NULL);
    return n == 7 && line->n_values;
}

int v1_lines_each(const char *path, const char *extractor, const char *other, void (*check)(const struct v1_line *line))
{
    char text[1024];
    struct v1_line line;
    FILE *const file = fopen(path, "r");
    int failed = !file || !fgets(text, sizeof(text), file);
    while (!failed && fgets(text, sizeof(text), file)) {
        failed = !read_line(text, &line);
        if (!failed && (!strcmp(line.extractor, extractor) || !strcmp(line.extractor, other)))
            check(&line);
    }
    if (file)
        fclose(file);
    return failed ? -1 : 0;
}
