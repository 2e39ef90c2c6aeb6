/* libFuzzer target: the text of a registry, and of a sidecar. */
#include "model/files/registry.h"

#include <stdlib.h>
#include <string.h>

static void count_problem(void *user, const char *text)
{
    if (!*text || strlen(text) > 2000)
        abort();
    ++*(unsigned *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct registry registry;
    struct sidecar sidecar;
    unsigned n_problems = 0;

    if (registry_parse(bytes, n, &registry, count_problem, &n_problems) != !n_problems)
        abort();
    for (uint32_t i = 0; i < registry.n && !n_problems; i++)
        if (!registry_path_is_safe(registry.entries[i].onnx) ||
            strstr(registry.entries[i].onnx, "..") == registry.entries[i].onnx || !registry.entries[i].sha256[0])
            abort();
    registry_free(&registry);
    n_problems = 0;
    if (sidecar_parse(bytes, n, &sidecar, count_problem, &n_problems) != !n_problems)
        abort();
    return 0;
}
