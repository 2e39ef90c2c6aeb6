#include "cli/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/origin.h"

/* A line of a file from Windows ends with '\r'. */
#define BLANKS " \t\r"

#define STRING(x) #x
#define STRING_OF(x) STRING(x)
/* Editors of Windows put it before UTF-8. */
#define MARK "\xef\xbb\xbf"

/* 0: there is none. */
static size_t line_of_zero(const struct manifest *manifest)
{
    const char *const zero = memchr(manifest->text, 0, manifest->n);
    size_t line = zero != NULL;
    for (const char *c = manifest->text; zero && c < zero; c++)
        line += *c == '\n';
    return line;
}

static int read_text(FILE *file, const char *path, struct manifest *manifest)
{
    size_t line;
    if (!(manifest->text = malloc(MANIFEST_MAX + 1))) {
        message_line("%s: no memory to read it", path);
        return -1;
    }
    errno = 0;
    manifest->n = fread(manifest->text, 1, MANIFEST_MAX + 1, file);
    if (ferror(file)) {
        message_line("%s: cannot be read: %s", path, strerror(errno));
    } else if (manifest->n > MANIFEST_MAX) {
        message_line("%s: is longer than %u MiB", path, MANIFEST_MAX >> 20);
    } else if ((line = line_of_zero(manifest)) != 0) {
        message_line("%s:%zu: has a zero byte; lines of text were expected", path, line);
    } else {
        if (manifest->n >= strlen(MARK) && !memcmp(manifest->text, MARK, strlen(MARK))) {
            manifest->n -= strlen(MARK);
            memmove(manifest->text, manifest->text + strlen(MARK), manifest->n);
        }
        char *const fitting = realloc(manifest->text, manifest->n + 1);
        manifest->text = fitting ? fitting : manifest->text;
        return 0;
    }
    free(manifest->text);
    manifest->text = NULL;
    return -1;
}

int manifest_read(const char *path, struct manifest *manifest)
{
    const char *const name = strcmp(path, "-") ? path : "standard input";
    FILE *const file = origin_open(path);
    if (!file) {
        message_line("%s: cannot be opened: %s", name, origin_reason(errno));
        return -1;
    }
    const int failed = read_text(file, name, manifest);
    fclose(file);
    return failed;
}

/* Moves the word that begins at `from` to *to, which ends behind it. Returns what follows it in the line; NULL with
 * *why. */
static char *take_word(char *from, char **to, const char **why)
{
    char quote = 0;
    for (; *from && (quote || !strchr(BLANKS, *from)); from++) {
        if (quote ? *from == quote : *from == '\'' || *from == '"') {
            quote = quote ? 0 : *from;
            continue;
        }
        if (*from == '\\' && (quote ? quote == '"' && from[1] && strchr("\"\\$`", from[1]) : 1))
            from++;
        if (!*from) {
            *why = "ends with a backslash";
            return NULL;
        }
        *(*to)++ = *from;
    }
    if (!quote)
        return from;
    *why = "a quote is not closed";
    return NULL;
}

int manifest_split(char *line, char **words, const char **why)
{
    char *to = line; /* never behind what is read */
    for (int n = 0;;) {
        line += strspn(line, BLANKS);
        if (!*line || *line == '#')
            return n;
        if (n == MANIFEST_WORDS_MAX) {
            *why = "has more than " STRING_OF(MANIFEST_WORDS_MAX) " words";
            return -1;
        }
        words[n++] = to;
        if (!(line = take_word(line, &to, why)))
            return -1;
        line += *line != 0;
        *to++ = 0;
    }
}

int manifest_next(const struct manifest *manifest, struct manifest_line *line, const char **why)
{
    const char *const begin = manifest->text + line->end;
    const size_t rest = manifest->n - line->end;
    free(line->owned);
    line->owned = NULL;
    if (!rest)
        return 0;
    const char *const feed = memchr(begin, '\n', rest);
    const size_t n = feed ? (size_t)(feed - begin) : rest;
    line->number++;
    line->end += n + (feed != NULL);
    if (!(line->owned = strndup(begin, n)))
        *why = "no memory for this line";
    else if ((line->argc = 1 + manifest_split(line->owned, line->argv + 1, why)) > 0)
        return 1;
    return -1;
}
