/* The mutation run: single changes of SPIR-V between the library and the driver, and drivers that lose workgroups.
 * Whatever changes a sum or a score of the clips must be refused by what `vkvmaf verify` runs, and nearly all of it by
 * the probe of a run. docs/exactness.md has the numbers.
 *
 * usage: mutants --named                             the changes with a name: each is refused by verify
 *        mutants [--seed=N] [--count=N] --out=FILE   a choice of all of all forms; FILE keeps one line for each, and a
 *                                                    second call goes on behind the last
 *        mutants --one=NAME                          one of them, by the name in FILE
 * With --only=WORD mutants are taken whose names have the word: "cambi", "_aim". With --part=K/N every N-th mutant is
 * taken, from number K: N calls share the work. With --pieces=N only the first N
 * pieces of clips are looked at, and with --again=OTHER only mutants that the file OTHER says change none: a cheap pass
 * for all, and one over everything for those that are left. Exit code 77: no device, or no clips. A mutant has a
 * process of its own and --timeout=SECONDS (300). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "gpu/gpu_internal.h"
#include "spirv.h"
#include "stages/stages.h"
#include "trial.h"

/* ---- modules ---- */

extern const struct gpu_shader shader_ingest, shader_pad, shader_vif_down, shader_vif0, shader_vif, shader_adm_dwt0,
    shader_adm_dwt1, shader_adm_dwt, shader_adm0, shader_adm, shader_adm0_aim, shader_adm_aim, shader_motion,
    shader_cambi_prep, shader_cambi_mode, shader_cambi_count, shader_cambi_select, shader_reduce, shader_mlp,
    shader_vif0_narrow, shader_vif_narrow, shader_adm0_two, shader_adm_two, shader_adm0_aim_two, shader_adm_aim_two,
    shader_adm0_narrow, shader_adm_narrow, shader_adm0_aim_narrow, shader_adm_aim_narrow, shader_adm0_two_narrow,
    shader_adm_two_narrow, shader_adm0_aim_two_narrow, shader_adm_aim_two_narrow, shader_motion_narrow;

/* Each module has its share of a hundred mutants of the native features' modules. The portable form has one module for
 * vif0 and vif, and one where lanes are narrow. Modules without a texel form are the same in both: reduce and mlp are
 * drawn from for both, cambi's once. Where lanes are narrow, only the modules that say so differ from the portable
 * form's. */
static const struct {
    const struct gpu_shader *shader;
    const char *name;
    uint8_t share;
    uint32_t tries; /* the uses that it can change */
} shaders[] = {
    {&shader_ingest, "ingest", 3, TRY_ALL},
    {&shader_pad, "pad", 3, TRY_ALL},
    {&shader_vif_down, "vif_down", 7, TRY_VIF},
    {&shader_vif0, "vif0", 13, TRY_VIF},
    {&shader_vif, "vif", 13, TRY_VIF},
    {&shader_adm_dwt0, "adm_dwt0", 10, TRY_ADM | TRY_AIM},
    {&shader_adm_dwt1, "adm_dwt1", 8, TRY_ADM | TRY_AIM},
    {&shader_adm_dwt, "adm_dwt", 8, TRY_ADM | TRY_AIM},
    {&shader_adm0, "adm0", 12, TRY_ADM},
    {&shader_adm, "adm", 10, TRY_ADM},
    {&shader_motion, "motion", 7, TRY_MOTION},
    {&shader_reduce, "reduce", 6, TRY_ALL},
    {&shader_mlp, "mlp", 10, TRY_NETWORKS},
    {&shader_adm0_aim, "adm0_aim", 16, TRY_AIM},
    {&shader_adm_aim, "adm_aim", 14, TRY_AIM},
    {&shader_cambi_prep, "cambi_prep", 22, TRY_CAMBI},
    {&shader_cambi_mode, "cambi_mode", 22, TRY_CAMBI},
    {&shader_cambi_count, "cambi_count", 36, TRY_CAMBI},
    {&shader_cambi_select, "cambi_select", 28, TRY_CAMBI},
    {&shader_vif0_narrow, "vif0_narrow", 13, TRY_VIF},
    {&shader_vif_narrow, "vif_narrow", 13, TRY_VIF},
    {&shader_adm0_two, "adm0_two", 14, TRY_ADM},
    {&shader_adm_two, "adm_two", 12, TRY_ADM},
    {&shader_adm0_aim_two, "adm0_aim_two", 18, TRY_AIM},
    {&shader_adm_aim_two, "adm_aim_two", 16, TRY_AIM},
    {&shader_adm0_narrow, "adm0_narrow", 12, TRY_ADM},
    {&shader_adm_narrow, "adm_narrow", 10, TRY_ADM},
    {&shader_adm0_aim_narrow, "adm0_aim_narrow", 16, TRY_AIM},
    {&shader_adm_aim_narrow, "adm_aim_narrow", 14, TRY_AIM},
    {&shader_adm0_two_narrow, "adm0_two_narrow", 14, TRY_ADM},
    {&shader_adm_two_narrow, "adm_two_narrow", 12, TRY_ADM},
    {&shader_adm0_aim_two_narrow, "adm0_aim_two_narrow", 18, TRY_AIM},
    {&shader_adm_aim_two_narrow, "adm_aim_two_narrow", 16, TRY_AIM},
    {&shader_motion_narrow, "motion_narrow", 7, TRY_MOTION},
};
#define N_SHADERS (sizeof(shaders) / sizeof(shaders[0]))

enum { PORTABLE = VKV_FORM_PORTABLE, TEXEL = VKV_FORM_TEXEL, NARROW = VKV_FORM_NARROW, UNROLLED = VKV_FORM_UNROLLED };
static const char *const form_names[] = {"", "portable", "texel", "narrow", "unrolled"};

static struct spirv module_of(uint32_t shader, uint32_t form)
{
    const struct gpu_code code = gpu_shader_code(shaders[shader].shader, form);
    return (struct spirv){code.words, (uint32_t)(code.bytes / 4)};
}

/* Modules of narrow lanes have an unrolled form and no texel form. */
static bool is_narrow(const struct gpu_shader *shader)
{
    return shader->unrolled && !shader->texel;
}

/* Whether mutants of the form are drawn from the shader. */
static bool is_drawn(uint32_t shader, uint32_t form)
{
    const struct gpu_shader *s = shaders[shader].shader;
    switch (form) {
    case PORTABLE: return s != &shader_vif && !is_narrow(s);
    case TEXEL: return s->texel || s == &shader_reduce || s == &shader_mlp;
    case NARROW: return is_narrow(s) && s != &shader_vif_narrow;
    default: return s->unrolled != NULL;
    }
}

/* Whether two rows of the table have one module in the form. */
static bool is_two(uint32_t shader, uint32_t form)
{
    const struct gpu_shader *s = shaders[shader].shader;
    return (form == PORTABLE && s == &shader_vif0) || (form == NARROW && s == &shader_vif0_narrow);
}

/* ---- mutants ---- */

struct mutant {
    char name[64];
    uint32_t form, shader; /* N_SHADERS: none, it loses workgroups */
    struct mutation mutation;
    uint32_t axis, from;
};

static struct mutant *mutants;
static uint32_t n_mutants;

static struct mutant *new_mutant(void)
{
    static uint32_t room;
    if (n_mutants == room) {
        room = room ? 2 * room : 1024;
        if (!(mutants = realloc(mutants, room * sizeof(*mutants))))
            abort();
    }
    memset(&mutants[n_mutants], 0, sizeof(*mutants));
    return &mutants[n_mutants++];
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

static void choose(uint32_t shader, uint32_t form, uint32_t n, uint64_t *random)
{
    const struct spirv module = module_of(shader, form);
    uint32_t n_all;
    if (!is_drawn(shader, form))
        return;
    struct mutation *all = spirv_mutations(&module, &n_all);
    for (uint32_t i = 0; all && i < n && i < n_all; i++) {
        const uint32_t other = i + next_random(random) % (n_all - i);
        const struct mutation chosen = all[other];
        all[other] = all[i];
        all[i] = chosen;
        struct mutant *m = new_mutant();
        m->form = form;
        m->shader = shader;
        m->mutation = chosen;
        snprintf(m->name, sizeof(m->name), "%s/%s/%u.%u.%u.%x", form_names[form], shaders[shader].name, chosen.at,
                 (uint32_t)chosen.what, chosen.operand, chosen.value);
    }
    free(all);
}

static void add_losses(uint32_t form)
{
    static const uint32_t from[] = {2, 3, 9, 33, 49, 150};
    for (uint32_t axis = 0; axis < 3; axis++)
        for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
            struct mutant *m = new_mutant();
            m->form = form;
            m->shader = N_SHADERS;
            m->axis = axis;
            m->from = from[i];
            snprintf(m->name, sizeof(m->name), "%s/loses-%c/%u", form_names[form], "xyz"[axis], from[i]);
        }
}

static void choose_all(uint32_t count, uint64_t seed)
{
    for (uint32_t form = PORTABLE; form <= UNROLLED; form++) {
        for (uint32_t s = 0; s < N_SHADERS; s++)
            choose(s, form, count * shaders[s].share * (is_two(s, form) ? 2 : 1) / 200, &seed);
        add_losses(form);
    }
    for (uint32_t i = 0; i < n_mutants; i++) { /* in any order, so that a part of the run tells about the whole */
        const uint32_t other = i + next_random(&seed) % (n_mutants - i);
        const struct mutant kept = mutants[i];
        mutants[i] = mutants[other];
        mutants[other] = kept;
    }
}

/* The changes that earlier probes let pass, by function, opcode and place in it. */
static const struct named {
    const char *name;
    uint32_t form;
    const char *shader, *function;
    uint32_t opcode, ordinal;
    enum change what;
    uint32_t operand, value;
} named[] = {
#include "named.h"
};
#define N_NAMED (sizeof(named) / sizeof(named[0]))

static bool find_named(const struct named *from, struct mutant *m)
{
    while (m->shader < N_SHADERS && strcmp(shaders[m->shader].name, from->shader))
        m->shader++;
    m->form = from->form;
    snprintf(m->name, sizeof(m->name), "%s", from->name);
    m->axis = 1;
    m->from = from->value;
    if (m->shader == N_SHADERS)
        return true;
    const struct spirv module = module_of(m->shader, m->form);
    m->mutation = (struct mutation){from->what, spirv_find(&module, from->function, from->opcode, from->ordinal),
                                    from->operand, from->value};
    if (!m->mutation.at)
        printf("FAILED: %s: the shader has no such instruction\n", from->name);
    return m->mutation.at;
}

static bool add_named(void)
{
    for (size_t i = 0; i < N_NAMED; i++)
        if (!find_named(&named[i], new_mutant()))
            return false;
    return true;
}

/* ---- a process for each ---- */

static struct spirv original, changed;
static void *entry;

static void replace_module(struct driver_fault *fault, int i, const struct spirv *from, const struct spirv *to)
{
    fault->from[i] = from->words;
    fault->n_from[i] = from->n;
    fault->to[i] = to->words;
    fault->n_to[i] = to->n;
}

/* The module as a device gets it that is asked for a rounding. */
static const uint32_t *rounding(const struct spirv *module, uint32_t *n)
{
    size_t bytes = 4 * (size_t)module->n;
    const uint32_t *words = gpu_rounding_ask(module->words, &bytes);
    *n = (uint32_t)(bytes / 4);
    return words;
}

static vkv_device *open_mutant(const struct mutant *m)
{
    struct driver_fault fault = {.loses_axis = m->axis, .loses_from = m->shader == N_SHADERS ? m->from : 0};
    vkv_device *device = NULL;
    uint32_t n[2];
    if (m->shader < N_SHADERS) {
        original = module_of(m->shader, m->form);
        changed.words = spirv_mutate(&original, &m->mutation, &changed.n);
        replace_module(&fault, 0, &original, &changed);
        if (shaders[m->shader].shader->needs_rounding)
            replace_module(&fault, 1, &(struct spirv){rounding(&original, &n[0]), n[0]},
                           &(struct spirv){rounding(&changed, &n[1]), n[1]});
    }
    driver_set(&fault);
    const vkv_device_params params = {
        .struct_size = sizeof(params), .form = m->form, .get_instance_proc_addr = entry, .skip_probe = 1};
    return vkv_device_open(&params, &device) ? NULL : device;
}

enum mode { MODE_CLIPS, MODE_VERIFY, MODE_PROBE, MODE_SCORER };

/* Small windows of cambi, and larger ones. MODE_SCORER + i tries number i. */
static const struct scorer_size scorer_sizes[] = {{576, 324, "cambi_high_res_speedup=1080"},
                                                  {1920, 1080, "cambi_high_res_speedup=1080"}};
#define N_SCORERS (sizeof(scorer_sizes) / sizeof(scorer_sizes[0]))

static void try_scorer(vkv_device *device, uint32_t i, struct outcome *outcome)
{
    const int err = trial_scorer(device, &scorer_sizes[i]);
    outcome->passes_probe = !err;
    outcome->fails = err && err != VKV_ERR_PROBE;
}

static void child(const struct mutant *m, enum mode mode, int out)
{
    struct outcome outcome = {.fails = false};
    const uint32_t tries = m->shader < N_SHADERS ? shaders[m->shader].tries : TRY_ALL;
    vkv_device *device = open_mutant(m);
    if (!device) {
        outcome.fails = true;
    } else if (mode >= MODE_SCORER) {
        try_scorer(device, mode - MODE_SCORER, &outcome);
    } else if (mode != MODE_CLIPS) {
        outcome.passes_probe = trial_probe(device, tries) && (mode != MODE_PROBE || trial_probe(device, TRY_NETWORKS));
        outcome.passes_verify = mode == MODE_VERIFY && trial_verify(device, tries, &outcome);
        outcome.changes = true;
    } else if (tries == TRY_NETWORKS) {
        trial_networks(device, &outcome);
    } else {
        trial_features(device, tries, &outcome);
    }
    if (write(out, &outcome, sizeof(outcome)) != sizeof(outcome))
        _exit(3);
    _exit(0); /* the driver's threads end with it */
}

/* "hangs", "crashes" or NULL. */
static const char *run(const struct mutant *m, enum mode mode, unsigned seconds, struct outcome *outcome)
{
    int ends[2], status = 0;
    memset(outcome, 0, sizeof(*outcome));
    fflush(stdout);
    if (pipe(ends))
        abort();
    const pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        alarm(seconds);
        close(ends[0]);
        if (!freopen("/dev/null", "w", stderr))
            _exit(3);
        child(m, mode, ends[1]);
    }
    close(ends[1]);
    const ssize_t n = read(ends[0], outcome, sizeof(*outcome));
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (n == sizeof(*outcome))
        return NULL;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "hangs" : "crashes";
}

/* ---- the whole run ---- */

static const char *verdict(const char *ended, const struct outcome *o)
{
    if (ended)
        return ended;
    if (o->fails)
        return "fails";
    if (!o->changes)
        return "equal";
    return o->passes_verify ? "SURVIVES" : o->passes_probe ? "verify" : "probe";
}

static uint32_t lines_of(const char *path)
{
    FILE *file = fopen(path, "r");
    uint32_t n = 0;
    for (int c; file && (c = getc(file)) != EOF;)
        n += c == '\n';
    if (file)
        fclose(file);
    return n;
}

static int summarize(const char *path)
{
    static const char *const words[] = {"equal", "hangs", "crashes", "fails", "probe", "verify", "SURVIVES"};
    uint32_t counts[7] = {0}, n = 0;
    char line[1024];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file)) {
        n++;
        for (int i = 0; i < 7; i++)
            counts[i] += !strncmp(line, words[i], strlen(words[i])) && line[strlen(words[i])] == ' ';
    }
    if (file)
        fclose(file);
    const uint32_t changing = counts[4] + counts[5] + counts[6];
    printf(
        "%u of %u mutants: %u equal on all clips, %u hang, %u crash, %u end with an error, %u change a sum or score\n",
        n, n_mutants, counts[0], counts[1], counts[2], counts[3], changing);
    printf("of those that change one, %u pass the probe of the run, %u survive verify\n", counts[5] + counts[6],
           counts[6]);
    return counts[6] || 100 * (counts[5] + counts[6]) > changing;
}

static void keep_only(const char *word)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n_mutants; i++)
        if (strstr(mutants[i].name, word))
            mutants[kept++] = mutants[i];
    n_mutants = kept;
}

static void keep_part(uint32_t k, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = k; i < n_mutants; i += n)
        mutants[kept++] = mutants[i];
    n_mutants = kept;
}

static bool is_called_equal(FILE *file, const char *wanted)
{
    char line[1024], name[64];
    rewind(file);
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "equal %63s", name) == 1 && !strcmp(name, wanted))
            return true;
    return false;
}

/* Only those stay that the file calls equal, in whatever order: it may be made of the files of several parts. */
static void keep_equal(const char *path)
{
    uint32_t kept = 0;
    FILE *file = fopen(path, "r");
    for (uint32_t i = 0; file && i < n_mutants; i++)
        if (is_called_equal(file, mutants[i].name))
            mutants[kept++] = mutants[i];
    if (file)
        fclose(file);
    n_mutants = kept;
}

static int run_all(const char *path, uint32_t pieces, unsigned seconds)
{
    const uint32_t done = lines_of(path);
    if (!trial_prepare(pieces)) {
        printf("skipped: no clips\n");
        return 77;
    }
    for (uint32_t i = done; i < n_mutants; i++) {
        struct outcome outcome;
        const time_t start = time(NULL);
        const char *word = verdict(run(&mutants[i], MODE_CLIPS, seconds, &outcome), &outcome);
        FILE *file = fopen(path, "a");
        if (!file)
            return 2;
        fprintf(file, "%s %s %us; %s; %s\n", word, mutants[i].name, (unsigned)(time(NULL) - start), outcome.clip,
                outcome.seen);
        fclose(file);
    }
    return summarize(path);
}

static int run_one(const char *name, uint32_t pieces, unsigned seconds)
{
    if (!trial_prepare(pieces))
        return 77;
    for (uint32_t i = 0; i < n_mutants; i++) {
        struct outcome o;
        if (strcmp(mutants[i].name, name))
            continue;
        const char *word = verdict(run(&mutants[i], MODE_CLIPS, seconds, &o), &o);
        printf("%s %s; %s; %s\n", word, name, o.clip, o.seen);
        return 0;
    }
    printf("no such mutant\n");
    return 2;
}

/* ---- those with a name ---- */

/* Sums of a window's columns carry from byte to byte where it has more than 16: the probe's small pictures have none
 * that large, so a scorer is refused by a picture of its own size. */
static int run_scorers(unsigned seconds)
{
    static const struct named wide = {
        "cambi_count: sums of wide windows carry", false, "cambi_count", NULL, 52, 6, CHANGE_CONSTANT, 4, 511};
    struct mutant tried[2] = {{.shader = N_SHADERS}}; /* a right device, and that */
    int n_wrong = 0;
    if (!find_named(&wide, &tried[1]))
        return 1;
    for (uint32_t i = 0; i < 2 * N_SCORERS; i++) {
        const struct scorer_size *const size = &scorer_sizes[i / 2];
        struct outcome o;
        const char *ended = run(&tried[i % 2], (enum mode)(MODE_SCORER + i / 2), seconds, &o);
        const bool expected = i % 2 == 0 || size->width < 1000,
                   right = !ended && !o.fails && o.passes_probe == expected;
        n_wrong += !right;
        printf("%s, %ux%u: a scorer is %s%s\n", i % 2 ? wide.name : "a right device", size->width, size->height,
               o.passes_probe ? "created" : "refused", right ? "" : ": FAILED");
    }
    return n_wrong;
}

static int run_named(unsigned seconds)
{
    int n_wrong = 0;
    struct outcome o;
    if (!add_named() || !trial_prepare(0))
        return 1;
    for (uint32_t form = PORTABLE; form <= UNROLLED; form++) {
        const struct mutant right = {.form = form, .shader = N_SHADERS};
        const char *ended = run(&right, MODE_PROBE, seconds, &o);
        if (ended || o.fails) {
            printf("skipped: no device of the %s form\n", form_names[form]);
            return 77;
        }
        n_wrong += !o.passes_probe;
        printf("%s: a right device %s\n", form_names[form], o.passes_probe ? "passes" : "FAILED");
    }
    for (uint32_t i = 0; i < n_mutants; i++) {
        const char *ended = run(&mutants[i], MODE_VERIFY, seconds, &o);
        const bool refused = !ended && !o.fails && !o.passes_verify;
        n_wrong += !refused;
        printf("%s: %s%s: %s\n", mutants[i].name, refused ? "refused" : "FAILED",
               refused && !o.passes_probe ? ", by the probe, too" : "", ended ? ended : o.seen);
    }
    return n_wrong + run_scorers(seconds) != 0;
}

int main(int argc, char **argv)
{
    const char *out = NULL, *one = NULL, *again = NULL, *only = "";
    unsigned count = 560, seconds = 300, pieces = 100, part = 0, parts = 1;
    uint64_t seed = 1;
    bool only_named = false;
    for (int i = 1; i < argc; i++)
        if (!strncmp(argv[i], "--out=", 6))
            out = argv[i] + 6;
        else if (!strncmp(argv[i], "--one=", 6))
            one = argv[i] + 6;
        else if (!strncmp(argv[i], "--again=", 8))
            again = argv[i] + 8;
        else if (!strncmp(argv[i], "--only=", 7))
            only = argv[i] + 7;
        else if (!strncmp(argv[i], "--pieces=", 9))
            pieces = (unsigned)strtoul(argv[i] + 9, NULL, 10);
        else if (!strncmp(argv[i], "--seed=", 7))
            seed = strtoull(argv[i] + 7, NULL, 10);
        else if (!strncmp(argv[i], "--count=", 8))
            count = (unsigned)strtoul(argv[i] + 8, NULL, 10);
        else if (!strncmp(argv[i], "--timeout=", 10))
            seconds = (unsigned)strtoul(argv[i] + 10, NULL, 10);
        else if (!strncmp(argv[i], "--part=", 7) && sscanf(argv[i] + 7, "%u/%u", &part, &parts) == 2 && part < parts)
            continue;
        else if (!strcmp(argv[i], "--named"))
            only_named = true;
    if (!(entry = driver_entry())) {
        printf("skipped: no Vulkan loader\n");
        return 77;
    }
    if (only_named)
        return run_named(seconds);
    choose_all(count, seed);
    keep_only(only);
    if (again)
        keep_equal(again);
    keep_part(part, parts);
    if (one)
        return run_one(one, pieces, seconds);
    if (out)
        return run_all(out, pieces, seconds);
    fprintf(stderr, "mutants: --named, --one=NAME or --out=FILE\n");
    return 2;
}
