/* A program that knows the frozen header only, and runs with the present library: a device, a network, one of libvmaf's
 * models, and the digests of every column.
 *
 * usage: frozen [libvmaf | print]. "libvmaf": with libvmaf's model; exit code 77 where its file is missing. "print":
 * tells the digests instead of comparing them. */
#include FROZEN_HEADER

#include <stdio.h>
#include <string.h>

#define WIDTH 64
#define HEIGHT 48
#define FRAMES 4
#define MAX_COLUMNS 32

static const struct digest {
    const char *column;
    uint64_t digest;
} expected[] = {
#include "frozen_digests.h"
};

static int n_wrong, n_lines;

static void demand(int is_so, const char *what)
{
    if (!is_so)
        printf("wrong: %s\n", what);
    n_wrong += !is_so;
}

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    n_lines += level == VKV_LOG_ERROR;
    if (level == VKV_LOG_ERROR)
        printf("%s\n", line);
}

static void fill(uint8_t *luma, unsigned t, unsigned picture)
{
    for (unsigned y = 0; y < HEIGHT; y++)
        for (unsigned x = 0; x < WIDTH; x++) {
            const uint32_t n = (x * 374761393u + y * 668265263u + t * 2246822519u) * 1274126177u >> 20;
            luma[y * WIDTH + x] = (uint8_t)((3 * x + 5 * y + 9 * t) % 160 + n % 60 / (picture ? 3 : 1));
        }
}

static void push(vkv_scorer *scorer, unsigned t)
{
    static uint8_t luma[2][WIDTH * HEIGHT];
    vkv_plane planes[2];
    vkv_picture pictures[2];
    for (unsigned i = 0; i < 2; i++) {
        fill(luma[i], t, i);
        planes[i] = (vkv_plane){.struct_size = sizeof(vkv_plane), .data = luma[i], .stride_bytes = WIDTH};
        pictures[i] = (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = 1, .planes = &planes[i]};
    }
    demand(vkv_scorer_push(scorer, &pictures[0], &pictures[1]) == VKV_OK, "a pair is taken");
}

static uint64_t digest_of(double values[FRAMES][MAX_COLUMNS], uint32_t column)
{
    uint64_t digest = 14695981039346656037u;
    for (int t = 0; t < FRAMES; t++) {
        uint64_t bits;
        memcpy(&bits, &values[t][column], sizeof(bits));
        for (int i = 0; i < 64; i += 8)
            digest = (digest ^ (bits >> i & 255)) * 1099511628211u;
    }
    return digest;
}

static void check_column(const char *name, uint64_t digest, int prints)
{
    const size_t n = sizeof(expected) / sizeof(expected[0]);
    size_t i = 0;
    if (prints) {
        printf("{\"%s\", 0x%016llx},\n", name, (unsigned long long)digest);
        return;
    }
    while (i < n && strcmp(expected[i].column, name) != 0)
        i++;
    if (i == n || expected[i].digest != digest)
        printf("%s has digest %016llx\n", name, (unsigned long long)digest);
    demand(i < n && expected[i].digest == digest, "every column is known and equal");
}

static void run(vkv_scorer *scorer, int prints)
{
    double values[FRAMES][MAX_COLUMNS], row[MAX_COLUMNS];
    uint32_t n = 0;
    const vkv_column *const *columns = vkv_scorer_columns(scorer, &n);
    demand(n > 0 && n <= MAX_COLUMNS, "a number of columns");
    for (unsigned t = 0; t < FRAMES; t++)
        push(scorer, t);
    demand(vkv_scorer_flush(scorer) == VKV_OK, "flush");
    for (unsigned t = 0; t < FRAMES; t++) {
        uint64_t frame = 4711;
        demand(vkv_scorer_pull(scorer, &frame, values[t]) == VKV_OK && frame == t, "a frame comes back");
    }
    demand(vkv_scorer_pull(scorer, NULL, row) == VKV_END, "and then the end");
    for (uint32_t c = 0; c < n && n <= MAX_COLUMNS; c++)
        check_column(columns[c]->name, digest_of(values, c), prints);
}

static vkv_model *open_model(const char *path, const char *column)
{
    static const vkv_request neg[] = {
        {.struct_size = sizeof(vkv_request), .family = "vif", .options = "vif_enhn_gain_limit=1"},
        {.struct_size = sizeof(vkv_request), .family = "adm", .options = "adm_enhn_gain_limit=1"}};
    vkv_model_params params = {.struct_size = sizeof(params), .path = path, .log = {on_line, NULL}};
    vkv_model *model = NULL;
    if (!strcmp(column, "neg")) {
        params.name = column;
        params.overrides = neg;
        params.n_overrides = 2;
    }
    demand(vkv_model_open(&params, &model) == VKV_OK, "a model");
    if (!model)
        return NULL;
    const vkv_model_info *const info = vkv_model_get_info(model);
    demand(info->struct_size >= sizeof(*info), "descriptions never get shorter");
    demand(info->n_inputs == 6 && !strncmp(info->inputs[0], "integer_adm2", 12), "its inputs");
    demand(info->n_outputs == 1 && !strcmp(info->outputs[0]->name, column), "its column");
    demand(info->n_requests == 3 && info->requests[0]->family[0], "what it needs");
    demand(strlen(info->sha256) == 64, "its digest");
    return model;
}

static void check_device(vkv_device *device)
{
    const vkv_device_info *const info = vkv_device_get_info(device), *const *infos = NULL;
    vkv_device_rates rates = {.struct_size = sizeof(rates), .adds = 1};
    vkv_memory *memory = NULL;
    uint32_t n = 0;
    demand(info->struct_size >= sizeof(*info) && info->type == VKV_DEVICE_CPU_REFERENCE, "the reference");
    demand(!strcmp(info->name, "cpu") && !strcmp(info->form, "reference") && !*info->uuid, "its names");
    demand(vkv_device_measure(device, &rates) == VKV_OK && rates.adds == 0, "it is not measured");
    demand(vkv_memory_import(device, &rates, 65536, &memory) == VKV_ERR_UNSUPPORTED && n_lines == 1,
           "it imports nothing");
    n_lines = 0;
    demand(vkv_device_list(NULL, &infos, &n) == VKV_OK || !infos, "the devices of the machine");
    vkv_device_list_free(&infos);
    const vkv_family_info *const *families = vkv_family_list(&n);
    demand(n >= 3 && families[0]->n_columns >= 5 && families[0]->n_options >= 1, "the families");
    demand(!strcmp(families[0]->name, "adm") && !strcmp(families[0]->columns[0], "integer_adm2"), "and their names");
}

static int has_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

int main(int argc, char **argv)
{
    static const char svm[] = VKV_SHARED "/reference-models/vmaf_v0.6.1.json";
    const int prints = argc > 1 && !strcmp(argv[1], "print"), with_svm = argc > 1 && !prints;
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu", .log = {on_line, NULL}};
    vkv_model *models[3] = {NULL};
    vkv_device *device = NULL;
    vkv_scorer *scorer = NULL;
    uint32_t n = 0;
    if ((with_svm || prints) && !has_file(svm)) {
        printf("skipped: no model of libvmaf (%s)\n", svm);
        return 77;
    }
    if (vkv_device_open(&params, &device))
        return 1;
    check_device(device);
    models[n++] = open_model(VKV_MODELS_DIR "/vmaf_tiny_v2.onnx", "vmaf_tiny_v2");
    models[n++] = open_model(VKV_MODELS_DIR "/vmaf_tiny_v2.onnx", "neg");
    if (with_svm || prints)
        models[n++] = open_model(svm, "vmaf");
    const vkv_scorer_params scorer_params = {.struct_size = sizeof(scorer_params),
                                             .width = WIDTH,
                                             .height = HEIGHT,
                                             .bit_depth = 8,
                                             .models = models,
                                             .n_models = n};
    demand(vkv_scorer_create(device, &scorer_params, &scorer) == VKV_OK, "a scorer");
    if (scorer)
        run(scorer, prints);
    vkv_scorer_destroy(&scorer);
    for (uint32_t i = 0; i < n; i++)
        vkv_model_close(&models[i]);
    vkv_device_close(&device);
    demand(n_lines == 0, "silence");
    if (!prints)
        printf("vkvmaf %s, compiled with the header of %s: %d complaints\n", vkv_version(), VKV_VERSION_STRING,
               n_wrong);
    return n_wrong != 0;
}
