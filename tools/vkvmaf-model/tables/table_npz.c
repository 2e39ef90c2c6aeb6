/* The archives that numpy.savez and savez_compressed write: a zip file with one array `name.npy` for each column, or
 * with one for all. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tables/table.h"
#include "tool.h"

#define UNREADABLE "damaged, too large, or packed in a way that is not supported"

static uint32_t get16(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
    return get16(at) | get16(at + 2) << 16;
}

static uint64_t get_little_endian(const unsigned char *at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

struct array {
    char kind;                             /* as in numpy: f, i, u, b, S, U */
    size_t item_bytes, n_items, n_columns; /* n_columns: 0 for one dimension */
    const unsigned char *items;
};

static double get_number(const struct array *array, size_t i)
{
    const uint64_t bits = get_little_endian(array->items + i * array->item_bytes, array->item_bytes);
    if (array->kind == 'f' && array->item_bytes == 8) {
        double value;
        memcpy(&value, &bits, sizeof(value));
        return value;
    }
    if (array->kind == 'f') {
        const uint32_t bits32 = (uint32_t)bits;
        float value;
        memcpy(&value, &bits32, sizeof(value));
        return (double)value;
    }
    const unsigned shift = 64 - 8 * (unsigned)array->item_bytes;
    return array->kind == 'i' ? (double)((int64_t)(bits << shift) / ((int64_t)1 << shift)) : (double)bits;
}

/* The text of an item; `room` has 4 bytes for each byte of an item. Returns its length. */
static size_t get_text(const struct array *array, size_t i, char *room)
{
    const unsigned char *at = array->items + i * array->item_bytes;
    size_t n = 0;

    if (array->kind == 'S') {
        memcpy(room, at, array->item_bytes);
        for (n = array->item_bytes; n && !room[n - 1];)
            n--;
        return n;
    }
    for (size_t k = 0; k + 4 <= array->item_bytes && get32(at + k); k += 4) {
        const uint32_t code = get32(at + k);
        if (code < 0x80)
            room[n++] = (char)code;
        else if (code < 0x800) {
            room[n++] = (char)(0xc0 | code >> 6);
            room[n++] = (char)(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
            room[n++] = (char)(0xe0 | code >> 12);
            room[n++] = (char)(0x80 | (code >> 6 & 0x3f));
            room[n++] = (char)(0x80 | (code & 0x3f));
        } else {
            room[n++] = (char)(0xf0 | (code >> 18 & 7));
            room[n++] = (char)(0x80 | (code >> 12 & 0x3f));
            room[n++] = (char)(0x80 | (code >> 6 & 0x3f));
            room[n++] = (char)(0x80 | (code & 0x3f));
        }
    }
    return n;
}

/* The value of 'key' in the header, a dictionary in Python's notation. NULL if the key is not there. */
static const char *header_value(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (!at)
        return NULL;
    at += strlen(key);
    at += strspn(at, " :");
    return at;
}

static bool parse_array(const unsigned char *bytes, size_t n, struct array *array)
{
    char header[1024], *end;

    if (n < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return false;
    const size_t start = bytes[6] == 1 ? 10 : 12;
    const size_t n_header = bytes[6] == 1 ? get16(bytes + 8) : get32(bytes + 8);
    if (n_header >= sizeof(header) || n_header > n - start)
        return false;
    memcpy(header, bytes + start, n_header);
    header[n_header] = '\0';
    const char *type = header_value(header, "'descr'"), *shape = header_value(header, "'shape'");
    if (!type || !shape || type[0] != '\'' || !strchr("<|", type[1]) || !type[1] || !type[2] || *shape != '(')
        return false;
    array->kind = type[2];
    const unsigned long size = strtoul(type + 3, &end, 10);
    if (*end != '\'' || size < 1 || size > 4096)
        return false;
    array->item_bytes = array->kind == 'U' ? 4 * size : size;
    const unsigned long n_rows = strtoul(shape + 1, &end, 10);
    array->n_columns = strncmp(end, ", ", 2) == 0 ? strtoul(end + 2, &end, 10) : 0;
    if (strncmp(end, array->n_columns ? ")" : ",)", array->n_columns ? 1 : 2) != 0 || n_rows > TABLE_MAX_UNPACKED ||
        array->n_columns > TABLE_MAX_COLUMNS || (array->n_columns && !header_value(header, "'fortran_order': False")))
        return false;
    array->n_items = n_rows * (array->n_columns ? array->n_columns : 1);
    array->items = bytes + start + n_header;
    return n - start - n_header == array->n_items * array->item_bytes;
}

static bool is_number(const struct array *array)
{
    const size_t size = array->item_bytes;
    return (array->kind == 'f' && (size == 4 || size == 8)) ||
           (strchr("iub", array->kind) && array->kind && (size == 1 || size == 2 || size == 4 || size == 8));
}

/* The content of a member: in the file where it is not packed, else in `unpacked`, which is to be freed. */
struct member {
    const unsigned char *bytes;
    unsigned char *unpacked;
    size_t n;
};

static bool has_checksum(const struct member *member, uint32_t wanted)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* so that a changed byte gets past here */
    return true;
#endif
    return crc32(crc32(0, NULL, 0), member->bytes, (uInt)member->n) == wanted;
}

/* The member whose entry in the directory is `entry`. False if damaged, or after the memory is exhausted. */
static bool unpack(const struct table_file *file, const unsigned char *entry, const struct table *table,
                   struct member *member)
{
    const uint32_t method = get16(entry + 10), n_packed = get32(entry + 20), n_bytes = get32(entry + 24);
    const size_t offset = get32(entry + 42);
    const unsigned char *local = file->bytes + offset;

    if (offset > file->n_bytes || file->n_bytes - offset < 30 || memcmp(local, "PK\3\4", 4) != 0)
        return false;
    const size_t start = 30 + (size_t)get16(local + 26) + get16(local + 28), left = file->n_bytes - offset;
    if (start > left || n_packed > left - start || n_bytes > TABLE_MAX_UNPACKED || (get16(entry + 8) & 1))
        return false;
    if (method == 0 && n_packed == n_bytes) {
        *member = (struct member){.bytes = local + start, .n = n_bytes};
    } else {
        if (method != 8 || !table_has_room(table, file, n_bytes) ||
            !table_inflate(local + start, n_packed, -15, n_bytes, &member->unpacked, &member->n))
            return false;
        member->bytes = member->unpacked;
    }
    return member->n == n_bytes && has_checksum(member, get32(entry + 16));
}

static bool fill_column(struct table *table, const struct table_request *request, int wanted, const struct array *array)
{
    if ((size_t)wanted < request->n_names) {
        for (size_t i = 0; i < array->n_items; i++)
            table->columns[wanted][i] = get_number(array, i);
        return true;
    }
    char *room = malloc(4 * array->item_bytes);
    bool is_good = room || tool_no_memory("for the names of sources, or too many of them");
    for (size_t i = 0; is_good && i < array->n_items; i++)
        is_good = table_set_text(table, i, room, get_text(array, i, room)) ||
                  tool_no_memory("for the names of sources, or too many of them");
    free(room);
    return is_good;
}

/* One entry of the directory; `name` is that of the column. */
static int read_member(const struct table_file *file, const unsigned char *entry, const char *name, int wanted,
                       const struct table_request *request, struct table *table, bool is_first)
{
    const bool is_text = (size_t)wanted == request->n_names;
    struct array array;
    struct member member = {0};
    int code = EXIT_FAILED;

    if (!unpack(file, entry, table, &member))
        tool_fail("'%s': '%s' is " UNREADABLE, file->path, name);
    else if (!parse_array(member.bytes, member.n, &array) || array.n_columns ||
             (is_text ? array.kind != 'S' && array.kind != 'U' : !is_number(&array)))
        tool_fail("'%s': '%s' is not an array of one dimension and a supported type", file->path, name);
    else if (!is_first && array.n_items != table->n_rows)
        tool_fail("'%s': '%s' has %zu rows, others have %zu", file->path, name, array.n_items, table->n_rows);
    else if ((!is_first || table_set_rows(table, request, file, array.n_items)) &&
             fill_column(table, request, wanted, &array))
        code = 0;
    free(member.unpacked);
    return code;
}

/* The array that holds all columns. */
static int read_matrix(const struct table_file *file, const unsigned char *entry, const struct table_request *request,
                       struct table *table)
{
    struct array array;
    struct member member = {0};
    int code = EXIT_FAILED;

    if (!unpack(file, entry, table, &member)) {
        tool_fail("'%s': '%s' is " UNREADABLE, file->path, request->matrix);
    } else if (!parse_array(member.bytes, member.n, &array) || array.n_columns != request->n_names ||
               !is_number(&array)) {
        tool_fail("'%s': '%s' is not an array of the shape (n, %zu), by rows, and of a supported type", file->path,
                  request->matrix, request->n_names);
    } else if (table_set_rows(table, request, file, array.n_items / array.n_columns)) {
        for (size_t i = 0; i < array.n_items; i++)
            table->columns[i % array.n_columns][i / array.n_columns] = get_number(&array, i);
        code = 0;
    }
    free(member.unpacked);
    return code;
}

/* The record at the end of the archive; NULL if there is none. */
static const unsigned char *find_end(const struct table_file *file)
{
    for (size_t back = 22; back <= file->n_bytes && back <= 22 + 65535; back++) {
        const unsigned char *at = file->bytes + file->n_bytes - back;
        if (memcmp(at, "PK\5\6", 4) == 0)
            return at;
    }
    return NULL;
}

int table_read_npz(const struct table_file *file, const struct table_request *request, struct table *table)
{
    bool found[TABLE_MAX_COLUMNS + 1] = {false}, is_first = true;
    const unsigned char *end = find_end(file);
    char name[256];

    if (!end)
        return tool_fail("'%s' is not a complete NPZ file", file->path);
    size_t at = get32(end + 16);
    const size_t limit = (size_t)(end - file->bytes);
    for (uint32_t i = get16(end + 10); i > 0; i--) {
        const unsigned char *entry = file->bytes + at;
        if (at > limit || limit - at < 46 || memcmp(entry, "PK\1\2", 4) != 0)
            return tool_fail("'%s': the directory of the archive is damaged", file->path);
        const size_t n_name = get16(entry + 28), n_entry = 46 + n_name + get16(entry + 30) + get16(entry + 32);
        if (n_entry > limit - at)
            return tool_fail("'%s': the directory of the archive is damaged", file->path);
        at += n_entry;
        if (n_name < 5 || n_name >= sizeof(name) || memcmp(entry + 46 + n_name - 4, ".npy", 4) != 0)
            continue;
        memcpy(name, entry + 46, n_name - 4);
        name[n_name - 4] = '\0';
        if (request->matrix && is_first && strcmp(name, request->matrix) == 0)
            return read_matrix(file, entry, request, table);
        const int wanted = table_wanted(request, name, n_name - 4);
        if (wanted < 0)
            continue;
        if (found[wanted])
            return tool_fail("'%s' has two columns for %.40s", file->path, name);
        if (read_member(file, entry, name, wanted, request, table, is_first))
            return EXIT_FAILED;
        found[wanted] = true;
        is_first = false;
    }
    return table_check_found(request, file->path, found);
}
