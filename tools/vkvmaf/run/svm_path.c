#include "run/svm_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/model_path.h"

/* libvmaf's own build installs no models: these are where distributions, Homebrew and instructions put them. */
static const char *const usual_folders[] = {
    "/usr/local/share/model",
    "/usr/share/model",
    "/usr/local/share/vmaf",
    "/usr/share/vmaf",
    "/usr/local/share/vmaf/model",
    "/usr/share/vmaf/model",
    "/usr/local/share/libvmaf/model",
    "/usr/share/libvmaf/model",
    "/opt/homebrew/share/libvmaf/model",
    "/home/linuxbrew/.linuxbrew/share/libvmaf/model",
};
static const char *const folders_beside[] = {"/../share/vmaf", "/../share/model"};

/* ---- the argument ----------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int refuse(struct svm_request *request, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(request->error, sizeof(request->error), format, args);
    va_end(args);
    return -1;
}

static int take_text(struct svm_request *request, const char *key, const char *value, char *to, size_t room)
{
    if (*to)
        return refuse(request, "%s= is given twice", key);
    if (!*value || strlen(value) >= room)
        return refuse(request, "%s= needs 1 to %zu characters", key, room - 1);
    strcpy(to, value);
    return 0;
}

/* A switch alone is on. */
static int take_flag(struct svm_request *request, const char *key, const char *value, uint32_t flag)
{
    if (value && strcmp(value, "true") && strcmp(value, "false"))
        return refuse(request, "%s is \"%.64s\", true or false was expected", key, value);
    if (!value || !strcmp(value, "true"))
        request->flags |= flag;
    return 0;
}

static int take_limit(struct svm_request *request, const char *key, const char *value, double *limit)
{
    char *end;
    const double number = strtod(value, &end);
    if (end == value || *end || (number != 1 && number != 100))
        return refuse(request, "%s is \"%.64s\", 1 or 100 was expected", key, value);
    *limit = number;
    return 0;
}

/* The name becomes an attribute of XML, a column of CSV, a key of JSON. */
static int check_name(struct svm_request *request)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.-";
    const size_t n_first = 53;
    if (!memchr(letters, *request->name, n_first) || request->name[strspn(request->name, letters)])
        return refuse(request, "name= is \"%s\", letters, digits, _ . and - were expected, a letter or _ first",
                      request->name);
    return 0;
}

/* A file name without its ending. */
static int check_version(struct svm_request *request)
{
    if (*request->version == '.' || strchr(request->version, '/'))
        return refuse(request, "version= is \"%s\", a name such as " SVM_DEFAULT_VERSION " was expected (or path=)",
                      request->version);
    return 0;
}

/* Options that change nothing, as libvmaf 3.2.0 has it: any of an extractor whose features no model here has, and of
 * the others a switch that is off. Programs that call libvmaf's tool give them with every model. */
static bool has_no_effect(const char *key, const char *value)
{
    static const char *const unused[] = {
        "float_vif",  "float_adm",   "float_motion", "float_ansnr", "float_moment",  "float_ms_ssim", "float_psnr",
        "float_ssim", "ssim",        "psnr",         "psnr_hvs",    "ciede",         "cambi",         "null",
        "adm_cuda",   "motion_cuda", "speed_chroma", "vif_cuda",    "speed_temporal"};
    static const char *const switches[] = {
        "vif.debug",           "vif.vif_skip_scale0",     "adm.debug", "motion.debug", "adm.adm_skip_aim",
        "adm.adm_skip_scale0", "motion.motion_force_zero"};
    const char *dot = strchr(key, '.');
    for (size_t i = 0; dot && dot[1] && i < sizeof(unused) / sizeof(*unused); i++)
        if (strlen(unused[i]) == (size_t)(dot - key) && !strncmp(key, unused[i], (size_t)(dot - key)))
            return true;
    for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
        if (!strcmp(key, switches[i]))
            return !strcmp(value, "false");
    return false;
}

/* `value`: NULL without '='. */
static int take_word(struct svm_request *request, const char *key, const char *value)
{
    if (!strcmp(key, "disable_clip"))
        return take_flag(request, key, value, VKV_SVM_DISABLE_CLIP);
    if (!strcmp(key, "enable_transform"))
        return take_flag(request, key, value, VKV_SVM_ENABLE_TRANSFORM);
    if (!value)
        return refuse(request,
                      "\"%.255s\" has no value; path=, version=, name=, disable_clip, enable_transform or "
                      "FEATURE.OPTION= was expected",
                      key);
    if (!strcmp(key, "path"))
        return take_text(request, key, value, request->path, sizeof(request->path));
    if (!strcmp(key, "version"))
        return take_text(request, key, value, request->version, sizeof(request->version));
    if (!strcmp(key, "name"))
        return take_text(request, key, value, request->name, sizeof(request->name));
    if (!strcmp(key, "vif.vif_enhn_gain_limit"))
        return take_limit(request, key, value, &request->vif_gain_limit);
    if (!strcmp(key, "adm.adm_enhn_gain_limit"))
        return take_limit(request, key, value, &request->adm_gain_limit);
    if (has_no_effect(key, value))
        return 0;
    if (strchr(key, '.'))
        return refuse(request,
                      "option %.255s is not known; there are vif.vif_enhn_gain_limit and "
                      "adm.adm_enhn_gain_limit",
                      key);
    return refuse(request,
                  "\"%.255s\" is not known; path=, version=, name=, disable_clip, enable_transform or "
                  "FEATURE.OPTION= was expected",
                  key);
}

int svm_request_parse(const char *argument, struct svm_request *request)
{
    char text[sizeof(request->path) + 512];
    char *word = text;

    *request = (struct svm_request){0};
    if (argument && strlen(argument) >= sizeof(text))
        return refuse(request, "it has %zu characters, at most %zu are accepted", strlen(argument), sizeof(text) - 1);
    strcpy(text, argument ? argument : "name=vmaf");
    while (word) {
        char *next = strchr(word, ':');
        if (next)
            *next++ = 0;
        char *value = strchr(word, '=');
        if (value)
            *value++ = 0;
        if (take_word(request, word, value))
            return -1;
        word = next;
    }
    if (!*request->name)
        strcpy(request->name, "vmaf");
    if (*request->path && *request->version)
        return refuse(request, "path= and version= exclude each other");
    return check_version(request) || check_name(request) ? -1 : 0;
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

struct search {
    const char *version;
    struct svm_place *place;
    size_t n_places;
};

/* Otherwise the folder is added to the message. */
static bool is_in(struct search *search, const char *folder, size_t n)
{
    struct svm_place *place = search->place;
    const int written = snprintf(place->path, sizeof(place->path), "%.*s/%s.json", (int)n, folder, search->version);
    if (written > 0 && (size_t)written < sizeof(place->path) && !access(place->path, F_OK))
        return true;
    const size_t used = strlen(place->error);
    snprintf(place->error + used, sizeof(place->error) - used, "%s%.*s", search->n_places++ ? ", " : "", (int)n,
             folder);
    return false;
}

static bool is_in_environment(struct search *search)
{
    const char *folders = getenv("VKVMAF_LIBVMAF_MODELS");
    while (folders && *folders) {
        const size_t n = strcspn(folders, ":");
        if (n && n < 4096 && is_in(search, folders, n))
            return true;
        folders += n + (folders[n] == ':');
    }
    return false;
}

static bool find_version(struct search *search)
{
    char folder[4096];

    if (is_in_environment(search))
        return true;
    for (size_t i = 0; i < sizeof(folders_beside) / sizeof(*folders_beside); i++)
        if (model_path_beside(folders_beside[i], folder, sizeof(folder)) && is_in(search, folder, strlen(folder)))
            return true;
    for (size_t i = 0; i < sizeof(usual_folders) / sizeof(*usual_folders); i++)
        if (is_in(search, usual_folders[i], strlen(usual_folders[i])))
            return true;
    return false;
}

int svm_path_find(const struct svm_request *request, vkv_svm_params *params, struct svm_place *place)
{
    const char *version = *request->version ? request->version : SVM_DEFAULT_VERSION;
    struct search search = {version, place, 0};

    *params = (vkv_svm_params){
        .struct_size = sizeof(*params),
        .flags = request->flags,
        .path = *request->path ? request->path : place->path,
        .name = request->name,
        .vif_gain_limit = request->vif_gain_limit,
        .adm_gain_limit = request->adm_gain_limit,
    };
    snprintf(place->error, sizeof(place->error), "there is no %s.json in ", version);
    if (*request->path || find_version(&search)) {
        place->error[0] = 0;
        return 0;
    }
    const size_t used = strlen(place->error);
    snprintf(place->error + used, sizeof(place->error) - used, "; name its folder in VKVMAF_LIBVMAF_MODELS");
    return -1;
}
