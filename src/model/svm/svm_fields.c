/* Fields of the JSON of a model. */
#include "model/svm/svm_fields.h"

#include <math.h>
#include <string.h>

#include "common/log.h"

/* Most keys in one object. The search for keys that are given twice is quadratic. */
#define MAX_KEYS 256

const cJSON *svm_field(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(item) ? NULL : item;
}

int svm_check_keys(struct svm_reader *reader, const cJSON *object)
{
    int n = 0;
    for (const cJSON *item = object->child; item; item = item->next) {
        if (n++ == MAX_KEYS)
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: an object has more than %d fields", reader->subject,
                            MAX_KEYS);
        for (const cJSON *before = object->child; before != item; before = before->next)
            if (strcmp(before->string, item->string) == 0)
                return log_fail(reader->log, VKV_ERR_MODEL, "%s: field '%.64s' is given twice", reader->subject,
                                item->string);
    }
    return VKV_OK;
}

bool svm_is_number(const cJSON *item)
{
    return cJSON_IsNumber(item) && isfinite(item->valuedouble);
}

int svm_numbers(struct svm_reader *reader, const cJSON *array, const char *key, uint32_t n, double *to)
{
    const cJSON *item = cJSON_IsArray(array) ? array->child : NULL;
    uint32_t i = 0;

    for (; item && i < n && svm_is_number(item); item = item->next)
        to[i++] = item->valuedouble;
    if (item || i != n)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be %u finite numbers", reader->subject, key, n);
    return VKV_OK;
}

const char *svm_string(struct svm_reader *reader, const cJSON *object, const char *key)
{
    const cJSON *item = svm_field(object, key);
    if (cJSON_IsString(item))
        return item->valuestring;
    log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be a string", reader->subject, key);
    return NULL;
}
