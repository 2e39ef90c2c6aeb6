#include "commands/devices.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/message.h"
#include "output/output.h"

const char *device_type_name(uint32_t type)
{
    static const char *const names[] = {"other", "integrated", "discrete", "virtual", "software", "reference"};
    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "other";
}

static void print_device(const vkv_device_info *info)
{
    char version[API_VERSION_ROOM];
    printf("%5u  %-40s  %-10s  %-9s  %-36s  %s\n", info->index, info->name, device_type_name(info->type),
           api_version_text(info->api_version, version), info->uuid, info->driver);
    printf("%5s  %s\n", "", info->meets_baseline ? "ok" : info->reason);
}

int devices_command(const struct device_request *request)
{
    char cache[DEVICE_CACHE_ROOM];
    const vkv_device_params params = device_params(request, cache);
    const vkv_device_info *const *infos = NULL;
    uint32_t count = 0;
    const unsigned errors = message_log_errors();
    if (library_result(vkv_device_list(&params, &infos, &count), "vkv_device_list", errors))
        return EXIT_FAILURE;
    printf("%5s  %-40s  %-10s  %-9s  %-36s  %s\n", "index", "name", "type", "api", "uuid", "driver");
    for (uint32_t i = 0; i < count; i++)
        print_device(infos[i]);
    printf("%5s  %-40s  %-10s\n%5s  ok\n", "cpu", "cpu", device_type_name(VKV_DEVICE_CPU_REFERENCE), "");
    vkv_device_list_free(&infos);
    return EXIT_SUCCESS;
}
