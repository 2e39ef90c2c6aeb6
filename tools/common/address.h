/* Addresses in what is said: user information and query may hold passwords and keys. */
#ifndef VKVMAF_ADDRESS_H
#define VKVMAF_ADDRESS_H

#include <stdbool.h>

/* Whether `text` begins with the scheme of an address, "https://" for one. */
bool address_is(const char *text);

/* Takes user information, query and fragment out of every address in `line`: of "https://me:pw@host/a.mp4?key=1"
 * "https://host/a.mp4" is left. An address ends at a space or a quotation mark. */
void address_strip(char *line);

#endif
