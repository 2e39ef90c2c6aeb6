#include "output/report/gallery.h"

#include <stdlib.h>
#include <string.h>

#include "output/report/picture.h"

/* The pictures of one frame, while its scores are not known. */
struct waiting {
    struct waiting *next;
    unsigned char pictures[]; /* the reference's, then each encode's */
};

struct kept {
    struct worst worst;
    unsigned char *pictures[WORST_MAX]; /* the reference's, then the encode's */
};

struct gallery {
    struct video_format formats[1 + VKV_MAX_DISTORTED];
    size_t n_encodes, picture_bytes, n_judged;
    struct waiting *oldest, *newest, *unused;
    struct kept kept[];
};

struct gallery *gallery_create(const struct video_format *formats, size_t n_encodes)
{
    struct gallery *gallery = calloc(1, sizeof(*gallery) + n_encodes * sizeof(gallery->kept[0]));
    if (!gallery)
        return NULL;
    memcpy(gallery->formats, formats, (1 + n_encodes) * sizeof(*formats));
    gallery->n_encodes = n_encodes;
    gallery->picture_bytes = picture_bytes(&formats[0]);
    for (size_t i = 0; i < n_encodes * WORST_MAX; i++) {
        unsigned char *pictures = malloc(2 * gallery->picture_bytes);
        if (!pictures) {
            gallery_free(gallery);
            return NULL;
        }
        gallery->kept[i / WORST_MAX].pictures[i % WORST_MAX] = pictures;
    }
    return gallery;
}

static void free_list(struct waiting *waiting)
{
    while (waiting) {
        struct waiting *next = waiting->next;
        free(waiting);
        waiting = next;
    }
}

void gallery_free(struct gallery *gallery)
{
    if (!gallery)
        return;
    free_list(gallery->oldest);
    free_list(gallery->unused);
    for (size_t i = 0; i < gallery->n_encodes * WORST_MAX; i++)
        free(gallery->kept[i / WORST_MAX].pictures[i % WORST_MAX]);
    free(gallery);
}

static struct waiting *take_unused(struct gallery *gallery)
{
    struct waiting *waiting = gallery->unused;
    if (!waiting)
        return malloc(sizeof(*waiting) + (1 + gallery->n_encodes) * gallery->picture_bytes);
    gallery->unused = waiting->next;
    return waiting;
}

int gallery_take(struct gallery *gallery, const struct video_frame *frames)
{
    struct waiting *waiting = take_unused(gallery);
    if (!waiting)
        return -1;
    for (size_t i = 0; i <= gallery->n_encodes; i++)
        picture_take(&gallery->formats[i], &frames[i], waiting->pictures + i * gallery->picture_bytes);
    waiting->next = NULL;
    if (gallery->oldest)
        gallery->newest->next = waiting;
    else
        gallery->oldest = waiting;
    gallery->newest = waiting;
    return 0;
}

static void keep(const struct gallery *gallery, struct kept *kept, const unsigned char *reference,
                 const unsigned char *distorted, double score)
{
    size_t end;
    const int at = worst_add(&kept->worst, gallery->n_judged, score, &end);
    if (at < 0)
        return;
    unsigned char *pictures = kept->pictures[end];
    for (size_t i = end; i > (size_t)at; i--)
        kept->pictures[i] = kept->pictures[i - 1];
    kept->pictures[at] = pictures;
    memcpy(pictures, reference, gallery->picture_bytes);
    memcpy(pictures + gallery->picture_bytes, distorted, gallery->picture_bytes);
}

void gallery_judge(struct gallery *gallery, const double *scores)
{
    struct waiting *waiting = gallery->oldest;
    for (size_t i = 0; i < gallery->n_encodes; i++)
        keep(gallery, &gallery->kept[i], waiting->pictures, waiting->pictures + (1 + i) * gallery->picture_bytes,
             scores[i]);
    gallery->n_judged++;
    gallery->oldest = waiting->next;
    waiting->next = gallery->unused;
    gallery->unused = waiting;
}

const struct video_format *gallery_format(const struct gallery *gallery)
{
    return &gallery->formats[0];
}

const struct worst *gallery_worst(const struct gallery *gallery, size_t encode)
{
    return &gallery->kept[encode].worst;
}

const unsigned char *gallery_reference(const struct gallery *gallery, size_t encode, size_t place)
{
    return gallery->kept[encode].pictures[place];
}

const unsigned char *gallery_distorted(const struct gallery *gallery, size_t encode, size_t place)
{
    return gallery->kept[encode].pictures[place] + gallery->picture_bytes;
}
