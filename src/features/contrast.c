#include "features/contrast.h"

/* The factors of scale 0 are near rf, but not equal to it: 36451.7 and 49414.7. */
const struct contrast contrast_standard = {
    .rf = {{0x1.1cc774p-6f, 0x1.820d54p-8f},
           {0x1.06050cp-5f, 0x1.d48d46p-7f},
           {0x1.634f1p-5f, 0x1.8fb80cp-6f},
           {0x1.762816p-5f, 0x1.008392p-5f}},
    .factors = {{36453, 49417}, {137373792, 61414028}, {186284160, 104783920}, {196165808, 134487184}},
};
