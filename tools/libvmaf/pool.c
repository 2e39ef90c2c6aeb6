/* Preallocated pictures of a context. Their samples are copied when they are read: a program may have no more of them
 * than it fills at a time, and would wait for ever if the device kept some. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/pictures.h"
#include "libvmaf/say.h"

struct picture_pool {
    pthread_mutex_t lock;
    pthread_cond_t is_back;
    VmafPicture picture; /* without planes */
    unsigned n, n_free;
    bool is_closed;
    struct block **blocks;
    unsigned *free_places;
};

static void destroy(struct picture_pool *pool)
{
    for (unsigned i = 0; pool->blocks && i < pool->n && pool->blocks[i]; i++)
        block_give(pool->blocks[i]);
    free(pool->blocks);
    free(pool->free_places);
    pthread_cond_destroy(&pool->is_back);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static int fill(struct picture_pool *pool, size_t bytes)
{
    pool->blocks = calloc(pool->n, sizeof(struct block *));
    pool->free_places = calloc(pool->n, sizeof(*pool->free_places));
    if (!pool->blocks || !pool->free_places)
        return no_memory();
    for (unsigned i = 0; i < pool->n; i++) {
        pool->blocks[i] = block_take(bytes);
        if (!pool->blocks[i])
            return no_memory();
        pool->free_places[pool->n_free++] = i;
    }
    return 0;
}

struct picture_pool *pool_create(const VmafPictureConfiguration *cfg, int *error)
{
    size_t bytes;
    VmafPicture picture;
    *error = !cfg->pic_cnt || !cfg->pic_params.w || !cfg->pic_params.h ? -EINVAL : 0;
    if (!*error)
        *error = picture_shape(&picture, cfg->pic_params.pix_fmt, cfg->pic_params.bpc, cfg->pic_params.w,
                               cfg->pic_params.h, &bytes);
    if (*error)
        return NULL;
    struct picture_pool *const pool = calloc(1, sizeof(*pool));
    if (!pool) {
        *error = no_memory();
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->is_back, NULL);
    pool->picture = picture;
    pool->n = cfg->pic_cnt;
    *error = fill(pool, bytes);
    if (!*error)
        return pool;
    destroy(pool);
    return NULL;
}

void pool_take_back(struct picture_pool *pool, unsigned place)
{
    pthread_mutex_lock(&pool->lock);
    pool->free_places[pool->n_free++] = place;
    const bool is_last = pool->is_closed && pool->n_free == pool->n;
    pthread_cond_signal(&pool->is_back);
    pthread_mutex_unlock(&pool->lock);
    if (is_last)
        destroy(pool);
}

int pool_fetch(struct picture_pool *pool, VmafPicture *pic)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->n_free)
        pthread_cond_wait(&pool->is_back, &pool->lock);
    const unsigned place = pool->free_places[--pool->n_free];
    pthread_mutex_unlock(&pool->lock);
    *pic = pool->picture;
    picture_place(pic, block_address(pool->blocks[place]));
    const int err = picture_own(pic, NULL, pool, place);
    if (err)
        pool_take_back(pool, place);
    return err;
}

unsigned pool_size(const struct picture_pool *pool)
{
    return pool->n;
}

void pool_close(struct picture_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_closed = true;
    const bool is_last = pool->n_free == pool->n;
    pthread_mutex_unlock(&pool->lock);
    if (is_last)
        destroy(pool);
}
