#include "features/contrast.h"

#include <stddef.h>

/* The factors of scale 0 are near rf, but not equal to it: 36451.7 and 49414.7. */
const struct contrast contrast_standard = {
    .rf = {{0x1.1cc774p-6f, 0x1.820d54p-8f},
           {0x1.06050cp-5f, 0x1.d48d46p-7f},
           {0x1.634f1p-5f, 0x1.8fb80cp-6f},
           {0x1.762816p-5f, 0x1.008392p-5f}},
    .factors = {{36453, 49417}, {137373792, 61414028}, {186284160, 104783920}, {196165808, 134487184}},
};

/* Mode 2. A scale of a picture of 2160 rows is the scale before of one of 1080 rows. */
#define NEAR_0 {0x1.83a53cp-7f, 0x1.19ef96p-8f}
#define NEAR_1 {0x1.9a06a6p-6f, 0x1.81f106p-7f}
#define NEAR_2 {0x1.5fd8aep-5f, 0x1.87df5cp-6f}

static const struct contrast at_3h_1080 = {
    .rf = {NEAR_0, NEAR_1, NEAR_2, {0x1.e03926p-5f, 0x1.2619dap-5f}},
    .factors = {{24809, 36087}, {107485848, 50586124}, {184468848, 102727024}, {251775280, 154193616}},
};
static const struct contrast at_5h_1080 = {
    .rf = {{0x1.1409a2p-8f, 0x1.01f32p-10f},
           {0x1.e542e6p-7f, 0x1.7f8444p-8f},
           {0x1.e5a79p-6f, 0x1.de69aep-7f},
           {0x1.84d338p-5f, 0x1.c3c5bep-6f}},
    .factors = {{8833, 8254}, {63604172, 25134148}, {127311424, 62706524}, {203856320, 118429432}},
};
static const struct contrast at_3h_2160 = {
    .rf = {{0x1.283904p-9f, 0x1.f64496p-12f}, NEAR_0, NEAR_1, NEAR_2},
    .factors = {{4739, 4018}, {50809464, 18476950}, {107485848, 50586124}, {184468848, 102727024}},
};

static const struct view {
    double mode, distance, height;
    const struct contrast *contrast;
} views[] = {
    {0, 3, 1080, &contrast_standard}, {2, 3, 1080, &at_3h_1080}, {2, 1.5, 2160, &at_3h_1080},
    {2, 5, 1080, &at_5h_1080},        {2, 3, 2160, &at_3h_2160},
};

const struct contrast *contrast_find(double mode, double view_distance, double display_height)
{
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        if (views[i].mode == mode && views[i].distance == view_distance && views[i].height == display_height)
            return views[i].contrast;
    return NULL;
}
