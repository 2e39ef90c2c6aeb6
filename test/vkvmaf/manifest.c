/* --batch: how a line becomes words, and a text lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/manifest.h"

#define WORDS_MAX 6

static void accepted(void **unused)
{
    static const struct {
        const char *line, *words[WORDS_MAX];
    } cases[] = {
        {"", {NULL}},
        {" \t\r ", {NULL}},
        {"# -r a", {NULL}},
        {"-r a", {"-r", "a"}},
        {"\t-r   a \r", {"-r", "a"}},
        {"a #b c", {"a"}},
        {"a#b '#c' \\#d", {"a#b", "#c", "#d"}},
        {"'a b' \"c d\" e\\ f", {"a b", "c d", "e f"}},
        {"'it'\\''s' \"it's\" it\\'s", {"it's", "it's", "it's"}},
        {"'a\\b' \"a\\b\" a\\b", {"a\\b", "a\\b", "ab"}},
        {"\"a\\\"b\" \"a\\\\\" \"\\$a\\`\" '\"'", {"a\"b", "a\\", "$a`", "\""}},
        {"'' \"\" ''\"\"", {"", "", ""}},
        {"--a='b c'd\"e f\"",
         {"--a=b cd"
          "e f"}},
        {"$A *.y4m ~ `b`", {"$A", "*.y4m", "~", "`b`"}},
        {"'a\rb'\r", {"a\rb"}},
        {"\\\\", {"\\"}},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *line = strdup(cases[i].line), *words[MANIFEST_WORDS_MAX];
        const char *why = "";
        int n = 0;
        while (n < WORDS_MAX && cases[i].words[n])
            n++;
        assert_int_equal(manifest_split(line, words, &why), n);
        while (n--)
            assert_string_equal(words[n], cases[i].words[n]);
        free(line);
    }
}

static void refused(void **unused)
{
    static const char *const cases[][2] = {
        {"'", "a quote is not closed"},         {"a 'b\"", "a quote is not closed"},
        {"a \"b\\\"", "a quote is not closed"}, {"a \"b\\", "a quote is not closed"},
        {"a\\", "ends with a backslash"},       {"a \\", "ends with a backslash"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *line = strdup(cases[i][0]), *words[MANIFEST_WORDS_MAX];
        const char *why = "";
        assert_int_equal(manifest_split(line, words, &why), -1);
        assert_string_equal(why, cases[i][1]);
        free(line);
    }
}

static void as_many_words_as_there_may_be(void **unused)
{
    for (int more = 0; more < 2; more++) {
        char line[2 * MANIFEST_WORDS_MAX + 2], *words[MANIFEST_WORDS_MAX];
        const char *why = "";
        (void)unused;
        for (size_t i = 0; i < sizeof(line); i++)
            line[i] = i % 2 ? ' ' : 'a';
        line[2 * MANIFEST_WORDS_MAX + more] = 0;
        assert_int_equal(manifest_split(line, words, &why), more ? -1 : MANIFEST_WORDS_MAX);
    }
}

static void lines(void **unused)
{
    static const struct {
        int more, argc;
        size_t number;
        const char *last;
    } expected[] = {{1, 2, 1, "a"},  {1, 1, 2, NULL}, {-1, 0, 3, NULL},
                    {1, 1, 4, NULL}, {1, 3, 5, "c"},  {0, 0, 5, NULL}};
    char text[] = "a\n\n'\n#\nb c"; /* without a zero behind it: */
    const struct manifest manifest = {text, sizeof(text) - 1};
    struct manifest_line line = {.number = 0};
    const char *why = NULL;
    (void)unused;
    memset(text + manifest.n, 'x', 1);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(manifest_next(&manifest, &line, &why), expected[i].more);
        assert_int_equal(line.number, expected[i].number);
        if (expected[i].more > 0)
            assert_int_equal(line.argc, expected[i].argc);
        if (expected[i].last)
            assert_string_equal(line.argv[line.argc - 1], expected[i].last);
    }
    assert_string_equal(why, "a quote is not closed");
    assert_null(line.owned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),
        cmocka_unit_test(refused),
        cmocka_unit_test(as_many_words_as_there_may_be),
        cmocka_unit_test(lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
