/* What is printed about a difference, and how many there were. */
#include <inttypes.h>
#include <string.h>

#include "checkgpu.h"

#define SHOWN_PER_CASE 6

/* Differences that belong to no stage's check. */
static const char *const others[] = {"guard", "repetition", "stage without a check", "evidence"};

static int stage_number(const char *stage)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (!strcmp(others[i], stage))
            return (int)(n_stage_checks + i);
    for (size_t i = 0; i < n_stage_checks; i++)
        if (!strcmp(stage_checks[i]->stage, stage))
            return (int)i;
    return 31;
}

unsigned report_count(const struct checker *k, const char *stage)
{
    return k->by_stage[stage_number(stage)];
}

static bool count(struct checker *k, const struct check_case *c, const char *stage)
{
    k->differences++;
    k->by_stage[stage_number(stage)]++;
    if (k->quiet || k->shown++ >= SHOWN_PER_CASE)
        return false;
    if (c) {
        char text[400];
        case_describe(c, text, sizeof(text));
        printf("DIFFERENT %s: %s\n", stage, text);
    } else {
        printf("DIFFERENT %s\n", stage);
    }
    return true;
}

void report_value(struct checker *k, const struct check_case *c, const struct place *at, int64_t want, int64_t got)
{
    if (!count(k, c, at->stage))
        return;
    printf("    %s", at->what);
    if (at->scale >= 0)
        printf(", scale %d", at->scale);
    if (at->frame >= 0)
        printf(", frame %d", at->frame);
    if (at->stream >= 0)
        printf(", stream %d", at->stream);
    if (at->x >= 0)
        printf(", x %d", at->x);
    if (at->y >= 0)
        printf(", y %d", at->y);
    printf(": want %" PRId64 " (0x%" PRIx64 "), got %" PRId64 " (0x%" PRIx64 ")\n", want, (uint64_t)want, got,
           (uint64_t)got);
}

void report_text(struct checker *k, const struct check_case *c, const char *stage, const char *text)
{
    if (count(k, c, stage))
        printf("    %s\n", text);
}
