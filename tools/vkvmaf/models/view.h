/* Models of VMAF v1 by how a video is watched, for those who don't know the models' names. */
#ifndef VKVMAF_VIEW_H
#define VKVMAF_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/option.h"

enum { VIEW_NONE, VIEW_1080P, VIEW_2160P, VIEW_PHONE, VIEW_TV };
enum { HFR_AUTO, HFR_ON, HFR_OFF };

/* All zero: no view. */
struct view_request {
    uint32_t view; /* VIEW_* */
    uint32_t hfr;  /* HFR_*: whether the model's form for 50 and 60 frames per second is taken */
};

/* The form for high frame rates is taken from so many frames per second on, or from that many in 1.001 seconds. */
#define VIEW_HFR_FPS 48

/* The words of the command line, and that of one view. */
extern const struct option_choice view_words[];
const char *view_word(uint32_t view);
/* The display that it is on, "1080p" or "2160p". */
const char *view_display(uint32_t view);

/* `fps`: 0 where it is not known; that is no high frame rate. */
bool view_is_hfr(const struct view_request *request, double fps);

/* The model, as after --model: "version=" and its name. */
const char *view_model(uint32_t view, bool is_hfr);

#endif
