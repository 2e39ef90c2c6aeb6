/* libvmaf's PSNR of the planes of two pictures. */
#ifndef VKVMAF_PSNR_H
#define VKVMAF_PSNR_H

#include "input/input.h"

struct psnr {
    double psnr[VIDEO_PLANES], mse[VIDEO_PLANES]; /* y, cb, cr */
};

/* The first `n_planes` planes; those that are not there become NaN. */
void psnr_measure(const struct video_format *format, const struct video_frame *ref, const struct video_frame *dist,
                  unsigned n_planes, struct psnr *psnr);

#endif
