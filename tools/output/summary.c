#include "output/output.h"

#include <string.h>

const char *api_version_text(unsigned version, char text[API_VERSION_ROOM])
{
    text[0] = 0;
    if (version)
        snprintf(text, API_VERSION_ROOM, "%u.%u.%u", version >> 22 & 0x7f, version >> 12 & 0x3ff, version & 0xfff);
    return text;
}

void summary_write(FILE *file, const struct score_log *log)
{
    int width = 0;
    for (size_t i = 0; i < log->n_metrics; i++)
        if ((int)strlen(log->metrics[i].name) > width)
            width = (int)strlen(log->metrics[i].name);
    fprintf(file, "%zu frame%s on %s (%s), %.2f frames/s\n", log->n_frames, log->n_frames == 1 ? "" : "s",
            log->device.name, log->device.form, log->fps);
    if (log->model)
        fprintf(file, "model %s: %s, %s\n", log->model->name, log->model->file, log->model->quant_mode);
    fprintf(file, "%-*s  %12s  %12s  %12s\n", width, "", "mean", "min", "harmonic mean");
    for (size_t i = 0; i < log->n_metrics; i++) {
        const struct pooled pooled = pool_values(log->metrics[i].values, log->n_frames);
        fprintf(file, "%-*s  %12.6f  %12.6f  %12.6f\n", width, log->metrics[i].name, pooled.mean, pooled.min,
                pooled.harmonic_mean);
    }
}
