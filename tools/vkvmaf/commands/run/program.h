/* Programs, and the libvmaf that they would load. */
#ifndef VKVMAF_RUN_PROGRAM_H
#define VKVMAF_RUN_PROGRAM_H

#define PROGRAM_PATH_ROOM 4096

enum program_kind {
    PROGRAM_MISSING,    /* there is none of the name */
    PROGRAM_UNKNOWN,    /* a script, or a program for another machine */
    PROGRAM_STATIC,     /* it loads no libraries */
    PROGRAM_WITHOUT,    /* it loads libraries, and no libvmaf */
    PROGRAM_OTHER,      /* it loads a libvmaf that is not in the folder, `library` */
    PROGRAM_PRIVILEGED, /* it runs with the rights of another user, and ignores the search path */
    PROGRAM_READY
};

struct program {
    enum program_kind kind;
    char path[PROGRAM_PATH_ROOM];
    char library[PROGRAM_PATH_ROOM];
};

/* Looks at a program by its path, or by its name in PATH. `folder`: where libvmaf.so.3 is to be loaded from; the search
 * path of libraries begins with it already. */
void program_examine(const char *name, const char *folder, struct program *program);

#endif
