/* libvmaf 3.2.0's interface on vkvmaf: every name, type and number is libvmaf's, so that programs that were compiled
 * with its headers run with this library, and programs that are compiled with these run with libvmaf.
 *
 * Functions return 0 or a negative errno value. A failure may print one line to standard error, "vkvmaf: ...", if the
 * log level allows it. Different contexts may be used in different threads; they share one device. */
#ifndef VKVMAF_LIBVMAF_LIBVMAF_H
#define VKVMAF_LIBVMAF_LIBVMAF_H

#include <stdint.h>

#include "libvmaf/feature.h"
#include "libvmaf/model.h"
#include "libvmaf/picture.h"

#ifdef __cplusplus
extern "C" {
#endif

enum VmafLogLevel {
    VMAF_LOG_LEVEL_NONE = 0,
    VMAF_LOG_LEVEL_ERROR = 1,
    VMAF_LOG_LEVEL_WARNING = 2,
    VMAF_LOG_LEVEL_INFO = 3,
    VMAF_LOG_LEVEL_DEBUG = 4
};

enum VmafOutputFormat {
    VMAF_OUTPUT_FORMAT_NONE = 0,
    VMAF_OUTPUT_FORMAT_XML = 1,
    VMAF_OUTPUT_FORMAT_JSON = 2,
    VMAF_OUTPUT_FORMAT_CSV = 3,
    VMAF_OUTPUT_FORMAT_SUB = 4
};

enum VmafPoolingMethod {
    VMAF_POOL_METHOD_UNKNOWN = 0,
    VMAF_POOL_METHOD_MIN = 1,
    VMAF_POOL_METHOD_MAX = 2,
    VMAF_POOL_METHOD_MEAN = 3,
    VMAF_POOL_METHOD_HARMONIC_MEAN = 4,
    VMAF_POOL_METHOD_NB = 5
};

typedef struct VmafConfiguration {
    enum VmafLogLevel log_level; /* of the process: the latest context's holds */
    unsigned n_threads;          /* without effect */
    unsigned n_subsample;        /* score every so many frames; 0 and 1: all */
    uint64_t cpumask, gpumask;   /* without effect */
} VmafConfiguration;

typedef struct VmafContext VmafContext;

/* Makes a context, the caller's (vmaf_close). $VKVMAF_DEVICE chooses the device, as `vkvmaf --device`; it is opened
 * with the first picture. 0, -EINVAL or -ENOMEM. */
int vmaf_init(VmafContext **vmaf, VmafConfiguration cfg);

/* Asks for the features of a model, or of a feature extractor by name, before the first picture. The dictionary (NULL:
 * no options) is taken over unless the name is not known. 0; -EINVAL: vkvmaf does not compute this; -ENOMEM. */
int vmaf_use_features_from_model(VmafContext *vmaf, VmafModel *model);
int vmaf_use_features_from_model_collection(VmafContext *vmaf, VmafModelCollection *model_collection);
int vmaf_use_feature(VmafContext *vmaf, const char *feature_name, VmafFeatureDictionary *opts_dict);

/* Sets a score that was computed elsewhere. 0; -EINVAL: there is one already; -ENOMEM. */
int vmaf_import_feature_score(VmafContext *vmaf, const char *feature_name, double value, unsigned index);

/* Scores a pair of pictures, and takes them over if it returns 0. Size and format of the first pair are binding.
 * `index` counts from 0 without gaps where motion is asked for. Blocks while as many pictures are under way as the
 * device takes. Two NULLs end the input: motion2 and what depends on it are there from then on. 0 or a negative errno
 * value. */
int vmaf_read_pictures(VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index);

/* A score of one frame; -EINVAL: there is none (yet). A model's is computed when it is asked for. */
int vmaf_score_at_index(VmafContext *vmaf, VmafModel *model, double *score, unsigned index);
int vmaf_score_at_index_model_collection(VmafContext *vmaf, VmafModelCollection *model_collection,
                                         VmafModelCollectionScore *score, unsigned index);
int vmaf_feature_score_at_index(VmafContext *vmaf, const char *feature_name, double *score, unsigned index);

/* The same of the frames from `index_low` to `index_high`, pooled. */
int vmaf_score_pooled(VmafContext *vmaf, VmafModel *model, enum VmafPoolingMethod pool_method, double *score,
                      unsigned index_low, unsigned index_high);
int vmaf_score_pooled_model_collection(VmafContext *vmaf, VmafModelCollection *model_collection,
                                       enum VmafPoolingMethod pool_method, VmafModelCollectionScore *score,
                                       unsigned index_low, unsigned index_high);
int vmaf_feature_score_pooled(VmafContext *vmaf, const char *feature_name, enum VmafPoolingMethod pool_method,
                              double *score, unsigned index_low, unsigned index_high);

typedef struct VmafPictureConfiguration {
    struct {
        unsigned w, h;
        unsigned bpc;
        enum VmafPixelFormat pix_fmt;
    } pic_params;
    unsigned pic_cnt;
} VmafPictureConfiguration;

/* Allocates pictures that are used again and again. 0, -EINVAL or -ENOMEM. */
int vmaf_preallocate_pictures(VmafContext *vmaf, VmafPictureConfiguration cfg);
/* Gives one of them; blocks until one is free. -EINVAL without vmaf_preallocate_pictures. */
int vmaf_fetch_preallocated_picture(VmafContext *vmaf, VmafPicture *pic);

int vmaf_close(VmafContext *vmaf);

/* Writes the log of all scores that there are so far. 0; -EINVAL: the file cannot be written; -ENOMEM. */
int vmaf_write_output(VmafContext *vmaf, const char *output_path, enum VmafOutputFormat fmt);

/* "3.2.0", the libvmaf whose interface and numbers these are. */
const char *vmaf_version(void);

#ifdef __cplusplus
}
#endif

#endif
