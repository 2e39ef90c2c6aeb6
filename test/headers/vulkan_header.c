/* The header for applications with a Vulkan device, as public_header.c has the other one. */
#include <vkvmaf/vkvmaf_vulkan.h>
#include <vkvmaf/vkvmaf_vulkan.h>

typedef void (*any_function)(void);

static const any_function functions[] = {
    (any_function)vkv_device_open_vulkan,
};

int main(void)
{
    for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!functions[i])
            return 1;
    return vkv_device_open_vulkan(0, 0) == VKV_ERR_ARG ? 0 : 1;
}
