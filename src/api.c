/* Public entry points: argument checks and ownership, nothing else. The functions of scorers lie in scorer.c, those of
 * models in model/open.c. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/params.h"
#include "common/try.h"
#include "device.h"
#include "engine/networks.h"
#include "features/family.h"
#include "model/model.h"
#include "probe/probe.h"
#include "scorer.h"
#include "shared/params.h"
#include "stages/rates.h"
#include "vkvmaf/vkvmaf_vulkan.h"

const char *vkv_strerror(int code)
{
    switch (code) {
    case VKV_OK: return "VKV_OK";
    case VKV_AGAIN: return "VKV_AGAIN";
    case VKV_END: return "VKV_END";
    case VKV_ERR_ARG: return "VKV_ERR_ARG";
    case VKV_ERR_MEMORY: return "VKV_ERR_MEMORY";
    case VKV_ERR_NO_DEVICE: return "VKV_ERR_NO_DEVICE";
    case VKV_ERR_UNSUPPORTED: return "VKV_ERR_UNSUPPORTED";
    case VKV_ERR_DEVICE: return "VKV_ERR_DEVICE";
    case VKV_ERR_DEVICE_LOST: return "VKV_ERR_DEVICE_LOST";
    case VKV_ERR_PROBE: return "VKV_ERR_PROBE";
    case VKV_ERR_IO: return "VKV_ERR_IO";
    case VKV_ERR_MODEL: return "VKV_ERR_MODEL";
    case VKV_ERR_STATE: return "VKV_ERR_STATE";
    default: return "unknown code";
    }
}

const char *vkv_version(void)
{
    return VKV_VERSION_STRING;
}

/* Takes zero parameters for NULL. */
static int take_device_params(vkv_device_params *to, const vkv_device_params *from)
{
    memset(to, 0, sizeof(*to));
    if (!from)
        return VKV_OK;
    return params_take(to, sizeof(*to), from, "vkv_device_params", offsetof(vkv_device_params, log), NULL);
}

int vkv_device_list(const vkv_device_params *params, const vkv_device_info *const **infos, uint32_t *count)
{
    vkv_device_params p;
    int err = take_device_params(&p, params);
    if (err)
        return err;
    if (!infos || !count)
        return log_fail(&p.log, VKV_ERR_ARG, "vkv_device_list: %s is NULL", infos ? "count" : "infos");
    return gpu_device_list(&p, infos, count);
}

void vkv_device_list_free(const vkv_device_info *const **infos)
{
    if (!infos)
        return;
    mem_free((void *)*infos);
    *infos = NULL;
}

/* Takes over the GPU, which is closed on failure; NULL: the CPU reference. */
static int open_on(struct gpu_device *gpu, const vkv_log *log, uint32_t skip_probe, vkv_device **out)
{
    struct vkv_device *device = mem_alloc(1, sizeof(*device));
    if (!device || pthread_mutex_init(&device->probe_lock, NULL)) {
        mem_free(device);
        gpu_device_close(&gpu);
        return log_no_memory(log);
    }
    device->log = *log;
    device->gpu = gpu;
    /* The texel form is always probed: no limit tells how a driver numbers the lanes of a subgroup. */
    device->skip_probe = gpu && gpu_device_texel_form(gpu) ? 0 : skip_probe;
    const vkv_device_info *const info = vkv_device_get_info(device);
    log_line(log, VKV_LOG_INFO, "device '%s': %s, %s", info->name, info->form, info->driver);
    *out = device;
    return VKV_OK;
}

int vkv_device_open(const vkv_device_params *params, vkv_device **out)
{
    vkv_device_params p;
    struct gpu_device *gpu = NULL;
    int err = take_device_params(&p, params);
    if (err)
        return err;
    if (!out)
        return log_fail(&p.log, VKV_ERR_ARG, "vkv_device_open: device is NULL");
    err = !p.select || strcmp(p.select, "cpu") ? gpu_device_open(&p, &gpu) : VKV_OK;
    return err ? err : open_on(gpu, &p.log, p.skip_probe, out);
}

int vkv_device_open_vulkan(const vkv_vulkan_params *params, vkv_device **out)
{
    vkv_vulkan_params p;
    struct gpu_device *gpu = NULL;
    if (!params)
        return VKV_ERR_ARG;
    int err = params_take(&p, sizeof(p), params, "vkv_vulkan_params", offsetof(vkv_vulkan_params, log), NULL);
    if (err)
        return err;
    err = params_reserved(p.reserved, "vkv_vulkan_params", &p.log);
    if (err)
        return err;
    if (!out)
        return log_fail(&p.log, VKV_ERR_ARG, "vkv_device_open_vulkan: device is NULL");
    err = gpu_device_open_host(&p, &gpu);
    return err ? err : open_on(gpu, &p.log, p.skip_probe, out);
}

void vkv_device_close(vkv_device **device)
{
    if (!device || !*device)
        return;
    gpu_device_close(&(*device)->gpu);
    pthread_mutex_destroy(&(*device)->probe_lock);
    mem_free(*device);
    *device = NULL;
}

const vkv_device_info *vkv_device_get_info(const vkv_device *device)
{
    static const vkv_device_info reference = {
        .struct_size = sizeof(reference),
        .type = VKV_DEVICE_CPU_REFERENCE,
        .meets_baseline = 1,
        .name = "cpu",
        .driver = "vkvmaf " VKV_VERSION_STRING " CPU reference",
        .uuid = "",
        .form = "reference",
        .reason = "",
    };
    if (!device)
        return NULL;
    return device->gpu ? gpu_device_info(device->gpu) : &reference;
}

int vkv_request_check(const vkv_request *request, uint32_t *n_planes, const vkv_log *log)
{
    struct family_use use;
    if (!request)
        return log_fail(log, VKV_ERR_ARG, "vkv_request_check: request is NULL");
    int err = family_use_take(log, "", request, 0, &use);
    if (err)
        return err;
    use.chroma = 420; /* any: whether it looks at chroma at all */
    if (n_planes)
        *n_planes = family_n_planes(&use);
    return VKV_OK;
}

int vkv_device_verify(vkv_device *device, vkv_verify_fn fn, void *user)
{
    struct probe_report report = {.fn = fn, .user = user};
    if (!device)
        return VKV_ERR_ARG;
    int err = probe_verify(device, &report);
    return err == VKV_ERR_PROBE ? log_fail(&device->log, err, "the device computes wrongly: %s", report.first) : err;
}

/* How many comparisons vkv_device_verify tells if all are equal. */
static void tell_checks(const vkv_device *device, vkv_fact_fn fn, void *user)
{
    char value[16];
    snprintf(value, sizeof(value), "%u", probe_n_checks(device));
    fn(user, "verify", "checks", value);
}

int vkv_device_facts(vkv_device *device, vkv_fact_fn fn, void *user)
{
    if (!device)
        return VKV_ERR_ARG;
    if (!fn)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_device_facts: fn is NULL");
    if (!device->gpu)
        return VKV_OK;
    gpu_device_facts(device->gpu, fn, user);
    tell_checks(device, fn, user);
    return VKV_OK;
}

int vkv_device_measure(vkv_device *device, vkv_device_rates *rates)
{
    vkv_device_rates found = {.struct_size = sizeof(found)};
    double *const places[N_RATES] = {&found.multiply_adds, &found.adds, &found.bytes};
    if (!device)
        return VKV_ERR_ARG;
    if (!rates)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_device_measure: rates is NULL");
    int err = params_check_place(rates, "vkv_device_rates", &device->log);
    if (err)
        return err;
    err = params_reserved(rates->reserved, "vkv_device_rates", &device->log);
    if (err)
        return err;
    for (uint32_t kind = 0; device->gpu && kind < N_RATES; kind++) {
        err = rate_measure(device->gpu, kind, 0, places[kind]);
        if (err)
            return err;
    }
    params_give(rates, &found, sizeof(found));
    return VKV_OK;
}

int vkv_memory_import(vkv_device *device, const void *address, size_t bytes, vkv_memory **out)
{
    if (!device)
        return VKV_ERR_ARG;
    if (!address || !bytes || !out)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_memory_import: a parameter is NULL or there are no bytes");
    if (!device->gpu)
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED, "the CPU reference imports no host memory");
    struct vkv_memory *memory = mem_alloc(1, sizeof(*memory));
    if (!memory)
        return log_no_memory(&device->log);
    memory->device = device;
    int err;
    TRY(gpu_buffer_import(device->gpu, address, bytes, &memory->buffer));
    *out = memory;
    return VKV_OK;
fail:
    mem_free(memory);
    return err;
}

void vkv_memory_release(vkv_memory **memory)
{
    if (!memory || !*memory)
        return;
    gpu_buffer_destroy((*memory)->buffer);
    mem_free(*memory);
    *memory = NULL;
}

int vkv_scorer_create(vkv_device *device, const vkv_scorer_params *params, vkv_scorer **out)
{
    if (!device)
        return VKV_ERR_ARG;
    if (!params || !out)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_scorer_create: a parameter is NULL");
    vkv_scorer_params p;
    int err = params_take(&p, sizeof(p), params, "vkv_scorer_params", PARAMS_NO_LOG, &device->log);
    if (err)
        return err;
    err = params_reserved(p.reserved, "vkv_scorer_params", &device->log);
    if (err)
        return err;
    return scorer_create(device, &p, !device->skip_probe, NULL, out);
}

int vkv_model_predict(vkv_device *device, const vkv_model *model, const double *rows, size_t n, double *values)
{
    if (!model)
        return device ? log_fail(&device->log, VKV_ERR_ARG, "vkv_model_predict: model is NULL") : VKV_ERR_ARG;
    if (!rows || !values || !n)
        return log_fail(&model->log, VKV_ERR_ARG, "vkv_model_predict: a parameter is NULL or there are no rows");
    if (!model->svm && !device)
        return log_fail(&model->log, VKV_ERR_ARG, "vkv_model_predict: a network needs a device");
    if (!model->svm)
        return networks_predict(device, model, rows, n, values);
    for (size_t i = 0; i < n; i++)
        svm_evaluate(model->svm, rows + i * model->n_inputs, values + i * model->info.n_outputs);
    return VKV_OK;
}
