#include "common/option.h"

#include <inttypes.h>
#include <string.h>

#include "common/message.h"

void *option_member(const struct option *option, void *target)
{
    return (char *)target + option->offset;
}

int option_number(const struct option *option, const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    bool ok = *text != 0;
    for (const char *c = text; *c && ok; c++) {
        ok = *c >= '0' && *c <= '9' && value <= most;
        value = value * 10 + (uint64_t)(*c - '0');
    }
    if (ok && value >= least && value <= most) {
        *number = value;
        return 0;
    }
    message_line("--%s is \"%s\"; a number from %" PRIu64 " to %" PRIu64 " was expected", option->name, text, least,
                 most);
    return -1;
}

static int take_number(const struct option *option, const char *value, void *target)
{
    uint64_t number;
    if (option_number(option, value, option->least, option->most, &number))
        return -1;
    if (option->kind == TAKE_NUMBER_64)
        *(uint64_t *)option_member(option, target) = number;
    else
        *(uint32_t *)option_member(option, target) = (uint32_t)number;
    return 0;
}

static int take_choice(const struct option *option, const char *value, void *target)
{
    for (const struct option_choice *choice = option->choices; choice->word; choice++)
        if (!strcmp(value, choice->word)) {
            *(uint32_t *)option_member(option, target) = choice->value;
            return 0;
        }
    message_line("--%s is \"%s\"; %s was expected", option->name, value, option->value);
    return -1;
}

int option_take(const struct option *option, const char *value, void *target)
{
    void *const member = option_member(option, target);
    switch (option->kind) {
    case TAKE_SWITCH: *(bool *)member = true; return 0;
    case TAKE_CONSTANT: *(uint32_t *)member = (uint32_t)option->least; return 0;
    case TAKE_TEXT: *(const char **)member = value; return 0;
    case TAKE_NUMBER_32:
    case TAKE_NUMBER_64: return take_number(option, value, target);
    case TAKE_CHOICE: return take_choice(option, value, target);
    case TAKE_OTHER: break;
    }
    return option->take(option, value, target);
}
