#include "libvmaf/dictionary.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/extractors.h"
#include "libvmaf/point.h"
#include "libvmaf/say.h"

static struct entry *find(const VmafFeatureDictionary *dictionary, const char *key)
{
    for (size_t i = 0; dictionary && i < dictionary->n; i++)
        if (!strcmp(dictionary->entries[i].key, key))
            return &dictionary->entries[i];
    return NULL;
}

/* A number that stands alone is kept with the digits of "%g", those of features' names. */
static char *value_copy(const char *value)
{
    float whole;
    char rest, number[32], *end;
    if (sscanf(value, "%f %c", &whole, &rest) != 1)
        return strdup(value);
    const double kept = (double)strtof(value, &end);
    snprintf(number, sizeof(number), "%g", kept);
    return strdup(number);
}

/* Takes the value over. */
static int add(VmafFeatureDictionary *dictionary, const char *key, char *value)
{
    struct entry *const entries = realloc(dictionary->entries, (dictionary->n + 1) * sizeof(*entries));
    dictionary->entries = entries ? entries : dictionary->entries;
    char *const own_key = entries ? strdup(key) : NULL;
    if (!own_key) {
        free(value);
        return -ENOMEM;
    }
    entries[dictionary->n++] = (struct entry){own_key, value};
    return 0;
}

static int set(VmafFeatureDictionary *dictionary, const char *key, char *value)
{
    struct entry *const entry = find(dictionary, key);
    if (!value)
        return -ENOMEM;
    if (!entry)
        return add(dictionary, key, value);
    free(entry->value);
    entry->value = value;
    return 0;
}

int vmaf_feature_dictionary_set(VmafFeatureDictionary **dict, const char *key, const char *val)
{
    if (!dict || !key || !val)
        return -EINVAL;
    if (!*dict)
        *dict = calloc(1, sizeof(**dict));
    if (!*dict)
        return -ENOMEM;
    const locale_t before = point_begin();
    char *const value = value_copy(val);
    point_end(before);
    return set(*dict, key, value);
}

int vmaf_feature_dictionary_free(VmafFeatureDictionary **dict)
{
    if (!dict)
        return -EINVAL;
    for (size_t i = 0; *dict && i < (*dict)->n; i++) {
        free((*dict)->entries[i].key);
        free((*dict)->entries[i].value);
    }
    if (*dict)
        free((*dict)->entries);
    free(*dict);
    *dict = NULL;
    return 0;
}

VmafFeatureDictionary *dictionary_copy(const VmafFeatureDictionary *dictionary)
{
    VmafFeatureDictionary *copy = calloc(1, sizeof(*copy));
    for (size_t i = 0; copy && i < dictionary->n; i++)
        if (set(copy, dictionary->entries[i].key, strdup(dictionary->entries[i].value)))
            vmaf_feature_dictionary_free(&copy);
    return copy;
}

/* ---- libvkvmaf's text ------------------------------------------------------------------------------------------- */

static bool has_option(const vkv_family_info *family, const char *key)
{
    for (uint32_t i = 0; i < family->n_options; i++)
        if (!strcmp(family->options[i]->name, key) && !(family->options[i]->flags & VKV_OPTION_LIBVMAF_ADDS))
            return true;
    return false;
}

/* A colon would begin another option. */
static int check_entry(const vkv_family_info *family, const struct entry *entry)
{
    if (strchr(entry->value, ':'))
        return refuse("feature %s: option %s is \"%s\", which has a colon", family->name, entry->key, entry->value);
    const char *const harmless = extractors_harmless(family->name, entry->key);
    if (harmless && strcmp(harmless, entry->value))
        return refuse("feature %s: option %s=%s is not computed by vkvmaf", family->name, entry->key, entry->value);
    return 0;
}

int dictionary_text(const VmafFeatureDictionary *dictionary, const vkv_family_info *family, char *text, size_t room)
{
    for (size_t i = 0; dictionary && i < dictionary->n; i++) {
        const struct entry *const entry = &dictionary->entries[i];
        const size_t used = strlen(text);
        const int err = check_entry(family, entry);
        if (err)
            return err;
        if (!has_option(family, entry->key))
            continue;
        const int n = snprintf(text + used, room - used, "%s%s=%s", used ? ":" : "", entry->key, entry->value);
        if (n < 0 || (size_t)n >= room - used)
            return refuse("feature %s has more options than there is room for", family->name);
    }
    return 0;
}
