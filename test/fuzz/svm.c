/* libFuzzer target: the file of one of libvmaf's models. What is accepted must have a score. */
#include "model/svm/svm.h"

#include <stdlib.h>
#include <string.h>

static void count_line(void *user, int level, const char *line)
{
    if (level != VKV_LOG_ERROR || !*line)
        abort();
    ++*(unsigned *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct vkv_svm svm;
    unsigned n_lines = 0;
    const vkv_log log = {count_line, &n_lines};
    struct svm_reader reader = {.log = &log, .subject = "model 'fuzz'"};
    const vkv_result result = {.adm2 = 0.5, .motion2 = 3, .vif_scale = {0.25, 0.5, 0.75, 1}};
    vkv_svm_scores scores;

    memset(&svm, 0, sizeof(svm));
    const int err = svm_read(&reader, bytes, n, n % 4, &svm);
    if (n_lines != (err != VKV_OK) || svm.n_members > VKV_SVM_MAX_MEMBERS || (!err && !svm.n_members))
        abort();
    if (!err && vkv_svm_score(&svm, &result, &scores))
        abort();
    svm_free(&svm);
    return 0;
}
