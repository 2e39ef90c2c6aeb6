/* What the programs of this folder share: pictures that are the same everywhere, and lines of results. They are linked
 * with libvmaf.so.3, whichever the loader finds; the one of libvmaf 3.2.0 gave the .golden files. */
#ifndef TEST_LIBVMAF_PROGRAM_H
#define TEST_LIBVMAF_PROGRAM_H

#include "libvmaf/libvmaf.h"

/* Prints a call and what it returns. */
#define CODE(call) printf("%s: %d\n", #call, call)

struct shape {
    unsigned width, height, bpc;
    enum VmafPixelFormat format;
};

/* Ends the program unless the picture can be had. */
VmafPicture picture_of(struct shape shape);
/* Samples of a moving texture with some noise, which are the frame's own; a distorted one is coarser. */
void picture_fill(VmafPicture *pic, unsigned frame, int is_distorted);

/* Without libvmaf's vector code, whose ADM differs from its portable code in some odd sizes. */
VmafContext *context_of(unsigned n_subsample);
VmafModel *model_of(const char *version, const char *name, uint64_t flags);
/* A dictionary with one option. */
VmafFeatureDictionary *option(const char *key, const char *value);
/* Reads frames, and returns the code of the first that fails. */
int read_frames(VmafContext *vmaf, struct shape shape, unsigned first, unsigned n);
int flush(VmafContext *vmaf);

/* Prints a feature's value, or the code, of each frame; and all ways of pooling it. */
void print_feature(VmafContext *vmaf, const char *name, unsigned n);
void print_pooled(VmafContext *vmaf, const char *name, unsigned low, unsigned high);
void print_model(VmafContext *vmaf, VmafModel *model, unsigned n);

#endif
