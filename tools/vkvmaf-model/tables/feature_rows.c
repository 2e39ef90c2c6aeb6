#include "tables/feature_rows.h"

#include <stdlib.h>

#include "tables/table.h"
#include "tool.h"

bool feature_rows_read(const char *path, const char *matrix, bool takes_non_finite, struct feature_rows *rows)
{
    const struct table_request request = {
        .names = plan_inputs, .n_names = PLAN_N_INPUTS, .matrix = matrix, .takes_non_finite = takes_non_finite};
    struct table table = {0};
    float *values = NULL;

    if (table_read(path, &request, &table) == 0) {
        values = malloc(table.n_rows * PLAN_N_INPUTS * sizeof(*values));
        if (!values)
            tool_no_memory("for the rows of '%s'", path);
        for (size_t i = 0; values && i < table.n_rows; i++)
            for (size_t k = 0; k < PLAN_N_INPUTS; k++)
                values[i * PLAN_N_INPUTS + k] = (float)table.columns[k][i];
        *rows = (struct feature_rows){values, table.n_rows};
    }
    table_free(&table);
    return values;
}
