/* What each step says it reads and writes (gpu_binding.writes, from which barriers are derived) against what its shader
 * declares: a storage buffer that is not `readonly` there must be written here, and the reverse; every buffer that the
 * shader has is bound. In the texel form, inputs are texel buffers with a view. Exit code 77: no device. */
#include <stdio.h>
#include <string.h>

#include "gpu/gpu_internal.h"
#include "engine/pipeline.h"

#define MAX_IDS 32768
#define MAX_BINDINGS (GPU_TEXEL_BINDING + GPU_N_STORAGE)

enum { OP_TYPE_POINTER = 32, OP_VARIABLE = 59, OP_DECORATE = 71, OP_MEMBER_DECORATE = 72 };
enum { DECORATION_NON_WRITABLE = 24, DECORATION_BINDING = 33 };
enum { CLASS_STORAGE_BUFFER = 12 };

struct declared {
    bool used[MAX_BINDINGS], writable[MAX_BINDINGS];
};

/* From the words of a module. */
static void read_module(const uint32_t *words, size_t n, struct declared *out)
{
    static bool has_binding[MAX_IDS], non_writable[MAX_IDS];
    static uint32_t binding[MAX_IDS], pointee[MAX_IDS];
    memset(has_binding, 0, sizeof(has_binding));
    memset(non_writable, 0, sizeof(non_writable));
    memset(out, 0, sizeof(*out));
    for (size_t i = 5; i < n; i += words[i] >> 16) {
        uint32_t op = words[i] & 0xffff, id = words[i] >> 16 > 1 ? words[i + 1] : 0;
        if (op == OP_DECORATE && words[i + 2] == DECORATION_BINDING) {
            has_binding[id] = true;
            binding[id] = words[i + 3];
        } else if (op == OP_MEMBER_DECORATE && words[i + 3] == DECORATION_NON_WRITABLE) {
            non_writable[id] = true;
        } else if (op == OP_TYPE_POINTER) {
            pointee[id] = words[i + 3];
        } else if (op == OP_VARIABLE && has_binding[words[i + 2]]) {
            uint32_t b = binding[words[i + 2]];
            out->used[b] = true;
            out->writable[b] = words[i + 3] == CLASS_STORAGE_BUFFER && !non_writable[pointee[id]];
        }
    }
}

static unsigned complain(const struct step *step, uint32_t b, const char *what)
{
    printf("%s scale %d, binding %u: %s\n", step->stage, step->scale, b, what);
    return 1;
}

static unsigned check_step(const struct step *step, uint32_t form)
{
    const struct gpu_shader *shader = step->pass->shader;
    const struct gpu_set *set = step->sets[0];
    struct declared d;
    unsigned wrong = 0;
    const struct gpu_code code = gpu_shader_code(shader, form);
    if (code.words[3] > MAX_IDS) {
        printf("%s: ids up to %u, this test has room for %u\n", shader->name, code.words[3], MAX_IDS);
        return 1;
    }
    read_module(code.words, code.bytes / 4, &d);
    for (uint32_t b = 0; b < GPU_N_STORAGE; b++) {
        const struct gpu_binding *here = &set->storage[b];
        bool used = d.used[b] || d.used[GPU_TEXEL_BINDING + b];
        if (used && !here->buffer)
            wrong += complain(step, b, "the shader uses it, nothing is bound");
        if (!used && here->buffer)
            wrong += complain(step, b, "bound, but the shader does not use it");
        if (here->buffer && here->writes != d.writable[b])
            wrong += complain(step, b,
                              here->writes ? "said to be written, readonly in the shader"
                                           : "said to be read, writable in the shader");
        if (d.used[GPU_TEXEL_BINDING + b] && !set->views[b])
            wrong += complain(step, b, "no view for the shader's texel buffer");
    }
    if (d.used[GPU_UNIFORM_BINDING] != (set->uniform.buffer != NULL))
        wrong += complain(step, GPU_UNIFORM_BINDING, "the uniform buffer of shader and step differ");
    return wrong;
}

int main(int argc, char **argv)
{
    static const char *const forms[] = {"", "--form=portable", "--form=texel", "--form=narrow", "--form=unrolled"};
    vkv_device_params params = {.struct_size = sizeof(params), .form = VKV_FORM_AUTO};
    const struct pipeline_params size = {
        .width = 64, .height = 64, .bit_depth = 10, .streams = 2, .frames = 2, .slots = 2};
    struct gpu_device *device = NULL;
    struct pipeline *p = NULL;
    unsigned wrong = 0, planted;
    for (uint32_t form = VKV_FORM_AUTO; argc > 1 && form <= VKV_FORM_UNROLLED; form++)
        if (!strcmp(argv[1], forms[form]))
            params.form = form;
    if (gpu_device_open(&params, &device)) {
        printf("skipped: no device\n");
        return 77;
    }
    if (pipeline_create(device, &size, &p))
        return 1;
    for (uint32_t i = 0; i < p->n_steps; i++)
        wrong += check_step(&p->steps[i], device->form);
    printf("%u steps read in the %s form, %u complaints\n", p->n_steps, device->about.info.form, wrong);
    /* A step that calls its output an input must be seen. */
    p->steps[0].sets[0]->storage[3].writes = false;
    planted = check_step(&p->steps[0], device->form);
    printf("(planted) %u\n", planted);
    wrong += planted != 1 || p->n_steps < 20;
    pipeline_destroy(&p);
    gpu_device_close(&device);
    return wrong != 0;
}
