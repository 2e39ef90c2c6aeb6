#include "output/output.h"

/* A line per frame in MicroDVD's form: shown from this frame to the next. */
void sub_write_log(FILE *file, const struct score_log *log, const struct encode_log *encode, struct log_style style)
{
    for (size_t frame = 0; frame < log->n_frames; frame++) {
        const size_t number = frame * log->frame_step;
        if (!encode_has_frame(encode, frame))
            continue;
        fprintf(file, "{%zu}{%zu}frame: %zu|", number, number + 1, number);
        for (size_t i = 0; i < encode->n_metrics; i++) {
            if (!metric_has(&encode->metrics[i], frame))
                continue;
            xml_write_name(file, encode->metrics[i].name);
            fputs(": ", file);
            number_write(file, encode->metrics[i].values[frame], style.precision);
            fputc('|', file);
        }
        fputc('\n', file);
    }
}
