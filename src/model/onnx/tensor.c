/* A tensor of an ONNX file: its shape, and its elements from whichever field holds them. */
#include <inttypes.h>

#include "common/alloc.h"
#include "common/try.h"
#include "model/onnx/reader.h"
#include "shared/exact_float.h"

/* Numbers are ONNX's. */
enum { LOCATION_INLINE = 0, LOCATION_EXTERNAL = 1 };

static int refuse_tensor(const struct loader *loader, const struct tensor *tensor, const char *reason)
{
    return graph_refuse(loader->graph, "tensor '%s': %s", SHOW(tensor->name), reason);
}

static size_t element_size(enum tensor_type type)
{
    switch (type) {
    case TENSOR_FLOAT:
    case TENSOR_INT32: return 4;
    case TENSOR_UINT8:
    case TENSOR_INT8: return 1;
    case TENSOR_INT64: return 8;
    }
    return 0;
}

static int read_shape(const struct loader *loader, const OnnxPart__Tensor *from, struct tensor *tensor)
{
    const int32_t type = from->has_data_type ? from->data_type : 0;

    if (type != TENSOR_FLOAT && type != TENSOR_UINT8 && type != TENSOR_INT8 && type != TENSOR_INT32 &&
        type != TENSOR_INT64)
        return graph_refuse(loader->graph, "tensor '%s': data type %d is not accepted", SHOW(tensor->name), type);
    tensor->type = (enum tensor_type)type;
    if (from->n_dims > GRAPH_MAX_RANK)
        return graph_refuse(loader->graph, "tensor '%s': %zu dimensions, at most %d are accepted", SHOW(tensor->name),
                            from->n_dims, GRAPH_MAX_RANK);
    tensor->rank = (uint32_t)from->n_dims;
    tensor->n_elements = 1;
    for (uint32_t i = 0; i < tensor->rank; i++) {
        const int64_t dim = from->dims[i];
        if (dim <= 0)
            return graph_refuse(loader->graph, "tensor '%s': dimension %u is %" PRId64, SHOW(tensor->name), i, dim);
        if (dim > GRAPH_MAX_ELEMENTS || (uint64_t)tensor->n_elements * (uint64_t)dim > GRAPH_MAX_ELEMENTS)
            return graph_refuse(loader->graph, "tensor '%s': more than %d elements", SHOW(tensor->name),
                                GRAPH_MAX_ELEMENTS);
        tensor->dims[i] = (uint32_t)dim;
        tensor->n_elements *= (size_t)dim;
    }
    return VKV_OK;
}

static uint64_t little_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    while (n--)
        value = value << 8 | bytes[n];
    return value;
}

static void decode_raw(struct tensor *tensor, const uint8_t *bytes)
{
    const size_t size = element_size(tensor->type);
    for (size_t i = 0; i < tensor->n_elements; i++) {
        const uint64_t value = little_endian(bytes + i * size, size);
        switch (tensor->type) {
        case TENSOR_FLOAT: tensor->floats[i] = xf_from_bits((uint32_t)value); break;
        case TENSOR_UINT8: tensor->integers[i] = (int64_t)value; break;
        case TENSOR_INT8: tensor->integers[i] = (int64_t)(value ^ 0x80) - 0x80; break;
        case TENSOR_INT32: tensor->integers[i] = (int64_t)(value ^ 0x80000000u) - 0x80000000ll; break;
        case TENSOR_INT64:
            tensor->integers[i] = value >> 63 ? -(int64_t)(UINT64_MAX - value) - 1 : (int64_t)value;
            break;
        }
    }
}

/* The typed field that holds a tensor's elements where raw_data does not. */
static size_t typed_count(const OnnxPart__Tensor *from, enum tensor_type type)
{
    switch (type) {
    case TENSOR_FLOAT: return from->n_float_data;
    case TENSOR_INT64: return from->n_int64_data;
    case TENSOR_UINT8:
    case TENSOR_INT8:
    case TENSOR_INT32: return from->n_int32_data;
    }
    return 0;
}

static int decode_typed(const struct loader *loader, const OnnxPart__Tensor *from, struct tensor *tensor)
{
    const int64_t low = tensor->type == TENSOR_UINT8 ? 0 : tensor->type == TENSOR_INT8 ? -128 : INT32_MIN;
    const int64_t high = tensor->type == TENSOR_UINT8 ? 255 : tensor->type == TENSOR_INT8 ? 127 : INT32_MAX;

    for (size_t i = 0; i < tensor->n_elements; i++) {
        if (tensor->type == TENSOR_FLOAT) {
            tensor->floats[i] = from->float_data[i];
        } else if (tensor->type == TENSOR_INT64) {
            tensor->integers[i] = from->int64_data[i];
        } else {
            tensor->integers[i] = from->int32_data[i];
            if (tensor->integers[i] < low || tensor->integers[i] > high)
                return graph_refuse(loader->graph, "tensor '%s': %" PRId64 " does not fit its type", SHOW(tensor->name),
                                    tensor->integers[i]);
        }
    }
    return VKV_OK;
}

/* Checks that exactly one storage is used, and that it has the size that shape and type ask for. */
static int check_storage(const struct loader *loader, const OnnxPart__Tensor *from, const struct tensor *tensor)
{
    const size_t n_typed = typed_count(from, tensor->type), n_bytes = tensor->n_elements * element_size(tensor->type);
    const size_t n_all = from->n_float_data + from->n_int32_data + from->n_int64_data + from->n_string_data +
                         from->n_double_data + from->n_uint64_data;
    const int32_t location = from->has_data_location ? from->data_location : LOCATION_INLINE;

    if (location != LOCATION_INLINE && location != LOCATION_EXTERNAL)
        return refuse_tensor(loader, tensor, "unknown data location");
    if ((location == LOCATION_EXTERNAL) != (from->n_external_data != 0))
        return refuse_tensor(loader, tensor, "external data and data location contradict each other");
    if (from->has_segment)
        return refuse_tensor(loader, tensor, "segments are not accepted");
    if (n_all != n_typed)
        return refuse_tensor(loader, tensor, "data in a field of another type");
    if ((from->has_raw_data != 0) + (n_typed != 0) + (location == LOCATION_EXTERNAL) > 1)
        return refuse_tensor(loader, tensor, "data stored twice");
    if (location == LOCATION_EXTERNAL)
        return tensor->type == TENSOR_FLOAT
                   ? VKV_OK
                   : refuse_tensor(loader, tensor, "external data of a type other than float32");
    if (from->has_raw_data && from->raw_data.len != n_bytes)
        return graph_refuse(loader->graph, "tensor '%s': %zu bytes of data, the dimensions ask for %zu",
                            SHOW(tensor->name), from->raw_data.len, n_bytes);
    if (!from->has_raw_data && n_typed != tensor->n_elements)
        return graph_refuse(loader->graph, "tensor '%s': %zu elements of data, the dimensions ask for %zu",
                            SHOW(tensor->name), n_typed, tensor->n_elements);
    return VKV_OK;
}

static int check_finite(const struct loader *loader, const struct tensor *tensor)
{
    for (size_t i = 0; tensor->floats && i < tensor->n_elements; i++)
        if (!xf_is_finite(tensor->floats[i]))
            return graph_refuse(loader->graph, "tensor '%s': element %zu is not finite", SHOW(tensor->name), i);
    return VKV_OK;
}

int read_tensor(struct loader *loader, const OnnxPart__Tensor *from, struct text name)
{
    struct graph *graph = loader->graph;
    struct tensor *tensor = &graph->tensors[graph->n_tensors++];
    uint8_t *external = NULL;

    tensor->name = name;
    if (unknown_field(&from->base, (const uint32_t[]){12 /* doc_string */, 16 /* metadata_props */, 0}))
        return refuse_tensor(loader, tensor, "a field is not known");
    int err;
    TRY(read_shape(loader, from, tensor));
    TRY(check_storage(loader, from, tensor));
    if (from->n_external_data)
        TRY(read_external(loader, from, tensor, tensor->n_elements * element_size(tensor->type), &external));
    if (tensor->type == TENSOR_FLOAT)
        tensor->floats = mem_alloc(tensor->n_elements, sizeof(float));
    else
        tensor->integers = mem_alloc(tensor->n_elements, sizeof(int64_t));
    if (!tensor->floats && !tensor->integers)
        TRY(log_fail(graph->log, VKV_ERR_MEMORY, "model '%.255s': no memory for tensor '%s'", graph->file, SHOW(name)));
    if (external || from->has_raw_data)
        decode_raw(tensor, external ? external : from->raw_data.data);
    else
        TRY(decode_typed(loader, from, tensor));
    err = check_finite(loader, tensor);
fail:
    mem_free(external);
    return err;
}
