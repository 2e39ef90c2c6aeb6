#include "public_header.c"
