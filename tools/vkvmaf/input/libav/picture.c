/* A decoded picture: its format, its samples. */
#include <inttypes.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <stdlib.h>
#include <string.h>

#include "input/libav/libav.h"

/* The samples of component `plane`, without gaps. */
void libav_copy_plane(const struct reader *reader, unsigned plane, unsigned char *to)
{
    const AVFrame *const frame = reader->libav->frame;
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(frame->format);
    const AVComponentDescriptor *const component = &pixels->comp[plane];
    const struct plane_size size = video_plane_size(&reader->format, plane);
    const uint32_t sample_bytes = video_sample_bytes(&reader->format);
    const size_t row_bytes = (size_t)size.width * sample_bytes;
    const bool is_plain = component->step == (int)sample_bytes && !component->shift &&
                          (sample_bytes == 1 || !(pixels->flags & AV_PIX_FMT_FLAG_BE));
    for (uint32_t y = 0; y < size.height; y++, to += row_bytes) {
        uint16_t *const row = reader->libav->row;
        if (is_plain) {
            memcpy(to,
                   frame->data[component->plane] + (ptrdiff_t)y * frame->linesize[component->plane] + component->offset,
                   row_bytes);
            continue;
        }
        av_read_image_line2(row, (const uint8_t **)frame->data, frame->linesize, pixels, 0, (int)y, (int)plane,
                            (int)size.width, 0, sizeof(*row));
        if (sample_bytes == 2)
            memcpy(to, row, row_bytes);
        for (uint32_t x = 0; x < size.width && sample_bytes == 1; x++)
            to[x] = (unsigned char)row[x];
    }
}

int libav_check_same(struct reader *reader)
{
    const struct libav *const av = reader->libav;
    const bool is_same = av->frame->format == av->pixel_format || (av->rgb && libav_fits_rgb(av));
    if (av->frame->width == av->width && av->frame->height == av->height && is_same)
        return libav_check_shown(reader);
    return reader_fail(reader, "frame %" PRIu64 " is %dx%d %s, those before are %dx%d %s", reader->frame,
                       av->frame->width, av->frame->height, av_get_pix_fmt_name(av->frame->format), av->width,
                       av->height, av_get_pix_fmt_name(av->pixel_format));
}

static enum video_chroma chroma_of(const AVPixFmtDescriptor *pixels)
{
    static const enum video_chroma names[3][3] = {
        /* by the logarithms of width and height */
        {CHROMA_444, CHROMA_440, CHROMA_UNKNOWN},
        {CHROMA_422, CHROMA_420, CHROMA_UNKNOWN},
        {CHROMA_411, CHROMA_UNKNOWN, CHROMA_410},
    };
    if (pixels->nb_components < 3)
        return CHROMA_NONE;
    return pixels->log2_chroma_w > 2 || pixels->log2_chroma_h > 2 ? CHROMA_UNKNOWN
                                                                  : names[pixels->log2_chroma_w][pixels->log2_chroma_h];
}

/* Luma of whole samples that need no conversion. */
static bool has_luma(const AVPixFmtDescriptor *pixels)
{
    const uint64_t others = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL |
                            AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BITSTREAM;
    return pixels->nb_components && !(pixels->flags & others) && strncmp(pixels->name, "xyz", 3) &&
           chroma_of(pixels) != CHROMA_UNKNOWN;
}

/* The old full-range formats have the range in their name. */
static enum video_range range_of(const AVFrame *frame, const AVPixFmtDescriptor *pixels)
{
    if (frame->color_range == AVCOL_RANGE_JPEG || !strncmp(pixels->name, "yuvj", 4))
        return RANGE_FULL;
    return frame->color_range == AVCOL_RANGE_MPEG || pixels->nb_components >= 3 ? RANGE_LIMITED : RANGE_UNKNOWN;
}

int libav_take_format(struct reader *reader)
{
    struct libav *const av = reader->libav;
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(av->frame->format);
    char why[256];
    const uint32_t rgb_depth = pixels && !has_luma(pixels) ? libav_rgb_depth(pixels) : 0;
    if (!pixels || (!has_luma(pixels) && !rgb_depth))
        return reader_fail(reader, "its pictures are %s, of which no luma is made; convert them first",
                           pixels ? pixels->name : "of an unknown format");
    const AVRational rate = av_guess_frame_rate(av->file, av->stream, NULL);
    reader->format = (struct video_format){
        .width = (uint32_t)av->frame->width,
        .height = (uint32_t)av->frame->height,
        .bit_depth = rgb_depth ? rgb_depth : (uint32_t)pixels->comp[0].depth,
        .chroma = rgb_depth ? CHROMA_444 : chroma_of(pixels),
        .range = rgb_depth ? RANGE_LIMITED : range_of(av->frame, pixels),
        .fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0,
    };
    if (libav_take_shown(reader))
        return -1;
    if (video_format_check(&reader->format, why, sizeof(why)))
        return reader_fail(reader, "%s", why);
    av->row = malloc(reader->format.width * sizeof(*av->row));
    if (!av->row)
        return libav_no_memory(reader);
    av->pixel_format = av->frame->format;
    av->width = av->frame->width;
    av->height = av->frame->height;
    return rgb_depth ? libav_open_rgb(reader) : 0;
}
