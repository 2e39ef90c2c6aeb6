#include "common/suggest.h"

#include <string.h>

#define WORD_MAX 40

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_same(char a, char b)
{
    return (a == '_' ? '-' : a) == (b == '_' ? '-' : b);
}

/* Characters that are missing, too many, wrong, or changed places with their neighbour. */
static size_t distance_between(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][WORD_MAX + 1]; /* of the last prefixes of `a`, by the prefix of `b` */
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= m; j++)
        before[j] = last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(last[j - 1] + !is_same(a[i - 1], b[j - 1]), least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[m];
}

static bool is_beginning(const struct suggestion *s, const char *word)
{
    for (size_t i = 0; i < s->n; i++)
        if (!is_same(s->typed[i], word[i])) /* `word` is the longer one */
            return false;
    return true;
}

/* Up to a third of the characters may be wrong. The beginning of a word stands for it. */
bool suggest(struct suggestion *s, const char *word)
{
    const size_t m = strlen(word);
    if (s->n < 2 || s->n > WORD_MAX || m > WORD_MAX)
        return false;
    const bool is_short = s->n >= 3 && s->n < m && is_beginning(s, word);
    const size_t distance = is_short ? 1 : distance_between(s->typed, s->n, word, m);
    if (distance > (s->n + 1) / 3 || (s->is_found && distance >= s->distance))
        return false;
    s->is_found = true;
    s->distance = distance;
    return true;
}
