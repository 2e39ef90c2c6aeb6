#include <inttypes.h>
#include <stdio.h>

#include "commands/bench_parts.h"
#include "common/json_write.h"
#include "output/output.h"

/* The median of the rounds. */
static double stage_ms(const struct bench *bench, uint32_t i)
{
    return bench->stage_ms[i][bench->n_rounds / 2];
}

/* The faster of the two kernels: some devices multiply at a fraction of the rate. */
static double int32_rate(const struct bench *bench)
{
    const vkv_device_rates *m = &bench->measured;
    return m->multiply_adds > m->adds ? m->multiply_adds : m->adds;
}

/* The share of what the device could have done in a stage's time; 0 where it is not known. */
static double share(const struct bench *bench, uint32_t i, double amount, double rate)
{
    const double could = stage_ms(bench, i) * 1e-3 * rate;
    return could > 0 ? amount / could : 0;
}

static double int32_share(const struct bench *bench, uint32_t i)
{
    return share(bench, i, bench->stage_instructions[i], int32_rate(bench));
}

static double bandwidth_share(const struct bench *bench, uint32_t i)
{
    return share(bench, i, bench->stage_bytes[i], bench->measured.bytes);
}

static void print_stage(const struct bench *bench, uint32_t i, const char *name)
{
    const double *ms = bench->stage_ms[i];
    printf("  %-20s %10.4f %10.4f %10.4f %6.1f %% %6.1f %% %6.1f %%\n", name, stage_ms(bench, i), ms[0],
           ms[bench->n_rounds - 1], 100 * stage_ms(bench, i) / stage_ms(bench, bench->n_stages),
           100 * int32_share(bench, i), 100 * bandwidth_share(bench, i));
}

void bench_print_table(const struct bench *bench)
{
    char version[API_VERSION_ROOM];
    const double sum = stage_ms(bench, bench->n_stages);
    printf("device   %s (%s, %s, Vulkan %s)\n", bench->info->name, bench->info->form, bench->info->driver,
           bench->info->api_version ? api_version_text(bench->info->api_version, version) : "none");
    printf("frames   %ux%u, %u bit, %u distorted per reference, textured, in memory; vkvmaf %s\n", bench->frames.width,
           bench->frames.height, bench->frames.bit_depth, bench->streams, vkv_version());
    printf("rate     %.2f frames/s (median of %u rounds of %" PRIu64 " frames or more, %.2f to %.2f)\n",
           bench->rates[bench->n_rounds / 2], bench->n_rounds, bench->round_frames, bench->rates[0],
           bench->rates[bench->n_rounds - 1]);
    if (int32_rate(bench) > 0)
        printf("measured %.2f G int32/s (multiply-adds %.2f, adds %.2f), %.2f GB/s read and written\n",
               int32_rate(bench) * 1e-9, bench->measured.multiply_adds * 1e-9, bench->measured.adds * 1e-9,
               bench->measured.bytes * 1e-9);
    if (sum <= 0) {
        printf("stages   no timestamps on this device\n");
        return;
    }
    printf("stages   %" PRIu64 " frames; milliseconds of a frame: median, least and most of %u rounds; share of the "
           "sum, of int32/s, of GB/s\n",
           bench->stage_frames, bench->n_rounds);
    for (uint32_t i = 0; i < bench->n_stages; i++)
        print_stage(bench, i, bench->stages[i].name);
    print_stage(bench, bench->n_stages, "sum");
    printf("         %.2f frames/s without transfers and host\n", 1e3 / sum);
}

static void put_stage(struct json_writer *w, const struct bench *bench, uint32_t i)
{
    json_open(w, "ms_per_frame", '{', JSON_SPACED);
    json_put_format(w, "median", "%.6f", stage_ms(bench, i));
    json_put_format(w, "min", "%.6f", bench->stage_ms[i][0]);
    json_put_format(w, "max", "%.6f", bench->stage_ms[i][bench->n_rounds - 1]);
    json_close(w);
    json_put_format(w, "instructions_per_frame", "%.0f", bench->stage_instructions[i]);
    json_put_format(w, "bytes_per_frame", "%.0f", bench->stage_bytes[i]);
    json_put_format(w, "int32_share", "%.6f", int32_share(bench, i));
    json_put_format(w, "bandwidth_share", "%.6f", bandwidth_share(bench, i));
}

static void put_stages(struct json_writer *w, const struct bench *bench)
{
    json_open(w, "stages", '[', JSON_LINES_KEPT);
    for (uint32_t i = 0; i < bench->n_stages; i++) {
        json_open(w, NULL, '{', JSON_SPACED);
        json_put_name(w, "stage", bench->stages[i].name);
        put_stage(w, bench, i);
        json_put_format(w, "dispatches", "%" PRIu64, bench->stages[i].dispatches);
        json_close(w);
    }
    json_close(w);
    json_put_format(w, "stage_frames", "%" PRIu64, bench->stage_frames);
    json_open(w, "all_stages", '{', JSON_SPACED);
    json_put_integer(w, "stages", bench->n_stages);
    put_stage(w, bench, bench->n_stages);
    json_close(w);
}

static void put_device(struct json_writer *w, const vkv_device_info *info)
{
    char version[API_VERSION_ROOM];
    json_open(w, "device", '{', JSON_LINES);
    json_put_name(w, "name", info->name);
    json_put_name(w, "uuid", info->uuid);
    json_put_name(w, "driver", info->driver);
    json_put_name(w, "api_version", api_version_text(info->api_version, version));
    json_put_name(w, "form", info->form);
    json_close(w);
}

static void put_measured(struct json_writer *w, const struct bench *bench)
{
    json_open(w, "measured", '{', JSON_SPACED);
    json_put_format(w, "int32_per_second", "%.0f", int32_rate(bench));
    json_put_format(w, "multiply_adds_per_second", "%.0f", bench->measured.multiply_adds);
    json_put_format(w, "adds_per_second", "%.0f", bench->measured.adds);
    json_put_format(w, "bytes_per_second", "%.0f", bench->measured.bytes);
    json_close(w);
    json_open(w, "fps", '{', JSON_SPACED);
    json_put_format(w, "median", "%.3f", bench->rates[bench->n_rounds / 2]);
    json_put_format(w, "min", "%.3f", bench->rates[0]);
    json_put_format(w, "max", "%.3f", bench->rates[bench->n_rounds - 1]);
    json_close(w);
}

void bench_put(struct json_writer *w, const struct bench *bench)
{
    json_put_integer(w, "width", bench->frames.width);
    json_put_integer(w, "height", bench->frames.height);
    json_put_integer(w, "bit_depth", bench->frames.bit_depth);
    json_put_integer(w, "streams", bench->streams);
    json_put_format(w, "round_frames", "%" PRIu64, bench->round_frames);
    put_measured(w, bench);
    put_stages(w, bench);
}

void bench_print_json(const struct bench *bench)
{
    struct json_writer w = {.stream = stdout};
    json_open(&w, NULL, '{', JSON_LINES);
    json_put_text(&w, "version", vkv_version());
    put_device(&w, bench->info);
    bench_put(&w, bench);
    json_close(&w);
}
