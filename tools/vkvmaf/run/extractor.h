/* --feature: what is extracted from each pair of pictures, in libvmaf's words. */
#ifndef VKVMAF_EXTRACTOR_H
#define VKVMAF_EXTRACTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "vkvmaf/vkvmaf.h"

#define EXTRACTOR_OPTIONS_ROOM 512

/* A family with options. */
struct extractor {
    const vkv_family_info *family;
    char options[EXTRACTOR_OPTIONS_ROOM]; /* those that are not the default, in the library's order */
    uint32_t n_planes;                    /* planes of a picture that it looks at */
};

/* Reads NAME[=KEY=VALUE[:KEY=VALUE]...]. 0, or -1 with the reason in `why`. */
int extractor_parse(const char *argument, struct extractor *extractor, char *why, size_t why_room);
/* The same from a request of the library. */
int extractor_of_request(const vkv_request *request, struct extractor *extractor, char *why, size_t why_room);

/* The library's family of this name; NULL when there is none. */
const vkv_family_info *extractor_family(const char *name);
/* The names that there are, for a message: "adm, motion, psnr or vif". */
void extractor_names(char *text, size_t room);

/* One for each name that columns get: switches that add columns do not count. As in libvmaf the first stays, whatever
 * else it was given. */
#define EXTRACTORS_MAX 32
struct extractor_list {
    struct extractor at[EXTRACTORS_MAX];
    unsigned n;
};
/* 0, or -1 when there is no room. */
int extractor_add(struct extractor_list *list, const struct extractor *extractor);
/* The one in the list that stands for `extractor`; NULL when there is none. */
const struct extractor *extractor_find(const struct extractor_list *list, const struct extractor *extractor);
/* Adds the columns that libvmaf's extractor has without a switch. 0, or -1 when there is no room. */
int extractor_add_libvmaf_columns(struct extractor *extractor);
/* Options of a family for features that do not reward enhancement; "" where it has none. */
void extractor_neg_options(const vkv_family_info *family, char options[EXTRACTOR_OPTIONS_ROOM]);

#endif
