/* JSON files that commands read, through cJSON. */
#ifndef VKVMAF_MODEL_JSON_FILE_H
#define VKVMAF_MODEL_JSON_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/files/json.h"

/* `what` starts a message, such as "checkpoint". *root is NULL for a file that is not one JSON object; else for
 * cJSON_Delete. False, after a message, if there is no such file or it is longer than `max_bytes`. */
bool json_file_read(const char *what, const char *path, size_t max_bytes, cJSON **root);

/* Functions that look into a value accept NULL, as cJSON's do. */

/* How many numbers an array of numbers holds, at most `max`, which are read; -1 if it is something else or longer. */
long json_numbers_of(const cJSON *array, double *numbers, size_t max);
/* Whether a value is this text. */
bool json_is_text(const cJSON *value, const char *text);

#endif
