/* The families of this library, and what their tables say. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/number.h"
#include "common/params.h"
#include "features/family.h"

/* Longest text of an option's value, with the end of the string. */
#define VALUE_ROOM 32
/* Longest text of a request's options, with the end of the string. */
#define REQUEST_ROOM 512

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

static void switch_on(struct family_use *use, const char *name)
{
    if (name)
        use->options[family_option(use->family, name)] = 1;
}

struct family_use family_use_of_column(const struct family *family, uint32_t column)
{
    struct family_use use = family_use_standard(family);
    switch_on(&use, family->columns[column].if_switch);
    switch_on(&use, family->columns[column].and_switch);
    return use;
}

void family_use_add(struct family_use *use, const struct family_use *more)
{
    for (uint32_t i = 0; i < use->family->info.n_options; i++)
        if (!use->family->options[i].alias && more->options[i] != 0)
            use->options[i] = 1;
}

/* Names of switches by their values. */
static const char *const switch_names[] = {"false", "true", NULL};

static const char *const *names_of(const struct option_rule *rule)
{
    return rule->type == OPTION_SWITCH ? switch_names : rule->names;
}

static uint32_t count_names(const struct option_rule *rule)
{
    const char *const *const names = names_of(rule);
    uint32_t n = 0;
    while (names[n])
        n++;
    return n;
}

static bool is_named(const struct option_rule *rule)
{
    return rule->type == OPTION_SWITCH || rule->type == OPTION_NAME;
}

bool option_takes(const struct option_rule *rule, double value)
{
    if (is_named(rule))
        return value >= 0 && value < count_names(rule) && value == (uint32_t)value;
    return value >= rule->least && value <= rule->most && (rule->type != OPTION_WHOLE || value == floor(value)) &&
           (!rule->is_end || value == rule->least || value == rule->most);
}

bool option_value(const struct option_rule *rule, double number, double *value)
{
    char text[VALUE_ROOM];
    const char *end;
    number_print(text, sizeof(text), "%g", (double)(float)number);
    *value = number_read(text, &end);
    return option_takes(rule, *value);
}

bool option_read(const struct option_rule *rule, const char *text, double *value)
{
    const char *end;
    if (!is_named(rule)) {
        const double number = number_read(text, &end);
        return end != text && !*end && option_value(rule, number, value);
    }
    const char *const *const names = names_of(rule);
    for (uint32_t i = 0; names[i]; i++)
        if (!strcmp(names[i], text)) {
            *value = i;
            return true;
        }
    return false;
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
    char known[512], *value = strchr(word, '=');
    if (!value)
        return log_fail(log, VKV_ERR_ARG, "%soption \"%.64s\" of feature %s has no value; KEY=VALUE was expected",
                        subject, word, info->name);
    *value++ = 0;
    const uint32_t i = family_option(use->family, word);
    list_options(use->family, known, sizeof(known));
    if (i == info->n_options)
        return log_fail(log, VKV_ERR_ARG, "%soption \"%.64s\" of feature %s is not available; there is: %s", subject,
                        word, info->name, known);
    if (!option_read(&use->family->options[i], value, &use->options[i]))
        return log_fail(log, VKV_ERR_ARG, "%s%s is \"%.64s\"; %s was expected", subject, word, value,
                        info->options[i]->values);
    if (use->options[i] != use->family->options[i].standard)
        switch_on(use, use->family->options[i].asks_for);
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

/* Finds the family of a request whose options have room. */
static int find_asked(const vkv_log *log, const char *subject, const vkv_request *request, const struct family **family)
{
    char known[256];
    const size_t n_options = request->options ? strlen(request->options) : 0;
    *family = request->family ? family_find(request->family) : NULL;
    list_families(known, sizeof(known));
    if (!*family)
        return log_fail(log, VKV_ERR_ARG, "%sfeature \"%.64s\" is not available; there are %s", subject,
                        request->family ? request->family : "", known);
    if (n_options >= REQUEST_ROOM)
        return log_fail(log, VKV_ERR_ARG, "%sthe options of feature %s have %zu characters; at most %d are accepted",
                        subject, (*family)->info.name, n_options, REQUEST_ROOM - 1);
    return VKV_OK;
}

/* Sets the options of a use that the text names. */
static int set_options(const vkv_log *log, const char *subject, const char *options, struct family_use *use)
{
    char text[REQUEST_ROOM];
    strcpy(text, options ? options : "");
    for (char *word = text, *next; *text && word; word = next) {
        if ((next = strchr(word, ':')))
            *next++ = 0;
        int err = take_word(log, subject, word, use);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int take_request(const vkv_log *log, const char *subject, const vkv_request *requests, uint32_t i,
                        vkv_request *request, struct family_use *use)
{
    const struct family *family;
    int err = params_take_at(request, sizeof(*request), requests, i, "vkv_request", log);
    if (err)
        return err;
    err = params_reserved(request->reserved, "vkv_request", log);
    if (err)
        return err;
    err = find_asked(log, subject, request, &family);
    if (err)
        return err;
    *use = family_use_standard(family);
    return set_options(log, subject, request->options, use);
}

int family_use_take(const vkv_log *log, const char *subject, const vkv_request *requests, uint32_t i,
                    struct family_use *use)
{
    vkv_request request;
    return take_request(log, subject, requests, i, &request, use);
}

int family_use_change(const vkv_log *log, const char *subject, const vkv_request *requests, uint32_t i,
                      struct family_use *uses, uint32_t n_uses)
{
    vkv_request request;
    struct family_use asked;
    int err = take_request(log, subject, requests, i, &request, &asked);
    if (err)
        return err;
    for (uint32_t u = 0; u < n_uses; u++) {
        if (uses[u].family != asked.family)
            continue;
        err = set_options(log, subject, request.options, &uses[u]);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Whether they are uses of one family that agree in the options for which `counts` holds. */
static bool agree(const struct family_use *a, const struct family_use *b, bool (*counts)(const struct option_rule *))
{
    if (a->family != b->family)
        return false;
    for (uint32_t i = 0; i < a->family->info.n_options; i++)
        if (counts(&a->family->options[i]) && a->options[i] != b->options[i])
            return false;
    return true;
}

static bool is_any(const struct option_rule *rule)
{
    (void)rule;
    return true;
}

static bool has_alias(const struct option_rule *rule)
{
    return rule->alias != NULL;
}

static bool is_in_kernels(const struct option_rule *rule)
{
    return rule->is_in_kernels;
}

bool family_use_equal(const struct family_use *a, const struct family_use *b)
{
    return agree(a, b, is_any);
}

bool family_use_alike(const struct family_use *a, const struct family_use *b)
{
    return agree(a, b, has_alias);
}

bool family_use_same_kernels(const struct family_use *a, const struct family_use *b)
{
    return agree(a, b, is_in_kernels);
}

bool family_use_same_sums(const struct family_use *a, const struct family_use *b)
{
    if (a->family != b->family || family_n_sums(a) != family_n_sums(b))
        return false;
    return family_use_equal(a, b) || (a->family->same_sums && a->family->same_sums(a, b));
}

struct family_use family_use_tried(const struct family *family, uint32_t i)
{
    struct family_use use = family_use_standard(family);
    if (i)
        set_options(NULL, "", family->tried[i - 1], &use);
    return use;
}

uint32_t family_use_set(const struct family_use *use)
{
    for (uint32_t i = 0; i <= use->family->n_tried; i++) {
        const struct family_use tried = family_use_tried(use->family, i);
        if (family_use_same_kernels(use, &tried))
            return i;
    }
    return UINT32_MAX;
}

void family_option_text(const struct family_use *use, uint32_t i, char *text, size_t room)
{
    const struct option_rule *const rule = &use->family->options[i];
    if (is_named(rule))
        snprintf(text, room, "%s", names_of(rule)[(uint32_t)use->options[i]]);
    else
        number_print(text, room, "%g", use->options[i]);
}

void family_use_options(const struct family_use *use, char options[OPTIONS_ROOM])
{
    char value[VALUE_ROOM];
    *options = 0;
    for (uint32_t i = 0; i < use->family->info.n_options; i++) {
        const struct option_rule *const rule = &use->family->options[i];
        const size_t used = strlen(options);
        if (use->options[i] == rule->standard)
            continue;
        family_option_text(use, i, value, sizeof(value));
        snprintf(options + used, OPTIONS_ROOM - used, "%s%s=%s", used ? ":" : "", use->family->info.options[i]->name,
                 value);
    }
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static bool is_on(const struct family_use *use, const char *name)
{
    return !name || use->options[family_option(use->family, name)] != 0;
}

int family_check(const struct family_use *use, const vkv_log *log, const char *subject)
{
    return use->family->check ? use->family->check(use, log, subject) : VKV_OK;
}

bool family_has_column(const struct family_use *use, uint32_t column)
{
    const struct column_rule *const rule = &use->family->columns[column];
    return is_on(use, rule->if_switch) && is_on(use, rule->and_switch) && (!rule->is_chroma || use->chroma);
}

static void needs(const struct family_use *use, uint32_t *n_sums, uint32_t *n_previous)
{
    *n_sums = use->family->n_sums;
    *n_previous = use->family->n_previous;
    if (use->family->needs)
        use->family->needs(use, n_sums, n_previous);
}

uint32_t family_n_sums(const struct family_use *use)
{
    uint32_t n_sums, n_previous;
    needs(use, &n_sums, &n_previous);
    return n_sums;
}

uint32_t family_n_previous(const struct family_use *use)
{
    uint32_t n_sums, n_previous;
    needs(use, &n_sums, &n_previous);
    return n_previous;
}

void family_context(const struct family_use *use, uint32_t *before, uint32_t *after)
{
    *before = *after = 0;
    if (use->family->context)
        use->family->context(use, before, after);
}

void family_column_name(const struct family_use *use, uint32_t column, char name[COLUMN_NAME_ROOM])
{
    char value[VALUE_ROOM];
    snprintf(name, COLUMN_NAME_ROOM, "%s", use->family->info.columns[column]);
    for (uint32_t i = 0; i < use->family->info.n_options; i++) {
        const struct option_rule *const rule = &use->family->options[i];
        const size_t used = strlen(name);
        if (!rule->alias || use->options[i] == rule->standard)
            continue;
        family_option_text(use, i, value, sizeof(value));
        snprintf(name + used, COLUMN_NAME_ROOM - used, rule->type == OPTION_SWITCH ? "_%s" : "_%s_%s", rule->alias,
                 value);
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
