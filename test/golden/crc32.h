/* CRC-32 (the zlib polynomial) of bytes and of planes, for comparison with stored checksums. */
#ifndef VKV_TEST_CRC32_H
#define VKV_TEST_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from the checksum of what came before; 0: nothing did. */
uint32_t crc32_more(uint32_t crc, const void *data, size_t size);
uint32_t crc32_bytes(const void *data, size_t size);
uint32_t crc32_u16le(const uint16_t *values, size_t count);
uint32_t crc32_i32le(const int32_t *values, size_t count);

#endif
