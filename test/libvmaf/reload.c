/* The library is opened, used and closed, twice, as a plugin of a program would do it, beside another libvmaf; its
 * functions for CUDA refuse.
 * Argument: the library. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/libvmaf_cuda.h"

static void *library;

/* Another libvmaf in the process, whose functions the library does not call. */
int vmaf_picture_unref(VmafPicture *pic)
{
    (void)pic;
    fputs("the library calls another libvmaf\n", stderr);
    exit(EXIT_FAILURE);
}

/* The function's address as an object's; the pointer is copied, since C has no conversion between them. */
static void find(const char *name, void *function, size_t size)
{
    void *const address = dlsym(library, name);
    if (!address) {
        fprintf(stderr, "there is no %s\n", name);
        exit(EXIT_FAILURE);
    }
    memcpy(function, &address, size);
}
#define FIND(name, function) find(name, &(function), sizeof(function))

static void expect(int code, int expected, const char *what)
{
    if (code == expected)
        return;
    fprintf(stderr, "%s gave %d, %d was expected\n", what, code, expected);
    exit(EXIT_FAILURE);
}

static void score_two_frames(void)
{
    int (*init)(VmafContext **, VmafConfiguration), (*close)(VmafContext *);
    int (*use)(VmafContext *, const char *, VmafFeatureDictionary *);
    int (*alloc)(VmafPicture *, enum VmafPixelFormat, unsigned, unsigned, unsigned);
    int (*read)(VmafContext *, VmafPicture *, VmafPicture *, unsigned);
    int (*score_at)(VmafContext *, const char *, double *, unsigned);
    VmafContext *vmaf;
    double score = 0;
    FIND("vmaf_init", init);
    FIND("vmaf_close", close);
    FIND("vmaf_use_feature", use);
    FIND("vmaf_picture_alloc", alloc);
    FIND("vmaf_read_pictures", read);
    FIND("vmaf_feature_score_at_index", score_at);
    expect(init(&vmaf, (VmafConfiguration){.log_level = VMAF_LOG_LEVEL_NONE}), 0, "vmaf_init");
    expect(use(vmaf, "vif", NULL), 0, "vmaf_use_feature");
    for (unsigned i = 0; i < 2; i++) {
        VmafPicture ref, dist;
        expect(alloc(&ref, VMAF_PIX_FMT_YUV420P, 8, 64, 48), 0, "vmaf_picture_alloc");
        expect(alloc(&dist, VMAF_PIX_FMT_YUV420P, 8, 64, 48), 0, "vmaf_picture_alloc");
        expect(read(vmaf, &ref, &dist, i), 0, "vmaf_read_pictures");
    }
    expect(read(vmaf, NULL, NULL, 0), 0, "flush");
    expect(score_at(vmaf, "VMAF_integer_feature_vif_scale0_score", &score, 1), 0, "vmaf_feature_score_at_index");
    expect(score == 1, 1, "vif of equal pictures");
    expect(close(vmaf), 0, "vmaf_close");
}

static void refuse_cuda(void)
{
    int (*init)(VmafCudaState **, VmafCudaConfiguration);
    int (*import)(VmafContext *, VmafCudaState *);
    int (*preallocate)(VmafContext *, VmafCudaPictureConfiguration);
    int (*fetch)(VmafContext *, VmafPicture *);
    FIND("vmaf_cuda_state_init", init);
    FIND("vmaf_cuda_import_state", import);
    FIND("vmaf_cuda_preallocate_pictures", preallocate);
    FIND("vmaf_cuda_fetch_preallocated_picture", fetch);
    expect(init(NULL, (VmafCudaConfiguration){NULL}), -ENOSYS, "vmaf_cuda_state_init");
    expect(import(NULL, NULL), -ENOSYS, "vmaf_cuda_import_state");
    expect(preallocate(NULL, (VmafCudaPictureConfiguration){.pic_prealloc_method = 0}), -ENOSYS,
           "vmaf_cuda_preallocate_pictures");
    expect(fetch(NULL, NULL), -ENOSYS, "vmaf_cuda_fetch_preallocated_picture");
}

int main(int argc, char **argv)
{
    for (unsigned i = 0; i < 2; i++) {
        library = dlopen(argc > 1 ? argv[1] : "libvmaf.so.3", RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            fprintf(stderr, "%s\n", dlerror());
            return EXIT_FAILURE;
        }
        score_two_frames();
        refuse_cuda();
        dlclose(library);
    }
    return EXIT_SUCCESS;
}
