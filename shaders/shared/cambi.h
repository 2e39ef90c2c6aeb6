/* cambi's planes, lists and parameters, common to C and GLSL. Offsets and strides are in words of 32 bits unless a name
 * says otherwise.
 *
 * working  samples of a scale by twos: the value in bits 0 to 14, the mask in bit 15; rows of an even number of words
 * codes    values that matter, by twos, counted from 1; 0: masked out, or of no matter. Around a scale lie zeros:
 *          columns left and right and rows above and below that windows reach, and a row more below
 * values   the binary32 pattern of each sample, rows without padding */
#ifndef SHARED_CAMBI_H
#define SHARED_CAMBI_H

#include "shared/params.h"

#define N_CAMBI_SCALES 5
#define CAMBI_CONTRASTS 4

/* Columns and rows of a tile of cambi_count; rows of a lane of cambi_prep and cambi_mode. */
#define CAMBI_TILE_COLUMNS 64
#define CAMBI_PREP_ROWS 32
#define CAMBI_MODE_ROWS 16
/* Values that a workgroup of cambi_select reads. */
#define CAMBI_SELECT_LANES 128
#define CAMBI_SELECT_VALUES 4096

/* Zeros left of a row of codes, at least half a window: as many samples as keep groups of four together. */
#define CAMBI_LEFT(radius) (((radius) + 3) / 4 * 4)

/* A scale's words of a pair's list. */
#define CAMBI_POSITIVES 0 /* values above 0 */
#define CAMBI_SUM 1       /* two words: of all values, in units of 2^-24 */
#define CAMBI_SMALLEST 3  /* of the values above 0: the pattern, all bits flipped; 0: there is none */
#define CAMBI_TOP_SUM 4   /* two words: of the values above the threshold */
#define CAMBI_THRESHOLD 6 /* key of the smallest value that counts; 0: all values count */
#define CAMBI_EQUAL 7     /* how many values of the threshold count */
#define CAMBI_SCALE_WORDS 8
/* Behind those of all scales: not 0 asks the host to compute the pair. The histograms of the selection follow. */
#define CAMBI_DOUBT (CAMBI_SCALE_WORDS * N_CAMBI_SCALES)
#define CAMBI_WORDS (CAMBI_DOUBT + 1)
#define CAMBI_BINS_AT 48
/* The selection takes a key of 27 bits in three digits. */
#define CAMBI_DIGITS 3
#define CAMBI_DIGIT_BITS 9
#define CAMBI_BINS 512
#define CAMBI_LIST_WORDS (CAMBI_BINS_AT + N_CAMBI_SCALES * CAMBI_DIGITS * CAMBI_BINS)

/* The key of a pattern p that is not 0 is p - CAMBI_KEY_ZERO; that of 0 is 0. */
#define CAMBI_KEY_ZERO 0x3effffffu

/* Where a scale lies in the planes of an image, and its part of the dispatches that take all scales. */
struct cambi_scale {
    SHARED_UINT width, height; /* samples */
    SHARED_UINT working_at, working_stride;
    SHARED_UINT codes_at, codes_stride; /* behind the zeros above and left */
    SHARED_UINT values_at;
    SHARED_UINT tiles_x, first_tile; /* of cambi_count */
    SHARED_UINT first_group;         /* of cambi_select */
    SHARED_UINT n_top;               /* values that are added */
    SHARED_UINT unused;
};

/* Words of the table: the scales, then by i the reciprocal of i, its mantissa of 24 bits << 8 | its biased exponent. */
#define CAMBI_SCALE_TABLE_WORDS (12 * N_CAMBI_SCALES)
#define CAMBI_TABLE_WORDS(window) (CAMBI_SCALE_TABLE_WORDS + (window) * (window) + 1)

struct cambi_params {
    SHARED_UINT width, height;        /* of the picture */
    SHARED_UINT stride, image;        /* of the plane, groups */
    SHARED_UINT shift_up, shift_down; /* from the picture's depth to 10 bits; one of them is 0 */
    SHARED_UINT least_smooth;
    SHARED_UINT first_value;                        /* the value of code 0, modulo 2^32 */
    SHARED_UINT last_code;                          /* that counts */
    SHARED_UINT limit_1, limit_2, limit_3, limit_4; /* the last code at which a step of so much is seen */
    SHARED_UINT last_candidate;                     /* the largest of them */
    SHARED_UINT working_image, codes_image, values_image;
    SHARED_UINT scale; /* of cambi_mode */
    SHARED_UINT tile_rows;
    SHARED_UINT digit; /* of cambi_select; CAMBI_DIGITS: it adds */
    SHARED_UINT doubt; /* tests: the host computes every pair */
};

#endif
