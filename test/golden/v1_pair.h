/* The generated pairs of golden/v1/synthetic: luma and chroma of pictures that formulas make. */
#ifndef VKV_TEST_V1_PAIR_H
#define VKV_TEST_V1_PAIR_H

#include <stdint.h>

struct v1_case {
    char name[8], kinds[8]; /* a letter for each plane; I behind them: both pictures are the reference */
    int width, height, chroma, bit_depth, n_frames, first_frame;
    uint32_t crc_ref, crc_dist; /* of all frames, as files have them */
};

/* Planes without padding, 16 bits a sample; those of chroma have sizes that are rounded down. */
struct v1_pair {
    struct v1_case of;
    int width[3], height[3];
    uint16_t *ref[3], *dist[3];
};

/* Reads the case's line of SHARED/golden/v1/synthetic/cases.csv. 0; 1: there is no such file; -1: no such line. */
int v1_case_read(const char *shared, const char *name, struct v1_case *found);

/* 0; -1: no memory. */
int v1_pair_create(struct v1_pair *pair, const struct v1_case *of);
void v1_pair_free(struct v1_pair *pair);
/* Makes frame `i`, from 0. */
void v1_pair_fill(struct v1_pair *pair, int i);
/* Continues a checksum of a file by one picture of the pair. */
uint32_t v1_pair_crc(const struct v1_pair *pair, uint16_t *const *planes, uint32_t crc);

#endif
