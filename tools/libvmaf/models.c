#define _GNU_SOURCE /* dladdr */
#include "libvmaf/models.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model_path.h"
#include "libvmaf/dictionary.h"
#include "libvmaf/say.h"
#include "vkvmaf/models/svm_path.h"

#define TINY "vmaf_tiny"

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static void list_overrides(const struct model_file *file, vkv_request requests[OVERRIDES_MAX])
{
    for (unsigned i = 0; i < file->n_overrides; i++)
        requests[i] = (vkv_request){.struct_size = sizeof(vkv_request),
                                    .family = file->overrides[i].family->name,
                                    .options = file->overrides[i].options};
}

/* The parameters of a tiny model, whose name is its id. */
static int find_tiny(const struct model_file *file, vkv_model_params *params, struct model_place *place)
{
    const struct model_request request = {.model = file->path};
    const int found = model_path_find(&request, params, place);
    return found > 0 ? 0 : refuse("%s", found < 0 ? place->error : "no model is asked for");
}

int model_settle(struct model_file *file)
{
    struct model_place place;
    vkv_request overrides[OVERRIDES_MAX];
    vkv_model *model = NULL;
    vkv_model_params params = {
        .struct_size = sizeof(params), .format = VKV_MODEL_LIBVMAF, .path = file->path, .flags = file->flags};
    if (file->model && !file->is_changed)
        return 0;
    int err = file->is_tiny ? find_tiny(file, &params, &place) : 0;
    if (err)
        return err;
    params.log = (vkv_log){.fn = say_library};
    params.name = file->name;
    params.overrides = overrides;
    params.n_overrides = file->n_overrides;
    list_overrides(file, overrides);
    err = errno_of(vkv_model_open(&params, &model));
    if (err)
        return err;
    vkv_model_close(&file->model);
    file->model = model;
    file->is_changed = false;
    return 0;
}

static bool is_collection(const struct model_file *file)
{
    return vkv_model_get_info(file->model)->n_outputs > 1;
}

/* Takes the path over. The score's name becomes an attribute of XML and a key of JSON: libvkvmaf checks it. */
static int open_file(struct model_file *file, const VmafModelConfig *cfg, char *path, bool is_tiny)
{
    *file = (struct model_file){.path = path, .is_tiny = is_tiny};
    if (!path)
        return no_memory();
    const int n = snprintf(file->name, sizeof(file->name), "%s", cfg->name ? cfg->name : "vmaf");
    if (n >= (int)sizeof(file->name))
        return refuse("the name of a model has %d characters, at most %zu are accepted", n, sizeof(file->name) - 1);
    file->flags = (cfg->flags & VMAF_MODEL_FLAG_DISABLE_CLIP ? VKV_MODEL_DISABLE_CLIP : 0) |
                  (cfg->flags & VMAF_MODEL_FLAG_ENABLE_TRANSFORM ? VKV_MODEL_ENABLE_TRANSFORM : 0);
    return model_settle(file);
}

static void close_file(struct model_file *file)
{
    vkv_model_close(&file->model);
    free(file->path);
}

/* ---- where models lie ------------------------------------------------------------------------------------------- */

/* What lies beside vkvmaf lies so beside this library, in whatever program it is. */
static void set_program(void)
{
    char path[PATH_MAX + 64];
    Dl_info info;
    char *const library = dladdr("", &info) && info.dli_fname ? realpath(info.dli_fname, NULL) : NULL;
    char *const slash = library ? strrchr(library, '/') : NULL;
    if (slash)
        snprintf(path, sizeof(path), "%.*s/" VKVMAF_BINDIR_BESIDE, (int)(slash - library), library);
    char *const folder = slash ? realpath(path, NULL) : NULL;
    if (folder && snprintf(path, sizeof(path), "%s/vkvmaf", folder) < (int)sizeof(path))
        model_path_program(path);
    free(folder);
    free(library);
}

static void know_folders(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_program);
}

/* Programs that miss a model ask for a collection of the same name next: that it is missing, too, is no news. Returns
 * the level of what is said of a name. */
static int level_of_missing(const char *version, bool is_collection_asked)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char missed[64];
    pthread_mutex_lock(&lock);
    const bool is_news = !is_collection_asked || strcmp(missed, version);
    snprintf(missed, sizeof(missed), "%s", is_collection_asked ? "" : version);
    pthread_mutex_unlock(&lock);
    return is_news ? VKV_LOG_WARNING : VKV_LOG_DEBUG;
}

/* The file of one of libvmaf's models; NULL after a line. To be freed. */
static char *find_version(const char *version, bool is_collection_asked)
{
    struct svm_request request = {.name = "vmaf"};
    struct svm_place *const place = malloc(sizeof(*place));
    vkv_model_params params;
    char *path = NULL;
    const int n = snprintf(request.version, sizeof(request.version), "%s", version);
    if (!place || !*version || strchr(version, '/') || n >= (int)sizeof(request.version))
        say(level_of_missing(version, is_collection_asked), "\"%.255s\" is no model's name", version);
    else if (svm_path_find(&request, &params, place))
        say(level_of_missing(version, is_collection_asked), "%s", place->error);
    else
        path = strdup(params.path);
    free(place);
    return path;
}

/* 0, or -EINVAL after a line. */
static int find_model(const char *version, char **path, bool *is_tiny)
{
    know_folders();
    *is_tiny = !strncmp(version, TINY, strlen(TINY));
    *path = *is_tiny ? strdup(version) : find_version(version, false);
    return *path ? 0 : -EINVAL;
}

/* By its ending, as libvkvmaf tells the formats apart. */
static bool is_network(const char *path)
{
    static const char ending[] = ".onnx";
    const size_t n = strlen(path), n_ending = strlen(ending);
    return n >= n_ending && !strcmp(path + n - n_ending, ending);
}

/* ---- single models ---------------------------------------------------------------------------------------------- */

static int make_model(VmafModel **model, const VmafModelConfig *cfg, char *path, bool is_tiny)
{
    VmafModel *made = calloc(1, sizeof(*made));
    if (!made) {
        free(path);
        return no_memory();
    }
    int err = open_file(&made->file, cfg, path, is_tiny);
    if (!err && is_collection(&made->file)) {
        say(VKV_LOG_DEBUG, "%s: is a collection of models, a single one was asked for", path);
        err = -EINVAL;
    }
    if (err)
        vmaf_model_destroy(made);
    else
        *model = made;
    return err;
}

int vmaf_model_load(VmafModel **model, VmafModelConfig *cfg, const char *version)
{
    char *path;
    bool is_tiny;
    if (!model || !cfg || !version)
        return -EINVAL;
    const int err = find_model(version, &path, &is_tiny);
    return err ? err : make_model(model, cfg, path, is_tiny);
}

int vmaf_model_load_from_path(VmafModel **model, VmafModelConfig *cfg, const char *path)
{
    return !model || !cfg || !path ? -EINVAL : make_model(model, cfg, strdup(path), is_network(path));
}

void vmaf_model_destroy(VmafModel *model)
{
    if (!model)
        return;
    close_file(&model->file);
    free(model);
}

/* ---- collections ------------------------------------------------------------------------------------------------ */

static int make_collection(VmafModelCollection **collection, const VmafModelConfig *cfg, char *path)
{
    VmafModelCollection *made = calloc(1, sizeof(*made));
    if (!made) {
        free(path);
        return no_memory();
    }
    int err = open_file(&made->file, cfg, path, false);
    if (!err && !is_collection(&made->file)) {
        say(VKV_LOG_DEBUG, "%s: is a single model, a collection was asked for", path);
        err = -EINVAL;
    }
    if (err)
        vmaf_model_collection_destroy(made);
    else
        *collection = made;
    return err;
}

int vmaf_model_collection_load_from_path(VmafModel **model, VmafModelCollection **model_collection,
                                         VmafModelConfig *cfg, const char *path)
{
    VmafModelCollection *collection = NULL;
    if (!model || !model_collection || !cfg || !path)
        return -EINVAL;
    int err = make_collection(&collection, cfg, strdup(path));
    if (err)
        return err;
    VmafModel *const first = calloc(1, sizeof(*first));
    err = first ? open_file(&first->file, cfg, strdup(path), false) : no_memory();
    if (err) {
        vmaf_model_destroy(first);
        vmaf_model_collection_destroy(collection);
        return err;
    }
    *model = first;
    *model_collection = collection;
    return 0;
}

int vmaf_model_collection_load(VmafModel **model, VmafModelCollection **model_collection, VmafModelConfig *cfg,
                               const char *version)
{
    if (!model || !model_collection || !cfg || !version)
        return -EINVAL;
    know_folders();
    char *const path = find_version(version, true);
    const int err = path ? vmaf_model_collection_load_from_path(model, model_collection, cfg, path) : -EINVAL;
    free(path);
    return err;
}

void vmaf_model_collection_destroy(VmafModelCollection *model_collection)
{
    if (!model_collection)
        return;
    close_file(&model_collection->file);
    free(model_collection);
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

/* The family of a model's features; NULL: it has none of that name. */
static const vkv_family_info *find_family(const struct model_file *file, const char *name)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    const vkv_model_info *const info = vkv_model_get_info(file->model);
    for (uint32_t r = 0; r < info->n_requests; r++)
        for (uint32_t i = 0; i < n; i++)
            if (!strcmp(info->requests[r]->family, name) && !strcmp(families[i]->name, name))
                return families[i];
    return NULL;
}

static struct override *override_of(struct model_file *file, const vkv_family_info *family)
{
    unsigned i = 0;
    while (i < file->n_overrides && file->overrides[i].family != family)
        i++;
    if (i == OVERRIDES_MAX)
        return NULL;
    if (i == file->n_overrides)
        file->overrides[file->n_overrides++] = (struct override){.family = family};
    return &file->overrides[i];
}

static int overload(struct model_file *file, const char *name, const VmafFeatureDictionary *dictionary)
{
    const vkv_family_info *const family = find_family(file, name);
    if (!family)
        return 0;
    struct override *const override = override_of(file, family);
    if (!override)
        return refuse("options of more than %d features are changed in one model", OVERRIDES_MAX);
    file->is_changed = true;
    return dictionary_text(dictionary, family, override->options, sizeof(override->options));
}

int vmaf_model_feature_overload(VmafModel *model, const char *feature_name, VmafFeatureDictionary *opts_dict)
{
    if (!model || !feature_name || !opts_dict)
        return -EINVAL;
    const int err = overload(&model->file, feature_name, opts_dict);
    vmaf_feature_dictionary_free(&opts_dict);
    return err;
}

int vmaf_model_collection_feature_overload(VmafModel *model, VmafModelCollection **model_collection,
                                           const char *feature_name, VmafFeatureDictionary *opts_dict)
{
    if (!model_collection || !*model_collection)
        return -EINVAL;
    const int of_members =
        feature_name && opts_dict ? overload(&(*model_collection)->file, feature_name, opts_dict) : -EINVAL;
    const int of_model = vmaf_model_feature_overload(model, feature_name, opts_dict);
    return of_members ? of_members : of_model;
}
