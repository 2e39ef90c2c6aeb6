/* What the tables of all families must keep: the limits of family.h, and what their parts say of each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/kernels.h"

static void counts(void **state)
{
    (void)state;
    assert_in_range(n_families, 1, FAMILY_MAX_USES);
    for (uint32_t f = 0; f < n_families; f++) {
        const struct family *const family = families[f];
        assert_in_range(family->info.n_columns, 1, FAMILY_MAX_COLUMNS);
        assert_in_range(family->info.n_options, 0, FAMILY_MAX_OPTIONS);
        assert_in_range(family->n_sums, 1, FAMILY_MAX_SUMS);
        assert_in_range(family->n_previous, 0, FAMILY_MAX_PREVIOUS);
        assert_non_null(family->reference);
        assert_non_null(family->finalize);
        assert_non_null(family->name_sum);
        assert_int_equal(!family->context, !family->complete);
        assert_int_equal((family->info.flags & VKV_FAMILY_ON_HOST) != 0, !family->kernels);
        if (family->kernels)
            assert_int_equal(!family->kernels->settle, !family->kernels->again);
        /* A pair that is computed again has no references before it (engine/replay.c). */
        if (family->kernels && family->kernels->settle)
            assert_int_equal(family->n_previous, 0);
    }
}

/* Also with each option at its other value. */
static void contexts(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++)
        for (uint32_t i = 0; i <= families[f]->info.n_options; i++) {
            struct family_use use = family_use_standard(families[f]);
            uint32_t before, after;
            if (i < families[f]->info.n_options)
                use.options[i] =
                    families[f]->options[i].type == OPTION_SWITCH ? !use.options[i] : families[f]->options[i].other;
            family_context(&use, &before, &after);
            assert_in_range(before, 0, FAMILY_MAX_CONTEXT);
            assert_in_range(after, 0, FAMILY_MAX_CONTEXT);
        }
}

/* The options that are not standard, all at once, have room as text; so have the names of columns with them. */
static void texts(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++) {
        struct family_use use = family_use_standard(families[f]), again;
        char options[COLUMN_NAME_ROOM], name[COLUMN_NAME_ROOM];
        for (uint32_t i = 0; i < families[f]->info.n_options; i++)
            use.options[i] =
                families[f]->options[i].type == OPTION_SWITCH ? !use.options[i] : families[f]->options[i].other;
        family_use_options(&use, options);
        const vkv_request request = {
            .struct_size = sizeof(request), .family = families[f]->info.name, .options = options};
        assert_int_equal(family_use_take(NULL, "", &request, 0, &again), VKV_OK);
        assert_true(family_use_equal(&use, &again));
        for (uint32_t c = 0; c < families[f]->info.n_columns; c++) {
            family_column_name(&use, c, name);
            assert_in_range(strlen(name), 1, COLUMN_NAME_ROOM - 2);
            assert_memory_equal(name, families[f]->info.columns[c], strlen(families[f]->info.columns[c]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts), cmocka_unit_test(contexts), cmocka_unit_test(texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
