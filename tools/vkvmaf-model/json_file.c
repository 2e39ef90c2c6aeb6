#include "json_file.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "model/files/file.h"
#include "tool.h"

bool json_file_read(const char *what, const char *path, size_t max_bytes, cJSON **root)
{
    const vkv_log log = tool_log();
    char subject[300];
    uint8_t *bytes;
    size_t n;

    snprintf(subject, sizeof(subject), "%s '%.256s'", what, path);
    if (file_read(&log, subject, path, max_bytes, &bytes, &n))
        return false;
    *root = json_parse_object(bytes, n);
    mem_free(bytes);
    return true;
}

long json_numbers_of(const cJSON *array, double *numbers, size_t max)
{
    const cJSON *item;
    size_t n = 0;

    if (!cJSON_IsArray(array))
        return -1;
    cJSON_ArrayForEach(item, array) {
        if (n == max || !cJSON_IsNumber(item))
            return -1;
        numbers[n++] = item->valuedouble;
    }
    return (long)n;
}

bool json_is_text(const cJSON *value, const char *text)
{
    return cJSON_IsString(value) && strcmp(value->valuestring, text) == 0;
}
