/* The network asks for fp32 rounded to nearest on a device that offers it, and on no other; its scores have the same
 * bits either way; a device that rounds otherwise is refused by a line that says so. Calls between the library and its
 * loader take the offer away and look at what is created. Exit code 77: no device.
 *
 * usage: rounding [--validation] */
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpu/gpu_internal.h"
#include "model/model.h"
#include "probe/probe.h"
#include "stages/mlp.h"

enum { MAX_BYTES = 1 << 16, ROWS = 64, EXTRA_BYTES = 4 * 13, SPIRV_EXECUTION_MODE = 4 << 16 | 16, SPIRV_RTE = 4462 };
enum offer { AS_IT_IS, NOT_OFFERED, NO_EXTENSION };

static PFN_vkGetInstanceProcAddr loader;
static PFN_vkGetDeviceProcAddr device_loader;
static PFN_vkGetPhysicalDeviceProperties2 get_properties;
static PFN_vkEnumerateDeviceExtensionProperties list_extensions;
static PFN_vkCreateDevice create_device;
static PFN_vkCreateShaderModule create_module;

static enum offer offer;
static bool is_offered, is_enabled; /* what the driver says; what the device was made with */
static uint32_t mlp[MAX_BYTES / 4];
static size_t mlp_bytes, n_others_asking;
static unsigned n_validation, n_wrong;
static char last_error[512];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* modules are created by several threads */

/* ---- between library and loader ---- */

static VKAPI_ATTR void VKAPI_CALL properties_between(VkPhysicalDevice device, VkPhysicalDeviceProperties2 *properties)
{
    get_properties(device, properties);
    for (VkBaseOutStructure *s = properties->pNext; s; s = s->pNext)
        if (s->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES) {
            VkPhysicalDeviceFloatControlsProperties *controls = (void *)s;
            is_offered = controls->shaderRoundingModeRTEFloat32;
            if (offer == NOT_OFFERED)
                controls->shaderRoundingModeRTEFloat32 = VK_FALSE;
        }
}

static VKAPI_ATTR VkResult VKAPI_CALL extensions_between(VkPhysicalDevice device, const char *layer, uint32_t *n,
                                                         VkExtensionProperties *list)
{
    const VkResult result = list_extensions(device, layer, n, list);
    for (uint32_t i = 0; list && offer == NO_EXTENSION && i < *n; i++)
        if (!strcmp(list[i].extensionName, VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME))
            list[i] = list[--*n];
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL device_between(VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
                                                     const VkAllocationCallbacks *allocator, VkDevice *device)
{
    is_enabled = false;
    for (uint32_t i = 0; i < info->enabledExtensionCount; i++)
        is_enabled |= !strcmp(info->ppEnabledExtensionNames[i], VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME);
    return create_device(physical, info, allocator, device);
}

static bool asks(const uint32_t *code, size_t bytes)
{
    size_t n = 0;
    for (size_t at = 5; at < bytes / 4; at += code[at] >> 16)
        n += code[at] == SPIRV_EXECUTION_MODE && code[at + 2] == SPIRV_RTE && code[at + 3] == 32;
    return n == 1;
}

/* The network's module is known by its tail, which is as it is stored. */
static bool is_mlp(const VkShaderModuleCreateInfo *info)
{
    const size_t tail = shader_mlp.portable_bytes / 2;
    return info->codeSize >= tail && info->codeSize <= MAX_BYTES &&
           !memcmp((const char *)info->pCode + info->codeSize - tail,
                   (const char *)shader_mlp.portable + shader_mlp.portable_bytes - tail, tail);
}

static VKAPI_ATTR VkResult VKAPI_CALL module_between(VkDevice device, const VkShaderModuleCreateInfo *info,
                                                     const VkAllocationCallbacks *allocator, VkShaderModule *module)
{
    pthread_mutex_lock(&lock);
    if (is_mlp(info)) {
        memcpy(mlp, info->pCode, info->codeSize);
        mlp_bytes = info->codeSize;
    } else {
        n_others_asking += asks(info->pCode, info->codeSize);
    }
    pthread_mutex_unlock(&lock);
    return create_module(device, info, allocator, module);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_function(VkDevice device, const char *name)
{
    const PFN_vkVoidFunction function = device_loader(device, name);
    if (strcmp(name, "vkCreateShaderModule") != 0)
        return function;
    create_module = (PFN_vkCreateShaderModule)function;
    return (PFN_vkVoidFunction)module_between;
}

/* `function` is kept in *own; the one between is given out. */
#define BETWEEN(vk_name, own, between)                                                                                 \
    if (instance && !strcmp(name, #vk_name)) {                                                                         \
        own = (PFN_##vk_name)function;                                                                                 \
        return (PFN_vkVoidFunction)between;                                                                            \
    }

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_function(VkInstance instance, const char *name)
{
    const PFN_vkVoidFunction function = loader(instance, name);
    BETWEEN(vkGetPhysicalDeviceProperties2, get_properties, properties_between)
    BETWEEN(vkEnumerateDeviceExtensionProperties, list_extensions, extensions_between)
    BETWEEN(vkCreateDevice, create_device, device_between)
    BETWEEN(vkGetDeviceProcAddr, device_loader, get_device_function)
    return function;
}

/* ---- runs ---- */

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    if (level != VKV_LOG_ERROR)
        return;
    n_validation += !strncmp(line, "validation:", 11);
    snprintf(last_error, sizeof(last_error), "%s", line);
    printf("%s\n", line);
}

static void demand(bool is_so, const char *what)
{
    if (!is_so)
        printf("wrong: %s\n", what);
    n_wrong += !is_so;
}

static int predict(const vkv_device_params *params, double scores[ROWS])
{
    static double rows[ROWS * PLAN_N_INPUTS];
    const vkv_model_params file = {.struct_size = sizeof(file), .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx"};
    vkv_device *device = NULL;
    vkv_model *model = NULL;
    int err;
    for (int i = 0; i < ROWS * PLAN_N_INPUTS; i++)
        rows[i] = i % PLAN_N_INPUTS == 5 ? i % 37 * 0.3 : 0.2 + i * 7919 % 1000 * 0.0008;
    if (!(err = vkv_device_open(params, &device)) && !(err = vkv_model_open(&file, &model)))
        err = vkv_model_predict(device, model, rows, ROWS, scores);
    vkv_model_close(&model);
    vkv_device_close(&device);
    return err;
}

static void demand_valid(void)
{
    char path[] = "/tmp/vkvmaf-mlp-XXXXXX", command[512];
    const int file = mkstemp(path);
    snprintf(command, sizeof(command), "'%s' --target-env vulkan1.1 %s", SPIRV_VAL, path);
    demand(file >= 0 && write(file, mlp, mlp_bytes) == (ssize_t)mlp_bytes && !close(file) && !system(command),
           "the module that asks is valid");
    unlink(path);
}

static void demand_module(bool is_asked)
{
    demand(mlp_bytes && is_enabled == is_asked && asks(mlp, mlp_bytes) == is_asked, "asked for where it is offered");
    demand(!n_others_asking, "by the network only");
    if (is_asked)
        demand_valid();
    demand(mlp_bytes == shader_mlp.portable_bytes + (is_asked ? EXTRA_BYTES : 0), "with what it takes");
    if (!is_asked)
        demand(!memcmp(mlp, shader_mlp.portable, mlp_bytes), "the module as it is stored");
}

/* Threads take the rounding of the one that starts them: so do those of a software driver. */
static void round_otherwise(const vkv_device_params *params)
{
    const vkv_model_params file = {.struct_size = sizeof(file), .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx"};
    vkv_device *device = NULL;
    vkv_model *model = NULL;
    demand(!vkv_model_open(&file, &model), "a model");
    fesetround(FE_TOWARDZERO);
    int err = vkv_device_open(params, &device);
    fesetround(FE_TONEAREST);
    demand(!err, "a device that rounds to zero");
    if (!err)
        err = probe_models_once(device, &model, 1);
    demand(err == VKV_ERR_PROBE && strstr(last_error, "not rounded to nearest"), "is refused by a line that says so");
    vkv_model_close(&model);
    vkv_device_close(&device);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"as it is", "not offered", "no extension"};
    static double want[ROWS], got[ROWS];
    const PFN_vkGetInstanceProcAddr between = get_function;
    vkv_device_params params = {.struct_size = sizeof(params),
                                .log = {on_line, NULL},
                                .validation = argc > 1 && !strcmp(argv[1], "--validation")};
    vkv_device_params cpu = {.struct_size = sizeof(cpu), .select = "cpu", .log = {on_line, NULL}};
    if (volkInitialize() != VK_SUCCESS)
        return 77;
    loader = vkGetInstanceProcAddr;
    memcpy(&params.get_instance_proc_addr, &between, sizeof(between));
    demand(!predict(&cpu, want), "scores of the CPU");
    for (offer = AS_IT_IS; offer <= NO_EXTENSION; offer++) {
        mlp_bytes = 0;
        const int err = predict(&params, got);
        if (err == VKV_ERR_NO_DEVICE)
            return 77;
        printf("%s: offered %d, asked %d, %zu bytes\n", names[offer], is_offered, mlp_bytes && asks(mlp, mlp_bytes),
               mlp_bytes);
        demand(!err && !memcmp(want, got, sizeof(want)), "the same bits");
        demand_module(offer == AS_IT_IS && is_offered);
    }
    offer = AS_IT_IS;
    round_otherwise(&params);
    printf("%u complaints, %u of the validation layer\n", n_wrong, n_validation);
    return n_wrong || n_validation;
}
