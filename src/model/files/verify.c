#include "model/files/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
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

int verify_signature(const vkv_log *log, const char *key_path, const char *subject, const uint8_t *text, size_t n_text,
                     const uint8_t *bytes, size_t n)
{
    uint8_t signature[SIGNATURE_BYTES];
    EVP_PKEY *key = NULL;
    EVP_MD_CTX *context = NULL;
    int err;

    TRY(read_key(log, key_path, false, &key));
    if (!decode(text, n_text, signature))
        TRY(log_fail(log, VKV_ERR_MODEL, "%s: is not the base64 form of %d bytes", subject, SIGNATURE_BYTES));
    context = EVP_MD_CTX_new();
    if (!context || EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1)
        TRY(log_fail(log, VKV_ERR_MEMORY, "%s: cannot be checked", subject));
    if (EVP_DigestVerify(context, signature, sizeof(signature), bytes, n) != 1)
        TRY(log_fail(log, VKV_ERR_MODEL, "%s: does not match the registry and the key '%.255s'", subject, key_path));
fail:
    EVP_MD_CTX_free(context);
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

/* ---- bundles ----------------------------------------------------------------------------------------------------- */

/* The files that cosign is given: copies of the bytes that are in use, under their own names in a folder of ours, so
 * that nobody can show it other files than those that were read. */
#define COPIES "/tmp/vkvmaf-XXXXXX"
struct copies {
    char folder[sizeof(COPIES)];
    char paths[2][sizeof(COPIES) + 8 + NAME_MAX];
};

static bool write_copy(const char *path, const struct verify_file *file)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    size_t done = 0;
    while (fd >= 0 && done < file->n) {
        const ssize_t n = write(fd, file->bytes + done, file->n - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return fd >= 0 && !close(fd) && done == file->n;
}

static void remove_copies(const struct copies *copies)
{
    for (int i = 0; i < 2; i++) {
        char folder[sizeof(copies->folder) + 4];
        unlink(copies->paths[i]);
        snprintf(folder, sizeof(folder), "%s/%d", copies->folder, i + 1);
        rmdir(folder);
    }
    rmdir(copies->folder);
}

/* Puts each copy into a folder of its own: their names may be equal. */
static bool make_copies(struct copies *copies, const struct verify_file *const files[2])
{
    strcpy(copies->folder, COPIES);
    bool ok = mkdtemp(copies->folder);
    for (int i = 0; ok && i < 2; i++) {
        char folder[sizeof(copies->folder) + 4];
        snprintf(folder, sizeof(folder), "%s/%d", copies->folder, i + 1);
        snprintf(copies->paths[i], sizeof(copies->paths[i]), "%s/%.*s", folder, NAME_MAX, files[i]->name);
        ok = !mkdir(folder, 0700) && write_copy(copies->paths[i], files[i]);
    }
    return ok;
}

/* Whether the copies are still what they were. */
static bool are_unchanged(const struct copies *copies, const struct verify_file *const files[2])
{
    bool same = true;
    for (int i = 0; same && i < 2; i++) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        same = !file_read(NULL, "", copies->paths[i], files[i]->n, &bytes, &n) && n == files[i]->n &&
               (!n || !memcmp(bytes, files[i]->bytes, n));
        mem_free(bytes);
    }
    return same;
}

static int run_cosign(const vkv_log *log, const char *subject, const char *cosign, const struct copies *copies,
                      const char *bundle)
{
    char *const arguments[] = {(char *)(uintptr_t)cosign,
                               (char *)"verify-blob",
                               (char *)"--bundle",
                               (char *)(uintptr_t)copies->paths[0],
                               (char *)(uintptr_t)copies->paths[1],
                               NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status = 0;

    if (posix_spawn_file_actions_init(&actions))
        return log_fail(log, VKV_ERR_MEMORY, "%s: no memory to run cosign", subject);
    /* The output of cosign would mix with the caller's, hence it goes to /dev/null. */
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

int verify_bundle(const vkv_log *log, const char *subject, const char *cosign, const struct verify_file *bundle,
                  const struct verify_file *file)
{
    const struct verify_file *const files[2] = {bundle, file};
    struct copies copies = {{0}, {{0}}};
    int err;

    if (!make_copies(&copies, files))
        TRY(log_fail(log, VKV_ERR_IO, "%s: cannot be verified: no folder " COPIES " for cosign's copies can be made",
                     subject));
    TRY(run_cosign(log, subject, cosign, &copies, bundle->name));
    if (!are_unchanged(&copies, files))
        TRY(log_fail(log, VKV_ERR_MODEL, "%s: cannot be verified: the copy for cosign was changed", subject));
fail:
    remove_copies(&copies);
    return err;
}
