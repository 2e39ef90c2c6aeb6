/* The features of a model, and the options of their families: "feature_names" and "feature_opts_dicts". */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "model/svm/svm_fields.h"

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
    const cJSON *names = svm_field(dict, "feature_names"), *item;
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

/* Numbers are JSON's numbers, switches its booleans, names its strings. */
static bool read_value(const struct option_rule *rule, const cJSON *item, double *value)
{
    if (rule->type == OPTION_SWITCH)
        return cJSON_IsBool(item) && option_read(rule, cJSON_IsTrue(item) ? "true" : "false", value);
    if (rule->type == OPTION_NAME)
        return cJSON_IsString(item) && option_read(rule, item->valuestring, value);
    return cJSON_IsNumber(item) && option_value(rule, item->valuedouble, value);
}

/* Reads the options of one feature over the standard ones in `use`. */
static int read_feature_options(struct svm_reader *reader, const cJSON *object, const char *name,
                                struct family_use *use)
{
    const cJSON *item;

    if (!cJSON_IsObject(object))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_opts_dicts' must be objects", reader->subject);
    int err = svm_check_keys(reader, object);
    if (err)
        return err;
    cJSON_ArrayForEach(item, object) {
        const uint32_t i = family_option(use->family, item->string);
        const bool is_known = i < use->family->info.n_options && use->family->options[i].alias;
        if (!is_known)
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: option '%.64s' of %s is not known", reader->subject,
                            item->string, name);
        if (!read_value(&use->family->options[i], item, &use->options[i]))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: %s of %s must be %s", reader->subject, item->string, name,
                            use->family->info.options[i]->values);
    }
    return VKV_OK;
}

/* Adds a use of a family. All features of a family, also those of other members, come from one run of it. */
static int add_use(struct svm_reader *reader, const char *name, const struct family_use *use, struct svm *svm)
{
    for (uint32_t u = 0; u < svm->n_uses; u++) {
        if (svm->uses[u].family != use->family)
            continue;
        if (!family_use_alike(&svm->uses[u], use))
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: %s has other options than those before", reader->subject,
                            name);
        family_use_add(&svm->uses[u], use);
        return VKV_OK;
    }
    if (svm->n_uses == MODEL_MAX_USES)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: needs more than %d families of features", reader->subject,
                        MODEL_MAX_USES);
    svm->uses[svm->n_uses++] = *use;
    return VKV_OK;
}

/* Reads one object of options for each feature, from the first on. */
static int read_options(struct svm_reader *reader, const cJSON *dict, const struct svm_member *member, struct svm *svm)
{
    const cJSON *options = svm_field(dict, "feature_opts_dicts"), *object = options ? options->child : NULL;

    if (options && !cJSON_IsArray(options))
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: 'feature_opts_dicts' must be an array", reader->subject);
    for (uint32_t i = 0; i < member->n_features; i++, object = object ? object->next : NULL) {
        const struct svm_feature *const feature = &svm->features[member->features[i]];
        const char *const name = feature->family->info.columns[feature->column];
        struct family_use use = family_use_of_column(feature->family, feature->column);
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

int svm_read_inputs(struct svm_reader *reader, const cJSON *dict, struct svm *svm, struct svm_member *member)
{
    const int err = read_features(reader, dict, svm, member);
    return err ? err : read_options(reader, dict, member, svm);
}
