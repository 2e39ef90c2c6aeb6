/* The model that an argument and the options of the --tiny family name. */
#ifndef VKVMAF_MODEL_OPEN_MODEL_H
#define VKVMAF_MODEL_OPEN_MODEL_H

#include <stdbool.h>

#include "model_path.h"

/* True if argv[*i] is --tiny-quant, --tiny-registry, --models-dir or --tiny-model-verify; *is_wrong after a message. */
bool take_model_option(int argc, char **argv, int *i, struct model_request *request, bool *is_wrong);

/* False after a message. */
bool open_model(const struct model_request *request, vkv_model **model);

#endif
