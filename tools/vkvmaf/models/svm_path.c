#include "models/svm_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "models/svm_folders.h"
#include "models/svm_known.h"
#include "run/extractor.h"

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

/* The family of FAMILY.OPTION. NULL: there is none. */
static const vkv_family_info *find_family(const char *key)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t f = 0; f < n; f++) {
        const size_t n_name = strlen(families[f]->name);
        if (!strncmp(key, families[f]->name, n_name) && key[n_name] == '.')
            return families[f];
    }
    return NULL;
}

/* A model may set what its features depend on. */
static bool is_a_models(const vkv_option_info *option)
{
    return !(option->flags & VKV_OPTION_ADDS_COLUMNS);
}

/* NULL: there is no such option of a model. */
static const vkv_option_info *find_option(const vkv_family_info *family, const char *name)
{
    for (uint32_t i = 0; i < family->n_options; i++)
        if (!strcmp(family->options[i]->name, name) && is_a_models(family->options[i]))
            return family->options[i];
    return NULL;
}

__attribute__((format(printf, 2, 3))) static void append(struct svm_request *request, const char *format, ...)
{
    const size_t used = strlen(request->error);
    va_list args;
    va_start(args, format);
    vsnprintf(request->error + used, sizeof(request->error) - used, format, args);
    va_end(args);
}

static void append_options(struct svm_request *request, const vkv_family_info *family)
{
    for (uint32_t i = 0; i < family->n_options; i++)
        if (is_a_models(family->options[i]))
            append(request, " %s.%s", family->name, family->options[i]->name);
}

static bool has_options(const vkv_family_info *family)
{
    for (uint32_t i = 0; i < family->n_options; i++)
        if (is_a_models(family->options[i]))
            return true;
    return false;
}

static void append_families(struct svm_request *request)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t f = 0; f < n; f++)
        if (has_options(families[f]))
            append(request, " %s", families[f]->name);
}

/* Lists the options of the family, or the families if it is NULL. */
static int no_option(struct svm_request *request, const char *key, const vkv_family_info *family)
{
    refuse(request, "option %.255s is not known; there are%s", key, family ? "" : " options of");
    if (family)
        append_options(request, family);
    else
        append_families(request);
    return -1;
}

/* The override of a family, which there is one of. NULL: there is no room. */
static struct svm_override *override_of(struct svm_request *request, const char *family)
{
    unsigned i = 0;
    while (i < request->n_overrides && strcmp(request->overrides[i].family, family))
        i++;
    if (i == SVM_OVERRIDES_MAX || strlen(family) >= sizeof(request->overrides[i].family))
        return NULL;
    if (i == request->n_overrides)
        snprintf(request->overrides[request->n_overrides++].family, sizeof(request->overrides[i].family), "%s", family);
    return &request->overrides[i];
}

static int take_override(struct svm_request *request, const char *key, const char *value)
{
    const vkv_family_info *const family = find_family(key);
    const vkv_option_info *const option = family ? find_option(family, strchr(key, '.') + 1) : NULL;
    char options[sizeof(request->overrides[0].options)];
    if (!option)
        return no_option(request, key, family);
    const vkv_request check = {.struct_size = sizeof(check), .family = family->name, .options = options};
    const int n = snprintf(options, sizeof(options), "%s=%s", option->name, value);
    if (n < 0 || (size_t)n >= sizeof(options) || vkv_request_check(&check, NULL, NULL))
        return refuse(request, "%s is \"%.64s\", %s was expected", key, value, option->values);
    struct svm_override *const override = override_of(request, family->name);
    const size_t used = override ? strlen(override->options) : 0;
    if (!override || used + (size_t)n + 2 > sizeof(override->options))
        return refuse(request, "%s: there are more options than there is room for", key);
    if (used)
        override->options[used] = ':';
    memcpy(override->options + used + (used != 0), options, (size_t)n + 1);
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
        "float_vif",  "float_adm",  "float_motion", "float_ansnr", "float_moment",  "float_ms_ssim",
        "float_psnr", "float_ssim", "ssim",         "psnr",        "psnr_hvs",      "ciede",
        "null",       "adm_cuda",   "motion_cuda",  "vif_cuda",    "speed_temporal"};
    static const char *const switches[] = {
        "vif.debug",           "vif.vif_skip_scale0",      "adm.debug",     "motion.debug", "adm.adm_skip_aim",
        "adm.adm_skip_scale0", "motion.motion_force_zero", "cambi.full_ref"};
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
        return take_flag(request, key, value, VKV_MODEL_DISABLE_CLIP);
    if (!strcmp(key, "enable_transform"))
        return take_flag(request, key, value, VKV_MODEL_ENABLE_TRANSFORM);
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
    if (has_no_effect(key, value))
        return 0;
    if (strchr(key, '.'))
        return take_override(request, key, value);
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
static bool is_in(void *user, const char *folder)
{
    struct search *const search = user;
    struct svm_place *place = search->place;
    const int written = snprintf(place->path, sizeof(place->path), "%s/%s.json", folder, search->version);
    if (written > 0 && (size_t)written < sizeof(place->path) && !access(place->path, F_OK))
        return true;
    const size_t used = strlen(place->error);
    snprintf(place->error + used, sizeof(place->error) - used, "%s%s", search->n_places++ ? ", " : "", folder);
    return false;
}

int svm_path_find(const struct svm_request *request, vkv_model_params *params, struct svm_place *place)
{
    const char *version = *request->version ? request->version : SVM_DEFAULT_VERSION;
    struct search search = {version, place, 0};

    *params = (vkv_model_params){
        .struct_size = sizeof(*params),
        .format = VKV_MODEL_LIBVMAF,
        .flags = request->flags,
        .path = *request->path ? request->path : place->path,
        .name = request->name,
        .overrides = place->overrides,
        .n_overrides = request->n_overrides,
    };
    for (unsigned i = 0; i < request->n_overrides; i++)
        place->overrides[i] = (vkv_request){.struct_size = sizeof(vkv_request),
                                            .family = request->overrides[i].family,
                                            .options = request->overrides[i].options};
    snprintf(place->error, sizeof(place->error), "there is no %s.json in ", version);
    if (*request->path || svm_folders_visit(is_in, &search)) {
        place->error[0] = 0;
        return 0;
    }
    const size_t used = strlen(place->error);
    snprintf(place->error + used, sizeof(place->error) - used, "; %sname its folder in VKVMAF_LIBVMAF_MODELS",
             svm_is_known(version) ? "\"" SVM_INSTALL "\" gets it, or " : "\"vkvmaf models\" lists the others, or ");
    return -1;
}
