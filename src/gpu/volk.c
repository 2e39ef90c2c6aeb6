/* volk's definitions; its global function pointers stay hidden in the library. */
#define VOLK_IMPLEMENTATION
#include <volk.h>
