#include <stdlib.h>
#include <string.h>

#include "output/report/gallery.h"
#include "output/output.h"
#include "output/report/picture.h"
#include "report_page.h"

struct report {
    FILE *file;
    const struct score_log *log;
    const struct standing *standings;
    uint32_t precision;
};

/* A JSON string that is safe within HTML: it ends no element, begins no comment, and is JavaScript, too. */
static int write_text(FILE *file, const char *text)
{
    char *json = NULL;
    size_t n;
    FILE *memory = open_memstream(&json, &n);
    if (!memory)
        return -1;
    json_write_string(memory, text);
    const bool lost = ferror(memory);
    if (fclose(memory) || lost) {
        free(json);
        return -1;
    }
    for (const char *c = json; *c; c++)
        if (strchr("<>&", *c)) {
            fprintf(file, "\\u%04x", *c);
        } else if (!strncmp(c, "\xe2\x80\xa8", 3) || !strncmp(c, "\xe2\x80\xa9", 3)) {
            fprintf(file, "\\u20%02x", 0x28 + (c[2] & 1));
            c += 2;
        } else {
            fputc(*c, file);
        }
    free(json);
    return 0;
}

static int write_member(const struct report *report, const char *name, const char *value)
{
    fprintf(report->file, "\"%s\":", name);
    if (write_text(report->file, value))
        return -1;
    fputc(',', report->file);
    return 0;
}

static void write_number(const struct report *report, const char *name, double value)
{
    fprintf(report->file, "\"%s\":", name);
    json_write_number(report->file, value, report->precision);
    fputc(',', report->file);
}

static void write_numbers(const struct report *report, const double *values, size_t n)
{
    fputc('[', report->file);
    for (size_t i = 0; i < n; i++) {
        if (i)
            fputc(',', report->file);
        json_write_number(report->file, values[i], report->precision);
    }
    fputc(']', report->file);
}

static int write_device(const struct report *report)
{
    const vkv_device_info *device = report->log->device;
    char version[API_VERSION_ROOM];
    fputs("\"device\":{", report->file);
    if (write_member(report, "name", device->name) || write_member(report, "driver", device->driver) ||
        write_member(report, "api_version", api_version_text(device->api_version, version)))
        return -1;
    fputs("\"form\":", report->file);
    const int failed = write_text(report->file, device->form);
    fputs("},\n", report->file);
    return failed;
}

static int write_model(const struct report *report)
{
    const vkv_model_info *model = report->log->model;
    if (!report->log->model) {
        fputs("\"model\":null,\n", report->file);
        return 0;
    }
    fputs("\"model\":{", report->file);
    if (write_member(report, "name", model->name) || write_member(report, "file", model->file))
        return -1;
    fputs("\"quant_mode\":", report->file);
    const int failed = write_text(report->file, model->quant_mode);
    fputs("},\n", report->file);
    return failed;
}

static int write_worst(const struct report *report, size_t encode)
{
    const struct gallery *gallery = report->log->gallery;
    const struct worst *worst = gallery_worst(gallery, encode);
    const struct video_format *format = gallery_format(gallery);
    fputs("\"worst\":[", report->file);
    for (size_t i = 0; i < worst->n; i++) {
        fprintf(report->file, "%s{\"frame\":%zu,\"score\":", i ? ",\n" : "", worst->frames[i].frame);
        json_write_number(report->file, worst->frames[i].score, report->precision);
        fputs(",\n\"reference\":", report->file);
        if (picture_write(report->file, format, gallery_reference(gallery, encode, i)))
            return -1;
        fputs(",\n\"distorted\":", report->file);
        if (picture_write(report->file, format, gallery_distorted(gallery, encode, i)))
            return -1;
        fputc('}', report->file);
    }
    fputs("],\n", report->file);
    return 0;
}

static int write_encode(const struct report *report, size_t at)
{
    const struct encode_log *encode = &report->log->encodes[at];
    const struct standing *standing = &report->standings[at];
    fputc('{', report->file);
    if (write_member(report, "path", encode->path))
        return -1;
    if (encode->bitrate_kbps > 0)
        write_number(report, "bitrate_kbps", encode->bitrate_kbps);
    fprintf(report->file, "\"on_hull\":%s,", standing->on_hull ? "true" : "false");
    write_number(report, "mean", standing->pooled.mean);
    write_number(report, "harmonic_mean", standing->pooled.harmonic_mean);
    write_number(report, "min", standing->pooled.min);
    fputs("\"percentiles\":", report->file);
    write_numbers(report, standing->score->percentiles, N_PERCENTILES);
    fputs(",\n", report->file);
    if (write_worst(report, at))
        return -1;
    fputs("\"values\":[\n", report->file);
    for (size_t i = 0; i < encode->n_metrics; i++) {
        write_numbers(report, encode->metrics[i].values, report->log->n_frames);
        fputs(i + 1 < encode->n_metrics ? ",\n" : "]}", report->file);
    }
    return 0;
}

static int write_metric_names(const struct report *report)
{
    const struct encode_log *encode = &report->log->encodes[0];
    fputs("\"metrics\":[", report->file);
    for (size_t i = 0; i < encode->n_metrics; i++) {
        if (i)
            fputc(',', report->file);
        if (write_text(report->file, encode->metrics[i].name))
            return -1;
    }
    fprintf(report->file, "],\n\"score\":%zu,\"score_is_percent\":%s,\n", encode->score,
            strncmp(encode->metrics[encode->score].name, "integer_", strlen("integer_")) ? "true" : "false");
    return 0;
}

/* Those of frames that were not compared stand on the first screen. */
static int write_notes(const struct report *report, const char *name, bool are_of_frames)
{
    const struct notes *notes = &report->log->notes;
    size_t n = 0;
    fprintf(report->file, "\"%s\":[", name);
    for (size_t i = 0; i < notes->n; i++) {
        if (notes->list[i].is_of_frames != are_of_frames)
            continue;
        if (n++)
            fputc(',', report->file);
        if (write_text(report->file, notes->list[i].text))
            return -1;
    }
    fputs("],\n", report->file);
    return 0;
}

static int write_data(const struct report *report)
{
    const struct score_log *log = report->log;
    const struct picture_size size = picture_size(gallery_format(log->gallery));
    fputc('{', report->file);
    if (write_member(report, "version", vkv_version()) || write_member(report, "reference", log->reference))
        return -1;
    fprintf(report->file, "\"width\":%u,\"height\":%u,\"bit_depth\":%u,\"frames\":%zu,\"precision\":%u,", log->width,
            log->height, log->bit_depth, log->n_frames, report->precision);
    write_number(report, "fps", log->fps);
    write_number(report, "frame_rate", log->frame_rate);
    fprintf(report->file, "\"frame_step\":%zu,\"stretch\":%d,\"thumbnail\":[%u,%u],\"percents\":[", log->frame_step,
            WORST_STRETCH, size.width, size.height);
    for (size_t i = 0; i < N_PERCENTILES; i++)
        fprintf(report->file, "%s%u", i ? "," : "", pool_percents[i]);
    fputs("],\n", report->file);
    if (write_device(report) || write_model(report) || write_notes(report, "notes", false) ||
        write_notes(report, "frame_notes", true) || write_metric_names(report))
        return -1;
    fputs("\"encodes\":[\n", report->file);
    for (size_t i = 0; i < log->n_encodes; i++) {
        if (write_encode(report, i))
            return -1;
        fputs(i + 1 < log->n_encodes ? ",\n" : "]}", report->file);
    }
    return 0;
}

int report_write(FILE *file, const struct score_log *log, uint32_t precision)
{
    struct standing standings[VKV_MAX_DISTORTED];
    const struct report report = {file, log, standings, precision};
    ladder_compare(log, standings);
    fwrite(page_head, 1, sizeof(page_head), file);
    const int failed = write_data(&report);
    fwrite(page_tail, 1, sizeof(page_tail), file);
    return failed;
}
