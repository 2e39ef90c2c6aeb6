#include FROZEN_HEADER

#include "layout.h"

#define LIST frozen_members
#define CONSTANTS frozen_constants
#define N_OF(list) N_OF_(list)
#define N_OF_(list) n_##list
#include LAYOUT_LIST
