#include "input/pairing/index.h"

#include <stdlib.h>

void frame_index_free(struct frame_index *index)
{
    free(index->stamps);
    *index = (struct frame_index){.n = 0};
}
