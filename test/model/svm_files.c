/* Files of libvmaf's models: every form that is accepted and refused, made from one small model whose scores are known
 * without rounding; and what happens when memory ends. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "model/svm/svm.h"
#include "model_test.h"

#define HEAD "svm_type nu_svr\\nkernel_type rbf\\ngamma 0.04\\nnr_class 2\\ntotal_sv 2\\nrho -1.5\\nSV\\n"
#define VECTORS "3 1:0.5 2:0.25 \\n4 2:1e3 \\n"
#define DICT(type)                                                                                                     \
    "{\"model_type\": \"" type "\", \"norm_type\": \"none\", \"score_clip\": [0.0, 100.0], "                           \
    "\"feature_names\": [\"VMAF_integer_feature_adm2_score\", \"VMAF_integer_feature_motion2_score\"], "               \
    "\"slopes\": [0.5, 1, 1], \"intercepts\": [0, 0, 0], \"model\": \"" HEAD VECTORS "\"}"
#define MODEL "{\"model_dict\": " DICT("LIBSVMNUSVR") "}"
#define TYPE "\"LIBSVMNUSVR\""
#define NONE "\"norm_type\": \"none\""
#define RESCALE "\"norm_type\": \"linear_rescale\""
#define NAMES "\"VMAF_integer_feature_adm2_score\", \"VMAF_integer_feature_motion2_score\""
#define CLIP "[0.0, 100.0]"
#define MEMBER(i) "\"" i "\": {\"model_dict\": " DICT("BOOTSTRAP_LIBSVMNUSVR") "}"
/* A member that needs vif instead of motion, with a gain limit of its own. */
#define VIF_MEMBER(i, limit)                                                                                           \
    "\"" i "\": {\"model_dict\": {\"model_type\": \"BOOTSTRAP_LIBSVMNUSVR\", \"norm_type\": \"none\", "                \
    "\"feature_names\": [\"VMAF_integer_feature_adm2_score\", \"VMAF_integer_feature_vif_scale0_score\"], "            \
    "\"feature_opts_dicts\": [{}, {\"vif_enhn_gain_limit\": " limit "}], \"model\": \"" HEAD VECTORS "\"}}"
#define COLLECTION "{" MEMBER("0") ", " MEMBER("1") ", " MEMBER("2") "}"

static char path[64];

static void write_file(const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* `text` with the first `from` replaced; for free. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *made = malloc(strlen(text) + strlen(to) + 1);
    assert_true(at && made);
    sprintf(made, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return made;
}

static int open_svm(vkv_model_params params, struct captured *captured, vkv_model **svm)
{
    *captured = (struct captured){0};
    params.struct_size = sizeof(params);
    params.format = VKV_MODEL_LIBVMAF;
    params.path = params.path ? params.path : path;
    params.log = CAPTURE(captured);
    return vkv_model_open(&params, svm);
}

/* The first vector: its kernel is 1, that of the other 0. */
static void score_at_vector(const vkv_model *svm, double values[MODEL_MAX_OUTPUTS])
{
    static const double row[] = {0.5, 0.25};
    assert_int_equal(vkv_model_get_info(svm)->n_inputs, 2);
    assert_int_equal(vkv_model_predict(NULL, svm, row, 1, values), VKV_OK);
}

static void scores_of(const char *text, uint32_t flags, double expected)
{
    struct captured captured;
    vkv_model *svm = NULL;
    write_file(text, strlen(text));
    if (open_svm((vkv_model_params){.flags = flags}, &captured, &svm))
        fail_msg("%s", captured.line);
    double values[MODEL_MAX_OUTPUTS];
    score_at_vector(svm, values);
    if (values[0] != expected)
        fail_msg("%.17g, expected %.17g: %s", values[0], expected, text);
    vkv_model_close(&svm);
    assert_null(svm);
}

struct score_case {
    const char *from, *to;
    double expected;
};

static void edited_scores(const struct score_case *cases, size_t n, uint32_t flags)
{
    for (size_t i = 0; i < n; i++) {
        char *text = replaced(MODEL, cases[i].from, cases[i].to);
        scores_of(text, flags, cases[i].expected);
        free(text);
    }
}

static void forms(void **unused)
{
    static const struct score_case cases[] = {
        {"3 1:0.5", "3 1:0.5", 4.5},
        {"3 1:0.5 2:0.25 \\n", "3 1:0.5 2:0.25\\n", 4.5},
        {"2:1e3 \\n", "2:1e3", 4.5},
        {"nu_svr", "epsilon_svr", 4.5},
        {"{\"model_type\"", "{\"feature_dict\": {\"a\": [\"b\"]}, \"model_type\"", 4.5},
        {"{\"model_dict\"", "{\"0\": 1, \"param_dict\": {\"x\": null}, \"model_dict\"", 4.5},
        {"\"score_clip\": " CLIP, "\"score_clip\": [5, 6]", 5},
        {"\"score_clip\": " CLIP, "\"score_clip\": [1, 2]", 2},
        {"\"score_clip\": " CLIP, "\"score_clip\": null", 4.5},
        {"rho -1.5", "rho 4", 0},
        {"-1.5", "-15e1", 100},
        {NONE, RESCALE ", \"feature_opts_dicts\": [{\"adm_enhn_gain_limit\": 1.0}, {}]", 9},
        {NONE, RESCALE ", \"score_transform\": {\"p0\": 1, \"p1\": 1, \"p2\": 1}", 9},
        {NONE, RESCALE ", \"luma_correction\": null", 9},
        {NONE, NONE ", \"score_transform\": {\"enabled\": true, \"p0\": 1, \"p1\": 2}", 10},
        {"motion2_score", "motion3_score", 4.5},
        {"motion2_score", "motion_sad_score", 4.5},
    };
    (void)unused;
    edited_scores(cases, sizeof(cases) / sizeof(*cases), 0);
    scores_of(" \t" MODEL "\r\n ", 0, 4.5);
    static const struct score_case unclipped[] = {{"rho -1.5", "rho 4", -1}, {CLIP, "[9]", 4.5}};
    edited_scores(unclipped, 2, VKV_MODEL_DISABLE_CLIP);
}

static void transforms(void **unused)
{
    /* of 4.5 */
    static const struct score_case cases[] = {
        {NONE, NONE, 4.5},
        {NONE, NONE ", \"score_transform\": {}", 4.5},
        {NONE, NONE ", \"score_transform\": null", 4.5},
        {NONE, NONE ", \"score_transform\": {\"p0\": 1, \"p1\": 2, \"p2\": 0.5, \"enabled\": false}", 20.125},
        {NONE, NONE ", \"score_transform\": {\"p0\": null, \"p1\": 2}", 9},
        {NONE, NONE ", \"score_transform\": {\"p0\": 1}", 1},
        {NONE, NONE ", \"score_transform\": {\"p0\": 1, \"out_gte_in\": \"true\"}", 4.5},
        {NONE, NONE ", \"score_transform\": {\"p0\": 1, \"out_gte_in\": \"false\"}", 1},
        {NONE, NONE ", \"score_transform\": {\"p0\": 9, \"out_lte_in\": \"true\"}", 4.5},
        {NONE, NONE ", \"score_transform\": {\"p0\": 9, \"out_gte_in\": \"true\"}", 9},
        {NONE, NONE ", \"score_transform\": {\"knots\": null}", 4.5},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[0, 1], [2, 2]]}", 3.25},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[0, 1], [4, 3], [8, 11]]}", 4},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[0, 1], [4.5, 3], [8.5, 11]]}", 3},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[0, 1], [2, 3], [3, 7]]}", 13},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[6, 12], [8, 14]]}", 10.5},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[0, 1], [2, 1], [3, 1]]}", 1},
        {NONE, NONE ", \"score_transform\": {\"p0\": 2.5, \"p1\": 1, \"knots\": [[6, 12], [8, 14]]}", 13},
    };
    (void)unused;
    edited_scores(cases, sizeof(cases) / sizeof(*cases), VKV_MODEL_ENABLE_TRANSFORM);
}

/* Families come in the order of the file's features, features of one in the order of its columns. */
static void order(void **unused)
{
    static const char *const inputs[] = {"integer_motion2", "integer_adm2", "integer_adm_scale0"};
    static const double row[] = {0.5, 0, 0.25}; /* the first vector */
    struct captured captured;
    vkv_model *svm = NULL;
    double values[MODEL_MAX_OUTPUTS];
    char *text = replaced(MODEL, NAMES,
                          "\"VMAF_integer_feature_motion2_score\", \"integer_adm_scale0\", "
                          "\"VMAF_integer_feature_adm2_score\"");
    (void)unused;
    write_file(text, strlen(text));
    free(text);
    if (open_svm((vkv_model_params){0}, &captured, &svm))
        fail_msg("%s", captured.line);
    const vkv_model_info *const info = vkv_model_get_info(svm);
    assert_int_equal(info->n_inputs, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_string_equal(info->inputs[i], inputs[i]);
    assert_string_equal(info->requests[0]->family, "motion");
    assert_string_equal(info->requests[1]->family, "adm");
    assert_int_equal(vkv_model_predict(NULL, svm, row, 1, values), VKV_OK);
    assert_true(values[0] == 4.5);
    vkv_model_close(&svm);
}

/* Overrides change what they name, and nothing that the features need. */
static void overrides(void **unused)
{
    static const vkv_request requests[] = {
        {sizeof(requests[0]), 0, "adm", "adm_dlm_weight=0.6"},
        {sizeof(requests[0]), 0, "motion", "motion_five_frame_window=true"},
        {sizeof(requests[0]), 0, "adm", "adm_noise_weight=0.02:adm3=false"},
        {sizeof(requests[0]), 0, "vif", "vif_enhn_gain_limit=1"},
    };
    struct captured captured;
    vkv_model *svm = NULL;
    char *text = replaced(MODEL, NAMES "]",
                          "\"VMAF_integer_feature_adm3_score\", \"VMAF_integer_feature_motion3_score\"], "
                          "\"feature_opts_dicts\": [{\"adm_min_val\": 0.5, \"adm_dlm_weight\": 0.7}, "
                          "{\"motion_moving_average\": true, \"motion_max_val\": 18}]");
    (void)unused;
    write_file(text, strlen(text));
    free(text);
    if (open_svm((vkv_model_params){.overrides = requests, .n_overrides = 4}, &captured, &svm))
        fail_msg("%s", captured.line);
    const vkv_model_info *const info = vkv_model_get_info(svm);
    assert_int_equal(info->n_requests, 2);
    assert_string_equal(info->requests[0]->options,
                        "adm3=true:adm_dlm_weight=0.6:adm_min_val=0.5:adm_noise_weight=0.02");
    assert_string_equal(info->requests[1]->options, "motion3=true:motion_five_frame_window=true:motion_max_val=18:"
                                                    "motion_moving_average=true");
    assert_string_equal(info->inputs[0], "integer_adm3_dlmw_0.6_min_0.5_nw_0.02");
    assert_string_equal(info->inputs[1], "integer_motion3_mffw_mmxv_18_mma");
    vkv_model_close(&svm);
}

/* By its name, or where the file itself is the trouble by its path. */
static bool names_file(const char *line)
{
    char by_path[80], by_name[80];
    snprintf(by_path, sizeof(by_path), "model '%s'", path);
    snprintf(by_name, sizeof(by_name), "model '%s'", strrchr(path, '/') + 1);
    return strstr(line, by_path) || !strncmp(line, by_name, strlen(by_name));
}

static void refuses(const char *text, size_t n, const char *says)
{
    struct captured captured;
    vkv_model *svm = NULL;
    write_file(text, n);
    const int err = open_svm((vkv_model_params){0}, &captured, &svm);
    if (err != VKV_ERR_MODEL || svm || captured.n_errors != 1 || !names_file(captured.line) ||
        !strstr(captured.line, says))
        fail_msg("gives %d and %d lines, '%s', wanted '%s'", err, captured.n_errors, captured.line, says);
}

static void malformed(void **unused)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {MODEL, "", "is not a JSON object"},
        {MODEL, "[1]", "is not a JSON object"},
        {MODEL, MODEL "x", "is not a JSON object"},
        {"0.5, 1", "NaN, 1", "is not a JSON object"},
        {"nu_svr", "nu_\\u0000svr", "is not a JSON object"},
        {MODEL, "{}", "neither 'model_dict' nor members"},
        {MODEL, "{\"model_dict\": 1}", "'model_dict' must be an object"},
        {"{\"model_dict\"", "{\"model_dict\": 1, \"model_dict\"", "field 'model_dict' is given twice"},
        {NONE, NONE ", " NONE, "field 'norm_type' is given twice"},
        {NONE, "\"norm_type\": 1", "'norm_type' must be a string"},
        {NONE, "\"norm_type\": \"clip_0to1\"", "norm_type is 'clip_0to1'"},
        {TYPE, "null", "'model_type' must be a string"},
        {TYPE, "\"RANDOMFOREST\"", "model_type is 'RANDOMFOREST'"},
        {"[" NAMES "]", "[]", "'feature_names' must be"},
        {"[" NAMES "]", "{}", "'feature_names' must be"},
        {NAMES, "1", "'feature_names' must be"},
        {NAMES, "\"VMAF_integer_feature_adm2_score\", \"VMAF_integer_feature_adm2_score\"", "is given twice"},
        {NAMES, "\"VMAF_feature_cambi_score\", " NAMES ", \"VMAF_feature_adm3_score\"",
         "not computed: VMAF_feature_cambi_score, VMAF_feature_adm3_score"},
        {NAMES, "\"VMAF_feature_adm2_score\"", "not computed: VMAF_feature_adm2_score"},
        {NONE, NONE ", \"chroma_correction_parameter\": \"1\"", "'chroma_correction_parameter' must be a finite"},
        {NONE, NONE ", \"chroma_correction_parameter\": 1e999", "'chroma_correction_parameter' must be a finite"},
        {NONE, NONE ", \"chroma_correction_parameter\": null", "'chroma_correction_parameter' must be a finite"},
        {NONE, NONE ", \"chroma_correction_parameter\": 0", "must be a finite number other than 0"},
        {NONE, NONE ", \"chroma_correction_parameter\": 1", "'chroma_correction_parameter' is known for"},
        {NONE, RESCALE ", \"chroma_correction_parameter\": 1", "'chroma_correction_parameter' is known for"},
        {NONE, NONE ", \"luma_correction\": 1", "'luma_correction' is not known"},
        {NONE, NONE ", \"feature_opts_dicts\": 1", "'feature_opts_dicts' must be an array"},
        {NONE, NONE ", \"feature_opts_dicts\": [1]", "'feature_opts_dicts' must be objects"},
        {NONE, NONE ", \"feature_opts_dicts\": [{}, {}, {}]", "has more objects than"},
        {NONE, NONE ", \"feature_opts_dicts\": [{}, {\"motion_zero\": true}]",
         "option 'motion_zero' of integer_motion2"},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"vif_enhn_gain_limit\": 1}]", "option 'vif_enhn_gain_limit' of "},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"adm_enhn_gain_limit\": 0.5}]", "must be 1 to 100"},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"adm3\": true}]", "option 'adm3' of integer_adm2 is not known"},
        {NONE, NONE ", \"feature_opts_dicts\": [{}, {\"motion_five_frame_window\": 1}]", "must be true or false"},
        {NONE, NONE ", \"feature_opts_dicts\": [{}, {\"motion_five_frame_window\": \"true\"}]",
         "must be true or false"},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"adm_csf_mode\": 1}]", "adm_csf_mode of integer_adm2 must be 0 or 2"},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"adm_skip_scale0\": true}]", "option 'adm_skip_scale0' of"},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"adm_enhn_gain_limit\": \"1\"}]", "must be 1 to 100"},
        {NONE, NONE ", \"feature_opts_dicts\": [{\"adm_enhn_gain_limit\": 1, \"adm_enhn_gain_limit\": 1}]",
         "given twice"},
        {NAMES "]",
         "\"integer_adm_scale0\", \"VMAF_integer_feature_adm2_score\"], \"feature_opts_dicts\": "
         "[{\"adm_enhn_gain_limit\": 1}]",
         "integer_adm2 has other options than those before"},
        {NAMES "]",
         "\"integer_adm_scale0\", \"VMAF_integer_feature_adm2_score\"], \"feature_opts_dicts\": "
         "[{\"adm_enhn_gain_limit\": 1}, {\"adm_enhn_gain_limit\": 100}]",
         "integer_adm2 has other options than those before"},
        {NONE ", \"score_clip\": " CLIP, RESCALE ", \"slopes\": 1", "given twice"},
        {"\"score_clip\": " CLIP, "\"score_clip\": [0]", "'score_clip' must be 2 finite"},
        {"\"score_clip\": " CLIP, "\"score_clip\": [1, 0]", "'score_clip' is 1 to 0"},
        {"\"score_clip\": " CLIP, "\"score_clip\": [0, 1e999]", "'score_clip' must be 2 finite"},
        {"\"score_clip\": " CLIP, "\"score_clip\": {\"a\": 0, \"b\": 1}", "'score_clip' must be 2 finite"},
        {NONE, NONE ", \"score_transform\": 1", "'score_transform' must be an object"},
        {NONE, NONE ", \"score_transform\": {\"p1\": \"1\"}", "'p1' must be a finite"},
        {NONE, NONE ", \"score_transform\": {\"p1\": -1e999}", "'p1' must be a finite"},
        {NONE, NONE ", \"score_transform\": {\"p1\": 1, \"p1\": 2}", "'p1' is given twice"},
        {NONE, NONE ", \"score_transform\": {\"enabled\": \"true\"}", "'enabled' must be"},
        {NONE, NONE ", \"score_transform\": {\"out_gte_in\": true}", "'out_gte_in' must be a string"},
        {NONE, NONE ", \"score_transform\": {\"knots\": 1}", "'knots' must be 2 to 10"},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[1, 2]]}", "'knots' must be 2 to 10"},
        {NONE,
         NONE ", \"score_transform\": {\"knots\": [[1,1],[2,2],[3,3],[4,4],[5,5],[6,6],[7,7],[8,8],[9,9],[10,10],"
              "[11,11]]}",
         "'knots' must be 2 to 10"},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[1, 2], [2]]}", "'a knot' must be 2 finite"},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[1, 2], [1, 3]]}", "the knots do not ascend"},
        {NONE, NONE ", \"score_transform\": {\"knots\": [[1, 2], [2, 1]]}", "the knots do not ascend"},
        {"\"model\": \"", "\"model\": 1, \"a\": \"", "'model' must be a string"},
        {HEAD VECTORS, "", "where a field or SV was expected"},
        {"nu_svr", "c_svc", "svm_type is 'c_svc'"},
        {"nu_svr", "", "svm_type is ''"},
        {"rbf", "linear", "kernel_type is 'linear'"},
        {"gamma", "degree 3\\ngamma", "'degree' where a field"},
        {"gamma 0.04", "gamma inf", "gamma is 'inf'"},
        {"gamma 0.04", "gamma 0x1p-5", "gamma is '0x1p-5'"},
        {"gamma 0.04", "gamma 1e", "gamma is '1e'"},
        {"gamma 0.04", "gamma -1", "gamma is '-1'"},
        {"gamma 0.04", "gamma 0,04", "gamma is '0,04'"},
        {"gamma 0.04", "gamma 1e999", "gamma is '1e999'"},
        {"gamma 0.04\\n", "gamma 1\\ngamma 2\\n", "has gamma twice"},
        {"gamma 0.04\\n", "", "has no gamma"},
        {"nr_class 2", "nr_class 3", "nr_class is '3'"},
        {"total_sv 2", "total_sv 0", "total_sv is '0'"},
        {"total_sv 2", "total_sv -2", "total_sv is '-2'"},
        {"total_sv 2", "total_sv 4294967298", "total_sv is '4294967298'"},
        {"total_sv 2", "total_sv 65536", "total_sv is 65536, the text of 'model' ends before"},
        {"total_sv 2", "total_sv 3", "support vector 2 is not"},
        {"total_sv 2", "total_sv 1", "total_sv is 1, the text of 'model' has more"},
        {"rho -1.5", "rho -1.5 2", "rho is '-1.5 2'"},
        {"3 1:0.5 2", "3 1:0.5 1", "support vector 0 is not"},
        {"3 1:0.5 2", "3 1:0.5 3", "support vector 0 is not"},
        {"3 1:0.5 2", "3 0:0.5 2", "support vector 0 is not"},
        {"3 1:0.5 2", "3 1:nan 2", "support vector 0 is not"},
        {"3 1:0.5 2", "3 1:0.5x 2", "support vector 0 is not"},
        {"3 1:0.5 2", "3 1 0.5 2", "support vector 0 is not"},
        {"3 1:0.5 2", "1:0.5 2", "support vector 0 is not"},
        {"3 1:0.5 2", "3 1:0.5 99999999999:1 2", "support vector 0 is not"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text = replaced(MODEL, cases[i].from, cases[i].to);
        refuses(text, strlen(text), cases[i].says);
        free(text);
    }
    char *rescaled = replaced(MODEL, NONE, RESCALE);
    static const char *const slopes[][2] = {{"[0.5, 1, 1]", "'slopes' must be 3"}, {"[0, 1, 1]", "'slopes' is 0"}};
    for (int i = 0; i < 2; i++) {
        char *text = replaced(rescaled, slopes[0][0], i ? slopes[1][0] : "[0.5, 1]");
        refuses(text, strlen(text), slopes[i][1]);
        free(text);
    }
    char *text = replaced(rescaled, "[0, 0, 0]", "[0, 0, 0, 0]");
    refuses(text, strlen(text), "'intercepts' must be 3");
    free(text);
    free(rescaled);
}

/* What ends early, what is long, what is deep. */
static void sizes(void **unused)
{
    struct captured captured;
    vkv_model *svm = NULL;
    (void)unused;
    for (size_t n = 0; n < sizeof(MODEL) - 1; n++)
        refuses(MODEL, n, "is not a JSON object");
    char *text = malloc(SVM_MAX_BYTES + 2);
    assert_non_null(text);
    memset(text, ' ', SVM_MAX_BYTES + 1);
    memcpy(text, MODEL, sizeof(MODEL) - 1);
    refuses(text, SVM_MAX_BYTES + 1, "at most 1048576 are accepted");
    write_file(text, SVM_MAX_BYTES);
    assert_int_equal(open_svm((vkv_model_params){0}, &captured, &svm), VKV_OK);
    vkv_model_close(&svm);

    memset(text, '[', 200000);
    memcpy(text, "{\"a\":", 5);
    refuses(text, 200000, "is not a JSON object");
    strcpy(text, "{");
    size_t n = 1;
    for (int i = 0; i < 100000; i++)
        n += (size_t)sprintf(text + n, "\"%x\":0,", i);
    strcpy(text + n, "\"a\":0}");
    refuses(text, strlen(text), "more than 256 fields");
    free(text);
}

/* Nothing that is accepted or refused reads outside its memory. */
static void mutations(void **unused)
{
    static const char bytes[] = "\"\\{}[]:, \n09-.eEx\x01\x80";
    struct captured captured;
    struct svm_reader reader = {.log = &CAPTURE(&captured), .subject = "model"};
    size_t n_good = 0;
    char *text = malloc(sizeof(MODEL) - 1);
    assert_non_null(text);
    (void)unused;
    memcpy(text, MODEL, sizeof(MODEL) - 1);
    for (size_t i = 0; i < sizeof(MODEL) - 1; i++) {
        const char before = text[i];
        for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
            captured = (struct captured){0};
            struct svm *const svm = mem_alloc(1, sizeof(*svm));
            assert_non_null(svm);
            text[i] = bytes[b];
            const int err = svm_read(&reader, (const uint8_t *)text, sizeof(MODEL) - 1, 0, svm);
            assert_true(err ? err == VKV_ERR_MODEL && captured.n_errors == 1 : !captured.n_errors);
            n_good += !err;
            svm_destroy(svm);
        }
        text[i] = before;
    }
    free(text);
    assert_true(n_good > sizeof(MODEL));
}

/* Options that member 0 does not give are those of the members that do, and of all of them. */
static void members_of_other_families(void **unused)
{
    static const char equal[] = "{" MEMBER("0") ", " VIF_MEMBER("1", "1") ", " VIF_MEMBER("2", "1") "}";
    static const char other[] = "{" MEMBER("0") ", " VIF_MEMBER("1", "1") ", " VIF_MEMBER("2", "100") "}";
    static const char *const inputs[] = {"integer_adm2", "integer_motion2", "integer_vif_scale0_egl_1"};
    struct captured captured;
    vkv_model *svm = NULL;
    (void)unused;
    write_file(equal, strlen(equal));
    if (open_svm((vkv_model_params){.name = "x"}, &captured, &svm))
        fail_msg("%s", captured.line);
    const vkv_model_info *const info = vkv_model_get_info(svm);
    assert_int_equal(info->n_inputs, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_string_equal(info->inputs[i], inputs[i]);
    vkv_model_close(&svm);
    refuses(other, strlen(other), ", member 2: integer_vif_scale0 has other options than those before");
}

static void collections(void **unused)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {COLLECTION, "{" MEMBER("0") "}", "neither 'model_dict' nor members"},
        {COLLECTION, "{" MEMBER("1") ", " MEMBER("2") "}", "neither 'model_dict' nor members"},
        {MEMBER("1"), "\"1\": []", ", member 1: 'model_dict' must be an object"},
        {MEMBER("1"), "\"1\": {\"model_dict\": " DICT("LIBSVMNUSVR") "}", ", member 1: model_type is 'LIBSVMNUSVR'"},
        {MEMBER("2"), "\"2\": {\"model_dict\": " DICT("RESIDUEBOOTSTRAP_LIBSVMNUSVR") "}",
         ", member 2: model_type is 'RESIDUEBOOTSTRAP_LIBSVMNUSVR', in this collection BOOTSTRAP_LIBSVMNUSVR"},
        {MEMBER("2"), MEMBER("1"), "field '1' is given twice"},
    };
    struct captured captured;
    vkv_model *svm = NULL;
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text = replaced(COLLECTION, cases[i].from, cases[i].to);
        refuses(text, strlen(text), cases[i].says);
        free(text);
    }
    static char many[64 * sizeof(MEMBER("0"))] = "{";
    for (int i = 0; i < 33; i++)
        sprintf(many + strlen(many), "\"%d\": {\"model_dict\": " DICT("BOOTSTRAP_LIBSVMNUSVR") "}%s", i,
                i < 32 ? ", " : "}");
    refuses(many, strlen(many), "more than 32 members");

    /* Scores 4.5, 40, 10, 20, 30 and, over those after the first, mean 25 and deviation sqrt(125). */
    static const char *const rho[] = {"rho -1.5", "rho -37", "rho -7", "rho -17", "rho -27"};
    static const double expected[] = {4.5, 40, 10, 20, 30};
    static const char *const names[] = {"x",         "x_0001",   "x_0002",      "x_0003",     "x_0004",
                                        "x_bagging", "x_stddev", "x_ci_p95_lo", "x_ci_p95_hi"};
    strcpy(many, "{\"x\": 0, ");
    for (int i = 0; i < 5; i++) {
        char *text = replaced("{\"model_dict\": " DICT("BOOTSTRAP_LIBSVMNUSVR") "}", rho[0], rho[i]);
        sprintf(many + strlen(many), "\"%d\": %s, ", i, text);
        free(text);
    }
    strcat(many, "\"6\": 0}");
    write_file(many, strlen(many));
    if (open_svm((vkv_model_params){.name = "x"}, &captured, &svm))
        fail_msg("%s", captured.line);
    const vkv_model_info *const info = vkv_model_get_info(svm);
    assert_int_equal(info->n_outputs, 9);
    for (uint32_t i = 0; i < 9; i++) {
        assert_string_equal(info->outputs[i]->name, names[i]);
        assert_int_equal(info->outputs[i]->kind, i ? VKV_COLUMN_STATISTIC : VKV_COLUMN_SCORE);
    }
    assert_string_equal(info->name, "x");
    assert_string_equal(info->type, "BOOTSTRAP_LIBSVMNUSVR");
    double values[MODEL_MAX_OUTPUTS];
    score_at_vector(svm, values);
    for (int i = 0; i < 5; i++)
        assert_true(values[i] == expected[i]);
    assert_true(values[0] == 4.5 && values[5] == 25);
    assert_true(fabs(values[6] - sqrt(125)) < 1e-9);
    assert_true(fabs(values[7] - 10.75) < 1e-12 && fabs(values[8] - 39.25) < 1e-12);
    vkv_model_close(&svm);
}

static void arguments(void **unused)
{
    char name[129];
    struct captured captured;
    vkv_model *svm = NULL;
    double value;
    const double row[] = {NAN, 0};
#define REQUEST(f, o) (&(vkv_request){sizeof(vkv_request), 0, f, o})
    (void)unused;
    write_file(MODEL, sizeof(MODEL) - 1);
    memset(name, 'n', 128);
    name[128] = 0;
    const vkv_model_params wrong[] = {{.flags = 4},
                                      {.n_overrides = 1, .overrides = REQUEST("vif", "vif_enhn_gain_limit=2")},
                                      {.n_overrides = 1, .overrides = REQUEST("adm", "adm_enhn_gain_limit=nan")},
                                      {.n_overrides = 1, .overrides = REQUEST("adm", "vif_enhn_gain_limit=1")},
                                      {.n_overrides = 1, .overrides = REQUEST("ciede", NULL)},
                                      {.n_overrides = 1, .overrides = REQUEST(NULL, NULL)},
                                      {.n_overrides = 1},
                                      {.name = "a\nb"},
                                      {.name = name},
                                      {.path = ""},
                                      {.path = NULL, .id = "x"},
                                      {.registry = "x"},
                                      {.quant = VKV_QUANT_FP32},
                                      {.verify = 1, .cosign = "x"}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_int_equal(open_svm(wrong[i], &captured, &svm), VKV_ERR_ARG);
        assert_true(!svm && captured.n_errors == 1);
    }
    assert_int_equal(open_svm((vkv_model_params){0}, &captured, NULL), VKV_ERR_ARG);
    assert_int_equal(open_svm((vkv_model_params){.path = "/absent.json"}, &captured, &svm), VKV_ERR_IO);
    assert_int_equal(open_svm((vkv_model_params){.path = "/tmp"}, &captured, &svm), VKV_ERR_IO);
    assert_int_equal(vkv_model_open(NULL, &svm), VKV_ERR_ARG);
    assert_int_equal(vkv_model_open(&(vkv_model_params){.path = path}, &svm), VKV_ERR_ARG);
    name[127] = 0;
    assert_int_equal(
        open_svm(
            (vkv_model_params){.name = name, .n_overrides = 1, .overrides = REQUEST("adm", "adm_enhn_gain_limit=1")},
            &captured, &svm),
        VKV_OK);
    const vkv_model_info *const info = vkv_model_get_info(svm);
    assert_int_equal(info->struct_size, sizeof(*info));
    assert_int_equal(info->format, VKV_MODEL_LIBVMAF);
    assert_string_equal(info->name, name);
    assert_string_equal(info->version, path + strlen("/tmp/"));
    assert_string_equal(info->file, path + strlen("/tmp/"));
    assert_int_equal(info->n_outputs, 1);
    assert_string_equal(info->outputs[0]->name, name);
    assert_int_equal(info->has_transform, 0);
    assert_int_equal(info->n_layers, 0);
    assert_int_equal(info->n_inputs, 2);
    assert_string_equal(info->inputs[0], "integer_adm2_egl_1");
    assert_string_equal(info->inputs[1], "integer_motion2");
    assert_int_equal(info->n_requests, 2);
    assert_string_equal(info->requests[0]->family, "adm");
    assert_string_equal(info->requests[0]->options, "adm_enhn_gain_limit=1");
    assert_string_equal(info->requests[1]->family, "motion");
    assert_string_equal(info->requests[1]->options, "");
    assert_int_equal(strlen(info->sha256), 64);
    assert_int_equal(vkv_model_predict(NULL, NULL, row, 1, &value), VKV_ERR_ARG);
    assert_int_equal(vkv_model_predict(NULL, svm, NULL, 1, &value), VKV_ERR_ARG);
    assert_int_equal(vkv_model_predict(NULL, svm, row, 1, NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_model_predict(NULL, svm, row, 0, &value), VKV_ERR_ARG);
    assert_int_equal(vkv_model_predict(NULL, svm, row, 1, &value), VKV_OK);
    assert_true(isnan(value));
    vkv_model_close(&svm);
    vkv_model_close(&svm);
    vkv_model_close(NULL);
    assert_null(vkv_model_get_info(NULL));
#undef REQUEST
}

static void memory_ends(void **unused)
{
    (void)unused;
#ifdef VKV_TEST_ALLOC
    const long before = mem_live_blocks();
    struct captured captured;
    vkv_model *svm = NULL;
    int err = VKV_ERR_MEMORY, n = 0;
    write_file(COLLECTION, sizeof(COLLECTION) - 1);
    while (err == VKV_ERR_MEMORY) {
        mem_fail_at(++n);
        err = open_svm((vkv_model_params){0}, &captured, &svm);
        mem_fail_at(0);
        if (err)
            assert_true(!svm && captured.n_errors == 1 && mem_live_blocks() == before);
    }
    assert_int_equal(err, VKV_OK);
    assert_true(n > 5);
    vkv_model_close(&svm);
    assert_int_equal(mem_live_blocks(), before);
#else
    print_message("built without VKV_TEST_ALLOC\n");
    skip();
#endif
}

static int make_file(void **unused)
{
    (void)unused;
    strcpy(path, "/tmp/vkvmaf-svm-XXXXXX");
    const int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **unused)
{
    (void)unused;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),     cmocka_unit_test(transforms),  cmocka_unit_test(order),
        cmocka_unit_test(overrides), cmocka_unit_test(malformed),   cmocka_unit_test(sizes),
        cmocka_unit_test(mutations), cmocka_unit_test(collections), cmocka_unit_test(members_of_other_families),
        cmocka_unit_test(arguments), cmocka_unit_test(memory_ends),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
