/* The parts of a device's report: what a driver does wrong is found, and a part that crashes or hangs ends alone. The
 * device is the CPU reference, of which single results are changed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "commands/device_report/device_report.h"
#include "commands/device_report/write.h"
#include "common/message.h"

static bool changes_check, changes_value, refuses_scorers;

int __real_vkv_device_open(const vkv_device_params *params, vkv_device **device);
int __wrap_vkv_device_open(const vkv_device_params *params, vkv_device **device);
int __wrap_vkv_device_open(const vkv_device_params *params, vkv_device **device)
{
    vkv_device_params reference = *params;
    reference.select = "cpu";
    return __real_vkv_device_open(&reference, device);
}

int __wrap_vkv_device_verify(vkv_device *device, vkv_verify_fn fn, void *user);
int __wrap_vkv_device_verify(vkv_device *device, vkv_verify_fn fn, void *user)
{
    (void)device;
    fn(user, "17x17 8 bit: the 92 sums of all", 1);
    fn(user, "33x35 10 bit, frame 1, stream 0, vif scale 2 b_num: 7, expected 8", !changes_check);
    fn(user, "a later one", !changes_check);
    return changes_check ? VKV_ERR_PROBE : VKV_OK;
}

int __real_vkv_scorer_create(vkv_device *device, const vkv_scorer_params *params, vkv_scorer **scorer);
int __wrap_vkv_scorer_create(vkv_device *device, const vkv_scorer_params *params, vkv_scorer **scorer);
int __wrap_vkv_scorer_create(vkv_device *device, const vkv_scorer_params *params, vkv_scorer **scorer)
{
    return refuses_scorers ? VKV_ERR_UNSUPPORTED : __real_vkv_scorer_create(device, params, scorer);
}

/* The second value of the third row of the fifth pair's device. */
int __real_vkv_scorer_pull(vkv_scorer *scorer, uint64_t *frame, double *values);
int __wrap_vkv_scorer_pull(vkv_scorer *scorer, uint64_t *frame, double *values);
int __wrap_vkv_scorer_pull(vkv_scorer *scorer, uint64_t *frame, double *values)
{
    static unsigned n_rows;
    const int code = __real_vkv_scorer_pull(scorer, frame, values);
    if (changes_value && n_rows++ == 4 * 8 + 2)
        ((unsigned char *)&values[1])[0] ^= 1;
    return code;
}

static int end_well(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    (void)part, (void)request;
    part_compared(outcome, true, "one");
    return 0;
}

static int complain(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    (void)part, (void)request, (void)outcome;
    message_line("no such device");
    return -1;
}

static int crash(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    (void)part, (void)request, (void)outcome;
    raise(SIGKILL);
    return 0;
}

static int leave(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    (void)part, (void)request, (void)outcome;
    _exit(3);
    return 0;
}

static int hang(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    (void)part, (void)request;
    part_compared(outcome, true, "one");
    while (pause())
        ;
    return 0;
}

static const struct device_request request;

#define LONG_SECONDS 3600
static struct outcome *outcome_of(const struct part *part, double seconds)
{
    struct outcome *const outcome = outcome_create();
    assert_non_null(outcome);
    part_run(part, &request, seconds, outcome);
    return outcome;
}

static void parts_end_alone(void **state)
{
    (void)state;
    const struct outcome *o = outcome_of(&(struct part){.run = end_well}, LONG_SECONDS);
    assert_int_equal(o->status, PART_DONE);
    assert_int_equal(o->n_compared, 1);
    o = outcome_of(&(struct part){.run = complain}, LONG_SECONDS);
    assert_int_equal(o->status, PART_FAILED);
    assert_string_equal(o->error, "no such device");
    o = outcome_of(&(struct part){.run = crash}, LONG_SECONDS);
    assert_int_equal(o->status, PART_FAILED);
    assert_string_equal(o->error, "the process ended early: Killed");
    o = outcome_of(&(struct part){.run = leave}, LONG_SECONDS);
    assert_int_equal(o->status, PART_FAILED);
    assert_string_equal(o->error, "the process ended early: the driver ended it");
    /* The budget is what it takes until the part hangs, which a busy machine may not reach. */
    o = outcome_of(&(struct part){.run = hang}, 0.5);
    assert_int_equal(o->status, PART_STOPPED);
    assert_true(o->n_compared <= 1 && o->seconds >= 0.5);
}

static void wrong_checks_are_found(void **state)
{
    const struct part part = {.run = verify_all};
    (void)state;
    const struct outcome *o = outcome_of(&part, LONG_SECONDS);
    assert_int_equal(o->status, PART_DONE);
    assert_int_equal(o->n_compared, 3);
    assert_int_equal(o->n_different, 0);
    changes_check = true;
    o = outcome_of(&part, LONG_SECONDS);
    changes_check = false;
    assert_int_equal(o->status, PART_DONE);
    assert_int_equal(o->n_different, 2);
    assert_non_null(strstr(o->first, "vif scale 2 b_num: 7, expected 8"));
}

/* One bit of one value in the fifth of the pairs, whose name is in the line. */
static void wrong_values_are_found(void **state)
{
    const struct part part = {.run = compare_pairs};
    (void)state;
    changes_value = true;
    const struct outcome *const o = outcome_of(&part, LONG_SECONDS);
    changes_value = false;
    assert_int_equal(o->status, PART_DONE);
    assert_int_equal(o->n_compared, 11 * 6 + 5);
    assert_int_equal(o->n_wanted, o->n_compared);
    assert_int_equal(o->n_different, 1); /* all others are equal */
    assert_non_null(strstr(o->first, ", 8 bit, streams: 1, noise, v1, "));
    assert_non_null(strstr(o->first, ", frame 2, stream 0, integer_aim_csf_2_"));
    assert_non_null(strstr(o->first, ", expected "));
}

#define WRONG "33x35 10 bit, frame 1, stream 0, vif scale 2 b_num: 7, expected 8"

/* The whole command: the file and the message name the first difference, whatever fails beside it. */
static void difference_is_named(void **state)
{
    static char text[1 << 16];
    char path[] = "/tmp/vkvmaf-report-XXXXXX", line[MESSAGE_ROOM];
    const struct settings settings = {.budget = LONG_SECONDS, .job = {.quiet = true, .output.output = path}};
    const int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    changes_check = refuses_scorers = true;
    assert_int_equal(device_report_command(&settings), EXIT_FAILURE);
    changes_check = refuses_scorers = false;
    message_last(line);
    assert_non_null(strstr(line, "the device computes wrongly; verify: " WRONG));
    FILE *const stream = fopen(path, "r");
    assert_non_null(stream);
    assert_true(fread(text, 1, sizeof(text) - 1, stream) > 0);
    fclose(stream);
    assert_non_null(strstr(text, "\"verdict\": \"different\""));
    assert_non_null(strstr(text, "\"where\": \"verify\""));
    assert_non_null(strstr(text, "\"finding\": \"" WRONG "\""));
    assert_non_null(strstr(text, "\"different\": 2"));
    assert_int_equal(close(file) + unlink(path), 0);
}

static void verdicts(void **state)
{
    static const struct part parts[] = {{.name = "a", .run = end_well}, {.name = "b"}};
    struct outcome *const outcomes[] = {outcome_of(&parts[0], LONG_SECONDS), outcome_create()};
    const struct report report = {.parts = parts, .outcomes = outcomes, .n_parts = 2, .budget_seconds = 1};
    const char *line;
    (void)state;
    outcomes[1]->status = PART_DONE;
    assert_int_equal(report_verdict(&report), VERDICT_EQUAL);
    assert_null(report_finding(&report, &line));
    outcomes[1]->status = PART_NOT_RUN;
    assert_int_equal(report_verdict(&report), VERDICT_STOPPED);
    assert_ptr_equal(report_finding(&report, &line), &parts[1]);
    /* A report that has compared nothing says nothing. */
    outcomes[0]->n_compared = 0;
    assert_int_equal(report_verdict(&report), VERDICT_NOTHING);
    assert_ptr_equal(report_finding(&report, &line), &parts[1]);
    outcomes[0]->n_compared = 1;
    outcomes[1]->status = PART_FAILED;
    strcpy(outcomes[1]->error, "why");
    assert_int_equal(report_verdict(&report), VERDICT_FAILED);
    assert_ptr_equal(report_finding(&report, &line), &parts[1]);
    assert_string_equal(line, "why");
    part_compared(outcomes[0], false, "first");
    part_compared(outcomes[0], false, "second");
    assert_int_equal(report_verdict(&report), VERDICT_DIFFERENT);
    assert_ptr_equal(report_finding(&report, &line), &parts[0]);
    assert_string_equal(line, "first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_end_alone),
        cmocka_unit_test(wrong_checks_are_found),
        cmocka_unit_test(wrong_values_are_found),
        cmocka_unit_test(difference_is_named),
        cmocka_unit_test(verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
