/* A model of libvmaf over the six features: it labels rows. */
#ifndef VKVMAF_MODEL_TEACHER_H
#define VKVMAF_MODEL_TEACHER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"

struct teacher {
    vkv_model *model;
    uint32_t feature_at[PLAN_N_INPUTS]; /* of the model's order in ours */
};

/* The model's features have standard options, whatever the file says. False after a message. */
bool teacher_read(const char *path, struct teacher *teacher);
/* Accepts a zeroed struct. */
void teacher_free(struct teacher *teacher);
/* The score, not clipped. `features` in our order. Thread-safe. */
double teacher_score(const struct teacher *teacher, const double *features);

#endif
