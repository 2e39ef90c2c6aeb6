#include "libvmaf/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "libvmaf/dictionary.h"
#include "libvmaf/point.h"
#include "libvmaf/say.h"

const char *vmaf_version(void)
{
    return "3.2.0";
}

void context_note_time(VmafContext *vmaf)
{
    vmaf->ended = clock_seconds();
    if (!vmaf->began)
        vmaf->began = vmaf->ended;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

int vmaf_init(VmafContext **vmaf, VmafConfiguration cfg)
{
    if (!vmaf)
        return -EINVAL;
    *vmaf = calloc(1, sizeof(**vmaf));
    say_level(cfg.log_level);
    if (!*vmaf)
        return no_memory();
    (*vmaf)->cfg = cfg;
    pthread_mutex_init(&(*vmaf)->lock, NULL);
    return 0;
}

int vmaf_close(VmafContext *vmaf)
{
    if (!vmaf)
        return -EINVAL;
    feed_close(&vmaf->feed);
    pool_close(vmaf->pool);
    store_free(&vmaf->scores);
    pthread_mutex_destroy(&vmaf->lock);
    free(vmaf);
    return 0;
}

/* ---- features --------------------------------------------------------------------------------------------------- */

/* Adds an extractor with the columns that libvmaf's has. As there, the first of those with equal options stays. */
static int add_wanted(VmafContext *vmaf, const char *family, const char *options)
{
    const vkv_request request = {.struct_size = sizeof(request), .family = family, .options = options};
    struct extractor extractor;
    char why[512];
    if (extractor_of_request(&request, &extractor, why, sizeof(why)))
        return refuse("%s", why);
    if (extractor_find(&vmaf->wanted, &extractor))
        return 0;
    if (vmaf->n_read)
        return refuse("feature %s: features are asked for before the first picture", family);
    if (extractor_add_libvmaf_columns(&extractor) || extractor_add(&vmaf->wanted, &extractor))
        return refuse("feature %s: there are more features or options than there is room for", family);
    return 0;
}

static int want(VmafContext *vmaf, const char *family, const char *options)
{
    const locale_t before = point_begin();
    const int err = add_wanted(vmaf, family, options);
    point_end(before);
    return err;
}

static int use_feature(VmafContext *vmaf, const vkv_family_info *family, const VmafFeatureDictionary *dictionary)
{
    char options[EXTRACTOR_OPTIONS_ROOM] = "";
    const int err = dictionary_text(dictionary, family, options, sizeof(options));
    return err ? err : want(vmaf, family->name, options);
}

int vmaf_use_feature(VmafContext *vmaf, const char *feature_name, VmafFeatureDictionary *opts_dict)
{
    if (!vmaf || !feature_name)
        return -EINVAL;
    const vkv_family_info *const family = extractor_family(feature_name);
    if (!family)
        return refuse("feature \"%.64s\" is not computed by vkvmaf", feature_name);
    pthread_mutex_lock(&vmaf->lock);
    const int err = use_feature(vmaf, family, opts_dict);
    pthread_mutex_unlock(&vmaf->lock);
    vmaf_feature_dictionary_free(&opts_dict);
    return err;
}

static int use_file(VmafContext *vmaf, struct model_file *file)
{
    int err = model_settle(file);
    if (err)
        return err;
    const vkv_model_info *const info = vkv_model_get_info(file->model);
    pthread_mutex_lock(&vmaf->lock);
    for (uint32_t i = 0; i < info->n_requests && !err; i++)
        err = want(vmaf, info->requests[i]->family, info->requests[i]->options);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

int vmaf_use_features_from_model(VmafContext *vmaf, VmafModel *model)
{
    return vmaf && model ? use_file(vmaf, &model->file) : -EINVAL;
}

int vmaf_use_features_from_model_collection(VmafContext *vmaf, VmafModelCollection *model_collection)
{
    return vmaf && model_collection ? use_file(vmaf, &model_collection->file) : -EINVAL;
}

int vmaf_import_feature_score(VmafContext *vmaf, const char *feature_name, double value, unsigned index)
{
    if (!vmaf || !feature_name)
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = store_add(&vmaf->scores, feature_name, index, value);
    context_note_time(vmaf);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

int vmaf_preallocate_pictures(VmafContext *vmaf, VmafPictureConfiguration cfg)
{
    int err;
    if (!vmaf)
        return -EINVAL;
    struct picture_pool *const pool = pool_create(&cfg, &err);
    if (!pool)
        return err;
    pthread_mutex_lock(&vmaf->lock);
    pool_close(vmaf->pool);
    vmaf->pool = pool;
    pthread_mutex_unlock(&vmaf->lock);
    return 0;
}

/* It waits without the context's lock, so that another thread can bring pictures back. */
int vmaf_fetch_preallocated_picture(VmafContext *vmaf, VmafPicture *pic)
{
    return vmaf && pic && vmaf->pool ? pool_fetch(vmaf->pool, pic) : -EINVAL;
}

/* Of the depths libvmaf demands less: it reads samples of one depth as those of the other. */
static int check_pair(VmafContext *vmaf, const VmafPicture *ref, const VmafPicture *dist)
{
    VmafPicture *const shape = &vmaf->shape;
    if (!picture_is_ours(ref) || !picture_is_ours(dist))
        return refuse("a picture was not allocated by vmaf_picture_alloc, or is gone");
    if (!shape->w[0])
        *shape = (VmafPicture){.pix_fmt = ref->pix_fmt, .bpc = ref->bpc, .w = {ref->w[0]}, .h = {ref->h[0]}};
    const VmafPicture *const both[] = {ref, dist};
    for (unsigned i = 0; i < 2; i++)
        if (both[i]->w[0] != shape->w[0] || both[i]->h[0] != shape->h[0] || both[i]->pix_fmt != shape->pix_fmt ||
            both[i]->bpc != shape->bpc)
            return refuse("a picture is %ux%u of %u bits, format %d; the first one was %ux%u of %u bits, format %d",
                          both[i]->w[0], both[i]->h[0], both[i]->bpc, (int)both[i]->pix_fmt, shape->w[0], shape->h[0],
                          shape->bpc, (int)shape->pix_fmt);
    return 0;
}

static int read_pair(VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index)
{
    int err = check_pair(vmaf, ref, dist);
    if (!err && index != vmaf->n_taken && feed_history(vmaf))
        err = refuse("picture %u came where %u was expected; motion needs all of them, in order", index, vmaf->n_taken);
    if (!err && vmaf->wanted.n)
        err = feed_push(vmaf, ref, dist, index);
    if (err)
        return err;
    vmaf->n_taken++;
    context_note_time(vmaf);
    err = vmaf_picture_unref(ref);
    return vmaf_picture_unref(dist) ? -EINVAL : err;
}

/* As in libvmaf extractors that have seen no picture cannot be flushed. */
static int flush(VmafContext *vmaf)
{
    if (vmaf->wanted.n && !vmaf->n_taken && !vmaf->cfg.n_threads)
        return -EINVAL;
    const int err = feed_flush(vmaf);
    context_note_time(vmaf);
    vmaf->is_flushed = !err;
    return err;
}

static int read_or_flush(VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index)
{
    if (vmaf->is_flushed || !ref != !dist)
        return -EINVAL;
    if (!ref)
        return flush(vmaf);
    vmaf->n_read++;
    return read_pair(vmaf, ref, dist, index);
}

int vmaf_read_pictures(VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index)
{
    if (!vmaf)
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = read_or_flush(vmaf, ref, dist, index);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}
