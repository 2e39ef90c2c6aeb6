/* The public header alone, before anything else, as C11 and (included by public_header.cpp) as C++17; twice, to see
 * that it guards itself. Every function is named, so that the linker sees a declaration that has no definition. */
#include <vkvmaf/vkvmaf.h>
#include <vkvmaf/vkvmaf.h>

typedef void (*any_function)(void);

static const any_function functions[] = {
    (any_function)vkv_strerror,         (any_function)vkv_version,        (any_function)vkv_device_list,
    (any_function)vkv_device_open,      (any_function)vkv_device_close,   (any_function)vkv_device_get_info,
    (any_function)vkv_device_verify,    (any_function)vkv_model_open,     (any_function)vkv_model_close,
    (any_function)vkv_model_get_info,   (any_function)vkv_model_predict,  (any_function)vkv_scorer_create,
    (any_function)vkv_scorer_destroy,   (any_function)vkv_scorer_push,    (any_function)vkv_scorer_pull,
    (any_function)vkv_scorer_flush,     (any_function)vkv_scorer_measure, (any_function)vkv_scorer_stage_times,
    (any_function)vkv_device_measure,   (any_function)vkv_memory_import,  (any_function)vkv_memory_release,
    (any_function)vkv_device_list_free, (any_function)vkv_family_list,    (any_function)vkv_scorer_columns,
    (any_function)vkv_request_check,
};

int main(void)
{
    for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!functions[i])
            return 1;
    return vkv_version()[0] == '0' + VKV_VERSION_MAJOR ? 0 : 1;
}
