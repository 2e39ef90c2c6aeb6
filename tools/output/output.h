/* What a run leaves behind: the log file and the summary. */
#ifndef VKVMAF_OUTPUT_OUTPUT_H
#define VKVMAF_OUTPUT_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include "vkvmaf/vkvmaf.h"

#define METRICS_MAX 16

struct metric {
    char name[160];
    double *values;               /* one per frame; NaN where there is none */
};

/* A finished run. */
struct score_log {
    double fps;
    size_t n_frames;
    size_t n_metrics;
    struct metric metrics[METRICS_MAX];
    vkv_device_info device;
    const vkv_model_info *model;  /* NULL: features only */
    const float *raw_scores;      /* of the model, one per frame, not clipped */
};

/* pool.c */
struct pooled {
    double min, max, mean, harmonic_mean;
};
/* Pools n >= 1 values as libvmaf does; the harmonic mean is n / sum(1 / (x + 1)) - 1. */
struct pooled pool_values(const double *values, size_t n);

/* json.c: libvmaf's layout, then "device" and "tiny_model". */
enum { PRECISION_LIBVMAF = 6, PRECISION_EXACT = 17 };
void json_write_log(FILE *file, const struct score_log *log, int precision);
/* A number: fixed with 6 fractional digits as libvmaf writes it, or with 17 significant digits. NaN, inf: null. */
void json_write_number(FILE *file, double value, int precision);
/* A quoted string; what is not UTF-8 becomes U+FFFD. NULL or "" is null. */
void json_write_string(FILE *file, const char *text);

/* summary.c: a table of pooled values for people. */
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
