#include "output/output.h"

#include <string.h>

const char *api_version_text(unsigned version, char text[API_VERSION_ROOM])
{
    text[0] = 0;
    if (version)
        snprintf(text, API_VERSION_ROOM, "%u.%u.%u", version >> 22 & 0x7f, version >> 12 & 0x3ff, version & 0xfff);
    return text;
}

static void write_encode(FILE *file, const struct score_log *log, const struct encode_log *encode)
{
    int width = 0;
    for (size_t i = 0; i < encode->n_metrics; i++)
        if ((int)strlen(encode->metrics[i].name) > width)
            width = (int)strlen(encode->metrics[i].name);
    if (log->n_encodes > 1)
        fprintf(file, "\n%s\n", encode->path);
    fprintf(file, "%-*s  %12s  %12s  %12s\n", width, "", "mean", "min", "harmonic mean");
    for (size_t i = 0; i < encode->n_metrics; i++) {
        const struct pooled pooled = pool_values(encode->metrics[i].values, log->n_frames);
        fprintf(file, "%-*s  %12.6f  %12.6f  %12.6f\n", width, encode->metrics[i].name, pooled.mean, pooled.min,
                pooled.harmonic_mean);
    }
}

void summary_write(FILE *file, const struct score_log *log)
{
    fprintf(file, "%zu frame%s on %s (%s), %.2f frames/s\n", log->n_frames, log->n_frames == 1 ? "" : "s",
            log->device.name, log->device.form, log->fps);
    if (log->has_model)
        fprintf(file, "model %s: %s, %s\n", log->model.name, log->model.file, log->model.quant_mode);
    for (size_t i = 0; i < log->n_encodes; i++)
        write_encode(file, log, &log->encodes[i]);
}
