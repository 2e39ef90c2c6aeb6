/* The files of libvmaf's models that can be installed, and the package of PyPI that has them. */
#ifndef VKVMAF_SVM_KNOWN_H
#define VKVMAF_SVM_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#define SVM_PACKAGE "ffmpeg-quality-metrics"
#define SVM_PACKAGE_VERSION "3.13.0"
/* The files' folder in it. */
#define SVM_PACKAGE_FOLDER "ffmpeg_quality_metrics/vmaf_models"

#define SVM_INSTALL "vkvmaf models install"

struct svm_file {
    const char *name, *sha256;
};

/* The models, and their licence. */
extern const struct svm_file svm_files[];
extern const size_t svm_n_files;

/* The model's name, as after version=. False: the file is none. */
#define SVM_VERSION_ROOM 64
bool svm_file_version(const struct svm_file *file, char version[SVM_VERSION_ROOM]);

/* Whether a version is one of these files. */
bool svm_is_known(const char *version);

#endif
