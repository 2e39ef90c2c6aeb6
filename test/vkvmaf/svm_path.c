/* --model: the words of one argument, and where the file of a version is looked up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "models/svm_folders.h"
#include "models/svm_path.h"

/* `options`: NULL when the family has none. */
static void check_override(const struct svm_request *request, const char *family, const char *options)
{
    for (unsigned i = 0; i < request->n_overrides; i++)
        if (!strcmp(request->overrides[i].family, family)) {
            assert_non_null(options);
            assert_string_equal(request->overrides[i].options, options);
            return;
        }
    assert_null(options);
}

/* Options of one family are one override, as they are given. */
static void several(void **unused)
{
    struct svm_request request;
    char argument[2048] = "version=v";
    (void)unused;
    assert_int_equal(svm_request_parse(
                         "motion.motion_five_frame_window=true:adm.adm_min_val=0.5:motion.motion_max_val=18", &request),
                     0);
    assert_int_equal(request.n_overrides, 2);
    check_override(&request, "motion", "motion_five_frame_window=true:motion_max_val=18");
    check_override(&request, "adm", "adm_min_val=0.5");
    for (int i = 0; i < 40; i++)
        strcat(argument, ":motion.motion_max_val=1");
    assert_int_equal(svm_request_parse(argument, &request), -1);
    assert_non_null(strstr(request.error, "more options than there is room for"));
}

static void accepted(void **unused)
{
    static const struct {
        const char *argument, *path, *version, *name;
        uint32_t flags;
        const char *vif, *adm; /* options; NULL: none */
    } cases[] = {
        {NULL, "", "", "vmaf", 0, NULL, NULL},
        {"version=vmaf_v0.6.1neg", "", "vmaf_v0.6.1neg", "vmaf", 0, NULL, NULL},
        {"path=a/b=c.json:name=x_1.y-z", "a/b=c.json", "", "x_1.y-z", 0, NULL, NULL},
        {"disable_clip", "", "", "vmaf", VKV_MODEL_DISABLE_CLIP, NULL, NULL},
        {"name=a:enable_transform", "", "", "a", VKV_MODEL_ENABLE_TRANSFORM, NULL, NULL},
        {"enable_transform=true:disable_clip=true", "", "", "vmaf", VKV_MODEL_ENABLE_TRANSFORM | VKV_MODEL_DISABLE_CLIP,
         NULL, NULL},
        {"enable_transform=false:disable_clip=false", "", "", "vmaf", 0, NULL, NULL},
        {"version=v:vif.vif_enhn_gain_limit=1.0:adm.adm_enhn_gain_limit=100", "", "v", "vmaf", 0,
         "vif_enhn_gain_limit=1.0", "adm_enhn_gain_limit=100"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct svm_request request;
        if (svm_request_parse(cases[i].argument, &request))
            fail_msg("%s: %s", cases[i].argument, request.error);
        assert_string_equal(request.path, cases[i].path);
        assert_string_equal(request.version, cases[i].version);
        assert_string_equal(request.name, cases[i].name);
        assert_int_equal(request.flags, cases[i].flags);
        check_override(&request, "vif", cases[i].vif);
        check_override(&request, "adm", cases[i].adm);
    }
}

static void refused(void **unused)
{
    static const struct {
        const char *argument, *says;
    } cases[] = {
        {"", "\"\" has no value"},
        {"vmaf_v0.6.1", "\"vmaf_v0.6.1\" has no value"},
        {"version=a:", "\"\" has no value"},
        {"version=", "version= needs 1 to 127"},
        {"path=", "path= needs"},
        {"name=", "name= needs"},
        {"name=a b", "name= is \"a b\""},
        {"name=1a", "name= is \"1a\""},
        {"name=a\"", "name= is"},
        {"name=a:name=b", "name= is given twice"},
        {"path=a:path=b", "path= is given twice"},
        {"path=a:version=b", "exclude each other"},
        {"version=../a", "version= is \"../a\""},
        {"version=.a", "version= is \".a\""},
        {"disable_clip=yes", "disable_clip is \"yes\""},
        {"enable_transform=", "enable_transform is \"\""},
        {"vif.vif_enhn_gain_limit=2", "vif.vif_enhn_gain_limit is \"2\""},
        {"vif.vif_enhn_gain_limit=nan", "is \"nan\""},
        {"adm.adm_enhn_gain_limit=1x", "is \"1x\""},
        {"adm.adm_enhn_gain_limit", "has no value"},
        {"float_vif.vif_enhn_gain_limit", "has no value"},
        {"float_vif=1", "\"float_vif\" is not known"},
        {"float_vif.=1", "option float_vif. is not known"},
        {"flaot_vif.vif_enhn_gain_limit=1", "option flaot_vif.vif_enhn_gain_limit is not known; there are options of"},
        {"cambi.full_ref=true", "option cambi.full_ref is not known; there are cambi.cambi_eotf cambi."},
        {"vif.vif_enhn_gain_limt=1", "option vif.vif_enhn_gain_limt is not known"},
        {"float_vif_x.vif_enhn_gain_limit=1", "option float_vif_x.vif_enhn_gain_limit is not known"},
        {"vif.debug=true", "option vif.debug is not known"},
        {"adm.adm_csf_mode=1", "adm.adm_csf_mode is \"1\", 0 or 2 was expected"},
        {"adm.adm3=true", "option adm.adm3 is not known"},
        {"motion.debug=true", "option motion.debug is not known"},
        {"motion.motion_force_zero=1", "motion.motion_force_zero is \"1\", true or false was expected"},
        {"vif.adm_enhn_gain_limit=1", "option vif.adm_enhn_gain_limit is not known"},
        {"pooling=mean", "\"pooling\" is not known"},
    };
    static char long_argument[4096];
    struct svm_request request;
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (svm_request_parse(cases[i].argument, &request) != -1 || !strstr(request.error, cases[i].says))
            fail_msg("'%s' says '%s', wanted '%s'", cases[i].argument, request.error, cases[i].says);
    /* Only options of the family are listed, and no switches that add columns, which are nothing for a model. */
    assert_int_equal(svm_request_parse("adm.x=1", &request), -1);
    assert_non_null(strstr(request.error, " adm.adm_enhn_gain_limit"));
    assert_null(strstr(request.error, "adm.adm3"));
    assert_null(strstr(request.error, "motion."));
    assert_int_equal(svm_request_parse("x.y=1", &request), -1);
    assert_string_equal(request.error,
                        "option x.y is not known; there are options of adm motion vif cambi speed_chroma");
    memset(long_argument, 'a', sizeof(long_argument) - 1);
    assert_int_equal(svm_request_parse(long_argument, &request), -1);
    assert_non_null(strstr(request.error, "4095 characters"));
    memcpy(long_argument, "name=", 5);
    long_argument[5 + 128] = 0;
    assert_int_equal(svm_request_parse(long_argument, &request), -1);
    assert_non_null(strstr(request.error, "name= needs 1 to 127"));
}

/* Options of features that no model has, as programs around libvmaf's tool give them. */
static void without_effect(void **unused)
{
    static const char *const words[] = {"float_vif.vif_enhn_gain_limit=1.0",
                                        "float_adm.adm_enhn_gain_limit=1.0",
                                        "float_motion.debug=true",
                                        "psnr_hvs.enable_chroma=1:float_moment.x=1:speed_temporal.speed_prescale=0.5",
                                        "psnr.enable_chroma=false",
                                        "float_ssim.scale=1:float_ms_ssim.enable_lcs=true:ciede.x=",
                                        "vif.debug=false:motion.motion_force_zero=false"};
    char argument[512];
    struct svm_request request;
    (void)unused;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        snprintf(argument, sizeof(argument), "name=a:path=b.json:%s:vif.vif_enhn_gain_limit=1.0", words[i]);
        if (svm_request_parse(argument, &request))
            fail_msg("%s: %s", argument, request.error);
        assert_string_equal(request.name, "a");
        assert_string_equal(request.path, "b.json");
        assert_int_equal(request.n_overrides, 1);
        check_override(&request, "vif", "vif_enhn_gain_limit=1.0");
        assert_int_equal(request.flags, 0);
    }
}

static char folder[64];

static void write_empty(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void searched(void **unused)
{
    struct svm_request request;
    struct svm_place place;
    vkv_model_params params;
    char folders[256], expected[256];
    (void)unused;
    strcpy(folder, "/tmp/vkvmaf-svm-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_empty("of_the_test.json");

    assert_int_equal(svm_request_parse("version=of_the_test:disable_clip:vif.vif_enhn_gain_limit=1", &request), 0);
    unsetenv("VKVMAF_LIBVMAF_MODELS");
    assert_int_equal(svm_path_find(&request, &params, &place), -1);
    assert_non_null(strstr(place.error, "there is no of_the_test.json in "));
    assert_non_null(strstr(place.error, "/usr/share/model, "));
    assert_null(strstr(place.error, folder));

    snprintf(folders, sizeof(folders), ":/absent::%s:/absent/too", folder);
    setenv("VKVMAF_LIBVMAF_MODELS", folders, 1);
    assert_int_equal(svm_path_find(&request, &params, &place), 0);
    snprintf(expected, sizeof(expected), "%s/of_the_test.json", folder);
    assert_string_equal(params.path, expected);
    assert_string_equal(params.name, "vmaf");
    assert_int_equal(params.struct_size, sizeof(params));
    assert_int_equal(params.flags, VKV_MODEL_DISABLE_CLIP);
    assert_int_equal(params.format, VKV_MODEL_LIBVMAF);
    assert_int_equal(params.n_overrides, 1);
    assert_string_equal(params.overrides[0].family, "vif");
    assert_string_equal(params.overrides[0].options, "vif_enhn_gain_limit=1");

    assert_int_equal(svm_request_parse("version=of_another", &request), 0);
    assert_int_equal(svm_path_find(&request, &params, &place), -1);
    assert_non_null(strstr(place.error, "in /absent, "));
    assert_non_null(strstr(place.error, ", /absent/too, "));
    assert_non_null(strstr(place.error, "; \"vkvmaf models\" lists the others, or name its folder in "
                                        "VKVMAF_LIBVMAF_MODELS"));

    write_empty(SVM_DEFAULT_VERSION ".json");
    assert_int_equal(svm_request_parse(NULL, &request), 0);
    assert_int_equal(svm_path_find(&request, &params, &place), 0);
    snprintf(expected, sizeof(expected), "%s/" SVM_DEFAULT_VERSION ".json", folder);
    assert_string_equal(params.path, expected);

    /* A path is not looked up, nor looked at. */
    assert_int_equal(svm_request_parse("path=of_the_test.json", &request), 0);
    assert_int_equal(svm_path_find(&request, &params, &place), 0);
    assert_string_equal(params.path, "of_the_test.json");

    static const char *const names[] = {"of_the_test", SVM_DEFAULT_VERSION};
    for (int i = 0; i < 2; i++) {
        snprintf(expected, sizeof(expected), "%s/%s.json", folder, names[i]);
        unlink(expected);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0700))
        fail_msg("%s cannot be made", path);
}

/* Makes "<folder>/<path>" with all its folders and in it a model's file; "found" is it. */
static void write_model(const char *path, char found[512])
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(found, 512, "%s/%.*s", folder, (int)(slash - path), path);
        mkdir(found, 0700);
    }
    snprintf(found, 512, "%s/%s", folder, path);
    make_folder(found);
    strcat(found, "/of_the_test.json");
    FILE *const file = fopen(found, "w");
    assert_non_null(file);
    fclose(file);
}

/* Whether this file is the one that is taken, and nothing when it is gone. */
static void check_found(const char *path)
{
    struct svm_request request;
    struct svm_place place;
    vkv_model_params params;
    assert_int_equal(svm_request_parse("version=of_the_test", &request), 0);
    if (svm_path_find(&request, &params, &place))
        fail_msg("%s", place.error);
    assert_string_equal(params.path, path);
    assert_int_equal(unlink(path), 0);
}

/* The user's data and Python's packages, named by the environment; letters of patterns are letters there. */
static void own_folders(void **unused)
{
    char data[512], below[512], home[512], of_user[512], of_environment[512], own[SVM_FOLDER_ROOM], variable[512],
        command[600];
    (void)unused;
    strcpy(folder, "/tmp/vkvmaf-svm-XXXXXX");
    assert_non_null(mkdtemp(folder));
    unsetenv("VKVMAF_LIBVMAF_MODELS");
    unsetenv("CONDA_PREFIX");
    write_model("data[a-z]/vkvmaf/libvmaf-models", data);
    write_model("ho\\me*/.local/share/vkvmaf/libvmaf-models", home);
    write_model("ho\\me*/.local/lib/python3.9/site-packages/ffmpeg_quality_metrics/vmaf_models", of_user);
    write_model("data[a-z]/vkvmaf/libvmaf-models/vmaf_v1.0.16", below);
    write_model("v?[x]/lib/python3.11/site-packages/ffmpeg_quality_metrics/vmaf_models", of_environment);
    snprintf(variable, sizeof(variable), "%s/data[a-z]", folder);
    setenv("XDG_DATA_HOME", variable, 1);
    assert_true(svm_folders_own(own));
    assert_memory_equal(own, data, strlen(own));
    snprintf(variable, sizeof(variable), "%s/ho\\me*", folder);
    setenv("HOME", variable, 1);
    snprintf(variable, sizeof(variable), "%s/v?[x]", folder);
    setenv("VIRTUAL_ENV", variable, 1);
    check_found(data);
    check_found(below);
    check_found(home);
    check_found(of_environment);
    check_found(of_user);
    setenv("XDG_DATA_HOME", "relative", 1);
    assert_true(svm_folders_own(own));
    assert_memory_equal(own, home, strlen(own));
    setenv("HOME", "", 1);
    assert_false(svm_folders_own(own));
    snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/* A missing model that can be installed names the command; any other does not. */
static void installable(void **unused)
{
    struct svm_request request;
    struct svm_place place;
    vkv_model_params params;
    (void)unused;
    unsetenv("VKVMAF_LIBVMAF_MODELS");
    unsetenv("XDG_DATA_HOME");
    unsetenv("VIRTUAL_ENV");
    setenv("HOME", "/absent", 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(svm_request_parse(i ? "version=vmaf_b_v0.6.3" : "version=vmaf_v1.0.16_hfr_5d0h", &request), 0);
        if (!svm_path_find(&request, &params, &place))
            skip();
        assert_int_equal(!strstr(place.error, "; \"vkvmaf models install\" gets it, or name its folder in "), i);
        assert_non_null(strstr(place.error, "name its folder in VKVMAF_LIBVMAF_MODELS"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),       cmocka_unit_test(several),  cmocka_unit_test(refused),
        cmocka_unit_test(without_effect), cmocka_unit_test(searched), cmocka_unit_test(own_folders),
        cmocka_unit_test(installable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
