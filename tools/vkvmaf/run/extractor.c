#include "run/extractor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENT_MAX 1024

static const struct {
    const char *name;
    enum extractor_kind kind;
} extractors[N_EXTRACTORS] = {
    {"adm", EXTRACT_ADM}, {"motion", EXTRACT_MOTION}, {"psnr", EXTRACT_PSNR}, {"vif", EXTRACT_VIF}};

enum option_type { LIMIT, YES, NO }; /* YES and NO: the member says that the option is true, or false */

static const struct option {
    enum extractor_kind kind;
    const char *name;
    enum option_type type;
    size_t offset;
} options[] = {
    {EXTRACT_ADM, "adm_enhn_gain_limit", LIMIT, offsetof(struct extractor, limits)},
    {EXTRACT_VIF, "vif_enhn_gain_limit", LIMIT, offsetof(struct extractor, limits)},
    {EXTRACT_MOTION, "debug", YES, offsetof(struct extractor, debug)},
    {EXTRACT_PSNR, "enable_chroma", NO, offsetof(struct extractor, luma_only)},
    {EXTRACT_PSNR, "enable_mse", YES, offsetof(struct extractor, mse)},
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

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

static int set_option(const struct option *option, const char *value, struct extractor *extractor,
                      const struct reason *why)
{
    char *const member = (char *)extractor + option->offset;
    if (option->type == LIMIT) {
        char *end;
        const double limit = strtod(value, &end);
        if (end == value || *end || (limit != LIMIT_DEFAULT && limit != LIMIT_NEG))
            return refuse(why, "%s is \"%.64s\"; 1 or 100 was expected", option->name, value);
        *(enum limits *)(void *)member = limit == LIMIT_NEG ? LIMITS_NEG : LIMITS_DEFAULT;
        return 0;
    }
    const bool yes = !strcmp(value, "true");
    if (!yes && strcmp(value, "false"))
        return refuse(why, "%s is \"%.64s\"; true or false was expected", option->name, value);
    *(bool *)(void *)member = yes == (option->type == YES);
    return 0;
}

static int take_option(const char *feature, char *word, struct extractor *extractor, const struct reason *why)
{
    char known[128] = "";
    char *value = strchr(word, '=');
    if (!value)
        return refuse(why, "option \"%.64s\" of feature %s has no value; KEY=VALUE was expected", word, feature);
    *value++ = 0;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (options[i].kind != extractor->kind)
            continue;
        if (!strcmp(options[i].name, word))
            return set_option(&options[i], value, extractor, why);
        snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", *known ? ", " : "", options[i].name);
    }
    return refuse(why, "option \"%.64s\" of feature %s is not available; there is: %s", word, feature, known);
}

int extractor_parse(const char *argument, struct extractor *extractor, char *why_text, size_t why_room)
{
    const struct reason why = {why_text, why_room};
    char text[ARGUMENT_MAX];
    if (strlen(argument) >= sizeof(text))
        return refuse(&why, "it has %zu characters; at most %zu are accepted", strlen(argument), sizeof(text) - 1);
    strcpy(text, argument);
    char *word = strchr(text, '=');
    if (word)
        *word++ = 0;
    size_t i = 0;
    while (i < N_EXTRACTORS && strcmp(extractors[i].name, text))
        i++;
    if (i == N_EXTRACTORS)
        return refuse(&why, "feature \"%.64s\" is not available; there are adm, motion, psnr and vif", text);
    *extractor = (struct extractor){.kind = extractors[i].kind};
    while (word) {
        char *next = strchr(word, ':');
        if (next)
            *next++ = 0;
        if (take_option(text, word, extractor, &why))
            return -1;
        word = next;
    }
    return 0;
}

void extractor_add(struct extractor_list *list, const struct extractor *extractor)
{
    if (!extractor_find(list, extractor->kind, extractor->limits))
        list->at[list->n++] = *extractor;
}

const struct extractor *extractor_find(const struct extractor_list *list, enum extractor_kind kind, enum limits limits)
{
    for (unsigned i = 0; i < list->n; i++)
        if (list->at[i].kind == kind && list->at[i].limits == limits)
            return &list->at[i];
    return NULL;
}
