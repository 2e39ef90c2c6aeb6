#include "output/output.h"

#include <math.h>
#include <string.h>

#include "common/json_write.h"

/* libvmaf's layout: what is empty has its closing bracket on a line of its own. */
#define LAYOUT JSON_LINES_KEPT

void json_write_number(FILE *file, double value, uint32_t precision)
{
    if (!isfinite(value))
        fputs("null", file);
    else
        number_write(file, value, precision);
}

static void put_value(struct json_writer *w, const char *key, double value, uint32_t precision)
{
    json_put(w, key);
    json_write_number(w->stream, value, precision);
}

static void put_frames(struct json_writer *w, const struct score_log *log, const struct encode_log *encode,
                       uint32_t precision)
{
    json_open(w, "frames", '[', LAYOUT);
    for (size_t frame = 0; frame < log->n_frames; frame++) {
        if (!encode_has_frame(encode, frame))
            continue;
        json_open(w, NULL, '{', LAYOUT);
        json_put_format(w, "frameNum", "%zu", frame * log->frame_step);
        json_open(w, "metrics", '{', LAYOUT);
        for (size_t i = 0; i < encode->n_metrics; i++)
            if (metric_has(&encode->metrics[i], frame))
                put_value(w, encode->metrics[i].name, encode->metrics[i].values[frame], precision);
        json_close(w);
        json_close(w);
    }
    json_close(w);
}

static void put_pooled_values(struct json_writer *w, const struct pooled *pooled, uint32_t precision)
{
    put_value(w, "min", pooled->min, precision);
    put_value(w, "max", pooled->max, precision);
    put_value(w, "mean", pooled->mean, precision);
    put_value(w, "harmonic_mean", pooled->harmonic_mean, precision);
}

static void put_pooled_metric(struct json_writer *w, const struct score_log *log, const struct metric *metric,
                              struct log_style style)
{
    struct pooled pooled;
    json_open(w, metric->name, '{', LAYOUT);
    if (pool_metric(log, metric, &pooled))
        put_pooled_values(w, &pooled, style.precision);
    for (size_t i = 0; i < N_PERCENTILES && style.extras; i++) {
        char name[PERCENTILE_NAME_ROOM];
        put_value(w, percentile_name(i, name), metric->percentiles[i], style.precision);
    }
    json_close(w);
}

static void put_pooled(struct json_writer *w, const struct score_log *log, const struct encode_log *encode,
                       struct log_style style)
{
    json_open(w, "pooled_metrics", '{', LAYOUT);
    for (size_t i = 0; i < encode->n_metrics; i++)
        put_pooled_metric(w, log, &encode->metrics[i], style);
    json_close(w);
}

static void put_device(struct json_writer *w, const vkv_device_info *device)
{
    char version[API_VERSION_ROOM];
    json_open(w, "device", '{', LAYOUT);
    json_put_name(w, "name", device->name);
    json_put_name(w, "uuid", device->uuid);
    json_put_name(w, "driver", device->driver);
    json_put_name(w, "api_version", api_version_text(device->api_version, version));
    json_put_name(w, "form", device->form);
    json_close(w);
}

static void put_model(struct json_writer *w, const struct score_log *log, const struct encode_log *encode,
                      uint32_t precision)
{
    json_open(w, "tiny_model", '{', LAYOUT);
    json_put_name(w, "name", log->model->name);
    json_put_name(w, "kind", log->model->kind);
    json_put_name(w, "quant_mode", log->model->quant_mode);
    json_put_name(w, "file", log->model->file);
    json_put_name(w, "device", log->device->name);
    put_value(w, "mean", encode_raw_mean(encode, log->n_frames), precision);
    json_open(w, "per_frame", '[', JSON_ROW);
    for (size_t i = 0; i < log->n_frames; i++)
        put_value(w, NULL, encode->raw_scores[i], precision);
    json_close(w);
    json_close(w);
}

/* Puts the notes; nothing if there are none. */
static void put_notes(struct json_writer *w, const struct score_log *log, const struct encode_log *encode)
{
    size_t n = 0;
    for (size_t i = 0; i < log->notes.n; i++) {
        const struct note *const note = &log->notes.list[i];
        if (!encode_has_note(log, encode, note))
            continue;
        if (!n++)
            json_open(w, "notes", '[', LAYOUT);
        json_put_text(w, NULL, note->text);
    }
    if (n)
        json_close(w);
}

void json_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style)
{
    struct json_writer w = {.stream = file};
    json_open(&w, NULL, '{', LAYOUT);
    json_put_text(&w, "version", vkv_version());
    json_put_format(&w, "fps", "%.2f", isfinite(log->fps) ? log->fps : 0.0);
    put_frames(&w, log, encode, style.precision);
    put_pooled(&w, log, encode, style);
    json_open(&w, "aggregate_metrics", '{', LAYOUT);
    json_close(&w);
    if (style.extras)
        put_device(&w, log->device);
    if (log->model)
        put_model(&w, log, encode, style.precision);
    if (style.notes)
        put_notes(&w, log, encode);
    json_close(&w);
}
