#include "onnx/wire.h"

#include <stdlib.h>
#include <string.h>

static bool take_varint(struct wire_span *rest, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && rest->n; shift += 7) {
        const uint8_t byte = *rest->bytes++;
        rest->n--;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

bool wire_next(struct wire_span *rest, struct wire_field *field)
{
    uint64_t tag, n = 0;

    *field = (struct wire_field){0};
    if (!rest->n || !take_varint(rest, &tag) || tag >> 3 > UINT32_MAX)
        return false;
    field->number = (uint32_t)(tag >> 3);
    field->type = tag & 7;
    switch (field->type) {
    case 0: return take_varint(rest, &field->value);
    case 1: n = 8; break;
    case 2:
        if (!take_varint(rest, &n))
            return false;
        break;
    case 5: n = 4; break;
    default: return false;
    }
    if (n > rest->n)
        return false;
    field->data = (struct wire_span){rest->bytes, (size_t)n};
    rest->bytes += n;
    rest->n -= (size_t)n;
    return true;
}

bool wire_find(struct wire_span message, uint32_t number, struct wire_field *field)
{
    while (wire_next(&message, field))
        if (field->number == number)
            return true;
    return false;
}

bool wire_is(struct wire_span span, const char *text)
{
    return wire_equal(span, (struct wire_span){(const uint8_t *)text, strlen(text)});
}

bool wire_equal(struct wire_span a, struct wire_span b)
{
    return a.n == b.n && (!a.n || memcmp(a.bytes, b.bytes, a.n) == 0);
}

static void put(struct wire_message *m, const void *bytes, size_t n)
{
    if (m->is_broken || !n)
        return;
    if (n > m->room - m->n) {
        const size_t room = 2 * m->room + n + 64;
        uint8_t *larger = realloc(m->bytes, room);
        if (!larger) {
            m->is_broken = true;
            return;
        }
        m->bytes = larger;
        m->room = room;
    }
    memcpy(m->bytes + m->n, bytes, n);
    m->n += n;
}

static void put_varint(struct wire_message *m, uint64_t value)
{
    do {
        const uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        put(m, &byte, 1);
        value >>= 7;
    } while (value);
}

void wire_put_integer(struct wire_message *message, uint32_t number, int64_t value)
{
    put_varint(message, (uint64_t)number << 3);
    put_varint(message, (uint64_t)value);
}

void wire_put_bytes(struct wire_message *message, uint32_t number, const void *bytes, size_t n)
{
    put_varint(message, (uint64_t)number << 3 | 2);
    put_varint(message, n);
    put(message, bytes, n);
}

void wire_put_fixed32(struct wire_message *message, uint32_t number, uint32_t value)
{
    put_varint(message, (uint64_t)number << 3 | 5);
    wire_put_raw(message, value, 4);
}

void wire_put_text(struct wire_message *message, uint32_t number, const char *text)
{
    wire_put_bytes(message, number, text, strlen(text));
}

void wire_put_field(struct wire_message *message, const struct wire_field *field)
{
    put_varint(message, (uint64_t)field->number << 3 | field->type);
    if (field->type == 0)
        put_varint(message, field->value);
    if (field->type == 2)
        put_varint(message, field->data.n);
    put(message, field->data.bytes, field->data.n);
}

void wire_put_message(struct wire_message *message, uint32_t number, struct wire_message *part)
{
    message->is_broken |= part->is_broken;
    wire_put_bytes(message, number, part->bytes, part->n);
    wire_free(part);
}

void wire_put_raw(struct wire_message *message, uint64_t value, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t byte = (uint8_t)(value >> 8 * i);
        put(message, &byte, 1);
    }
}

void wire_free(struct wire_message *message)
{
    free(message->bytes);
    *message = (struct wire_message){0};
}
