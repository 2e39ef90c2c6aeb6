/* libsvm's text: a header of one field per line, then "SV" and one line per support vector. */
#include "model/svm/svm.h"

#include <math.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/number.h"

enum { TYPE, KERNEL, GAMMA, N_CLASSES, N_VECTORS, RHO, N_FIELDS };

static const char *const fields[N_FIELDS] = {"svm_type", "kernel_type", "gamma", "nr_class", "total_sv", "rho"};

/* Forms such as "inf" and "0x1p3", which number_read takes, are none of libsvm's. */
static bool take_number(const char **at, double *number)
{
    const size_t n = strspn(*at, "0123456789+-.eE");
    const char *end;

    if (!n)
        return false;
    *number = number_read(*at, &end);
    if (end != *at + n || !isfinite(*number))
        return false;
    *at = end;
    return true;
}

/* A decimal number of at most `max`, which has at most nine digits. */
static bool take_count(const char **at, uint32_t max, uint32_t *count)
{
    const size_t n = strspn(*at, "0123456789");

    *count = 0;
    if (!n || n > 9)
        return false;
    for (size_t i = 0; i < n; i++)
        *count = *count * 10 + (uint32_t)((*at)[i] - '0');
    *at += n;
    return *count <= max;
}

static bool take_word(const char **at, const char *word)
{
    const size_t n = strlen(word);
    if (strncmp(*at, word, n) != 0 || !strchr(" \n", (*at)[n]))
        return false;
    *at += n;
    return true;
}

static void skip_spaces(const char **at)
{
    *at += strspn(*at, " ");
}

static bool take_field(const char **at, int field, struct svm_kernel *kernel)
{
    uint32_t n_classes;

    switch (field) {
    case TYPE: return take_word(at, "nu_svr") || take_word(at, "epsilon_svr");
    case KERNEL: return take_word(at, "rbf");
    case GAMMA: return take_number(at, &kernel->gamma) && kernel->gamma > 0;
    case N_CLASSES: return take_count(at, 2, &n_classes) && n_classes == 2;
    case N_VECTORS: return take_count(at, SVM_MAX_VECTORS, &kernel->n_vectors) && kernel->n_vectors;
    default: return take_number(at, &kernel->rho);
    }
}

static const char *expected(int field)
{
    switch (field) {
    case TYPE: return "nu_svr or epsilon_svr";
    case KERNEL: return "rbf";
    case GAMMA: return "a positive number";
    case N_CLASSES: return "2";
    case N_VECTORS: return "1 to 65536";
    default: return "a number";
    }
}

/* Reads up to and with the line "SV". */
static int read_header(struct svm_reader *reader, const char **at, struct svm_kernel *kernel)
{
    bool is_given[N_FIELDS] = {false};

    while (!take_word(at, "SV")) {
        const int length = (int)strcspn(*at, " \n");
        int field = 0;
        while (field < N_FIELDS && !take_word(at, fields[field]))
            field++;
        if (field == N_FIELDS)
            return log_fail(reader->log, VKV_ERR_MODEL,
                            "%s: the text of 'model' has '%.*s' where a field or SV was "
                            "expected",
                            reader->subject, length < 64 ? length : 64, *at);
        if (is_given[field])
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: the text of 'model' has %s twice", reader->subject,
                            fields[field]);
        is_given[field] = true;
        skip_spaces(at);
        const char *value = *at;
        bool is_good = take_field(at, field, kernel);
        skip_spaces(at);
        if (!is_good || *(*at)++ != '\n')
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: %s is '%.*s', %s was expected", reader->subject,
                            fields[field], (int)(strcspn(value, "\n") < 64 ? strcspn(value, "\n") : 64), value,
                            expected(field));
    }
    for (int field = 0; field < N_FIELDS; field++)
        if (!is_given[field])
            return log_fail(reader->log, VKV_ERR_MODEL, "%s: the text of 'model' has no %s", reader->subject,
                            fields[field]);
    skip_spaces(at);
    *at += **at == '\n';
    return VKV_OK;
}

/* "coefficient index:value index:value ...", the indexes ascending from 1. */
static bool take_vector(const char **at, uint32_t n_inputs, double *vector)
{
    uint32_t index, last = 0;

    if (!take_number(at, &vector[0]))
        return false;
    for (skip_spaces(at); **at && **at != '\n'; skip_spaces(at)) {
        if (!take_count(at, n_inputs, &index) || index <= last || *(*at)++ != ':' || !take_number(at, &vector[index]) ||
            !strchr(" \n", **at))
            return false;
        last = index;
    }
    *at += **at == '\n';
    return true;
}

int svm_read_kernel(struct svm_reader *reader, const char *text, uint32_t n_inputs, struct svm_kernel *kernel)
{
    const char *at = text;

    kernel->n_inputs = n_inputs;
    int err = read_header(reader, &at, kernel);
    if (err)
        return err;
    /* The shortest line has two bytes. Nothing is allocated for what the text cannot hold. */
    if (kernel->n_vectors > (strlen(at) + 1) / 2)
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: total_sv is %u, the text of 'model' ends before",
                        reader->subject, kernel->n_vectors);
    kernel->vectors = mem_alloc(kernel->n_vectors, (1 + n_inputs) * sizeof(*kernel->vectors));
    if (!kernel->vectors)
        return log_fail(reader->log, VKV_ERR_MEMORY, "%s: no memory for %u support vectors", reader->subject,
                        kernel->n_vectors);
    for (uint32_t i = 0; i < kernel->n_vectors; i++)
        if (!take_vector(&at, n_inputs, kernel->vectors + (size_t)i * (1 + n_inputs)))
            return log_fail(reader->log, VKV_ERR_MODEL,
                            "%s: support vector %u is not 'coefficient index:value ...', "
                            "with indexes ascending from 1 to %u",
                            reader->subject, i, n_inputs);
    if (at[strspn(at, " \n")])
        return log_fail(reader->log, VKV_ERR_MODEL, "%s: total_sv is %u, the text of 'model' has more", reader->subject,
                        kernel->n_vectors);
    return VKV_OK;
}
