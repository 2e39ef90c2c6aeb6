/* The folders where the files of libvmaf's models are looked up. The environment is read here: VKVMAF_LIBVMAF_MODELS
 * (folders, separated by colons), XDG_DATA_HOME and HOME (the user's data), and what names Python's environments. */
#ifndef VKVMAF_SVM_FOLDERS_H
#define VKVMAF_SVM_FOLDERS_H

#include <stdbool.h>

#define SVM_FOLDER_ROOM 4096

/* Calls `visit` with each folder in the order of the search, until it returns true; whether it did. A folder need not
 * be there, but for those of Python's packages, and those below another one that libvmaf's source has for VMAF v1. */
bool svm_folders_visit(bool (*visit)(void *user, const char *folder), void *user);

/* The folder of the user's data, where files are put. False: the environment names none. */
bool svm_folders_own(char folder[SVM_FOLDER_ROOM]);

#endif
