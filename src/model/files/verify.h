/* Signatures: Ed25519 over the registry's bytes, or a sigstore bundle checked by the program cosign. */
#ifndef VKV_MODEL_VERIFY_H
#define VKV_MODEL_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

/* Base64 of 64 bytes, and NUL. */
#define SIGNATURE_TEXT_SIZE 89

/* A signature's file is not read beyond this. */
#define SIGNATURE_MAX_BYTES ((size_t)16384)

/* Checks `text` (base64 of an Ed25519 signature) over the bytes with the public key in a PEM file. Logs; `subject`
 * starts a message about the signature. VKV_ERR_IO (the key), VKV_ERR_MODEL (does not match), VKV_ERR_MEMORY. */
int verify_signature(const vkv_log *log, const char *key_path, const char *subject, const uint8_t *text, size_t n_text,
                     const uint8_t *bytes, size_t n);

/* Signs with the private key in a PEM file. Same errors. */
int verify_sign(const vkv_log *log, const char *key_path, const uint8_t *bytes, size_t n,
                char text[SIGNATURE_TEXT_SIZE]);

/* A file as it was read, and its name without a folder. */
struct verify_file {
    const char *name;
    const uint8_t *bytes;
    size_t n;
};

/* Runs `cosign verify-blob --bundle BUNDLE FILE` on copies of the bytes, and waits. `subject` starts the message.
 * VKV_ERR_MODEL, VKV_ERR_IO. */
int verify_bundle(const vkv_log *log, const char *subject, const char *cosign, const struct verify_file *bundle,
                  const struct verify_file *file);

#endif
