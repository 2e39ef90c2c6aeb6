#include "vulkan_header.c"
