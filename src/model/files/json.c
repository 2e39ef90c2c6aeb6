#include "model/files/json.h"

#include <stdbool.h>
#include <string.h>

#include "common/number.h"

/* cJSON reads numbers as the locale of the thread writes them. */
static cJSON *parse(const uint8_t *bytes, size_t n, const char **end)
{
    const locale_t before = number_locale_enter();
    cJSON *const root = cJSON_ParseWithLengthOpts((const char *)bytes, n, end, 0);
    number_locale_leave(before);
    return root;
}

/* cJSON ends a string at an escaped NUL and does not mind what follows the text. */
cJSON *json_parse_object(const uint8_t *bytes, size_t n)
{
    const char *end = NULL;
    bool has_nul = false;

    for (size_t i = 0; i < n; i++)
        has_nul = has_nul || !bytes[i] || (n - i >= 6 && memcmp(bytes + i, "\\u0000", 6) == 0);
    cJSON *root = has_nul ? NULL : parse(bytes, n, &end);
    size_t at = root ? (size_t)((const uint8_t *)end - bytes) : 0;
    while (root && at < n && strchr(" \t\r\n", bytes[at]))
        at++;
    if (!root || at != n || !cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return NULL;
    }
    return root;
}
