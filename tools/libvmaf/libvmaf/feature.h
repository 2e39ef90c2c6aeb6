/* Options of a feature, by name. */
#ifndef VKVMAF_LIBVMAF_FEATURE_H
#define VKVMAF_LIBVMAF_FEATURE_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct VmafFeatureDictionary VmafFeatureDictionary;

/* Sets an option, and makes the dictionary where `*dict` is NULL. A number is kept with six digits. Both strings are
 * copied. 0, -EINVAL (something is NULL) or -ENOMEM. */
int vmaf_feature_dictionary_set(VmafFeatureDictionary **dict, const char *key, const char *val);

/* Frees a dictionary that no other function has taken over, and sets `*dict` to NULL. 0 or -EINVAL. */
int vmaf_feature_dictionary_free(VmafFeatureDictionary **dict);

#ifdef __cplusplus
}
#endif

#endif
