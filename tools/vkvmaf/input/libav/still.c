/* Pictures whose ends and checksums stand in the packet: PNG, of which FFmpeg would also check the texts, JPEG,
 * JPEG-LS and QOI. */
#include <libavutil/crc.h>
#include <string.h>

#include "input/libav/libav.h"

#define PNG_SIGNATURE 8

/* A chunk has a length, a name, data and a checksum of both. A picture's own chunks have names that begin with a
 * capital letter. */
static bool is_damaged_png(const uint8_t *data, size_t n)
{
    const AVCRC *const table = av_crc_get_table(AV_CRC_32_IEEE_LE);
    for (size_t at = PNG_SIGNATURE; at < n;) {
        if (n - at < 12 || be32(data + at) > n - at - 12)
            return true;
        const size_t size = be32(data + at);
        const uint8_t *const name = data + at + 4, *const sum = name + 4 + size;
        const uint32_t wanted = av_crc(table, UINT32_MAX, name, size + 4) ^ UINT32_MAX;
        if (!(name[0] & 0x20) && wanted != be32(sum))
            return true;
        if (!memcmp(name, "IEND", 4))
            return false;
        at += 12 + size;
    }
    return true;
}

struct end_mark {
    uint8_t bytes[8];
    size_t n;
};

/* The end is marked; padding may follow it. */
static bool is_cut_before(const struct end_mark *mark, const uint8_t *data, size_t n)
{
    for (size_t at = n; at >= mark->n; at--)
        if (!memcmp(data + at - mark->n, mark->bytes, mark->n))
            return false;
    return true;
}

/* The mark that a picture ends with, in a container without lengths; NULL: there is none. */
static const struct end_mark *end_mark_of(enum AVCodecID codec, const char *format)
{
    static const struct end_mark jpeg = {{0xff, 0xd9}, 2}, qoi = {{0, 0, 0, 0, 0, 0, 0, 1}, 8};
    if (codec == AV_CODEC_ID_MJPEG && (!strcmp(format, "mjpeg") || !strcmp(format, "jpeg_pipe")))
        return &jpeg;
    if (codec == AV_CODEC_ID_JPEGLS && !strcmp(format, "jpegls_pipe"))
        return &jpeg;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(59, 30, 100)
    if (codec == AV_CODEC_ID_QOI)
        return &qoi;
#endif
    return NULL;
}

bool libav_is_damaged_still(const struct reader *reader)
{
    const struct libav *const av = reader->libav;
    const enum AVCodecID codec = av->decoder->codec_id;
    const struct end_mark *const mark = end_mark_of(codec, av->file->iformat->name);
    const uint8_t *const data = av->packet->data;
    const size_t n = av->packet->size > 0 ? (size_t)av->packet->size : 0;
    static const uint8_t signature[PNG_SIGNATURE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (codec == AV_CODEC_ID_PNG && n > PNG_SIGNATURE && !memcmp(data, signature, PNG_SIGNATURE))
        return is_damaged_png(data, n);
    return mark && n && is_cut_before(mark, data, n);
}
