#include "input/convert/scale_to.h"

#include <string.h>

bool scale_wish_display(const char *word, struct scale_wish *wish)
{
    static const struct {
        const char *word;
        uint32_t width, height;
    } displays[] = {{"1080p", 1920, 1080}, {"2160p", 3840, 2160}};
    for (size_t i = 0; i < sizeof(displays) / sizeof(*displays); i++)
        if (!strcmp(word, displays[i].word)) {
            *wish = (struct scale_wish){displays[i].width, displays[i].height, true};
            return true;
        }
    return false;
}

/* The even number nearest to n / of. */
static uint32_t nearest_even(uint64_t n, uint64_t of)
{
    const uint64_t even = (n + of) / (2 * of) * 2;
    return even > VIDEO_SIZE_MAX ? 0 : (uint32_t)even;
}

/* Numbers stay below 2^59: sides have 15 bits, aspects 32, a display's sides 12. */
static struct plane_size fill_display(uint32_t across, uint32_t down, const struct video_format *shown)
{
    const bool is_known = shown->aspect.x && shown->aspect.y;
    const uint64_t width = (uint64_t)shown->width * (is_known ? shown->aspect.x : 1);   /* in square samples, */
    const uint64_t height = (uint64_t)shown->height * (is_known ? shown->aspect.y : 1); /* both times aspect.y */
    if (height > width) {
        const uint32_t upright = across;
        across = down;
        down = upright;
    }
    if (width * down >= height * across)
        return (struct plane_size){across, nearest_even(height * across, width)};
    return (struct plane_size){nearest_even(width * down, height), down};
}

/* Whether it fills the display as it is. */
static bool fills(const struct scale_wish *wish, const struct video_format *shown)
{
    const bool is_upright = shown->height > shown->width;
    const uint32_t across = is_upright ? wish->height : wish->width, down = is_upright ? wish->width : wish->height;
    return shown->aspect.x == shown->aspect.y && shown->width <= across && shown->height <= down &&
           (shown->width == across || shown->height == down);
}

struct plane_size scale_wish_size(const struct scale_wish *wish, const struct video_format *shown)
{
    if (!wish->width || (wish->is_display && fills(wish, shown)))
        return (struct plane_size){shown->width, shown->height};
    if (!wish->is_display)
        return (struct plane_size){wish->width, wish->height};
    return fill_display(wish->width, wish->height, shown);
}
