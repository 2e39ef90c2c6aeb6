/* A model of libvmaf as the library holds it: read by svm_json.c, svm_inputs.c and svm_text.c, evaluated by svm.c. */
#ifndef VKV_MODEL_SVM_H
#define VKV_MODEL_SVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

#define SVM_MAX_MEMBERS 32
#define SVM_MAX_BYTES ((size_t)1 << 20)
#define SVM_MAX_VECTORS 65536
#define SVM_MAX_KNOTS 10

_Static_assert(SVM_MAX_MEMBERS + 4 <= MODEL_MAX_OUTPUTS, "members and statistics");

/* The log for messages, and their beginning: the file's name, in a collection with the member. */
struct svm_reader {
    const vkv_log *log;
    char subject[320];
};

/* Vectors are dense: what the text leaves out is 0 there, too. */
struct svm_kernel {
    uint32_t n_vectors, n_inputs;
    double gamma, rho;
    double *vectors; /* n_vectors x (1 + n_inputs): coefficient, then the vector */
};

struct svm_knot {
    double x, y;
};

/* The score goes through the polynomial, then the line through the knots, then bounds by the score that went in. */
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
    uint8_t features[MODEL_MAX_INPUTS]; /* as the file has them: index into .features of the model */
    bool rescales, clips, corrects_chroma;
    double slopes[1 + MODEL_MAX_INPUTS], intercepts[1 + MODEL_MAX_INPUTS];
    double clip_low, clip_high;
    double chroma_correction; /* what the difference of chroma counts as where there is no chroma and adm3 is 0 */
    struct svm_transform transform;
    struct svm_kernel kernel;
};

/* Features that take part in the correction of chroma: their places among those of a member, and their names. */
enum { SVM_CHROMA = 1, SVM_DETAIL = 2 };
#define SVM_CHROMA_NAME "Speed_chroma_feature_speed_chroma_uv_score"
#define SVM_DETAIL_NAME "VMAF_integer_feature_adm3_score"

/* A feature that some member has. */
struct svm_feature {
    const struct family *family;
    uint32_t column;
    uint32_t at; /* in a row of the model's inputs */
};

struct svm {
    uint32_t n_members, n_features;
    struct svm_feature features[MODEL_MAX_INPUTS];
    struct family_use uses[MODEL_MAX_USES]; /* their families, with the options that the file gives */
    uint32_t n_uses;
    struct svm_member members[SVM_MAX_MEMBERS];
};

/* svm_json.c: fills zeroed memory from the text of a file, for svm_destroy also after a failure.
 * `flags`: VKV_MODEL_*. VKV_ERR_MODEL, VKV_ERR_MEMORY. */
int svm_read(struct svm_reader *reader, const uint8_t *bytes, size_t n, uint32_t flags, struct svm *svm);

/* svm_text.c: fills `kernel` from libsvm's text of a model with `n_inputs` inputs. The same errors. */
int svm_read_kernel(struct svm_reader *reader, const char *text, uint32_t n_inputs, struct svm_kernel *kernel);

/* What a member computes on the way to its score. */
struct svm_steps {
    double scaled[MODEL_MAX_INPUTS]; /* its features, in its order, with chroma corrected */
    double sum, raw, transformed, score;
};

/* svm.c: traces member `m` for a row of the model's inputs. */
void svm_trace(const struct svm *svm, uint32_t m, const double *row, struct svm_steps *steps);

#endif
