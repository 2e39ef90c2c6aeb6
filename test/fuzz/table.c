/* libFuzzer target: the bytes of a table, in any of its formats. A refusal has one message, and what is read is
 * complete. */
#include "model/model.h"
#include "tables/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "tool.h"

static unsigned n_messages;

int tool_fail(const char *format, ...)
{
    (void)format;
    n_messages++;
    return EXIT_FAILED;
}

int tool_usage(const char *format, ...)
{
    (void)format;
    n_messages++;
    return EXIT_USAGE;
}

bool tool_refuse(const char *format, ...)
{
    (void)format;
    n_messages++;
    return false;
}

bool tool_no_memory(const char *what, ...)
{
    (void)what;
    n_messages++;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct table_request request = {.names = plan_inputs, .n_names = PLAN_N_INPUTS, .text_name = "source"};
    struct table_file file = {"fuzz", malloc(n + 1), n};
    struct table table = {0};
    volatile double sum = 0;

    if (!file.bytes)
        return 0;
    if (n)
        memcpy(file.bytes, bytes, n);
    file.bytes[n] = '\0';
    n_messages = 0;
    const int code = table_read_bytes(&file, &request, &table);
    if (n_messages != (code ? 1 : 0))
        abort();
    for (size_t c = 0; !code && c < PLAN_N_INPUTS; c++)
        for (size_t i = 0; i < table.n_rows; i++)
            sum = sum + table.columns[c][i];
    for (size_t i = 0; !code && table.text && i < table.n_rows; i++)
        if (table.text[i] >= table.texts.n)
            abort();
    table_free(&table);
    free(file.bytes);
    return 0;
}
