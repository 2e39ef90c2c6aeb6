/* libFuzzer target: the list of a batch. A line's words, quoted and split again, are the same words. */
#include "cli/manifest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Appends a word in '...'. */
static char *quote(char *to, const char *word)
{
    *to++ = '\'';
    for (; *word; word++)
        if (*word == '\'') {
            memcpy(to, "'\\''", 4);
            to += 4;
        } else {
            *to++ = *word;
        }
    *to++ = '\'';
    *to++ = ' ';
    return to;
}

static void split_again(const struct manifest_line *line)
{
    static char *words[MANIFEST_WORDS_MAX];
    const char *why;
    size_t room = 1;
    for (int i = 1; i < line->argc; i++)
        room += 4 * strlen(line->argv[i]) + 3;
    char *text = malloc(room), *end = text;
    if (!text)
        return;
    for (int i = 1; i < line->argc; i++)
        end = quote(end, line->argv[i]);
    *end = 0;
    if (manifest_split(text, words, &why) != line->argc - 1)
        abort();
    for (int i = 1; i < line->argc; i++)
        if (strcmp(words[i - 1], line->argv[i]))
            abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct manifest_line line;
    struct manifest manifest = {malloc(n + !n), n}; /* no byte more: one that is read behind it is seen */
    const char *why = NULL;
    size_t n_lines = 0;
    int more;
    if (!manifest.text)
        return 0;
    for (size_t i = 0; i < n; i++)
        manifest.text[i] = bytes[i] ? (char)bytes[i] : ' ';
    line = (struct manifest_line){.number = 0};
    while ((more = manifest_next(&manifest, &line, &why)) != 0) {
        if (++n_lines != line.number || line.end > n || (more < 0 && !*why))
            abort();
        if (more > 0)
            split_again(&line);
    }
    if (line.end != n || line.owned)
        abort();
    free(manifest.text);
    return 0;
}
