/* vkvmaf-model export: a checkpoint in, an ONNX file and its description out. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint.h"
#include "json_write.h"
#include "model/sha256.h"
#include "onnx_write.h"
#include "tool.h"

struct export_paths {
    const char *checkpoint, *onnx;
    char *sidecar, *stale; /* from malloc; stale: external data of an earlier model */
};

static void write_provenance(struct json_writer *w, const struct export_paths *paths, int argc, char **argv)
{
    json_open(w, "run_provenance", '{');
    json_put_text(w, "entrypoint", TOOL_NAME " export");
    json_put_texts(w, "argv", (const char *const *)argv, (size_t)argc);
    json_open(w, "parameters", '{');
    json_put_integer(w, "opset", ONNX_OPSET);
    json_close(w, '}');
    json_open(w, "inputs", '{');
    json_put_text(w, "checkpoint", paths->checkpoint);
    json_close(w, '}');
    json_open(w, "outputs", '{');
    json_put_text(w, "onnx", paths->onnx);
    json_put_text(w, "sidecar", paths->sidecar);
    json_close(w, '}');
    json_close(w, '}');
}

static void write_sidecar(FILE *stream, const char *id, const char *sha256, const struct checkpoint *checkpoint,
                          const char *notes, const struct export_paths *paths, int argc, char **argv)
{
    struct json_writer w = {.stream = stream};
    char file[80];

    snprintf(file, sizeof(file), "%s.onnx", id);
    json_open(&w, NULL, '{');
    json_put_text(&w, "id", id);
    json_put_text(&w, "kind", "fr");
    json_put_text(&w, "onnx", file);
    json_put_integer(&w, "opset", ONNX_OPSET);
    json_put_text(&w, "sha256", sha256);
    json_put_text(&w, "input_name", ONNX_INPUT_NAME);
    json_put_numbers(&w, "input_shape", (const double[]){-1, VKV_N_FEATURES}, 2);
    json_put_text(&w, "output_name", ONNX_OUTPUT_NAME);
    json_put_numbers(&w, "output_shape", (const double[]){-1}, 1);
    json_put_texts(&w, "features", tool_features, VKV_N_FEATURES);
    json_put_numbers(&w, "input_mean", checkpoint->mean, VKV_N_FEATURES);
    json_put_numbers(&w, "input_std", checkpoint->std, VKV_N_FEATURES);
    if (*checkpoint->arch)
        json_put_text(&w, "arch", checkpoint->arch);
    json_put_integer(&w, "n_params", plan_n_parameters(&checkpoint->plan));
    json_put_text(&w, "quant_mode", "fp32");
    json_put_text(&w, "notes", notes);
    write_provenance(&w, paths, argc, argv);
    json_close(&w, '}');
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

/* Fills in what follows from paths->onnx. `sidecar` NULL: beside it. */
static bool settle_paths(struct export_paths *paths, const char *sidecar)
{
    const size_t n = strlen(paths->onnx);

    paths->stale = malloc(n + sizeof(".data"));
    paths->sidecar = malloc(sidecar ? strlen(sidecar) + 1 : n + 1);
    if (!paths->stale || !paths->sidecar)
        return false;
    sprintf(paths->stale, "%s.data", paths->onnx);
    if (sidecar)
        strcpy(paths->sidecar, sidecar);
    else
        sprintf(paths->sidecar, "%.*s.json", (int)(n - strlen(".onnx")), paths->onnx);
    return true;
}

static int export_model(struct export_paths *paths, const char *sidecar, const char *id, const char *notes, int argc,
                        char **argv)
{
    struct checkpoint checkpoint = {0};
    struct output_file model_file = {0}, sidecar_file = {0};
    char sha256[SHA256_HEX_SIZE];
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    int code = checkpoint_read(paths->checkpoint, &checkpoint);

    if (code)
        goto out;
    code = EXIT_FAILED;
    if (!settle_paths(paths, sidecar) || !onnx_write(&checkpoint.plan, &bytes, &n_bytes) ||
        !sha256_hex(bytes, n_bytes, sha256)) {
        tool_fail("no memory for the model");
        goto out;
    }
    if (!output_open(&model_file, paths->onnx) || !output_open(&sidecar_file, paths->sidecar))
        goto out;
    fwrite(bytes, 1, n_bytes, model_file.stream);
    write_sidecar(sidecar_file.stream, id, sha256, &checkpoint, notes, paths, argc, argv);
    if (!output_finish(&model_file) || !output_finish(&sidecar_file))
        goto out;
    unlink(paths->stale);
    printf("%s  %s  %zu bytes\n", sha256, paths->onnx, n_bytes);
    code = 0;
out:
    output_discard(&model_file);
    output_discard(&sidecar_file);
    free(bytes);
    plan_free(&checkpoint.plan);
    return code;
}

int command_export(int argc, char **argv)
{
    struct export_paths paths = {0};
    const char *notes = "", *sidecar = NULL, *first = NULL;
    bool has_sidecar = false;
    char id[65];

    for (int i = 0; i < argc; i++) {
        if (take_option(argc, argv, &i, "--output", "-o", &paths.onnx) ||
            take_option(argc, argv, &i, "--out-onnx", NULL, &paths.onnx) ||
            take_option(argc, argv, &i, "--ckpt", NULL, &paths.checkpoint))
            continue;
        if (take_option(argc, argv, &i, "--out-sidecar", NULL, &sidecar)) {
            has_sidecar = true;
        } else if (take_option(argc, argv, &i, "--notes", NULL, &notes)) {
            if (!notes)
                return tool_usage("--notes wants a text");
        } else if (argv[i][0] == '-' || first) {
            return tool_usage("export: '%s' is not expected; see --help", argv[i]);
        } else {
            first = argv[i];
        }
    }
    if (first && paths.checkpoint)
        return tool_usage("export: '%s' is one checkpoint too many", first);
    if (first)
        paths.checkpoint = first;
    if (!paths.checkpoint || !paths.onnx)
        return tool_usage("export wants a checkpoint and -o FILE.onnx; see --help");
    if (has_sidecar && (!sidecar || !*sidecar))
        return tool_usage("--out-sidecar wants a file name");
    if (!id_of(paths.onnx, id))
        return tool_usage("the model's file name must be made of a-z, 0-9, _ and - and end in .onnx, not '%s'",
                          paths.onnx);
    const int code = export_model(&paths, sidecar, id, notes, argc, argv);
    free(paths.sidecar);
    free(paths.stale);
    return code;
}
