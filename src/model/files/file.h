/* Reading of regular files only: nothing here blocks on a FIFO or reads from a device. */
#ifndef VKV_MODEL_FILE_H
#define VKV_MODEL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

/* The whole file in memory from mem_alloc. `subject` starts the message of a failure, such as "model 'a.onnx'".
 * VKV_ERR_IO, VKV_ERR_MODEL (longer than max_bytes), VKV_ERR_MEMORY. */
int file_read(const vkv_log *log, const char *subject, const char *path, size_t max_bytes, uint8_t **bytes,
              size_t *n_bytes);

/* The same for a path from realpath: where a part of it has become a symbolic link since, that is an error. */
int file_read_resolved(const vkv_log *log, const char *subject, const char *path, size_t max_bytes, uint8_t **bytes,
                       size_t *n_bytes);

/* Reads `n` bytes from `offset` of a file that lies in `folder` itself, a path from realpath. A symbolic link is not
 * followed. `name` must have no separator. VKV_ERR_IO, VKV_ERR_MODEL (the range leaves the file, or the file is longer
 * than max_bytes). */
int file_read_part(const vkv_log *log, const char *subject, const char *folder, const char *name, size_t max_bytes,
                   uint64_t offset, uint8_t *bytes, size_t n);

#endif
