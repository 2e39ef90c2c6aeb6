#include "run/extractor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENT_MAX 1024
/* Options of this ending limit how much enhancement counts; 1 is NEG, as libvmaf's "neg" models have it. */
#define GAIN_LIMIT "_enhn_gain_limit"

struct reason {
    char *text;
    size_t room;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct reason *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, why->room, format, args);
    va_end(args);
    return -1;
}

static bool is_gain_limit(const vkv_option_info *option)
{
    const size_t n = strlen(option->name), ending = strlen(GAIN_LIMIT);
    return n >= ending && !strcmp(option->name + n - ending, GAIN_LIMIT);
}

void extractor_neg_options(const vkv_family_info *family, char options[EXTRACTOR_OPTIONS_ROOM])
{
    *options = 0;
    for (uint32_t i = 0; i < family->n_options; i++)
        if (is_gain_limit(family->options[i]))
            snprintf(options, EXTRACTOR_OPTIONS_ROOM, "%s=1", family->options[i]->name);
}

/* ---- the library's families ------------------------------------------------------------------------------------- */

const vkv_family_info *extractor_family(const char *name)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(families[i]->name, name))
            return families[i];
    return NULL;
}

/* The families in the library's order. Returns how many. */
static size_t list_names(const char *names[EXTRACTORS_MAX])
{
    uint32_t n_families;
    const vkv_family_info *const *const families = vkv_family_list(&n_families);
    size_t n = 0;
    for (uint32_t i = 0; i < n_families && n < EXTRACTORS_MAX; i++)
        names[n++] = families[i]->name;
    return n;
}

/* "a, b and c", where `last` is " and ". */
static void join_names(const char *const *names, size_t n, const char *last, char *text, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < n && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", !i ? "" : i + 1 < n ? ", " : last, names[i]);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void extractor_names(char *text, size_t room)
{
    const char *names[EXTRACTORS_MAX];
    const size_t n = list_names(names);
    qsort(names, n, sizeof(names[0]), compare_names);
    join_names(names, n, " or ", text, room);
}

static int no_family(const char *name, const struct reason *why)
{
    const char *names[EXTRACTORS_MAX];
    char list[512];
    join_names(names, list_names(names), " and ", list, sizeof(list));
    return refuse(why, "feature \"%.64s\" is not available; there are %s", name, list);
}

static void take_line(void *user, int level, const char *line)
{
    const struct reason *const why = user;
    if (level == VKV_LOG_ERROR)
        snprintf(why->text, why->room, "%s", line);
}

/* The text of an option's value, the last of those given; the default one when there is none. */
static const char *value_of(const char *options, const vkv_option_info *option, size_t *n)
{
    const size_t n_name = strlen(option->name);
    const char *value = option->default_value;
    *n = strlen(value);
    for (const char *word = options; word && *word; word = *word ? word + 1 : word) {
        const size_t n_word = strcspn(word, ":");
        if (n_word > n_name && word[n_name] == '=' && !strncmp(word, option->name, n_name)) {
            value = word + n_name + 1;
            *n = n_word - n_name - 1;
        }
        word += n_word;
    }
    return value;
}

static bool is_number(const vkv_option_info *option)
{
    return strspn(option->default_value, "0123456789.-") == strlen(option->default_value);
}

/* Writes the value with the digits that the library keeps of a number, which are those of the columns' names. */
static void value_text(const char *options, const vkv_option_info *option, char text[EXTRACTOR_OPTIONS_ROOM])
{
    size_t n;
    const char *const value = value_of(options, option, &n);
    if (is_number(option))
        snprintf(text, EXTRACTOR_OPTIONS_ROOM, "%g", (double)strtof(value, NULL));
    else
        snprintf(text, EXTRACTOR_OPTIONS_ROOM, "%.*s", (int)n, value);
}

/* Whether the option has one value in both lists. Values have been checked by the library. */
static bool is_equal(const char *a_options, const char *b_options, const vkv_option_info *option)
{
    char a[EXTRACTOR_OPTIONS_ROOM], b[EXTRACTOR_OPTIONS_ROOM];
    value_text(a_options, option, a);
    value_text(b_options, option, b);
    return !strcmp(a, b);
}

/* Appends KEY=VALUE. */
static int add_option(struct extractor *extractor, const vkv_option_info *option, const char *value)
{
    const size_t used = strlen(extractor->options), room = sizeof(extractor->options) - used;
    const int written = snprintf(extractor->options + used, room, "%s%s=%s", used ? ":" : "", option->name, value);
    return written < 0 || (size_t)written >= room ? -1 : 0;
}

int extractor_of_request(const vkv_request *request, struct extractor *extractor, char *why_text, size_t why_room)
{
    const struct reason why = {why_text, why_room};
    const char *const options = request->options ? request->options : "";
    *extractor = (struct extractor){.family = extractor_family(request->family)};
    if (vkv_request_check(request, &extractor->n_planes, &(vkv_log){take_line, (void *)&why}))
        return -1;
    for (uint32_t i = 0; i < extractor->family->n_options; i++) {
        const vkv_option_info *const option = extractor->family->options[i];
        char value[EXTRACTOR_OPTIONS_ROOM];
        if (is_equal(options, "", option))
            continue;
        value_text(options, option, value);
        if (add_option(extractor, option, value))
            return refuse(&why, "feature %s has more options than there is room for", request->family);
    }
    return 0;
}

int extractor_parse(const char *argument, struct extractor *extractor, char *why_text, size_t why_room)
{
    const struct reason why = {why_text, why_room};
    char text[ARGUMENT_MAX];
    if (strlen(argument) >= sizeof(text))
        return refuse(&why, "it has %zu characters; at most %zu are accepted", strlen(argument), sizeof(text) - 1);
    strcpy(text, argument);
    char *options = strchr(text, '=');
    if (options)
        *options++ = 0;
    if (!extractor_family(text))
        return no_family(text, &why);
    if (options && !*options) /* the library takes this for no options at all */
        return refuse(&why, "option \"\" of feature %s has no value; KEY=VALUE was expected", text);
    return extractor_of_request(&(vkv_request){.struct_size = sizeof(vkv_request), .family = text, .options = options},
                                extractor, why_text, why_room);
}

/* ---- lists ------------------------------------------------------------------------------------------------------ */

/* Whether they differ in switches that add columns at most. */
static bool is_same(const struct extractor *a, const struct extractor *b)
{
    if (a->family != b->family)
        return false;
    for (uint32_t i = 0; i < a->family->n_options; i++) {
        const vkv_option_info *const option = a->family->options[i];
        if (!(option->flags & VKV_OPTION_ADDS_COLUMNS) && !is_equal(a->options, b->options, option))
            return false;
    }
    return true;
}

int extractor_add(struct extractor_list *list, const struct extractor *extractor)
{
    if (extractor_find(list, extractor))
        return 0;
    if (list->n == EXTRACTORS_MAX)
        return -1;
    list->at[list->n++] = *extractor;
    return 0;
}

const struct extractor *extractor_find(const struct extractor_list *list, const struct extractor *extractor)
{
    for (unsigned i = 0; i < list->n; i++)
        if (is_same(&list->at[i], extractor))
            return &list->at[i];
    return NULL;
}

int extractor_add_libvmaf_columns(struct extractor *extractor)
{
    char options[EXTRACTOR_OPTIONS_ROOM], why[256];
    const vkv_family_info *const family = extractor->family;
    for (uint32_t i = 0; i < family->n_options; i++) {
        if (!(family->options[i]->flags & VKV_OPTION_LIBVMAF_ADDS))
            continue;
        const int n = snprintf(options, sizeof(options), "%s%s%s=true", extractor->options,
                               *extractor->options ? ":" : "", family->options[i]->name);
        const vkv_request request = {.struct_size = sizeof(request), .family = family->name, .options = options};
        if (n < 0 || (size_t)n >= sizeof(options) || extractor_of_request(&request, extractor, why, sizeof(why)))
            return -1;
    }
    return 0;
}
