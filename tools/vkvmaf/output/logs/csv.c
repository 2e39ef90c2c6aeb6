#include "output/output.h"

void csv_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style)
{
    fputs("Frame,", file);
    for (size_t i = 0; i < encode->n_metrics; i++) {
        xml_write_name(file, encode->metrics[i].name);
        fputc(',', file);
    }
    fputc('\n', file);
    for (size_t frame = 0; frame < log->n_frames; frame++) {
        if (!encode_has_frame(encode, frame))
            continue;
        fprintf(file, "%zu,", frame * log->frame_step);
        for (size_t i = 0; i < encode->n_metrics; i++) {
            if (metric_has(&encode->metrics[i], frame))
                number_write(file, encode->metrics[i].values[frame], style.precision);
            fputc(',', file);
        }
        fputc('\n', file);
    }
}
