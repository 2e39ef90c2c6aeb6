/* The tool with decoders that leave their frames on FFmpeg's Vulkan device, as those of Vulkan video do: the linker
 * puts these functions in the place of FFmpeg's. With $VKV_TEST_CROP frames are cropped at the left and at the top;
 * with $VKV_TEST_DECODER no other decoder has a use for the device. */
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <stdlib.h>
#include <string.h>

const AVCodecHWConfig *__wrap_avcodec_get_hw_config(const AVCodec *codec, int i);
int __real_avcodec_receive_frame(AVCodecContext *decoder, AVFrame *frame);
int __wrap_avcodec_receive_frame(AVCodecContext *decoder, AVFrame *frame);

const AVCodecHWConfig *__wrap_avcodec_get_hw_config(const AVCodec *codec, int i)
{
    static const AVCodecHWConfig vulkan = {.pix_fmt = AV_PIX_FMT_VULKAN,
                                           .methods = AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX,
                                           .device_type = AV_HWDEVICE_TYPE_VULKAN};
    const char *const only = getenv("VKV_TEST_DECODER");
    return i || (only && strcmp(only, codec->name) != 0) ? NULL : &vulkan;
}

static int must(int code)
{
    if (code < 0)
        abort();
    return code;
}

static AVBufferRef *make_pool(AVBufferRef *device, const AVFrame *frame)
{
    AVBufferRef *const pool = av_hwframe_ctx_alloc(device);
    AVHWFramesContext *const frames = (AVHWFramesContext *)pool->data;
    frames->format = AV_PIX_FMT_VULKAN;
    frames->sw_format = frame->format;
    frames->width = frame->width;
    frames->height = frame->height;
    must(av_hwframe_ctx_init(pool));
    return pool;
}

/* The tool's, before FFmpeg 6.1. */
void vulkan_enter(void);
void vulkan_leave(void);

/* An upload may go on while the next frame is decoded into the same memory; a copy back waits for it. */
static void upload(const AVFrame *from, AVFrame *to)
{
    AVFrame *const back = av_frame_alloc();
    vulkan_enter();
    must(av_hwframe_transfer_data(to, from, 0));
    must(av_hwframe_transfer_data(back, to, 0));
    vulkan_leave();
    av_frame_free(&(AVFrame *){back});
}

int __wrap_avcodec_receive_frame(AVCodecContext *decoder, AVFrame *frame)
{
    const int code = __real_avcodec_receive_frame(decoder, frame);
    if (code < 0 || !decoder->hw_device_ctx)
        return code;
    AVFrame *const there = av_frame_alloc();
    AVBufferRef *pool = make_pool(decoder->hw_device_ctx, frame);
    must(av_hwframe_get_buffer(pool, there, 0));
    av_buffer_unref(&pool);
    upload(frame, there);
    must(av_frame_copy_props(there, frame));
    if (getenv("VKV_TEST_CROP")) {
        there->crop_left = 3;
        there->crop_top = 1;
    }
    av_frame_unref(frame);
    av_frame_move_ref(frame, there);
    av_frame_free(&(AVFrame *){there});
    return code;
}
