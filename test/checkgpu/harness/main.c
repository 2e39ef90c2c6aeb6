/* usage: checkgpu [--test=PATTERN] [--device=SELECT] [--form=portable|texel|narrow|unrolled] [--cases=N]
 *                 [--repeat=N] [--bench] [--list] [--verbose] [--validation] [--selftest] [--plant=NAME] [--size=WxH]
 * [SEED] Exit code 0: everything is equal; 1: something differs, or an error; 2: usage; 77: no such device. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"

struct options {
    const char *device;
    uint32_t form, validation;
    bool list, bench, selftest;
};

static void on_line(void *user, int level, const char *line)
{
    struct check_log *log = user;
    bool validation = !strncmp(line, "validation:", 11);
    log->n_validation += validation;
    log->n_errors += level == VKV_LOG_ERROR;
    if (level == VKV_LOG_ERROR && !log->silent)
        fprintf(stderr, "%s\n", line);
    else if (log->verbose)
        printf("log: %s\n", line);
}

void check_evidence(struct checker *k)
{
    if (k->log->n_validation)
        report_text(k, NULL, "evidence", "the validation layer has complained");
    if (!k->n_cases)
        report_text(k, NULL, "evidence", "no case was run");
    if (!k->n_dispatches || !k->n_results || !gpu_pass_count(k->device->gpu))
        report_text(k, NULL, "evidence", "the device has done nothing");
}

/* ---- running ---- */

/* Cases in which an undecided pixel did not find a place in the list are run again with long lists. */
static bool run_cases(struct checker *k)
{
    for (uint32_t i = 0; i < k->cases; i++) {
        struct check_case c;
        uint64_t replayed = k->n_replayed;
        case_from_seed(k->seed + i, &c);
        if (k->width)
            case_resize(&c, k->width, k->height);
        if (!check_case_run(k, &c))
            return false;
        if (k->n_replayed != replayed) {
            c.list_every = 1;
            c.list_entries = c.width * c.height;
            if (!check_case_run(k, &c))
                return false;
        }
    }
    return true;
}

static bool run_checks(struct checker *k)
{
    bool any_batch = false, any = false;
    for (size_t i = 0; i < n_stage_checks; i++)
        any_batch = any_batch || (stage_checks[i]->batch && stage_selected(k, stage_checks[i]->stage));
    if (any_batch && !run_cases(k))
        return false;
    for (size_t i = 0; i < n_stage_checks; i++) {
        bool selected = stage_selected(k, stage_checks[i]->stage);
        any = any || selected;
        if (stage_checks[i]->alone && selected && k->plant != PLANT_IDLE && !stage_checks[i]->alone(k))
            return false;
    }
    if (!any)
        fprintf(stderr, "checkgpu: no stage matches '%s'\n", k->pattern);
    return any;
}

static int finish(struct checker *k)
{
    check_evidence(k);
    printf("%" PRIu64 " cases from seed %" PRIu64 ", %u pipelines, %" PRIu64 " dispatches recorded, %" PRIu64
           " results; %" PRIu64 " pixels listed, %" PRIu64 " overflows, %" PRIu64 " pictures imported\n",
           k->n_cases, k->seed, gpu_pass_count(k->device->gpu), k->n_dispatches, k->n_results, k->n_listed,
           k->n_replayed, k->n_imported);
    for (size_t i = 0; i < n_stage_checks; i++)
        if (stage_selected(k, stage_checks[i]->stage))
            printf("%-9s %s\n", stage_checks[i]->stage,
                   report_count(k, stage_checks[i]->stage) ? "DIFFERENT" : "equal");
    printf("%s: %u differences\n", k->differences ? "FAILED" : "passed", k->differences);
    return k->differences != 0;
}

static int run(struct checker *k, const struct options *o)
{
    const vkv_device_info *const info = vkv_device_get_info(k->device);
    printf("device: %s (%s), %s form%s\n", info->name, info->driver, info->form, o->validation ? ", validation" : "");
    fflush(stdout);
    k->validates = o->validation;
    if (o->selftest) {
        unsigned missed = selftest(k);
        printf("%u planted faults missed\n", missed);
        return missed != 0;
    }
    if (o->bench)
        return !bench(k);
    if (!run_checks(k)) {
        printf("FAILED: an error ended the run\n");
        return 1;
    }
    return finish(k);
}

/* ---- command line ---- */

static int usage(const char *argument)
{
    fprintf(stderr,
            "checkgpu: what is '%s'?\n"
            "usage: checkgpu [--test=PATTERN] [--device=SELECT] [--form=portable|texel|narrow|unrolled]\n"
            "                [--cases=N] [--repeat=N] [--bench] [--list] [--verbose] [--validation] [--selftest] "
            "[--plant=NAME] [--size=WxH]\n"
            "                [SEED]\n",
            argument);
    return 2;
}

static bool number(const char *text, uint64_t *value)
{
    char *end;
    *value = strtoull(text, &end, 10);
    return *text && !*end;
}

static bool size(const char *text, uint32_t *width, uint32_t *height)
{
    char *end;
    *width = (uint32_t)strtoul(text, &end, 10);
    *height = *end == 'x' ? (uint32_t)strtoul(end + 1, &end, 10) : 0;
    return !*end && *width >= 17 && *height >= 17 && *width <= 32768 && *height <= 32768;
}

static bool value_of(const char *argument, const char *name, const char **value)
{
    size_t n = strlen(name);
    if (strncmp(argument, name, n) || argument[n] != '=')
        return false;
    *value = argument + n + 1;
    return true;
}

static bool form_of(const char *word, uint32_t *form)
{
    static const char *const words[] = {"portable", "texel", "narrow", "unrolled"};
    for (*form = VKV_FORM_PORTABLE; *form <= VKV_FORM_UNROLLED; ++*form)
        if (!strcmp(word, words[*form - 1]))
            return true;
    return false;
}

static bool parse(const char *a, struct checker *k, struct options *o)
{
    const char *value;
    uint64_t n;
    if (!strcmp(a, "--list"))
        o->list = true;
    else if (!strcmp(a, "--bench"))
        o->bench = true;
    else if (!strcmp(a, "--selftest"))
        o->selftest = true;
    else if (!strcmp(a, "--verbose"))
        k->verbose = k->log->verbose = true;
    else if (!strcmp(a, "--validation"))
        o->validation = 1;
    else if (value_of(a, "--test", &value))
        k->pattern = value;
    else if (value_of(a, "--device", &value))
        o->device = value;
    else if (value_of(a, "--plant", &value))
        return (k->plant = plant_find(value)) != PLANT_NONE;
    else if (value_of(a, "--form", &value))
        return form_of(value, &o->form);
    else if (value_of(a, "--size", &value))
        return size(value, &k->width, &k->height);
    else if (value_of(a, "--cases", &value) && number(value, &n) && n > 0 && n < 1000000)
        k->cases = (uint32_t)n;
    else if (value_of(a, "--repeat", &value) && number(value, &n) && n > 0 && n < 1000)
        k->repeat = (uint32_t)n;
    else
        return a[0] != '-' && number(a, &k->seed);
    return true;
}

int main(int argc, char **argv)
{
    struct check_log log = {0};
    struct checker k = {.seed = 1, .cases = 20, .repeat = 2, .log = &log};
    struct options o = {0};
    for (int i = 1; i < argc; i++)
        if (!parse(argv[i], &k, &o))
            return usage(argv[i]);
    if (o.list) {
        for (size_t i = 0; i < n_stage_checks; i++)
            printf("%s\n", stage_checks[i]->stage);
        return 0;
    }
    const vkv_device_params params = {.struct_size = sizeof(params),
                                      .form = o.form,
                                      .select = o.device,
                                      .log = {on_line, &log},
                                      .validation = o.validation};
    const vkv_device_params cpu = {.struct_size = sizeof(cpu), .select = "cpu", .log = {on_line, &log}};
    int err = vkv_device_open(&params, &k.device), status = 1;
    if (err) {
        printf("%s: no device to test (%s)\n", err == VKV_ERR_NO_DEVICE ? "skipped" : "FAILED", vkv_strerror(err));
        return err == VKV_ERR_NO_DEVICE ? 77 : 1;
    }
    if (!k.device->gpu)
        printf("FAILED: the CPU reference cannot be compared with itself\n");
    else if (!vkv_device_open(&cpu, &k.cpu))
        status = run(&k, &o);
    vkv_device_close(&k.cpu);
    vkv_device_close(&k.device);
    if (log.n_validation) { /* also what closing the device has brought up */
        printf("FAILED: %u validation messages\n", log.n_validation);
        status = 1;
    }
    return status;
}
