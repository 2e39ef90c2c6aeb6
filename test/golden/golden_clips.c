/* All features of all frames of the real clips, as doubles, against the reference.
 *
 * usage: golden_clips [--shared=FOLDER] [CLIP...]: no CLIP means all. Exit code 77: no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/clip.h"
#include "golden/features.h"
#include "ref/ref.h"

static const char *shared_folder = VKV_SHARED;

static int compare(const char *clip, size_t frame, const char *feature, double expected, double got)
{
    if (memcmp(&expected, &got, sizeof(got)) == 0)
        return 0;
    print_error("%s frame %zu %s: expected %.17g, got %.17g\n", clip, frame, feature, expected, got);
    return 1;
}

static int compare_frame(const char *clip, size_t frame, const struct golden_row *want,
                         const struct frame_features *got)
{
    int different = compare(clip, frame, "adm2", want->adm2, got->adm2);
    for (int s = 0; s < 4; s++) {
        const char *const vif[4] = {"vif_scale0", "vif_scale1", "vif_scale2", "vif_scale3"};
        const char *const adm[4] = {"adm_scale0", "adm_scale1", "adm_scale2", "adm_scale3"};
        different += compare(clip, frame, vif[s], want->vif_scale[s], got->vif_scale[s]);
        different += compare(clip, frame, adm[s], want->adm_scale[s], got->adm_scale[s]);
    }
    return different;
}

static int compare_motion(const char *clip, const struct golden_row *rows, size_t n_rows, const double *motion)
{
    int different = 0;
    for (size_t i = 0; i < n_rows; i++) {
        double motion2 = motion[i];
        if (i + 1 < n_rows && motion[i + 1] < motion2)
            motion2 = motion[i + 1];
        different += compare(clip, i, "motion2", rows[i].motion2, i ? motion2 : 0);
    }
    return different;
}

static void check_clip(void **state)
{
    const struct golden_clip *clip = *state;
    struct golden_row *rows;
    size_t n_rows;
    struct clip_pair pair;
    struct ref_plane ref, dist, previous;
    int different = 0;
    assert_int_equal(golden_rows_read(shared_folder, clip->name, &rows, &n_rows), 0);
    assert_int_equal(clip_pair_open(&pair, shared_folder, clip), 0);
    assert_int_equal(ref_plane_create(&ref, clip->width, clip->height), 0);
    assert_int_equal(ref_plane_create(&dist, clip->width, clip->height), 0);
    assert_int_equal(ref_plane_create(&previous, clip->width, clip->height), 0);
    double *motion = test_calloc(n_rows, sizeof(*motion));

    for (size_t i = 0; i < n_rows; i++) {
        struct frame_sums sums;
        struct frame_features features;
        assert_int_equal(clip_pair_next(&pair), 1);
        ref_ingest(&ref, &(struct ref_rows){pair.ref, (ptrdiff_t)pair.stride_bytes, 1, 0}, clip->bit_depth);
        ref_ingest(&dist, &(struct ref_rows){pair.dist, (ptrdiff_t)pair.stride_bytes, 1, 0}, clip->bit_depth);
        assert_int_equal(ref_frame(&ref, &dist, i ? &previous : NULL, clip->bit_depth, 100, 100, &sums), 0);
        finalize_frame(&sums, clip->width, clip->height, &features);
        motion[i] = finalize_motion(sums.motion_sad, clip->width, clip->height, 1, 10000);
        different += compare_frame(clip->name, i, &rows[i], &features);
        const struct ref_plane swap = previous;
        previous = ref;
        ref = swap;
    }
    different += compare_motion(clip->name, rows, n_rows, motion);
    assert_int_equal(clip_pair_next(&pair), 0);
    clip_pair_close(&pair);
    ref_plane_free(&ref);
    ref_plane_free(&dist);
    ref_plane_free(&previous);
    test_free(motion);
    free(rows);
    print_message("%s: %zu frames compared\n", clip->name, n_rows);
    assert_int_equal(different, 0);
}

int main(int argc, char **argv)
{
    struct CMUnitTest test[1];
    const struct golden_clip *chosen[N_GOLDEN_CLIPS];
    int n_chosen = 0, failures = 0;
    for (int i = 1; i < argc; i++) {
        const struct golden_clip *clip = golden_clip_find(argv[i]);
        if (strncmp(argv[i], "--shared=", 9) == 0) {
            shared_folder = argv[i] + 9;
        } else if (clip && n_chosen < N_GOLDEN_CLIPS) {
            chosen[n_chosen++] = clip;
        } else {
            fprintf(stderr, "golden_clips: unknown clip %s\n", argv[i]);
            return 2;
        }
    }
    for (int i = 0; n_chosen == 0 && i < N_GOLDEN_CLIPS; i++)
        chosen[i] = &golden_clips[i];
    if (n_chosen == 0)
        n_chosen = N_GOLDEN_CLIPS;

    struct golden_row *rows;
    size_t n_rows;
    if (golden_rows_read(shared_folder, chosen[0]->name, &rows, &n_rows) == 1) {
        printf("skipped: no golden data (%s/golden/features)\n", shared_folder);
        return 77;
    }
    free(rows);
    for (int i = 0; i < n_chosen; i++) {
        test[0] = (struct CMUnitTest){chosen[i]->name, check_clip, NULL, NULL, (void *)chosen[i]};
        failures += cmocka_run_group_tests_name("golden_clips", test, NULL, NULL) != 0;
    }
    return failures != 0;
}
