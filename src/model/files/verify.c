#include "model/files/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "common/alloc.h"
#include "common/log.h"
#include "model/files/file.h"

#define KEY_MAX_BYTES ((size_t)16384)
#define SIGNATURE_BYTES 64

extern char **environ;

static int no_passphrase(char *buffer, int size, int writing, void *user)
{
    (void)buffer, (void)size, (void)writing, (void)user;
    return -1;
}

/* The Ed25519 key of a PEM file. */
static int read_key(const vkv_log *log, const char *path, bool is_private, EVP_PKEY **key)
{
    uint8_t *bytes = NULL;
    char subject[300];
    size_t n;

    snprintf(subject, sizeof(subject), "key '%.255s'", path);
    int err = file_read(log, subject, path, KEY_MAX_BYTES, &bytes, &n);
    if (err)
        return err;
    BIO *bio = BIO_new_mem_buf(bytes, (int)n);
    *key = !bio         ? NULL
           : is_private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
                        : PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (is_private)
        OPENSSL_cleanse(bytes, n);
    mem_free(bytes);
    if (*key && EVP_PKEY_base_id(*key) == EVP_PKEY_ED25519)
        return VKV_OK;
    EVP_PKEY_free(*key);
    *key = NULL;
    return log_fail(log, VKV_ERR_MODEL, "%s: is not an Ed25519 %s key in PEM form", subject,
                    is_private ? "private" : "public");
}

/* Base64 of SIGNATURE_BYTES, with white space behind it. */
static bool decode(const uint8_t *text, size_t n, uint8_t signature[SIGNATURE_BYTES])
{
    uint8_t decoded[SIGNATURE_BYTES + 2];
    while (n && strchr(" \t\r\n", text[n - 1]))
        n--;
    if (n != SIGNATURE_TEXT_SIZE - 1 || text[n - 1] != '=' || text[n - 2] != '=' || text[n - 3] == '=')
        return false;
    if (EVP_DecodeBlock(decoded, text, (int)n) != SIGNATURE_BYTES + 2)
        return false;
    memcpy(signature, decoded, SIGNATURE_BYTES);
    return true;
}

int verify_signature(const vkv_log *log, const char *key_path, const char *signature_path, const uint8_t *bytes,
                     size_t n)
{
    uint8_t *text = NULL, signature[SIGNATURE_BYTES];
    EVP_PKEY *key = NULL;
    char subject[300];
    size_t n_text;

    snprintf(subject, sizeof(subject), "signature '%.255s'", signature_path);
    int err = read_key(log, key_path, false, &key);
    if (!err)
        err = file_read(log, subject, signature_path, KEY_MAX_BYTES, &text, &n_text);
    if (!err && !decode(text, n_text, signature))
        err = log_fail(log, VKV_ERR_MODEL, "%s: is not the base64 form of %d bytes", subject, SIGNATURE_BYTES);
    if (!err) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        if (!context || EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1)
            err = log_fail(log, VKV_ERR_MEMORY, "%s: cannot be checked", subject);
        else if (EVP_DigestVerify(context, signature, sizeof(signature), bytes, n) != 1)
            err =
                log_fail(log, VKV_ERR_MODEL, "%s: does not match the registry and the key '%.255s'", subject, key_path);
        EVP_MD_CTX_free(context);
    }
    mem_free(text);
    EVP_PKEY_free(key);
    return err;
}

int verify_sign(const vkv_log *log, const char *key_path, const uint8_t *bytes, size_t n,
                char text[SIGNATURE_TEXT_SIZE])
{
    uint8_t signature[SIGNATURE_BYTES];
    size_t size = sizeof(signature);
    EVP_PKEY *key = NULL;

    int err = read_key(log, key_path, true, &key);
    if (err)
        return err;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(context, signature, &size, bytes, n) != 1 || size != sizeof(signature))
        err = log_fail(log, VKV_ERR_MEMORY, "key '%.255s': cannot sign", key_path);
    else
        EVP_EncodeBlock((unsigned char *)text, signature, SIGNATURE_BYTES);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return err;
}

int verify_bundle(const vkv_log *log, const char *subject, const char *cosign, const char *bundle, const char *file)
{
    char *const arguments[] = {(char *)cosign, (char *)"verify-blob", (char *)"--bundle",
                               (char *)bundle, (char *)file,          NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status = 0;

    if (posix_spawn_file_actions_init(&actions))
        return log_fail(log, VKV_ERR_MEMORY, "%s: no memory to run cosign", subject);
    /* What cosign says would mix with the caller's output. */
    int error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    for (int fd = 1; !error && fd <= 2; fd++)
        error = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn(&child, cosign, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return log_fail(log, VKV_ERR_IO, "%s: '%.255s' cannot be run to verify it (%d)", subject, cosign, error);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return log_fail(log, VKV_ERR_IO, "%s: the exit code of cosign is lost (%d)", subject, errno);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return VKV_OK;
    return log_fail(log, VKV_ERR_MODEL, "%s: cosign does not accept the bundle '%.255s' (exit code %d)", subject,
                    bundle, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}
