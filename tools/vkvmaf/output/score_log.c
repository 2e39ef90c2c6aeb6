#include <stdlib.h>

#include "output/output.h"
#include "output/report/gallery.h"

void score_log_free(struct score_log *log)
{
    for (size_t i = 0; i < log->n_encodes; i++)
        encode_free(&log->encodes[i]);
    free(log->encodes);
    free(log->svms);
    gallery_free(log->gallery);
    notes_free(&log->notes);
    *log = (struct score_log){.n_frames = 0};
}
