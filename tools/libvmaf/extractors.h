/* What is particular to libvmaf 3.2.0's extractors, by their names, which are those of vkvmaf's families. */
#ifndef VKVMAF_LIBVMAF_EXTRACTORS_H
#define VKVMAF_LIBVMAF_EXTRACTORS_H

#include <stdbool.h>

/* libvmaf keeps some features under a long name, by which callers ask for them, and writes a short one into logs;
 * vkvmaf's columns have the short one. With options both are the same. The long name of a column, and the short one of
 * a feature: the name itself where there is no other. */
const char *names_long(const char *column);
const char *names_short(const char *feature);

/* The value with which an option means nothing that vkvmaf lacks; NULL: it is no such option. */
const char *extractors_harmless(const char *family, const char *option);

/* Whether the extractor looks at every picture, whatever the subsampling. */
bool extractors_see_all(const char *family);

/* References before a picture that its features depend on, so that another scorer can go on where one was ended. 0:
 * none; then pictures may come in any order. */
enum { HISTORY_SHORT = 2, HISTORY_LONG = 6 };
unsigned extractors_history(const char *family, const char *options);

#endif
