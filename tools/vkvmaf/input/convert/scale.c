/* Bicubic scaling by FFmpeg's libswscale, with the flags that give the same bits on every processor. */
#include <inttypes.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>

#include "input/convert/convert.h"

#define ROW_ALIGNMENT 64
/* Place of the chroma samples of 4:2:0 in a row's height, in 1/256: FFmpeg's scale filter says the same. */
#define CHROMA_POSITION_420 128

struct scaler {
    struct SwsContext *context;
    uint32_t rows; /* rows of the pictures that come */
    struct picture result;
    unsigned char *bytes;
};

/* The format that has these planes; AV_PIX_FMT_NONE where FFmpeg has none. */
static enum AVPixelFormat pixel_format(const struct video_format *format, unsigned n_planes)
{
    static const char *const names[] = {
        [CHROMA_420] = "yuv420p", [CHROMA_410] = "yuv410p", [CHROMA_411] = "yuv411p",       [CHROMA_422] = "yuv422p",
        [CHROMA_440] = "yuv440p", [CHROMA_444] = "yuv444p", [CHROMA_444_ALPHA] = "yuv444p",
    };
    char name[32];
    const char *const family = n_planes > 1 ? names[format->chroma] : "gray";
    if (format->bit_depth == 8)
        return av_get_pix_fmt(family);
    snprintf(name, sizeof(name), "%s%" PRIu32 "le", family, format->bit_depth);
    return av_get_pix_fmt(name);
}

static int set_options(struct SwsContext *context, const struct video_format *from, const struct video_format *to,
                       unsigned n_planes)
{
    const struct {
        const char *name;
        int64_t value;
    } options[] = {
        {"sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT},
        {"srcw", from->width},
        {"srch", from->height},
        {"src_format", pixel_format(from, n_planes)},
        {"dstw", to->width},
        {"dsth", to->height},
        {"dst_format", pixel_format(to, n_planes)},
        {"src_v_chr_pos", from->chroma == CHROMA_420 ? CHROMA_POSITION_420 : -513},
        {"dst_v_chr_pos", to->chroma == CHROMA_420 ? CHROMA_POSITION_420 : -513},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (av_opt_set_int(context, options[i].name, options[i].value, 0) < 0)
            return -1;
    return sws_init_context(context, NULL, NULL) < 0 ? -1 : 0;
}

static int allocate_result(struct scaler *scaler, const struct video_format *to, unsigned n_planes)
{
    size_t offset[VIDEO_PLANES] = {0}, all = 0;
    for (unsigned plane = 0; plane < n_planes; plane++) {
        const struct plane_size size = video_plane_size(to, plane);
        const size_t row = (size_t)size.width * video_sample_bytes(to);
        scaler->result.stride[plane] = (row + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
        offset[plane] = all;
        all += scaler->result.stride[plane] * size.height;
    }
    scaler->bytes = av_malloc(all + ROW_ALIGNMENT);
    for (unsigned plane = 0; scaler->bytes && plane < n_planes; plane++)
        scaler->result.plane[plane] = scaler->bytes + offset[plane];
    return scaler->bytes ? 0 : -1;
}

int scaler_open(struct scaler **scaler, const struct video_format *from, const struct video_format *to,
                unsigned n_planes, char *why, size_t why_room)
{
    struct scaler *const made = *scaler = calloc(1, sizeof(*made));
    if (pixel_format(from, n_planes) == AV_PIX_FMT_NONE || pixel_format(to, n_planes) == AV_PIX_FMT_NONE) {
        snprintf(why, why_room, "FFmpeg cannot scale pictures of %u bit to %u bit (%s)", from->bit_depth, to->bit_depth,
                 video_chroma_name(from->chroma));
        return -1;
    }
    if (!made || !(made->context = sws_alloc_context()) || allocate_result(made, to, n_planes)) {
        snprintf(why, why_room, "no memory to scale it to %ux%u", to->width, to->height);
        return -1;
    }
    made->rows = from->height;
    if (!set_options(made->context, from, to, n_planes))
        return 0;
    snprintf(why, why_room, "FFmpeg cannot scale it from %ux%u to %ux%u", from->width, from->height, to->width,
             to->height);
    return -1;
}

void scaler_close(struct scaler **scaler)
{
    if (*scaler) {
        sws_freeContext((*scaler)->context);
        av_free((*scaler)->bytes);
    }
    free(*scaler);
    *scaler = NULL;
}

void scaler_run(struct scaler *scaler, const struct picture *from, struct picture *to)
{
    const uint8_t *source[4] = {NULL};
    uint8_t *target[4] = {NULL};
    int source_stride[4] = {0}, target_stride[4] = {0};
    for (unsigned plane = 0; plane < VIDEO_PLANES; plane++) {
        source[plane] = from->plane[plane];
        source_stride[plane] = (int)from->stride[plane];
        target[plane] = (uint8_t *)(uintptr_t)scaler->result.plane[plane];
        target_stride[plane] = (int)scaler->result.stride[plane];
    }
    sws_scale(scaler->context, source, source_stride, 0, (int)scaler->rows, target, target_stride);
    *to = scaler->result;
}
