#include "program.h"

#include <stdio.h>
#include <stdlib.h>

static void die(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(EXIT_FAILURE);
}

VmafPicture picture_of(struct shape shape)
{
    VmafPicture pic;
    if (vmaf_picture_alloc(&pic, shape.format, shape.bpc, shape.width, shape.height))
        die("vmaf_picture_alloc");
    return pic;
}

static unsigned noise(unsigned n)
{
    n = (n ^ 61) ^ (n >> 16);
    n *= 9;
    n ^= n >> 4;
    n *= 0x27d4eb2d;
    return n ^ (n >> 15);
}

static unsigned sample(unsigned x, unsigned y, unsigned plane, unsigned frame, int is_distorted)
{
    const unsigned at = x + frame + 5 * plane, wave = (at * at / 70 + y * y / 50 + at * y / 90) % 200;
    const unsigned value = 20 + wave + noise(x + 977 * y + 7919 * frame + plane) % 6;
    return is_distorted ? value / 48 * 40 + noise(x * y + frame) % 9 : value;
}

void picture_fill(VmafPicture *pic, unsigned frame, int is_distorted)
{
    for (unsigned p = 0; p < 3; p++)
        for (unsigned y = 0; y < pic->h[p]; y++) {
            unsigned char *const row = (unsigned char *)pic->data[p] + (ptrdiff_t)y * pic->stride[p];
            for (unsigned x = 0; x < pic->w[p]; x++) {
                const unsigned value = sample(x, y, p, frame, is_distorted) << (pic->bpc - 8);
                row[pic->bpc > 8 ? 2 * x : x] = (unsigned char)value;
                if (pic->bpc > 8)
                    row[2 * x + 1] = (unsigned char)(value >> 8);
            }
        }
}

VmafContext *context_of(unsigned n_subsample)
{
    VmafContext *vmaf;
    const VmafConfiguration cfg = {.log_level = VMAF_LOG_LEVEL_NONE, .n_subsample = n_subsample, .cpumask = UINT64_MAX};
    if (vmaf_init(&vmaf, cfg))
        die("vmaf_init");
    return vmaf;
}

VmafModel *model_of(const char *version, const char *name, uint64_t flags)
{
    VmafModel *model;
    if (vmaf_model_load(&model, &(VmafModelConfig){.name = name, .flags = flags}, version))
        die(version);
    return model;
}

VmafFeatureDictionary *option(const char *key, const char *value)
{
    VmafFeatureDictionary *dict = NULL;
    vmaf_feature_dictionary_set(&dict, key, value);
    return dict;
}

int read_frames(VmafContext *vmaf, struct shape shape, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n; i++) {
        VmafPicture ref = picture_of(shape), dist = picture_of(shape);
        picture_fill(&ref, i, 0);
        picture_fill(&dist, i, 1);
        const int err = vmaf_read_pictures(vmaf, &ref, &dist, i);
        vmaf_picture_unref(&ref);
        vmaf_picture_unref(&dist);
        if (err)
            return err;
    }
    return 0;
}

int flush(VmafContext *vmaf)
{
    return vmaf_read_pictures(vmaf, NULL, NULL, 0);
}

static void print_value(int code, double value)
{
    if (code)
        printf(" (%d)", code);
    else
        printf(" %.17g", value);
}

void print_feature(VmafContext *vmaf, const char *name, unsigned n)
{
    printf("%s:", name);
    for (unsigned i = 0; i < n; i++) {
        double value = 0;
        const int code = vmaf_feature_score_at_index(vmaf, name, &value, i);
        print_value(code, value);
    }
    puts("");
}

void print_pooled(VmafContext *vmaf, const char *name, unsigned low, unsigned high)
{
    printf("%s from %u to %u:", name, low, high);
    for (int method = VMAF_POOL_METHOD_UNKNOWN; method <= VMAF_POOL_METHOD_NB; method++) {
        double value = 0;
        const int code = vmaf_feature_score_pooled(vmaf, name, (enum VmafPoolingMethod)method, &value, low, high);
        print_value(code, value);
    }
    puts("");
}

void print_model(VmafContext *vmaf, VmafModel *model, unsigned n)
{
    printf("model:");
    for (unsigned i = 0; i < n; i++) {
        double value = 0;
        const int code = vmaf_score_at_index(vmaf, model, &value, i);
        print_value(code, value);
    }
    puts("");
}
