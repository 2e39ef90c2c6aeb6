/* What a run leaves behind: the log file and the summary. */
#ifndef VKVMAF_OUTPUT_OUTPUT_H
#define VKVMAF_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "notes.h"
#include "vkvmaf/vkvmaf.h"

struct metric {
    char name[160];
    double *values;               /* one per frame; NaN where there is none */
};

/* One distorted video of a run. */
struct encode_log {
    const char *path;
    size_t n_metrics;
    struct metric *metrics;       /* in the order of the log */
    float *raw_scores;            /* of the tiny model, one per frame, not clipped; NULL without a model */
};

/* A finished run: one reference, and the distorted videos that were compared with it. */
struct score_log {
    const char *reference;
    uint32_t width, height, bit_depth;
    double fps;
    size_t n_frames;
    vkv_device_info device;
    bool has_model;
    vkv_model_info model;         /* the tiny one */
    size_t n_encodes;
    struct encode_log *encodes;
    struct notes notes;
};

/* log.c. Room for another metric of `n_frames` values, all 0, under an empty name; NULL when there is no memory. */
struct metric *encode_add_metric(struct encode_log *encode, size_t n_frames);
/* NULL when there is no metric of that name. */
const struct metric *encode_find_metric(const struct encode_log *encode, const char *name);
/* Frees what hangs on the log, not the paths. */
void score_log_free(struct score_log *log);

/* pool.c */
struct pooled {
    double min, max, mean, harmonic_mean;
};
/* Pools n >= 1 values as libvmaf does; the harmonic mean is n / sum(1 / (x + 1)) - 1. */
struct pooled pool_values(const double *values, size_t n);

/* json.c: libvmaf's layout, then "device" and "tiny_model". */
enum { PRECISION_LIBVMAF = 6, PRECISION_EXACT = 17 };
void json_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, uint32_t precision);
/* A number: fixed with 6 fractional digits as libvmaf writes it, or with 17 significant digits. NaN, inf: null. */
void json_write_number(FILE *file, double value, uint32_t precision);
/* A quoted string; what is not UTF-8 becomes U+FFFD. NULL or "" is null. */
void json_write_string(FILE *file, const char *text);

/* summary.c: a table of pooled values of each encode for people. */
void summary_write(FILE *file, const struct score_log *log);
/* "1.3.239" for VK_API_VERSION_*; returns `text`, which is "" for 0. */
#define API_VERSION_ROOM 24
const char *api_version_text(unsigned version, char text[API_VERSION_ROOM]);

/* file.c. The target changes at the very end or not at all: a regular file is written beside it and renamed; pipes and
 * devices get everything in one go, and so do open descriptors by name (/dev/stderr, /dev/fd/3). Both return 0, or -1
 * after one message. */
/* 1 when `path` means standard output ("-", "/dev/stdout"). */
int output_is_stdout(const char *path);
/* Looks, before the work, whether the target can be written. */
int output_check(const char *path);
int output_write(const char *path, const char *bytes, size_t n);

#endif
