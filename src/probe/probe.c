/* The probe of a run. A device remembers which families, networks and pictures have passed. */
#include "probe/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "engine/kernels.h"
#include "model/model.h"

void probe_tell(struct probe_report *report, bool equal, const char *format, ...)
{
    char line[PROBE_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (report->fn)
        report->fn(report->user, line, equal);
    if (!equal && !report->first[0])
        memcpy(report->first, line, sizeof(line));
}

int probe_outcome(const struct probe_report *report)
{
    return report->first[0] ? VKV_ERR_PROBE : VKV_OK;
}

static int refuse(struct vkv_device *device, const struct probe_report *report)
{
    return log_fail(&device->log, VKV_ERR_PROBE, "the device computes wrongly and is refused: %s", report->first);
}

static int failed_before(struct vkv_device *device)
{
    return log_fail(&device->log, VKV_ERR_PROBE, "the device failed its probe before");
}

/* ---- features ---- */

/* Whether the same kernels compute both. The host has no pipelines. */
static bool same_kernels(const struct vkv_device *device, const struct family_use *a, const struct family_use *b)
{
    const bool any_size = !device->gpu || !a->family->kernels->follow_size;
    return family_use_same_kernels(a, b) && (any_size || (a->width == b->width && a->height == b->height));
}

/* A unit is one use, or two uses that the same steps compute. */
struct unit {
    struct family_use uses[2];
    uint32_t n_uses;
};

/* The unit that use `u` belongs to. */
static struct unit unit_of(const struct probe_use *use, uint32_t u)
{
    uint32_t partners[FAMILY_MAX_USES];
    pipeline_pairs(use->uses, use->n_uses, partners);
    const uint32_t other = partners[u], first = other < u ? other : u, second = other < u ? u : other;
    return (struct unit){{use->uses[first], use->uses[second]}, other == u ? 1 : 2};
}

static bool is_unit(const struct vkv_device *device, const struct probed *probed, const struct unit *unit)
{
    if (!probed->use.family || (probed->second.family != NULL) != (unit->n_uses == 2))
        return false;
    return same_kernels(device, &probed->use, &unit->uses[0]) &&
           (unit->n_uses == 1 || same_kernels(device, &probed->second, &unit->uses[1]));
}

static const struct probed *find_probed(const struct vkv_device *device, const struct probe_use *use, uint32_t u)
{
    const struct unit unit = unit_of(use, u);
    for (size_t i = 0; i < DEVICE_MAX_PROBED; i++) {
        const struct probed *const probed = &device->probed[i];
        if (is_unit(device, probed, &unit) && probed->bit_depth == use->bit_depth &&
            probed->shares_reference == use->shares_reference)
            return probed;
    }
    return NULL;
}

/* The oldest is forgotten first, and probed again when it is asked for. */
static void remember(struct vkv_device *device, const struct probe_use *use, const struct unit *unit, int outcome)
{
    struct probed *const probed = &device->probed[device->n_probed++ % DEVICE_MAX_PROBED];
    *probed = (struct probed){.use = unit->uses[0],
                              .bit_depth = use->bit_depth,
                              .shares_reference = use->shares_reference,
                              .outcome = outcome};
    if (unit->n_uses == 2)
        probed->second = unit->uses[1];
}

static int compare_features(struct vkv_device *device, const struct probe_use *use, struct probe_report *report)
{
    const int err = probe_known_features(device, use, report);
    return err ? err : probe_own_size(device, use, report);
}

/* Which families of a use that failed compute wrongly: each by itself, so that one does not speak for others. */
static int remember_each(struct vkv_device *device, const struct probe_use *failed)
{
    for (uint32_t u = 0; u < failed->n_uses; u++) {
        const struct unit unit = unit_of(failed, u);
        struct probe_report report = {0};
        struct probe_use one = *failed;
        one.uses = unit.uses;
        one.n_uses = unit.n_uses;
        if (find_probed(device, failed, u)) /* with the first use of the two */
            continue;
        const int err = compare_features(device, &one, &report);
        if (err && err != VKV_ERR_PROBE)
            return err;
        remember(device, failed, &unit, err);
    }
    return VKV_OK;
}

static void remember_all(struct vkv_device *device, const struct probe_use *passed)
{
    for (uint32_t u = 0; u < passed->n_uses; u++) {
        const struct unit unit = unit_of(passed, u);
        if (!find_probed(device, passed, u))
            remember(device, passed, &unit, VKV_OK);
    }
}

/* The families that are not known yet: on them alone. */
static int probe_locked(struct vkv_device *device, const struct probe_use *use)
{
    struct probe_report report = {0};
    struct family_use uses[FAMILY_MAX_USES];
    struct probe_use rest = {.bit_depth = use->bit_depth, .shares_reference = use->shares_reference, .uses = uses};
    for (uint32_t u = 0; u < use->n_uses; u++) {
        const struct probed *const probed = find_probed(device, use, u);
        if (!family_has_kernels(&use->uses[u]))
            continue;
        if (probed && probed->outcome)
            return failed_before(device);
        if (!probed)
            uses[rest.n_uses++] = use->uses[u];
    }
    if (!rest.n_uses)
        return VKV_OK;
    int err = compare_features(device, &rest, &report);
    if (err == VKV_ERR_PROBE) {
        err = remember_each(device, &rest);
        return err ? err : refuse(device, &report);
    }
    if (!err)
        remember_all(device, &rest);
    return err;
}

int probe_features_once(struct vkv_device *device, const struct probe_use *use)
{
    pthread_mutex_lock(&device->probe_lock);
    int err = probe_locked(device, use);
    pthread_mutex_unlock(&device->probe_lock);
    return err;
}

/* ---- networks ---- */

/* Rows that the models of a run are compared on. */
#define MODEL_ROWS 48

/* A digest of all numbers that the shader sees. 0: out of memory. */
static uint64_t digest_of(const vkv_model *model)
{
    struct mlp_scaler_constants scaler;
    uint32_t n, parts[sizeof(scaler) / 4];
    uint64_t digest = 14695981039346656037ull;
    mlp_pack(&model->plan, NULL, &n);
    uint32_t *words = mem_alloc(n, sizeof(*words));
    if (!words)
        return 0;
    mlp_pack(&model->plan, words, &n);
    mlp_scaler(&model->plan, &scaler);
    memcpy(parts, &scaler, sizeof(parts));
    for (uint32_t i = 0; i < n + sizeof(scaler) / 4; i++)
        digest = (digest ^ (i < n ? words[i] : parts[i - n])) * 1099511628211ull, digest ^= digest >> 29;
    mem_free(words);
    return digest | 1;
}

static bool is_proven(const struct vkv_device *device, uint64_t digest)
{
    for (size_t i = 0; i < sizeof(device->proven) / sizeof(device->proven[0]); i++)
        if (digest && device->proven[i] == digest)
            return true;
    return false;
}

static int compare_models(struct vkv_device *device, vkv_model *const *models, uint32_t n_models,
                          struct probe_report *report)
{
    const int err = probe_known_network(device, report);
    return err ? err : probe_models(device, models, n_models, MODEL_ROWS, report);
}

static int probe_models_locked(struct vkv_device *device, vkv_model *const *models, uint32_t n_models)
{
    struct probe_report report = {0};
    uint64_t digests[NETWORKS_MAX];
    uint32_t n_proven = 0;
    if (device->models_failed)
        return failed_before(device);
    for (uint32_t m = 0; m < n_models; m++)
        n_proven += is_proven(device, digests[m] = digest_of(models[m]));
    if (n_proven == n_models)
        return VKV_OK;
    const int err = compare_models(device, models, n_models, &report);
    device->models_failed = err == VKV_ERR_PROBE;
    if (err)
        return device->models_failed ? refuse(device, &report) : err;
    for (uint32_t m = 0; m < n_models; m++)
        device->proven[device->n_proven++ % (sizeof(device->proven) / sizeof(device->proven[0]))] = digests[m];
    return VKV_OK;
}

int probe_models_once(struct vkv_device *device, vkv_model *const *models, uint32_t n_models)
{
    pthread_mutex_lock(&device->probe_lock);
    int err = probe_models_locked(device, models, n_models);
    pthread_mutex_unlock(&device->probe_lock);
    return err;
}
