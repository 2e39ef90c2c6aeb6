/* H.264 numbers the pictures that others refer to. FFmpeg's decoder makes up those that are missing, and says so only
 * to who debugs it; a stream may also say that numbers are left out on purpose. */
#include <string.h>

#include "input/libav/libav.h"

#define NAL_SPS 7

struct bits {
    const uint8_t *bytes;
    size_t n, at; /* bytes; the next bit */
};

static unsigned take_bit(struct bits *bits)
{
    const size_t at = bits->at++;
    return at / 8 < bits->n ? bits->bytes[at / 8] >> (7 - at % 8) & 1u : 0;
}

static void pass_over(struct bits *bits, unsigned n)
{
    bits->at += n;
}

/* Exp-Golomb: as many zeros as bits follow the one. */
static uint32_t take_number(struct bits *bits)
{
    unsigned n = 0;
    uint32_t value = 1;
    while (n < 31 && bits->at / 8 < bits->n && !take_bit(bits))
        n++;
    for (unsigned i = 0; i < n; i++)
        value = value << 1 | take_bit(bits);
    return value - 1;
}

static void pass_over_scaling(struct bits *bits, unsigned n)
{
    uint32_t last = 8, next = 8;
    for (unsigned i = 0; i < n && next; i++) {
        const uint32_t code = take_number(bits), change = code & 1 ? code / 2 + 1 : 0u - code / 2;
        next = (last + change) & 255;
        last = next ? next : last;
    }
}

static bool has_chroma_format(unsigned profile)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return memchr(profiles, (int)profile, sizeof(profiles));
}

static void pass_over_chroma_format(struct bits *bits)
{
    const uint32_t chroma = take_number(bits);
    pass_over(bits, chroma == 3);
    take_number(bits);
    take_number(bits);
    pass_over(bits, 1);
    const unsigned n_lists = !take_bit(bits) ? 0 : chroma == 3 ? 12 : 8;
    for (unsigned i = 0; i < n_lists; i++)
        if (take_bit(bits))
            pass_over_scaling(bits, i < 6 ? 16 : 64);
}

static void pass_over_order(struct bits *bits)
{
    const uint32_t kind = take_number(bits);
    if (kind == 0)
        take_number(bits);
    if (kind != 1)
        return;
    pass_over(bits, 1);
    take_number(bits);
    take_number(bits);
    for (uint32_t n = take_number(bits); n && bits->at / 8 < bits->n; n--)
        take_number(bits);
}

/* gaps_in_frame_num_value_allowed_flag of a sequence parameter set, which begins with the byte of its kind. */
static bool allows_gaps(const uint8_t *set, size_t n)
{
    uint8_t bytes[256];
    struct bits bits = {.bytes = bytes};
    for (size_t i = 1; i < n && bits.n < sizeof(bytes); i++)
        if (!(i > 2 && set[i] == 3 && !set[i - 1] && !set[i - 2])) /* keeps what follows from a start code */
            bytes[bits.n++] = set[i];
    pass_over(&bits, 24);
    take_number(&bits);
    if (bits.n && has_chroma_format(bytes[0]))
        pass_over_chroma_format(&bits);
    take_number(&bits);
    pass_over_order(&bits);
    take_number(&bits);
    return take_bit(&bits);
}

bool gaps_are_damage(const AVCodecParameters *parameters)
{
    const uint8_t *const bytes = parameters->extradata;
    const size_t n = parameters->extradata_size > 0 ? (size_t)parameters->extradata_size : 0;
    bool has_set = false;
    if (parameters->codec_id != AV_CODEC_ID_H264)
        return false;
    if (n > 8 && bytes[0] == 1) /* a count, the length of the first set, the set */
        return bytes[5] & 31 && !allows_gaps(bytes + 8, n - 8);
    for (size_t i = 0; i + 3 < n; i++)
        if (!bytes[i] && !bytes[i + 1] && bytes[i + 2] == 1 && (bytes[i + 3] & 31) == NAL_SPS) {
            if (allows_gaps(bytes + i + 3, n - i - 3))
                return false;
            has_set = true;
        }
    return has_set;
}
