/* The JSON of a model: "model_dict" with libsvm's text in it, or a collection of such under "0", "1", ... */
#include "model/svm/svm.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/try.h"
#include "model/files/json.h"
#include "model/svm/svm_fields.h"

static int read_types(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    static const char *const types[] = {"LIBSVMNUSVR", "BOOTSTRAP_LIBSVMNUSVR", "RESIDUEBOOTSTRAP_LIBSVMNUSVR"};
    const char *type = svm_string(reader, dict, "model_type");
    const char *norm = type ? svm_string(reader, dict, "norm_type") : NULL;
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

static int read_rescaling(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    const uint32_t n = 1 + member->n_features;
    if (!member->rescales)
        return VKV_OK;
    int err = svm_numbers(reader, svm_field(dict, "slopes"), "slopes", n, member->slopes);
    if (err)
        return err;
    err = svm_numbers(reader, svm_field(dict, "intercepts"), "intercepts", n, member->intercepts);
    if (err)
        return err;
    if (member->slopes[0] == 0)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: the first of 'slopes' is 0, the score is divided by it",
                        reader->subject);
    return VKV_OK;
}

static int read_clip(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    const cJSON *clip = svm_field(dict, "score_clip");
    double bounds[2];

    if (!clip)
        return VKV_OK;
    int err = svm_numbers(reader, clip, "score_clip", 2, bounds);
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
        int err = svm_numbers(reader, item, "a knot", 2, xy);
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
    const cJSON *item = svm_field(object, key);
    if (item && !cJSON_IsString(item))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be a string", reader->subject, key);
    *is_on = item && strcmp(item->valuestring, "true") == 0;
    return VKV_OK;
}

static int read_transform(struct svm_reader *reader, const cJSON *dict, bool is_wanted, struct svm_member *member)
{
    static const char *const coefficients[3] = {"p0", "p1", "p2"};
    struct svm_transform *transform = &member->transform;
    const cJSON *object = svm_field(dict, "score_transform");

    if (!object)
        return VKV_OK;
    if (!cJSON_IsObject(object))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'score_transform' must be an object", reader->subject);
    int err = svm_check_keys(reader, object);
    if (err)
        return err;
    for (int i = 0; i < 3; i++) {
        const cJSON *p = svm_field(object, coefficients[i]);
        if (p && !svm_is_number(p))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%s' must be a finite number", reader->subject,
                            coefficients[i]);
        transform->has_polynomial = transform->has_polynomial || p;
        transform->p[i] = p ? p->valuedouble : 0;
    }
    const cJSON *enabled = svm_field(object, "enabled"), *knots = svm_field(object, "knots");
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

static bool is_named(const cJSON *names, int i, const char *name)
{
    const cJSON *const item = cJSON_GetArrayItem(names, i);
    return item && strcmp(item->valuestring, name) == 0;
}

/* Where chroma and detail stand elsewhere, libvmaf's arithmetic is not known. Null and 0 have no score there. */
static int read_chroma_correction(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(dict, "chroma_correction_parameter");
    const cJSON *const names = svm_field(dict, "feature_names");
    if (!item)
        return VKV_OK;
    if (!svm_is_number(item) || item->valuedouble == 0)
        return log_fail(reader->log, VKV_ERR_MODEL,
                        "%s: 'chroma_correction_parameter' must be a finite number other than 0", reader->subject);
    if (!member->rescales || !is_named(names, SVM_CHROMA, SVM_CHROMA_NAME) ||
        !is_named(names, SVM_DETAIL, SVM_DETAIL_NAME))
        return log_fail(reader->log, VKV_ERR_MODEL,
                        "%s: 'chroma_correction_parameter' is known for norm_type linear_rescale and the features "
                        "%s and %s in second and third place only",
                        reader->subject, SVM_CHROMA_NAME, SVM_DETAIL_NAME);
    member->corrects_chroma = true;
    member->chroma_correction = item->valuedouble;
    return VKV_OK;
}

/* Any other correction would change the score, too. */
static int read_corrections(struct svm_reader *reader, const cJSON *dict, struct svm_member *member)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, dict) {
        const bool is_known = strcmp(item->string, "chroma_correction_parameter") == 0;
        if (!is_known && !cJSON_IsNull(item) && strstr(item->string, "correction"))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: '%.64s' is not known", reader->subject, item->string);
    }
    return read_chroma_correction(reader, dict, member);
}

/* Reads what is done to features before the kernel, and to the score behind it. */
static int read_scaling(struct svm_reader *reader, const cJSON *dict, uint32_t flags, struct svm_member *member)
{
    int err = read_rescaling(reader, dict, member);
    if (err)
        return err;
    err = read_corrections(reader, dict, member);
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
    const cJSON *dict = svm_field(object, "model_dict");

    if (!cJSON_IsObject(dict))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'model_dict' must be an object", reader->subject);
    int err = svm_check_keys(reader, dict);
    if (err)
        return err;
    err = read_types(reader, dict, member);
    if (err)
        return err;
    err = svm_read_inputs(reader, dict, svm, member);
    if (err)
        return err;
    err = read_scaling(reader, dict, flags, member);
    if (err)
        return err;
    const char *text = svm_string(reader, dict, "model");
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
    TRY(svm_check_keys(reader, root));
    err = svm_field(root, "model_dict") ? read_member(reader, root, flags, svm)
                                        : read_collection(reader, root, flags, svm);
fail:
    cJSON_Delete(root);
    return err;
}
