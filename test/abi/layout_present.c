#include <vkvmaf/vkvmaf.h>

#include "layout.h"

#define LIST present_members
#define CONSTANTS present_constants
#define N_OF(list) N_OF_(list)
#define N_OF_(list) n_##list
#include "layout_list.h"
