/* libFuzzer target: what a client sends to `vkvmaf mcp`. No folder may be read, so nothing is scored; every answer is
 * one line. */
#include "commands/mcp.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct settings settings = {.job.device.select = "cpu"};
    char *answers = NULL;
    size_t n_answers = 0;
    struct mcp mcp = {.settings = &settings, .out = open_memstream(&answers, &n_answers)};
    FILE *in = n ? fmemopen((void *)(uintptr_t)bytes, n, "r") : NULL;

    if (!mcp.out || (in && mcp_serve(&mcp, in)) || fclose(mcp.out))
        abort();
    for (char *line = answers, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (!end || (*line != '{' && *line != '['))
            abort();
        *end = 0;
        cJSON *answer = cJSON_Parse(line);
        if (!answer)
            abort();
        cJSON_Delete(answer);
    }
    free(answers);
    if (in)
        fclose(in);
    return 0;
}
