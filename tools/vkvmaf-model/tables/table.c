#include "tables/table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/origin.h"
#include "tool.h"

int table_wanted(const struct table_request *request, const char *name, size_t n)
{
    static const char prefix[] = "integer_";
    const size_t n_prefix = sizeof(prefix) - 1;

    if (request->text_name && strlen(request->text_name) == n && memcmp(name, request->text_name, n) == 0)
        return (int)request->n_names;
    if (n > n_prefix && memcmp(name, prefix, n_prefix) == 0) {
        name += n_prefix;
        n -= n_prefix;
    }
    for (size_t i = 0; i < request->n_names; i++)
        if (strlen(request->names[i]) == n && memcmp(name, request->names[i], n) == 0)
            return (int)i;
    return -1;
}

int table_check_found(const struct table_request *request, const char *path, const bool *found)
{
    for (size_t i = 0; i < request->n_names; i++)
        if (!found[i])
            return tool_usage("'%s' has no column %s", path, request->names[i]);
    if (request->text_name && request->needs_text && !found[request->n_names])
        return tool_usage("'%s' has no column %s", path, request->text_name);
    return 0;
}

bool table_has_room(const struct table *table, const struct table_file *file, size_t n_bytes)
{
    const size_t row = table->n_columns * sizeof(double) + (table->text ? sizeof(*table->text) : 0);
    const size_t held = file->n_bytes + table->n_rows * row;
    return held <= TABLE_MAX_HELD && n_bytes <= TABLE_MAX_HELD - held;
}

static bool allocate_rows(struct table *table, const struct table_request *request, size_t n_rows)
{
    for (size_t i = 0; i < request->n_names; i++)
        if (!(table->columns[i] = calloc(n_rows + !n_rows, sizeof(double))))
            return false;
    return !request->text_name || (table->text = calloc(n_rows + !n_rows, sizeof(*table->text)));
}

bool table_set_rows(struct table *table, const struct table_request *request, const struct table_file *file,
                    size_t n_rows)
{
    if (n_rows > TABLE_MAX_ROWS)
        return tool_refuse("'%s' has %zu rows, at most %zu are accepted", file->path, n_rows, TABLE_MAX_ROWS);
    if (!allocate_rows(table, request, n_rows))
        return tool_no_memory("for the rows of '%s'", file->path);
    table->n_columns = request->n_names;
    table->n_rows = n_rows;
    return table_has_room(table, file, 0) || tool_refuse("'%s' has too many rows for its size", file->path);
}

bool table_set_text(struct table *table, size_t row, const char *text, size_t n)
{
    /* Rows of one source follow each other in most files. */
    const uint32_t last = row ? table->text[row - 1] : 0;
    if (row && strlen(table->texts.all[last]->text) == n && memcmp(table->texts.all[last]->text, text, n) == 0) {
        table->text[row] = last;
        return true;
    }
    const size_t number = names_find(&table->texts, text, n);
    table->text[row] = (uint32_t)number;
    return number != SIZE_MAX;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && !bytes[i])
        i++;
    return i == n;
}

bool table_inflate(const unsigned char *in, size_t n_in, int window_bits, size_t max_out, unsigned char **out,
                   size_t *n_out)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)in};
    size_t room = 0, n = 0;
    unsigned char *block = NULL;
    int status = Z_OK;

    if (n_in > UINT32_MAX || inflateInit2(&stream, window_bits) != Z_OK)
        return false;
    stream.avail_in = (uInt)n_in;
    while (status == Z_OK) {
        if (n + 1 >= room) {
            const size_t doubled = room ? 2 * room : 65536, larger_room = doubled < max_out + 2 ? doubled : max_out + 2;
            unsigned char *larger = n > max_out ? NULL : realloc(block, larger_room);
            if (!larger)
                break;
            block = larger;
            room = larger_room;
        }
        const size_t step = room - n - 1 < (1u << 30) ? room - n - 1 : 1u << 30;
        stream.next_out = block + n;
        stream.avail_out = (uInt)step;
        status = inflate(&stream, Z_NO_FLUSH);
        n += step - stream.avail_out;
        /* A gzip file may have several members, and zeros behind the last one. */
        if (status == Z_STREAM_END && window_bits > 15 && !is_zero(stream.next_in, stream.avail_in) &&
            inflateReset(&stream) == Z_OK)
            status = Z_OK;
    }
    inflateEnd(&stream);
    if (status != Z_STREAM_END || n > max_out) {
        free(block);
        return false;
    }
    block[n] = '\0';
    *out = block;
    *n_out = n;
    return true;
}

/* The rest of the stream, with a NUL behind it. */
static bool read_stream(FILE *stream, struct table_file *file)
{
    size_t room = 0;

    do {
        if (file->n_bytes > TABLE_MAX_FILE)
            return tool_refuse("'%s' is longer than %zu bytes", file->path, TABLE_MAX_FILE);
        room = room ? 2 * room : 1 << 16;
        room = room < TABLE_MAX_FILE + 2 ? room : TABLE_MAX_FILE + 2;
        unsigned char *larger = realloc(file->bytes, room);
        if (!larger)
            return tool_no_memory("for '%s'", file->path);
        file->bytes = larger;
        file->n_bytes += fread(larger + file->n_bytes, 1, room - 1 - file->n_bytes, stream);
    } while (file->n_bytes == room - 1);
    file->bytes[file->n_bytes] = '\0';
    return !ferror(stream) || tool_refuse("'%s' cannot be read: %s", file->path, strerror(errno));
}

static bool read_file(const char *path, struct table_file *file)
{
    *file = (struct table_file){.path = path};
    FILE *const stream = origin_open(path);
    if (!stream)
        return tool_refuse("'%s' cannot be opened: %s", path, origin_reason(errno));
    const bool is_read = read_stream(stream, file);
    fclose(stream);
    return is_read;
}

static int check_numbers(const struct table_request *request, const struct table *table, const char *path)
{
    if (!table->n_rows)
        return tool_fail("'%s' has no rows", path);
    for (size_t c = 0; c < table->n_columns; c++)
        for (size_t i = 0; i < table->n_rows; i++)
            if (!request->takes_non_finite && !isfinite(table->columns[c][i]))
                return tool_fail("'%s', row %zu: %s is not finite", path, i + 1, request->names[c]);
    return 0;
}

int table_read_bytes(struct table_file *file, const struct table_request *request, struct table *table)
{
    int code;

    if (file->n_bytes >= 2 && memcmp(file->bytes, "\x1f\x8b", 2) == 0) {
        unsigned char *text;
        size_t n;
        if (!table_inflate(file->bytes, file->n_bytes, 15 + 16, TABLE_MAX_UNPACKED, &text, &n))
            return tool_fail("'%s' is damaged or too large: it cannot be unpacked to %zu bytes at most", file->path,
                             TABLE_MAX_UNPACKED);
        free(file->bytes);
        file->bytes = text;
        file->n_bytes = n;
    }
    if (file->n_bytes >= 4 && memcmp(file->bytes, "PK\3\4", 4) == 0)
        code = table_read_npz(file, request, table);
    else if (file->n_bytes >= 4 && memcmp(file->bytes, "PAR1", 4) == 0)
        code = table_read_parquet(file, request, table);
    else
        code = table_read_csv(file, request, table);
    if (!code)
        code = check_numbers(request, table, file->path);
    if (!table->texts.n) {
        free(table->text);
        table->text = NULL;
    }
    return code;
}

int table_read(const char *path, const struct table_request *request, struct table *table)
{
    struct table_file file;
    const int code = read_file(path, &file) ? table_read_bytes(&file, request, table) : EXIT_FAILED;

    free(file.bytes);
    return code;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < TABLE_MAX_COLUMNS; i++)
        free(table->columns[i]);
    names_free(&table->texts);
    free(table->text);
    *table = (struct table){0};
}
