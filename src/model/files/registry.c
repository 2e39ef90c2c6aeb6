#include "model/files/registry.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "model/files/json.h"

const char *const registry_quant_names[4] = {"fp32", "static", "dynamic", "qat"};

struct reader {
    registry_problem_fn fn;
    void *user;
    char where[96];
    bool is_good;
};

VKV_PRINTF(2, 3) static void problem(struct reader *reader, const char *format, ...)
{
    char reason[512], line[LOG_LINE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    snprintf(line, sizeof(line), "%s%s", reader->where, reason);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    reader->is_good = false;
    if (reader->fn)
        reader->fn(reader->user, line);
}

static cJSON *parse(struct reader *reader, const uint8_t *bytes, size_t n)
{
    if (n > REGISTRY_MAX_BYTES) {
        problem(reader, "is longer than %zu bytes", REGISTRY_MAX_BYTES);
        return NULL;
    }
    const bool has_mark = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0; /* cJSON skips it, JSON has none */
    cJSON *root = has_mark ? NULL : json_parse_object(bytes, n);
    if (!root)
        problem(reader, has_mark ? "starts with a byte order mark" : "is not a JSON object");
    return root;
}

static void check_keys(struct reader *reader, const cJSON *object, const char *const *known)
{
    int n = 0;
    for (const cJSON *item = object->child; item; item = item->next) {
        if (n++ == REGISTRY_MAX_FIELDS) {
            problem(reader, "has more than %d fields", REGISTRY_MAX_FIELDS);
            return;
        }
        size_t i = 0;
        while (known && known[i] && strcmp(known[i], item->string) != 0)
            i++;
        if (known && !known[i])
            problem(reader, "field '%.64s' is not known", item->string);
        for (const cJSON *before = object->child; before != item; before = before->next)
            if (strcmp(before->string, item->string) == 0)
                problem(reader, "field '%.64s' is given twice", item->string);
    }
}

/* Counts characters as JSON Schema does. */
static size_t n_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Copies a string of at most `max` characters and `room` - 1 bytes; `to` may be NULL. False where it is absent, or
 * after a report. */
static bool get_text(struct reader *reader, const cJSON *object, const char *key, bool is_required, size_t max,
                     size_t room, char *to)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (to)
        *to = 0;
    if (!item && is_required)
        problem(reader, "field '%s' is missing", key);
    if (!item)
        return false;
    if (!cJSON_IsString(item) || n_characters(item->valuestring) > max || (to && strlen(item->valuestring) >= room)) {
        problem(reader, "'%s' must be a string of at most %zu characters", key, max);
        return false;
    }
    if (to)
        strcpy(to, item->valuestring);
    return true;
}

/* get_text for what is ASCII if it is right: a byte for each character. */
static bool get_string(struct reader *reader, const cJSON *object, const char *key, bool is_required, size_t max,
                       char *to)
{
    return get_text(reader, object, key, is_required, max, max + 1, to);
}

static bool get_integer(struct reader *reader, const cJSON *object, const char *key, bool is_required, int low,
                        int high, int *to)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!item && is_required)
        problem(reader, "field '%s' is missing", key);
    if (!item)
        return false;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high) ||
        item->valuedouble != floor(item->valuedouble)) {
        problem(reader, "'%s' must be an integer from %d to %d", key, low, high);
        return false;
    }
    *to = (int)item->valuedouble;
    return true;
}

static void get_sha256(struct reader *reader, const cJSON *object, const char *key, bool is_required, char *to)
{
    if (get_string(reader, object, key, is_required, 64, to) &&
        (strlen(to) != 64 || strspn(to, "0123456789abcdef") != 64)) {
        problem(reader, "'%s' must be 64 lower-case hexadecimal digits", key);
        *to = 0;
    }
}

static bool get_quant(struct reader *reader, const cJSON *object, enum registry_quant *quant)
{
    char name[16];
    *quant = REGISTRY_FP32;
    if (!get_string(reader, object, "quant_mode", false, sizeof(name) - 1, name))
        return false;
    for (int i = 0; i < 4; i++)
        if (strcmp(name, registry_quant_names[i]) == 0) {
            *quant = (enum registry_quant)i;
            return true;
        }
    problem(reader, "'quant_mode' is '%s'; fp32, static, dynamic or qat was expected", name);
    return false;
}

static bool get_budget(struct reader *reader, const cJSON *object, double *budget)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "quant_accuracy_budget_plcc");
    *budget = REGISTRY_BUDGET;
    if (!item)
        return false;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 1)) {
        problem(reader, "'quant_accuracy_budget_plcc' must be a number from 0 to 1");
        return false;
    }
    *budget = item->valuedouble;
    return true;
}

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool is_id(const char *text)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    return *text && strchr(lower, *text) && text[strspn(text, all)] == 0;
}

bool registry_path_is_safe(const char *path)
{
    if (strchr(path, '\\'))
        return false;
    for (;;) {
        const size_t n = strcspn(path, "/");
        if (!n || (n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
            return false;
        if (!path[n])
            return true;
        path += n + 1;
    }
}

/* A path below the registry's folder; an ending of NULL is anything. */
static void get_path(struct reader *reader, const cJSON *object, const char *key, bool is_required, const char *ending,
                     char *to)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789_./-";
    const size_t room = (ending ? 1 : 4) * REGISTRY_MAX_PATH + 1;
    if (!get_text(reader, object, key, is_required, REGISTRY_MAX_PATH, room, to))
        return;
    const size_t n = strlen(to), n_ending = ending ? strlen(ending) : 0;
    const bool matches = !ending || (n > n_ending && strchr(lower, *to) && to[strspn(to, all)] == 0 &&
                                     strcmp(to + n - n_ending, ending) == 0);
    if (!matches)
        problem(reader, "'%s' must be made of a-z, 0-9, _ . / and -, start with a letter or digit and end in %s", key,
                ending);
    else if (!registry_path_is_safe(to))
        problem(reader, "'%s' must not leave the registry's folder: '%.64s'", key, to);
    else
        return;
    *to = 0;
}

static void check_license_url(struct reader *reader, const cJSON *object)
{
    char url[513];
    if (!get_string(reader, object, "license_url", false, sizeof(url) - 1, url))
        return;
    const size_t scheme = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    bool is_good = scheme && url[scheme] == ':';
    for (const char *c = url; *c; c++)
        is_good = is_good && *c > 0x20 && *c < 0x7f && !strchr("<>\"{}|\\^`", *c);
    if (!is_good)
        problem(reader, "'license_url' must be a URI");
}

static void read_flags(struct reader *reader, const cJSON *object, struct registry_entry *entry)
{
    const cJSON *smoke = cJSON_GetObjectItemCaseSensitive(object, "smoke");
    if (smoke && !cJSON_IsBool(smoke))
        problem(reader, "'smoke' must be true or false");
    entry->smoke = cJSON_IsTrue(smoke);
    if (!get_string(reader, object, "kind", true, sizeof(entry->kind) - 1, entry->kind))
        return;
    if (strcmp(entry->kind, "fr") != 0 && strcmp(entry->kind, "nr") != 0 && strcmp(entry->kind, "filter") != 0)
        problem(reader, "'kind' is '%s'; fr, nr or filter was expected", entry->kind);
}

static void read_entry(struct reader *reader, const cJSON *object, int schema_version, struct registry_entry *entry)
{
    static const char *const keys[] = {"id",
                                       "kind",
                                       "onnx",
                                       "sha256",
                                       "opset",
                                       "quant_mode",
                                       "int8_sha256",
                                       "quant_calibration_set",
                                       "quant_accuracy_budget_plcc",
                                       "license",
                                       "license_url",
                                       "sigstore_bundle",
                                       "smoke",
                                       "description",
                                       "notes",
                                       NULL};

    check_keys(reader, object, keys);
    if (get_string(reader, object, "id", true, REGISTRY_MAX_ID, entry->id) && !is_id(entry->id)) {
        problem(reader, "'id' must be made of a-z, 0-9, _ and -, and start with a letter or digit");
        entry->id[0] = 0;
    }
    if (entry->id[0])
        snprintf(reader->where, sizeof(reader->where), "entry '%s': ", entry->id);
    read_flags(reader, object, entry);
    get_path(reader, object, "onnx", true, ".onnx", entry->onnx);
    if (entry->onnx[0])
        snprintf(entry->int8, sizeof(entry->int8), "%.*s.int8.onnx", (int)(strlen(entry->onnx) - strlen(".onnx")),
                 entry->onnx);
    get_sha256(reader, object, "sha256", true, entry->sha256);
    get_integer(reader, object, "opset", !entry->smoke, 7, 21, &entry->opset);
    get_quant(reader, object, &entry->quant);
    get_sha256(reader, object, "int8_sha256", entry->quant != REGISTRY_FP32, entry->int8_sha256);
    if (entry->quant == REGISTRY_FP32 && cJSON_GetObjectItemCaseSensitive(object, "int8_sha256"))
        problem(reader, "'int8_sha256' needs a 'quant_mode' other than fp32");
    get_path(reader, object, "quant_calibration_set", entry->quant == REGISTRY_STATIC, NULL, entry->calibration);
    if (entry->quant != REGISTRY_STATIC && entry->quant != REGISTRY_QAT && entry->calibration[0])
        problem(reader, "'quant_calibration_set' needs the 'quant_mode' static or qat");
    entry->has_budget = get_budget(reader, object, &entry->budget);
    get_string(reader, object, "license", schema_version > 0, 128, NULL);
    check_license_url(reader, object);
    get_path(reader, object, "sigstore_bundle", false, ".sigstore.json", entry->bundle);
    get_string(reader, object, "description", false, 256, NULL);
    get_string(reader, object, "notes", false, 512, NULL);
}

static void read_entries(struct reader *reader, const cJSON *models, struct registry *registry)
{
    const int n = cJSON_GetArraySize(models);
    if (n > REGISTRY_MAX_ENTRIES) {
        problem(reader, "%d models, at most %d are accepted", n, REGISTRY_MAX_ENTRIES);
        return;
    }
    registry->entries = mem_alloc((size_t)n + 1, sizeof(*registry->entries));
    if (!registry->entries) {
        registry->is_out_of_memory = true;
        problem(reader, "no memory for %d models", n);
        return;
    }
    const cJSON *object;
    cJSON_ArrayForEach(object, models) {
        struct registry_entry *entry = &registry->entries[registry->n++];
        snprintf(reader->where, sizeof(reader->where), "entry %u: ", registry->n - 1);
        if (!cJSON_IsObject(object)) {
            problem(reader, "is not an object");
            continue;
        }
        read_entry(reader, object, registry->schema_version, entry);
        for (uint32_t i = 0; i + 1 < registry->n; i++)
            if (entry->id[0] && strcmp(registry->entries[i].id, entry->id) == 0)
                problem(reader, "the id is given twice");
    }
    reader->where[0] = 0;
}

bool registry_parse(const uint8_t *bytes, size_t n, struct registry *registry, registry_problem_fn fn, void *user)
{
    static const char *const keys[] = {"$schema", "schema_version", "models", NULL};
    struct reader reader = {.fn = fn, .user = user, .is_good = true};

    *registry = (struct registry){0};
    cJSON *root = parse(&reader, bytes, n);
    if (!root)
        return false;
    check_keys(&reader, root, keys);
    get_string(&reader, root, "$schema", false, 1024, NULL);
    get_integer(&reader, root, "schema_version", true, 0, 1, &registry->schema_version);
    const cJSON *models = cJSON_GetObjectItemCaseSensitive(root, "models");
    if (cJSON_IsArray(models))
        read_entries(&reader, models, registry);
    else
        problem(&reader, "'models' must be an array");
    cJSON_Delete(root);
    return reader.is_good;
}

void registry_free(struct registry *registry)
{
    mem_free(registry->entries);
    *registry = (struct registry){0};
}

const struct registry_entry *registry_find(const struct registry *registry, const char *id)
{
    for (uint32_t i = 0; i < registry->n; i++)
        if (registry->entries[i].id[0] && strcmp(registry->entries[i].id, id) == 0)
            return &registry->entries[i];
    return NULL;
}

/* ---- sidecar ---------------------------------------------------------------------------------------------------- */

static void check_features(struct reader *reader, const cJSON *root)
{
    const cJSON *features = cJSON_GetObjectItemCaseSensitive(root, "features");
    if (!features)
        return;
    bool is_good = cJSON_IsArray(features) && cJSON_GetArraySize(features) == PLAN_N_INPUTS;
    for (int i = 0; is_good && i < PLAN_N_INPUTS; i++) {
        const cJSON *name = cJSON_GetArrayItem(features, i);
        is_good = cJSON_IsString(name) && strcmp(name->valuestring, plan_inputs[i]) == 0;
    }
    if (!is_good)
        problem(reader, "'features' must be adm2, vif_scale0, vif_scale1, vif_scale2, vif_scale3, motion2");
}

static bool get_numbers(struct reader *reader, const cJSON *root, const char *key, double *to)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(root, key);
    if (!array)
        return false;
    bool is_good = cJSON_IsArray(array) && cJSON_GetArraySize(array) == PLAN_N_INPUTS;
    for (int i = 0; is_good && i < PLAN_N_INPUTS; i++) {
        const cJSON *number = cJSON_GetArrayItem(array, i);
        is_good = cJSON_IsNumber(number) && isfinite(number->valuedouble);
        to[i] = is_good ? number->valuedouble : 0;
    }
    if (!is_good)
        problem(reader, "'%s' must be %d numbers", key, PLAN_N_INPUTS);
    return is_good;
}

bool sidecar_parse(const uint8_t *bytes, size_t n, struct sidecar *sidecar, registry_problem_fn fn, void *user)
{
    struct reader reader = {.fn = fn, .user = user, .is_good = true};

    *sidecar = (struct sidecar){0};
    cJSON *root = parse(&reader, bytes, n);
    if (!root)
        return false;
    check_keys(&reader, root, NULL);
    if (!get_string(&reader, root, "id", false, sizeof(sidecar->id) - 1, sidecar->id))
        get_string(&reader, root, "name", false, sizeof(sidecar->id) - 1, sidecar->id);
    get_string(&reader, root, "kind", false, sizeof(sidecar->kind) - 1, sidecar->kind);
    get_sha256(&reader, root, "sha256", false, sidecar->sha256);
    get_sha256(&reader, root, "int8_sha256", false, sidecar->int8_sha256);
    get_string(&reader, root, "input_name", false, sizeof(sidecar->input_name) - 1, sidecar->input_name);
    get_string(&reader, root, "output_name", false, sizeof(sidecar->output_name) - 1, sidecar->output_name);
    if (!get_integer(&reader, root, "opset", false, 7, 21, &sidecar->opset))
        get_integer(&reader, root, "onnx_opset", false, 7, 21, &sidecar->opset);
    sidecar->has_quant = get_quant(&reader, root, &sidecar->quant);
    sidecar->has_budget = get_budget(&reader, root, &sidecar->budget);
    const bool has_mean = get_numbers(&reader, root, "input_mean", sidecar->mean);
    sidecar->has_scaler = get_numbers(&reader, root, "input_std", sidecar->std) && has_mean;
    check_features(&reader, root);
    cJSON_Delete(root);
    return reader.is_good;
}
