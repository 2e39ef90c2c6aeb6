#include "spirv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_WORDS 5
#define OP(word) ((word) & 0xffffu)
#define LENGTH(word) ((word) >> 16)

enum {
    OP_NOP = 0,
    OP_NAME = 5,
    OP_EXT_INST = 12,
    OP_TYPE_INT = 21,
    OP_TYPE_FLOAT = 22,
    OP_TYPE_VECTOR = 23,
    OP_TYPE_ARRAY = 28,
    OP_TYPE_RUNTIME_ARRAY = 29,
    OP_TYPE_STRUCT = 30,
    OP_TYPE_POINTER = 32,
    OP_CONSTANT = 43,
    OP_SPEC_CONSTANT_OP = 52,
    OP_FUNCTION = 54,
    OP_STORE = 62,
    OP_ACCESS_CHAIN = 65,
    OP_VECTOR_SHUFFLE = 79,
    OP_COMPOSITE_EXTRACT = 81,
    OP_COPY_OBJECT = 83,
    OP_SELECT = 169,
    OP_SHIFT_RIGHT = 194,
    OP_PHI = 245,
    OP_BRANCH_CONDITIONAL = 250
};

/* ---- opcodes for each other ---- */

static const struct {
    uint16_t from, to;
} exchanges[] = {
    {128, 130},
    {130, 128},
    {132, 128},
    {129, 131},
    {131, 129},
    {133, 129},
    {136, 133}, /* + - * / */
    {134, 132},
    {135, 132},
    {137, 134},
    {138, 139},
    {139, 138}, /* / % */
    {194, 195},
    {195, 194},
    {194, 196},
    {196, 194},
    {197, 199},
    {197, 198},
    {199, 197},
    {198, 197}, /* bits */
    {200, OP_COPY_OBJECT},
    {126, OP_COPY_OBJECT},
    {127, OP_COPY_OBJECT},
    {168, OP_COPY_OBJECT}, /* ~ - ! */
    {170, 171},
    {171, 170},
    {164, 165},
    {165, 164},
    {166, 167},
    {167, 166}, /* == && */
    {172, 174},
    {174, 172},
    {173, 175},
    {175, 173},
    {176, 178},
    {178, 176},
    {177, 179},
    {179, 177}, /* < <= */
    {172, 178},
    {174, 176},
    {173, 179},
    {175, 177},
    {176, 174},
    {178, 172},
    {177, 175},
    {179, 173}, /* < >= */
    {184, 188},
    {188, 184},
    {186, 190},
    {190, 186},
    {184, 190},
    {186, 188}, /* the same of floats */
    {202, 203},
    {203, 202},
    {151, 152},
    {152, 151},
    {237, 239},
    {239, 237},
    {236, 238},
    {238, 236},
};

/* Of GLSL.std.450. */
static const struct {
    uint8_t from, to;
} extended_exchanges[] = {{38, 41}, {41, 38}, {39, 42}, {42, 39}, {73, 75}, {75, 73}, {74, 75}, {37, 40}, {40, 37}};

static bool swaps(uint32_t op)
{
    switch (op) {
    case 130:
    case 131:
    case 134:
    case 135:
    case 136:
    case 137:
    case 138:
    case 139: /* - / % */
    case 172:
    case 173:
    case 174:
    case 175:
    case 176:
    case 177:
    case 178:
    case 179: /* < */
    case 184:
    case 186:
    case 188:
    case 190: return true;
    default: return false;
    }
}

/* ---- what a module declares ---- */

struct view {
    const struct spirv *module;
    uint32_t bound;
    uint32_t *defined; /* by id: the word of the instruction that makes it; 0: none */
    uint32_t *type;    /* by id: its type */
    struct mutation *list;
    uint32_t n, room;
};

static bool has_result_type(uint32_t op)
{
    return (op >= 41 && op <= 46) || (op >= 48 && op <= 52) || (op >= 54 && op <= 61 && op != 56) ||
           op == OP_EXT_INST || (op >= 65 && op <= 70) || (op >= 77 && op <= 84) ||
           (op >= 86 && op <= 215 && op != 99) || op == OP_PHI || (op >= 227 && op <= 242 && op != 228) || op == 1 ||
           (op >= 333 && op <= 366);
}

static void scan(struct view *v)
{
    const uint32_t *w = v->module->words;
    for (uint32_t at = HEADER_WORDS; at < v->module->n; at += LENGTH(w[at])) {
        const uint32_t op = OP(w[at]);
        if (op >= 19 && op <= 33) {
            v->defined[w[at + 1]] = at;
        } else if (has_result_type(op) && LENGTH(w[at]) > 2 && w[at + 2] < v->bound) {
            v->defined[w[at + 2]] = at;
            v->type[w[at + 2]] = w[at + 1];
        }
    }
}

static uint32_t word(const struct view *v, uint32_t id, uint32_t i)
{
    return v->defined[id] ? v->module->words[v->defined[id] + i] : 0;
}

static bool is_constant(const struct view *v, uint32_t id)
{
    if (id >= v->bound || OP(word(v, id, 0)) != OP_CONSTANT)
        return false;
    const uint32_t type = word(v, v->type[id], 0);
    return (OP(type) == OP_TYPE_INT || OP(type) == OP_TYPE_FLOAT) && word(v, v->type[id], 2) == 32;
}

static uint32_t constant_value(const struct view *v, uint32_t id)
{
    return word(v, id, 3);
}

/* ---- the changes ---- */

static void add(struct view *v, enum change what, uint32_t at, uint32_t operand, uint32_t value)
{
    if (v->n == v->room) {
        v->room = v->room ? 2 * v->room : 1024;
        struct mutation *longer = realloc(v->list, v->room * sizeof(*longer));
        if (!longer)
            abort();
        v->list = longer;
    }
    v->list[v->n++] = (struct mutation){what, at, operand, value};
}

static uint32_t scramble(uint32_t n)
{
    n = (n ^ n >> 13) * 1274126177u;
    return n ^ n >> 16;
}

/* One more, one less, a bit turned over; of a float: bits of the significand and of the exponent. */
static void add_constants(struct view *v, uint32_t at, uint32_t operand)
{
    const uint32_t id = v->module->words[at + operand];
    if (!is_constant(v, id))
        return;
    const uint32_t value = constant_value(v, id), random = scramble(at * 31 + operand);
    if (OP(word(v, v->type[id], 0)) == OP_TYPE_FLOAT) {
        add(v, CHANGE_CONSTANT, at, operand, value ^ 1u << (10 + random % 13));
        add(v, CHANGE_CONSTANT, at, operand, value ^ 1u << 23);
        return;
    }
    add(v, CHANGE_CONSTANT, at, operand, value + 1);
    add(v, CHANGE_CONSTANT, at, operand, value - 1);
    add(v, CHANGE_CONSTANT, at, operand, value ^ 1u << random % (value < 256 ? 6 : 17));
}

static void add_opcodes(struct view *v, uint32_t at, uint32_t operand, uint32_t op)
{
    for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++)
        if (exchanges[i].from == op && (operand == 0 || exchanges[i].to != OP_COPY_OBJECT))
            add(v, CHANGE_OPCODE, at, operand, exchanges[i].to);
}

/* Indices into vectors and arrays; members of structures stay. */
static void add_indices(struct view *v, uint32_t at)
{
    const uint32_t *w = v->module->words + at;
    uint32_t type = word(v, v->type[w[3]], 3); /* what the base points to */
    for (uint32_t i = 4; i < LENGTH(w[0]) && type; i++) {
        const uint32_t op = OP(word(v, type, 0));
        if (op == OP_TYPE_STRUCT) {
            type = word(v, type, 2 + constant_value(v, w[i]));
            continue;
        }
        if (is_constant(v, w[i])) {
            const uint32_t value = constant_value(v, w[i]);
            const uint32_t size = op == OP_TYPE_VECTOR  ? word(v, type, 3)
                                  : op == OP_TYPE_ARRAY ? constant_value(v, word(v, type, 3))
                                                        : 0;
            if (size > 1)
                add(v, CHANGE_CONSTANT, at, i, (value + 1) % size);
            if (size > 2)
                add(v, CHANGE_CONSTANT, at, i, (value + size - 1) % size);
        }
        type = word(v, type, 2);
    }
}

static void add_components(struct view *v, uint32_t at)
{
    const uint32_t *w = v->module->words + at;
    if (OP(w[0]) == OP_COMPOSITE_EXTRACT) {
        const uint32_t type = v->type[w[3]];
        if (LENGTH(w[0]) == 5 && OP(word(v, type, 0)) == OP_TYPE_VECTOR)
            add(v, CHANGE_OPCODE, at, 4, (w[4] + 1) % word(v, type, 3));
        return;
    }
    const uint32_t size = word(v, v->type[w[3]], 3) + word(v, v->type[w[4]], 3);
    for (uint32_t i = 5; i < LENGTH(w[0]); i++)
        add(v, CHANGE_OPCODE, at, i, (w[i] + 1) % size);
}

static void add_of(struct view *v, uint32_t at)
{
    const uint32_t *w = v->module->words + at;
    const uint32_t op = OP(w[0]), length = LENGTH(w[0]);
    if (op == OP_SPEC_CONSTANT_OP) {
        add_opcodes(v, at, 3, w[3]);
        for (uint32_t i = 4; i < length && w[3] != OP_COMPOSITE_EXTRACT; i++)
            add_constants(v, at, i);
    } else if (op == OP_STORE) {
        add(v, CHANGE_DROP, at, 0, 0);
        add_constants(v, at, 2);
    } else if (op == OP_ACCESS_CHAIN) {
        add_indices(v, at);
    } else if (op == OP_VECTOR_SHUFFLE || op == OP_COMPOSITE_EXTRACT) {
        add_components(v, at);
    } else if (op == OP_SELECT || op == OP_BRANCH_CONDITIONAL) {
        add(v, CHANGE_SWAP, at, op == OP_SELECT ? 4 : 2, op == OP_SELECT ? 5 : 3);
        for (uint32_t i = 4; i < length && op == OP_SELECT; i++)
            add_constants(v, at, i);
    } else if (op == OP_PHI) {
        for (uint32_t i = 3; i < length; i += 2)
            add_constants(v, at, i);
    } else if (op == OP_EXT_INST) {
        for (size_t i = 0; i < sizeof(extended_exchanges) / sizeof(extended_exchanges[0]); i++)
            if (w[4] == extended_exchanges[i].from)
                add(v, CHANGE_OPCODE, at, 4, extended_exchanges[i].to);
        for (uint32_t i = 5; i < length; i++)
            add_constants(v, at, i);
    } else if (op >= 109 && op < 240 && length >= 4 && has_result_type(op)) {
        const bool atomic = op >= 227;
        add_opcodes(v, at, 0, op);
        if (swaps(op) || (op >= OP_SHIFT_RIGHT && op <= 196 && v->type[w[3]] == v->type[w[4]]))
            add(v, CHANGE_SWAP, at, 3, 4);
        for (uint32_t i = atomic ? 6 : 3; i < length; i++)
            add_constants(v, at, i);
    }
}

struct mutation *spirv_mutations(const struct spirv *module, uint32_t *n)
{
    struct view v = {.module = module, .bound = module->words[3]};
    bool in_function = false;
    v.defined = calloc(2 * (size_t)v.bound, sizeof(*v.defined));
    if (!v.defined)
        return NULL;
    v.type = v.defined + v.bound;
    scan(&v);
    for (uint32_t at = HEADER_WORDS; at < module->n; at += LENGTH(module->words[at])) {
        in_function = in_function || OP(module->words[at]) == OP_FUNCTION;
        if (in_function || OP(module->words[at]) == OP_SPEC_CONSTANT_OP)
            add_of(&v, at);
    }
    free(v.defined);
    *n = v.n;
    return v.list;
}

static uint32_t first_function(const struct spirv *module)
{
    uint32_t at = HEADER_WORDS;
    while (at < module->n && OP(module->words[at]) != OP_FUNCTION)
        at += LENGTH(module->words[at]);
    return at;
}

static uint32_t type_of_constant(const struct spirv *module, uint32_t id)
{
    for (uint32_t at = HEADER_WORDS; at < module->n; at += LENGTH(module->words[at]))
        if (OP(module->words[at]) == OP_CONSTANT && module->words[at + 2] == id)
            return module->words[at + 1];
    return 0;
}

/* A new constant stands before the instruction, or before the first function. */
static void replace_constant(const struct spirv *module, const struct mutation *m, uint32_t *out, uint32_t *n_words)
{
    const uint32_t function = first_function(module), place = m->at < function ? m->at : function;
    const uint32_t added[4] = {4u << 16 | OP_CONSTANT, type_of_constant(module, module->words[m->at + m->operand]),
                               module->words[3], m->value};
    memcpy(out, module->words, place * sizeof(*out));
    memcpy(out + place, added, sizeof(added));
    memcpy(out + place + 4, module->words + place, (module->n - place) * sizeof(*out));
    out[3]++;
    out[m->at + 4 + m->operand] = added[2];
    *n_words = module->n + 4;
}

uint32_t *spirv_mutate(const struct spirv *module, const struct mutation *m, uint32_t *n_words)
{
    uint32_t *out = malloc((module->n + 4) * sizeof(*out));
    if (!out)
        return NULL;
    memcpy(out, module->words, module->n * sizeof(*out));
    *n_words = module->n;
    uint32_t *w = out + m->at;
    if (m->what == CHANGE_CONSTANT) {
        replace_constant(module, m, out, n_words);
    } else if (m->what == CHANGE_OPCODE && m->operand) {
        w[m->operand] = m->value;
    } else if (m->what == CHANGE_OPCODE) {
        w[0] = (w[0] & 0xffff0000u) | m->value;
    } else if (m->what == CHANGE_SWAP) {
        const uint32_t kept = w[m->operand];
        w[m->operand] = w[m->value];
        w[m->value] = kept;
    } else {
        for (uint32_t i = 0, n = LENGTH(w[0]); i < n; i++)
            w[i] = 1u << 16 | OP_NOP;
    }
    return out;
}

static uint32_t function_id(const struct spirv *module, const char *name)
{
    for (uint32_t at = HEADER_WORDS; at < module->n; at += LENGTH(module->words[at]))
        if (OP(module->words[at]) == OP_NAME && !strncmp((const char *)(module->words + at + 2), name, strlen(name)))
            return module->words[at + 1];
    return 0;
}

uint32_t spirv_find(const struct spirv *module, const char *function, uint32_t opcode, uint32_t ordinal)
{
    const uint32_t id = function ? function_id(module, function) : 0;
    bool inside = !function;
    if (function && !id)
        return 0;
    for (uint32_t at = HEADER_WORDS; at < module->n; at += LENGTH(module->words[at])) {
        if (function && OP(module->words[at]) == OP_FUNCTION)
            inside = module->words[at + 2] == id;
        if (inside && OP(module->words[at]) == opcode && ordinal-- == 0)
            return at;
    }
    return 0;
}

void spirv_describe(const struct spirv *module, const struct mutation *m, char *text, size_t size)
{
    static const char *const names[] = {"becomes", "swap", "constant", "drop"};
    snprintf(text, size, "word %u, opcode %u: %s %u %#x", m->at, OP(module->words[m->at]), names[m->what], m->operand,
             m->value);
}
