/* The JSON of a model: "model_dict" with libsvm's text in it, or a collection of such under "0", "1", ... */
#include "model/svm/svm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "model/files/json.h"

/* Most keys in one object. The search for keys that are given twice is quadratic. */
#define MAX_KEYS 256

/* The field `key` of `object`; NULL where it is absent or null. */
static const cJSON *get(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(item) ? NULL : item;
}

static int check_keys(struct svm_reader *reader, const cJSON *object)
{
    int n = 0;
    for (const cJSON *item = object->child; item; item = item->next) {
        if (n++ == MAX_KEYS)
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: an object has more than %d fields", reader->subject,
                            MAX_KEYS);
        for (const cJSON *before = object->child; before != item; before = before->next)
            if (strcmp(before->string, item->string) == 0)
                return log_fail(reader->log, VKV_ERR_MODEL, "%s: field '%.64s' is given twice", reader->subject,
                                item->string);
    }
    return VKV_OK;
}

static bool is_number(const cJSON *item)
{
    return cJSON_IsNumber(item) && isfinite(item->valuedouble);
}

/* Reads an array of exactly `n` numbers. */
static int get_numbers(struct svm_reader *reader, const cJSON *array, const char *key, uint32_t n, double *to)
{
    const cJSON *item = cJSON_IsArray(array) ? array->child : NULL;
    uint32_t i = 0;

    for (; item && i < n && is_number(item); item = item->next)
        to[i++] = item->valuedouble;
    if (item || i != n)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be %u finite numbers", reader->subject, key, n);
    return VKV_OK;
}

/* The string of a field; NULL after a message. */
static const char *get_string(struct svm_reader *reader, const cJSON *object, const char *key)
{
    const cJSON *item = get(object, key);
    if (cJSON_IsString(item))
        return item->valuestring;
    log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be a string", reader->subject, key);
    return NULL;
}

static int read_types(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    static const char *const types[] = {"LIBSVMNUSVR", "BOOTSTRAP_LIBSVMNUSVR", "RESIDUEBOOTSTRAP_LIBSVMNUSVR"};
    const char *type = get_string(reader, dict, "model_type");
    const char *norm = type ? get_string(reader, dict, "norm_type") : NULL;
    size_t i = 0;

    if (!norm)
        return VKV_ERR_MODEL;
    while (i < 3 && strcmp(type, types[i]) != 0)
        i++;
    if (i == 3)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: model_type is '%.64s', one ending in LIBSVMNUSVR was expected",
                        reader->subject, type);
    snprintf(member->type, sizeof(member->type), "%s", type);
    member->rescales = strcmp(norm, "linear_rescale") == 0;
    if (!member->rescales && strcmp(norm, "none") != 0)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: norm_type is '%.64s', linear_rescale or none was expected",
                        reader->subject, norm);
    return VKV_OK;
}

/* Number of the feature in the model's list, to which it is added if it is new. MODEL_MAX_INPUTS: there is no room. */
static uint8_t feature_number(struct svm *svm, const struct family *family, uint32_t column)
{
    uint8_t i = 0;
    while (i < svm->n_features && (svm->features[i].family != family || svm->features[i].column != column))
        i++;
    if (i == svm->n_features && i < MODEL_MAX_INPUTS)
        svm->features[svm->n_features++] = (struct svm_feature){family, column, 0};
    return i;
}

static int add_feature(struct svm_reader *reader, struct svm *svm, const char *name, const struct family *family,
                       uint32_t column, struct svm_member *member)
{
    const uint8_t i = feature_number(svm, family, column);
    if (i == MODEL_MAX_INPUTS)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: needs more than %d features", reader->subject,
                        MODEL_MAX_INPUTS);
    if (memchr(member->features, i, member->n_features))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: feature '%s' is given twice", reader->subject, name);
    member->features[member->n_features++] = i;
    return VKV_OK;
}

/* Names all features that are missing, as far as a line has room. */
static int read_features(struct svm_reader *reader, const cJSON *dict, struct svm *svm, struct svm_member *member)
{
    const cJSON *names = get(dict, "feature_names"), *item;
    char missing[512] = "";

    if (!cJSON_IsArray(names) || !names->child)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_names' must be an array of names", reader->subject);
    cJSON_ArrayForEach(item, names) {
        uint32_t column;
        if (!cJSON_IsString(item))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_names' must be an array of names",
                            reader->subject);
        const struct family *const family = family_of_model_name(item->valuestring, &column);
        const size_t used = strlen(missing);
        int err = VKV_OK;
        if (!family)
            snprintf(missing + used, sizeof(missing) - used, "%s%.64s", used ? ", " : "", item->valuestring);
        else
            err = add_feature(reader, svm, item->valuestring, family, column, member);
        if (err)
            return err;
    }
    if (*missing)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: needs features that are not computed: %s", reader->subject,
                        missing);
    return VKV_OK;
}

/* Reads the options of one feature over the standard ones in `use`. */
static int read_feature_options(struct svm_reader *reader, const cJSON *object, const char *name,
                                struct family_use *use)
{
    const cJSON *item;

    if (!cJSON_IsObject(object))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_opts_dicts' must be objects", reader->subject);
    int err = check_keys(reader, object);
    if (err)
        return err;
    cJSON_ArrayForEach(item, object) {
        const uint32_t i = family_option(use->family, item->string);
        const bool is_known = i < use->family->info.n_options && use->family->options[i].alias;
        if (!is_known)
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: option '%.64s' of %s is not known", reader->subject,
                            item->string, name);
        if (!cJSON_IsNumber(item) || !option_takes(&use->family->options[i], item->valuedouble))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: %s of %s must be %s", reader->subject, item->string, name,
                            use->family->info.options[i]->values);
        use->options[i] = item->valuedouble;
    }
    return VKV_OK;
}

/* Adds a use of a family. All features of a family, also those of other members, come from one run of it. */
static int add_use(struct svm_reader *reader, const char *name, const struct family_use *use, struct svm *svm)
{
    for (uint32_t u = 0; u < svm->n_uses; u++)
        if (svm->uses[u].family == use->family)
            return family_use_equal(&svm->uses[u], use)
                       ? VKV_OK
                       : log_fail(reader->log, VKV_ERR_MODEL, "%s: %s has other options than those before",
                                  reader->subject, name);
    if (svm->n_uses == MODEL_MAX_USES)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: needs more than %d families of features", reader->subject,
                        MODEL_MAX_USES);
    svm->uses[svm->n_uses++] = *use;
    return VKV_OK;
}

/* Reads one object of options for each feature, from the first on. */
static int read_options(struct svm_reader *reader, const cJSON *dict, const struct svm_member *member, struct svm *svm)
{
    const cJSON *options = get(dict, "feature_opts_dicts"), *object = options ? options->child : NULL;

    if (options && !cJSON_IsArray(options))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_opts_dicts' must be an array", reader->subject);
    for (uint32_t i = 0; i < member->n_features; i++, object = object ? object->next : NULL) {
        const struct svm_feature *const feature = &svm->features[member->features[i]];
        const char *const name = feature->family->info.columns[feature->column];
        struct family_use use = family_use_standard(feature->family);
        int err = object ? read_feature_options(reader, object, name, &use) : VKV_OK;
        if (err)
            return err;
        err = add_use(reader, name, &use, svm);
        if (err)
            return err;
    }
    if (object)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_opts_dicts' has more objects than there are features",
                        reader->subject);
    return VKV_OK;
}

static int read_rescaling(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    const uint32_t n = 1 + member->n_features;
    if (!member->rescales)
        return VKV_OK;
    int err = get_numbers(reader, get(dict, "slopes"), "slopes", n, member->slopes);
    if (err)
        return err;
    err = get_numbers(reader, get(dict, "intercepts"), "intercepts", n, member->intercepts);
    if (err)
        return err;
    if (member->slopes[0] == 0)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: the first of 'slopes' is 0, the score is divided by it",
                        reader->subject);
    return VKV_OK;
}

static int read_clip(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    const cJSON *clip = get(dict, "score_clip");
    double bounds[2];

    if (!clip)
        return VKV_OK;
    int err = get_numbers(reader, clip, "score_clip", 2, bounds);
    if (err)
        return err;
    if (bounds[0] > bounds[1])
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'score_clip' is %g to %g", reader->subject, bounds[0],
                        bounds[1]);
    member->clips = true;
    member->clip_low = bounds[0];
    member->clip_high = bounds[1];
    return VKV_OK;
}

static int read_knots(struct svm_reader *reader, const cJSON *knots, struct svm_transform *transform)
{
    const cJSON *item = cJSON_IsArray(knots) ? knots->child : NULL;
    struct svm_knot *knot = transform->knots;
    double xy[2];

    for (; item && transform->n_knots < SVM_MAX_KNOTS; item = item->next, transform->n_knots++, knot++) {
        int err = get_numbers(reader, item, "a knot", 2, xy);
        if (err)
            return err;
        *knot = (struct svm_knot){xy[0], xy[1]};
        if (transform->n_knots && (knot->x <= knot[-1].x || knot->y < knot[-1].y))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: the knots do not ascend", reader->subject);
    }
    if (item || transform->n_knots < 2)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'knots' must be 2 to %d pairs of numbers", reader->subject,
                        SVM_MAX_KNOTS);
    return VKV_OK;
}

static int read_bound(struct svm_reader *reader, const cJSON *object, const char *key, bool *is_on)
{
    const cJSON *item = get(object, key);
    if (item && !cJSON_IsString(item))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be a string", reader->subject, key);
    *is_on = item && strcmp(item->valuestring, "true") == 0;
    return VKV_OK;
}

static int read_transform(struct svm_reader *reader, const cJSON *dict, bool is_wanted, struct svm_member *member)
{
    static const char *const coefficients[3] = {"p0", "p1", "p2"};
    struct svm_transform *transform = &member->transform;
    const cJSON *object = get(dict, "score_transform");

    if (!object)
        return VKV_OK;
    if (!cJSON_IsObject(object))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'score_transform' must be an object", reader->subject);
    int err = check_keys(reader, object);
    if (err)
        return err;
    for (int i = 0; i < 3; i++) {
        const cJSON *p = get(object, coefficients[i]);
        if (p && !is_number(p))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be a finite number", reader->subject,
                            coefficients[i]);
        transform->has_polynomial = transform->has_polynomial || p;
        transform->p[i] = p ? p->valuedouble : 0;
    }
    const cJSON *enabled = get(object, "enabled"), *knots = get(object, "knots");
    if (enabled && !cJSON_IsBool(enabled))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'enabled' must be true or false", reader->subject);
    transform->is_on = is_wanted || cJSON_IsTrue(enabled);
    err = read_bound(reader, object, "out_lte_in", &transform->out_lte_in);
    if (err)
        return err;
    err = read_bound(reader, object, "out_gte_in", &transform->out_gte_in);
    if (err)
        return err;
    return knots ? read_knots(reader, knots, transform) : VKV_OK;
}

/* Reads which features the member takes, and with which options. */
static int read_inputs(struct svm_reader *reader, const cJSON *dict, struct svm *svm, struct svm_member *member)
{
    const int err = read_features(reader, dict, svm, member);
    return err ? err : read_options(reader, dict, member, svm);
}

/* Reads what is done to features before the kernel, and to the score behind it. */
static int read_scaling(struct svm_reader *reader, const cJSON *dict, uint32_t flags, struct svm_member *member)
{
    int err = read_rescaling(reader, dict, member);
    if (err)
        return err;
    err = read_transform(reader, dict, flags & VKV_MODEL_ENABLE_TRANSFORM, member);
    if (err || flags & VKV_MODEL_DISABLE_CLIP)
        return err;
    return read_clip(reader, dict, member);
}

/* `object` has the field "model_dict". */
static int read_member(struct svm_reader *reader, const cJSON *object, uint32_t flags, struct svm *svm)
{
    struct svm_member *const member = &svm->members[svm->n_members++];
    const cJSON *dict = get(object, "model_dict");

    if (!cJSON_IsObject(dict))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'model_dict' must be an object", reader->subject);
    int err = check_keys(reader, dict);
    if (err)
        return err;
    err = read_types(reader, dict, member);
    if (err)
        return err;
    err = read_inputs(reader, dict, svm, member);
    if (err)
        return err;
    err = read_scaling(reader, dict, flags, member);
    if (err)
        return err;
    if (get(dict, "chroma_correction_parameter"))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'chroma_correction_parameter' is not supported",
                        reader->subject);
    const char *text = get_string(reader, dict, "model");
    return text ? svm_read_kernel(reader, text, member->n_features, &member->kernel) : VKV_ERR_MODEL;
}

/* Checks what the members of a collection must have in common: the features of one run go into all of them. */
static int check_member(struct svm_reader *reader, const struct svm *svm)
{
    const struct svm_member *first = &svm->members[0], *last = &svm->members[svm->n_members - 1];
    if (!strstr(first->type, "BOOTSTRAP") || strcmp(last->type, first->type) != 0)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: model_type is '%s', in this collection %s was expected",
                        reader->subject, last->type, svm->n_members > 1 ? first->type : "BOOTSTRAP_LIBSVMNUSVR");
    return VKV_OK;
}

/* Reads members, which are counted up; as in libvmaf anything else is not looked at. */
static int read_collection(struct svm_reader *reader, const cJSON *root, uint32_t flags, struct svm *svm)
{
    const size_t n_subject = strlen(reader->subject);
    const cJSON *item;

    cJSON_ArrayForEach(item, root) {
        char key[16];
        snprintf(key, sizeof(key), "%u", svm->n_members);
        if (strcmp(item->string, key) != 0)
            continue;
        if (svm->n_members == SVM_MAX_MEMBERS)
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: has more than %d members", reader->subject,
                            SVM_MAX_MEMBERS);
        snprintf(reader->subject + n_subject, sizeof(reader->subject) - n_subject, ", member %s", key);
        int err = read_member(reader, item, flags, svm);
        if (err)
            return err;
        err = check_member(reader, svm);
        if (err)
            return err;
        reader->subject[n_subject] = 0;
    }
    if (svm->n_members < 2)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: has neither 'model_dict' nor members '0', '1', ...",
                        reader->subject);
    return VKV_OK;
}

int svm_read(struct svm_reader *reader, const uint8_t *bytes, size_t n, uint32_t flags, struct svm *svm)
{
    cJSON *root = json_parse_object(bytes, n);
    if (!root)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: is not a JSON object", reader->subject);
    int err;
    TRY(check_keys(reader, root));
    err = get(root, "model_dict") ? read_member(reader, root, flags, svm) : read_collection(reader, root, flags, svm);
fail:
    cJSON_Delete(root);
    return err;
}
