/* What reference pictures hold, and how distorted ones are made from them. */
#ifndef CHECKGPU_PICTURES_H
#define CHECKGPU_PICTURES_H

#include <stdint.h>

/* Weak noise: its variance lies just above where VIF takes a pixel for signal. */
#define FILL_OF_WEAK_NOISE 16
#define CHANGE_BY_NOISE 12

#define N_FILLS 17
#define CHANGE_TO_BANDS 14
#define CHANGE_TO_FLATS 15
#define CHANGE_TO_LIMITS 16

#define N_CHANGES 17

const char *fill_name(uint32_t fill);
const char *change_name(uint32_t change);

#endif
