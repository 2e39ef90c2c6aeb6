/* The report's file: JSON, whose form is tools/device_report.schema.json. */
#ifndef VKVMAF_DEVICE_REPORT_WRITE_H
#define VKVMAF_DEVICE_REPORT_WRITE_H

#include "commands/device_report/part.h"

enum verdict {
    VERDICT_EQUAL,     /* every part came to its end, and all is equal */
    VERDICT_STOPPED,   /* what was compared is equal, but the time was too short for all parts */
    VERDICT_NOTHING,   /* the time was too short to compare anything */
    VERDICT_FAILED,    /* what was compared is equal, but a part could not be run */
    VERDICT_DIFFERENT, /* the device computes wrongly */
    N_VERDICTS
};

struct report {
    const struct part *parts;
    struct outcome *const *outcomes;
    size_t n_parts;
    unsigned budget_seconds;
    double seconds;
};

enum verdict report_verdict(const struct report *report);
/* The part that the verdict is about, and its line; NULL and "" if all is equal. */
const struct part *report_finding(const struct report *report, const char **line);
/* "done" */
const char *part_status_word(enum part_status status);
/* Returns 0, or -1 after one message. */
int report_file_write(const struct report *report, const char *path);

#endif
