/* Everything that a push waits for and signals: timelines, file descriptors, late signals; a push that is refused
 * touches no semaphore; an image is given up only when it has been read; and threads do all that at once.
 *
 * usage: host_sync [--validation]. Exit code 77: no device. */
#include "pictures.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STRIDE 80

static struct host host;
static vkv_device *device;
static PFN_vkSignalSemaphoreKHR signal_semaphore;
static PFN_vkGetSemaphoreCounterValueKHR counter_value;
static PFN_vkWaitSemaphoresKHR wait_semaphores;

static uint64_t count_of(VkSemaphore semaphore)
{
    uint64_t value = 0;
    assert_int_equal(counter_value(host.device, semaphore, &value), VK_SUCCESS);
    return value;
}

static void signal_now(VkSemaphore semaphore, uint64_t value)
{
    const VkSemaphoreSignalInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, .semaphore = semaphore, .value = value};
    if (signal_semaphore(host.device, &info) != VK_SUCCESS)
        abort();
}

static void wait_for(VkSemaphore semaphore, uint64_t value)
{
    const VkSemaphoreWaitInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                      .semaphoreCount = 1,
                                      .pSemaphores = &semaphore,
                                      .pValues = &value};
    assert_int_equal(wait_semaphores(host.device, &info, UINT64_MAX), VK_SUCCESS);
}

/* A pair of pictures in a mapped buffer, and the scorer that they are for. */
struct pair {
    struct host_buffer buffer;
    vkv_image_use uses[2];
    VkSemaphore ready, free; /* timelines */
    vkv_scorer *scorer;
};

static uint8_t *rows_of(const struct pair *pair, uint32_t i)
{
    return pair->buffer.bytes + i * STRIDE * HOST_HEIGHT;
}

static void fill(const struct pair *pair, uint32_t frame)
{
    for (uint32_t i = 0; i < 2; i++)
        host_fill(rows_of(pair, i), STRIDE, 8, frame, i);
}

static void wrap_images(struct pair *pair)
{
    for (uint32_t i = 0; i < 2; i++) {
        const vkv_buffer_params params = {.struct_size = sizeof(params),
                                          .bits = 8,
                                          .width = HOST_WIDTH,
                                          .height = HOST_HEIGHT,
                                          .buffer = pair->buffer.buffer,
                                          .bytes = 2 * STRIDE * HOST_HEIGHT,
                                          .offset = i * STRIDE * HOST_HEIGHT,
                                          .stride_bytes = STRIDE};
        vkv_image *image = NULL;
        assert_int_equal(vkv_image_wrap_buffer(device, &params, &image), VKV_OK);
        pair->uses[i] = use_of(image, VK_IMAGE_LAYOUT_UNDEFINED);
    }
}

static void release_images(struct pair *pair)
{
    for (uint32_t i = 0; i < 2; i++)
        vkv_image_release(&pair->uses[i].image);
}

static void open_pair(struct pair *pair)
{
    const vkv_scorer_params scorer = {
        .struct_size = sizeof(scorer), .width = HOST_WIDTH, .height = HOST_HEIGHT, .bit_depth = 8};
    buffer_create(&host, 2 * STRIDE * HOST_HEIGHT, &pair->buffer);
    memset(pair->buffer.bytes, 0x33, 2 * STRIDE * HOST_HEIGHT);
    pair->ready = semaphore_create(&host, true);
    pair->free = semaphore_create(&host, true);
    wrap_images(pair);
    pair->scorer = NULL;
    assert_int_equal(vkv_scorer_create(device, &scorer, &pair->scorer), VKV_OK);
}

static void close_pair(struct pair *pair)
{
    vkv_scorer_destroy(&pair->scorer);
    release_images(pair);
    vk.DestroySemaphore(host.device, pair->ready, NULL);
    vk.DestroySemaphore(host.device, pair->free, NULL);
    buffer_destroy(&host, &pair->buffer);
}

static void push(struct pair *pair)
{
    if (vkv_scorer_push_images(pair->scorer, &pair->uses[0], &pair->uses[1]))
        fail_msg("%s", host_last);
}

/* The first frame has the scores of the expected one, all but those that the next frame decides. */
static void compare(struct pair *pair, uint32_t frames)
{
    static struct host_values want, got;
    uint32_t n = 0;
    const vkv_column *const *columns = vkv_scorer_columns(pair->scorer, &n);
    host_expected(8, &want);
    host_pull(pair->scorer, frames, &got);
    for (uint32_t t = 0; t < frames; t++)
        for (uint32_t c = 0; c < n; c++)
            if (!columns[c]->delay)
                assert_memory_equal(&want.values[t][c], &got.values[t][c], sizeof(double));
}

/* The samples come after the push, and before the signal that it waits for; they go when its own signal fires, long
 * before the results. Both uses have the same semaphores, which count once. */
static void late_samples(void **state)
{
    struct pair pair;
    (void)state;
    open_pair(&pair);
    for (uint32_t t = 0; t < 2; t++) {
        for (uint32_t i = 0; i < 2; i++) {
            pair.uses[i].wait = (vkv_semaphore){.handle = pair.ready, .value = t + 1, .is_timeline = 1};
            pair.uses[i].signal = (vkv_semaphore){.handle = pair.free, .value = t + 1, .is_timeline = 1};
        }
        const unsigned before = host_submissions, barriers = host_write_barriers;
        push(&pair);
        assert_int_equal(host_submissions, before + 1);
        assert_int_equal(count_of(pair.free), t);
        fill(&pair, t);
        signal_now(pair.ready, t + 1);
        wait_for(pair.free, t + 1);
        memset(pair.buffer.bytes, 0x5a, 2 * STRIDE * HOST_HEIGHT);
        assert_int_equal(host_write_barriers, barriers + 1);
    }
    compare(&pair, 2);
    close_pair(&pair);
}

static void contradicting_signals(void **state)
{
    struct pair pair;
    (void)state;
    open_pair(&pair);
    for (uint32_t i = 0; i < 2; i++)
        pair.uses[i].signal = (vkv_semaphore){.handle = pair.free, .value = i + 1, .is_timeline = 1};
    const unsigned before = host_submissions;
    host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG,
                 "signalled with 1 and 2");
    pair.uses[1].signal.is_timeline = 2;
    host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG, "is_timeline is 2");
    pair.uses[1].signal = (vkv_semaphore){0};
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_use *const other = &pair.uses[i];
        other->wait = (vkv_semaphore){.handle = pair.free};
        host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG,
                     "binary in another");
        other->wait = (vkv_semaphore){0};
    }
    pair.uses[1].signal = (vkv_semaphore){.handle = pair.free};
    host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG, "binary in another");
    pair.uses[1].signal = (vkv_semaphore){0};
    for (uint32_t i = 0; i < 2; i++) {
        vkv_image_use *const other = &pair.uses[i];
        other->wait = (vkv_semaphore){.handle = pair.free, .value = 1, .is_timeline = 1};
        host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG,
                     "signalled with 1 and waited for with 1");
        other->wait = (vkv_semaphore){0};
    }
    assert_int_equal(host_submissions, before);
    assert_int_equal(count_of(pair.free), 0);
    close_pair(&pair);
}

/* A scorer whose results nobody pulls says VKV_AGAIN, and touches nothing. */
static void again(void **state)
{
    struct pair pair;
    uint32_t n = 0;
    int err = VKV_OK;
    (void)state;
    open_pair(&pair);
    vkv_scorer_destroy(&pair.scorer);
    const vkv_request request = {.struct_size = sizeof(request), .family = "motion"};
    const vkv_scorer_params small = {
        .struct_size = sizeof(small), .width = 17, .height = 17, .bit_depth = 8, .requests = &request, .n_requests = 1};
    assert_int_equal(vkv_scorer_create(device, &small, &pair.scorer), VKV_OK);
    const vkv_plane plane = {.struct_size = sizeof(plane), .data = pair.buffer.bytes, .stride_bytes = STRIDE};
    const vkv_picture picture = {.struct_size = sizeof(picture), .n_planes = 1, .planes = &plane};
    while (!err && n++ < 5000)
        err = vkv_scorer_push(pair.scorer, &picture, &picture);
    assert_int_equal(err, VKV_AGAIN);
    pair.uses[0].wait = (vkv_semaphore){.handle = pair.ready, .value = 1, .is_timeline = 1};
    pair.uses[1].signal = (vkv_semaphore){.handle = pair.free, .value = 1, .is_timeline = 1};
    const unsigned before = host_submissions;
    assert_int_equal(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_AGAIN);
    assert_int_equal(host_submissions, before);
    assert_int_equal(count_of(pair.free), 0);
    assert_int_equal(host_errors, 0);
    close_pair(&pair);
}

/* ---- later, in another thread ---- */

struct later {
    pthread_t thread;
    const struct pair *pair;
    int fd; /* to write to; -1: a semaphore is signalled */
    atomic_bool is_done;
};

static void *do_later(void *argument)
{
    struct later *const later = argument;
    const struct timespec pause = {.tv_nsec = 100000000}; /* so that who does not wait is seen */
    nanosleep(&pause, NULL);
    fill(later->pair, 0);
    atomic_store(&later->is_done, true);
    if (later->fd < 0)
        signal_now(later->pair->ready, 1);
    else if (write(later->fd, "", 1) != 1)
        abort();
    return NULL;
}

static void begin_later(struct later *later, const struct pair *pair, int fd)
{
    later->pair = pair;
    later->fd = fd;
    atomic_store(&later->is_done, false);
    assert_int_equal(pthread_create(&later->thread, NULL, do_later, later), 0);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* A pipe stands for a sync file: one that can be read has been signalled. */
static void file_descriptors(void **state)
{
    struct pair pair;
    struct later later;
    int fds[2];
    (void)state;
    open_pair(&pair);
    assert_int_equal(pipe(fds), 0);
    pair.uses[0].wait_fd = pair.uses[1].wait_fd = fds[0];
    pair.uses[1].x = 1000;
    host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG, "at 1000,0");
    assert_true(is_open(fds[0]));
    pair.uses[1].x = 0;
    begin_later(&later, &pair, fds[1]);
    push(&pair);
    assert_true(atomic_load(&later.is_done));
    pthread_join(later.thread, NULL);
    assert_false(is_open(fds[0]));
    close(fds[1]);
    compare(&pair, 1);
    close_pair(&pair);
}

/* The other end is closed without a signal, or it is not for reading: nothing was taken, and the scorer goes on. */
static void file_descriptors_that_end(void **state)
{
    struct pair pair;
    int fds[2];
    (void)state;
    open_pair(&pair);
    assert_int_equal(pipe(fds), 0);
    close(fds[1]);
    pair.uses[0].wait_fd = fds[0];
    pair.uses[1].signal = (vkv_semaphore){.handle = pair.free, .value = 1, .is_timeline = 1};
    const unsigned before = host_submissions;
    host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_ARG, "ended without");
    assert_true(is_open(fds[0]));
    close(fds[0]);
    assert_int_equal(host_submissions, before);
    assert_int_equal(count_of(pair.free), 0);
    fill(&pair, 0);
    pair.uses[0].wait_fd = -1;
    push(&pair);
    compare(&pair, 1);
    assert_int_equal(count_of(pair.free), 1);
    close_pair(&pair);
}

/* A push that fails leaves the file descriptor to its caller: also if its images have been submitted, so that their
 * semaphore is signalled, and the batch behind them fails. */
static void failing_pushes(void **state)
{
    const vkv_scorer_params single = {.struct_size = sizeof(single),
                                      .width = HOST_WIDTH,
                                      .height = HOST_HEIGHT,
                                      .bit_depth = 8,
                                      .frames_in_flight = 1};
    (void)state;
    for (unsigned i = 1; i <= 2; i++) {
        struct pair pair;
        int fds[2];
        open_pair(&pair);
        vkv_scorer_destroy(&pair.scorer);
        assert_int_equal(vkv_scorer_create(device, &single, &pair.scorer), VKV_OK);
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(write(fds[1], "", 1), 1);
        pair.uses[0].wait_fd = fds[0];
        pair.uses[1].signal = (vkv_semaphore){.handle = pair.free, .value = 1, .is_timeline = 1};
        host_failing_submission = i;
        host_refused(vkv_scorer_push_images(pair.scorer, &pair.uses[0], &pair.uses[1]), VKV_ERR_MEMORY,
                     "vkQueueSubmit");
        assert_int_equal(host_failing_submission, 0);
        assert_true(is_open(fds[0]));
        if (i == 2)
            wait_for(pair.free, 1);
        assert_int_equal(count_of(pair.free), i - 1);
        close(fds[0]);
        close(fds[1]);
        close_pair(&pair);
    }
}

/* A driver that cannot say whether an image has been read is asked again. */
static void released_when_read(void **state)
{
    struct pair pair;
    struct later later;
    (void)state;
    open_pair(&pair);
    pair.uses[0].wait = (vkv_semaphore){.handle = pair.ready, .value = 1, .is_timeline = 1};
    push(&pair);
    begin_later(&later, &pair, -1);
    host_failing_questions = 2;
    vkv_image_release(&pair.uses[1].image);
    assert_int_equal(host_failing_questions, 0);
    assert_true(atomic_load(&later.is_done));
    assert_null(pair.uses[1].image);
    pthread_join(later.thread, NULL);
    compare(&pair, 1);
    close_pair(&pair);
}

/* ---- in several threads ---- */

struct worker {
    pthread_t thread;
    struct pair pair;
    struct host_values values;
};

/* Images live for one frame: each push meets others that are wrapped, pushed and given up. */
static void *work(void *argument)
{
    struct worker *const worker = argument;
    for (uint32_t t = 0; t < HOST_FRAMES; t++) {
        fill(&worker->pair, t);
        push(&worker->pair);
        release_images(&worker->pair);
        memset(worker->pair.buffer.bytes, 0x5a, 2 * STRIDE * HOST_HEIGHT);
        wrap_images(&worker->pair);
    }
    host_pull(worker->pair.scorer, HOST_FRAMES, &worker->values);
    return NULL;
}

static void threads(void **state)
{
    static struct worker workers[4];
    static struct host_values want;
    (void)state;
    host_expected(8, &want);
    for (int i = 0; i < 4; i++)
        open_pair(&workers[i].pair);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_memory_equal(&want, &workers[i].values, sizeof(want));
        close_pair(&workers[i].pair);
    }
}

/* Functions of Vulkan 1.2, as the device has them. */
static void find_functions(void)
{
    signal_semaphore = (PFN_vkSignalSemaphoreKHR)vk.GetDeviceProcAddr(host.device, "vkSignalSemaphore");
    counter_value = (PFN_vkGetSemaphoreCounterValueKHR)vk.GetDeviceProcAddr(host.device, "vkGetSemaphoreCounterValue");
    wait_semaphores = (PFN_vkWaitSemaphoresKHR)vk.GetDeviceProcAddr(host.device, "vkWaitSemaphores");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_samples),
        cmocka_unit_test(contradicting_signals),
        cmocka_unit_test(again),
        cmocka_unit_test(file_descriptors),
        cmocka_unit_test(file_descriptors_that_end),
        cmocka_unit_test(failing_pushes),
        cmocka_unit_test(released_when_read),
        cmocka_unit_test(threads),
    };
    host_arguments(argc, argv);
    host_begin(&host, true, &device);
    find_functions();
    return host_end(&host, &device, cmocka_run_group_tests(tests, NULL, NULL));
}
