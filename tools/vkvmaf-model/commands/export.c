/* vkvmaf-model export: a checkpoint in; an ONNX file, its 8-bit form if asked for, and its description out. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "training/checkpoint.h"
#include "common/json_write.h"
#include "model/files/registry.h"
#include "model/files/sha256.h"
#include "onnx/onnx_write.h"
#include "onnx/quantize_dynamic.h"
#include "tool.h"

struct export_job {
    const char *checkpoint, *onnx, *notes, *form; /* form: "dynamic", or NULL */
    const char *given_sidecar;                    /* NULL: beside the model */
    char *sidecar, *int8, *stale;                 /* from malloc; stale: external data of an earlier model */
    char id[65];
    int argc;
    char **argv;
};

struct made_file {
    uint8_t *bytes; /* from malloc */
    size_t n;
    char sha256[SHA256_HEX_SIZE];
};

static void write_provenance(struct json_writer *w, const struct export_job *job)
{
    json_open(w, "run_provenance", '{', JSON_LINES);
    json_put_text(w, "entrypoint", TOOL_NAME " export");
    json_put_texts(w, "argv", (const char *const *)job->argv, (size_t)job->argc);
    json_open(w, "parameters", '{', JSON_LINES);
    json_put_integer(w, "opset", ONNX_OPSET);
    json_put_text(w, "quantize", job->form);
    json_put_text(w, "notes", job->notes);
    json_close(w);
    json_open(w, "inputs", '{', JSON_LINES);
    json_put_text(w, "checkpoint", job->checkpoint);
    json_close(w);
    json_open(w, "outputs", '{', JSON_LINES);
    json_put_text(w, "onnx", job->onnx);
    if (job->form)
        json_put_text(w, "int8", job->int8);
    json_put_text(w, "sidecar", job->sidecar);
    json_close(w);
    json_close(w);
}

static void write_sidecar(FILE *stream, const struct export_job *job, const struct checkpoint *checkpoint,
                          const struct made_file *model, const struct made_file *int8)
{
    struct json_writer w = {.stream = stream};
    char file[80];

    snprintf(file, sizeof(file), "%s.onnx", job->id);
    json_open(&w, NULL, '{', JSON_LINES);
    json_put_text(&w, "id", job->id);
    json_put_text(&w, "kind", "fr");
    json_put_text(&w, "onnx", file);
    json_put_integer(&w, "opset", ONNX_OPSET);
    json_put_text(&w, "sha256", model->sha256);
    json_put_text(&w, "input_name", ONNX_INPUT_NAME);
    json_put_numbers(&w, "input_shape", (const double[]){-1, PLAN_N_INPUTS}, 2);
    json_put_text(&w, "output_name", ONNX_OUTPUT_NAME);
    json_put_numbers(&w, "output_shape", (const double[]){-1}, 1);
    json_put_texts(&w, "features", plan_inputs, PLAN_N_INPUTS);
    json_put_numbers(&w, "input_mean", checkpoint->mean, PLAN_N_INPUTS);
    json_put_numbers(&w, "input_std", checkpoint->std, PLAN_N_INPUTS);
    if (*checkpoint->arch)
        json_put_text(&w, "arch", checkpoint->arch);
    json_put_integer(&w, "n_params", plan_n_parameters(&checkpoint->plan));
    json_put_text(&w, "quant_mode", job->form ? job->form : "fp32");
    if (job->form) {
        json_put_text(&w, "int8_sha256", int8->sha256);
        json_put_number(&w, "quant_accuracy_budget_plcc", REGISTRY_BUDGET);
    }
    json_put_text(&w, "notes", job->notes);
    write_provenance(&w, job);
    json_close(&w);
}

/* The file's name without folder and ".onnx", if it can be a model's id. */
static bool id_of(const char *path, char id[65])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    const size_t n = strspn(file, allowed);

    if (!n || n > 64 || *file == '_' || *file == '-' || strcmp(file + n, ".onnx") != 0)
        return false;
    memcpy(id, file, n);
    id[n] = '\0';
    return true;
}

/* Fills in what follows from job->onnx. `sidecar` NULL: beside it. False after a message. */
static bool settle_paths(struct export_job *job, const char *sidecar)
{
    const size_t room = strlen(job->onnx) + sizeof(".int8.onnx") + (sidecar ? strlen(sidecar) : 0);
    const int n_stem = (int)(strlen(job->onnx) - strlen(".onnx"));

    job->stale = malloc(room);
    job->sidecar = malloc(room);
    job->int8 = malloc(room);
    if (!job->stale || !job->sidecar || !job->int8)
        return tool_no_memory("for the paths");
    snprintf(job->stale, room, "%s.data", job->onnx);
    snprintf(job->int8, room, "%.*s.int8.onnx", n_stem, job->onnx);
    if (sidecar)
        strcpy(job->sidecar, sidecar);
    else
        snprintf(job->sidecar, room, "%.*s.json", n_stem, job->onnx);
    return true;
}

/* False after a message. */
static bool make_models(const struct export_job *job, const struct plan *plan, struct made_file *model,
                        struct made_file *int8)
{
    const char *error = onnx_write(plan, &model->bytes, &model->n) ? NULL : "no memory for the model";

    if (!error && job->form)
        error = quantize_dynamic(model->bytes, model->n, true, &int8->bytes, &int8->n);
    if (!error && (!sha256_hex(model->bytes, model->n, model->sha256) ||
                   (job->form && !sha256_hex(int8->bytes, int8->n, int8->sha256))))
        error = "no memory for a checksum";
    return !error || tool_refuse("%s: %s", job->onnx, error);
}

static int export_model(const struct export_job *job)
{
    struct checkpoint checkpoint = {0};
    struct made_file model = {0}, int8 = {0};
    struct output_file files[3] = {{0}};
    int code = checkpoint_read(job->checkpoint, &checkpoint);

    if (code)
        goto out;
    code = EXIT_FAILED;
    if (!make_models(job, &checkpoint.plan, &model, &int8) || !output_open(&files[0], job->onnx) ||
        (job->form && !output_open(&files[1], job->int8)) || !output_open(&files[job->form ? 2 : 1], job->sidecar))
        goto out;
    fwrite(model.bytes, 1, model.n, files[0].stream);
    if (job->form)
        fwrite(int8.bytes, 1, int8.n, files[1].stream);
    write_sidecar(files[job->form ? 2 : 1].stream, job, &checkpoint, &model, &int8);
    if (!outputs_finish(files, job->form ? 3 : 2))
        goto out;
    unlink(job->stale);
    printf("%s  %s  %zu bytes\n", model.sha256, job->onnx, model.n);
    if (job->form)
        printf("%s  %s  %zu bytes\n", int8.sha256, job->int8, int8.n);
    code = 0;
out:
    for (int i = 0; i < 3; i++)
        output_discard(&files[i]);
    free(model.bytes);
    free(int8.bytes);
    plan_free(&checkpoint.plan);
    return code;
}

/* The stale file of weights is removed: it may be neither the checkpoint nor another output. */
static int check_outputs(const struct export_job *job)
{
    const char *const paths[] = {job->onnx, job->sidecar, job->form ? job->int8 : NULL, job->stale};
    const int code = outputs_spare(paths, 4, job->checkpoint);
    return code ? code : outputs_check(paths, 4);
}

static const struct option rows[] = {
    {"output", 'o', 0, TEXT_AT(struct export_job, onnx)},
    {"out-onnx", 0, 0, TEXT_AT(struct export_job, onnx)},
    {"ckpt", 0, 0, TEXT_AT(struct export_job, checkpoint)},
    {"out-sidecar", 0, 0, TEXT_AT(struct export_job, given_sidecar)},
    {"quantize", 0, 0, TEXT_AT(struct export_job, form)},
    {"notes", 0, 0, TEXT_AT(struct export_job, notes)},
};

int command_export(int argc, char **argv)
{
    struct export_job job = {.notes = "", .argc = argc, .argv = argv};
    struct arguments arguments = {.command = "export", .options = {ROWS(rows, &job)}, .most = 1};

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    const char *const first = arguments.operands[0], *const sidecar = job.given_sidecar;
    if (first && job.checkpoint)
        return tool_usage("export: '%s' is one checkpoint too many", first);
    if (first)
        job.checkpoint = first;
    if (!job.checkpoint || !job.onnx)
        return tool_usage("export wants a checkpoint and -o FILE.onnx; see --help");
    if (sidecar && !*sidecar)
        return tool_usage("--out-sidecar wants a file name");
    if (job.form && strcmp(job.form, "dynamic") != 0)
        return tool_usage("--quantize wants dynamic, not '%.40s'", job.form);
    if (!id_of(job.onnx, job.id))
        return tool_usage("the model's file name must be made of a-z, 0-9, _ and - and end in .onnx, not '%s'",
                          job.onnx);
    int code = settle_paths(&job, sidecar) ? check_outputs(&job) : EXIT_FAILED;
    code = code ? code : export_model(&job);
    free(job.sidecar);
    free(job.int8);
    free(job.stale);
    return code;
}
