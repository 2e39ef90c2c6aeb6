/* The order of all that is verified: what costs little comes first, so that a caller who stops has seen most of it. */
#include <stdlib.h>

#include "probe/probe.h"

/* A difference is no error here: it is told, and the rest is verified, too. */
static int but_differences(int err)
{
    return err == VKV_ERR_PROBE ? VKV_OK : err;
}

/* One step of all that is verified: a use at a depth with the known pictures, a batch, undecided pixels or networks. */
struct verify_step {
    uint64_t cost;
    int (*run)(struct vkv_device *device, uint32_t index, struct probe_report *report);
    uint32_t index;
};
#define MAX_STEPS 160

/* Steps of known pictures: each depth with the standard sets of options, then each with two sets at once. */
#define N_DEPTHS 9u
#define N_KNOWN (2 * N_DEPTHS)

static int verify_known(struct vkv_device *device, uint32_t index, struct probe_report *report)
{
    struct probe_batch batch;
    if (index < N_DEPTHS)
        probe_take_families(&batch, 0, 0);
    else
        probe_take_pairs(&batch, 0);
    const struct probe_use use = {.bit_depth = 8 + index % N_DEPTHS, .n_uses = batch.n_uses, .uses = batch.uses};
    return but_differences(probe_known_features(device, &use, report));
}

static int verify_batch(struct vkv_device *device, uint32_t index, struct probe_report *report)
{
    struct probe_batch batch;
    probe_verify_batch(index, &batch);
    return probe_compare_batch(device, &batch, report);
}

static int verify_lists(struct vkv_device *device, uint32_t index, struct probe_report *report)
{
    (void)index;
    return probe_lists(device, report);
}

static int verify_networks(struct vkv_device *device, uint32_t index, struct probe_report *report)
{
    (void)index;
    const int err = but_differences(probe_known_network(device, report));
    return err || !device->gpu ? err : but_differences(probe_made_networks(device, report));
}

/* Samples that the families look at. Kernels of a depth that few use cost as much as a large picture, and more where a
 * compiler is slow: what most people use comes first. */
#define RARE_DEPTH_COST ((uint64_t)1 << 21)
/* The networks and the undecided pixels cost more than the smallest pictures of 8 and 10 bit. */
#define SMALL_COST ((uint64_t)1 << 18)

static uint64_t cost_of(const struct probe_batch *batch)
{
    const uint64_t samples = (uint64_t)batch->width * batch->height * batch->frames * (1 + batch->streams);
    const bool is_rare = batch->bit_depth != 8 && batch->bit_depth != 10;
    return samples * batch->n_uses + (is_rare ? RARE_DEPTH_COST : 0);
}

static uint64_t known_cost(uint32_t index)
{
    uint64_t cost = 0;
    struct probe_use use = {.bit_depth = 8 + index % N_DEPTHS};
    for (uint32_t shape = 0; shape < KNOWN_SHAPES; shape++) {
        struct probe_batch batch = probe_known_batch(&use, shape);
        batch.n_uses = n_families;
        cost += cost_of(&batch);
    }
    return cost;
}

static int by_cost(const void *a, const void *b)
{
    const struct verify_step *const left = a, *const right = b;
    if (left->cost != right->cost)
        return left->cost < right->cost ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* The reference is not compared with itself: all but the known answers is for devices. Returns how many there are. */
static uint32_t list_steps(const struct vkv_device *device, struct verify_step steps[MAX_STEPS])
{
    struct probe_batch batch;
    uint32_t n = 0;
    steps[n++] = (struct verify_step){SMALL_COST, verify_networks, 0};
    for (uint32_t i = 0; i < (device->gpu ? N_KNOWN : N_DEPTHS); i++)
        steps[n++] = (struct verify_step){known_cost(i), verify_known, i};
    if (device->gpu)
        steps[n++] = (struct verify_step){SMALL_COST, verify_lists, 1};
    for (uint32_t i = 0; device->gpu && n < MAX_STEPS && probe_verify_batch(i, &batch); i++)
        steps[n++] = (struct verify_step){cost_of(&batch), verify_batch, i};
    qsort(steps, n, sizeof(*steps), by_cost);
    return n;
}

int probe_verify(struct vkv_device *device, struct probe_report *report)
{
    struct verify_step steps[MAX_STEPS];
    const uint32_t n = list_steps(device, steps);
    for (uint32_t i = 0; i < n; i++) {
        const int err = steps[i].run(device, steps[i].index, report);
        if (err)
            return err;
    }
    return probe_outcome(report);
}

uint32_t probe_n_checks(const struct vkv_device *device)
{
    struct probe_batch batch;
    uint32_t n_batches = 0;
    if (!device->gpu)
        return N_DEPTHS * KNOWN_SHAPES + PROBE_NETWORK_CONSTANTS;
    while (probe_verify_batch(n_batches, &batch))
        n_batches++;
    return N_KNOWN * KNOWN_SHAPES + n_batches + probe_n_list_checks() + PROBE_NETWORK_CONSTANTS + PROBE_MADE_NETWORKS;
}
