/* libvmaf's functions for CUDA, which vkvmaf does without. */
#include <errno.h>

#include "libvmaf/libvmaf_cuda.h"

int vmaf_cuda_state_init(VmafCudaState **cu_state, VmafCudaConfiguration cfg)
{
    (void)cu_state;
    (void)cfg;
    return -ENOSYS;
}

int vmaf_cuda_import_state(VmafContext *vmaf, VmafCudaState *cu_state)
{
    (void)vmaf;
    (void)cu_state;
    return -ENOSYS;
}

int vmaf_cuda_preallocate_pictures(VmafContext *vmaf, VmafCudaPictureConfiguration cfg)
{
    (void)vmaf;
    (void)cfg;
    return -ENOSYS;
}

int vmaf_cuda_fetch_preallocated_picture(VmafContext *vmaf, VmafPicture *pic)
{
    (void)vmaf;
    (void)pic;
    return -ENOSYS;
}
