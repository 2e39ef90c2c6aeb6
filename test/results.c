#include "results.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 128

/* Columns without the suffix of their options, and where they go. */
static const struct {
    const char *name;
    size_t at;
} known[] = {
    {"integer_adm2", offsetof(struct result, adm2)},
    {"integer_adm_scale0", offsetof(struct result, adm_scale[0])},
    {"integer_adm_scale1", offsetof(struct result, adm_scale[1])},
    {"integer_adm_scale2", offsetof(struct result, adm_scale[2])},
    {"integer_adm_scale3", offsetof(struct result, adm_scale[3])},
    {"integer_vif_scale0", offsetof(struct result, vif_scale[0])},
    {"integer_vif_scale1", offsetof(struct result, vif_scale[1])},
    {"integer_vif_scale2", offsetof(struct result, vif_scale[2])},
    {"integer_vif_scale3", offsetof(struct result, vif_scale[3])},
    {"VMAF_integer_feature_motion_sad_score", offsetof(struct result, motion)},
    {"integer_motion2", offsetof(struct result, motion2)},
};

vkv_plane luma_plane(const void *data, ptrdiff_t stride_bytes, vkv_memory *memory)
{
    return (vkv_plane){.struct_size = sizeof(vkv_plane), .data = data, .stride_bytes = stride_bytes, .memory = memory};
}

static vkv_picture picture_of(const vkv_plane *luma)
{
    return (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = 1, .planes = luma};
}

int push_luma(vkv_scorer *scorer, const vkv_plane *ref, const vkv_plane *dist, uint32_t n_distorted)
{
    vkv_picture pictures[1 + VKV_MAX_DISTORTED] = {picture_of(ref)};
    for (uint32_t k = 0; dist && k < n_distorted; k++)
        pictures[1 + k] = picture_of(&dist[k]);
    return vkv_scorer_push(scorer, ref ? &pictures[0] : NULL, dist ? &pictures[1] : NULL);
}

static bool is_name(const char *name, const char *base)
{
    const size_t n = strlen(base);
    return !strncmp(name, base, n) && (!name[n] || name[n] == '_');
}

static void put_feature(struct result *result, const char *name, double value)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (is_name(name, known[i].name))
            memcpy((char *)result + known[i].at, &value, sizeof(value));
}

static void put_row(struct result *result, const vkv_column *const *columns, uint32_t n, const double *values)
{
    uint32_t n_scores = 0;
    for (uint32_t c = 0; c < n; c++)
        if (columns[c]->kind == VKV_COLUMN_FEATURE)
            put_feature(result, columns[c]->name, values[c]);
        else if (columns[c]->kind == VKV_COLUMN_SCORE && n_scores < RESULT_SCORES)
            result->score[n_scores++] = values[c];
}

int pull_results(vkv_scorer *scorer, struct result *results, uint32_t n_distorted)
{
    static _Thread_local double values[VKV_MAX_DISTORTED * MAX_COLUMNS];
    uint32_t n;
    uint64_t frame;
    const vkv_column *const *columns = vkv_scorer_columns(scorer, &n);
    if (n > MAX_COLUMNS)
        abort();
    const int err = vkv_scorer_pull(scorer, &frame, values);
    for (uint32_t k = 0; !err && k < n_distorted; k++) {
        results[k] = (struct result){.frame = frame};
        put_row(&results[k], columns, n, values + (size_t)k * n);
    }
    return err;
}
