/* The products of a run: the log file and the summary. */
#ifndef VKVMAF_OUTPUT_OUTPUT_H
#define VKVMAF_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run/notes.h"
#include "vkvmaf/vkvmaf.h"

enum { EXTRA_DEFAULT, EXTRA_ON, EXTRA_OFF };

/* The targets of log and report, and their look. The strings belong to the caller. */
struct output_request {
    const char *output;    /* file of the log; NULL: none; a log that was asked for without a file goes to standard
                            * output */
    const char *report;    /* NULL: none */
    uint32_t format;       /* LOG_*; LOG_NONE: no log */
    uint32_t precision;    /* PRECISION_* */
    uint32_t extra_fields; /* EXTRA_*; not EXTRA_DEFAULT in a request that is complete */
    bool wants_notes;      /* in the log; not if extra fields were refused */
};

#define METRIC_NAME_ROOM 160
enum { N_PERCENTILES = 4 };

struct metric {
    char name[METRIC_NAME_ROOM];
    double *values;                    /* one per frame of the log; NaN where there is none */
    bool *is_known;                    /* whether the log shows a frame's value; NULL: all of them */
    double percentiles[N_PERCENTILES]; /* set by encode_pool */
};

/* One distorted video of a run. */
struct encode_log {
    const char *path;
    size_t n_metrics;
    struct metric *metrics; /* in the order of the log */
    size_t score;           /* which metric is the main one: measure_main */
    double *raw_scores;     /* the tiny model's scores, one per frame, not clipped; NULL without a model */
    double bitrate_kbps;    /* 0: not known */
};

struct gallery;

/* One of libvmaf's models. */
struct svm_log {
    char label[1024]; /* the model's version or path, as it was asked for */
    const char *name; /* the name of its metric */
    /* Names of a collection's metrics: the mean of its members, their standard deviation, and both ends of the
     * confidence interval. NULL for other models. */
    const char *bagging, *stddev, *low, *high;
};

/* A finished run: one reference, and the distorted videos that were compared with it. Device and models must be open as
 * long as it is used. */
struct score_log {
    const char *reference;
    uint32_t width, height, bit_depth;
    double fps;
    double frame_rate;             /* of the reference; 0: not known */
    size_t n_frames;               /* in the log: */
    size_t frame_step;             /* every frame_step'th of the input */
    size_t n_pooled;               /* frames that pooled values are of; 0: those in the log */
    const vkv_device_info *device; /* of the open device */
    const vkv_model_info *model;   /* of the tiny one, which is open; NULL: there is none */
    size_t n_svms;
    struct svm_log *svms; /* those that predict */
    size_t n_encodes;
    struct encode_log *encodes;
    struct gallery *gallery; /* NULL when no report is wanted */
    struct notes notes;
    bool is_libvmaf; /* called by its name, of videos that it can read: its log has no notes */
};

/* log.c. Room for another metric of `n_frames` values, all 0, under an empty name; NULL when there is no memory. */
struct metric *encode_add_metric(struct encode_log *encode, size_t n_frames);
/* Whether a note of the log concerns this encode. */
bool encode_has_note(const struct score_log *log, const struct encode_log *encode, const struct note *note);
/* Whether the log shows a value of the metric, and one of any metric. */
bool metric_has(const struct metric *metric, size_t frame);
bool encode_has_frame(const struct encode_log *encode, size_t frame);
/* NULL when there is no metric of that name. */
const struct metric *encode_find_metric(const struct encode_log *encode, const char *name);
/* The mean of the tiny model's scores before they are clipped. */
double encode_raw_mean(const struct encode_log *encode, size_t n_frames);
/* The name of the `i`th percentile in logs: "perc1". Returns `text`. */
#define PERCENTILE_NAME_ROOM 16
const char *percentile_name(size_t i, char text[PERCENTILE_NAME_ROOM]);
/* "1.3.239" for VK_API_VERSION_*; returns `text`, which is "" for 0. */
#define API_VERSION_ROOM 24
const char *api_version_text(unsigned version, char text[API_VERSION_ROOM]);
/* Fills in what takes memory to pool. Returns -1 when there is none. */
int encode_pool(struct encode_log *encode, size_t n_frames);
void encode_free(struct encode_log *encode);
/* score_log.c. Frees what hangs on the log, not the paths. */
void score_log_free(struct score_log *log);

/* pool.c */
struct pooled {
    double min, max, mean, harmonic_mean;
};
/* Pools n >= 1 values as libvmaf does; the harmonic mean is n / sum(1 / (x + 1)) - 1. */
struct pooled pool_values(const double *values, size_t n);
/* The metric's. False: not all of its values are known. */
bool pool_metric(const struct score_log *log, const struct metric *metric, struct pooled *pooled);
/* Percentiles of n >= 1 values, linear between the two nearest; all NaN when one of the values is. Returns 0, or -1
 * when there is no memory. */
extern const unsigned pool_percents[N_PERCENTILES];
int pool_percentiles(const double *values, size_t n, double percentiles[N_PERCENTILES]);

/* number.c */
enum { PRECISION_LIBVMAF = 6, PRECISION_EXACT = 17 };
/* Fixed with 6 fractional digits, or 16 where those would be all 0, as libvmaf writes it; or 17 significant digits. */
void number_write(FILE *file, double value, uint32_t precision);

/* The logs: libvmaf's layouts. */
enum log_format { LOG_NONE, LOG_XML, LOG_JSON, LOG_CSV, LOG_SUB };
struct log_style {
    uint32_t precision; /* PRECISION_* */
    bool extras;        /* percentiles and the device, which libvmaf does not have */
    bool notes;         /* changes of the videos */
};
void xml_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style);
void json_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style);
void csv_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style);
void sub_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style);
void log_write(FILE *file, enum log_format format, const struct score_log *log, const struct encode_log *encode,
               struct log_style style);

/* json.c. A number; NaN, inf: null. */
void json_write_number(FILE *file, double value, uint32_t precision);

/* xml.c. A metric's name, which only a file name can spoil: what XML does not allow in a name becomes '_'. */
void xml_write_name(FILE *file, const char *name);

/* names.c. The log of each of the `n` encodes: `pattern` with {name}, the encode's file name without folder and suffix,
 * and {index}, its place from 0, filled in. Returns 0, or -1 after one message when two would be the same file. The
 * names are to be freed. */
int output_names(const char *pattern, const char *const *encodes, size_t n, char **names);
void output_names_free(char **names, size_t n);

/* ladder.c. What is said of an encode among others, by its main score. */
struct standing {
    const struct metric *score;
    struct pooled pooled;
    bool on_hull; /* its bitrate is known, and no mix of two others has more score for less */
};
/* Fills one for each encode. The log has metrics. */
void ladder_compare(const struct score_log *log, struct standing standings[VKV_MAX_DISTORTED]);

/* worst.c. The frames with the lowest scores, one of each stretch of WORST_STRETCH frames at most, lowest first. */
enum { WORST_MAX = 6, WORST_STRETCH = 12 };
struct worst {
    size_t n;
    struct worst_frame {
        size_t frame;
        double score;
    } frames[WORST_MAX];
};
/* Takes the next frame's score. Returns the place it got, or -1; those after it moved down by one, up to place *end,
 * whose frame is gone. */
int worst_add(struct worst *worst, size_t frame, double score, size_t *end);

/* summary.c: what people read at the end. One encode: its pooled metrics; several: a table of their main scores. On a
 * terminal also how the score went, and the worst frames. */
enum summary_look { SUMMARY_PLAIN, SUMMARY_TERMINAL, SUMMARY_TERMINAL_UTF8 };
void summary_write(FILE *file, const struct score_log *log, enum summary_look look);
/* The line above the summary of a job of a batch; `place`: where the job is written. */
void summary_heading(FILE *file, const struct score_log *log, size_t job, size_t n_jobs, const char *place,
                     bool is_first);
/* The look that suits the file behind `fd`. */
enum summary_look summary_look(int fd);

/* report.c: a page for a browser, whole in itself; the log has a gallery. Returns 0, or -1 when there is no memory. */
int report_write(FILE *file, const struct score_log *log, uint32_t precision);

/* file.c. The target changes at the very end or not at all: a regular file is written beside it and renamed; pipes and
 * devices get everything in one go, and so do open descriptors by name (common/target.h). Check and write return
 * 0, or -1 after one message. */
/* 1 when `path` means standard output ("-", "/dev/stdout"). */
int output_is_stdout(const char *path);
/* Whether several writers do no harm: a character device such as /dev/null, but not standard output. */
bool output_is_shared(const char *path);
/* Looks, before the work, whether the target can be written. */
int output_check(const char *path);
/* No regular file gets its name before all are written. */
#define OUTPUT_FILES_MAX (1 + VKV_MAX_DISTORTED)
struct output_bytes {
    const char *path;
    char *bytes;
    size_t n;
};
int output_write(const struct output_bytes *bytes, size_t n);

#endif
