/* A model of libvmaf as the library holds it: read by svm_json.c and svm_text.c, evaluated by svm.c. */
#ifndef VKV_MODEL_SVM_H
#define VKV_MODEL_SVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

#define SVM_MAX_BYTES ((size_t)1 << 20)
#define SVM_MAX_VECTORS 65536
#define SVM_MAX_KNOTS 10

/* Where messages go, and what they start with: the file, and in a collection the member. */
struct svm_reader {
    const vkv_log *log;
    char subject[320];
};

/* The options of a feature that are accepted. */
enum svm_option { SVM_OPTION_NONE, SVM_OPTION_VIF_GAIN, SVM_OPTION_ADM_GAIN };

struct svm_feature {
    const char *key;  /* in feature_names */
    const char *name; /* in logs */
    size_t offset;    /* in vkv_result, of a double */
    enum svm_option option;
};
extern const struct svm_feature svm_features[VKV_SVM_MAX_FEATURES];

/* Vectors are dense: what the text leaves out is 0 there, too. */
struct svm_kernel {
    uint32_t n_vectors, n_inputs;
    double gamma, rho;
    double *vectors; /* n_vectors x (1 + n_inputs): coefficient, then the vector */
};

struct svm_knot {
    double x, y;
};

/* Polynomial, then the line through the knots, then bounds by the score that went in. */
struct svm_transform {
    bool is_on, has_polynomial, out_lte_in, out_gte_in;
    double p[3];      /* 0 where not given */
    uint32_t n_knots; /* 0: none; x ascends, y does not descend */
    struct svm_knot knots[SVM_MAX_KNOTS];
};

/* slopes[0] and intercepts[0] belong to the score (1 and 0 without rescaling), the others to the features. */
struct svm_member {
    char type[32];
    uint32_t n_features;
    uint8_t features[VKV_SVM_MAX_FEATURES]; /* index into svm_features */
    double vif_gain_limit, adm_gain_limit;  /* 0: no such feature */
    bool rescales, clips;
    double slopes[1 + VKV_SVM_MAX_FEATURES], intercepts[1 + VKV_SVM_MAX_FEATURES];
    double clip_low, clip_high;
    struct svm_transform transform;
    struct svm_kernel kernel;
};

struct vkv_svm {
    vkv_svm_info info;
    uint32_t n_members;
    struct svm_member members[VKV_SVM_MAX_MEMBERS];
};

/* svm_json.c: fills members and n_members of zeroed memory from the text of a file, for svm_free also after a failure.
 * `flags`: VKV_SVM_*. Numbers are read in the locale of the thread, which must be "C".
 * VKV_ERR_MODEL, VKV_ERR_MEMORY. */
int svm_read(struct svm_reader *reader, const uint8_t *bytes, size_t n, uint32_t flags, struct vkv_svm *svm);
void svm_free(struct vkv_svm *svm);

/* svm_text.c: fills `kernel` from libsvm's text of a model with `n_inputs` inputs. The same errors. */
int svm_read_kernel(struct svm_reader *reader, const char *text, uint32_t n_inputs, struct svm_kernel *kernel);

#endif
