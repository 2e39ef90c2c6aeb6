#include "training/teacher.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* Rows have the features without a gain limit, so that is what a model gets. */
static vkv_request *standard_requests(uint32_t *n)
{
    const vkv_family_info *const *infos = vkv_family_list(n);
    vkv_request *requests = calloc(*n, sizeof(*requests));
    for (uint32_t i = 0; requests && i < *n; i++)
        requests[i] = (vkv_request){.struct_size = sizeof(*requests), .family = infos[i]->name};
    return requests;
}

static bool open_teacher(const char *path, vkv_model **model)
{
    uint32_t n;
    vkv_request *requests = standard_requests(&n);
    if (!requests)
        return tool_no_memory("for the teacher '%s'", path);
    const vkv_model_params params = {.struct_size = sizeof(params),
                                     .format = VKV_MODEL_LIBVMAF,
                                     .path = path,
                                     .log = tool_log(),
                                     .flags = VKV_MODEL_DISABLE_CLIP,
                                     .overrides = requests,
                                     .n_overrides = n};
    const int err = vkv_model_open(&params, model);
    free(requests);
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
