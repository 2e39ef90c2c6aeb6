/* The function of features that a model of libvmaf holds (a JSON file with a support vector machine): it labels rows.
 */
#ifndef VKVMAF_MODEL_TEACHER_H
#define VKVMAF_MODEL_TEACHER_H

#include <stdbool.h>
#include <stddef.h>

#include "vkvmaf/vkvmaf.h"

struct teacher {
    double slopes[PLAN_N_INPUTS + 1], intercepts[PLAN_N_INPUTS + 1]; /* [0]: the score; then in the file's order */
    int feature_at[PLAN_N_INPUTS];                                    /* of the file's order in ours */
    double gamma, rho;
    size_t n_vectors;
    double *vectors; /* [n_vectors][1 + PLAN_N_INPUTS]: coefficient, numbers */
};

/* False after a message. */
bool teacher_read(const char *path, struct teacher *teacher);
void teacher_free(struct teacher *teacher);
/* The score, not clipped. `features` in our order. */
double teacher_score(const struct teacher *teacher, const double *features);

#endif
