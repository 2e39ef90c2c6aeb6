/* The library in a program whose locale writes numbers with a comma: options, models, registry, scores, columns and log
 * lines are the same as in "C". The environment names the locale (locale.sh). */
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vkvmaf/vkvmaf.h"

#define WIDTH 40
#define HEIGHT 36
#define SVM(clip)                                                                                                      \
    "{\"model_dict\": {\"model_type\": \"LIBSVMNUSVR\", \"norm_type\": \"none\", \"score_clip\": " clip ", "           \
    "\"feature_names\": [\"VMAF_integer_feature_adm2_score\", \"VMAF_integer_feature_motion2_score\"], "               \
    "\"slopes\": [0.5, 1, 1], \"intercepts\": [0, 0, 0], \"model\": \"svm_type nu_svr\\nkernel_type rbf\\n"            \
    "gamma 0.04\\nnr_class 2\\ntotal_sv 2\\nrho -0.75\\nSV\\n3.25 1:0.5 2:0.25\\n-1.5 1:0.125 2:2.5\\n\"}}"

/* What the library said and gave. */
struct record {
    char text[16384];
    size_t n;
};

static void add(struct record *record, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(record->text + record->n, sizeof(record->text) - record->n, format, args);
    va_end(args);
    record->n += n > 0 ? (size_t)n : 0;
    if (record->n >= sizeof(record->text))
        abort();
}

static void on_line(void *user, int level, const char *line)
{
    add(user, "%d %s\n", level, line);
}

/* Each value in the bits of its double: this program's own locale plays no part. */
static void add_values(struct record *record, const double *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof(bits));
        add(record, "%016llx ", (unsigned long long)bits);
    }
    add(record, "\n");
}

static void check_request(struct record *record, const char *options)
{
    const vkv_log log = {on_line, record};
    const vkv_request request = {.struct_size = sizeof(request), .family = "adm", .options = options};
    add(record, "%s: %d\n", options, vkv_request_check(&request, NULL, &log));
}

/* A model of libvmaf from a file of its own. */
static void use_svm(struct record *record, const char *text)
{
    static const double row[] = {0.5, 0.375};
    char folder[] = "/tmp/vkvmaf-locale-XXXXXX", path[sizeof(folder) + sizeof("/model.json")];
    vkv_model *model = NULL;
    double value = 0;
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof(path), "%s/model.json", folder);
    FILE *const file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file))
        abort();
    const vkv_model_params params = {
        .struct_size = sizeof(params), .path = path, .log = {on_line, record}, .name = "svm"};
    add(record, "svm: %d\n", vkv_model_open(&params, &model));
    if (model && !vkv_model_predict(NULL, model, row, 1, &value))
        add_values(record, &value, 1);
    vkv_model_close(&model);
    unlink(path);
    rmdir(folder);
}

/* The registry beside the network has numbers that are no integers. */
static void use_network(struct record *record, vkv_device *device)
{
    static const double row[] = {0.9, 0.5, 0.8, 0.85, 0.875, 3.5};
    const vkv_model_params params = {
        .struct_size = sizeof(params), .id = "vmaf_tiny_v3", .models_dir = VKV_MODELS_DIR, .log = {on_line, record}};
    vkv_model *model = NULL;
    double value = 0;
    add(record, "network: %d\n", vkv_model_open(&params, &model));
    if (model && !vkv_model_predict(device, model, row, 1, &value))
        add_values(record, &value, 1);
    vkv_model_close(&model);
}

static void use_scorer(struct record *record, vkv_device *device)
{
    static uint8_t luma[2][WIDTH * HEIGHT];
    const vkv_request requests[] = {
        {.struct_size = sizeof(requests[0]), .family = "adm", .options = "adm_enhn_gain_limit=1.0"},
        {.struct_size = sizeof(requests[0]), .family = "vif", .options = "vif_enhn_gain_limit=1e0"}};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = WIDTH,
                                      .height = HEIGHT,
                                      .bit_depth = 8,
                                      .n_requests = 2,
                                      .requests = requests};
    vkv_scorer *scorer = NULL;
    uint32_t n_columns = 0;
    double values[64];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        luma[0][i] = (uint8_t)(i * 37 % 251);
        luma[1][i] = (uint8_t)(i * 37 % 251 / 2);
    }
    add(record, "scorer: %d\n", vkv_scorer_create(device, &params, &scorer));
    if (!scorer)
        return;
    const vkv_column *const *const columns = vkv_scorer_columns(scorer, &n_columns);
    for (uint32_t i = 0; i < n_columns; i++)
        add(record, "%s ", columns[i]->name);
    vkv_plane planes[2];
    vkv_picture pictures[2];
    for (int i = 0; i < 2; i++) {
        planes[i] = (vkv_plane){.struct_size = sizeof(planes[i]), .data = luma[i], .stride_bytes = WIDTH};
        pictures[i] = (vkv_picture){.struct_size = sizeof(pictures[i]), .n_planes = 1, .planes = &planes[i]};
    }
    add(record, "push: %d\n", vkv_scorer_push(scorer, &pictures[0], &pictures[1]));
    vkv_scorer_flush(scorer);
    while (vkv_scorer_pull(scorer, NULL, values) == VKV_OK)
        add_values(record, values, n_columns);
    vkv_scorer_destroy(&scorer);
}

static void use_all(struct record *record)
{
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu", .log = {on_line, record}};
    vkv_device *device = NULL;
    if (vkv_device_open(&params, &device))
        abort();
    check_request(record, "adm_enhn_gain_limit=1.0");
    check_request(record, "adm_enhn_gain_limit=1,0");
    check_request(record, "adm_enhn_gain_limit=1.5");
    use_svm(record, SVM("[0.5, 99.5]"));
    use_svm(record, SVM("[1.5, 0.25]"));
    use_network(record, device);
    use_scorer(record, device);
    vkv_device_close(&device);
}

int main(void)
{
    static struct record plain, other;
    char own[8];
    use_all(&plain);
    if (!setlocale(LC_ALL, "") || strcmp(localeconv()->decimal_point, ",")) {
        printf("skipped: the environment's locale has no decimal comma\n");
        return 77;
    }
    use_all(&other);
    snprintf(own, sizeof(own), "%.1f", 0.5);
    const int is_equal = plain.n == other.n && !memcmp(plain.text, other.text, plain.n);
    const int is_whole = strstr(plain.text, "'score_clip' is 1.5 to 0.25") &&
                         strstr(plain.text, "integer_adm2_egl_1 ") &&
                         strstr(plain.text, "adm_enhn_gain_limit=1.0: 0\n") && strstr(plain.text, "network: 0\n") &&
                         strstr(plain.text, "scorer: 0\n") && strstr(plain.text, "svm: 0\n");
    printf("in C:\n%s\nin %s, which this program has still (%s):\n%s\n", plain.text, setlocale(LC_ALL, NULL), own,
           is_equal ? "the same" : other.text);
    return !is_equal || !is_whole || strcmp(own, "0,5");
}
