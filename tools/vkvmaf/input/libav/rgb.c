/* Pictures without luma, RGB above all: FFmpeg's libswscale makes YUV of them, 4:4:4 and limited range. */
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>

#include "input/libav/libav.h"

/* Pictures with so many lines or more are BT.709, smaller ones BT.601. */
#define LINES_HD 720
#define EXACT (SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT)

struct libav_rgb {
    struct SwsContext *context;
    int from;      /* the pixel format that the context is made for */
    AVFrame *made; /* the last picture that was converted; its format is the target's */
};

/* 4:4:4 of the smallest depth that holds all components; AV_PIX_FMT_NONE: FFmpeg does not convert these pictures. */
static enum AVPixelFormat target_of(const AVPixFmtDescriptor *pixels)
{
    static const enum AVPixelFormat targets[] = {AV_PIX_FMT_YUV444P,   AV_PIX_FMT_YUV444P9,  AV_PIX_FMT_YUV444P10,
                                                 AV_PIX_FMT_YUV444P12, AV_PIX_FMT_YUV444P14, AV_PIX_FMT_YUV444P16};
    const uint64_t some = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM;
    const uint64_t others = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
    int depth = 0;
    if (!(pixels->flags & some) || pixels->flags & others || !sws_isSupportedInput(av_pix_fmt_desc_get_id(pixels)))
        return AV_PIX_FMT_NONE;
    for (int i = 0; i < pixels->nb_components; i++)
        depth = pixels->comp[i].depth > depth ? pixels->comp[i].depth : depth;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (av_pix_fmt_desc_get(targets[i])->comp[0].depth >= depth)
            return targets[i];
    return AV_PIX_FMT_NONE;
}

uint32_t libav_rgb_depth(const AVPixFmtDescriptor *pixels)
{
    const enum AVPixelFormat target = target_of(pixels);
    return target == AV_PIX_FMT_NONE ? 0 : (uint32_t)av_pix_fmt_desc_get(target)->comp[0].depth;
}

bool libav_fits_rgb(const struct libav *av)
{
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(av->frame->format);
    return pixels && (int)target_of(pixels) == av->rgb->made->format;
}

static bool is_hd(const AVFrame *frame)
{
    return frame->height >= LINES_HD;
}

static int open_context(struct libav_rgb *rgb, const AVFrame *frame)
{
    const int *const matrix = sws_getCoefficients(is_hd(frame) ? SWS_CS_ITU709 : SWS_CS_ITU601);
    sws_freeContext(rgb->context);
    rgb->context = sws_getContext(frame->width, frame->height, frame->format, frame->width, frame->height,
                                  rgb->made->format, EXACT, NULL, NULL, NULL);
    rgb->from = frame->format;
    if (!rgb->context)
        return -1;
    return sws_setColorspaceDetails(rgb->context, matrix, 0, matrix, 0, 0, 1 << 16, 1 << 16) < 0 ? -1 : 0;
}

int libav_convert_rgb(struct reader *reader)
{
    struct libav *const av = reader->libav;
    struct libav_rgb *const rgb = av->rgb;
    AVFrame *const made = rgb->made;
    if (av->frame->format != rgb->from && open_context(rgb, av->frame))
        return reader_fail(reader, "FFmpeg cannot convert pictures of %s to YUV",
                           av_get_pix_fmt_name(av->frame->format));
    sws_scale(rgb->context, (const uint8_t *const *)av->frame->data, av->frame->linesize, 0, av->frame->height,
              made->data, made->linesize);
    av_frame_unref(av->frame);
    return av_frame_ref(av->frame, made) < 0 ? libav_no_memory(reader) : 0;
}

int libav_open_rgb(struct reader *reader)
{
    struct libav *const av = reader->libav;
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(av->frame->format);
    av->rgb = calloc(1, sizeof(*av->rgb));
    if (!av->rgb || !(av->rgb->made = av_frame_alloc()))
        return libav_no_memory(reader);
    av->rgb->from = AV_PIX_FMT_NONE;
    av->rgb->made->format = target_of(pixels);
    av->rgb->made->width = av->frame->width;
    av->rgb->made->height = av->frame->height;
    if (av_frame_get_buffer(av->rgb->made, 0) < 0)
        return libav_no_memory(reader);
    reader_remark(reader, "is converted from %s to YUV 4:4:4, BT.%d, limited range%s", pixels->name,
                  is_hd(av->frame) ? 709 : 601,
                  pixels->flags & AV_PIX_FMT_FLAG_ALPHA ? "; what is transparent is ignored" : "");
    return 0;
}

void libav_close_rgb(struct libav_rgb *rgb)
{
    if (!rgb)
        return;
    sws_freeContext(rgb->context);
    av_frame_free(&rgb->made);
    free(rgb);
}
