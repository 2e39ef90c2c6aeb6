/* A file that gets its name when it is complete, or never: it is written beside its place (common/target.h) and
 * renamed. What lies there and is no regular file, a pipe for one, is written directly. */
#ifndef VKVMAF_COMMON_ATOMIC_FILE_H
#define VKVMAF_COMMON_ATOMIC_FILE_H

struct atomic_file {
    const char *path; /* the caller's */
    int fd;           /* open for writing; -1: closed, or somebody else closes it */
    char *temporary;  /* its path until it has its name; NULL: it is written directly, or has its name */
};

/* Functions return 0 or an errno value. */
/* atomic_file_discard is due in all cases. */
int atomic_file_open(struct atomic_file *file, const char *path);
int atomic_file_close(struct atomic_file *file);
/* Gives a closed file its name. A link at its place stays a link. */
int atomic_file_name(struct atomic_file *file);
/* Closes and removes what has no name yet. */
void atomic_file_discard(struct atomic_file *file);

#endif
