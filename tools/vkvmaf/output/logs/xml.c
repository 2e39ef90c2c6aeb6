#include "output/output.h"

#include <ctype.h>
#include <math.h>

void xml_write_name(FILE *file, const char *name)
{
    for (const char *c = name; *c; c++) {
        const unsigned char byte = (unsigned char)*c;
        const bool starts = (byte < 0x80 && isalpha(byte)) || byte == '_';
        const bool follows = (byte < 0x80 && isdigit(byte)) || byte == '-' || byte == '.';
        fputc(starts || (follows && c != name) ? byte : '_', file);
    }
}

static void write_attribute(FILE *file, const char *name, const char *value)
{
    fprintf(file, "%s=\"", name);
    for (const char *c = value; *c; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '<' || byte == '>' || byte == '&')
            fprintf(file, "&#%u;", byte);
        else
            fputc(byte < 0x20 || byte >= 0x7f ? '?' : byte, file);
    }
    fputs("\" ", file);
}

static void write_value(FILE *file, const char *name, double value, uint32_t precision)
{
    xml_write_name(file, name);
    fputs("=\"", file);
    number_write(file, value, precision);
    fputs("\" ", file);
}

static void write_frames(FILE *file, const struct score_log *log, const struct encode_log *encode, uint32_t precision)
{
    fputs("  <frames>\n", file);
    for (size_t frame = 0; frame < log->n_frames; frame++) {
        if (!encode_has_frame(encode, frame))
            continue;
        fprintf(file, "    <frame frameNum=\"%zu\" ", frame * log->frame_step);
        for (size_t i = 0; i < encode->n_metrics; i++)
            if (metric_has(&encode->metrics[i], frame))
                write_value(file, encode->metrics[i].name, encode->metrics[i].values[frame], precision);
        fputs("/>\n", file);
    }
    fputs("  </frames>\n", file);
}

static void write_pooled_values(FILE *file, const struct pooled *pooled, uint32_t precision)
{
    write_value(file, "min", pooled->min, precision);
    write_value(file, "max", pooled->max, precision);
    write_value(file, "mean", pooled->mean, precision);
    write_value(file, "harmonic_mean", pooled->harmonic_mean, precision);
}

static void write_pooled(FILE *file, const struct score_log *log, const struct encode_log *encode,
                         struct log_style style)
{
    fputs("  <pooled_metrics>\n", file);
    for (size_t i = 0; i < encode->n_metrics; i++) {
        const struct metric *metric = &encode->metrics[i];
        struct pooled pooled;
        fputs("    <metric name=\"", file);
        xml_write_name(file, metric->name);
        fputs("\" ", file);
        if (pool_metric(log, metric, &pooled))
            write_pooled_values(file, &pooled, style.precision);
        for (size_t j = 0; j < N_PERCENTILES && style.extras; j++) {
            char name[PERCENTILE_NAME_ROOM];
            write_value(file, percentile_name(j, name), metric->percentiles[j], style.precision);
        }
        fputs("/>\n", file);
    }
    fputs("  </pooled_metrics>\n", file);
}

static void write_device(FILE *file, const vkv_device_info *device)
{
    char version[API_VERSION_ROOM];
    fputs("  <device ", file);
    write_attribute(file, "name", device->name);
    write_attribute(file, "uuid", device->uuid);
    write_attribute(file, "driver", device->driver);
    write_attribute(file, "api_version", api_version_text(device->api_version, version));
    write_attribute(file, "form", device->form);
    fputs("/>\n", file);
}

static void write_model(FILE *file, const struct score_log *log, const struct encode_log *encode, uint32_t precision)
{
    fputs("  <tiny_model ", file);
    write_attribute(file, "name", log->model->name);
    write_attribute(file, "kind", log->model->kind);
    write_attribute(file, "quant_mode", log->model->quant_mode);
    write_attribute(file, "file", log->model->file);
    write_attribute(file, "device", log->device->name);
    write_value(file, "mean", encode_raw_mean(encode, log->n_frames), precision);
    fputs("/>\n", file);
}

static void write_notes(FILE *file, const struct score_log *log, const struct encode_log *encode)
{
    for (size_t i = 0; i < log->notes.n; i++) {
        const struct note *const note = &log->notes.list[i];
        if (!encode_has_note(log, encode, note))
            continue;
        fputs("  <note ", file);
        write_attribute(file, "text", note->text);
        fputs("/>\n", file);
    }
}

void xml_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style)
{
    fprintf(file, "<VMAF version=\"%s\">\n", vkv_version());
    fprintf(file, "  <params qualityWidth=\"%u\" qualityHeight=\"%u\" />\n", log->width, log->height);
    fprintf(file, "  <fyi fps=\"%.2f\" />\n", isfinite(log->fps) ? log->fps : 0.0);
    write_frames(file, log, encode, style.precision);
    write_pooled(file, log, encode, style);
    fputs("  <aggregate_metrics />\n", file);
    if (style.extras)
        write_device(file, log->device);
    if (log->model)
        write_model(file, log, encode, style.precision);
    if (style.notes)
        write_notes(file, log, encode);
    fputs("</VMAF>\n", file);
}
