/* Pictures: planes of samples, one byte each at 8 bit, else 16-bit words. */
#ifndef VKVMAF_LIBVMAF_PICTURE_H
#define VKVMAF_LIBVMAF_PICTURE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum VmafPixelFormat {
    VMAF_PIX_FMT_UNKNOWN = 0,
    VMAF_PIX_FMT_YUV420P = 1,
    VMAF_PIX_FMT_YUV422P = 2,
    VMAF_PIX_FMT_YUV444P = 3,
    VMAF_PIX_FMT_YUV400P = 4
};

typedef struct VmafRef VmafRef;

typedef struct VmafPicture {
    enum VmafPixelFormat pix_fmt;
    unsigned bpc;        /* bits of a sample, 8 to 16 */
    unsigned w[3], h[3]; /* samples; chroma's are halved downwards, and 0 in 4:0:0 */
    ptrdiff_t stride[3]; /* bytes from row to row */
    void *data[3];       /* NULL for chroma in 4:0:0 */
    VmafRef *ref;        /* the library's, as is `priv` */
    void *priv;
} VmafPicture;

/* Allocates a picture of zeros. Devices can read it where it lies, if the driver imports host memory. It belongs to the
 * caller until vmaf_picture_unref or vmaf_read_pictures. 0, -EINVAL or -ENOMEM. Thread-safe. */
int vmaf_picture_alloc(VmafPicture *pic, enum VmafPixelFormat pix_fmt, unsigned bpc, unsigned w, unsigned h);

/* Gives a picture back, and fills `*pic` with zeros. 0, or -EINVAL where there is none. Thread-safe. */
int vmaf_picture_unref(VmafPicture *pic);

#ifdef __cplusplus
}
#endif

#endif
