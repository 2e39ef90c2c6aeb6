/* Frames that lie on FFmpeg's Vulkan device, which the library was lent: it reads them there. */
#include "run/job_parts.h"

static void drop(struct kept_image *kept)
{
    vkv_image_release(&kept->image); /* waits until it has been read */
    shared_frame_free(&kept->frame);
}

/* Takes the place of an older frame of this input. */
static int keep(struct job *job, struct shared_frame *frame, struct kept_image *kept)
{
    drop(kept);
    if (!frame)
        return VKV_OK;
    kept->frame = shared_frame_ref(frame);
    return kept->frame ? shared_frame_wrap(job->device, frame, &kept->image) : VKV_ERR_MEMORY;
}

static struct kept_image *place_of(struct job *job, unsigned i)
{
    return &job->kept[i][job->n_pushed % KEPT_IMAGES];
}

static int push(struct job *job, const vkv_picture *pictures)
{
    vkv_image_use uses[INPUTS_MAX];
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct kept_image *const kept = place_of(job, i);
        uses[i] = (vkv_image_use){.struct_size = sizeof(uses[i]), .host = &pictures[i]};
        if (kept->frame)
            shared_frame_begin(kept->frame, kept->image, &uses[i]);
    }
    const int code = vkv_scorer_push_images(job->scorer, &uses[0], &uses[1]);
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (place_of(job, i)->frame)
            shared_frame_end(place_of(job, i)->frame, code == VKV_OK);
    return code;
}

int job_images_push(struct job *job, const struct video_frame *frames, const vkv_picture *pictures)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const int code = keep(job, frames[i].on_device, place_of(job, i));
        if (code)
            return code;
    }
    const int code = push(job, pictures);
    job->n_pushed += code == VKV_OK;
    return code;
}

void job_images_close(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        for (unsigned k = 0; k < KEPT_IMAGES; k++)
            drop(&job->kept[i][k]);
}
