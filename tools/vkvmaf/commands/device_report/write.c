#include "commands/device_report/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "common/message.h"
#include "output/output.h"

/* The number of the file's form; a reader refuses other numbers. */
#define FORMAT 1
#define SYSTEM_ROOM 256

static enum verdict verdict_of(const struct outcome *outcome)
{
    if (outcome->n_different)
        return VERDICT_DIFFERENT;
    if (outcome->status == PART_DONE)
        return VERDICT_EQUAL;
    return outcome->status == PART_FAILED ? VERDICT_FAILED : VERDICT_STOPPED;
}

enum verdict report_verdict(const struct report *report)
{
    enum verdict worst = VERDICT_EQUAL;
    bool has_compared = false;
    for (size_t i = 0; i < report->n_parts; i++) {
        if (verdict_of(report->outcomes[i]) > worst)
            worst = verdict_of(report->outcomes[i]);
        has_compared = has_compared || report->outcomes[i]->n_compared;
    }
    return worst == VERDICT_STOPPED && !has_compared ? VERDICT_NOTHING : worst;
}

const struct part *report_finding(const struct report *report, const char **line)
{
    const enum verdict all = report_verdict(report), verdict = all == VERDICT_NOTHING ? VERDICT_STOPPED : all;
    *line = "";
    for (size_t i = 0; i < report->n_parts && verdict != VERDICT_EQUAL; i++) {
        const struct outcome *const outcome = report->outcomes[i];
        if (verdict_of(outcome) != verdict)
            continue;
        *line = verdict == VERDICT_DIFFERENT ? outcome->first : verdict == VERDICT_FAILED ? outcome->error : "";
        return &report->parts[i];
    }
    return NULL;
}

const char *part_status_word(enum part_status status)
{
    static const char *const words[] = {"not run", "done", "stopped", "failed"};
    return words[status];
}

/* ---- JSON ---- */

static void put_system(struct json_writer *w)
{
    struct utsname system;
    char text[SYSTEM_ROOM] = "", day[16] = "";
    const time_t now = time(NULL);
    struct tm parts;
    if (!uname(&system))
        snprintf(text, sizeof(text), "%.60s %.100s %.60s", system.sysname, system.release, system.machine);
    if (gmtime_r(&now, &parts))
        strftime(day, sizeof(day), "%Y-%m-%d", &parts);
    json_put_text(w, "system", text);
    json_put_integer(w, "cores", sysconf(_SC_NPROCESSORS_ONLN));
    json_put_text(w, "date", day);
}

static void put_part(struct json_writer *w, const struct part *part, const struct outcome *outcome)
{
    json_open(w, NULL, '{', JSON_LINES);
    json_put_text(w, "part", part->name);
    json_put_text(w, "status", part_status_word(outcome->status));
    json_put_format(w, "seconds", "%.3f", outcome->seconds);
    json_put_integer(w, "compared", outcome->n_compared);
    json_put_integer(w, "different", outcome->n_different);
    if (outcome->n_wanted)
        json_put_integer(w, "wanted", outcome->n_wanted);
    json_put_name(w, "first", outcome->first);
    json_put_name(w, "error", outcome->error);
    if (outcome->status != PART_DONE && part->put_rest)
        part->put_rest(w, outcome);
    if (atomic_load(&outcome->has_members))
        fputs(outcome->members, w->stream);
    json_close(w);
}

static void put_report(struct json_writer *w, const struct report *report)
{
    static const char *const words[N_VERDICTS] = {"equal", "stopped", "nothing", "failed", "different"};
    const char *line;
    const struct part *const part = report_finding(report, &line);
    json_open(w, NULL, '{', JSON_LINES);
    json_put_integer(w, "format", FORMAT);
    json_put_text(w, "version", vkv_version());
    put_system(w);
    json_put_integer(w, "budget_seconds", report->budget_seconds);
    json_put_format(w, "seconds", "%.3f", report->seconds);
    json_put_text(w, "verdict", words[report_verdict(report)]);
    json_put_name(w, "where", part ? part->name : NULL);
    json_put_name(w, "finding", line);
    json_open(w, "parts", '[', JSON_LINES);
    for (size_t i = 0; i < report->n_parts; i++)
        put_part(w, &report->parts[i], report->outcomes[i]);
    json_close(w);
    json_close(w);
}

int report_file_write(const struct report *report, const char *path)
{
    struct output_bytes bytes = {.path = path};
    struct json_writer w = {.stream = open_memstream(&bytes.bytes, &bytes.n)};
    if (!w.stream)
        return message_no_memory("for the report");
    put_report(&w, report);
    int failed = fclose(w.stream);
    failed = failed ? message_no_memory("for the report") : output_write(&bytes, 1);
    free(bytes.bytes);
    return failed;
}
