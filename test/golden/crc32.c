#include "golden/crc32.h"

static uint32_t crc32_step(uint32_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    return crc;
}

uint32_t crc32_more(uint32_t crc, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    crc = ~crc;
    for (size_t i = 0; i < size; i++)
        crc = crc32_step(crc, bytes[i]);
    return ~crc;
}

uint32_t crc32_bytes(const void *data, size_t size)
{
    return crc32_more(0, data, size);
}

uint32_t crc32_u16le(const uint16_t *values, size_t count)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < count; i++)
        for (int byte = 0; byte < 2; byte++)
            crc = crc32_step(crc, (uint8_t)(values[i] >> 8 * byte));
    return ~crc;
}

uint32_t crc32_i32le(const int32_t *values, size_t count)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < count; i++)
        for (int byte = 0; byte < 4; byte++)
            crc = crc32_step(crc, (uint8_t)((uint32_t)values[i] >> 8 * byte));
    return ~crc;
}
