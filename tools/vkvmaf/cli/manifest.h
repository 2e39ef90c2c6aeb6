/* The text of a batch: one job per line, in words as a shell splits them. */
#ifndef VKVMAF_MANIFEST_H
#define VKVMAF_MANIFEST_H

#include <stddef.h>

#define MANIFEST_WORDS_MAX 1024
/* Bytes in all: the text stays in memory while its jobs run. */
#define MANIFEST_MAX (16u << 20)

struct manifest {
    char *text; /* to be freed */
    size_t n;
};

/* One line. All zero: before the first. */
struct manifest_line {
    size_t number;                      /* from 1 */
    size_t end;                         /* place where the next line begins */
    int argc;                           /* 1: nothing but blanks and a comment */
    char *argv[1 + MANIFEST_WORDS_MAX]; /* the words from [1] on */
    char *owned;                        /* their memory; freed by the next call */
};

/* Reads a file, or standard input for "-". Returns 0, or -1 after one message. */
int manifest_read(const char *path, struct manifest *manifest);

/* Goes to the next line of a text without zero bytes. Returns 1 when there is one, 0 after the last; -1: there is one,
 * and *why says what is wrong with it. */
int manifest_next(const struct manifest *manifest, struct manifest_line *line, const char **why);

/* Splits a line in place, into at most MANIFEST_WORDS_MAX words: at blanks, with '...', "..." and \ as in a shell; a
 * word that begins with # ends it. Returns how many, or -1 with *why. */
int manifest_split(char *line, char **words, const char **why);

#endif
