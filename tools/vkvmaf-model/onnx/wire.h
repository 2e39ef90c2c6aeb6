/* Protobuf's wire format: fields of a message that lies in memory, and messages under construction. */
#ifndef VKVMAF_MODEL_WIRE_H
#define VKVMAF_MODEL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_span {
    const uint8_t *bytes;
    size_t n;
};

struct wire_field {
    uint32_t number;
    uint32_t type;         /* 0 varint, 1 64 bits, 2 bytes, 5 32 bits */
    uint64_t value;        /* of a varint */
    struct wire_span data; /* of the other types */
};

/* Takes the next field off `rest`. False at the end, and at bytes that are not a field. */
bool wire_next(struct wire_span *rest, struct wire_field *field);
/* The first field of that number; false if there is none. */
bool wire_find(struct wire_span message, uint32_t number, struct wire_field *field);
bool wire_is(struct wire_span span, const char *text);
bool wire_equal(struct wire_span a, struct wire_span b);

struct wire_message {
    uint8_t *bytes;
    size_t n, room;
    bool is_broken; /* memory ran out */
};

void wire_put_integer(struct wire_message *message, uint32_t number, int64_t value);
void wire_put_bytes(struct wire_message *message, uint32_t number, const void *bytes, size_t n);
void wire_put_fixed32(struct wire_message *message, uint32_t number, uint32_t value);
void wire_put_text(struct wire_message *message, uint32_t number, const char *text);
/* Copies a field that was read. */
void wire_put_field(struct wire_message *message, const struct wire_field *field);
/* Puts `part` into `message` and frees it. */
void wire_put_message(struct wire_message *message, uint32_t number, struct wire_message *part);
/* A number as it lies in a packed field or in raw data: `n` bytes, the lowest first. */
void wire_put_raw(struct wire_message *message, uint64_t value, uint32_t n);
void wire_free(struct wire_message *message);

#endif
