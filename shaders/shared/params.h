/* Parameter blocks of the stages, common to C and GLSL: 32-bit scalars only, so that C and std430 agree. Sizes and
 * strides of planes are in groups of four samples unless a name says otherwise; "words" are 32 bits. */
#ifndef SHARED_PARAMS_H
#define SHARED_PARAMS_H

#ifdef __STDC__
#  include <stdint.h>
#  define SHARED_UINT uint32_t
#else
#  define SHARED_UINT uint
#endif

/* Groups left of column 0 in a plane, and at least as many follow the last one: whole cache lines. Of these so many on
 * each side hold mirrored samples. */
#define PLANE_PAD_GROUPS 4
#define PLANE_MARGIN_GROUPS 2

/* Portable form of ingest: rows of a lane. */
#define INGEST_ROWS 4u

/* Layout of the table buffer, in words: L(v) for 32768..65535 in pieces of straight lines, then floor(2^30 / i) for
 * 0..32768. Piece i holds a << 8 | b, b < 128, of L(32768 + 64 i + t) = 30720 + ((a + b t) >> 10), 0 <= t < 64. */
#define TABLE_LOG_WORDS 512
#define TABLE_DIV_AT TABLE_LOG_WORDS
#define TABLE_WORDS (TABLE_LOG_WORDS + 32769)

/* A record of a VIF workgroup: a_num, a_den, n_num, n_den as pairs of words, low word first. */
#define VIF_RECORD_WORDS 8
/* Texel form of VIF and motion: rows that a workgroup takes; VIF's sums of 16-bit parts stay below 2^32 for 65 536
 * pixels. */
#define VIF_ROWS_TOGETHER 2
#define MOTION_ROWS_TOGETHER 2
/* Output rows of a lane of vif_down. */
#define VIF_DOWN_ROWS 2
/* The parts of VIF that a dispatch evaluates: all; MX and s1 of the reference; the rest, which reads these. */
#define VIF_WHOLE 0u
#define VIF_REFERENCE 1u
#define VIF_DISTORTED 2u
/* Added to a part with numerators: those of the gain limits 100 and 1 at once. */
#define VIF_BOTH_LIMITS 4u
/* MX and s1 of a group of four columns, as pairs of words. */
#define VIF_SHARED_PIECES 4
/* A motion workgroup: the sum of absolute values as a pair of words. */
#define MOTION_RECORD_WORDS 2
/* A part of an ADM row: num h, v, d, den h, v, d as pairs of words. With AIM: num, aim, den. */
#define ADM_RECORD_WORDS 12
#define ADM_AIM_RECORD_WORDS 18
/* Lanes whose sums a part adds up; a workgroup of fewer lanes, four at least, is one part. */
#define ADM_LANES_PER_PART 8

/* List of pixels whose VIF numerator the host evaluates: count, lanes with more than one, then (s1, s12, s2). */
#define LIST_HEADER_WORDS 2
#define LIST_ENTRY_WORDS 3
/* Entries that are read back with every pair of pictures; more means a replay. */
#define LIST_ENTRIES 16
#define LIST_WORDS (LIST_HEADER_WORDS + LIST_ENTRY_WORDS * LIST_ENTRIES)

/* Columns and lists of the reduction, at most: its uniform block fills the 16 KiB that every device has. */
#define REDUCE_MAX_COLUMNS 480
#define REDUCE_MAX_LISTS 64

struct ingest_params {
    SHARED_UINT groups, height; /* groups of a row; rows */
    SHARED_UINT sample_mask;    /* the bits that count */
    SHARED_UINT raw_stride_words, raw_image_words;
    SHARED_UINT stride, image; /* of the plane, groups */
};

struct shift_params {
    SHARED_UINT stride, shift, sample_mask; /* stride: in words */
};

struct sampled_params {
    SHARED_UINT x, y, width;        /* of the rectangle in the image, samples */
    SHARED_UINT raw_stride;         /* words */
    SHARED_UINT shift, sample_mask; /* bits below the value; those that count */
    float step_x, step_y;           /* 1 by the size of the image */
};

struct pad_params {
    SHARED_UINT width, height; /* samples */
    SHARED_UINT stride, image; /* groups */
};

struct vif_down_params {
    SHARED_UINT in_height;              /* rows of the finer level */
    SHARED_UINT in_stride, in_image;    /* groups */
    SHARED_UINT out_groups, out_height; /* groups of a row; rows */
    SHARED_UINT out_stride, out_image;  /* groups */
    SHARED_UINT vertical_shift;
    SHARED_UINT c0, c1, c2, c3, c4; /* half of the symmetric filter, from its centre */
};

struct vif_params {
    SHARED_UINT width, height;
    SHARED_UINT stride, image; /* groups */
    SHARED_UINT streams;       /* distorted pictures per reference */
    SHARED_UINT rows_per_lane;
    SHARED_UINT row_begin, row_end;       /* rows whose numerators are evaluated and listed */
    SHARED_UINT mean_shift, square_shift; /* of the vertical pass */
    SHARED_UINT gain_is_one;              /* 1: gain limit 1.0; 0: 100.0; with both that of the first use */
    SHARED_UINT second_at;                /* words from the first use's lists and records to the second one's */
    SHARED_UINT list_words, list_entries;
    SHARED_UINT records_at;              /* words from the start of the binding to the first record */
    SHARED_UINT shared_at, shared_image; /* pieces: MX and s1 in the binding of ref, and of one reference */
    SHARED_UINT c0, c1, c2, c3, c4, c5, c6, c7, c8;
};

struct adm_dwt_params {
    SHARED_UINT in_width, in_height;
    SHARED_UINT in_stride, in_image; /* groups */
    SHARED_UINT out_height;
    SHARED_UINT out_stride, out_image; /* groups of four columns of all bands */
    SHARED_UINT vertical_shift, vertical_offset, horizontal_shift;
};

struct adm_params {
    SHARED_UINT width, height;         /* of the bands */
    SHARED_UINT stride;                /* lanes: four columns of all bands, or two */
    SHARED_UINT ref_image, dist_image; /* lanes, with alignment */
    SHARED_UINT streams;
    SHARED_UINT left, top; /* first column and row of the accumulation region */
    SHARED_UINT rows_per_lane;
    SHARED_UINT gain_is_one;
    SHARED_UINT factor_hv, factor_d;       /* contrast sensitivity, fixed point */
    SHARED_UINT num_shift_hv, num_shift_d; /* rounding of each numerator term before the row sum; 0: none */
    SHARED_UINT den_bits, den_shift;       /* scales 1..3: e of (u^2 + 2^e) >> e, and rounding of each term */
    SHARED_UINT parts;                     /* partial sums per row */
    SHARED_UINT image_words;               /* records of one pair */
    /* A second set of options; words from its records to those of the first. */
    SHARED_UINT second_gain_is_one, second_factor_hv, second_factor_d, second_at;
};

struct motion_params {
    SHARED_UINT width, height;
    SHARED_UINT stride, image; /* lanes: four columns, or two */
    SHARED_UINT rows_per_lane;
    SHARED_UINT bit_depth;
    SHARED_UINT record_image_words;
};

struct reduce_params {
    SHARED_UINT first_pair;      /* of the batch's results: pair 0 of the dispatch */
    SHARED_UINT pairs_per_frame; /* of the batch's results */
    SHARED_UINT streams;         /* of the dispatch: pairs of a frame */
    SHARED_UINT result_words;    /* of a pair */
    SHARED_UINT n_lists;
};

/* One 64-bit column of partial sums: sum over rows of round_shift(sum over parts). */
struct reduce_column {
    SHARED_UINT at, image_words; /* words: first value of image 0, distance of images */
    SHARED_UINT rows, row_words;
    SHARED_UINT parts, part_words;
    SHARED_UINT shift;     /* rounding of each row; 0: none */
    SHARED_UINT per_frame; /* 1: images are references, one per frame */
};

/* The micro-benchmarks of the device's rates (src/stages/rates.c). */
#define RATE_MULTIPLY_ADD 0u
#define RATE_ADD_XOR 1u
#define RATE_COPY 2u
#define N_RATES 3
#define RATE_STEPS 16 /* of a round, on RATE_CHAINS values each */
#define RATE_CHAINS 8
#define RATE_COPY_PIECES 4u /* of 16 bytes, per invocation */

struct rate_params {
    SHARED_UINT key;        /* another one in every dispatch */
    SHARED_UINT multiplier; /* odd */
    SHARED_UINT rounds;
    SHARED_UINT invocations; /* of the dispatch */
};

/* The head of one pair's list, and where it goes in the pair's result. */
struct reduce_list {
    SHARED_UINT at, image_words; /* words: the first pair's list, distance of lists */
    SHARED_UINT words;
    SHARED_UINT result_at;
};

#ifdef __STDC__
/* Uniform block of the reduction. std140 wants 16-byte multiples: a column is two uvec4, a list is one. */
struct reduce_block {
    struct reduce_column columns[REDUCE_MAX_COLUMNS];
    struct reduce_list lists[REDUCE_MAX_LISTS];
};
#endif

#endif
