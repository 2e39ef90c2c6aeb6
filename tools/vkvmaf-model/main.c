#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "tool.h"

const char *const tool_features[VKV_N_FEATURES] = {"adm2",       "vif_scale0", "vif_scale1",
                                                   "vif_scale2", "vif_scale3", "motion2"};

static const char help[] = "usage: " TOOL_NAME " COMMAND ...\n"
                           "\n"
                           "  predict MODEL ROWS [--device D] [-o FILE]\n"
                           "      Scores each row of a table (CSV, gzip, NPZ, Parquet). The columns adm2, vif_scale0\n"
                           "      to vif_scale3 and motion2 (or with the prefix integer_) are found by name, others\n"
                           "      are ignored; '-' reads from stdin. Writes the column `score`, not clipped, to\n"
                           "      stdout or FILE.\n"
                           "      D: an index, uuid or part of the name of a device, or cpu (the default is\n"
                           "      the first device that can be used).\n"
                           "  inspect MODEL\n"
                           "      Shows layers, scaler and checksum.\n"
                           "  export CHECKPOINT -o FILE.onnx [--out-sidecar FILE.json] [--notes TEXT]\n"
                           "        [--quantize dynamic]\n"
                           "      Writes a trained network as ONNX, and its description as FILE.json; --quantize:\n"
                           "      also its 8-bit form FILE.int8.onnx (quantize dynamic --per-channel), and the\n"
                           "      description says that this is the one to run.\n"
                           "      --ckpt and --out-onnx name the same two files.\n"
                           "  quantize dynamic MODEL.onnx [--output FILE.int8.onnx] [--per-channel]\n"
                           "      Writes the network with weights of 8 bit; the range of each layer's inputs is\n"
                           "      found when it runs.\n"
                           "  quantize static MODEL.onnx [--calibration ROWS] [--output FILE.int8.onnx]\n"
                           "        [--per-channel]\n"
                           "      The same with fixed ranges: those that the rows of a table give, or the set that\n"
                           "      the registry beside the model names.\n"
                           "  quantize qat --config FILE.json --output FILE.int8.onnx [--epochs-fp32 N]\n"
                           "        [--epochs-qat N] [--lr-qat R] [--n-calibration N] [--seed N] [--smoke]\n"
                           "      Trains a network with the rounding of the static form in it, then writes that\n"
                           "      form, and the float one as FILE.qat.fp32.onnx.\n"
                           "  measure-drop [MODEL|--all] [--features FILE] [--registry FILE]\n"
                           "      Compares the 8-bit form of registered models with the float one, row by row,\n"
                           "      against the budget of the registry (of a path: the one beside it).\n"
                           "  registry check [REGISTRY] [--schema FILE]\n"
                           "      Checks a registry, its files and descriptions. The rules are built in; a schema\n"
                           "      (registry.schema.json beside it) is only checked to be one of registries.\n"
                           "  sign --key PRIVATE.pem [REGISTRY]\n"
                           "      Writes REGISTRY.sig, which --tiny-model-verify=PUBLIC.pem checks.\n"
                           "  train --arch mlp_small|mlp_medium|mlp_large --data FILE... --out-ckpt FILE\n"
                           "        [--out-stats FILE.json] [--extra FILE...] [--teacher LIBVMAF_MODEL.json]\n"
                           "        [--recipe default|reference] [--epochs N] [--batch-size N] [--lr R]\n"
                           "        [--seed N] [--seeds N] [--threads N] [--starts N] [--epoch-rows N]\n"
                           "        [--extra-weight R] [--beyond R] [--balance R]\n"
                           "        [--generated-share R]\n"
                           "      Trains on rows with the six features and vmaf (CSV, gzip, NPZ, Parquet; found\n"
                           "      by content). Rows of --extra only train; a teacher labels rows in between. Of\n"
                           "      --seeds N networks (2; --recipe reference: 1) the best one is kept.\n"
                           "  loso (the options of train but --out-ckpt and --out-stats) --out-json FILE\n"
                           "        [--quantize dynamic]\n"
                           "      Trains without some sources and scores those, for all sources in turn;\n"
                           "      --quantize dynamic: in float, then in 8 bit.\n"
                           "  validate --onnx MODEL --data FILE [--rows 100] [--min-plcc 0.97] [--out-json FILE]\n"
                           "        [--v2-onnx MODEL] [--v3-onnx MODEL] [--input-name features]\n"
                           "      Compares a model's scores with the first rows; 0 passed, 1 below the gate. Says\n"
                           "      which file ran; --tiny-quant fp32 is for the float one.\n"
                           "\n"
                           "  MODEL is a path (with a '/', or ending in .onnx) or an id of the registry. predict,\n"
                           "  inspect and validate take --tiny-quant auto|fp32|int8, --tiny-registry FILE,\n"
                           "  --models-dir DIR and --tiny-model-verify[=PUBLIC.pem].\n"
                           "\n"
                           "  Other names of commands: train_, export_, validate_ and eval_loso_vmaf_tiny_v2, v3 and\n"
                           "  v4; ptq_dynamic, ptq_static, qat_train, measure_quant_drop, validate_model_registry.\n"
                           "\n"
                           "  --help, --version\n"
                           "\n"
                           "Exit code: 0 done, 1 failed (one line on stderr says why), 2 wrong usage, or a table\n"
                           "to train or validate with lacks a column, or measure-drop has no registry or entry.\n";

static void complain(const char *format, va_list args)
{
    char line[4096];
    vsnprintf(line, sizeof(line), format, args);
    address_strip(line);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127)
            *c = '?'; /* names and cells of files: one line, and nothing for the terminal */
    fprintf(stderr, TOOL_NAME ": %s\n", line);
}

int tool_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return EXIT_FAILED;
}

int tool_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return EXIT_USAGE;
}

static void show_line(void *user, int level, const char *text)
{
    char line[4096];
    (void)user;
    snprintf(line, sizeof(line), "%s", text);
    address_strip(line);
    if (level <= VKV_LOG_WARNING)
        fprintf(stderr, TOOL_NAME ": %s%s\n", level == VKV_LOG_WARNING ? "warning: " : "", line);
}

vkv_log tool_log(void)
{
    return (vkv_log){show_line, NULL};
}

bool take_option(int argc, char **argv, int *i, const char *name, const char *alias, const char **value)
{
    const char *const spellings[] = {name, alias};

    for (size_t k = 0; k < 2 && spellings[k]; k++) {
        const size_t n = strlen(spellings[k]);
        if (strncmp(argv[*i], spellings[k], n) != 0 || (argv[*i][n] && argv[*i][n] != '='))
            continue;
        if (!argv[*i][n] && *i + 1 == argc)
            exit(tool_usage("%s wants a value", spellings[k]));
        *value = argv[*i][n] ? argv[*i] + n + 1 : argv[++*i];
        return true;
    }
    return false;
}

/* The commands by the names that the tools of this family of models have elsewhere; a link to this program by such a
 * name runs it, too. */
static const struct other_name {
    const char *name, *words[3]; /* what stands for it */
} other_names[] = {
    {"train_vmaf_tiny_v2", {"train", "--arch", "mlp_small"}},
    {"train_vmaf_tiny_v3", {"train", "--arch", "mlp_medium"}},
    {"train_vmaf_tiny_v4", {"train", "--arch", "mlp_large"}},
    {"eval_loso_vmaf_tiny_v2", {"loso", "--arch", "mlp_small"}},
    {"eval_loso_vmaf_tiny_v3", {"loso", "--arch", "mlp_medium"}},
    {"eval_loso_vmaf_tiny_v4", {"loso", "--arch", "mlp_large"}},
    {"export_vmaf_tiny_v2", {"export"}},
    {"export_vmaf_tiny_v3", {"export"}},
    {"export_vmaf_tiny_v4", {"export"}},
    {"validate_vmaf_tiny_v2", {"validate"}},
    {"validate_vmaf_tiny_v3", {"validate"}},
    {"validate_vmaf_tiny_v4", {"validate"}},
    {"ptq_dynamic", {"quantize", "dynamic"}},
    {"ptq_static", {"quantize", "static"}},
    {"qat_train", {"quantize", "qat"}},
    {"measure_quant_drop", {"measure-drop"}},
    {"validate_model_registry", {"registry", "check"}},
};

static const struct other_name *find_other_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof(other_names) / sizeof(*other_names); i++)
        if (strcmp(name, other_names[i].name) == 0)
            return &other_names[i];
    return NULL;
}

static int run_command(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{"predict", command_predict},   {"inspect", command_inspect},
                    {"export", command_export},     {"quantize", command_quantize},
                    {"registry", command_registry}, {"measure-drop", command_measure_drop},
                    {"sign", command_sign},         {"train", command_train},
                    {"validate", command_validate}, {"loso", command_loso}};

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return tool_usage("'%s' is not a command; see --help", argv[0]);
}

/* The command's words and what follows its other name. */
static int run_other_name(const struct other_name *other, int argc, char **argv)
{
    char **words = calloc((size_t)argc + 4, sizeof(*words));
    int n = 0;

    if (!words)
        return tool_fail("no memory for the arguments");
    while (n < 3 && other->words[n]) {
        words[n] = (char *)(uintptr_t)other->words[n];
        n++;
    }
    memcpy(words + n, argv, (size_t)argc * sizeof(*words));
    const int code = run_command(argc + n, words);
    free(words);
    return code;
}

static int run(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return 0;
        }
    if (argc > 0 && find_other_name(argv[0]))
        return run_other_name(find_other_name(argv[0]), argc - 1, argv + 1);
    if (argc < 2)
        return tool_usage("no command given; see --help");
    if (strcmp(argv[1], "--version") == 0) {
        printf(TOOL_NAME " %s\n", vkv_version());
        return 0;
    }
    if (find_other_name(argv[1]))
        return run_other_name(find_other_name(argv[1]), argc - 2, argv + 2);
    return run_command(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    const int code = run(argc, argv);
    const bool is_shown = !fflush(stdout) && !ferror(stdout);

    return code || is_shown ? code : tool_fail("stdout cannot be written");
}
