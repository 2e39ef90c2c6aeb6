/* The list of models (registry.json) and the description beside a model (sidecar). Both are read as hostile text. */
#ifndef VKV_MODEL_REGISTRY_H
#define VKV_MODEL_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

#define REGISTRY_MAX_BYTES ((size_t)1 << 20)
#define REGISTRY_MAX_ENTRIES 1024
#define REGISTRY_MAX_FIELDS 256 /* Most fields in one object. The search for fields given twice is quadratic. */
#define REGISTRY_FILE "registry.json"
#define REGISTRY_MAX_ID 64
#define REGISTRY_MAX_PATH 256
#define REGISTRY_SHA256_SIZE 65
#define REGISTRY_BUDGET 0.01

/* Receives each problem found, as a line's text. */
typedef void (*registry_problem_fn)(void *user, const char *text);

enum registry_quant { REGISTRY_FP32, REGISTRY_STATIC, REGISTRY_DYNAMIC, REGISTRY_QAT };
extern const char *const registry_quant_names[4];

struct registry_entry {
    char id[REGISTRY_MAX_ID + 1];
    char kind[8];
    char onnx[REGISTRY_MAX_PATH + 1];
    char int8[REGISTRY_MAX_PATH + 8]; /* the quantised file, whether there is one or not */
    char sha256[REGISTRY_SHA256_SIZE];
    char int8_sha256[REGISTRY_SHA256_SIZE];      /* "" : none */
    char calibration[4 * REGISTRY_MAX_PATH + 1]; /* the one path that need not be ASCII */
    char bundle[REGISTRY_MAX_PATH + 1];
    enum registry_quant quant;
    int opset; /* 0: not given */
    double budget;
    bool has_budget, smoke;
};

struct registry {
    int schema_version;
    uint32_t n;
    struct registry_entry *entries;
    bool is_out_of_memory; /* memory was exhausted; reported as one of the problems */
};

/* Fills `registry`, for registry_free, and reports what breaks the schema or the rules for paths and ids. True if there
 * was nothing to report. */
bool registry_parse(const uint8_t *bytes, size_t n, struct registry *registry, registry_problem_fn fn, void *user);
void registry_free(struct registry *registry);
const struct registry_entry *registry_find(const struct registry *registry, const char *id);

/* No empty, "." or ".." component, not absolute, no backslash. */
bool registry_path_is_safe(const char *path);

struct sidecar {
    char id[129], kind[16], sha256[REGISTRY_SHA256_SIZE], int8_sha256[REGISTRY_SHA256_SIZE]; /* "": not given */
    char input_name[256], output_name[256];
    bool has_quant, has_budget, has_scaler;
    enum registry_quant quant;
    int opset;
    double budget;
    double mean[PLAN_N_INPUTS], std[PLAN_N_INPUTS];
};

bool sidecar_parse(const uint8_t *bytes, size_t n, struct sidecar *sidecar, registry_problem_fn fn, void *user);

#endif
