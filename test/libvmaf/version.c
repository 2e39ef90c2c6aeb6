/* Says which libvmaf it runs with, and on what: a program for vkvmaf run. */
#include <stdio.h>
#include <stdlib.h>

#include "libvmaf/libvmaf.h"

int main(void)
{
    const char *const device = getenv("VKVMAF_DEVICE");
    printf("VMAF %s on %s\n", vmaf_version(), device ? device : "the first device");
    return EXIT_SUCCESS;
}
