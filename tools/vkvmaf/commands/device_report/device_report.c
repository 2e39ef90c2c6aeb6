#include "commands/device_report/device_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_report/write.h"
#include "common/clock.h"
#include "common/message.h"
#include "output/output.h"

/* Kept for writing the file. */
#define RESERVE_SECONDS 0.5

/* What says most comes first. Each part leaves time to those behind it, however slow the device is. */
static const struct part parts[] = {
    {.name = "device", .share = 1, .run = describe_device},
    {.name = "pairs", .share = 0.3, .run = compare_pairs, .put_rest = put_pairs_left},
    {.name = "verify", .share = 0.45, .run = verify_all},
    {.name = "pipelines", .share = 0.4, .run = describe_pipelines},
#define BENCH(text, its_share, w, h, depth, k)                                                                         \
    {.name = "bench " text,                                                                                            \
     .share = its_share,                                                                                               \
     .run = measure_frames,                                                                                            \
     .width = w,                                                                                                       \
     .height = h,                                                                                                      \
     .bit_depth = depth,                                                                                               \
     .streams = k}
    BENCH("576x324, 8 bit", 0.6, 576, 324, 8, 1),
    BENCH("1920x1080, 8 bit", 0.7, 1920, 1080, 8, 1),
    BENCH("1920x1080, 10 bit", 0.5, 1920, 1080, 10, 1),
    BENCH("1920x1080, 8 bit, 4 streams", 0.5, 1920, 1080, 8, 4),
    BENCH("3840x2160, 8 bit", 1, 3840, 2160, 8, 1),
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static void show_part(const struct part *part, const struct outcome *outcome)
{
    char counts[64] = "";
    if (outcome->n_compared)
        snprintf(counts, sizeof(counts), ", %u of %u equal", outcome->n_compared - outcome->n_different,
                 outcome->n_compared);
    if (outcome->n_compared < outcome->n_wanted)
        snprintf(counts + strlen(counts), sizeof(counts) - strlen(counts), ", %u not reached",
                 outcome->n_wanted - outcome->n_compared);
    printf("%-32s %s%s, %.1f s\n", part->name, part_status_word(outcome->status), counts, outcome->seconds);
    fflush(stdout);
}

/* One by one: a part that ends early leaves its time to the others. Without the device there is nothing to run. */
static void run_parts(const struct settings *settings, struct outcome *const *outcomes, double started)
{
    const double end = started + settings->budget - RESERVE_SECONDS;
    const bool is_shown = !settings->job.quiet && !output_is_stdout(settings->job.output.output);
    for (size_t i = 0; i < N_PARTS && outcomes[0]->status != PART_FAILED; i++) {
        const double left = end - clock_seconds();
        if (left > 0)
            part_run(&parts[i], &settings->job.device, left * parts[i].share, outcomes[i]);
        if (is_shown)
            show_part(&parts[i], outcomes[i]);
    }
}

static int conclude(const struct report *report, const char *path)
{
    const char *line;
    const struct part *const part = report_finding(report, &line);
    const enum verdict verdict = report_verdict(report);
    if (report_file_write(report, path))
        return EXIT_FAILURE;
    if (verdict == VERDICT_DIFFERENT)
        message_line("the device computes wrongly; %s: %s", part->name, line);
    if (verdict == VERDICT_FAILED)
        message_line("%s: %s", part->name, line);
    if (verdict == VERDICT_NOTHING)
        message_line("nothing was compared in %u seconds; the part \"%s\" was stopped; give more with --budget",
                     report->budget_seconds, part->name);
    return verdict > VERDICT_STOPPED ? EXIT_FAILURE : EXIT_SUCCESS;
}

int device_report_command(const struct settings *settings)
{
    const double started = clock_seconds();
    struct outcome *outcomes[N_PARTS];
    if (output_check(settings->job.output.output))
        return EXIT_FAILURE;
    for (size_t i = 0; i < N_PARTS; i++)
        if (!(outcomes[i] = outcome_create()))
            return EXIT_FAILURE;
    run_parts(settings, outcomes, started);
    const struct report report = {.parts = parts,
                                  .outcomes = outcomes,
                                  .n_parts = N_PARTS,
                                  .budget_seconds = settings->budget,
                                  .seconds = clock_seconds() - started};
    return conclude(&report, settings->job.output.output);
}
