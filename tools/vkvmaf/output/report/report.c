#include <string.h>

#include "common/json_write.h"
#include "output/report/gallery.h"
#include "output/output.h"
#include "output/report/picture.h"
#include "report_page.h"

/* The page's JSON is compact; a line break goes before what is long. */
#define LAYOUT JSON_COMPACT

struct report {
    struct json_writer json;
    const struct score_log *log;
    const struct standing *standings;
    uint32_t precision;
};

static void put_value(struct report *report, const char *key, double value)
{
    json_put(&report->json, key);
    json_write_number(report->json.stream, value, report->precision);
}

static void put_values(struct report *report, const char *key, const double *values, size_t n)
{
    json_open(&report->json, key, '[', LAYOUT);
    for (size_t i = 0; i < n; i++)
        put_value(report, NULL, values[i]);
    json_close(&report->json);
}

static void put_device(struct json_writer *w, const vkv_device_info *device)
{
    char version[API_VERSION_ROOM];
    json_break(w);
    json_open(w, "device", '{', LAYOUT);
    json_put_name(w, "name", device->name);
    json_put_name(w, "driver", device->driver);
    json_put_name(w, "api_version", api_version_text(device->api_version, version));
    json_put_name(w, "form", device->form);
    json_close(w);
}

/* `model` NULL: null. */
static void put_model(struct json_writer *w, const vkv_model_info *model)
{
    json_break(w);
    if (!model) {
        json_put_text(w, "model", NULL);
        return;
    }
    json_open(w, "model", '{', LAYOUT);
    json_put_name(w, "name", model->name);
    json_put_name(w, "file", model->file);
    json_put_name(w, "quant_mode", model->quant_mode);
    json_close(w);
}

static int put_picture(struct report *report, const char *key, const unsigned char *picture)
{
    json_break(&report->json);
    json_put(&report->json, key);
    return picture_write(report->json.stream, gallery_format(report->log->gallery), picture);
}

static int put_worst(struct report *report, size_t encode)
{
    struct json_writer *const w = &report->json;
    const struct gallery *const gallery = report->log->gallery;
    const struct worst *const worst = gallery_worst(gallery, encode);
    json_break(w);
    json_open(w, "worst", '[', LAYOUT);
    for (size_t i = 0; i < worst->n; i++) {
        if (i)
            json_break(w);
        json_open(w, NULL, '{', LAYOUT);
        json_put_format(w, "frame", "%zu", worst->frames[i].frame);
        put_value(report, "score", worst->frames[i].score);
        if (put_picture(report, "reference", gallery_reference(gallery, encode, i)) ||
            put_picture(report, "distorted", gallery_distorted(gallery, encode, i)))
            return -1;
        json_close(w);
    }
    json_close(w);
    return 0;
}

static void put_standing(struct report *report, const struct standing *standing)
{
    json_put_bool(&report->json, "on_hull", standing->on_hull);
    put_value(report, "mean", standing->pooled.mean);
    put_value(report, "harmonic_mean", standing->pooled.harmonic_mean);
    put_value(report, "min", standing->pooled.min);
    put_values(report, "percentiles", standing->score->percentiles, N_PERCENTILES);
}

static int put_encode(struct report *report, size_t at)
{
    struct json_writer *const w = &report->json;
    const struct encode_log *const encode = &report->log->encodes[at];
    json_break(w);
    json_open(w, NULL, '{', LAYOUT);
    json_put_name(w, "path", encode->path);
    if (encode->bitrate_kbps > 0)
        put_value(report, "bitrate_kbps", encode->bitrate_kbps);
    put_standing(report, &report->standings[at]);
    if (put_worst(report, at))
        return -1;
    json_break(w);
    json_open(w, "values", '[', LAYOUT);
    for (size_t i = 0; i < encode->n_metrics; i++) {
        json_break(w);
        put_values(report, NULL, encode->metrics[i].values, report->log->n_frames);
    }
    json_close(w);
    json_close(w);
    return 0;
}

static void put_metric_names(struct json_writer *w, const struct encode_log *encode)
{
    json_break(w);
    json_open(w, "metrics", '[', LAYOUT);
    for (size_t i = 0; i < encode->n_metrics; i++)
        json_put_name(w, NULL, encode->metrics[i].name);
    json_close(w);
    json_break(w);
    json_put_format(w, "score", "%zu", encode->score);
    json_put_bool(w, "score_is_percent",
                  strncmp(encode->metrics[encode->score].name, "integer_", strlen("integer_")) != 0);
}

/* Puts notes; those of frames that were not compared stand on the first screen. */
static void put_notes(struct json_writer *w, const struct notes *notes, const char *key, bool are_of_frames)
{
    json_break(w);
    json_open(w, key, '[', LAYOUT);
    for (size_t i = 0; i < notes->n; i++)
        if (notes->list[i].is_of_frames == are_of_frames)
            json_put_name(w, NULL, notes->list[i].text);
    json_close(w);
}

static void put_run(struct report *report)
{
    struct json_writer *const w = &report->json;
    const struct score_log *const log = report->log;
    const struct picture_size size = picture_size(gallery_format(log->gallery));
    json_put_name(w, "version", vkv_version());
    json_put_name(w, "reference", log->reference);
    json_put_integer(w, "width", log->width);
    json_put_integer(w, "height", log->height);
    json_put_integer(w, "bit_depth", log->bit_depth);
    json_put_format(w, "frames", "%zu", log->n_frames);
    json_put_integer(w, "precision", report->precision);
    put_value(report, "fps", log->fps);
    put_value(report, "frame_rate", log->frame_rate);
    json_put_format(w, "frame_step", "%zu", log->frame_step);
    json_put_integer(w, "stretch", WORST_STRETCH);
    json_open(w, "thumbnail", '[', LAYOUT);
    json_put_integer(w, NULL, size.width);
    json_put_integer(w, NULL, size.height);
    json_close(w);
    json_open(w, "percents", '[', LAYOUT);
    for (size_t i = 0; i < N_PERCENTILES; i++)
        json_put_integer(w, NULL, pool_percents[i]);
    json_close(w);
}

static int put_data(struct report *report)
{
    struct json_writer *const w = &report->json;
    const struct score_log *const log = report->log;
    json_open(w, NULL, '{', LAYOUT);
    put_run(report);
    put_device(w, log->device);
    put_model(w, log->model);
    put_notes(w, &log->notes, "notes", false);
    put_notes(w, &log->notes, "frame_notes", true);
    put_metric_names(w, &log->encodes[0]);
    json_break(w);
    json_open(w, "encodes", '[', LAYOUT);
    for (size_t i = 0; i < log->n_encodes; i++)
        if (put_encode(report, i))
            return -1;
    json_close(w);
    json_close(w);
    return 0;
}

int report_write(FILE *file, const struct score_log *log, uint32_t precision)
{
    struct standing standings[VKV_MAX_DISTORTED];
    struct report report = {{.stream = file, .is_in_html = true}, log, standings, precision};
    ladder_compare(log, standings);
    fwrite(page_head, 1, sizeof(page_head), file);
    const int failed = put_data(&report);
    fwrite(page_tail, 1, sizeof(page_tail), file);
    return failed;
}
