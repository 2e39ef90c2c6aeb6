/* Options of a feature extractor: words as programs give them, and the text that libvkvmaf takes. */
#ifndef VKVMAF_LIBVMAF_DICTIONARY_H
#define VKVMAF_LIBVMAF_DICTIONARY_H

#include <stddef.h>

#include "libvmaf/feature.h"
#include "vkvmaf/vkvmaf.h"

struct VmafFeatureDictionary {
    size_t n;
    struct entry {
        char *key, *value;
    } *entries;
};

/* A copy; NULL: there is no memory. */
VmafFeatureDictionary *dictionary_copy(const VmafFeatureDictionary *dictionary);

/* Appends those options that the family has to `text`, KEY=VALUE separated by colons. As in libvmaf options of other
 * extractors are passed over. 0; -EINVAL after a line: an option of libvmaf's extractor that vkvmaf does not have, with
 * a value that makes a difference; or there is no room. */
int dictionary_text(const VmafFeatureDictionary *dictionary, const vkv_family_info *family, char *text, size_t room);

#endif
