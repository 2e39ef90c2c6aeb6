#include "output/output.h"

#include <math.h>
#include <string.h>

#include "common/json_text.h"

void json_write_number(FILE *file, double value, uint32_t precision)
{
    if (!isfinite(value))
        fputs("null", file);
    else
        number_write(file, value, precision);
}

void json_write_string(FILE *file, const char *text)
{
    if (text && *text)
        json_text_write(file, text);
    else
        fputs("null", file);
}

static void write_frames(FILE *file, const struct score_log *log, const struct encode_log *encode, uint32_t precision)
{
    fputs("  \"frames\": [\n", file);
    for (size_t frame = 0; frame < log->n_frames; frame++) {
        fprintf(file, "    {\n      \"frameNum\": %zu,\n      \"metrics\": {\n", frame * log->frame_step);
        for (size_t i = 0; i < encode->n_metrics; i++) {
            fputs("        ", file);
            json_write_string(file, encode->metrics[i].name);
            fputs(": ", file);
            json_write_number(file, encode->metrics[i].values[frame], precision);
            fputs(i + 1 < encode->n_metrics ? ",\n" : "\n", file);
        }
        fputs(frame + 1 < log->n_frames ? "      }\n    },\n" : "      }\n    }\n", file);
    }
    fputs("  ],\n", file);
}

static void write_pooled_value(FILE *file, const char *name, double value, uint32_t precision)
{
    fprintf(file, "\n      \"%s\": ", name);
    json_write_number(file, value, precision);
}

static void write_pooled_metric(FILE *file, const struct metric *metric, size_t n_frames, struct log_style style)
{
    const struct pooled pooled = pool_values(metric->values, n_frames);
    fputs("    ", file);
    json_write_string(file, metric->name);
    fputs(": {", file);
    write_pooled_value(file, "min", pooled.min, style.precision);
    fputc(',', file);
    write_pooled_value(file, "max", pooled.max, style.precision);
    fputc(',', file);
    write_pooled_value(file, "mean", pooled.mean, style.precision);
    fputc(',', file);
    write_pooled_value(file, "harmonic_mean", pooled.harmonic_mean, style.precision);
    for (size_t i = 0; i < N_PERCENTILES && style.extras; i++) {
        char name[PERCENTILE_NAME_ROOM];
        fputc(',', file);
        write_pooled_value(file, percentile_name(i, name), metric->percentiles[i], style.precision);
    }
    fputs("\n    }", file);
}

static void write_pooled(FILE *file, const struct score_log *log, const struct encode_log *encode,
                         struct log_style style)
{
    fputs("  \"pooled_metrics\": {\n", file);
    for (size_t i = 0; i < encode->n_metrics; i++) {
        write_pooled_metric(file, &encode->metrics[i], log->n_frames, style);
        fputs(i + 1 < encode->n_metrics ? ",\n" : "\n", file);
    }
    fputs("  },\n", file);
}

static void write_member(FILE *file, const char *name, const char *value)
{
    fprintf(file, "    \"%s\": ", name);
    json_write_string(file, value);
    fputs(",\n", file);
}

static void write_device(FILE *file, const vkv_device_info *device)
{
    char version[API_VERSION_ROOM];
    fputs(",\n  \"device\": {\n", file);
    write_member(file, "name", device->name);
    write_member(file, "uuid", device->uuid);
    write_member(file, "driver", device->driver);
    write_member(file, "api_version", api_version_text(device->api_version, version));
    fputs("    \"form\": ", file);
    json_write_string(file, device->form);
    fputs("\n  }", file);
}

static void write_model(FILE *file, const struct score_log *log, const struct encode_log *encode, uint32_t precision)
{
    fputs(",\n  \"tiny_model\": {\n", file);
    write_member(file, "name", log->model->name);
    write_member(file, "kind", log->model->kind);
    write_member(file, "quant_mode", log->model->quant_mode);
    write_member(file, "file", log->model->file);
    write_member(file, "device", log->device->name);
    fputs("    \"mean\": ", file);
    json_write_number(file, encode_raw_mean(encode, log->n_frames), precision);
    fputs(",\n    \"per_frame\": [", file);
    for (size_t i = 0; i < log->n_frames; i++) {
        fputs(i ? ", " : "", file);
        json_write_number(file, encode->raw_scores[i], precision);
    }
    fputs("]\n  }", file);
}

/* Nothing when there are none. */
static void write_notes(FILE *file, const struct score_log *log, const struct encode_log *encode)
{
    size_t n = 0;
    for (size_t i = 0; i < log->notes.n; i++) {
        const struct note *const note = &log->notes.list[i];
        if (!encode_has_note(log, encode, note))
            continue;
        fputs(n++ ? ",\n    " : ",\n  \"notes\": [\n    ", file);
        json_write_string(file, note->text);
    }
    if (n)
        fputs("\n  ]", file);
}

void json_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style)
{
    fputs("{\n  \"version\": ", file);
    json_write_string(file, vkv_version());
    fprintf(file, ",\n  \"fps\": %.2f,\n", isfinite(log->fps) ? log->fps : 0.0);
    write_frames(file, log, encode, style.precision);
    write_pooled(file, log, encode, style);
    fputs("  \"aggregate_metrics\": {\n  }", file);
    if (style.extras)
        write_device(file, log->device);
    if (log->model)
        write_model(file, log, encode, style.precision);
    if (style.notes)
        write_notes(file, log, encode);
    fputs("\n}\n", file);
}
