#include "libvmaf/point.h"

/* The locale "C" is part of the C library: making it takes no memory. */
locale_t point_begin(void)
{
    return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

void point_end(locale_t before)
{
    uselocale(before);
}
