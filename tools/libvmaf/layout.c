/* The layouts that programs share with the library are those of libvmaf 3.2.0 on machines with 64-bit pointers. */
#include <assert.h>
#include <stddef.h>

#include "libvmaf/libvmaf.h"
#include "libvmaf/libvmaf_cuda.h"

#define HAS_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define LIES_AT(type, member, byte) static_assert(offsetof(type, member) == (byte), #type "." #member)

static_assert(sizeof(void *) == 8 && sizeof(enum VmafPixelFormat) == 4, "a machine with 64-bit pointers");

HAS_SIZE(VmafPicture, 96);
LIES_AT(VmafPicture, bpc, 4);
LIES_AT(VmafPicture, w, 8);
LIES_AT(VmafPicture, h, 20);
LIES_AT(VmafPicture, stride, 32);
LIES_AT(VmafPicture, data, 56);
LIES_AT(VmafPicture, ref, 80);
LIES_AT(VmafPicture, priv, 88);

HAS_SIZE(VmafConfiguration, 32);
LIES_AT(VmafConfiguration, n_threads, 4);
LIES_AT(VmafConfiguration, n_subsample, 8);
LIES_AT(VmafConfiguration, cpumask, 16);
LIES_AT(VmafConfiguration, gpumask, 24);

HAS_SIZE(VmafPictureConfiguration, 20);
LIES_AT(VmafPictureConfiguration, pic_params.h, 4);
LIES_AT(VmafPictureConfiguration, pic_params.bpc, 8);
LIES_AT(VmafPictureConfiguration, pic_params.pix_fmt, 12);
LIES_AT(VmafPictureConfiguration, pic_cnt, 16);

HAS_SIZE(VmafModelConfig, 16);
LIES_AT(VmafModelConfig, flags, 8);

HAS_SIZE(VmafModelCollectionScore, 40);
LIES_AT(VmafModelCollectionScore, bootstrap.bagging_score, 8);
LIES_AT(VmafModelCollectionScore, bootstrap.stddev, 16);
LIES_AT(VmafModelCollectionScore, bootstrap.ci.p95.lo, 24);
LIES_AT(VmafModelCollectionScore, bootstrap.ci.p95.hi, 32);

HAS_SIZE(VmafCudaConfiguration, 8);
HAS_SIZE(VmafCudaPictureConfiguration, 20);
LIES_AT(VmafCudaPictureConfiguration, pic_prealloc_method, 16);
