/* The model that an argument and the options of the --tiny family name. */
#ifndef VKVMAF_MODEL_OPEN_MODEL_H
#define VKVMAF_MODEL_OPEN_MODEL_H

#include <stdbool.h>
#include <stdio.h>

#include "model/files/model_files.h"
#include "arguments.h"
#include "common/model_path.h"

/* The options --tiny-quant, --tiny-registry, --models-dir and --tiny-model-verify. */
struct argument_rows model_option_rows(struct model_request *request);

/* Opens a model by the rules of docs/registry.md. False after a message. */
bool open_model(const struct model_request *request, vkv_model **model);
/* "model vmaf_tiny_v4: vmaf_tiny_v4.int8.onnx, dynamic" */
void show_model(FILE *stream, const vkv_model_info *info);

/* One model file as it is, inside the jail; no registry is asked. `read->bytes` is for mem_free. False after a
 * message. */
bool read_model_file(const char *path, struct model_bytes *read);

#endif
