#include "registry/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The kind of value that a keyword has. */
enum shape { SCHEMA, SCHEMAS, NAMED_SCHEMAS, TYPES, NAMES, LIST, TEXT, NUMBER, COUNT, POINTER };
static const char *const shape_names[] = {"a schema",
                                          "a list of schemas",
                                          "an object of schemas",
                                          "the name of a type, or a list of them",
                                          "a list of names",
                                          "a list",
                                          "a text",
                                          "a number",
                                          "a whole number from 0",
                                          "a text that leads to a part of this file (#/...)"};

static const struct keyword {
    const char *name;
    enum shape shape;
} keywords[] = {{"type", TYPES},
                {"enum", LIST},
                {"required", NAMES},
                {"properties", NAMED_SCHEMAS},
                {"patternProperties", NAMED_SCHEMAS},
                {"additionalProperties", SCHEMA},
                {"$defs", NAMED_SCHEMAS},
                {"items", SCHEMA},
                {"not", SCHEMA},
                {"if", SCHEMA},
                {"then", SCHEMA},
                {"else", SCHEMA},
                {"allOf", SCHEMAS},
                {"anyOf", SCHEMAS},
                {"oneOf", SCHEMAS},
                {"minimum", NUMBER},
                {"maximum", NUMBER},
                {"minLength", COUNT},
                {"maxLength", COUNT},
                {"minItems", COUNT},
                {"maxItems", COUNT},
                {"pattern", TEXT},
                {"format", TEXT},
                {"title", TEXT},
                {"description", TEXT},
                {"$schema", TEXT},
                {"$ref", POINTER}};

struct problem {
    const cJSON *root;
    const char *keyword; /* NULL: none, or a place where a schema has to be has something else */
    enum shape shape;
};

static bool is_type(const cJSON *name)
{
    static const char *const types[] = {"object", "array", "string", "number", "integer", "boolean", "null"};
    for (size_t i = 0; cJSON_IsString(name) && i < sizeof(types) / sizeof(*types); i++)
        if (strcmp(name->valuestring, types[i]) == 0)
            return true;
    return false;
}

static bool are_all(const cJSON *list, bool (*is_one)(const cJSON *item))
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
        if (!is_one(item))
            return false;
    return true;
}

static bool is_name(const cJSON *item)
{
    return cJSON_IsString(item);
}

/* "#" or "#/a/b" without escapes. */
static bool leads_somewhere(const cJSON *root, const cJSON *pointer)
{
    const char *at = cJSON_IsString(pointer) ? pointer->valuestring : "";
    if (*at++ != '#')
        return false;
    while (root && *at == '/') {
        const size_t n = strcspn(++at, "/");
        const cJSON *member = root->child;
        while (member && !(member->string && strlen(member->string) == n && memcmp(member->string, at, n) == 0))
            member = member->next;
        root = member;
        at += n;
    }
    return root && !*at;
}

static bool check_schema(const cJSON *schema, struct problem *problem);

static bool check_schemas(const cJSON *list, struct problem *problem)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
        if (!check_schema(item, problem))
            return false;
    return true;
}

static bool has_shape(const cJSON *value, enum shape shape, struct problem *problem)
{
    switch (shape) {
    case SCHEMA: return check_schema(value, problem);
    case SCHEMAS: return cJSON_IsArray(value) && value->child && check_schemas(value, problem);
    case NAMED_SCHEMAS: return cJSON_IsObject(value) && check_schemas(value, problem);
    case TYPES: return cJSON_IsArray(value) ? value->child && are_all(value, is_type) : is_type(value);
    case NAMES: return cJSON_IsArray(value) && are_all(value, is_name);
    case LIST: return cJSON_IsArray(value);
    case TEXT: return cJSON_IsString(value);
    case NUMBER: return cJSON_IsNumber(value);
    case COUNT:
        return cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble == floor(value->valuedouble);
    case POINTER: return leads_somewhere(problem->root, value);
    }
    return false;
}

/* Schemas are as deep as cJSON reads. Other keywords are passed over, as JSON Schema wants it. */
static bool check_schema(const cJSON *schema, struct problem *problem)
{
    const cJSON *member;

    if (!cJSON_IsObject(schema))
        return cJSON_IsBool(schema);
    cJSON_ArrayForEach(member, schema)
        for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
            if (strcmp(member->string, keywords[i].name) == 0 && !has_shape(member, keywords[i].shape, problem)) {
                if (!problem->keyword)
                    *problem = (struct problem){problem->root, keywords[i].name, keywords[i].shape};
                return false;
            }
    return true;
}

static const cJSON *member_of(const cJSON *schema, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(schema, key);
}

/* NULL: no schema, which allows all. `other`: another name of the type. */
static bool allows(const cJSON *schema, const char *type, const char *other)
{
    const cJSON *types = member_of(schema, "type"), *name;

    if (cJSON_IsFalse(schema))
        return false;
    if (cJSON_IsString(types))
        return strcmp(types->valuestring, type) == 0 || strcmp(types->valuestring, other) == 0;
    cJSON_ArrayForEach(name, types)
        if (strcmp(name->valuestring, type) == 0 || strcmp(name->valuestring, other) == 0)
            return true;
    return !types;
}

/* The top level: an object with schema_version, models and perhaps $schema. */
static bool fits_registry(const cJSON *root, char *why, size_t room)
{
    static const struct {
        const char *name, *type, *other;
    } fields[] = {{"schema_version", "integer", "number"}, {"models", "array", ""}, {"$schema", "string", ""}};
    const cJSON *properties = member_of(root, "properties"), *name;

    if (!allows(root, "object", "")) {
        snprintf(why, room, "its type is not object, which a registry is");
        return false;
    }
    cJSON_ArrayForEach(name, member_of(root, "required")) {
        size_t i = 0;
        while (i < 3 && strcmp(name->valuestring, fields[i].name) != 0)
            i++;
        if (i == 3) {
            snprintf(why, room, "requires '%.64s', which no registry has", name->valuestring);
            return false;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        const cJSON *field = member_of(properties, fields[i].name);
        if (!allows(field ? field : member_of(root, "additionalProperties"), fields[i].type, fields[i].other)) {
            snprintf(why, room, "does not allow '%s' to be of the type %s, as in a registry", fields[i].name,
                     fields[i].type);
            return false;
        }
    }
    return true;
}

bool schema_is_of_registry(const cJSON *root, char *why, size_t room)
{
    struct problem problem = {.root = root};

    if (!root) {
        snprintf(why, room, "is not a JSON object");
        return false;
    }
    if (!check_schema(root, &problem)) {
        snprintf(why, room, "'%s' wants %s", problem.keyword, shape_names[problem.shape]);
        return false;
    }
    return fits_registry(root, why, room);
}
