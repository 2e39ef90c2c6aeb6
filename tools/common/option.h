/* The options of a program as rows of a table: how each is called, and how its value becomes a member of a struct. Who
 * reads the command line finds the row and its value, each program in its own syntax; a row's value is taken here. */
#ifndef VKVMAF_COMMON_OPTION_H
#define VKVMAF_COMMON_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_choice {
    const char *word; /* NULL ends a list */
    uint32_t value;
};

enum option_kind {
    TAKE_SWITCH,    /* no value: a bool becomes true */
    TAKE_CONSTANT,  /* no value: a uint32_t becomes `least` */
    TAKE_TEXT,      /* a string as it is; the last one holds */
    TAKE_NUMBER_32, /* decimal, from `least` to `most` */
    TAKE_NUMBER_64,
    TAKE_CHOICE, /* one of `choices`: a uint32_t */
    TAKE_OTHER   /* `take` does it */
};

struct option {
    const char *name;  /* after "--" */
    char letter;       /* after "-", or 0 */
    unsigned commands; /* bits of the commands that know it, as the program counts them */
    const char *value; /* the kind of value, for messages; NULL: it has none */
    enum option_kind kind;
    size_t offset; /* of the member */
    uint64_t least, most;
    const struct option_choice *choices;
    /* `value` is NULL where there is none; `target`: the struct. Returns 0, or -1 after one message. */
    int (*take)(const struct option *option, const char *value, void *target);
    /* Writes what the value is, where that is not known before; NULL: `value` says it. */
    void (*describe)(char *text, size_t room);
    bool is_optional; /* the value may be left out; it only comes after '=' */
    bool is_list;     /* more values may follow */
};

/* Takes a value into the member of *target. The string stays the caller's. Returns 0, or -1 after one message. */
int option_take(const struct option *option, const char *value, void *target);

/* The member of *target that the row names. */
void *option_member(const struct option *option, void *target);

/* A decimal number from `least` to `most`, for rows of their own kind. Returns 0, or -1 after one message. */
int option_number(const struct option *option, const char *text, uint64_t least, uint64_t most, uint64_t *number);

#endif
