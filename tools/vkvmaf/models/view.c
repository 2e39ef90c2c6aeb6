#include "models/view.h"

#define MODEL "version=vmaf_v1.0.16_"
#define FORMS(name) {MODEL name, MODEL "hfr_" name}

/* Distances are heights of the picture. */
static const struct view {
    const char *display, *models[2]; /* the usual form, and that for high frame rates */
} views[] = {
    [VIEW_1080P] = {"1080p", FORMS("3d0h")},      /* 3 away */
    [VIEW_2160P] = {"2160p", FORMS("1d5h_2160")}, /* 1.5 away */
    [VIEW_PHONE] = {"1080p", FORMS("5d0h")},      /* 5 away */
    [VIEW_TV] = {"2160p", FORMS("3d0h_2160")},    /* 3 away */
};

const struct option_choice view_words[] = {
    {"1080p", VIEW_1080P}, {"2160p", VIEW_2160P}, {"phone", VIEW_PHONE}, {"tv", VIEW_TV}, {NULL, 0}};

const char *view_word(uint32_t view)
{
    const struct option_choice *choice = view_words;
    while (choice->value != view)
        choice++;
    return choice->word;
}

const char *view_display(uint32_t view)
{
    return views[view].display;
}

bool view_is_hfr(const struct view_request *request, double fps)
{
    return request->hfr == HFR_ON || (request->hfr == HFR_AUTO && fps * 1.001 > VIEW_HFR_FPS - 1e-3);
}

const char *view_model(uint32_t view, bool is_hfr)
{
    return views[view].models[is_hfr];
}
