/* The families of this library, and what their tables say. */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/number.h"
#include "common/params.h"
#include "features/family.h"

#define FAMILY(name) &family_##name,
#define INFO(name) &family_##name.info,
const struct family *const families[] = {FAMILIES(FAMILY)};
static const vkv_family_info *const infos[] = {FAMILIES(INFO)};
const uint32_t n_families = sizeof(families) / sizeof(families[0]);

const vkv_family_info *const *vkv_family_list(uint32_t *count)
{
    *count = n_families;
    return infos;
}

/* ---- finding ---------------------------------------------------------------------------------------------------- */

const struct family *family_find(const char *name)
{
    for (uint32_t i = 0; i < n_families; i++)
        if (!strcmp(families[i]->info.name, name))
            return families[i];
    return NULL;
}

static const char *name_of(const struct family *family, uint32_t column, bool in_models)
{
    return in_models ? family->columns[column].model_name : family->info.columns[column];
}

static const struct family *find_column(const char *name, bool in_models, uint32_t *column)
{
    for (uint32_t i = 0; i < n_families; i++)
        for (uint32_t c = 0; c < families[i]->info.n_columns; c++) {
            const char *const its_name = name_of(families[i], c, in_models);
            if (its_name && !strcmp(its_name, name)) {
                *column = c;
                return families[i];
            }
        }
    return NULL;
}

const struct family *family_of_model_name(const char *name, uint32_t *column)
{
    return find_column(name, true, column);
}

const struct family *family_of_column(const char *name, uint32_t *column)
{
    return find_column(name, false, column);
}

uint32_t family_option(const struct family *family, const char *name)
{
    uint32_t i = 0;
    while (i < family->info.n_options && strcmp(family->info.options[i]->name, name))
        i++;
    return i;
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

struct family_use family_use_standard(const struct family *family)
{
    struct family_use use = {.family = family};
    for (uint32_t i = 0; i < family->info.n_options; i++)
        use.options[i] = family->options[i].standard;
    return use;
}

bool option_takes(const struct option_rule *rule, double value)
{
    return rule->type == OPTION_SWITCH ? value == 0 || value == 1 : value == rule->standard || value == rule->other;
}

static bool read_value(const struct option_rule *rule, const char *text, double *value)
{
    const char *end;
    if (rule->type == OPTION_SWITCH) {
        *value = !strcmp(text, "true");
        return *value != 0 || !strcmp(text, "false");
    }
    *value = number_read(text, &end);
    return end != text && !*end && option_takes(rule, *value);
}

static void list_options(const struct family *family, char *text, size_t room)
{
    *text = 0;
    for (uint32_t i = 0; i < family->info.n_options; i++) {
        const size_t used = strlen(text);
        snprintf(text + used, room - used, "%s%s", i ? ", " : "", family->info.options[i]->name);
    }
}

/* One word, KEY=VALUE. */
static int take_word(const vkv_log *log, const char *subject, char *word, struct family_use *use)
{
    const vkv_family_info *const info = &use->family->info;
    char known[256], *value = strchr(word, '=');
    if (!value)
        return log_fail(log, VKV_ERR_ARG, "%soption \"%.64s\" of feature %s has no value; KEY=VALUE was expected",
                        subject, word, info->name);
    *value++ = 0;
    const uint32_t i = family_option(use->family, word);
    list_options(use->family, known, sizeof(known));
    if (i == info->n_options)
        return log_fail(log, VKV_ERR_ARG, "%soption \"%.64s\" of feature %s is not available; there is: %s", subject,
                        word, info->name, known);
    if (!read_value(&use->family->options[i], value, &use->options[i]))
        return log_fail(log, VKV_ERR_ARG, "%s%s is \"%.64s\"; %s was expected", subject, word, value,
                        info->options[i]->values);
    return VKV_OK;
}

static void list_families(char *text, size_t room)
{
    *text = 0;
    for (uint32_t i = 0; i < n_families; i++) {
        const size_t used = strlen(text);
        snprintf(text + used, room - used, "%s%s",
                 !i                   ? ""
                 : i + 1 < n_families ? ", "
                                      : " and ",
                 families[i]->info.name);
    }
}

static int parse(const vkv_log *log, const char *subject, const vkv_request *request, struct family_use *use)
{
    char text[512], known[256];
    const char *const options = request->options ? request->options : "";
    const struct family *family = request->family ? family_find(request->family) : NULL;
    list_families(known, sizeof(known));
    if (!family)
        return log_fail(log, VKV_ERR_ARG, "%sfeature \"%.64s\" is not available; there are %s", subject,
                        request->family ? request->family : "", known);
    if (strlen(options) >= sizeof(text))
        return log_fail(log, VKV_ERR_ARG, "%sthe options of feature %s have %zu characters; at most %zu are accepted",
                        subject, family->info.name, strlen(options), sizeof(text) - 1);
    *use = family_use_standard(family);
    strcpy(text, options);
    for (char *word = text, *next; *text && word; word = next) {
        if ((next = strchr(word, ':')))
            *next++ = 0;
        int err = take_word(log, subject, word, use);
        if (err)
            return err;
    }
    return VKV_OK;
}

int family_use_take(const vkv_log *log, const char *subject, const vkv_request *requests, uint32_t i,
                    struct family_use *use)
{
    vkv_request request;
    int err = params_take_at(&request, sizeof(request), requests, i, "vkv_request", log);
    if (err)
        return err;
    err = params_reserved(request.reserved, "vkv_request", log);
    return err ? err : parse(log, subject, &request, use);
}

bool family_use_equal(const struct family_use *a, const struct family_use *b)
{
    if (a->family != b->family)
        return false;
    for (uint32_t i = 0; i < a->family->info.n_options; i++)
        if (a->options[i] != b->options[i])
            return false;
    return true;
}

uint32_t family_use_set(const struct family_use *use)
{
    uint32_t set = 0, bit = 1;
    for (uint32_t i = 0; i < use->family->info.n_options; i++)
        if (use->family->options[i].type == OPTION_NUMBER) {
            set |= use->options[i] != use->family->options[i].standard ? bit : 0;
            bit *= 2;
        }
    return set;
}

void family_use_options(const struct family_use *use, char options[COLUMN_NAME_ROOM])
{
    *options = 0;
    for (uint32_t i = 0; i < use->family->info.n_options; i++) {
        const struct option_rule *const rule = &use->family->options[i];
        const size_t used = strlen(options);
        if (use->options[i] == rule->standard)
            continue;
        snprintf(options + used, COLUMN_NAME_ROOM - used, "%s%s=", used ? ":" : "", use->family->info.options[i]->name);
        const size_t now = strlen(options);
        if (rule->type == OPTION_SWITCH)
            snprintf(options + now, COLUMN_NAME_ROOM - now, "%s", use->options[i] ? "true" : "false");
        else
            number_print(options + now, COLUMN_NAME_ROOM - now, "%g", use->options[i]);
    }
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static bool is_on(const struct family_use *use, const char *name)
{
    return !name || use->options[family_option(use->family, name)] != 0;
}

bool family_has_column(const struct family_use *use, uint32_t column)
{
    const struct column_rule *const rule = &use->family->columns[column];
    return is_on(use, rule->if_switch) && is_on(use, rule->and_switch) && (!rule->is_chroma || use->chroma);
}

void family_context(const struct family_use *use, uint32_t *before, uint32_t *after)
{
    *before = *after = 0;
    if (use->family->context)
        use->family->context(use, before, after);
}

void family_column_name(const struct family_use *use, uint32_t column, char name[COLUMN_NAME_ROOM])
{
    snprintf(name, COLUMN_NAME_ROOM, "%s", use->family->info.columns[column]);
    for (uint32_t i = 0; i < use->family->info.n_options; i++) {
        const struct option_rule *const rule = &use->family->options[i];
        const size_t used = strlen(name);
        if (rule->suffix && use->options[i] != rule->standard)
            number_print(name + used, COLUMN_NAME_ROOM - used, "%s%g", rule->suffix, use->options[i]);
    }
}

/* ---- planes ----------------------------------------------------------------------------------------------------- */

/* Columns and rows of luma that a sample of chroma stands for, as powers of two. */
static const struct subsampling {
    uint32_t chroma, x, y;
} subsamplings[] = {{420, 1, 1}, {422, 1, 0}, {440, 0, 1}, {444, 0, 0}, {411, 2, 0}, {410, 2, 2}};

static const struct subsampling *find_subsampling(uint32_t chroma)
{
    for (size_t i = 0; i < sizeof(subsamplings) / sizeof(subsamplings[0]); i++)
        if (subsamplings[i].chroma == chroma)
            return &subsamplings[i];
    return NULL;
}

bool chroma_is_known(uint32_t chroma)
{
    return !chroma || find_subsampling(chroma);
}

void family_plane_size(const struct family_use *use, uint32_t i, uint32_t *width, uint32_t *height)
{
    const struct subsampling *const chroma = find_subsampling(use->chroma);
    const uint32_t x = i && chroma ? chroma->x : 0, y = i && chroma ? chroma->y : 0;
    *width = *height = 0;
    if (i && !chroma)
        return;
    *width = (use->width + (1u << x) - 1) >> x;
    *height = (use->height + (1u << y) - 1) >> y;
}

uint32_t family_n_planes(const struct family_use *use)
{
    for (uint32_t c = 0; c < use->family->info.n_columns; c++)
        if (use->family->columns[c].is_chroma && family_has_column(use, c))
            return 3;
    return 1;
}
