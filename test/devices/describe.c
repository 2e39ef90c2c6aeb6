/* The description of a device whose driver gives strange strings; neither is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gpu/gpu_internal.h"

static void VKAPI_CALL get_properties(VkPhysicalDevice physical, VkPhysicalDeviceProperties *properties)
{
    (void)physical;
    *properties = (VkPhysicalDeviceProperties){.apiVersion = VK_API_VERSION_1_3};
    strcpy(properties->deviceName, "\033[2J G\xc3\xa4\"P\nU\x7f");
}

static void VKAPI_CALL get_properties2(VkPhysicalDevice physical, VkPhysicalDeviceProperties2 *properties)
{
    VkBaseOutStructure *next = properties->pNext;
    (void)physical;
    for (; next; next = next->pNext)
        if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES) {
            VkPhysicalDeviceDriverProperties *const driver = (VkPhysicalDeviceDriverProperties *)(void *)next;
            strcpy(driver->driverName, "a\rdriver");
            strcpy(driver->driverInfo, "1\t2");
        }
}

static void VKAPI_CALL get_families(VkPhysicalDevice physical, uint32_t *n, VkQueueFamilyProperties *families)
{
    (void)physical, (void)families;
    *n = 0;
}

/* They stand in logs, on terminals and in files that are sent to others. */
static void strings_have_no_control_characters(void **state)
{
    struct gpu_instance in = {.vkGetPhysicalDeviceProperties = get_properties,
                              .vkGetPhysicalDeviceProperties2 = get_properties2,
                              .vkGetPhysicalDeviceQueueFamilyProperties = get_families};
    struct gpu_candidate c;
    (void)state;
    gpu_describe(&in, VK_NULL_HANDLE, 0, &c);
    assert_string_equal(c.about.name, "?[2J G\xc3\xa4\"P?U?");
    assert_string_equal(c.about.driver, "a?driver 1?2");
    assert_string_equal(c.about.reason, "no queue family with compute");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(strings_have_no_control_characters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
