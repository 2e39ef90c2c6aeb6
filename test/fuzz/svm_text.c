/* libFuzzer target: libsvm's text of a model alone, which is a string within JSON otherwise. */
#include "model/svm/svm.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

static void count_line(void *user, int level, const char *line)
{
    if (level != VKV_LOG_ERROR || !*line)
        abort();
    ++*(unsigned *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    unsigned n_lines = 0;
    const vkv_log log = {count_line, &n_lines};
    struct svm_reader reader = {.log = &log, .subject = "model 'fuzz'"};
    struct svm_kernel kernel = {0};
    char *text = malloc(n + 1);

    if (!text)
        return 0;
    if (n)
        memcpy(text, bytes, n);
    text[n] = 0;
    const int err = svm_read_kernel(&reader, text, 1 + n % MODEL_MAX_INPUTS, &kernel);
    if (n_lines != (err != VKV_OK) || (!err && (!kernel.n_vectors || !(kernel.gamma > 0))))
        abort();
    mem_free(kernel.vectors);
    free(text);
    return 0;
}
