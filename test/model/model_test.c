#include "model_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void capture_line(void *user, int level, const char *line)
{
    struct captured *captured = user;
    if (level != VKV_LOG_ERROR)
        return;
    captured->n_errors++;
    snprintf(captured->line, sizeof(captured->line), "%s", line);
}

int open_captured(const char *path, struct captured *captured, vkv_model **model)
{
    *captured = (struct captured){0};
    return vkv_model_open(
        &(vkv_model_params){
            .struct_size = sizeof(vkv_model_params), .path = path, .quant = VKV_QUANT_FP32, .log = CAPTURE(captured)},
        model);
}

uint8_t *slurp(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t room = 1 << 16, end = 0, got;
    uint8_t *bytes = malloc(room + 1);
    while (bytes && (got = fread(bytes + end, 1, room - end, file)) > 0) {
        end += got;
        if (end == room)
            bytes = realloc(bytes, 2 * room + 1), room *= 2;
    }
    fclose(file);
    if (bytes)
        bytes[end] = 0;
    *n = end;
    return bytes;
}

void need_shared_data(void)
{
    FILE *file = fopen(VKV_SHARED_DIR "/README.md", "rb");
    if (!file) {
        printf("skipped: no golden data at %s\n", VKV_SHARED_DIR);
        exit(77);
    }
    fclose(file);
}

const char *json_key(const char *at, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *found = at ? strstr(at, quoted) : NULL;
    return found ? found + strlen(quoted) : NULL;
}

void json_string(const char *at, char *string, size_t size)
{
    at = strchr(at, '"') + 1;
    snprintf(string, size, "%.*s", (int)strcspn(at, "\""), at);
}

size_t json_numbers(const char *at, double *numbers, size_t max)
{
    size_t n = 0;
    at += strspn(at, " \n");
    const int is_array = *at == '[';
    at += is_array;
    while (n < max) {
        char *end;
        numbers[n] = strtod(at, &end);
        if (end == at)
            break;
        n++;
        at = end + strspn(end, " \n");
        if (!is_array || *at != ',')
            break;
        at++;
    }
    return n;
}

static void read_row(char *line, struct golden_table *table)
{
    const char *at = line;
    double *const cells = table->cells[table->n_rows++];
    for (size_t c = 0; c < table->n_columns; c++) {
        char *end;
        cells[c] = strtod(at, &end);
        assert_true(*end == ',' || *end == '\n');
        if (end == at)
            cells[c] = NAN;
        at = end + 1;
    }
}

void golden_read(const char *path, struct golden_table *table)
{
    char line[4096], *save = NULL;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    memset(table, 0, sizeof(*table));
    assert_non_null(fgets(line, sizeof(line), file));
    for (char *name = strtok_r(line, ",\n", &save); name; name = strtok_r(NULL, ",\n", &save)) {
        assert_true(table->n_columns < sizeof(table->names) / sizeof(table->names[0]));
        snprintf(table->names[table->n_columns++], sizeof(table->names[0]), "%s", name);
    }
    while (fgets(line, sizeof(line), file)) {
        assert_true(table->n_rows < sizeof(table->cells) / sizeof(table->cells[0]));
        read_row(line, table);
    }
    fclose(file);
    assert_true(table->n_rows > 0);
}

double golden_cell(const struct golden_table *table, size_t row, const char *name)
{
    for (size_t c = 0; c < table->n_columns; c++)
        if (!strcmp(table->names[c], name))
            return table->cells[row][c];
    fail_msg("no column %s", name);
    return 0;
}

void same_double(double found, double expected, const char *what, size_t row)
{
    if (memcmp(&found, &expected, sizeof(found)) != 0)
        fail_msg("%s, frame %zu: %.17g, expected %.17g", what, row, found, expected);
}
