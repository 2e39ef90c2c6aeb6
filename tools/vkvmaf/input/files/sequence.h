/* A sequence of pictures, each a file of its own: "shot/fr%04d.png". */
#ifndef VKVMAF_INPUT_SEQUENCE_H
#define VKVMAF_INPUT_SEQUENCE_H

#include "input/reader.h"

/* Whether the last part of `path` has one "%d" or "%0Nd" for a number; "%%" is a percent sign. */
bool sequence_is_pattern(const char *path);

/* The path of the file of the pattern `path` that `other` would be by its name, to be freed; NULL: it is none, or there
 * is no memory. */
char *sequence_file(const char *path, const char *other);

/* Does the work of reader_open for a path that is a pattern: finds the files by the folder's list. The first has the
 * smallest number that is there; where one is missing after it, the sequence is refused. */
int sequence_open(struct reader *reader);

#endif
