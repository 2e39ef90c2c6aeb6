/* Texts in JSON, for all writers of it. */
#ifndef VKVMAF_JSON_TEXT_H
#define VKVMAF_JSON_TEXT_H

#include <stdio.h>

/* The text in quotes; each byte that is not UTF-8 becomes U+FFFD. */
void json_text_write(FILE *file, const char *text);

#endif
