/* The form that devices get, on a table of devices as they are in the field; none of them need be there. */
#include <stdio.h>

#include "gpu/gpu_internal.h"

#define ANV VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA
#define MESA(major, minor, patch) VK_MAKE_VERSION(major, minor, patch)
#define COARSE GPU_NARROW_COARSE
#define DEEP GPU_NARROW_FINE_DEEP
#define ALL GPU_NARROW_ALL

static const struct {
    const char *name;
    uint32_t vendor, device;
    VkDriverId driver;
    uint32_t version;
    struct gpu_form form;
} devices[] = {
    {"llvmpipe", 0x10005, 0, VK_DRIVER_ID_MESA_LLVMPIPE, 1, {VKV_FORM_TEXEL, 0}},
    {"SwiftShader", 0x1ae0, 0xc0de, VK_DRIVER_ID_GOOGLE_SWIFTSHADER, 1, {VKV_FORM_PORTABLE, 0}},
    {"a driver that does not say who it is", 0, 0, 0, 0, {VKV_FORM_PORTABLE, 0}},
    {"Mali-G610, PanVK", 0x13b5, 0xa8670000, VK_DRIVER_ID_MESA_PANVK, MESA(25, 0, 7), {VKV_FORM_NARROW, ALL}},
    {"Mali-G78, Arm's driver", 0x13b5, 0x92020010, VK_DRIVER_ID_ARM_PROPRIETARY, 1, {VKV_FORM_NARROW, ALL}},
    {"V3D 7.1, V3DV", 0x14e4, 0x55701c33, VK_DRIVER_ID_MESA_V3DV, MESA(25, 0, 7), {VKV_FORM_UNROLLED, ALL}},
    {"RX 6800, RADV", 0x1002, 0x73bf, VK_DRIVER_ID_MESA_RADV, MESA(22, 3, 6), {VKV_FORM_PORTABLE, 0}},
    {"RTX 3080", 0x10de, 0x2206, VK_DRIVER_ID_NVIDIA_PROPRIETARY, 1, {VKV_FORM_PORTABLE, 0}},
    {"Adreno 740, Turnip", 0x5143, 0x43050a01, VK_DRIVER_ID_MESA_TURNIP, MESA(25, 0, 7), {VKV_FORM_PORTABLE, 0}},
    {"Tiger Lake, ANV", 0x8086, 0x9a49, ANV, MESA(22, 3, 6), {VKV_FORM_PORTABLE, 0}},
    {"Alder Lake, ANV", 0x8086, 0x46a6, ANV, MESA(25, 0, 7), {VKV_FORM_PORTABLE, 0}},
    {"Arc A770, ANV of Debian 12", 0x8086, 0x56a0, ANV, MESA(22, 3, 6), {VKV_FORM_PORTABLE, DEEP | COARSE}},
    {"Arc A770, ANV", 0x8086, 0x56a0, ANV, MESA(25, 0, 7), {VKV_FORM_PORTABLE, COARSE}},
    {"Arc A380, first number of the range", 0x8086, 0x5690, ANV, MESA(25, 0, 0), {VKV_FORM_PORTABLE, COARSE}},
    {"the number before", 0x8086, 0x568f, ANV, MESA(25, 0, 0), {VKV_FORM_PORTABLE, 0}},
    {"Meteor Lake, ANV", 0x8086, 0x7d55, ANV, MESA(24, 3, 9), {VKV_FORM_PORTABLE, DEEP | COARSE}},
    {"Arrow Lake with a number of its own, ANV", 0x8086, 0xb640, ANV, MESA(25, 2, 0), {VKV_FORM_PORTABLE, COARSE}},
    {"Panther Lake, ANV", 0x8086, 0xb080, ANV, MESA(25, 2, 0), {VKV_FORM_PORTABLE, COARSE}},
    {"Wildcat Lake, ANV", 0x8086, 0xfd81, ANV, MESA(25, 2, 0), {VKV_FORM_PORTABLE, COARSE}},
    {"Nova Lake, ANV", 0x8086, 0xd75f, ANV, MESA(26, 0, 0), {VKV_FORM_PORTABLE, COARSE}},
    {"Jasper Lake, ANV", 0x8086, 0x4e61, ANV, MESA(25, 2, 0), {VKV_FORM_PORTABLE, 0}},
    {"Raptor Lake, ANV", 0x8086, 0xa7a0, ANV, MESA(25, 2, 0), {VKV_FORM_PORTABLE, 0}},
    {"Lunar Lake, ANV", 0x8086, 0x64a0, ANV, MESA(25, 0, 7), {VKV_FORM_PORTABLE, COARSE}},
    {"Battlemage, ANV", 0x8086, 0xe20b, ANV, MESA(25, 0, 7), {VKV_FORM_PORTABLE, COARSE}},
    {"Arc A770, Intel's driver for Windows",
     0x8086,
     0x56a0,
     VK_DRIVER_ID_INTEL_PROPRIETARY_WINDOWS,
     1,
     {VKV_FORM_PORTABLE, 0}},
    {"another vendor's card with Arc's number", 0x1002, 0x56a0, ANV, MESA(25, 0, 7), {VKV_FORM_PORTABLE, 0}},
};
#define N_DEVICES (sizeof(devices) / sizeof(devices[0]))

/* llvmpipe, by the lanes of its vectors and what else the texel form needs. */
static const struct {
    const char *name;
    uint32_t lanes, elements;
    VkSubgroupFeatureFlags operations;
    bool wide;
    uint32_t form;
} vectors[] = {
    {"64 bits", 2, 1u << 27, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, true, VKV_FORM_PORTABLE},
    {"128 bits", 4, 1u << 27, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, true, VKV_FORM_TEXEL},
    {"256 bits", 8, 1u << 27, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, true, VKV_FORM_TEXEL},
    {"512 bits", 16, 1u << 27, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, true, VKV_FORM_TEXEL},
    {"256 lanes", 256, 1u << 27, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, true, VKV_FORM_PORTABLE},
    {"short texel buffers", 4, 65536, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, true, VKV_FORM_PORTABLE},
    {"no shuffles", 4, 1u << 27, VK_SUBGROUP_FEATURE_BASIC_BIT, true, VKV_FORM_PORTABLE},
    {"no 64-bit integers", 4, 1u << 27, VK_SUBGROUP_FEATURE_SHUFFLE_BIT, false, VKV_FORM_PORTABLE},
};
#define N_VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static unsigned count_wrong_vectors(void)
{
    unsigned n_wrong = 0;
    for (size_t i = 0; i < N_VECTORS; i++) {
        struct gpu_candidate c = {.driver = VK_DRIVER_ID_MESA_LLVMPIPE,
                                  .subgroup_size = vectors[i].lanes,
                                  .subgroup_operations = vectors[i].operations};
        struct gpu_device device = {.form = VKV_FORM_AUTO};
        c.properties.limits.maxTexelBufferElements = vectors[i].elements;
        c.properties.limits.maxPerStageDescriptorSampledImages = GPU_N_STORAGE;
        if (gpu_choose_form(&device, VKV_FORM_AUTO, &c, vectors[i].wide) || device.form != vectors[i].form) {
            printf("llvmpipe, %s: form %u, %u expected\n", vectors[i].name, device.form, vectors[i].form);
            n_wrong++;
        }
    }
    return n_wrong;
}

int main(void)
{
    unsigned n_wrong = count_wrong_vectors();
    for (size_t i = 0; i < N_DEVICES; i++) {
        const VkPhysicalDeviceProperties p = {
            .vendorID = devices[i].vendor, .deviceID = devices[i].device, .driverVersion = devices[i].version};
        const struct gpu_form want = devices[i].form, got = gpu_form_for(&p, devices[i].driver);
        if (got.form != want.form || got.narrow != want.narrow) {
            printf("%s: form %u with narrow lanes %u, %u with %u expected\n", devices[i].name, got.form, got.narrow,
                   want.form, want.narrow);
            n_wrong++;
        }
    }
    printf("%zu devices, %u complaints\n", N_DEVICES + N_VECTORS, n_wrong);
    return n_wrong != 0;
}
