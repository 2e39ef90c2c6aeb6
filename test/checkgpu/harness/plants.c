/* Faults on purpose: each must be seen by the check it is meant for. */
#include <string.h>

#include "checkgpu.h"
#include "features/cambi_kernels.h"
#include "stages/stages.h"

static const struct {
    const char *name, *seen_by; /* a stage's name, or another name that report.c knows */
} plants[N_PLANTS] = {
    [PLANT_NONE] = {"none", ""},
    [PLANT_INGEST] = {"ingest", "ingest"},
    [PLANT_PAD] = {"pad", "pad"},
    [PLANT_VIF_DOWN] = {"vif_down", "vif_down"},
    [PLANT_VIF_REF] = {"vif_ref", "vif_ref"},
    [PLANT_VIF] = {"vif", "vif"},
    [PLANT_VIF_LIST] = {"vif-list", "vif"},
    [PLANT_ADM_DWT] = {"adm_dwt", "adm_dwt"},
    [PLANT_ADM] = {"adm", "adm"},
    [PLANT_MOTION] = {"motion", "motion"},
    [PLANT_CAMBI_PREP] = {"cambi_prep", "cambi_prep"},
    [PLANT_CAMBI_MODE] = {"cambi_mode", "cambi_mode"},
    [PLANT_CAMBI_COUNT] = {"cambi_count", "cambi_count"},
    [PLANT_CAMBI_SELECT] = {"cambi_select", "cambi_select"},
    [PLANT_REDUCE] = {"reduce", "reduce"},
    [PLANT_MLP] = {"mlp", "mlp"},
    [PLANT_GUARD] = {"guard", "guard"},
    [PLANT_ROW] = {"row", "ingest"},
    [PLANT_STALE] = {"stale", "reduce"},
    [PLANT_IDLE] = {"idle", "evidence"},
    [PLANT_REPEAT] = {"repeat", "repetition"},
    [PLANT_REPLAY] = {"replay", "replay"},
    [PLANT_SCORER] = {"scorer", "scorer"},
    [PLANT_UNCHECKED] = {"unchecked", "stage without a check"},
    [PLANT_VALIDATION] = {"validation", "evidence"},
    [PLANT_HAZARD] = {"hazard", "evidence"},
};

enum plant plant_find(const char *name)
{
    for (int i = 1; i < N_PLANTS; i++)
        if (!strcmp(plants[i].name, name))
            return (enum plant)i;
    return PLANT_NONE;
}

static const struct use_plan *use_of(const struct pipeline *p, const struct family *family)
{
    const struct use_plan *use = p->uses;
    while (use->use.family != family)
        use++;
    return use;
}

/* The first word of one of cambi's planes. */
static uint32_t *first_word(const struct pipeline *p, const struct images *images)
{
    return (uint32_t *)((uint8_t *)gpu_buffer_map(p->scratch) + images->offset);
}

void plant_in_run(struct check_run *run)
{
    const struct pipeline *p = run->pipeline;
    const struct level *fine = &p->levels[0], *coarse = &p->levels[2];
    const struct bands *b = &p->bands[3];
    const struct partial *const vif = use_of(p, &family_vif)->partials;
    const struct cambi_planes cambi = cambi_planes_of(p, use_of(p, &family_cambi));
    switch (run->checker->plant) {
    case PLANT_INGEST: /* the first sample */ run->planes.bytes[fine->dist.offset + 8 * PLANE_PAD_GROUPS] ^= 1; break;
    case PLANT_PAD: /* the sample before it */
        run->planes.bytes[fine->dist.offset + 8 * PLANE_PAD_GROUPS - 2] ^= 1;
        break;
    case PLANT_VIF_DOWN: /* the first sample of the second level's second row */
        run->planes.bytes[coarse->ref.offset + 8 * coarse->stride + 8 * PLANE_PAD_GROUPS] ^= 1;
        break;
    case PLANT_VIF_REF: /* MX of the first pixel */
        run->planes.bytes[p->levels[1].shared.offset] ^= (uint8_t)p->shares_reference;
        break;
    case PLANT_VIF: /* a_den of the last record */
        run->partials.bytes[vif[1].offset + vif[1].lists_bytes + 8] ^= 1;
        break;
    case PLANT_VIF_LIST:
        run->partials.bytes[vif[0].offset + 4 * (LIST_HEADER_WORDS + LIST_ENTRY_WORDS * p->params.list_entries) - 1] ^=
            1;
        break;
    case PLANT_ADM_DWT: /* the last coefficient of band d */
        run->coefficients.bytes[b->dist.offset + (uint64_t)b->group_bytes * b->stride * (b->height - 1) +
                                64 * ((b->width - 1) / 4) + 32 + 4 * ((b->width - 1) % 4)] ^= 1;
        break;
    case PLANT_ADM: run->partials.bytes[use_of(p, &family_adm)->partials[2].offset + 4] ^= 1; break;
    case PLANT_MOTION: run->partials.bytes[use_of(p, &family_motion)->partials[0].offset] ^= 1; break;
    case PLANT_CAMBI_PREP: /* the first sample's mask */ *first_word(p, &cambi.working) ^= 0x8000; break;
    case PLANT_CAMBI_MODE: /* a zero around the codes */ *first_word(p, &cambi.codes) ^= 1; break;
    case PLANT_CAMBI_COUNT: /* the first value */ *first_word(p, &cambi.values) ^= 1; break;
    case PLANT_CAMBI_SELECT:
        run->partials.bytes[use_of(p, &family_cambi)->partials[0].offset + 4 * CAMBI_THRESHOLD] ^= 1;
        break;
    case PLANT_REDUCE: run->results.bytes[8 * (p->n_sums - 1) + 4] ^= 1; break;
    default: break;
    }
}

/* A dispatch whose output is said to be input, so that no barrier falls between it and the next, which reads that. */
static bool run_hazard(struct checker *k)
{
    const struct pipeline_params params = {
        .width = 64, .height = 64, .bit_depth = 8, .streams = 1, .frames = 1, .slots = 1};
    struct pipeline *p = NULL;
    struct gpu_commands *commands = NULL;
    struct gpu_set *set = NULL;
    bool ok = !pipeline_create(k->device->gpu, &params, &p) && !gpu_commands_create(k->device->gpu, &commands);
    if (ok) {
        const struct step *step = &p->steps[0];
        const struct gpu_binding storage[GPU_N_STORAGE] = {
            bind_pictures(p, 0, &references), [3] = bind_images(&p->levels[0].ref, 1, 1, GPU_TEXEL_NONE, false)};
        ok = !gpu_set_create(k->device->gpu, storage, NULL, &set) && !gpu_begin(commands, NULL);
        ok = ok &&
             !gpu_dispatch(commands, step->pass, set, step->push, step->push_bytes, step->groups.x, step->groups.y, 1);
        while (strcmp(step->stage, "vif_down"))
            step++;
        ok = ok && !gpu_dispatch(commands, step->pass, step->sets[0], step->push, step->push_bytes, step->groups.x,
                                 step->groups.y, 1);
        ok = ok && !gpu_submit(commands) && !gpu_wait(commands);
    }
    gpu_commands_destroy(commands);
    gpu_set_destroy(set);
    pipeline_destroy(&p);
    return ok;
}

static bool run_all(struct checker *k)
{
    struct check_case c;
    if (k->plant == PLANT_HAZARD && !run_hazard(k))
        return false;
    case_from_seed(k->seed, &c);
    case_resize(&c, 67, 51);
    c.streams = 2; /* a stage of their own for what they share */
    if (!check_case_run(k, &c))
        return false;
    if (k->plant == PLANT_IDLE)
        return true;
    for (size_t i = 0; i < n_stage_checks; i++)
        if (stage_checks[i]->alone && !stage_checks[i]->alone(k))
            return false;
    return true;
}

unsigned selftest(struct checker *k)
{
    unsigned missed = 0;
    for (int i = PLANT_NONE; i < N_PLANTS; i++) {
        struct checker one = *k;
        struct check_log log = *k->log;
        log.silent = k->log->silent = i >= PLANT_VALIDATION;
        unsigned messages = k->log->n_validation;
        bool seen;
        one.plant = (enum plant)i;
        one.quiet = true;
        one.cases = 1;
        one.n_cases = one.n_dispatches = one.n_results = 0;
        one.log = &log;
        one.differences = 0;
        memset(one.by_stage, 0, sizeof(one.by_stage));
        if (i == PLANT_HAZARD && !k->validates)
            continue;
        if (i == PLANT_VALIDATION)
            k->device->log.fn(&log, VKV_LOG_ERROR, "validation: a planted message");
        if (!run_all(&one))
            return N_PLANTS;
        if (i == PLANT_HAZARD) { /* the layer's messages reach the log of the device */
            log.n_validation = k->log->n_validation - messages;
            k->log->n_validation = messages;
        }
        check_evidence(&one);
        if (i == PLANT_NONE)
            seen = !one.differences && one.n_dispatches;
        else
            seen = report_count(&one, plants[i].seen_by);
        printf("planted %-11s %s\n", plants[i].name, seen ? "seen" : "MISSED");
        missed += !seen;
    }
    return missed;
}
