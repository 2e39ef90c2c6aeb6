/* What the tables of all families must keep: the limits of family.h, and what their parts say of each other. */
#include <math.h>
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
        assert_true(family->n_sums > 0);
        assert_in_range(family->n_previous, 0, FAMILY_MAX_PREVIOUS);
        assert_non_null(family->reference);
        assert_non_null(family->finalize);
        assert_non_null(family->name_sum);
        assert_int_equal(!family->context, !family->complete);
        assert_int_equal((family->info.flags & VKV_FAMILY_ON_HOST) != 0, !family->kernels);
        if (family->kernels)
            assert_true(family->kernels->settle || !family->kernels->again);
    }
}

/* A value that is not the standard one. */
static double other_value(const struct option_rule *rule)
{
    switch (rule->type) {
    case OPTION_SWITCH: return !rule->standard;
    case OPTION_NAME: return rule->standard == 0;
    default: return rule->standard == rule->most ? rule->least : rule->most;
    }
}

static void check_option(const struct option_rule *rule)
{
    const double other = other_value(rule);
    assert_true(option_takes(rule, rule->standard));
    assert_true(other != rule->standard && option_takes(rule, other));
    assert_true(rule->alias || rule->type == OPTION_SWITCH);
    if (rule->type == OPTION_NUMBER || rule->type == OPTION_WHOLE) {
        assert_false(option_takes(rule, nextafter(rule->least, -INFINITY)));
        assert_false(option_takes(rule, nextafter(rule->most, INFINITY)));
        assert_false(option_takes(rule, NAN));
    }
}

static void options(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++) {
        const vkv_family_info *const info = &families[f]->info;
        for (uint32_t i = 0; i < info->n_options; i++) {
            check_option(&families[f]->options[i]);
            assert_int_equal(info->options[i]->flags & VKV_OPTION_ADDS_COLUMNS,
                             families[f]->options[i].alias ? 0 : VKV_OPTION_ADDS_COLUMNS);
            if (i)
                assert_true(strcmp(info->options[i - 1]->name, info->options[i]->name) < 0);
        }
        assert_in_range(families[f]->n_known, 0, families[f]->n_tried + 1);
    }
}

/* Sets that the kernels are tried with: they take them, and compute something else for each. */
static void tried_sets(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++)
        for (uint32_t i = 0; families[f]->kernels && i <= families[f]->n_tried; i++) {
            struct family_use use = family_use_tried(families[f], i);
            const vkv_request request = {sizeof(request), 0, families[f]->info.name,
                                         i ? families[f]->tried[i - 1] : NULL};
            struct family_use again;
            assert_int_equal(family_use_take(NULL, "", &request, 0, &again), VKV_OK);
            use.width = use.height = 432;
            use.bit_depth = 10;
            assert_int_equal(family_check(&use, NULL, ""), VKV_OK);
            assert_true(family_use_equal(&use, &again) && family_has_kernels(&use));
            assert_int_equal(family_use_set(&use), i);
        }
}

/* Whether a name is that of a switch that adds columns, or none. */
static bool names_switch(const struct family *family, const char *name)
{
    const uint32_t i = name ? family_option(family, name) : 0;
    return !name || (i < family->info.n_options && family->info.options[i]->flags & VKV_OPTION_ADDS_COLUMNS);
}

/* A column can be asked for, and so can the columns that an option is about. */
static void columns(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++) {
        for (uint32_t i = 0; i < families[f]->info.n_options; i++)
            assert_true(names_switch(families[f], families[f]->options[i].asks_for));
        for (uint32_t c = 0; c < families[f]->info.n_columns; c++) {
            struct family_use use = family_use_of_column(families[f], c);
            use.chroma = 420;
            assert_true(names_switch(families[f], families[f]->columns[c].if_switch));
            assert_true(names_switch(families[f], families[f]->columns[c].and_switch));
            assert_true(family_has_column(&use, c));
        }
    }
}

/* An option that is about a column asks for it, its standard value does not. */
static void asked_columns(void **state)
{
    static const struct {
        const char *options;
        bool asks;
    } cases[] = {{"adm_dlm_weight=0.7", true}, {"adm_dlm_weight=0.5", false}, {"adm_csf_mode=2", false}, {NULL, false}};
    const uint32_t adm3 = family_option(&family_adm, "adm3");
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const vkv_request request = {sizeof(request), 0, "adm", cases[i].options};
        struct family_use use;
        assert_int_equal(family_use_take(NULL, "", &request, 0, &use), VKV_OK);
        assert_int_equal(use.options[adm3] != 0, cases[i].asks);
    }
}

/* Texts that a value is read from, and those that none is. */
static void values(void **state)
{
    static const char *const names[] = {"nearest", "bilinear", NULL};
    static const struct option_rule switch_rule = {.type = OPTION_SWITCH},
                                    number = {.type = OPTION_NUMBER, .least = 0.1, .most = 4},
                                    whole = {.type = OPTION_WHOLE, .least = -1, .most = 6},
                                    end = {.type = OPTION_NUMBER, .least = 1, .most = 100, .is_end = true},
                                    name = {.type = OPTION_NAME, .names = names};
    static const struct {
        const struct option_rule *rule;
        const char *text;
        double value; /* NaN: none */
    } cases[] = {
        {&switch_rule, "true", 1}, {&switch_rule, "false", 0},
        {&switch_rule, "1", NAN},  {&switch_rule, "", NAN},
        {&number, "0.1", 0.1},     {&number, "4", 4},
        {&number, "4.01", NAN},    {&number, "nan", NAN},
        {&number, "1x", NAN},      {&number, "", NAN},
        {&whole, "-1", -1},        {&whole, "2.5", NAN},
        {&whole, "7", NAN},        {&end, "1", 1},
        {&end, "1e2", 100},        {&end, "50", NAN},
        {&name, "nearest", 0},     {&name, "bilinear", 1},
        {&name, "Bilinear", NAN},  {&name, "0", NAN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double value = -1;
        assert_int_equal(option_read(cases[i].rule, cases[i].text, &value), !isnan(cases[i].value));
        if (!isnan(cases[i].value))
            assert_true(value == cases[i].value);
    }
}

/* Numbers become floats and keep six digits. */
static void digits(void **state)
{
    static const struct option_rule number = {.type = OPTION_NUMBER, .least = 0.1, .most = 4},
                                    whole = {.type = OPTION_WHOLE, .most = 6};
    double value;
    (void)state;
    assert_true(option_read(&number, "0.2912345678", &value) && value == 0.291235);
    assert_true(option_read(&number, "1.2345675", &value) && value == 1.23457);
    assert_true(option_read(&number, "0.09999999", &value) && value == 0.1);
    assert_true(option_read(&number, "4.000001", &value) && value == 4);
    assert_true(option_read(&whole, "2.0000001", &value) && value == 2);
    assert_false(option_read(&number, "4.00001", &value));
    assert_false(option_read(&number, "1e400", &value));
    assert_true(option_value(&number, 0.70000000001, &value) && value == 0.7);
}

/* The use with option `i` at another value; info.n_options: as it stands. */
static struct family_use changed_use(const struct family *family, uint32_t i)
{
    struct family_use use = family_use_standard(family);
    if (i < family->info.n_options)
        use.options[i] = other_value(&family->options[i]);
    return use;
}

static void needs(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++)
        for (uint32_t i = 0; i <= families[f]->info.n_options; i++) {
            const struct family_use use = changed_use(families[f], i);
            assert_in_range(family_n_sums(&use), 1, families[f]->n_sums);
            assert_in_range(family_n_previous(&use), 0, families[f]->n_previous);
        }
}

static void contexts(void **state)
{
    (void)state;
    for (uint32_t f = 0; f < n_families; f++)
        for (uint32_t i = 0; i <= families[f]->info.n_options; i++) {
            const struct family_use use = changed_use(families[f], i);
            uint32_t before, after;
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
        char options[OPTIONS_ROOM], name[COLUMN_NAME_ROOM];
        for (uint32_t i = 0; i < families[f]->info.n_options; i++)
            use.options[i] = other_value(&families[f]->options[i]);
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

/* The text of a value that was read means the same double again. */
static void exact_texts(void **state)
{
    static const vkv_option_info info = {.struct_size = sizeof(info), .name = "weight"};
    static const vkv_option_info *const infos[] = {&info};
    static const struct option_rule rule = {.type = OPTION_NUMBER, .least = 0, .most = 1, .alias = "w"};
    static const struct family family = {.info = {.n_options = 1, .options = infos}, .options = &rule};
    static const char *const written[] = {"0.06", "0.1234567", "0.33333333333333331", "1e-300", "1e-40", "0.99999949"};
    static const char *const kept[] = {"0.06", "0.123457", "0.333333", "0", "9.99995e-41", "0.999999"};
    struct family_use use = family_use_standard(&family);
    char text[OPTIONS_ROOM];
    double again;
    (void)state;
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        assert_true(option_read(&rule, written[i], &use.options[0]));
        family_use_options(&use, text);
        assert_string_equal(*text ? text + strlen("weight=") : "0", kept[i]);
        assert_true(option_read(&rule, kept[i], &again) && again == use.options[0]);
    }
}

/* What is not named stays; uses of other families do, too. */
static void changes(void **state)
{
    struct family_use uses[] = {family_use_standard(family_find("psnr")), family_use_standard(family_find("vif"))};
    const struct family_use vif = uses[1];
    const uint32_t chroma = family_option(uses[0].family, "enable_chroma"),
                   mse = family_option(uses[0].family, "enable_mse");
    const vkv_request requests[] = {{sizeof(requests[0]), 0, "psnr", "enable_mse=true"},
                                    {sizeof(requests[0]), 0, "psnr", NULL},
                                    {sizeof(requests[0]), 0, "adm", "adm_enhn_gain_limit=1"},
                                    {sizeof(requests[0]), 0, "adm", "enable_mse=true"}};
    (void)state;
    uses[0].options[chroma] = 0;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(family_use_change(NULL, "", requests, i, uses, 2), VKV_OK);
        assert_true(uses[0].options[chroma] == 0 && uses[0].options[mse] == 1);
        assert_true(family_use_equal(&uses[1], &vif));
    }
    assert_int_equal(family_use_change(NULL, "", requests, 3, uses, 2), VKV_ERR_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),  cmocka_unit_test(options),       cmocka_unit_test(tried_sets),
        cmocka_unit_test(columns), cmocka_unit_test(asked_columns), cmocka_unit_test(values),
        cmocka_unit_test(digits),  cmocka_unit_test(needs),         cmocka_unit_test(contexts),
        cmocka_unit_test(texts),   cmocka_unit_test(exact_texts),   cmocka_unit_test(changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
