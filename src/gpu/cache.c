/* The driver's compiled kernels, kept in a file between processes.
 *
 * A driver trusts what it is given, so nothing reaches it that this library has not written for the same device and
 * driver: the folder must be the user's own and closed to others, and the file begins with what it belongs to and the
 * SHA-256 of what follows. A file that does not fit is passed over and replaced; none of this ever fails a run. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
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
#define NAME_ROOM 80
#define TEMPORARY_ROOM (NAME_ROOM + 32)

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
static void file_name(const struct cache_header *header, char name[NAME_ROOM])
{
    char uuid[2 * VK_UUID_SIZE + 1];
    for (size_t i = 0; i < VK_UUID_SIZE; i++)
        snprintf(uuid + 2 * i, 3, "%02x", header->uuid[i]);
    snprintf(name, NAME_ROOM, "%04x-%04x-%08x-%s.pipelines", header->vendor, header->device, header->driver_version,
             uuid);
}

/* Makes the folder if it is not there, and opens it: files are reached through the descriptor, so that nobody can put
 * another folder in its place meanwhile. -1: not a folder, or others may write or read there. */
static int open_private(const char *folder)
{
    struct stat st;
    if (mkdir(folder, 0700) && errno != EEXIST)
        return -1;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && !fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 077))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
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

/* The file as it is on disk, or NULL. Nothing but a regular file of the user is read: a pipe or a device in its place
 * is opened without waiting, and let be. */
static uint8_t *load(const struct gpu_device *device, size_t *n)
{
    const struct cache_header wanted = header_for(device);
    char name[NAME_ROOM];
    struct stat st;
    const int folder = open_private(device->cache_dir);
    if (folder < 0)
        return NULL;
    file_name(&wanted, name);
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    const bool is_missing = fd < 0 && errno == ENOENT;
    uint8_t *bytes = NULL;
    const bool ok = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_size > 0 &&
                    st.st_size <= (off_t)CACHE_BYTES_MAX && (bytes = mem_alloc((size_t)st.st_size + 1, 1)) &&
                    read_all(fd, bytes, (size_t)st.st_size + 1, n);
    if (fd >= 0)
        close(fd);
    close(folder);
    if (ok && is_ours(&wanted, bytes, *n))
        return bytes;
    if (!is_missing)
        log_line(&device->log, VKV_LOG_INFO, "%s/%s: not a cache of this device's pipelines; it is made anew",
                 device->cache_dir, name);
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

/* A new file beside the target; -1 when there can be none. */
static int create_beside(int folder, const char *name, char temporary[TEMPORARY_ROOM])
{
    static atomic_uint count;
    int fd = -1;
    errno = EEXIST;
    for (int i = 0; fd < 0 && errno == EEXIST && i < 100; i++) {
        snprintf(temporary, TEMPORARY_ROOM, "%s.%lx-%x", name, (unsigned long)getpid(), atomic_fetch_add(&count, 1));
        fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    return fd;
}

/* Writes beside the target, then renames: a reader sees the old file or the new one. */
static bool write_file(int folder, const char *name, const struct cache_header *header, const void *data)
{
    char temporary[TEMPORARY_ROOM];
    const int fd = create_beside(folder, name, temporary);
    if (fd < 0)
        return false;
    FILE *file = fdopen(fd, "wb");
    if (!file)
        close(fd);
    bool ok = file && fwrite(header, sizeof(*header), 1, file) == 1 &&
              fwrite(data, 1, (size_t)header->bytes, file) == (size_t)header->bytes;
    if (file && fclose(file))
        ok = false;
    ok = ok && !renameat(folder, temporary, folder, name);
    if (!ok)
        unlinkat(folder, temporary, 0);
    return ok;
}

static void store(const struct gpu_device *device, const struct cache_header *header, const void *data)
{
    char name[NAME_ROOM];
    const int folder = open_private(device->cache_dir);
    file_name(header, name);
    if (folder < 0 || !write_file(folder, name, header, data))
        log_line(&device->log, VKV_LOG_INFO, "%s: compiled pipelines cannot be kept there", device->cache_dir);
    if (folder >= 0)
        close(folder);
}

bool gpu_cache_can_store(const struct gpu_device *device)
{
    const int folder = device->cache_dir ? open_private(device->cache_dir) : -1;
    const bool can = folder >= 0 && !faccessat(folder, ".", W_OK, AT_EACCESS);
    if (folder >= 0)
        close(folder);
    return can;
}

void gpu_cache_store(struct gpu_device *device)
{
    struct cache_header header = header_for(device);
    size_t n = 0;
    if (!device->cache_dir || !device->pipeline_cache || !gpu_pass_count(device) ||
        device->vk.vkGetPipelineCacheData(device->handle, device->pipeline_cache, &n, NULL) != VK_SUCCESS || !n ||
        n > CACHE_BYTES_MAX - sizeof(header))
        return;
    uint8_t *data = mem_alloc(n, 1);
    if (data && device->vk.vkGetPipelineCacheData(device->handle, device->pipeline_cache, &n, data) == VK_SUCCESS &&
        digest_of(data, n, header.digest) && memcmp(header.digest, device->cache_digest, DIGEST_BYTES)) {
        header.bytes = n;
        store(device, &header, data);
    }
    mem_free(data);
}
