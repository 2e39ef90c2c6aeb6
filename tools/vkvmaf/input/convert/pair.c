#include "input/convert/pair.h"

#include <string.h>

#include "common/message.h"
#include "input/convert/bars.h"
#include "vkvmaf/vkvmaf.h"

/* The reference and the distorted videos. */
#define PAIR_MAX (1 + VKV_MAX_DISTORTED)

/* One of the videos, and what becomes of it. */
struct side {
    const char *path;
    const struct video_format *stored;
    struct video_format shown; /* turned, and cropped */
    struct video_target *target;
};

/* ---- how it is shown -------------------------------------------------------------------------------------------- */

static int turn(const struct side *sides, unsigned i, struct notes *notes)
{
    const struct orient *const orient = &sides[i].stored->orient;
    char text[ORIENT_TEXT_ROOM];
    if (orient->is_odd) {
        message_line(
            "%s is shown %s, which is no turn by 90, 180 or 270 degrees and no mirror; --no-autorotate compares "
            "the stored pictures if the other video is shown so, too",
            sides[i].path, orient_text(orient, text));
        return -1;
    }
    sides[i].target->is_turned = true;
    if (orient_is_none(orient))
        return 0;
    return notes_add(notes, i, "\"%.200s\" is %s, as it is shown", sides[i].path, orient_text(orient, text));
}

static int keep_stored(const struct side *sides, unsigned i, struct notes *notes)
{
    const struct orient *const ref = &sides[0].stored->orient, *const own = &sides[i].stored->orient;
    char ref_text[ORIENT_TEXT_ROOM], text[ORIENT_TEXT_ROOM];
    if (!orient_is_equal(ref, own)) {
        message_line("%s is shown %s, %s %s; without --no-autorotate pictures are compared as they are shown",
                     sides[0].path, orient_text(ref, ref_text), sides[i].path, orient_text(own, text));
        return -1;
    }
    if (i || orient_is_none(ref))
        return 0;
    return notes_add(notes, 0, "the pictures are compared as they are stored, not %s", orient_text(ref, ref_text));
}

/* ---- size ------------------------------------------------------------------------------------------------------- */

/* All that crops depend on, side by side. */
struct crops {
    const char *paths[PAIR_MAX];
    struct video_format shown[PAIR_MAX];
    struct video_crop all, own[PAIR_MAX];
};

static int find_bars(const struct pair_options *options, struct crops *crops, unsigned i, struct video_crop *part,
                     struct notes *notes)
{
    if (bars_find(crops->paths[i], &options->inputs[i], !options->no_autorotate, part))
        return -1;
    if (!part->width)
        return notes_add(notes, i, "\"%.200s\" has no black bars, and nothing is cropped off it", crops->paths[i]);
    if (part->width >= VIDEO_SIZE_MIN && part->height >= VIDEO_SIZE_MIN)
        return 0;
    message_line("%s: between its black bars lie %ux%u samples; %dx%d or more are needed", crops->paths[i], part->width,
                 part->height, VIDEO_SIZE_MIN, VIDEO_SIZE_MIN);
    return -1;
}

/* Bars of the reference count for all, unless they are asked for by side. */
static int find_crops(const struct pair_options *options, struct crops *crops, unsigned n, struct notes *notes)
{
    const struct crop_wishes *const wishes = &options->crops;
    crops->all = wishes->all.part;
    if (wishes->all.is_auto) {
        if (find_bars(options, crops, 0, &crops->all, notes))
            return -1;
        if (crops->all.width && crop_align(&crops->all, crops->shown, n, options->chroma)) {
            message_line("%s: the picture between its black bars is no part of whole samples in all videos",
                         crops->paths[0]);
            return -1;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        const struct crop_wish *const wish = i ? &wishes->dist : &wishes->ref;
        crops->own[i] = wish->part;
        if (wish->is_auto && find_bars(options, crops, i, &crops->own[i], notes))
            return -1;
    }
    return 0;
}

static int note_crops(const struct crops *crops, const struct video_crop *parts, unsigned n, struct notes *notes)
{
    unsigned n_same = 0;
    for (unsigned i = 0; i < n; i++)
        n_same += !memcmp(&parts[i], &parts[0], sizeof(parts[0]));
    if (n_same == n && parts[0].width)
        return notes_add(notes, 0, "cropped to %ux%u at %u,%u", parts[0].width, parts[0].height, parts[0].x,
                         parts[0].y);
    for (unsigned i = 0; i < n; i++)
        if (parts[i].width && notes_add(notes, i, "\"%.200s\" is cropped from %ux%u to %ux%u at %u,%u", crops->paths[i],
                                        crops->shown[i].width, crops->shown[i].height, parts[i].width, parts[i].height,
                                        parts[i].x, parts[i].y))
            return -1;
    return 0;
}

static int pair_crops(const struct pair_options *options, struct side *sides, unsigned n, struct notes *notes)
{
    struct crops crops = {.all = {.width = 0}};
    struct video_crop parts[PAIR_MAX];
    for (unsigned i = 0; i < n; i++) {
        crops.paths[i] = sides[i].path;
        crops.shown[i] = sides[i].shown;
    }
    if (find_crops(options, &crops, n, notes) ||
        crop_plan(&crops.all, crops.own, crops.paths, crops.shown, n, options->chroma, parts))
        return -1;
    for (unsigned i = 0; i < n; i++) {
        sides[i].target->crop = parts[i];
        if (parts[i].width) {
            sides[i].shown.width = parts[i].width;
            sides[i].shown.height = parts[i].height;
        }
    }
    return note_crops(&crops, parts, n, notes);
}

static int refuse_shape(const struct side *ref, const struct side *dist)
{
    const struct shape ref_shape = video_shape(&ref->shown), dist_shape = video_shape(&dist->shown);
    char ref_text[SHAPE_TEXT_ROOM], dist_text[SHAPE_TEXT_ROOM];
    message_line("the shapes differ: %s is %s, %s is %s; --crop W:H:X:Y, --crop-ref, --crop-dist or --crop auto take "
                 "black bars and added lines off, --stretch scales in spite of it",
                 ref->path, shape_text(&ref_shape, ref_text), dist->path, shape_text(&dist_shape, dist_text));
    return -1;
}

static int note_aspect(const struct side *sides, unsigned i, struct notes *notes)
{
    const struct video_format *const ref = &sides[0].shown, *const dist = &sides[i].shown;
    const struct shape ref_shape = video_shape(ref), dist_shape = video_shape(dist);
    if (!shape_has_other_samples(&ref_shape, &dist_shape))
        return 0;
    return notes_add(notes, i,
                     "the sample aspect ratios differ: \"%.160s\" has %u:%u, \"%.160s\" has %u:%u; sample is compared "
                     "with sample",
                     sides[0].path, ref->aspect.x, ref->aspect.y, sides[i].path, dist->aspect.x, dist->aspect.y);
}

static int refuse_size(const struct side *ref, const struct side *dist)
{
    message_line("sizes differ: %s is %ux%u, %s is %ux%u", ref->path, ref->shown.width, ref->shown.height, dist->path,
                 dist->shown.width, dist->shown.height);
    return -1;
}

/* A size that is asked for says nothing of its samples. */
static struct shape target_shape(const struct pair_options *options, const struct side *sides)
{
    const struct video_target *const target = sides[0].target;
    const struct shape asked = {target->width, target->height, {0, 0}};
    return options->scale_to.width ? asked : video_shape(&sides[0].shown);
}

static int refuse_scale(const struct side *ref, const struct shape *target)
{
    const struct shape shape = video_shape(&ref->shown);
    char text[SHAPE_TEXT_ROOM], target_text[SHAPE_TEXT_ROOM];
    message_line("the shapes differ: %s is %s, --scale-to says %s; 1080p and 2160p keep the shape, --stretch scales in "
                 "spite of it",
                 ref->path, shape_text(&shape, text), shape_text(target, target_text));
    return -1;
}

static bool is_size(const struct side *a, const struct side *b)
{
    return a->shown.width == b->shown.width && a->shown.height == b->shown.height;
}

/* Refuses what scaling would make of another shape: of the reference, and of each that is scaled to it. */
static int check_shape(const struct pair_options *options, const struct side *sides, unsigned i,
                       const struct shape *target)
{
    const struct shape ref = video_shape(&sides[0].shown), own = video_shape(&sides[i].shown);
    if (i && is_size(&sides[0], &sides[i]))
        return 0;
    if (i && (options->no_scale || options->as_stored))
        return refuse_size(&sides[0], &sides[i]);
    if (options->stretch || shape_is_same(i ? &ref : target, &own))
        return 0;
    return i ? refuse_shape(&sides[0], &sides[i]) : refuse_scale(&sides[0], target);
}

static int pair_size(const struct pair_options *options, const struct side *sides, unsigned i, struct notes *notes)
{
    const struct shape target = target_shape(options, sides), own = video_shape(&sides[i].shown);
    if (check_shape(options, sides, i, &target) || (is_size(&sides[0], &sides[i]) && note_aspect(sides, i, notes)))
        return -1;
    if (own.width == target.width && own.height == target.height)
        return 0;
    return notes_add(notes, i, "\"%.200s\" is scaled from %ux%u to %ux%u, bicubic%s", sides[i].path, own.width,
                     own.height, target.width, target.height,
                     shape_is_same(&target, &own) ? "" : ", although the shapes differ");
}

/* Sets the size of what is compared. */
static int choose_size(const struct pair_options *options, const struct side *sides, unsigned n)
{
    const struct plane_size size = scale_wish_size(&options->scale_to, &sides[0].shown);
    const struct shape shape = video_shape(&sides[0].shown);
    char text[SHAPE_TEXT_ROOM];
    for (unsigned i = 0; i < n; i++) {
        sides[i].target->width = size.width;
        sides[i].target->height = size.height;
    }
    if (size.width >= VIDEO_SIZE_MIN && size.height >= VIDEO_SIZE_MIN)
        return 0;
    message_line("%s is %s; on a display of %ux%u nothing of %dx%d samples or more is left of it", sides[0].path,
                 shape_text(&shape, text), options->scale_to.width, options->scale_to.height, VIDEO_SIZE_MIN,
                 VIDEO_SIZE_MIN);
    return -1;
}

/* ---- samples ---------------------------------------------------------------------------------------------------- */

static int pair_chroma(const struct pair_options *options, const struct side *sides, unsigned i, struct notes *notes)
{
    const enum video_chroma ref = sides[0].shown.chroma, dist = sides[i].shown.chroma;
    if (ref == CHROMA_UNKNOWN && options->chroma) {
        message_line("%s: its %s chroma cannot be turned", sides[0].path, video_chroma_name(sides[0].stored->chroma));
        return -1;
    }
    if (ref == dist)
        return 0;
    if (!options->chroma && !options->as_stored)
        return notes_add(notes, i, "\"%.200s\" is %s, \"%.200s\" is %s; only luma is compared", sides[0].path,
                         video_chroma_name(ref), sides[i].path, video_chroma_name(dist));
    message_line("pixel formats differ%s: %s is %s, %s is %s", options->chroma ? ", and chroma is to be compared" : "",
                 sides[0].path, video_chroma_name(ref), sides[i].path, video_chroma_name(dist));
    return -1;
}

/* Raw video does not say its range: it counts as what the other one is, which is worth a word where that is rare. */
static int pair_range(const struct side *sides, unsigned i, struct notes *notes)
{
    const enum video_range ref = sides[0].stored->range, dist = sides[i].stored->range;
    const unsigned unknown = ref == RANGE_UNKNOWN ? 0 : i;
    if (ref == dist)
        return 0;
    if (ref == RANGE_UNKNOWN || dist == RANGE_UNKNOWN)
        return sides[i - unknown].stored->range != RANGE_FULL
                   ? 0
                   : notes_add(notes, i, "\"%.200s\" does not say its range; it is taken as full, as \"%.200s\" is",
                               sides[unknown].path, sides[i - unknown].path);
    return notes_add(notes, i, "\"%.200s\" is converted from %s to %s range", sides[i].path, video_range_name(dist),
                     video_range_name(ref));
}

static int pair_depth(const struct pair_options *options, const struct side *sides, unsigned i, struct notes *notes)
{
    const uint32_t own = sides[i].stored->bit_depth, ref = sides[0].stored->bit_depth, to = sides[i].target->bit_depth;
    if (options->as_stored && own != ref) {
        message_line("bit depths differ: %s has %u bit, %s has %u", sides[0].path, ref, sides[i].path, own);
        return -1;
    }
    if (own == to)
        return 0;
    return notes_add(notes, i, "\"%.200s\" is converted from %u to %u bit", sides[i].path, own, to);
}

static void set_samples(const struct pair_options *options, const struct side *sides, unsigned n)
{
    uint32_t bit_depth = 0;
    for (unsigned i = 0; i < n; i++)
        bit_depth = sides[i].stored->bit_depth > bit_depth ? sides[i].stored->bit_depth : bit_depth;
    for (unsigned i = 0; i < n; i++) {
        sides[i].target->bit_depth = bit_depth;
        sides[i].target->range = options->keeps_range ? sides[i].stored->range : sides[0].stored->range;
    }
}

static int pair_samples(const struct pair_options *options, const struct side *sides, unsigned i, struct notes *notes)
{
    if (pair_size(options, sides, i, notes) ||
        (i && (pair_chroma(options, sides, i, notes) || (!options->keeps_range && pair_range(sides, i, notes)))))
        return -1;
    return pair_depth(options, sides, i, notes);
}

int pair_formats(const struct pair_options *options, const char *const *paths, const struct video_format *formats,
                 unsigned n, struct video_target *targets, struct notes *notes)
{
    struct side sides[PAIR_MAX];
    for (unsigned i = 0; i < n; i++) {
        targets[i] = (struct video_target){.is_turned = false};
        sides[i] = (struct side){paths[i], &formats[i], formats[i], &targets[i]};
        if (options->no_autorotate ? keep_stored(sides, i, notes) : turn(sides, i, notes))
            return -1;
        if (targets[i].is_turned)
            sides[i].shown = video_format_shown(&formats[i]);
    }
    if (pair_crops(options, sides, n, notes) || choose_size(options, sides, n))
        return -1;
    set_samples(options, sides, n);
    for (unsigned i = 0; i < n; i++)
        if (pair_samples(options, sides, i, notes))
            return -1;
    return 0;
}
