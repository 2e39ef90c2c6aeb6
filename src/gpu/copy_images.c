/* The copies of an application's images: what a use of them may say, barriers, copies, semaphores. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "gpu/gpu_internal.h"

/* ---- what a use may say ---- */

static int check_rectangle(const struct gpu_image_copy *copy)
{
    const struct gpu_image_shape *const shape = &copy->shape;
    const struct gpu_image *const image = copy->image;
    const vkv_image_use *const use = copy->use;
    if (shape->width > image->width || use->x > image->width - shape->width || shape->height > image->height ||
        use->y > image->height - shape->height)
        return log_fail(&image->device->log, VKV_ERR_ARG,
                        "vkv_image_use: pictures of %ux%u at %u,%u do not lie in an image of %ux%u", shape->width,
                        shape->height, use->x, use->y, image->width, image->height);
    if (image->bits ? image->bits != shape->bit_depth : shape->bit_depth == 8)
        return log_fail(&image->device->log, VKV_ERR_ARG, "vkv_image_use: samples of %u bits for a scorer of %u",
                        image->bits ? image->bits : 16, shape->bit_depth);
    if (image->shift + shape->bit_depth > 8 * image->sample_bytes)
        return log_fail(&image->device->log, VKV_ERR_ARG,
                        "vkv_image_use: an image's shift is %u; samples of %u bits have room for %u", image->shift,
                        shape->bit_depth, 8 * image->sample_bytes - shape->bit_depth);
    return VKV_OK;
}

static int check_layout(const struct gpu_image_copy *copy)
{
    const VkImageLayout layout = copy->use->layout;
    if (!copy->image->handle || (layout != VK_IMAGE_LAYOUT_UNDEFINED && layout != VK_IMAGE_LAYOUT_PREINITIALIZED))
        return VKV_OK;
    return log_fail(&copy->image->device->log, VKV_ERR_ARG,
                    "vkv_image_use: layout %d has no samples; the one that the image is in was expected", (int)layout);
}

/* Luma is one sample a texel; chroma is copied, never sampled. */
static int check_samples(const struct gpu_image_copy *copy)
{
    const vkv_log *const log = &copy->image->device->log;
    if (copy->image->samples != copy->shape.samples)
        return log_fail(log, VKV_ERR_ARG, "vkv_image_use: an image with %u samples a texel; %s expected",
                        copy->image->samples,
                        copy->shape.samples > 1 ? "Cb and Cr by turns were" : "one of luma, of Cb or of Cr was");
    if (copy->is_chroma && copy->image->sampled.sampling)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "vkv_image_use: chroma in an image that cannot be copied; only luma is sampled");
    return VKV_OK;
}

/* Families of the device do not hand a shared image over, and Vulkan lets no other family own one. */
static int check_owner(const struct gpu_image_copy *copy)
{
    const struct gpu_device *const device = copy->image->device;
    const uint32_t family = copy->use->queue_family;
    const bool is_foreign = family == VK_QUEUE_FAMILY_EXTERNAL || family == VK_QUEUE_FAMILY_FOREIGN_EXT;
    const bool is_outside = family == VK_QUEUE_FAMILY_IGNORED || family == VK_QUEUE_FAMILY_EXTERNAL ||
                            (family == VK_QUEUE_FAMILY_FOREIGN_EXT && device->has_foreign);
    if (copy->image->is_shared && is_foreign)
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_image_use: queue family %s for an image with concurrent sharing; VK_QUEUE_FAMILY_IGNORED "
                        "was expected",
                        family == VK_QUEUE_FAMILY_EXTERNAL ? "EXTERNAL" : "FOREIGN_EXT");
    if (!copy->image->is_shared && family == device->queue_family)
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_image_use: queue family %u is the device's own; VK_QUEUE_FAMILY_IGNORED was expected",
                        family);
    if (!is_outside && family >= device->n_families)
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_image_use: queue family %u; the device has %u, and has %senabled "
                        "VK_EXT_queue_family_foreign",
                        family, device->n_families, device->has_foreign ? "" : "not ");
    return VKV_OK;
}

static int check_semaphore(const struct gpu_device *device, const vkv_semaphore *semaphore)
{
    if (semaphore->is_timeline > 1)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_semaphore: is_timeline is %u", semaphore->is_timeline);
    if (semaphore->is_timeline && !device->has_timelines)
        return log_fail(
            &device->log, VKV_ERR_ARG,
            "vkv_semaphore: a timeline semaphore, but timelineSemaphore is not among the device's features");
    return VKV_OK;
}

static int check_fd(const struct gpu_device *device, int fd)
{
    if (fd <= 0 || fcntl(fd, F_GETFD) >= 0)
        return VKV_OK;
    return log_fail(&device->log, VKV_ERR_ARG, "vkv_image_use: wait_fd %d is not open", fd);
}

static bool is_host(const struct gpu_image *image)
{
    return gpu_image_path(image) == VKV_IMAGE_PATH_HOST;
}

/* The host reads when the push is made. */
static int check_host(const struct gpu_image_copy *copy)
{
    const vkv_image_use *const use = copy->use;
    const vkv_log *const log = &copy->image->device->log;
    if (copy->is_chroma || use->n_chroma)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "vkv_image_use: an image that the host reads (VKV_IMAGE_PATH_HOST) has luma alone; chroma was "
                        "given");
    if (use->wait.handle || use->signal.handle)
        return log_fail(log, VKV_ERR_ARG,
                        "vkv_image_use: semaphores of an image that the host reads (VKV_IMAGE_PATH_HOST), which waits "
                        "for wait_fd only");
    return check_fd(copy->image->device, use->wait_fd);
}

static int check_use(const struct gpu_image_copy *copy)
{
    const struct gpu_device *const device = copy->image->device;
    int err;
    TRY(check_samples(copy));
    TRY(check_rectangle(copy));
    if (is_host(copy->image))
        return check_host(copy);
    TRY(check_layout(copy));
    TRY(check_owner(copy));
    TRY(check_semaphore(device, &copy->use->wait));
    TRY(check_semaphore(device, &copy->use->signal));
    TRY(check_fd(device, copy->use->wait_fd));
fail:
    return err;
}

/* ---- two uses ---- */

/* The family that an image comes from; IGNORED: none. */
static uint32_t owner_of(const struct gpu_image_copy *copy)
{
    return copy->image->is_shared ? VK_QUEUE_FAMILY_IGNORED : copy->use->queue_family;
}

/* Whether two copies read what one barrier guards. */
static bool same_guard(const struct gpu_image *a, const struct gpu_image *b)
{
    return a->handle == b->handle && a->rows.handle == b->rows.handle && a->layer == b->layer &&
           a->guarded == b->guarded;
}

/* The first of the copies that reads the same as copy `i`. */
static uint32_t first_of(const struct gpu_image_copy *copies, uint32_t i)
{
    uint32_t first = 0;
    while (!same_guard(copies[first].image, copies[i].image))
        first++;
    return first;
}

static uint64_t value_of(const vkv_semaphore *semaphore)
{
    return semaphore->is_timeline ? semaphore->value : 0;
}

static int check_kind(const struct gpu_device *device, const vkv_semaphore *a, const vkv_semaphore *b)
{
    if (!a->handle || a->handle != b->handle || a->is_timeline == b->is_timeline)
        return VKV_OK;
    return log_fail(&device->log, VKV_ERR_ARG,
                    "vkv_semaphore: one semaphore is a timeline in one place of a push, and binary in another");
}

/* A timeline only grows: what a push waits for has been reached when it signals. Where the value to be reached is the
 * push's own, the queue would wait for ever. */
static int check_growth(const struct gpu_device *device, const vkv_semaphore *wait, const vkv_semaphore *signal)
{
    if (!wait->handle || wait->handle != signal->handle || !signal->is_timeline || signal->value > wait->value)
        return VKV_OK;
    return log_fail(&device->log, VKV_ERR_ARG,
                    "vkv_semaphore: a timeline is to be signalled with %llu and waited for with %llu by one push; the "
                    "signal's value must be the larger one",
                    (unsigned long long)signal->value, (unsigned long long)wait->value);
}

/* Both may be one. */
static int check_semaphores(const struct gpu_image_copy *a, const struct gpu_image_copy *b)
{
    const struct gpu_device *const device = a->image->device;
    int err;
    TRY(check_kind(device, &a->use->wait, &b->use->wait));
    TRY(check_kind(device, &a->use->wait, &b->use->signal));
    TRY(check_kind(device, &a->use->signal, &b->use->wait));
    TRY(check_kind(device, &a->use->signal, &b->use->signal));
    TRY(check_growth(device, &a->use->wait, &b->use->signal));
    TRY(check_growth(device, &b->use->wait, &a->use->signal));
fail:
    return err;
}

static int check_pair(const struct gpu_image_copy *a, const struct gpu_image_copy *b)
{
    const struct gpu_device *const device = a->image->device;
    const vkv_semaphore *const first = &a->use->signal, *const second = &b->use->signal;
    const bool is_image = a->image->handle != VK_NULL_HANDLE;
    if (is_host(a->image) || is_host(b->image))
        return VKV_OK;
    if (same_guard(a->image, b->image) &&
        ((is_image && a->use->layout != b->use->layout) || owner_of(a) != owner_of(b)))
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_image_use: an image is in one push twice, with other layouts or queue families");
    if (is_image && a->image->handle == b->image->handle && !a->image->sampled.sampling != !b->image->sampled.sampling)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_image_use: an image has been wrapped twice with other usages");
    if (first->handle && first->handle == second->handle && value_of(first) != value_of(second))
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_image_use: one semaphore is to be signalled with %llu and %llu by one push",
                        (unsigned long long)value_of(first), (unsigned long long)value_of(second));
    return VKV_OK;
}

int gpu_check_images(const struct gpu_image_copy *copies, uint32_t n)
{
    int err = VKV_OK;
    for (uint32_t i = 0; i < n; i++) {
        TRY(check_use(&copies[i]));
        for (uint32_t k = 0; k <= i; k++)
            TRY(check_semaphores(&copies[k], &copies[i]));
        for (uint32_t k = 0; k < i; k++)
            TRY(check_pair(&copies[k], &copies[i]));
    }
fail:
    return err;
}

/* ---- file descriptors ---- */

/* A sync file, and what stands for one, is ready to be read when its fence has been signalled. */
static int wait_for_fd(const struct gpu_device *device, int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int n = fd > 0 ? 0 : 1;
    while (!n || (n < 0 && errno == EINTR))
        n = poll(&ready, 1, -1);
    if (fd > 0 && (n < 0 || !(ready.revents & POLLIN)))
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_image_use: wait_fd %d ended without a signal; a sync file was expected", fd);
    return VKV_OK;
}

int gpu_wait_fds(const struct gpu_image_copy *copies, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const int err = wait_for_fd(copies[i].image->device, copies[i].use->wait_fd);
        if (err)
            return err;
    }
    return VKV_OK;
}

static bool stands_before(const struct gpu_image_copy *copies, uint32_t i)
{
    uint32_t before = 0;
    while (copies[before].use->wait_fd != copies[i].use->wait_fd)
        before++;
    return before < i;
}

void gpu_close_fds(const struct gpu_image_copy *copies, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (copies[i].use->wait_fd > 0 && !stands_before(copies, i))
            close(copies[i].use->wait_fd);
}

/* ---- recording ---- */

/* The layout that an image is read in. */
static VkImageLayout layout_of_copy(const struct gpu_image_copy *copy)
{
    if (copy->use->layout == VK_IMAGE_LAYOUT_GENERAL)
        return VK_IMAGE_LAYOUT_GENERAL;
    return copy->image->sampled.sampling ? VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL
                                         : VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
}

static VkImageMemoryBarrier image_barrier(const struct gpu_image_copy *copy, bool acquires)
{
    const struct gpu_image *const image = copy->image;
    const VkImageLayout theirs = copy->use->layout, ours = layout_of_copy(copy);
    const uint32_t family = owner_of(copy);
    const uint32_t own = family == VK_QUEUE_FAMILY_IGNORED ? family : image->device->queue_family;
    const VkAccessFlags reads = image->sampled.sampling ? VK_ACCESS_SHADER_READ_BIT : VK_ACCESS_TRANSFER_READ_BIT;
    return (VkImageMemoryBarrier){.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
                                  .srcAccessMask = acquires ? VK_ACCESS_MEMORY_WRITE_BIT : 0,
                                  .dstAccessMask = acquires ? reads : VK_ACCESS_MEMORY_READ_BIT,
                                  .oldLayout = acquires ? theirs : ours,
                                  .newLayout = acquires ? ours : theirs,
                                  .srcQueueFamilyIndex = acquires ? family : own,
                                  .dstQueueFamilyIndex = acquires ? own : family,
                                  .image = image->handle,
                                  .subresourceRange = {image->guarded, 0, 1, image->layer, 1}};
}

static VkBufferMemoryBarrier buffer_barrier(const struct gpu_image_copy *copy, bool acquires)
{
    const uint32_t family = owner_of(copy);
    const uint32_t own = family == VK_QUEUE_FAMILY_IGNORED ? family : copy->image->device->queue_family;
    return (VkBufferMemoryBarrier){.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
                                   .srcAccessMask = acquires ? VK_ACCESS_MEMORY_WRITE_BIT : 0,
                                   .dstAccessMask = acquires ? VK_ACCESS_TRANSFER_READ_BIT : VK_ACCESS_MEMORY_READ_BIT,
                                   .srcQueueFamilyIndex = acquires ? family : own,
                                   .dstQueueFamilyIndex = acquires ? own : family,
                                   .buffer = copy->image->rows.handle,
                                   .size = VK_WHOLE_SIZE};
}

/* Acquires what is copied, each image once, or gives it back as it was. What the application submitted before in the
 * same queue is waited for, and a wait for a semaphore at the stages of the commands stands in front of it. What the
 * host wrote after the submission, and before it signalled a timeline, no submission makes visible: a barrier of its
 * own does. */
static void guard(struct gpu_commands *c, const struct gpu_image_copy *copies, uint32_t n, bool acquires)
{
    VkImageMemoryBarrier images[GPU_MAX_IMAGES];
    VkBufferMemoryBarrier buffers[GPU_MAX_IMAGES];
    uint32_t n_images = 0, n_buffers = 0;
    for (uint32_t i = 0; i < n; i++)
        if (first_of(copies, i) != i)
            continue;
        else if (copies[i].image->handle)
            images[n_images++] = image_barrier(&copies[i], acquires);
        else
            buffers[n_buffers++] = buffer_barrier(&copies[i], acquires);
    const VkMemoryBarrier host = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                                  .srcAccessMask = VK_ACCESS_HOST_WRITE_BIT,
                                  .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_SHADER_READ_BIT};
    const VkPipelineStageFlags others = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    if (acquires)
        c->device->vk.vkCmdPipelineBarrier(c->handle, VK_PIPELINE_STAGE_HOST_BIT, c->stages, 0, 1, &host, 0, NULL, 0,
                                           NULL);
    c->device->vk.vkCmdPipelineBarrier(c->handle, acquires ? others : c->stages, acquires ? c->stages : others, 0, 0,
                                       NULL, n_buffers, buffers, n_images, images);
}

static void copy_image(struct gpu_commands *c, const struct gpu_image_copy *copy)
{
    const struct gpu_image_shape *const shape = &copy->shape;
    const struct gpu_image *const image = copy->image;
    const struct range range = {copy->to.buffer, copy->to.offset,
                                copy->to.offset + (uint64_t)copy->to.stride * shape->height, true};
    const VkBufferImageCopy region = {.bufferOffset = copy->to.offset,
                                      .bufferRowLength =
                                          (uint32_t)copy->to.stride / (image->sample_bytes * image->samples),
                                      .imageSubresource = {image->copied, 0, image->layer, 1},
                                      .imageOffset = {(int32_t)copy->use->x, (int32_t)copy->use->y, 0},
                                      .imageExtent = {shape->width, shape->height, 1}};
    gpu_use_ranges(c, &range, 1);
    c->device->vk.vkCmdCopyImageToBuffer(c->handle, image->handle, layout_of_copy(copy), copy->to.buffer->handle, 1,
                                         &region);
}

static int copy_buffer(struct gpu_commands *c, const struct gpu_image_copy *copy)
{
    struct gpu_image *const image = copy->image;
    const uint64_t texel = (uint64_t)image->sample_bytes * image->samples;
    const struct gpu_rows from = {&image->rows, image->offset + copy->use->y * image->stride + copy->use->x * texel,
                                  (int64_t)image->stride};
    return gpu_copy_rows(c, &from, &copy->to, copy->shape.width * texel, copy->shape.height);
}

static void add_semaphore(struct gpu_semaphores *list, const vkv_semaphore *semaphore)
{
    const uint64_t value = value_of(semaphore);
    uint32_t i = 0;
    while (i < list->n && (list->handles[i] != semaphore->handle || list->values[i] != value))
        i++;
    if (semaphore->handle && i == list->n)
        gpu_add_semaphore(list, semaphore->handle, value);
}

void gpu_acquire_images(struct gpu_commands *c, const struct gpu_image_copy *copies, uint32_t n)
{
    guard(c, copies, n, true);
}

int gpu_copy_image(struct gpu_commands *c, const struct gpu_image_copy *copy)
{
    if (!copy->image->handle)
        return copy_buffer(c, copy);
    copy_image(c, copy);
    return VKV_OK;
}

void gpu_give_back_images(struct gpu_commands *c, const struct gpu_image_copy *copies, uint32_t n)
{
    guard(c, copies, n, false);
    for (uint32_t i = 0; i < n; i++) {
        c->images[i] = copies[i].image;
        add_semaphore(&c->waits, &copies[i].use->wait);
        add_semaphore(&c->signals, &copies[i].use->signal);
    }
    c->n_images = n;
}

/* ---- submitting ---- */

/* Lets gpu_image_destroy find the commands from now on. */
static void keep_images(struct gpu_commands *c)
{
    struct gpu_device *const device = c->device;
    pthread_mutex_lock(&device->lock);
    if (!c->is_reader) {
        c->next_reader = device->readers;
        device->readers = c;
        c->is_reader = true;
    }
    c->images_pending = true;
    pthread_mutex_unlock(&device->lock);
}

int gpu_submit_images(struct gpu_commands *c)
{
    const int err = gpu_submit(c);
    if (!err)
        keep_images(c);
    return err;
}

void gpu_forget_images(struct gpu_commands *c)
{
    if (!c->is_reader)
        return;
    pthread_mutex_lock(&c->device->lock);
    c->images_pending = false;
    c->n_images = 0;
    pthread_mutex_unlock(&c->device->lock);
}

void gpu_remove_reader(struct gpu_commands *c)
{
    if (!c->is_reader)
        return;
    pthread_mutex_lock(&c->device->lock);
    struct gpu_commands **place = &c->device->readers;
    while (*place != c)
        place = &(*place)->next_reader;
    *place = c->next_reader;
    pthread_mutex_unlock(&c->device->lock);
}
