/* Single changes of a SPIR-V module: where they are possible, and the changed words. */
#ifndef MUTANTS_SPIRV_H
#define MUTANTS_SPIRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spirv {
    const uint32_t *words;
    uint32_t n;
};

/* One change: instruction at word `at`; what it becomes depends on `what`. */
enum change {
    CHANGE_OPCODE,   /* word `operand` (0: the instruction's own opcode) gets opcode or literal `value` */
    CHANGE_SWAP,     /* words `operand` and `value` change places */
    CHANGE_CONSTANT, /* the constant that word `operand` names is replaced by one of bits `value` */
    CHANGE_DROP      /* the instruction is gone */
};

struct mutation {
    enum change what;
    uint32_t at, operand, value;
};

/* All changes that leave the module valid, in order; *n of them. The caller frees. NULL: out of memory. */
struct mutation *spirv_mutations(const struct spirv *module, uint32_t *n);

/* The changed module, malloc'ed; *n_words. */
uint32_t *spirv_mutate(const struct spirv *module, const struct mutation *mutation, uint32_t *n_words);

/* Word of the instruction number `ordinal` (from 0) with this opcode behind the function whose name begins with
 * `function` (NULL: in the whole module). 0: there is none. */
uint32_t spirv_find(const struct spirv *module, const char *function, uint32_t opcode, uint32_t ordinal);

/* "OpIAdd 128 at 1234 ...", for people. */
void spirv_describe(const struct spirv *module, const struct mutation *mutation, char *text, size_t size);

#endif
