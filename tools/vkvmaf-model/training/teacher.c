#include "training/teacher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* An option at its default value. */
struct standard {
    char text[128];
};

static uint32_t count_options(void)
{
    uint32_t n_infos, n = 0;
    const vkv_family_info *const *const infos = vkv_family_list(&n_infos);
    for (uint32_t f = 0; f < n_infos; f++)
        n += infos[f]->n_options;
    return n;
}

/* Rows have the features without a gain limit, so that is what a model gets. */
static void ask_for_standard(vkv_request *request, struct standard *standard)
{
    uint32_t n_infos;
    const vkv_family_info *const *const infos = vkv_family_list(&n_infos);
    for (uint32_t f = 0; f < n_infos; f++)
        for (uint32_t i = 0; i < infos[f]->n_options; i++, request++, standard++) {
            const vkv_option_info *const option = infos[f]->options[i];
            snprintf(standard->text, sizeof(standard->text), "%s=%s", option->name, option->default_value);
            *request =
                (vkv_request){.struct_size = sizeof(*request), .family = infos[f]->name, .options = standard->text};
        }
}

static bool open_teacher(const char *path, vkv_model **model)
{
    const uint32_t n = count_options();
    vkv_request *const requests = calloc(n + 1, sizeof(*requests));
    struct standard *const standards = calloc(n + 1, sizeof(*standards));
    if (!requests || !standards) {
        free(requests);
        free(standards);
        return tool_no_memory("for the teacher '%s'", path);
    }
    ask_for_standard(requests, standards);
    const vkv_model_params params = {.struct_size = sizeof(params),
                                     .format = VKV_MODEL_LIBVMAF,
                                     .path = path,
                                     .log = tool_log(),
                                     .flags = VKV_MODEL_DISABLE_CLIP,
                                     .overrides = requests,
                                     .n_overrides = n};
    const int err = vkv_model_open(&params, model);
    free(requests);
    free(standards);
    return !err;
}

/* PLAN_N_INPUTS: it is none of them. */
static uint32_t find_feature(const char *column)
{
    const size_t n_prefix = strlen("integer_");
    uint32_t i = strncmp(column, "integer_", n_prefix) ? PLAN_N_INPUTS : 0;
    while (i < PLAN_N_INPUTS && strcmp(column + n_prefix, plan_inputs[i]))
        i++;
    return i;
}

/* No column occurs twice in a model's inputs: six that are ours are all of them. */
static bool find_features(const vkv_model_info *info, struct teacher *teacher)
{
    bool is_good = info->n_inputs == PLAN_N_INPUTS && info->n_outputs == 1;
    for (uint32_t i = 0; is_good && i < PLAN_N_INPUTS; i++) {
        teacher->feature_at[i] = find_feature(info->inputs[i]);
        is_good = teacher->feature_at[i] < PLAN_N_INPUTS;
    }
    return is_good;
}

bool teacher_read(const char *path, struct teacher *teacher)
{
    *teacher = (struct teacher){0};
    if (!open_teacher(path, &teacher->model))
        return false;
    if (find_features(vkv_model_get_info(teacher->model), teacher))
        return true;
    teacher_free(teacher);
    tool_fail("'%s' is not one model of libvmaf over the %d features", path, PLAN_N_INPUTS);
    return false;
}

void teacher_free(struct teacher *teacher)
{
    vkv_model_close(&teacher->model);
}

double teacher_score(const struct teacher *teacher, const double *features)
{
    double row[PLAN_N_INPUTS], score = 0;

    for (int i = 0; i < PLAN_N_INPUTS; i++)
        row[i] = features[teacher->feature_at[i]];
    vkv_model_predict(NULL, teacher->model, row, 1, &score); /* cannot fail */
    return score;
}
