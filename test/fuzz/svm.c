/* libFuzzer target: the file of one of libvmaf's models. What is accepted must have a score. */
#include "model/svm/svm.h"

#include <stdlib.h>

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
    const double row[MODEL_MAX_INPUTS] = {0.5, 3, 0.25, 0.5, 0.75, 1};
    double values[MODEL_MAX_OUTPUTS];
    struct svm *const svm = mem_alloc(1, sizeof(*svm));

    if (!svm)
        return 0;
    const int err = svm_read(&reader, bytes, n, n % 4, svm);
    if (n_lines != (err != VKV_OK) || svm->n_members > SVM_MAX_MEMBERS || (!err && !svm->n_members))
        abort();
    for (uint32_t i = 0; i < svm->n_features; i++)
        svm->features[i].at = i;
    if (!err)
        svm_evaluate(svm, row, values);
    svm_destroy(svm);
    return 0;
}
