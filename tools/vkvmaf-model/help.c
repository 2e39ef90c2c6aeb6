#include "help.h"

#include <string.h>

#include "common/suggest.h"
#include "tool.h"

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
                           "  help [COMMAND], COMMAND --help: this text, or what belongs to a command\n"
                           "  --help, --version\n"
                           "\n"
                           "Exit code: 0 done, 1 failed (one line on stderr says why), 2 wrong usage, or a table\n"
                           "to train or validate with lacks a column, or measure-drop has no registry or entry.\n";

/* Below the commands: what holds for several. */
#define REMARK "  MODEL is"

/* The next line that begins what is said of a command, "  predict MODEL ..." for one; NULL behind the last. */
static const char *next_block(const char *text)
{
    const char *line = strstr(text, "\n  ");
    while (line && line[3] == ' ')
        line = strstr(line + 1, "\n  ");
    return line && strncmp(line + 1, REMARK, strlen(REMARK)) != 0 ? line + 1 : NULL;
}

/* Up to the next line that is not indented further. */
static size_t block_length(const char *block)
{
    const char *end = strchr(block, '\n') + 1;
    while (!strncmp(end, "      ", 6))
        end = strchr(end, '\n') + 1;
    return (size_t)(end - block);
}

static bool is_of(const char *block, const char *command)
{
    const size_t n = strlen(command);
    return !strncmp(block + 2, command, n) && block[2 + n] == ' ';
}

void help_show(FILE *file, const char *command)
{
    if (!command) {
        fputs(help, file);
        return;
    }
    fputs("usage: " TOOL_NAME " COMMAND ...\n\n", file);
    for (const char *block = next_block(help); block; block = next_block(block))
        if (is_of(block, command))
            fprintf(file, "%.*s", (int)block_length(block), block);
    const char *remark = strstr(help, REMARK);
    fprintf(file, "\n%.*s", (int)(strstr(remark, "\n\n") + 1 - remark), remark);
}

bool help_nearest(const char *command, const char *typed, char nearest[HELP_OPTION_ROOM])
{
    struct suggestion near = {typed + 2, strcspn(typed, "=") - 2, false, 0};
    if (strncmp(typed, "--", 2) != 0)
        return false;
    for (const char *block = next_block(help); block; block = next_block(block)) {
        const char *const end = block + block_length(block);
        if (!is_of(block, command))
            continue;
        for (const char *at = strstr(block, "--"); at && at < end; at = strstr(at + 2, "--")) {
            char name[HELP_OPTION_ROOM];
            const size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-");
            if (n < 3 || n >= sizeof(name))
                continue;
            memcpy(name, at, n);
            name[n] = 0;
            if (suggest(&near, name + 2))
                strcpy(nearest, name);
        }
    }
    return near.is_found;
}
