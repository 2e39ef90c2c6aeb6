/* Signatures: Ed25519 over the registry's bytes, or a sigstore bundle checked by the program cosign. */
#ifndef VKV_MODEL_VERIFY_H
#define VKV_MODEL_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

/* Base64 of 64 bytes, and NUL. */
#define SIGNATURE_TEXT_SIZE 89

/* Checks the text of `signature_path` (base64 of an Ed25519 signature) over the bytes with the public key in a PEM
 * file. Logs. VKV_ERR_IO, VKV_ERR_MODEL (does not match), VKV_ERR_MEMORY. */
int verify_signature(const vkv_log *log, const char *key_path, const char *signature_path, const uint8_t *bytes,
                     size_t n);

/* Signs with the private key in a PEM file. Same errors. */
int verify_sign(const vkv_log *log, const char *key_path, const uint8_t *bytes, size_t n,
                char text[SIGNATURE_TEXT_SIZE]);

/* Runs `cosign verify-blob --bundle BUNDLE FILE` and waits. `subject` starts the message. VKV_ERR_MODEL, VKV_ERR_IO. */
int verify_bundle(const vkv_log *log, const char *subject, const char *cosign, const char *bundle, const char *file);

#endif
