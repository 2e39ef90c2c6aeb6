/* The driver's compiled kernels, kept in a file between processes.
 *
 * A driver trusts what it is given, so nothing reaches it that this library has not written for the same device and
 * driver: the folder must be the user's own and closed to others, and the file begins with what it belongs to and the
 * SHA-256 of what follows. A file that does not fit is passed over and replaced; none of this ever fails a run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "gpu/gpu_internal.h"

#define CACHE_MAGIC "vkvmaf pipelines"
#define CACHE_BYTES_MAX ((size_t)64 << 20)
#define DIGEST_BYTES GPU_CACHE_DIGEST
#define PATH_ROOM 4096

struct cache_header {
    char magic[16];
    uint32_t vendor, device, driver_version, reserved;
    uint8_t uuid[VK_UUID_SIZE];   /* VkPhysicalDeviceProperties::pipelineCacheUUID */
    uint64_t bytes;               /* of the driver's data */
    uint8_t digest[DIGEST_BYTES]; /* SHA-256 of it */
};

static bool digest_of(const void *bytes, size_t n, uint8_t digest[DIGEST_BYTES])
{
    unsigned size = 0;
    return EVP_Digest(bytes, n, digest, &size, EVP_sha256(), NULL) && size == DIGEST_BYTES;
}

static struct cache_header header_for(const struct gpu_device *device)
{
    VkPhysicalDeviceProperties properties;
    struct cache_header header = {.magic = CACHE_MAGIC};
    device->instance->vkGetPhysicalDeviceProperties(device->physical, &properties);
    header.vendor = properties.vendorID;
    header.device = properties.deviceID;
    header.driver_version = properties.driverVersion;
    memcpy(header.uuid, properties.pipelineCacheUUID, sizeof(header.uuid));
    return header;
}

/* One file per device and driver, so that several take turns without losing anything. */
static bool file_name(const char *folder, const struct cache_header *header, char path[PATH_ROOM])
{
    char uuid[2 * VK_UUID_SIZE + 1];
    for (size_t i = 0; i < VK_UUID_SIZE; i++)
        snprintf(uuid + 2 * i, 3, "%02x", header->uuid[i]);
    int n = snprintf(path, PATH_ROOM, "%s/%04x-%04x-%08x-%s.pipelines", folder, header->vendor, header->device,
                     header->driver_version, uuid);
    return n > 0 && n < PATH_ROOM;
}

/* Makes the folder if it is not there. False: not a folder, or others may write or read there. */
static bool is_private(const char *folder)
{
    struct stat st;
    if (mkdir(folder, 0700) && errno != EEXIST)
        return false;
    return !stat(folder, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

/* The whole file behind `fd`, at most `room` bytes; false when it is longer or cannot be read. */
static bool read_all(int fd, uint8_t *bytes, size_t room, size_t *n)
{
    ssize_t got = 1;
    for (*n = 0; got > 0 && *n < room; *n += (size_t)got)
        if ((got = read(fd, bytes + *n, room - *n)) < 0)
            return false;
    return *n < room;
}

/* Whether the file's `n` bytes are what this library has written for `wanted`. */
static bool is_ours(const struct cache_header *wanted, const uint8_t *bytes, size_t n)
{
    struct cache_header found;
    uint8_t digest[DIGEST_BYTES];
    if (n <= sizeof(found))
        return false;
    memcpy(&found, bytes, sizeof(found));
    return !memcmp(&found, wanted, offsetof(struct cache_header, bytes)) && found.bytes == n - sizeof(found) &&
           digest_of(bytes + sizeof(found), n - sizeof(found), digest) && !memcmp(digest, found.digest, sizeof(digest));
}

/* The file as it is on disk, or NULL. */
static uint8_t *load(const struct gpu_device *device, size_t *n)
{
    const struct cache_header wanted = header_for(device);
    char path[PATH_ROOM];
    struct stat st;
    if (!is_private(device->cache_dir) || !file_name(device->cache_dir, &wanted, path))
        return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    uint8_t *bytes = NULL;
    bool ok = !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_size > 0 &&
              st.st_size <= (off_t)CACHE_BYTES_MAX && (bytes = mem_alloc((size_t)st.st_size + 1, 1)) &&
              read_all(fd, bytes, (size_t)st.st_size + 1, n);
    close(fd);
    if (ok && is_ours(&wanted, bytes, *n))
        return bytes;
    log_line(&device->log, VKV_LOG_INFO, "%s: not a cache of this device's pipelines; it is made anew", path);
    mem_free(bytes);
    return NULL;
}

int gpu_cache_create(struct gpu_device *device)
{
    const vkv_log *log = &device->log;
    size_t n = 0;
    uint8_t *file = device->cache_dir ? load(device, &n) : NULL;
    int err = VKV_OK;
    VkPipelineCacheCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
    if (file) {
        info.initialDataSize = n - sizeof(struct cache_header);
        info.pInitialData = file + sizeof(struct cache_header);
        memcpy(device->cache_digest, file + offsetof(struct cache_header, digest), DIGEST_BYTES);
        log_line(log, VKV_LOG_DEBUG, "%zu bytes of compiled pipelines come from %s", n, device->cache_dir);
    }
    VK(device->vk.vkCreatePipelineCache(device->handle, &info, NULL, &device->pipeline_cache));
fail:
    mem_free(file);
    return err;
}

/* Beside the target, then renamed: a reader sees the old file or the new one. */
static bool write_file(const char *path, const struct cache_header *header, const void *data)
{
    char temporary[PATH_ROOM + 8];
    snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
    int fd = mkstemp(temporary);
    if (fd < 0)
        return false;
    FILE *file = fdopen(fd, "wb");
    if (!file)
        close(fd);
    bool ok = file && fwrite(header, sizeof(*header), 1, file) == 1 &&
              fwrite(data, 1, (size_t)header->bytes, file) == (size_t)header->bytes;
    if (file && fclose(file))
        ok = false;
    ok = ok && !rename(temporary, path);
    if (!ok)
        unlink(temporary);
    return ok;
}

void gpu_cache_store(struct gpu_device *device)
{
    struct cache_header header = header_for(device);
    char path[PATH_ROOM];
    size_t n = 0;
    if (!device->cache_dir || !device->pipeline_cache || !gpu_pass_count(device) ||
        device->vk.vkGetPipelineCacheData(device->handle, device->pipeline_cache, &n, NULL) != VK_SUCCESS || !n ||
        n > CACHE_BYTES_MAX - sizeof(header))
        return;
    uint8_t *data = mem_alloc(n, 1);
    if (data && device->vk.vkGetPipelineCacheData(device->handle, device->pipeline_cache, &n, data) == VK_SUCCESS &&
        digest_of(data, n, header.digest) && memcmp(header.digest, device->cache_digest, DIGEST_BYTES)) {
        header.bytes = n;
        if (!is_private(device->cache_dir) || !file_name(device->cache_dir, &header, path) ||
            !write_file(path, &header, data))
            log_line(&device->log, VKV_LOG_INFO, "%s: compiled pipelines cannot be kept there", device->cache_dir);
    }
    mem_free(data);
}
