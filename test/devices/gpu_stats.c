/* Compiles every shader with the constants it is used with and prints what a driver's compiler says of it, for
 * gpu_budget.py and radv_cycles.py. The driver has VK_KHR_pipeline_executable_properties; its GPU need not be there
 * (RADV's null device). Such a device has no memory: which shaders are used, and how, is asked of the pipelines that
 * llvmpipe gets in the same form, with narrow lanes at the same places.
 *
 * usage: gpu_stats [--form=FORM] [DEVICE]; else RADV's null device, if RADV_FORCE_FAMILY is set. FORM is portable,
 * texel, narrow or unrolled; else it is the one that the device gets. Both drivers must be visible. Exit code 77: they
 * are not, or the driver does not tell.
 *
 * Prints "device NAME", "driver DESCRIPTION" and "form FORM", each in a line, and then frames and shaders. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpu/gpu_internal.h"
#include "model/model.h"
#include "stages/mlp.h"
#include "stages/rates.h"
#include "stages/stages.h"

#define MAX_STATISTICS 32

static VkDevice statistics_device;
static struct VolkDeviceTable vk;

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    if (level == VKV_LOG_ERROR)
        fprintf(stderr, "%s\n", line);
}

/* A second logical device of the same GPU, with the extension that tells about pipelines. */
static bool create_device(struct gpu_device *gpu)
{
    const char *const extensions[] = {VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME};
    const VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR,
        .pipelineExecutableInfo = VK_TRUE};
    const VkPhysicalDeviceFeatures all = {.shaderInt64 = gpu_device_texel_form(gpu)};
    const float priority = 1;
    const VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                           .queueCount = 1,
                                           .queueFamilyIndex = gpu->queue_family,
                                           .pQueuePriorities = &priority};
    const VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                     .pNext = &features,
                                     .pEnabledFeatures = &all,
                                     .queueCreateInfoCount = 1,
                                     .pQueueCreateInfos = &queue,
                                     .enabledExtensionCount = 1,
                                     .ppEnabledExtensionNames = extensions};
    if (gpu->instance->vkCreateDevice(gpu->physical, &info, NULL, &statistics_device))
        return false;
    volkLoadDeviceTable(&vk, statistics_device);
    return vk.vkGetPipelineExecutablePropertiesKHR && vk.vkGetPipelineExecutableStatisticsKHR;
}

static VkPipelineLayout create_layout(const struct gpu_device *gpu)
{
    VkDescriptorSetLayoutBinding bindings[GPU_TEXEL_BINDING + GPU_N_STORAGE];
    const uint32_t n = gpu_device_texel_form(gpu) ? GPU_TEXEL_BINDING + GPU_N_STORAGE : GPU_TEXEL_BINDING;
    for (uint32_t i = 0; i < n; i++)
        bindings[i] =
            (VkDescriptorSetLayoutBinding){i,
                                           i < GPU_N_STORAGE          ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                                           : i == GPU_UNIFORM_BINDING ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER
                                                                      : VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
                                           1, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
    const VkDescriptorSetLayoutCreateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = n, .pBindings = bindings};
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    const VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, GPU_PUSH_BYTES};
    if (vk.vkCreateDescriptorSetLayout(statistics_device, &set, NULL, &set_layout))
        return VK_NULL_HANDLE;
    const VkPipelineLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                             .setLayoutCount = 1,
                                             .pSetLayouts = &set_layout,
                                             .pushConstantRangeCount = 1,
                                             .pPushConstantRanges = &push};
    return vk.vkCreatePipelineLayout(statistics_device, &info, NULL, &layout) ? VK_NULL_HANDLE : layout;
}

static VkPipeline compile(const struct gpu_pass *pass, uint32_t form, VkPipelineLayout layout)
{
    const struct gpu_code words = gpu_shader_code(pass->shader, form);
    VkSpecializationMapEntry entries[GPU_MAX_SPEC];
    VkShaderModule module;
    VkPipeline pipeline = VK_NULL_HANDLE;
    const VkShaderModuleCreateInfo code = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = words.bytes, .pCode = words.words};
    if (vk.vkCreateShaderModule(statistics_device, &code, NULL, &module))
        return VK_NULL_HANDLE;
    for (uint32_t i = 0; i < pass->n_spec; i++)
        entries[i] = (VkSpecializationMapEntry){i, 4 * i, 4};
    const VkSpecializationInfo spec = {pass->n_spec, entries, 4 * pass->n_spec, pass->spec};
    const VkComputePipelineCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
                                              .flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR,
                                              .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                                                        .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                                                        .module = module,
                                                        .pName = "main",
                                                        .pSpecializationInfo = &spec},
                                              .layout = layout};
    if (vk.vkCreateComputePipelines(statistics_device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline))
        pipeline = VK_NULL_HANDLE;
    vk.vkDestroyShaderModule(statistics_device, module, NULL);
    return pipeline;
}

static void print_statistic(const VkPipelineExecutableStatisticKHR *s)
{
    printf("; %s = ", s->name);
    switch (s->format) {
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR: printf("%d", s->value.b32 != 0); break;
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR: printf("%" PRId64, s->value.i64); break;
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR: printf("%" PRIu64, s->value.u64); break;
    default: printf("%g", s->value.f64);
    }
}

/* Shader and constants. */
static const char *pass_name(const struct gpu_pass *pass)
{
    static char name[128];
    snprintf(name, sizeof(name), "%s", pass->shader->name);
    for (uint32_t i = 0; i < pass->n_spec; i++)
        snprintf(name + strlen(name), sizeof(name) - strlen(name), " %u", pass->spec[i]);
    return name;
}

/* "shader <name, constants>; <statistic> = <value>; ...", for each form in which the compiler leaves it. */
static bool print_executable(VkPipeline pipeline, uint32_t index, const char *name)
{
    VkPipelineExecutableStatisticKHR list[MAX_STATISTICS];
    uint32_t n = MAX_STATISTICS;
    const VkPipelineExecutableInfoKHR which = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline, .executableIndex = index};
    for (uint32_t i = 0; i < MAX_STATISTICS; i++)
        list[i] = (VkPipelineExecutableStatisticKHR){.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR};
    if (vk.vkGetPipelineExecutableStatisticsKHR(statistics_device, &which, &n, list) < 0 || !n)
        return false;
    printf("shader %s", name);
    for (uint32_t i = 0; i < n; i++)
        print_statistic(&list[i]);
    printf("\n");
    return true;
}

static bool print_pass(const struct gpu_pass *pass, uint32_t form, VkPipelineLayout layout)
{
    uint32_t n = 0;
    fprintf(stderr, "@shader %s\n", pass_name(pass)); /* before what the compiler itself prints (radv_cycles.py) */
    VkPipeline pipeline = compile(pass, form, layout);
    const VkPipelineInfoKHR info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, .pipeline = pipeline};
    bool ok = pipeline && vk.vkGetPipelineExecutablePropertiesKHR(statistics_device, &info, &n, NULL) >= 0 && n;
    for (uint32_t i = 0; i < n && ok; i++)
        ok = print_executable(pipeline, i, pass_name(pass));
    if (!ok)
        printf("FAILED: no pipeline or no statistics of %s\n", pass_name(pass));
    vk.vkDestroyPipeline(statistics_device, pipeline, NULL);
    return ok;
}

/* Every family with kernels. One that is not there by default is asked for by models, with the first set of options
 * that it is tried with. */
static uint32_t take_families(struct family_use *uses)
{
    uint32_t n = 0;
    for (uint32_t f = 0; f < n_families; f++)
        if (families[f]->kernels)
            uses[n++] = family_use_tried(families[f], families[f]->info.flags & VKV_FAMILY_DEFAULT ? 0 : 1);
    return n;
}

/* The families of VMAF v1 with its options, as far as kernels depend on them. */
static uint32_t take_v1(struct family_use *uses)
{
    uses[0] = family_use_tried(&family_adm, family_adm.n_tried);
    uses[1] = family_use_standard(&family_motion);
    uses[2] = family_use_tried(&family_cambi, 1);
    return 3;
}

/* What libvmaf's default model and its NEG model need together. */
static uint32_t take_both(struct family_use *uses)
{
    uses[0] = family_use_standard(&family_adm);
    uses[1] = family_use_tried(&family_adm, 1);
    uses[2] = family_use_standard(&family_motion);
    uses[3] = family_use_standard(&family_vif);
    uses[4] = family_use_tried(&family_vif, 1);
    return 5;
}

/* AIM with both gain limits, as with those of VMAF v1 beside the standard one. */
static uint32_t take_aim(struct family_use *uses)
{
    uses[0] = family_use_tried(&family_adm, 2);
    uses[1] = family_use_tried(&family_adm, family_adm.n_tried);
    return 2;
}

struct frame {
    const char *title;
    uint32_t (*take)(struct family_use *uses);
    uint32_t bit_depth, streams;
};

/* The dispatches of a frame: "dispatch <workgroups> <images> <stage> <scale> <shader, constants>". */
static bool print_frame(struct gpu_device *gpu, const struct frame *frame)
{
    struct family_use uses[FAMILY_MAX_USES];
    const struct pipeline_params params = {.width = 1920,
                                           .height = 1080,
                                           .bit_depth = frame->bit_depth,
                                           .streams = frame->streams,
                                           .frames = 1,
                                           .slots = 1,
                                           .constant_filters = 1,
                                           .uses = uses,
                                           .n_uses = frame->take(uses)};
    struct pipeline *p = NULL;
    if (pipeline_create(gpu, &params, &p))
        return false;
    printf("frame %s: %ux%u, %u bit, %u streams\n", frame->title, params.width, params.height, params.bit_depth,
           params.streams);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct step *s = &p->steps[i];
        printf("dispatch %u %u %s %d %s\n", s->groups.x * s->images_per_frame * (s->images_on_y ? 1 : s->groups.y),
               s->images_per_frame, s->stage, s->scale, pass_name(s->pass));
    }
    pipeline_destroy(&p);
    return true;
}

static bool print_frames(struct gpu_device *gpu)
{
    static const struct frame frames[] = {
        {"usual", take_families, 8, 1},  {"usual", take_families, 10, 1}, {"usual", take_families, 8, 8},
        {"usual", take_families, 10, 8}, {"v1", take_v1, 8, 1},           {"v1", take_v1, 10, 1},
        {"both", take_both, 8, 1},       {"both", take_both, 10, 1},      {"both", take_both, 8, 8},
        {"aim", take_aim, 8, 1},
    };
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        if (!print_frame(gpu, &frames[i]))
            return false;
    return true;
}

/* Asks for the pipelines of every depth, with and without the lists of a replay, of one network and of the
 * micro-benchmarks. */
static bool use_all(struct gpu_device *gpu)
{
    static float weights[6], bias[1];
    vkv_model model = {
        .plan = {.n_layers = 1, .layers = {{.inputs = 6, .outputs = 1, .weights = weights, .bias = bias}}}};
    vkv_model *models = &model;
    struct mlp_batch *batch = NULL;
    double rate;
    bool ok = !mlp_batch_create(gpu, &models, 1, 16, &batch);
    mlp_batch_destroy(&batch);
    for (uint32_t kind = 0; ok && kind < N_RATES; kind++)
        ok = !rate_measure(gpu, kind, 0, &rate);
    const struct family_use vif = family_use_standard(&family_vif);
    for (uint32_t i = 0; ok && i < 4; i++) {
        const struct pipeline_params params = {.width = 64,
                                               .height = 64,
                                               .bit_depth = i % 2 ? 10 : 8,
                                               .streams = 1,
                                               .frames = 1,
                                               .slots = 1,
                                               .list_every = i / 2,
                                               .constant_filters = 1,
                                               .uses = &vif,
                                               .n_uses = i / 2};
        struct pipeline *p = NULL;
        ok = !pipeline_create(gpu, &params, &p);
        pipeline_destroy(&p);
    }
    return ok;
}

static bool tells(const struct gpu_device *gpu)
{
    static VkExtensionProperties known[512];
    uint32_t n = 512;
    return gpu->instance->vkEnumerateDeviceExtensionProperties(gpu->physical, NULL, &n, known) >= 0 &&
           gpu_has_extension(known, n, VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME);
}

static int skip(const char *why)
{
    printf("skipped: %s\n", why);
    return 77;
}

/* False if a word is no form. */
static bool take_form(const char *word, uint32_t *form)
{
    static const char *const forms[] = {"", "portable", "texel", "narrow", "unrolled"};
    for (*form = VKV_FORM_PORTABLE; *form <= VKV_FORM_UNROLLED; ++*form)
        if (!strcmp(word, forms[*form]))
            return true;
    return false;
}

/* llvmpipe, which is told to have the lanes of the other device. */
static bool open_source(const struct gpu_device *gpu, vkv_device_params params, struct gpu_device **source)
{
    params.select = "llvmpipe";
    params.form = gpu->form;
    if (gpu_device_open(&params, source))
        return false;
    (*source)->narrow = gpu->narrow;
    return true;
}

static void print_head(const struct gpu_device *gpu)
{
    printf("device %s\ndriver %s\nform %s", gpu->about.info.name, gpu->about.info.driver, gpu->about.info.form);
    if (gpu->form == VKV_FORM_PORTABLE && gpu->narrow)
        printf(", narrow lanes %u", gpu->narrow);
    printf("\n");
}

static int print_all(struct gpu_device *gpu, struct gpu_device *source)
{
    unsigned n = 0, n_failed = 0;
    if (!create_device(gpu) || !use_all(source) || !print_frames(source)) {
        printf("FAILED: the driver does not tell about pipelines\n");
        return 1;
    }
    VkPipelineLayout layout = create_layout(gpu);
    for (const struct gpu_pass *pass = source->passes; pass; pass = pass->next, n++)
        n_failed += !print_pass(pass, gpu->form, layout);
    printf("%u shaders compiled, %u failures\n", n, n_failed);
    /* The process ends here: the null device's resources go with it. */
    return n_failed || n < 10;
}

int main(int argc, char **argv)
{
    vkv_device_params params = {.struct_size = sizeof(params), .log = {on_line, NULL}, .select = "null hardware"};
    struct gpu_device *gpu = NULL, *source = NULL;
    int i = 1;
    if (i < argc && !strncmp(argv[i], "--form=", 7) && !take_form(argv[i++] + 7, &params.form)) {
        printf("FAILED: %s is no form\n", argv[i - 1]);
        return 1;
    }
    if (i < argc)
        params.select = argv[i];
    else if (!getenv("RADV_FORCE_FAMILY"))
        return skip("no device is named, and RADV_FORCE_FAMILY is not set");
    if (gpu_device_open(&params, &gpu))
        return skip("there is no such device, or it has no such form");
    if (!open_source(gpu, params, &source))
        return skip("llvmpipe is missing");
    print_head(gpu);
    if (!tells(gpu))
        return skip("this driver does not tell about pipelines (VK_KHR_pipeline_executable_properties)");
    if (gpu_device_texel_form(gpu) && gpu->limits.subgroup_size != source->limits.subgroup_size)
        return skip("llvmpipe's subgroups have another size, which the texel form takes for constants");
    return print_all(gpu, source);
}
