#include PRESENT_HEADER

#include "layout.h"

#define LIST present_members
#define CONSTANTS present_constants
#define N_OF(list) N_OF_(list)
#define N_OF_(list) n_##list
#include LAYOUT_LIST
