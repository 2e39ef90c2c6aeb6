/* --feature: what is extracted from each pair of pictures, in libvmaf's words. */
#ifndef VKVMAF_EXTRACTOR_H
#define VKVMAF_EXTRACTOR_H

#include <stdbool.h>
#include <stddef.h>

enum extractor_kind { EXTRACT_ADM, EXTRACT_MOTION, EXTRACT_VIF, EXTRACT_PSNR, N_EXTRACTORS };

/* The gain limits that features can be computed with: 100, or 1 (NEG). */
enum limits { LIMITS_DEFAULT, LIMITS_NEG, N_LIMITS };
#define LIMIT_DEFAULT 100.0
#define LIMIT_NEG 1.0

struct extractor {
    enum extractor_kind kind;
    enum limits limits;  /* of adm and vif */
    bool debug;          /* motion: "integer_motion", too */
    bool luma_only, mse; /* psnr */
};

/* Reads NAME[=KEY=VALUE[:KEY=VALUE]...]. 0, or -1 with the reason in `why`. */
int extractor_parse(const char *argument, struct extractor *extractor, char *why, size_t why_room);

/* One of each kind and limits: as in libvmaf, the first of them stays, whatever else it was given. */
#define EXTRACTORS_MAX (N_EXTRACTORS * N_LIMITS)
struct extractor_list {
    struct extractor at[EXTRACTORS_MAX];
    unsigned n;
};
void extractor_add(struct extractor_list *list, const struct extractor *extractor);
/* NULL when there is none. */
const struct extractor *extractor_find(const struct extractor_list *list, enum extractor_kind kind, enum limits limits);

#endif
