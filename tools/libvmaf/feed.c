#include "libvmaf/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/context.h"
#include "libvmaf/device.h"
#include "libvmaf/extractors.h"
#include "libvmaf/say.h"

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static void add_source(VmafContext *vmaf, const vkv_column *column, size_t at)
{
    struct source *const source = &vmaf->feed.sources[vmaf->feed.n_sources++];
    const vkv_family_info *const family = vmaf->wanted.at[column->request].family;
    *source = (struct source){.at = at, .delay = column->delay, .is_each = extractors_see_all(family->name)};
    snprintf(source->name, sizeof(source->name), "%s", names_long(column->name));
}

/* In libvmaf's order: extractor by extractor, and behind them what waits. */
static int bind_columns(VmafContext *vmaf)
{
    uint32_t n;
    const vkv_column *const *const columns = vkv_scorer_columns(vmaf->feed.scorer, &n);
    struct feed *const feed = &vmaf->feed;
    if (feed->sources)
        return 0;
    feed->sources = calloc(n, sizeof(*feed->sources));
    feed->row = calloc(n, sizeof(*feed->row));
    if (!feed->sources || !feed->row)
        return no_memory();
    for (unsigned r = 0; r < vmaf->wanted.n; r++)
        for (uint32_t i = 0; i < n; i++)
            if (!columns[i]->delay && columns[i]->request == r)
                add_source(vmaf, columns[i], i);
    for (uint32_t i = 0; i < n; i++)
        if (columns[i]->delay)
            add_source(vmaf, columns[i], i);
    return 0;
}

static uint32_t longest_delay(const struct feed *feed)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < feed->n_sources; i++)
        longest = feed->sources[i].delay > longest ? feed->sources[i].delay : longest;
    return longest;
}

static const struct source *find_source(const VmafContext *vmaf, const char *feature)
{
    for (size_t i = 0; i < vmaf->feed.n_sources; i++)
        if (!strcmp(vmaf->feed.sources[i].name, feature))
            return &vmaf->feed.sources[i];
    return NULL;
}

bool feed_has(const VmafContext *vmaf, const char *feature)
{
    return find_source(vmaf, feature);
}

bool feed_waits(const VmafContext *vmaf, const char *feature)
{
    const struct source *const source = find_source(vmaf, feature);
    return source && source->delay;
}

/* ---- results ---------------------------------------------------------------------------------------------------- */

static bool is_left_out(const VmafContext *vmaf, const struct source *source, unsigned index)
{
    return !source->is_each && vmaf->cfg.n_subsample > 1 && index % vmaf->cfg.n_subsample;
}

/* The row's values of a frame. */
static int take_row(VmafContext *vmaf, const struct underway *frame)
{
    struct feed *const feed = &vmaf->feed;
    for (size_t i = 0; i < feed->n_sources; i++) {
        const struct source *const source = &feed->sources[i];
        const double value = feed->row[source->at];
        int err = 0;
        if (frame->purpose == PURPOSE_NONE || is_left_out(vmaf, source, frame->index))
            continue;
        if (source->delay)
            err = store_set(&feed->waiting, source->name, frame->index, value);
        else if (frame->purpose == PURPOSE_ALL)
            err = store_add(&vmaf->scores, source->name, frame->index, value);
        if (err)
            return err;
    }
    return 0;
}

static void drop_oldest(struct feed *feed)
{
    vmaf_picture_unref(&feed->queue[0].ref);
    vmaf_picture_unref(&feed->queue[0].dist);
    feed->n_queue--;
    memmove(feed->queue, feed->queue + 1, feed->n_queue * sizeof(*feed->queue));
}

/* The first error stays. */
static int fail(struct feed *feed, int code)
{
    if (code < 0 && !feed->failed)
        feed->failed = errno_of(code);
    return feed->failed;
}

int feed_pull(VmafContext *vmaf)
{
    struct feed *const feed = &vmaf->feed;
    int code = VKV_OK, err = 0;
    while (!err && feed->scorer && (code = vkv_scorer_pull(feed->scorer, NULL, feed->row)) == VKV_OK) {
        err = take_row(vmaf, &feed->queue[0]);
        drop_oldest(feed);
    }
    if (err == -ENOMEM) /* results are lost */
        feed->failed = err;
    return err ? err : fail(feed, code);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static uint32_t chroma_of(enum VmafPixelFormat format)
{
    switch (format) {
    case VMAF_PIX_FMT_YUV420P: return 420;
    case VMAF_PIX_FMT_YUV422P: return 422;
    case VMAF_PIX_FMT_YUV444P: return 444;
    default: return 0;
    }
}

/* libvkvmaf has a chroma sample for the last column or row of an odd number, a picture here has none. */
static int check_chroma(const VmafContext *vmaf)
{
    const VmafPicture *const shape = &vmaf->shape;
    const bool is_odd = (shape->pix_fmt == VMAF_PIX_FMT_YUV420P && (shape->w[0] % 2 || shape->h[0] % 2)) ||
                        (shape->pix_fmt == VMAF_PIX_FMT_YUV422P && shape->w[0] % 2);
    for (unsigned i = 0; i < vmaf->wanted.n && is_odd; i++)
        if (vmaf->wanted.at[i].n_planes > 1)
            return refuse("feature %s: chroma of pictures of %ux%u is not computed, whose size is odd",
                          vmaf->wanted.at[i].family->name, shape->w[0], shape->h[0]);
    return 0;
}

static int create_scorer(VmafContext *vmaf)
{
    vkv_request requests[EXTRACTORS_MAX];
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = vmaf->shape.w[0],
        .height = vmaf->shape.h[0],
        .bit_depth = vmaf->shape.bpc,
        .requests = requests,
        .n_requests = vmaf->wanted.n,
        .chroma = chroma_of(vmaf->shape.pix_fmt),
    };
    for (unsigned i = 0; i < vmaf->wanted.n; i++)
        requests[i] = (vkv_request){.struct_size = sizeof(vkv_request),
                                    .family = vmaf->wanted.at[i].family->name,
                                    .options = vmaf->wanted.at[i].options};
    int err = check_chroma(vmaf);
    if (!err && !vmaf->feed.device)
        err = device_take(&vmaf->feed.device);
    if (!err)
        err = errno_of(vkv_scorer_create(vmaf->feed.device, &params, &vmaf->feed.scorer));
    return err ? err : bind_columns(vmaf);
}

static void list_planes(const VmafPicture *pic, vkv_memory *memory, vkv_plane planes[3])
{
    for (unsigned p = 0; p < 3; p++)
        planes[p] = (vkv_plane){.struct_size = sizeof(vkv_plane),
                                .data = pic->data[p],
                                .stride_bytes = pic->stride[p],
                                .memory = pic->data[p] ? memory : NULL};
}

static int make_queue_room(struct feed *feed)
{
    if (feed->n_queue < feed->queue_room)
        return 0;
    const size_t room = feed->queue_room ? 2 * feed->queue_room : 16;
    struct underway *const queue = realloc(feed->queue, room * sizeof(*queue));
    if (!queue)
        return no_memory();
    feed->queue = queue;
    feed->queue_room = room;
    return 0;
}

/* The device reads pictures with memory later. */
static void add_underway(struct feed *feed, const struct underway *frame, bool keeps_ref, bool keeps_dist)
{
    struct underway *const taken = &feed->queue[feed->n_queue++];
    *taken = (struct underway){.index = frame->index, .purpose = frame->purpose};
    if (keeps_ref)
        taken->ref = picture_ref(&frame->ref);
    if (keeps_dist)
        taken->dist = picture_ref(&frame->dist);
}

static int push(VmafContext *vmaf, const struct underway *frame)
{
    struct feed *const feed = &vmaf->feed;
    vkv_memory *const ref_memory = picture_memory(&frame->ref, feed->device);
    vkv_memory *const dist_memory = picture_memory(&frame->dist, feed->device);
    vkv_plane ref_planes[3], dist_planes[3];
    const uint32_t n_planes = frame->ref.data[1] ? 3 : 1;
    const vkv_picture ref = {.struct_size = sizeof(ref), .n_planes = n_planes, .planes = ref_planes};
    const vkv_picture dist = {.struct_size = sizeof(dist), .n_planes = n_planes, .planes = dist_planes};
    list_planes(&frame->ref, ref_memory, ref_planes);
    list_planes(&frame->dist, dist_memory, dist_planes);
    int code = VKV_OK, err = make_queue_room(feed);
    while (!err && (code = vkv_scorer_push(feed->scorer, &ref, &dist)) == VKV_AGAIN)
        err = feed_pull(vmaf);
    err = err ? err : fail(feed, code);
    if (!err)
        add_underway(feed, frame, ref_memory, dist_memory);
    return err;
}

/* ---- history ---------------------------------------------------------------------------------------------------- */

unsigned feed_history(const VmafContext *vmaf)
{
    unsigned most = 0;
    for (unsigned i = 0; i < vmaf->wanted.n; i++) {
        const unsigned own = extractors_history(vmaf->wanted.at[i].family->name, vmaf->wanted.at[i].options);
        most = own > most ? own : most;
    }
    return most;
}

static void drop_history(struct feed *feed)
{
    vmaf_picture_unref(&feed->history[0]);
    memmove(feed->history, feed->history + 1, --feed->n_history * sizeof(*feed->history));
}

/* A program needs two pictures of its pool to go on. */
static void keep_history(VmafContext *vmaf, const VmafPicture *ref)
{
    struct feed *const feed = &vmaf->feed;
    const unsigned needed = feed_history(vmaf);
    if (ref->ref->pool && pool_size(ref->ref->pool) < needed + 2)
        feed->lacks_history = true;
    if (!needed || feed->lacks_history)
        return;
    if (feed->n_history == needed)
        drop_history(feed);
    feed->history[feed->n_history++] = picture_ref(ref);
}

/* Gives a new scorer the frames before the next one, the newest of which have results that waited for it. */
static int push_history(VmafContext *vmaf, unsigned next)
{
    const struct feed *const feed = &vmaf->feed;
    for (unsigned i = 0; i < feed->n_history; i++) {
        const unsigned before = feed->n_history - i;
        const struct underway frame = {.ref = feed->history[i],
                                       .dist = feed->history[i],
                                       .index = next - before,
                                       .purpose = before <= longest_delay(feed) ? PURPOSE_WAITING : PURPOSE_NONE};
        const int err = push(vmaf, &frame);
        if (err)
            return err;
    }
    return 0;
}

static int end_scorer(VmafContext *vmaf)
{
    struct feed *const feed = &vmaf->feed;
    if (!feed->scorer)
        return 0;
    int err = fail(feed, vkv_scorer_flush(feed->scorer));
    err = err ? err : feed_pull(vmaf);
    vkv_scorer_destroy(&feed->scorer);
    while (feed->n_queue)
        drop_oldest(feed);
    return err;
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

/* A scorer that lacks columns or history computes nothing right, and is not used. */
static int open_scorer(VmafContext *vmaf, unsigned index)
{
    struct feed *const feed = &vmaf->feed;
    if (feed->scorer)
        return 0;
    int err = create_scorer(vmaf);
    err = err ? err : push_history(vmaf, index);
    if (err && (feed->scorer || feed->n_history))
        feed->failed = err;
    return err;
}

int feed_push(VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index)
{
    const struct underway frame = {.ref = *ref, .dist = *dist, .index = index};
    if (vmaf->feed.failed)
        return vmaf->feed.failed;
    int err = open_scorer(vmaf, index);
    err = err ? err : push(vmaf, &frame);
    if (err)
        return err;
    keep_history(vmaf, ref);
    return feed_pull(vmaf);
}

int feed_catch_up(VmafContext *vmaf)
{
    const int err = feed_pull(vmaf);
    if (err || !vmaf->feed.n_queue)
        return err;
    if (vmaf->feed.lacks_history)
        return refuse("no score is known before the end of the input, with so few preallocated pictures");
    return end_scorer(vmaf);
}

int feed_flush(VmafContext *vmaf)
{
    struct feed *const feed = &vmaf->feed;
    int err = feed->failed ? feed->failed : end_scorer(vmaf);
    const size_t end = store_end(&feed->waiting);
    for (size_t i = 0; i < feed->n_sources && !err; i++)
        for (unsigned index = 0; index < end && !err; index++) {
            double value;
            if (feed->sources[i].delay && !store_get(&feed->waiting, feed->sources[i].name, index, &value))
                err = store_add(&vmaf->scores, feed->sources[i].name, index, value);
        }
    store_free(&feed->waiting);
    return err;
}

void feed_close(struct feed *feed)
{
    vkv_scorer_destroy(&feed->scorer);
    while (feed->n_queue)
        drop_oldest(feed);
    while (feed->n_history)
        drop_history(feed);
    free(feed->queue);
    free(feed->sources);
    free(feed->row);
    store_free(&feed->waiting);
    device_give(&feed->device);
}
