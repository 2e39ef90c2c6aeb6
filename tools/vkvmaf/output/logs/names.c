#include "output/output.h"

#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/target.h"

/* The part of `path` that names the video: "clip" in "/a/clip.mp4". */
static const char *stem(const char *path, size_t *n)
{
    const char *slash = strrchr(path, '/');
    const char *name = !strcmp(path, "-") ? "stdin" : slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    *n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    return name;
}

static void expand(FILE *file, const char *pattern, const char *encode, size_t index)
{
    static const char name_mark[] = "{name}", index_mark[] = "{index}";
    while (*pattern) {
        size_t n;
        if (!strncmp(pattern, name_mark, strlen(name_mark))) {
            const char *name = stem(encode, &n);
            fwrite(name, 1, n, file);
            pattern += strlen(name_mark);
        } else if (!strncmp(pattern, index_mark, strlen(index_mark))) {
            fprintf(file, "%zu", index);
            pattern += strlen(index_mark);
        } else {
            fputc(*pattern++, file);
        }
    }
}

static char *expanded(const char *pattern, const char *encode, size_t index)
{
    char *name = NULL;
    size_t n;
    FILE *file = open_memstream(&name, &n);
    if (!file)
        return NULL;
    expand(file, pattern, encode, index);
    const bool lost = ferror(file);
    if (!fclose(file) && !lost)
        return name;
    free(name);
    return NULL;
}

void output_names_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(names[i]);
        names[i] = NULL;
    }
}

int output_names(const char *pattern, const char *const *encodes, size_t n, char **names)
{
    const bool is_pattern = strstr(pattern, "{name}") || strstr(pattern, "{index}");
    if (n > 1 && !is_pattern) {
        message_line("%s: is one file for the logs of %zu encodes; {name} or {index} in it makes one of each", pattern,
                     n);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        names[i] = expanded(pattern, encodes[i], i);
        size_t same = 0;
        while (names[i] && same < i && !target_is_same(names[same], names[i]))
            same++;
        if (names[i] && same == i)
            continue;
        if (names[i])
            message_line("%s: would be the log of \"%s\" and of \"%s\"; {index} keeps them apart", names[i],
                         encodes[same], encodes[i]);
        else
            message_no_memory("for the names of %zu logs", n);
        output_names_free(names, i + 1);
        return -1;
    }
    return 0;
}
