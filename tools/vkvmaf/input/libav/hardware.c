/* Decoding by a device. A decoder that is given one uses it where it can, else it decodes in software, as in the ffmpeg
 * program. Frames of a device are copied to memory. */
#include "input/hardware.h"

#include <libavutil/hwcontext.h>
#include <stdio.h>
#include <string.h>

#include "input/libav/libav.h"
#include "input/shared.h"

bool hardware_is_vulkan(uint32_t kind)
{
    return kind == AV_HWDEVICE_TYPE_VULKAN;
}

/* FFmpeg knows the names of kinds that it was built without, too. */
static bool is_built(enum AVHWDeviceType type)
{
    enum AVHWDeviceType t = AV_HWDEVICE_TYPE_NONE;
    while ((t = av_hwdevice_iterate_types(t)) != AV_HWDEVICE_TYPE_NONE)
        if (t == type)
            return true;
    return false;
}

int hardware_kind(const char *name, uint32_t *kind, char *why, size_t why_room)
{
    const bool is_none = !strcmp(name, "none"), is_auto = !strcmp(name, "auto");
    const enum AVHWDeviceType type = av_hwdevice_find_type_by_name(name);
    *kind = is_none ? HARDWARE_NONE : is_auto ? HARDWARE_AUTO : (uint32_t)type;
    if (is_none || is_auto || is_built(type))
        return 0;
    size_t n = (size_t)snprintf(why, why_room, "none, auto");
    for (enum AVHWDeviceType t = AV_HWDEVICE_TYPE_NONE;
         (t = av_hwdevice_iterate_types(t)) != AV_HWDEVICE_TYPE_NONE && n < why_room;)
        n += (size_t)snprintf(why + n, why_room - n, ", %s", av_hwdevice_get_type_name(t));
    if (n < why_room)
        snprintf(why + n, why_room - n, " was expected");
    return -1;
}

static const AVCodecHWConfig *config_of(const AVCodec *codec, int i)
{
    const AVCodecHWConfig *config;
    while ((config = avcodec_get_hw_config(codec, i)) && !(config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX))
        i++;
    return config;
}

static bool has_kind(const AVCodec *codec, enum AVHWDeviceType type)
{
    const AVCodecHWConfig *config;
    for (int i = 0; (config = config_of(codec, i)); i++)
        if (config->device_type == type)
            return true;
    return false;
}

/* FFmpeg's preferred decoder may have no use for it: libdav1d for any, those that are not Intel's for qsv. */
const AVCodec *hardware_decoder(const struct reader *reader, enum AVCodecID id)
{
    const uint32_t kind = reader->options.hardware;
    const bool is_named = kind != HARDWARE_NONE && kind != HARDWARE_AUTO;
    const AVCodec *codec;
    void *at = NULL;
    while (is_named && (codec = av_codec_iterate(&at)))
        if (codec->id == id && av_codec_is_decoder(codec) && has_kind(codec, (enum AVHWDeviceType)kind))
            return codec;
    return avcodec_find_decoder(id);
}

static int create(struct reader *reader, enum AVHWDeviceType type)
{
    struct shared_device *const shared = reader->options.shared;
    if (shared && type == AV_HWDEVICE_TYPE_VULKAN) {
        reader->libav->decoder->hw_device_ctx = (AVBufferRef *)(void *)shared_ref(shared);
        return reader->libav->decoder->hw_device_ctx ? 0 : AVERROR(ENOMEM);
    }
    return av_hwdevice_ctx_create(&reader->libav->decoder->hw_device_ctx, type, reader->options.hardware_device, NULL,
                                  0);
}

/* The first kind of which the decoder makes use and there is a device. */
static void open_any(struct reader *reader, const AVCodec *codec)
{
    const AVCodecHWConfig *config;
    for (int i = 0; (config = config_of(codec, i)); i++)
        if (create(reader, config->device_type) >= 0)
            return;
}

static enum AVPixelFormat choose(AVCodecContext *decoder, const enum AVPixelFormat *formats)
{
    const enum AVPixelFormat chosen = avcodec_default_get_format(decoder, formats);
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(chosen);
    struct reader *const reader = decoder->opaque;
    libav_lock();
    reader->libav->is_trying = pixels && pixels->flags & AV_PIX_FMT_FLAG_HWACCEL;
    libav_unlock();
    return chosen;
}

int hardware_open(struct reader *reader, const AVCodec *codec)
{
    const uint32_t kind = reader->options.hardware;
    struct libav *const av = reader->libav;
    if (kind == HARDWARE_NONE)
        return 0;
    const enum AVHWDeviceType type = (enum AVHWDeviceType)kind;
    if (kind == HARDWARE_AUTO) {
        open_any(reader, codec);
    } else {
        const int code = create(reader, type);
        if (code < 0)
            return reader_fail(
                reader, "there is no device to decode it: --hwaccel %s%s%s fails: %s", av_hwdevice_get_type_name(type),
                reader->options.hardware_device ? " --hwaccel-device " : "",
                reader->options.hardware_device ? reader->options.hardware_device : "", av_err2str(code));
        if (!has_kind(codec, type))
            av_buffer_unref(&av->decoder->hw_device_ctx);
    }
    if (av->decoder->hw_device_ctx)
        av->decoder->get_format = choose;
    return 0;
}

static bool is_of_device(const AVFrame *frame)
{
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(frame->format);
    return pixels && pixels->flags & AV_PIX_FMT_FLAG_HWACCEL;
}

/* The kind of device that a frame lies on. */
static const char *device_name(const AVFrame *frame)
{
    const AVHWFramesContext *const frames = (const void *)frame->hw_frames_ctx->data;
    return av_hwdevice_get_type_name(frames->device_ctx->type);
}

/* The samples of a frame of a device, without what is cropped; decoders leave its left and top there. */
static int copy_frame(const AVFrame *from, AVFrame *to)
{
    vulkan_enter();
    int code = av_hwframe_transfer_data(to, from, 0);
    vulkan_leave();
    if (code >= 0)
        code = av_frame_copy_props(to, from);
    return code < 0 ? code : av_frame_apply_cropping(to, AV_FRAME_CROP_UNALIGNED);
}

/* The frame that copy_frame makes, without the samples. */
static int describe_frame(const AVFrame *from, AVFrame *to)
{
    const AVHWFramesContext *const frames = (const void *)from->hw_frames_ctx->data;
    to->format = frames->sw_format;
    to->width = from->width - (int)from->crop_left;
    to->height = from->height - (int)from->crop_top;
    return av_frame_copy_props(to, from);
}

static bool is_on(const struct shared_device *device, const AVFrame *frame)
{
    const AVHWFramesContext *const frames = (const void *)frame->hw_frames_ctx->data;
    return device && ((const AVBufferRef *)(const void *)device)->data == frames->device_ref->data;
}

bool hardware_can_leave(const struct reader *reader)
{
    const struct libav *const av = reader->libav;
    return av && av->shared->hw_frames_ctx && !av->rgb && vulkan_has_luma(av->shared);
}

int hardware_fetch(struct reader *reader)
{
    struct libav *const av = reader->libav;
    av_frame_unref(av->shared);
    if (!is_of_device(av->frame) || !av->frame->hw_frames_ctx)
        return 0;
    av->copied_from = device_name(av->frame);
    AVFrame *const copy = av_frame_alloc();
    const bool is_shared = is_on(reader->options.shared, av->frame);
    if (!copy || (is_shared && av_frame_ref(av->shared, av->frame) < 0)) {
        av_frame_free(&(AVFrame *){copy});
        return libav_no_memory(reader);
    }
    const int code = reader->leaves_frames && is_shared ? describe_frame(av->frame, copy) : copy_frame(av->frame, copy);
    if (code >= 0) {
        av_frame_unref(av->frame);
        av_frame_move_ref(av->frame, copy);
    }
    av_frame_free(&(AVFrame *){copy});
    return code < 0 ? reader_fail(reader, "its frames cannot be copied from the device (%s): %s", av->copied_from,
                                  av_err2str(code))
                    : 0;
}

void hardware_remark(struct reader *reader)
{
    const struct libav *const av = reader->libav;
    const uint32_t kind = reader->options.hardware;
    if (kind == HARDWARE_NONE || hardware_can_leave(reader))
        return;
    if (av->copied_from)
        reader_remark(reader, "is decoded by %s, and its frames are copied to memory", av->copied_from);
    else
        reader_remark(reader, "is decoded in software: FFmpeg's decoder %s has no use for %s%s here",
                      av->decoder->codec->name, kind == HARDWARE_AUTO ? "any device" : "",
                      kind == HARDWARE_AUTO ? "" : av_hwdevice_get_type_name((enum AVHWDeviceType)kind));
}
