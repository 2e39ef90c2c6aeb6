/* Entry points of an application's images: argument checks and ownership. */
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/params.h"
#include "common/try.h"
#include "device.h"
#include "probe/probe.h"
#include "scorer.h"
#include "vkvmaf/vkvmaf_vulkan.h"

/* ---- wrapping ---- */

static int check_device(vkv_device *device, const void *params, const void *out, const char *function)
{
    if (!params || !out)
        return log_fail(&device->log, VKV_ERR_ARG, "%s: a parameter is NULL", function);
    return device->gpu ? VKV_OK : log_fail(&device->log, VKV_ERR_ARG, "%s: the CPU reference has no images", function);
}

/* Takes the image over, which is destroyed on failure. */
static int give(vkv_device *device, struct gpu_image *image, vkv_image **out)
{
    int err;
    if (gpu_image_sampling(image))
        TRY(probe_sampling_once(device, gpu_image_sampling(image)));
    struct vkv_image *const wrapped = mem_alloc(1, sizeof(*wrapped));
    if (!wrapped)
        TRY(log_no_memory(&device->log));
    *wrapped = (struct vkv_image){device, image};
    *out = wrapped;
    return VKV_OK;
fail:
    gpu_image_destroy(image);
    return err;
}

int vkv_image_wrap(vkv_device *device, const vkv_image_params *params, vkv_image **out)
{
    vkv_image_params p;
    struct gpu_image *image = NULL;
    int err = device ? check_device(device, params, out, "vkv_image_wrap") : VKV_ERR_ARG;
    if (err)
        return err;
    TRY(params_take(&p, sizeof(p), params, "vkv_image_params", PARAMS_NO_LOG, &device->log));
    TRY(gpu_image_wrap(device->gpu, &p, &image));
    return give(device, image, out);
fail:
    return err;
}

int vkv_image_wrap_buffer(vkv_device *device, const vkv_buffer_params *params, vkv_image **out)
{
    vkv_buffer_params p;
    struct gpu_image *image = NULL;
    int err = device ? check_device(device, params, out, "vkv_image_wrap_buffer") : VKV_ERR_ARG;
    if (err)
        return err;
    TRY(params_take(&p, sizeof(p), params, "vkv_buffer_params", PARAMS_NO_LOG, &device->log));
    TRY(params_reserved(p.reserved, "vkv_buffer_params", &device->log));
    TRY(gpu_image_wrap_buffer(device->gpu, &p, &image));
    return give(device, image, out);
fail:
    return err;
}

int vkv_image_import_fd(vkv_device *device, const vkv_fd_params *params, vkv_image **out)
{
    vkv_fd_params p;
    struct gpu_image *image = NULL;
    int err = device ? check_device(device, params, out, "vkv_image_import_fd") : VKV_ERR_ARG;
    if (err)
        return err;
    TRY(params_take(&p, sizeof(p), params, "vkv_fd_params", PARAMS_NO_LOG, &device->log));
    TRY(params_reserved(p.reserved, "vkv_fd_params", &device->log));
    TRY(gpu_image_import_fd(device->gpu, &p, &image));
    TRY(give(device, image, out));
    close(p.fd);
fail:
    return err;
}

int vkv_image_import_ahb(vkv_device *device, struct AHardwareBuffer *buffer, vkv_image **out)
{
    struct gpu_image *image = NULL;
    int err = device ? check_device(device, buffer, out, "vkv_image_import_ahb") : VKV_ERR_ARG;
    if (err)
        return err;
    TRY(gpu_image_import_ahb(device->gpu, buffer, &image));
    return give(device, image, out);
fail:
    return err;
}

void vkv_image_release(vkv_image **image)
{
    if (!image || !*image)
        return;
    gpu_image_destroy((*image)->image);
    mem_free(*image);
    *image = NULL;
}

uint32_t vkv_image_path(const vkv_image *image)
{
    return image ? gpu_image_path(image->image) : 0;
}

/* ---- pushing ---- */

/* A frame: the reference, then the distorted pictures. */
struct frame {
    vkv_image_use uses[1 + VKV_MAX_DISTORTED], chroma[1 + VKV_MAX_DISTORTED][2];
    struct picture pictures[1 + VKV_MAX_DISTORTED];
    struct gpu_image_copy images[3 * (1 + VKV_MAX_DISTORTED)]; /* those of them that are images, and their chroma */
    uint32_t n_images;
    bool lacks_chroma;                       /* some image does */
    vkv_plane locked[1 + VKV_MAX_DISTORTED]; /* of images that the host reads, each locked once */
    bool is_locked[1 + VKV_MAX_DISTORTED];
};

static int check_reserved(const vkv_image_use *use, const vkv_log *log)
{
    const int err = params_reserved(use->reserved, "vkv_image_use", log);
    return err ? err : params_reserved(use->wait.reserved | use->signal.reserved, "vkv_semaphore", log);
}

/* Lists plane `p` of a picture. */
static int take_plane(const vkv_scorer *s, struct frame *frame, struct plane *planes, uint32_t p,
                      const vkv_image_use *use, uint32_t samples)
{
    const struct vkv_device *const device = scorer_get_device(s);
    struct gpu_image_copy *const copy = &frame->images[frame->n_images];
    int err = check_reserved(use, &device->log);
    if (err)
        return err;
    if (use->image->device != device)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_image_use: an image of another device than the scorer's");
    *copy = (struct gpu_image_copy){.image = use->image->image,
                                    .use = use,
                                    .shape = {.bit_depth = scorer_get_params(s)->bit_depth, .samples = samples},
                                    .is_chroma = p > 0};
    scorer_plane_size(s, p, &copy->shape.width, &copy->shape.height);
    planes[p] = (struct plane){.image = copy->image, .use = use};
    frame->n_images++;
    return VKV_OK;
}

static int check_chroma(const vkv_scorer *s, const vkv_image_use *use)
{
    const vkv_log *const log = &scorer_get_device(s)->log;
    if (use->n_chroma > 2 || !use->chroma)
        return log_fail(log, VKV_ERR_ARG, "vkv_image_use: n_chroma is %u%s; 1 or 2 uses expected", use->n_chroma,
                        use->chroma ? "" : ", and chroma NULL");
    if (!scorer_get_params(s)->chroma)
        return log_fail(log, VKV_ERR_ARG,
                        "vkv_image_use: chroma for a scorer whose pictures have none (vkv_scorer_params.chroma)");
    return VKV_OK;
}

/* Cb and Cr by turns are both planes of chroma. */
static int take_chroma(const vkv_scorer *s, struct frame *frame, uint32_t i)
{
    const vkv_image_use *const use = &frame->uses[i];
    const vkv_log *const log = &scorer_get_device(s)->log;
    struct plane *const planes = frame->pictures[i].planes;
    int err;
    TRY(check_chroma(s, use));
    for (uint32_t c = 0; c < use->n_chroma; c++) {
        vkv_image_use *const taken = &frame->chroma[i][c];
        TRY(params_take_at(taken, sizeof(*taken), use->chroma, c, "vkv_image_use", log));
        if (!taken->image || taken->host || taken->n_chroma)
            TRY(log_fail(log, VKV_ERR_ARG,
                         "vkv_image_use: chroma that is not an image alone, without `host` and chroma of its own"));
        TRY(take_plane(s, frame, planes, 1 + c, taken, 3 - use->n_chroma));
    }
    if (use->n_chroma == 1)
        planes[2] = planes[1];
fail:
    return err;
}

static int take_image(const vkv_scorer *s, struct frame *frame, uint32_t i)
{
    const vkv_image_use *const use = &frame->uses[i];
    frame->pictures[i] = (struct picture){.n_planes = scorer_n_planes(s)};
    frame->lacks_chroma = frame->lacks_chroma || !use->n_chroma;
    const int err = take_plane(s, frame, frame->pictures[i].planes, 0, use, 1);
    return err || !use->n_chroma ? err : take_chroma(s, frame, i);
}

/* Picture `i` of a frame, element `k` of the caller's array. */
static int take_use(const vkv_scorer *s, const vkv_image_use *uses, uint32_t k, struct frame *frame, uint32_t i)
{
    const vkv_log *const log = &scorer_get_device(s)->log;
    vkv_image_use *const use = &frame->uses[i];
    if (!uses)
        return log_fail(log, VKV_ERR_ARG, "vkv_scorer_push_images: %s is NULL", i ? "dist" : "ref");
    const int err = params_take_at(use, sizeof(*use), uses, k, "vkv_image_use", log);
    if (err)
        return err;
    if (!use->image == !use->host)
        return log_fail(log, VKV_ERR_ARG, "vkv_image_use: %s; one of both expected",
                        use->image ? "an image and a picture in memory" : "neither an image nor a picture in memory");
    return use->image ? take_image(s, frame, i) : scorer_take_picture(s, use->host, 0, &frame->pictures[i]);
}

static int check_images(const vkv_scorer *s, const struct frame *frame)
{
    const int err = frame->n_images ? scorer_check_images(s, !frame->lacks_chroma) : VKV_OK;
    return err ? err : gpu_check_images(frame->images, frame->n_images);
}

static bool is_host(const vkv_image_use *use)
{
    return use->image && vkv_image_path(use->image) == VKV_IMAGE_PATH_HOST;
}

/* Makes a picture in memory of picture `i`, which the host reads. */
static int lock_image(const vkv_scorer *s, struct frame *frame, uint32_t i)
{
    const vkv_image_use *const use = &frame->uses[i];
    const ptrdiff_t bytes = scorer_get_params(s)->bit_depth > 8 ? 2 : 1;
    uint32_t first = 0;
    while (frame->uses[first].image != use->image)
        first++;
    if (first == i) {
        const int err = gpu_image_lock(use->image->image, &frame->locked[i]);
        if (err)
            return err;
        frame->is_locked[i] = true;
    }
    vkv_plane plane = frame->locked[first];
    const vkv_picture picture = {.struct_size = sizeof(picture), .n_planes = 1, .planes = &plane};
    plane.data = (const uint8_t *)plane.data + use->y * plane.stride_bytes + use->x * bytes * plane.step;
    return scorer_take_picture(s, &picture, 0, &frame->pictures[i]);
}

static int lock_images(const vkv_scorer *s, struct frame *frame)
{
    for (uint32_t i = 0; i <= scorer_get_params(s)->n_distorted; i++) {
        const int err = is_host(&frame->uses[i]) ? lock_image(s, frame, i) : VKV_OK;
        if (err)
            return err;
    }
    return VKV_OK;
}

static void unlock_images(const struct frame *frame)
{
    for (uint32_t i = 0; i <= VKV_MAX_DISTORTED; i++)
        if (frame->is_locked[i])
            gpu_image_unlock(frame->uses[i].image->image);
}

int vkv_scorer_push_images(vkv_scorer *s, const vkv_image_use *ref, const vkv_image_use *dist)
{
    struct frame frame = {.n_images = 0};
    int err = s ? scorer_check_open(s) : VKV_ERR_ARG;
    if (err)
        return err;
    TRY(take_use(s, ref, 0, &frame, 0));
    for (uint32_t k = 0; k < scorer_get_params(s)->n_distorted; k++)
        TRY(take_use(s, dist, k, &frame, 1 + k));
    TRY(check_images(s, &frame));
    if (!scorer_has_room(s))
        return VKV_AGAIN;
    TRY(gpu_wait_fds(frame.images, frame.n_images));
    TRY(lock_images(s, &frame));
    err = scorer_push_taken(s, &frame.pictures[0], &frame.pictures[1]);
    /* Nothing is refused from here on: VKV_ERR_UNSUPPORTED says that no semaphore was touched, which is not known. */
    TRY(err == VKV_ERR_UNSUPPORTED ? VKV_ERR_DEVICE : err);
    gpu_close_fds(frame.images, frame.n_images);
fail:
    unlock_images(&frame);
    return err;
}
