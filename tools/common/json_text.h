/* Texts in JSON, for all writers of it. */
#ifndef VKVMAF_JSON_TEXT_H
#define VKVMAF_JSON_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* The text in quotes; each byte that is not UTF-8 becomes U+FFFD. `is_in_html`: nothing in it means more to HTML or
 * JavaScript than a character. */
void json_text_write(FILE *file, const char *text, bool is_in_html);

#endif
