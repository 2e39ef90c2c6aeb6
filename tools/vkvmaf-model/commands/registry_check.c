#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "common/alloc.h"
#include "json_file.h"
#include "model/model.h"
#include "common/model_path.h"
#include "registry/registry_file.h"
#include "registry/schema.h"
#include "tool.h"

struct check {
    const struct registry_file *file;
    const char *jail;
    unsigned n_problems;
};

static void show_problem(void *user, const char *text)
{
    struct check *check = user;
    check->n_problems++;
    fprintf(stderr, "FAIL: %s\n", text);
}

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static void
problem(struct check *check, const char *id, const char *format, ...)
{
    char reason[700], line[800];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    snprintf(line, sizeof(line), "entry '%s': %s", id, reason);
    show_problem(check, line);
}

/* Why a file cannot be read, or cannot be loaded, for a problem's line. */
static void keep_line(void *user, int level, const char *line)
{
    if (level == VKV_LOG_ERROR)
        snprintf(user, 512, "%s", line);
}

/* A file that the registry names, by the rules for opening: the bytes from mem_alloc, or NULL after a problem. */
static uint8_t *read_file(struct check *check, const char *id, const char *name, size_t max, size_t *n)
{
    char path[FILES_MAX_PATH], place[FILES_MAX_PATH], subject[300], line[512] = "";
    const vkv_model_params params = {.jail = check->jail, .log = {keep_line, line}};
    const struct model_files files = {.params = &params, .log = &params.log};
    const struct files_place at = {path, check->file->folder, false};
    uint8_t *bytes = NULL;

    snprintf(subject, sizeof(subject), "'%.255s'", name);
    if (files_join(&params.log, check->file->folder, name, path) ||
        files_read_beside(&files, subject, &at, max, place, &bytes, n))
        problem(check, id, "%s", line);
    return bytes;
}

/* The same for a model. */
static bool read_model(struct check *check, const char *id, const char *name, struct model_bytes *read)
{
    char path[FILES_MAX_PATH], line[512] = "";
    const vkv_model_params params = {.jail = check->jail, .log = {keep_line, line}};
    const struct model_files files = {.params = &params, .log = &params.log};

    if (files_join(&params.log, check->file->folder, name, path) == VKV_OK &&
        files_read(&files, path, check->file->folder, NULL, read) == VKV_OK)
        return true;
    problem(check, id, "%s", line);
    return false;
}

/* Files that may be missing: bundles, which are made with a release, and calibration sets. */
static void check_optional(struct check *check, const char *id, const char *name)
{
    char path[FILES_MAX_PATH];
    struct stat status;
    size_t n;

    if (*name && snprintf(path, sizeof(path), "%s%s", check->file->folder, name) < (int)sizeof(path) &&
        lstat(path, &status) == 0)
        mem_free(read_file(check, id, name, (size_t)1 << 30, &n));
}

/* Checks the digest, and that the loader takes the file. */
static bool check_model(struct check *check, const struct registry_entry *entry, const char *name, const char *sha256,
                        struct plan *plan)
{
    struct model_bytes read = {0};
    char line[512] = "";
    bool is_loaded = false;

    if (!read_model(check, entry->id, name, &read))
        return false;
    if (strcmp(read.sha256, sha256) != 0)
        problem(check, entry->id, "'%s' has the SHA-256 %s, not %s", name, read.sha256, sha256);
    else if (strcmp(entry->kind, "fr") == 0 && !entry->smoke &&
             onnx_load(&(vkv_log){keep_line, line}, name, NULL, read.bytes, read.n, plan))
        problem(check, entry->id, "%s", line);
    else
        is_loaded = strcmp(entry->kind, "fr") == 0 && !entry->smoke;
    mem_free(read.bytes);
    return is_loaded;
}

static void check_scaler(struct check *check, const char *id, const struct sidecar *sidecar, const struct plan *plan)
{
    if (!sidecar->has_scaler || plan->scaler != PLAN_SCALER_SUB_DIV)
        return;
    for (int i = 0; i < PLAN_N_INPUTS; i++)
        if ((float)sidecar->mean[i] != plan->scale_a[i] || (float)sidecar->std[i] != plan->scale_b[i]) {
            problem(check, id, "mean or std of %s in the description is not what the model has", plan_inputs[i]);
            return;
        }
}

/* Registry and sidecar must agree on all that both say. */
static void check_sidecar(struct check *check, const struct registry_entry *entry, const struct plan *plan)
{
    char name[REGISTRY_MAX_PATH + 8];
    struct sidecar sidecar;
    size_t n = 0;

    snprintf(name, sizeof(name), "%.*s.json", (int)(strlen(entry->onnx) - strlen(".onnx")), entry->onnx);
    uint8_t *bytes = read_file(check, entry->id, name, REGISTRY_MAX_BYTES, &n);
    if (!bytes)
        return;
    const unsigned before = check->n_problems;
    if (!sidecar_parse(bytes, n, &sidecar, show_problem, check) || check->n_problems != before) {
        problem(check, entry->id, "'%s' is not valid", name);
    } else {
        if (sidecar.id[0] && strcmp(sidecar.id, entry->id) != 0)
            problem(check, entry->id, "'%s' has the id '%s'", name, sidecar.id);
        if (sidecar.kind[0] && strcmp(sidecar.kind, entry->kind) != 0)
            problem(check, entry->id, "'%s' has the kind '%s'", name, sidecar.kind);
        if (sidecar.sha256[0] && strcmp(sidecar.sha256, entry->sha256) != 0)
            problem(check, entry->id, "'%s' has another sha256", name);
        if (sidecar.opset && sidecar.opset != entry->opset)
            problem(check, entry->id, "'%s' has opset %d, the registry %d", name, sidecar.opset, entry->opset);
        if (sidecar.has_quant && sidecar.quant != entry->quant)
            problem(check, entry->id, "'%s' has quant_mode %s, the registry %s", name,
                    registry_quant_names[sidecar.quant], registry_quant_names[entry->quant]);
        if (sidecar.int8_sha256[0] && strcmp(sidecar.int8_sha256, entry->int8_sha256) != 0)
            problem(check, entry->id, "'%s' has another int8_sha256", name);
        if (sidecar.has_budget && sidecar.budget != entry->budget)
            problem(check, entry->id, "'%s' has the budget %g, the registry %g", name, sidecar.budget, entry->budget);
        if (plan && sidecar.input_name[0] && strcmp(sidecar.input_name, plan->input_name) != 0)
            problem(check, entry->id, "the model's input is not '%s'", sidecar.input_name);
        if (plan && sidecar.output_name[0] && strcmp(sidecar.output_name, plan->output_name) != 0)
            problem(check, entry->id, "the model's output is not '%s'", sidecar.output_name);
        if (plan)
            check_scaler(check, entry->id, &sidecar, plan);
    }
    mem_free(bytes);
}

static void check_entry(struct check *check, const struct registry_entry *entry)
{
    struct plan plan = {0}, int8 = {0};
    const bool is_loaded = check_model(check, entry, entry->onnx, entry->sha256, &plan);

    if (entry->quant != REGISTRY_FP32 && check_model(check, entry, entry->int8, entry->int8_sha256, &int8)) {
        const char *mode = plan_quant_mode(&int8), *wanted = entry->quant == REGISTRY_DYNAMIC ? "dynamic" : "static";
        if (strcmp(mode, wanted) != 0)
            problem(check, entry->id, "'%s' is %s, not %s", entry->int8, mode, wanted);
        if (is_loaded && (strcmp(plan.input_name, int8.input_name) || strcmp(plan.output_name, int8.output_name)))
            problem(check, entry->id, "'%s' has other names of input and output", entry->int8);
    }
    if (!entry->smoke)
        check_sidecar(check, entry, is_loaded ? &plan : NULL);
    check_optional(check, entry->id, entry->bundle);
    check_optional(check, entry->id, entry->calibration);
    plan_free(&plan);
    plan_free(&int8);
}

/* 0 or EXIT_USAGE. */
static int check_schema(const struct registry_file *file, const char *schema)
{
    char path[sizeof(file->folder) + 32], why[160];
    cJSON *root;

    snprintf(path, sizeof(path), "%sregistry.schema.json", file->folder);
    const char *place = schema ? schema : path;
    if (!json_file_read("schema", place, SCHEMA_MAX_BYTES, &root))
        return EXIT_USAGE;
    const bool is_good = schema_is_of_registry(root, why, sizeof(why));
    cJSON_Delete(root);
    return is_good ? 0 : tool_usage("schema '%.255s': %s", place, why);
}

static int check_registry(const char *path, const char *schema)
{
    struct registry_file file;
    struct registry registry;
    struct check check = {.file = &file, .jail = model_path_jail()};

    if (!registry_file_read(path, false, &file) || check_schema(&file, schema)) {
        registry_file_free(&file);
        return EXIT_USAGE;
    }
    /* The files are only looked at when the registry itself can be trusted to name them. */
    if (registry_parse(file.bytes, file.n, &registry, show_problem, &check))
        for (uint32_t i = 0; i < registry.n; i++)
            check_entry(&check, &registry.entries[i]);
    if (check.n_problems) {
        fprintf(stderr, "%u problem%s in %s\n", check.n_problems, check.n_problems == 1 ? "" : "s", file.path);
    } else {
        const char *slash = schema ? strrchr(schema, '/') : NULL;
        printf("OK: %u registry entries valid against %s\n", registry.n,
               !schema ? "registry.schema.json"
               : slash ? slash + 1
                       : schema);
    }
    registry_free(&registry);
    registry_file_free(&file);
    return check.n_problems ? EXIT_FAILED : fflush(stdout) ? tool_fail("stdout cannot be written") : 0;
}

int command_registry(int argc, char **argv)
{
    const char *schema = NULL;
    static const struct option rows[] = {
        {"schema", 0, 0, .value = "a file name", .kind = TAKE_OTHER, .take = take_full_text}};
    struct arguments arguments = {.command = "registry check", .options = {ROWS(rows, &schema)}, .most = 1};

    if (!argc || strcmp(argv[0], "check") != 0)
        return tool_usage("registry wants what to do: check; see --help");
    if (arguments_read(&arguments, argc - 1, argv + 1))
        return EXIT_USAGE;
    return check_registry(arguments.operands[0], schema);
}
