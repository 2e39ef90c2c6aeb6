/* HEVC that begins inside a group of pictures, as what is recorded from a broadcast does. FFmpeg's decoder of HEVC,
 * unlike those of H.264 and MPEG-2, begins with any picture and makes up what it refers to. */
#include <inttypes.h>
#include <string.h>

#include "input/libav/libav.h"

#define NAL_SLICES 32 /* lower types are slices of pictures */
#define NAL_VPS 32
#define NAL_SPS 33
#define NAL_PPS 34
#define BIT(type) (UINT64_C(1) << (type))

bool is_loose_hevc(const struct libav *av)
{
    static const char *const formats[] = {"hevc", "mpegts", "mpeg"};
    for (size_t i = 0; av->stream->codecpar->codec_id == AV_CODEC_ID_HEVC && i < sizeof(formats) / sizeof(*formats);
         i++)
        if (!strcmp(av->file->iformat->name, formats[i]))
            return true;
    return false;
}

/* Whether an encoder's stream may begin there: with all that decoders have to know before the picture. Some repeat a
 * part of it inside a group. */
static bool has_parameters(const AVPacket *packet)
{
    const uint64_t all = BIT(NAL_VPS) | BIT(NAL_SPS) | BIT(NAL_PPS);
    uint64_t seen = 0;
    for (int i = 0; i + 3 < packet->size; i++) {
        const int type = packet->data[i + 3] >> 1 & 63;
        if (packet->data[i] || packet->data[i + 1] || packet->data[i + 2] != 1)
            continue;
        if (type < NAL_SLICES)
            break;
        seen |= BIT(type);
    }
    return (seen & all) == all;
}

void begin_await(struct libav *av)
{
    av->awaits_key = is_loose_hevc(av);
}

bool begin_passes_over(struct libav *av, const AVPacket *packet)
{
    if (!av->awaits_key)
        return false;
    av->awaits_key = !(packet->flags & AV_PKT_FLAG_KEY) && !has_parameters(packet);
    av->n_before_key += av->awaits_key;
    return av->awaits_key;
}

void begin_remark(struct reader *reader)
{
    const uint64_t n = reader->libav->n_before_key;
    if (n)
        reader_remark(reader,
                      "begins inside a group of pictures; %" PRIu64
                      " picture%s before its first key picture, and those "
                      "that refer to them, are left out",
                      n, n == 1 ? "" : "s");
}
