/* Numbers in options and logs have a decimal point, whatever locale the program has set. */
#ifndef VKVMAF_LIBVMAF_POINT_H
#define VKVMAF_LIBVMAF_POINT_H

#include <locale.h>

/* From here to point_end this thread reads and prints numbers as in the locale "C". */
locale_t point_begin(void);
void point_end(locale_t before);

#endif
