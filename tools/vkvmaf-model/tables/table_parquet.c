/* Parquet files as pandas, pyarrow and duckdb write tables of numbers and texts by default: flat columns without gaps
 * (others may be nested), data pages of version 1 or 2, PLAIN or dictionary encoding, uncompressed, Snappy or gzip.
 * Metadata is Thrift in its compact form. */
#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/table.h"
#include "tool.h"

enum { MAX_DEPTH = 16, MAX_COLUMNS = 4096 };

/* ---- Thrift, compact form ---------------------------------------------------------------------------------------- */

enum { T_TRUE = 1, T_FALSE, T_BYTE, T_I16, T_I32, T_I64, T_DOUBLE, T_BINARY, T_LIST, T_SET, T_MAP, T_STRUCT };

struct cursor {
    const unsigned char *at, *end;
    bool is_bad;
};

static uint64_t get_varint(struct cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->at == c->end)
            break;
        const unsigned char byte = *c->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    c->is_bad = true;
    return 0;
}

static int64_t get_signed(struct cursor *c)
{
    const uint64_t value = get_varint(c);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* A number that is declared with fewer bits than it may be written with. */
static int64_t get_signed_in(struct cursor *c, int64_t low, int64_t high)
{
    const int64_t value = get_signed(c);
    if (value >= low && value <= high)
        return value;
    c->is_bad = true;
    return 0;
}

static int64_t get_i32(struct cursor *c)
{
    return get_signed_in(c, INT32_MIN, INT32_MAX);
}

static bool skip_bytes(struct cursor *c, uint64_t n)
{
    if (n > (uint64_t)(c->end - c->at)) {
        c->is_bad = true;
        return false;
    }
    c->at += n;
    return true;
}

/* The next field of a struct: its type, 0 behind the last one. *id is that of the field before, at first 0. */
static int next_field(struct cursor *c, int64_t *id)
{
    if (c->is_bad || c->at == c->end) {
        c->is_bad = true;
        return 0;
    }
    const unsigned char byte = *c->at++;
    if (!(byte & 15))
        return 0;
    *id = byte >> 4 ? *id + (byte >> 4) : get_signed_in(c, INT16_MIN, INT16_MAX);
    return c->is_bad ? 0 : byte & 15;
}

static uint64_t list_start(struct cursor *c, int *type)
{
    if (c->at == c->end) {
        c->is_bad = true;
        return 0;
    }
    const unsigned char byte = *c->at++;
    *type = byte & 15;
    const uint64_t n = byte >> 4 == 15 ? get_varint(c) : byte >> 4;
    if (n > (uint64_t)(c->end - c->at)) /* an element has a byte at least */
        c->is_bad = true;
    return c->is_bad ? 0 : n;
}

static void skip(struct cursor *c, int type, int depth)
{
    int64_t id = 0;
    int inner, values;
    uint64_t n;

    if (depth > MAX_DEPTH)
        c->is_bad = true;
    if (c->is_bad)
        return;
    switch (type) {
    case T_TRUE:
    case T_FALSE: return;
    case T_BYTE: skip_bytes(c, 1); return;
    case T_I16:
    case T_I32:
    case T_I64: get_varint(c); return;
    case T_DOUBLE: skip_bytes(c, 8); return;
    case T_BINARY: skip_bytes(c, get_varint(c)); return;
    case T_LIST:
    case T_SET:
        /* A flag takes a byte as an element. */
        for (n = list_start(c, &inner); n > 0 && !c->is_bad; n--)
            skip(c, inner <= T_FALSE ? T_BYTE : inner, depth + 1);
        return;
    case T_MAP:
        n = get_varint(c);
        if (n && skip_bytes(c, 1)) {
            inner = c->at[-1] >> 4;
            values = c->at[-1] & 15;
            for (; n > 0 && !c->is_bad; n--) {
                skip(c, inner <= T_FALSE ? T_BYTE : inner, depth + 1);
                skip(c, values <= T_FALSE ? T_BYTE : values, depth + 1);
            }
        }
        return;
    case T_STRUCT:
        while ((inner = next_field(c, &id)))
            skip(c, inner, depth + 1);
        return;
    default: c->is_bad = true;
    }
}

static bool get_text(struct cursor *c, const unsigned char **text, size_t *n)
{
    const uint64_t length = get_varint(c);
    *text = c->at;
    *n = (size_t)length;
    return skip_bytes(c, length);
}

/* ---- levels and indices ------------------------------------------------------------------------------------------ */

/* Runs and bit-packed groups: `n` numbers of `width` bits. */
static bool get_hybrid(struct cursor *c, unsigned width, uint32_t *out, size_t n)
{
    for (size_t i = 0; i < n;) {
        const uint64_t header = get_varint(c);
        if (c->is_bad || header < 2)
            return false;
        if (header & 1) {
            const uint64_t n_bytes = (header >> 1) * width;
            const unsigned char *bits = c->at;
            if (header >> 1 > TABLE_MAX_ROWS || !skip_bytes(c, n_bytes))
                return false;
            for (uint64_t k = 0; k < (header >> 1) * 8 && i < n; k++, i++) {
                out[i] = 0;
                for (unsigned b = 0; b < width; b++) {
                    const uint64_t at = k * width + b;
                    out[i] |= (uint32_t)(bits[at / 8] >> (at % 8) & 1) << b;
                }
            }
            continue;
        }
        uint32_t value = 0;
        const unsigned n_bytes = (width + 7) / 8;
        if (!skip_bytes(c, n_bytes))
            return false;
        for (unsigned b = n_bytes; b-- > 0;)
            value = value << 8 | *(c->at - n_bytes + b);
        for (uint64_t k = header >> 1; k > 0 && i < n; k--)
            out[i++] = value;
    }
    return true;
}

/* ---- columns ----------------------------------------------------------------------------------------------------- */

enum { P_INT32 = 1, P_INT64 = 2, P_FLOAT = 4, P_DOUBLE = 5, P_BYTES = 6 };
enum { CODEC_NONE = 0, CODEC_SNAPPY = 1, CODEC_GZIP = 2 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2, PAGE_DATA_2 = 3 };
enum { E_PLAIN = 0, E_PLAIN_DICTIONARY = 2, E_RLE_DICTIONARY = 8 };

struct chunk {
    const unsigned char *name;
    size_t n_name, n_path; /* path elements */
    int64_t type, codec, n_values, n_packed, data_at, dictionary_at;
};

struct page {
    int64_t type, n_bytes, n_packed, n_values, encoding, n_nulls, n_definition_bytes, n_repetition_bytes;
    bool is_packed;
};

/* The bytes of a page behind the levels of version 2, in the file itself where they are not packed. */
struct body {
    const unsigned char *bytes;
    size_t n;
    unsigned char *unpacked; /* to be freed; may be NULL */
};

/* Values in plain encoding, numbered. */
struct dictionary {
    struct body body;
    uint32_t *at; /* [n] where the length of each text is; NULL for numbers, which follow each other */
    size_t n;
};

struct column_reader {
    const struct table_file *file;
    struct table *table;
    const struct table_request *request;
    int wanted;
    bool is_optional, is_unsigned;
    char cause[80];                           /* why the column cannot be read; empty: it is damaged */
    size_t row;                               /* the next one */
    size_t n_unpacked[TABLE_MAX_COLUMNS + 1]; /* bytes of the pages so far, by `wanted` */
    struct body body;
    struct dictionary dictionary;
    uint32_t *indices;
};

/* Says why the column cannot be read, unless that was said. `what` may be "". */
static bool refuse(struct column_reader *r, const char *why, const char *what)
{
    if (!r->cause[0])
        snprintf(r->cause, sizeof(r->cause), "%s%s", why, what);
    return false;
}

/* Memory for `n` things of `size` bytes each, or NULL. */
static void *allocate(struct column_reader *r, size_t n, size_t size)
{
    const size_t held = r->body.n + r->dictionary.body.n + (r->dictionary.at ? r->dictionary.n * sizeof(uint32_t) : 0);
    void *block = table_has_room(r->table, r->file, held + n * size) ? malloc(n * size + 1) : NULL;
    if (!block)
        refuse(r, "is too large for the memory", "");
    return block;
}

static void read_page_part(struct cursor *c, int64_t field, struct page *page)
{
    int64_t id = 0;
    int type;
    while ((type = next_field(c, &id))) {
        if (field == 8 && id == 7 && type <= T_FALSE)
            page->is_packed = type == T_TRUE;
        else if (type != T_I32)
            skip(c, type, 0);
        else {
            const int64_t value = get_i32(c);
            if (id == 1)
                page->n_values = value;
            else if (id == (field == 8 ? 4 : 2))
                page->encoding = value;
            else if (field == 8 && id == 2)
                page->n_nulls = value;
            else if (field == 8 && id == 5)
                page->n_definition_bytes = value;
            else if (field == 8 && id == 6)
                page->n_repetition_bytes = value;
        }
    }
}

static bool read_page_header(struct cursor *c, struct page *page)
{
    int64_t id = 0;
    int type;

    *page = (struct page){.type = -1, .n_bytes = -1, .n_packed = -1, .n_values = -1, .is_packed = true};
    while ((type = next_field(c, &id))) {
        if (type == T_STRUCT && (id == 5 || id == 7 || id == 8))
            read_page_part(c, id, page);
        else if (type == T_I32 && id <= 3)
            *(id == 1 ? &page->type : id == 2 ? &page->n_bytes : &page->n_packed) = get_i32(c);
        else
            skip(c, type, 0);
    }
    return !c->is_bad && page->n_bytes >= 0 && page->n_packed >= 0 && (uint64_t)page->n_bytes <= TABLE_MAX_PAGE &&
           page->n_packed <= c->end - c->at;
}

static void free_body(struct body *body)
{
    free(body->unpacked);
    *body = (struct body){0};
}

static void free_dictionary(struct dictionary *dictionary)
{
    free_body(&dictionary->body);
    free(dictionary->at);
    *dictionary = (struct dictionary){0};
}

static bool unpack_snappy(struct column_reader *r, const char *in, size_t n_in, size_t n_out)
{
    size_t n = 0;
    if (!n_in)
        return !n_out;
    if (snappy_uncompressed_length(in, n_in, &n) != SNAPPY_OK || n != n_out)
        return false;
    r->body.bytes = r->body.unpacked = allocate(r, n_out, 1);
    return r->body.unpacked && snappy_uncompress(in, n_in, (char *)r->body.unpacked, &n) == SNAPPY_OK;
}

static bool unpack_gzip(struct column_reader *r, const unsigned char *in, size_t n_in, size_t n_out)
{
    size_t n = 0;
    if (!table_has_room(r->table, r->file, r->dictionary.body.n + n_out))
        return refuse(r, "is too large for the memory", "");
    const bool is_good = table_inflate(in, n_in, 15 + 16, n_out, &r->body.unpacked, &n);
    r->body.bytes = r->body.unpacked;
    return is_good && n == n_out;
}

/* Sets r->body; levels of a page of version 2, which come before it, are never packed. */
static bool unpack_page(struct column_reader *r, const struct page *page, int64_t codec, const unsigned char *in)
{
    const int64_t n_levels = page->type == PAGE_DATA_2 ? page->n_definition_bytes + page->n_repetition_bytes : 0;
    free_body(&r->body);
    if (n_levels < 0 || page->n_definition_bytes < 0 || page->n_repetition_bytes < 0 || n_levels > page->n_packed ||
        n_levels > page->n_bytes)
        return false;
    const size_t n_in = (size_t)(page->n_packed - n_levels), n_out = (size_t)(page->n_bytes - n_levels);
    in += n_levels;
    r->body.bytes = in;
    bool is_good = n_in == n_out;
    if (codec == CODEC_SNAPPY && page->is_packed)
        is_good = unpack_snappy(r, (const char *)in, n_in, n_out);
    else if (codec == CODEC_GZIP && page->is_packed)
        is_good = unpack_gzip(r, in, n_in, n_out);
    r->body.n = is_good ? n_out : 0;
    return is_good;
}

static size_t number_bytes(int64_t type)
{
    return type == P_INT32 || type == P_FLOAT ? 4 : 8;
}

static uint32_t get_length(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The next value in plain encoding: its beginning, for a text that of its length. NULL if it is cut. */
static const unsigned char *next_value(struct cursor *c, int64_t type)
{
    const unsigned char *at = c->at;
    if (type != P_BYTES)
        return skip_bytes(c, number_bytes(type)) ? at : NULL;
    return skip_bytes(c, 4) && skip_bytes(c, get_length(at)) ? at : NULL;
}

/* Takes r->body, which holds `n` values. */
static bool read_dictionary(struct column_reader *r, int64_t type, size_t n)
{
    struct dictionary *dictionary = &r->dictionary;
    const size_t shortest = type == P_BYTES ? 4 : number_bytes(type);
    if (n > r->body.n / shortest)
        return false;
    dictionary->body = r->body;
    r->body = (struct body){0};
    dictionary->n = n;
    if (type != P_BYTES)
        return true;
    struct cursor c = {dictionary->body.bytes, dictionary->body.bytes + dictionary->body.n, false};
    if (!(dictionary->at = allocate(r, n, sizeof(*dictionary->at))))
        return false;
    for (size_t i = 0; i < n; i++) {
        dictionary->at[i] = (uint32_t)(c.at - dictionary->body.bytes);
        if (!next_value(&c, type))
            return false;
    }
    return true;
}

static double get_number(const unsigned char *at, int64_t type, bool is_unsigned)
{
    uint64_t bits = 0;
    for (size_t i = number_bytes(type); i-- > 0;)
        bits = bits << 8 | at[i];
    const uint32_t bits32 = (uint32_t)bits;
    float single;
    double value;
    memcpy(&single, &bits32, sizeof(single));
    memcpy(&value, &bits, sizeof(value));
    return type == P_DOUBLE  ? value
           : type == P_FLOAT ? (double)single
           : is_unsigned     ? (double)bits
           : type == P_INT32 ? (double)(int32_t)bits32
                             : (double)(int64_t)bits;
}

/* `value`: as of next_value(). */
static bool store(struct column_reader *r, const unsigned char *value, int64_t type)
{
    if (!value || r->row >= r->table->n_rows)
        return false;
    if ((size_t)r->wanted < r->request->n_names)
        r->table->columns[r->wanted][r->row] = get_number(value, type, r->is_unsigned);
    else if (!table_set_text(r->table, r->row, (const char *)value + 4, get_length(value)))
        return refuse(r, "is too large for the memory", "");
    r->row++;
    return true;
}

static bool store_entry(struct column_reader *r, uint32_t index, int64_t type)
{
    const struct dictionary *dictionary = &r->dictionary;
    if (index >= dictionary->n)
        return false;
    return store(r, dictionary->body.bytes + (dictionary->at ? dictionary->at[index] : index * number_bytes(type)),
                 type);
}

/* Definition levels: all must say that the value is there. Those of version 1 begin the body, which `c` goes through;
 * `in` is the page in the file. */
static bool check_levels(struct column_reader *r, const struct page *page, const unsigned char *in, struct cursor *c)
{
    struct cursor levels = {in, in + page->n_definition_bytes, false};

    if (page->type == PAGE_DATA_2) {
        if (page->n_nulls)
            return refuse(r, "has gaps", "");
        if (page->n_repetition_bytes)
            return false;
    } else if (r->is_optional) {
        const unsigned char *start = c->at;
        if (!next_value(c, P_BYTES))
            return false;
        levels = (struct cursor){start + 4, c->at, false};
    }
    if (!r->is_optional)
        return true;
    if (!get_hybrid(&levels, 1, r->indices, (size_t)page->n_values))
        return false;
    for (int64_t i = 0; i < page->n_values; i++)
        if (!r->indices[i])
            return refuse(r, "has gaps", "");
    return true;
}

static const char *encoding_name(int64_t encoding)
{
    static const char *const names[] = {[3] = "RLE",
                                        [4] = "BIT_PACKED",
                                        [5] = "DELTA_BINARY_PACKED",
                                        [6] = "DELTA_LENGTH_BYTE_ARRAY",
                                        [7] = "DELTA_BYTE_ARRAY",
                                        [9] = "BYTE_STREAM_SPLIT"};
    const bool is_known = encoding >= 0 && (size_t)encoding < sizeof(names) / sizeof(*names) && names[encoding];
    return is_known ? names[encoding] : "an unknown encoding";
}

/* The page in r->body; `in` is it in the file. */
static bool read_data_page(struct column_reader *r, const struct page *page, const unsigned char *in, int64_t type)
{
    struct cursor c = {r->body.bytes, r->body.bytes + r->body.n, false};
    const size_t n = (size_t)page->n_values;

    if (page->n_values <= 0 || n > r->table->n_rows - r->row)
        return false;
    free(r->indices);
    if (!(r->indices = allocate(r, n, sizeof(*r->indices))) || !check_levels(r, page, in, &c))
        return false;
    if (page->encoding == E_PLAIN) {
        size_t i = 0;
        while (i < n && store(r, next_value(&c, type), type))
            i++;
        return i == n;
    }
    if (page->encoding != E_PLAIN_DICTIONARY && page->encoding != E_RLE_DICTIONARY)
        return refuse(r, "is not encoded as PLAIN or with a dictionary, but as ", encoding_name(page->encoding));
    if (!skip_bytes(&c, 1))
        return false;
    const unsigned width = c.at[-1];
    if (width > 32 || !get_hybrid(&c, width, r->indices, n))
        return false;
    size_t i = 0;
    while (i < n && store_entry(r, r->indices[i], type))
        i++;
    return i == n;
}

/* The page at `c`, which is moved behind it. */
static bool read_page(struct column_reader *r, const struct chunk *chunk, struct cursor *c)
{
    const unsigned char *start = c->at;
    struct page page;

    if (!read_page_header(c, &page))
        return false;
    /* Headers count, too: pages without bytes that many chunks share would have no end. */
    size_t *n_unpacked = &r->n_unpacked[r->wanted];
    *n_unpacked += (size_t)(c->at - start) + (size_t)(page.n_bytes > page.n_packed ? page.n_bytes : page.n_packed);
    if (*n_unpacked > TABLE_MAX_UNPACKED) {
        snprintf(r->cause, sizeof(r->cause), "is longer than %zu MiB unpacked", TABLE_MAX_UNPACKED >> 20);
        return false;
    }
    const unsigned char *in = c->at;
    c->at += page.n_packed;
    if (page.type == PAGE_DICTIONARY)
        free_dictionary(&r->dictionary);
    if (!unpack_page(r, &page, chunk->codec, in))
        return false;
    if (page.type == PAGE_DICTIONARY)
        return page.n_values >= 0 && read_dictionary(r, chunk->type, (size_t)page.n_values);
    return (page.type != PAGE_DATA && page.type != PAGE_DATA_2) || read_data_page(r, &page, in, chunk->type);
}

/* All pages of a chunk. */
static bool read_chunk(struct column_reader *r, const struct chunk *chunk)
{
    const int64_t start =
        chunk->dictionary_at > 0 && chunk->dictionary_at < chunk->data_at ? chunk->dictionary_at : chunk->data_at;
    const size_t row_end = r->row + (size_t)chunk->n_values;
    if (r->row == row_end)
        return true;
    if (start < 4 || chunk->n_packed < 0 || (uint64_t)start > r->file->n_bytes ||
        (uint64_t)chunk->n_packed > r->file->n_bytes - (uint64_t)start)
        return false;
    struct cursor c = {r->file->bytes + start, r->file->bytes + start + chunk->n_packed, false};
    bool is_good = true;
    while (is_good && r->row < row_end)
        is_good = read_page(r, chunk, &c);
    return is_good && r->row == row_end;
}

/* ---- the footer -------------------------------------------------------------------------------------------------- */

struct element {
    const unsigned char *name;
    size_t n_name;
    int64_t repetition, n_children;
    bool is_unsigned, is_decimal, is_float16;
};

/* The union of types that a column can stand for. */
static void read_logical_type(struct cursor *c, struct element *element)
{
    enum { DECIMAL = 5, INTEGER = 10, FLOAT16 = 15 };
    int64_t id = 0, inner_id = 0;
    int type, inner;
    while ((type = next_field(c, &id))) {
        element->is_decimal |= id == DECIMAL;
        element->is_float16 |= id == FLOAT16;
        if (id != INTEGER || type != T_STRUCT) {
            skip(c, type, 0);
            continue;
        }
        while ((inner = next_field(c, &inner_id))) {
            element->is_unsigned |= inner_id == 2 && inner == T_FALSE;
            skip(c, inner, 0);
        }
    }
}

static void read_element(struct cursor *c, struct element *element)
{
    int64_t id = 0;
    int type;
    *element = (struct element){0};
    while ((type = next_field(c, &id))) {
        if (id == 3 && type == T_I32)
            element->repetition = get_i32(c);
        else if (id == 5 && type == T_I32)
            element->n_children = get_i32(c);
        else if (id == 6 && type == T_I32) { /* older files have this in place of the logical type */
            const int64_t converted = get_i32(c);
            element->is_decimal |= converted == 5;
            element->is_unsigned |= converted >= 11 && converted <= 14;
        } else if (id == 10 && type == T_STRUCT)
            read_logical_type(c, element);
        else if (id == 4 && type == T_BINARY)
            get_text(c, &element->name, &element->n_name);
        else
            skip(c, type, 0);
    }
}

static void read_chunk_about(struct cursor *c, struct chunk *chunk)
{
    int64_t id = 0;
    int type, inner;
    while ((type = next_field(c, &id))) {
        int64_t *to = id == 1    ? &chunk->type
                      : id == 4  ? &chunk->codec
                      : id == 5  ? &chunk->n_values
                      : id == 7  ? &chunk->n_packed
                      : id == 9  ? &chunk->data_at
                      : id == 11 ? &chunk->dictionary_at
                                 : NULL;
        if (to && type == T_I32)
            *to = get_i32(c);
        else if (to && type == T_I64)
            *to = get_signed(c);
        else if (id == 3 && type == T_LIST) {
            chunk->n_path = list_start(c, &inner);
            for (size_t i = 0; i < chunk->n_path && !c->is_bad; i++)
                get_text(c, &chunk->name, &chunk->n_name);
        } else
            skip(c, type, 0);
    }
}

/* Contents of the footer; the cursors stand where its lists begin. */
struct footer {
    struct cursor schema, groups;
    int64_t n_rows;
};

static bool read_footer(const struct table_file *file, struct footer *footer)
{
    const unsigned char *end = file->bytes + file->n_bytes;
    int64_t id = 0;
    int type;

    *footer = (struct footer){.n_rows = -1};
    if (file->n_bytes < 12 || memcmp(end - 4, "PAR1", 4) != 0)
        return false;
    const uint32_t n = (uint32_t)end[-8] | (uint32_t)end[-7] << 8 | (uint32_t)end[-6] << 16 | (uint32_t)end[-5] << 24;
    if (n > file->n_bytes - 12)
        return false;
    struct cursor c = {end - 8 - n, end - 8, false};
    while ((type = next_field(&c, &id))) {
        if (id == 2 && type == T_LIST)
            footer->schema = c;
        if (id == 4 && type == T_LIST)
            footer->groups = c;
        if (id == 3 && type == T_I64)
            footer->n_rows = get_signed(&c);
        else
            skip(&c, type, 0);
    }
    return !c.is_bad && footer->schema.at && footer->groups.at && footer->n_rows >= 0 &&
           (uint64_t)footer->n_rows <= TABLE_MAX_ROWS;
}

/* A column of the file, in the order of the chunks. */
struct column {
    struct element element;
    int meaning; /* as table_wanted() */
};

/* Finds the columns: *columns from malloc. Only those of the root can be wanted. */
static int read_schema(const struct table_file *file, const struct table_request *request, struct cursor c,
                       struct column **columns, size_t *n_columns)
{
    bool found[TABLE_MAX_COLUMNS + 1] = {false};
    struct element element;
    int64_t n_inside = 0; /* elements still to come below one of the root's */
    int type;

    const uint64_t n = list_start(&c, &type);
    if (c.is_bad || type != T_STRUCT || n < 1 || n > MAX_COLUMNS)
        return tool_fail("'%s' has no schema that can be read, of at most %d columns", file->path, MAX_COLUMNS);
    if (!(*columns = calloc((size_t)n, sizeof(**columns)))) {
        tool_no_memory("for the columns of '%s'", file->path);
        return EXIT_FAILED;
    }
    read_element(&c, &element); /* the root */
    for (uint64_t i = 1; i < n; i++) {
        read_element(&c, &element);
        if (c.is_bad || element.n_children < 0 || element.n_children >= MAX_COLUMNS)
            return tool_fail("'%s' is damaged", file->path);
        const int meaning = n_inside ? -1 : table_wanted(request, (const char *)element.name, element.n_name);
        n_inside += element.n_children - (n_inside > 0);
        if (meaning >= 0 && found[meaning])
            return tool_fail("'%s' has two columns for %.*s", file->path, (int)(element.n_name % 64), element.name);
        if (meaning >= 0 && (element.n_children || element.repetition > 1))
            return tool_fail("'%s': %.*s is a column of lists or structs", file->path, (int)(element.n_name % 64),
                             element.name);
        if (meaning >= 0)
            found[meaning] = true;
        if (!element.n_children)
            (*columns)[(*n_columns)++] = (struct column){element, meaning};
    }
    return table_check_found(request, file->path, found);
}

static const char *type_name(const struct chunk *chunk, const struct element *element)
{
    static const char *const names[] = {"BOOLEAN", "INT32",  "INT64",      "INT96",
                                        "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
    return element->is_float16                   ? "FLOAT16"
           : element->is_decimal                 ? "DECIMAL"
           : chunk->type >= 0 && chunk->type < 8 ? names[chunk->type]
                                                 : "an unknown type";
}

/* Can the chunk be read as what the column is wanted for? */
static bool check_chunk(struct column_reader *r, const struct chunk *chunk, const struct element *element)
{
    static const char *const codecs[] = {"", "", "", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4"};
    const bool is_number =
        (chunk->type == P_INT32 || chunk->type == P_INT64 || chunk->type == P_FLOAT || chunk->type == P_DOUBLE) &&
        !element->is_decimal;

    if ((size_t)r->wanted == r->request->n_names && chunk->type != P_BYTES)
        return refuse(r, "is not of text, but of ", type_name(chunk, element));
    if ((size_t)r->wanted < r->request->n_names && !is_number)
        return refuse(r, "is not of integers, FLOAT or DOUBLE, but of ", type_name(chunk, element));
    if (chunk->codec < 0 || chunk->codec > CODEC_GZIP)
        return refuse(r, "is not packed with Snappy, gzip or nothing, but with ",
                      chunk->codec > CODEC_GZIP && chunk->codec < 8 ? codecs[chunk->codec] : "an unknown codec");
    return true;
}

/* The wanted columns of one group of rows that begins at row `first`; they have as many values. */
static bool read_group(struct cursor *c, struct column_reader *r, const struct column *columns, size_t n_columns,
                       size_t *first)
{
    int64_t id = 0, chunk_id;
    int type, inner;
    size_t next = SIZE_MAX;
    bool has_columns = false;

    while ((type = next_field(c, &id))) {
        if (id != 1 || type != T_LIST) {
            skip(c, type, 0);
            continue;
        }
        if (has_columns || list_start(c, &inner) != n_columns || inner != T_STRUCT)
            return false;
        has_columns = true;
        for (size_t i = 0; i < n_columns; i++) {
            struct chunk chunk = {.type = -1, .codec = -1};
            for (chunk_id = 0; (type = next_field(c, &chunk_id));)
                if (chunk_id == 3 && type == T_STRUCT)
                    read_chunk_about(c, &chunk);
                else
                    skip(c, type, 0);
            if (c->is_bad)
                return false;
            if (columns[i].meaning < 0)
                continue;
            r->wanted = columns[i].meaning;
            r->is_optional = columns[i].element.repetition == 1;
            r->is_unsigned = columns[i].element.is_unsigned;
            r->row = *first;
            if (chunk.n_path != 1 || chunk.n_values < 0 || (uint64_t)chunk.n_values > r->table->n_rows - *first ||
                (next != SIZE_MAX && (size_t)chunk.n_values != next - *first))
                return false;
            next = *first + (size_t)chunk.n_values;
            free_dictionary(&r->dictionary);
            if (!check_chunk(r, &chunk, &columns[i].element) || !read_chunk(r, &chunk))
                return false;
        }
    }
    if (next != SIZE_MAX)
        *first = next;
    return !c->is_bad;
}

static int read_groups(struct column_reader *r, struct cursor *groups, const struct column *columns, size_t n_columns)
{
    const char *path = r->file->path;
    size_t first = 0;
    int type;

    uint64_t n = list_start(groups, &type);
    bool is_good = type == T_STRUCT || !n;
    for (; is_good && n > 0; n--)
        is_good = read_group(groups, r, columns, n_columns, &first);
    if (is_good && first == r->table->n_rows)
        return 0;
    if (r->cause[0])
        return tool_fail("'%s': %s %s", path,
                         (size_t)r->wanted < r->request->n_names ? r->request->names[r->wanted] : r->request->text_name,
                         r->cause);
    return tool_fail("'%s' is damaged", path);
}

int table_read_parquet(const struct table_file *file, const struct table_request *request, struct table *table)
{
    struct column_reader reader = {.file = file, .table = table, .request = request};
    struct column *columns = NULL;
    struct footer footer;
    size_t n_columns = 0;

    if (!read_footer(file, &footer))
        return tool_fail("'%s' is not a complete Parquet file", file->path);
    int code = read_schema(file, request, footer.schema, &columns, &n_columns);
    if (!code && !table_set_rows(table, request, file, (size_t)footer.n_rows))
        code = EXIT_FAILED;
    if (!code)
        code = read_groups(&reader, &footer.groups, columns, n_columns);
    free(columns);
    free(reader.indices);
    free_body(&reader.body);
    free_dictionary(&reader.dictionary);
    return code;
}
