/* The parts of a report about a device. Each runs in a process of its own, so that a driver that hangs or crashes ends
 * the part and not the report. */
#ifndef VKVMAF_DEVICE_REPORT_PART_H
#define VKVMAF_DEVICE_REPORT_PART_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/json_write.h"
#include "run/device.h"

#define PART_LINE 1024
#define PART_MEMBERS_ROOM (256 << 10)

enum part_status { PART_NOT_RUN, PART_DONE, PART_STOPPED, PART_FAILED };

/* The results of a part, in memory that it shares with the process that writes the report. */
struct outcome {
    enum part_status status;
    double seconds;
    unsigned n_compared, n_different;
    unsigned n_wanted;     /* comparisons of the whole part; 0: it has none, or they are not counted yet */
    char first[PART_LINE]; /* the first difference */
    char error[PART_LINE]; /* why it has failed */
    /* JSON: members for the part's object, each with a comma in front. A part that is stopped may be writing them. */
    char members[PART_MEMBERS_ROOM];
    atomic_bool has_members;
};

struct part {
    const char *name;
    double share; /* of the time that is left when it begins, at most */
    /* Returns 0, or -1 after one message. */
    int (*run)(const struct part *part, const struct device_request *request, struct outcome *outcome);
    /* Writes the work that is left undone, as members. NULL: nothing can be said. */
    void (*put_rest)(struct json_writer *w, const struct outcome *outcome);
    uint32_t width, height, bit_depth, streams; /* of bench */
};

/* Opens the device for a part: without a probe, which would refuse a device before it is looked at, and without
 * compiled kernels of earlier runs. Returns 0, or -1 after one message. */
int part_open(const struct device_request *request, vkv_device **device);

/* Gives the members that `put` writes to the outcome, in place of earlier ones. Returns 0, or -1 after one message. */
int part_members(struct outcome *outcome, void (*put)(struct json_writer *w, void *data), void *data);

/* Counts a comparison, and keeps the line of the first that is not equal. */
void part_compared(struct outcome *outcome, bool is_equal, const char *what);

/* The parts' functions. */
int describe_device(const struct part *part, const struct device_request *request, struct outcome *outcome);
int describe_pipelines(const struct part *part, const struct device_request *request, struct outcome *outcome);
int verify_all(const struct part *part, const struct device_request *request, struct outcome *outcome);
int compare_pairs(const struct part *part, const struct device_request *request, struct outcome *outcome);
void put_pairs_left(struct json_writer *w, const struct outcome *outcome);
int measure_frames(const struct part *part, const struct device_request *request, struct outcome *outcome);

/* isolate.c: memory for an outcome; NULL after one message. It lives as long as the process. */
struct outcome *outcome_create(void);
/* Runs a part, for `seconds` at most, and fills in its outcome. */
void part_run(const struct part *part, const struct device_request *request, double seconds, struct outcome *outcome);

#endif
