/* SHA-256 as lower-case hexadecimal text. */
#ifndef VKV_MODEL_SHA256_H
#define VKV_MODEL_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX_SIZE 65

/* False if memory is exhausted. */
bool sha256_hex(const uint8_t *bytes, size_t n, char hex[SHA256_HEX_SIZE]);

#endif
