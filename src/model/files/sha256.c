#include "model/files/sha256.h"

#include <openssl/evp.h>

bool sha256_hex(const uint8_t *bytes, size_t n, char hex[SHA256_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    if (!EVP_Digest(bytes, n, digest, &size, EVP_sha256(), NULL) || size * 2 + 1 != SHA256_HEX_SIZE)
        return false;
    for (unsigned int i = 0; i < size; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[2 * size] = '\0';
    return true;
}
