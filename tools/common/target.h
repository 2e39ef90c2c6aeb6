/* The place of a file that a program writes. Nothing that lies there makes it wait for ever or write elsewhere. */
#ifndef VKVMAF_COMMON_TARGET_H
#define VKVMAF_COMMON_TARGET_H

#include <stdbool.h>
#include <sys/stat.h>

/* The descriptor that `path` names ("-", "/dev/stdout", "/dev/fd/3"), or -1. */
int target_descriptor(const char *path);
/* Whether the bytes go straight there: an open descriptor, or what exists and is no regular file. Others are written
 * beside and renamed. */
bool target_is_direct(const char *path);
/* The kind of a target that nobody means a file to be written to: "a folder"; NULL for others. */
const char *target_unsuitable(const struct stat *st);

/* Opens such a place for writing. A pipe gets TARGET_WAIT_SECONDS to find its reader; from then on a reader that goes
 * away is an error and no signal. -1: errno. */
enum { TARGET_WAIT_SECONDS = 5 };
int target_open(const char *path);

/* The file behind all links, also one that does not exist yet; to be freed. NULL: errno. */
char *target_resolve(const char *path);
/* A text that all paths of one file have, also of one that does not exist yet; to be freed. NULL when there is no
 * memory. */
char *target_identity(const char *path);
/* Whether both paths are one file. */
bool target_is_same(const char *a, const char *b);
/* Whether an open descriptor can be written to. */
bool target_is_writable(int fd);
/* A new file in the folder of that file, with its permissions or those that new files get, open for writing.
 * *temporary is its path, to be freed. -1: errno. */
int target_create_beside(const char *path, char **temporary);
/* Makes a limit on the size of files an error of the write that meets it, also in a driver, instead of a signal. */
void target_refuse_size_signal(void);
/* Gives it its name. -1: errno. */
int target_rename(const char *temporary, const char *path);

/* Says of an errno value what is wrong with the place. */
const char *target_reason(int error);

#endif
