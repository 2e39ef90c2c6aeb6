/* The log: libvmaf's layouts, by the tool's writers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/context.h"
#include "libvmaf/extractors.h"
#include "libvmaf/point.h"
#include "libvmaf/say.h"
#include "vkvmaf/output/output.h"

static const enum log_format formats[] = {[VMAF_OUTPUT_FORMAT_XML] = LOG_XML,
                                          [VMAF_OUTPUT_FORMAT_JSON] = LOG_JSON,
                                          [VMAF_OUTPUT_FORMAT_CSV] = LOG_CSV,
                                          [VMAF_OUTPUT_FORMAT_SUB] = LOG_SUB};

static int add_metric(const struct store *scores, const char *name, const struct score_log *log,
                      struct encode_log *encode)
{
    struct metric *const metric = encode_add_metric(encode, log->n_frames);
    if (!metric || !(metric->is_known = calloc(log->n_frames + 1, sizeof(*metric->is_known))))
        return no_memory();
    snprintf(metric->name, sizeof(metric->name), "%s", names_short(name));
    for (size_t i = 0; i < log->n_frames; i++)
        metric->is_known[i] = !store_get(scores, name, (unsigned)(i * log->frame_step), &metric->values[i]);
    return 0;
}

static size_t count_frames(size_t n, size_t step)
{
    return (n + step - 1) / step;
}

/* Pooled values are of all pictures that were read. */
static struct score_log describe(const VmafContext *vmaf)
{
    const size_t step = vmaf->cfg.n_subsample > 1 ? vmaf->cfg.n_subsample : 1;
    return (struct score_log){
        .width = vmaf->shape.w[0],
        .height = vmaf->shape.h[0],
        .fps = vmaf->n_read / (vmaf->ended - vmaf->began),
        .frame_step = step,
        .n_frames = count_frames(store_end(&vmaf->scores), step),
        .n_pooled = vmaf->n_read ? count_frames(vmaf->n_read, step) : SIZE_MAX,
    };
}

static int write_bytes(const char *path, enum log_format format, const struct score_log *log,
                       const struct encode_log *encode)
{
    struct output_bytes bytes = {.path = path};
    FILE *const file = open_memstream(&bytes.bytes, &bytes.n);
    if (!file)
        return no_memory();
    const locale_t before = point_begin();
    log_write(file, format, log, encode, (struct log_style){.precision = PRECISION_LIBVMAF});
    point_end(before);
    int err = ferror(file) ? -ENOMEM : 0;
    err = fclose(file) ? -ENOMEM : err;
    if (!err)
        err = output_write(&bytes, 1) ? -EINVAL : 0;
    free(bytes.bytes);
    return err;
}

static int write_log(const VmafContext *vmaf, const char *path, enum log_format format)
{
    const struct score_log log = describe(vmaf);
    struct encode_log encode = {.n_metrics = 0};
    int err = 0;
    for (size_t i = 0; i < vmaf->scores.n && !err; i++)
        err = add_metric(&vmaf->scores, vmaf->scores.vectors[i].name, &log, &encode);
    if (!err)
        err = write_bytes(path, format, &log, &encode);
    encode_free(&encode);
    return err;
}

int vmaf_write_output(VmafContext *vmaf, const char *output_path, enum VmafOutputFormat fmt)
{
    if (!vmaf || !output_path)
        return -EINVAL;
    if (fmt <= VMAF_OUTPUT_FORMAT_NONE || fmt > VMAF_OUTPUT_FORMAT_SUB)
        return refuse("%s: the log's format is %d, 1 (XML) to 4 (SUB) were expected", output_path, (int)fmt);
    pthread_mutex_lock(&vmaf->lock);
    int err = output_check(output_path) ? -EINVAL : feed_pull(vmaf);
    err = err ? err : write_log(vmaf, output_path, formats[fmt]);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}
