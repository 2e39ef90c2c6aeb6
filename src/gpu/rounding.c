/* Rounding of fp32 to nearest. Vulkan leaves the rounding open unless a module asks for one, where the device offers
 * that. Stored modules do not ask; the ones that do are copies. */
#include <assert.h>
#include <string.h>

#include "gpu/gpu_internal.h"

/* Numbers of the SPIR-V specification. */
enum { HEADER_WORDS = 5, OP_EXTENSION = 10, OP_ENTRY_POINT = 15, OP_EXECUTION_MODE = 16, OP_CAPABILITY = 17 };
enum { ROUNDING_MODE_RTE = 4462, CAPABILITY_ROUNDING_MODE_RTE = 4467 };
enum { CAPABILITY_WORDS = 2, EXTENSION_WORDS = 7, MODE_WORDS = 4 };

static const char extension[4 * (EXTENSION_WORDS - 1)] = "SPV_KHR_float_controls";

bool gpu_rounding_offered(const struct gpu_instance *in, VkPhysicalDevice physical)
{
    VkPhysicalDeviceFloatControlsProperties controls = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                              .pNext = &controls};
    in->vkGetPhysicalDeviceProperties2(physical, &properties);
    return controls.shaderRoundingModeRTEFloat32;
}

/* The word behind the last instruction `op`, whose first word goes to *last. */
static size_t behind_last(const uint32_t *code, size_t n, uint32_t op, size_t *last)
{
    size_t behind = 0;
    for (size_t at = HEADER_WORDS, words; at < n && (words = code[at] >> 16); at += words)
        if ((code[at] & 0xffff) == op) {
            *last = at;
            behind = at + words;
        }
    assert(behind && behind <= n);
    return behind;
}

uint32_t *gpu_rounding_ask(const uint32_t *code, size_t *bytes)
{
    const size_t n = *bytes / 4, n_out = n + CAPABILITY_WORDS + EXTENSION_WORDS + MODE_WORDS;
    size_t last = 0, capabilities = behind_last(code, n, OP_CAPABILITY, &last);
    const size_t entry_points = behind_last(code, n, OP_ENTRY_POINT, &last);
    uint32_t *copy = mem_alloc(n_out, 4), *to = copy;
    if (!copy)
        return NULL;
    memcpy(to, code, 4 * capabilities);
    to += capabilities;
    *to++ = CAPABILITY_WORDS << 16 | OP_CAPABILITY;
    *to++ = CAPABILITY_ROUNDING_MODE_RTE;
    *to++ = EXTENSION_WORDS << 16 | OP_EXTENSION;
    memcpy(to, extension, sizeof(extension));
    to += EXTENSION_WORDS - 1;
    memcpy(to, code + capabilities, 4 * (entry_points - capabilities));
    to += entry_points - capabilities;
    *to++ = MODE_WORDS << 16 | OP_EXECUTION_MODE;
    *to++ = code[last + 2]; /* the function */
    *to++ = ROUNDING_MODE_RTE;
    *to++ = 32;
    memcpy(to, code + entry_points, 4 * (n - entry_points));
    *bytes = 4 * n_out;
    return copy;
}
