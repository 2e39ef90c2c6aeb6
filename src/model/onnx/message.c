/* Questions that are asked of every message of an ONNX file. */
#include "model/onnx/reader.h"

struct text text_of(ProtobufCBinaryData data)
{
    return (struct text){data.data, data.len};
}

uint32_t unknown_field(const ProtobufCMessage *message, const uint32_t *ignored)
{
    for (unsigned i = 0; i < message->n_unknown_fields; i++) {
        const uint32_t tag = message->unknown_fields[i].tag;
        const uint32_t *known = ignored;
        while (*known && *known != tag)
            known++;
        if (!*known)
            return tag;
    }
    return 0;
}
