/* Scores one picture of 64x64 whose samples are its columns' numbers, with one family alone.
 * Usage: alone FAMILY; prints the value of its first column. */
#include <stdio.h>

#include <vkvmaf/vkvmaf.h>

static void say(void *user, int level, const char *line)
{
    (void)user;
    if (level == VKV_LOG_ERROR)
        printf("%s\n", line);
}

int main(int argc, char **argv)
{
    static unsigned char samples[64][64];
    const vkv_request request = {.struct_size = sizeof(request), .family = argc > 1 ? argv[1] : ""};
    const vkv_device_params device_params = {.struct_size = sizeof(device_params), .log = {say, NULL}};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = 64,
                                      .height = 64,
                                      .bit_depth = 8,
                                      .n_requests = 1,
                                      .requests = &request};
    const vkv_plane luma = {.struct_size = sizeof(luma), .data = samples, .stride_bytes = 64};
    const vkv_picture picture = {.struct_size = sizeof(picture), .n_planes = 1, .planes = &luma};
    vkv_device *device = NULL;
    vkv_scorer *scorer = NULL;
    double values[8];
    for (int i = 0; i < 64 * 64; i++)
        samples[i / 64][i % 64] = (unsigned char)(i % 64);
    const int failed = vkv_device_open(&device_params, &device) || vkv_scorer_create(device, &params, &scorer) ||
                       vkv_scorer_push(scorer, &picture, &picture) || vkv_scorer_flush(scorer) ||
                       vkv_scorer_pull(scorer, NULL, values);
    if (!failed)
        printf("%g\n", values[0]);
    vkv_scorer_destroy(&scorer);
    vkv_device_close(&device);
    return failed;
}
