/* The header for applications with a Vulkan device, as public_header.c has the other one. */
#include <vkvmaf/vkvmaf_vulkan.h>
#include <vkvmaf/vkvmaf_vulkan.h>

typedef void (*any_function)(void);

static const any_function functions[] = {
    (any_function)vkv_device_open_vulkan, (any_function)vkv_image_wrap, (any_function)vkv_image_wrap_buffer,
    (any_function)vkv_image_release,      (any_function)vkv_image_path, (any_function)vkv_scorer_push_images,
};

int main(void)
{
    for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!functions[i])
            return 1;
    return vkv_device_open_vulkan(0, 0) == VKV_ERR_ARG ? 0 : 1;
}
