/* Images and buffers of the application, with samples in them. */
#ifndef TEST_HOST_PICTURES_H
#define TEST_HOST_PICTURES_H

#include "host.h"

#define PICTURES_MAX 3 /* of a frame */

/* Properties of an image. */
struct picture_kind {
    VkFormat format;
    uint32_t width, height, layers;
    VkImageUsageFlags usage;   /* besides the copies' */
    bool is_no_source;         /* no TRANSFER_SRC: it is sampled */
    VkImageCreateFlags flags;  /* DISJOINT: of two planes */
    VkImageAspectFlags aspect; /* of its luma */
};

struct host_picture {
    struct picture_kind kind;
    VkImage image;
    VkDeviceMemory memory[2]; /* of its planes, where they are disjoint; else one */
    VkImageLayout layout;     /* that it is in */
};

/* A buffer that the application maps. */
struct host_buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    uint8_t *bytes;
};

/* Whether the device has such images, and copies to them. */
bool picture_exists(const struct host *host, const struct picture_kind *kind);
void picture_create(const struct host *host, const struct picture_kind *kind, struct host_picture *picture);
void picture_destroy(const struct host *host, struct host_picture *picture);
/* Puts rows without gaps into a layer, behind what was submitted to the queue before, and leaves the image in `layout`.
 * `wait`, `signal`: semaphores of the submission, or none. Returns when it is done. */
void picture_fill(const struct host *host, struct host_picture *picture, uint32_t layer, const void *rows,
                  uint32_t sample_bytes, VkImageLayout layout, const vkv_semaphore *wait, const vkv_semaphore *signal);
vkv_image_params picture_params(const struct host_picture *picture);
vkv_image *picture_wrap(vkv_device *device, const struct host_picture *picture, uint32_t layer, uint32_t shift);

/* A type that the host sees as it is, among `allowed`. */
uint32_t memory_type_of(const struct host *host, uint32_t allowed);
void buffer_create(const struct host *host, uint64_t bytes, struct host_buffer *buffer);
void buffer_destroy(const struct host *host, struct host_buffer *buffer);

VkSemaphore semaphore_create(const struct host *host, bool is_timeline);

/* A use as it is mostly: the whole rectangle, no semaphores, no transfer. */
vkv_image_use use_of(vkv_image *image, VkImageLayout layout);

#endif
