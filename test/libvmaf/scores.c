/* The doubles of pictures: depths, formats, models, options, subsampling, what is known when, logs. The lines are those
 * of libvmaf 3.2.0.
 * Argument: a folder for logs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

#define N_FRAMES 4
static const struct shape small = {64, 48, 8, VMAF_PIX_FMT_YUV420P};

static void print_features_of_v0(VmafContext *vmaf, unsigned n)
{
    print_feature(vmaf, "VMAF_integer_feature_adm2_score", n);
    print_feature(vmaf, "VMAF_integer_feature_aim_score", n);
    print_feature(vmaf, "VMAF_integer_feature_adm3_score", n);
    print_feature(vmaf, "integer_adm_scale0", n);
    print_feature(vmaf, "VMAF_integer_feature_vif_scale3_score", n);
    print_feature(vmaf, "VMAF_integer_feature_motion_sad_score", n);
    print_feature(vmaf, "VMAF_integer_feature_motion2_score", n);
    print_feature(vmaf, "VMAF_integer_feature_motion3_score", n);
    print_feature(vmaf, "integer_adm2", n);
}

/* Scores are asked for between the pictures. Those of motion wait for the end. */
static void try_early(void)
{
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v0.6.1", NULL, 0);
    puts("== early");
    CODE(vmaf_use_features_from_model(vmaf, model));
    for (unsigned i = 0; i < N_FRAMES; i++) {
        CODE(read_frames(vmaf, small, i, 1));
        print_features_of_v0(vmaf, i + 2);
        print_model(vmaf, model, i + 1);
    }
    CODE(flush(vmaf));
    print_features_of_v0(vmaf, N_FRAMES + 1);
    print_model(vmaf, model, N_FRAMES + 1);
    vmaf_model_destroy(model);
    CODE(vmaf_close(vmaf));
}

/* Motion of frames two apart goes on across the places where scores were asked for. */
static void try_early_motion(void)
{
    VmafContext *vmaf = context_of(0);
    VmafFeatureDictionary *dict = option("motion_five_frame_window", "true");
    vmaf_feature_dictionary_set(&dict, "motion_moving_average", "true");
    puts("== early motion");
    CODE(vmaf_use_feature(vmaf, "motion", dict));
    for (unsigned i = 0; i < 9; i++) {
        CODE(read_frames(vmaf, small, i, 1));
        if (i % 4 == 1)
            print_feature(vmaf, "VMAF_integer_feature_motion_sad_score_mffw_mma", i + 1);
    }
    CODE(flush(vmaf));
    print_feature(vmaf, "integer_motion2_mffw_mma", 9);
    print_feature(vmaf, "integer_motion3_mffw_mma", 9);
    CODE(vmaf_close(vmaf));
}

static void try_shape(struct shape shape)
{
    double score;
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v0.6.1", NULL, 0), *neg = model_of("vmaf_v0.6.1neg", "neg", 1);
    printf("== %ux%u of %u bits, format %d\n", shape.width, shape.height, shape.bpc, (int)shape.format);
    CODE(vmaf_use_features_from_model(vmaf, model));
    CODE(vmaf_use_features_from_model(vmaf, neg));
    CODE(vmaf_use_feature(vmaf, "psnr", option("enable_mse", "true")));
    CODE(read_frames(vmaf, shape, 0, N_FRAMES));
    CODE(flush(vmaf));
    print_features_of_v0(vmaf, N_FRAMES);
    print_feature(vmaf, "psnr_y", N_FRAMES);
    print_feature(vmaf, "psnr_cr", N_FRAMES);
    print_feature(vmaf, "mse_cb", N_FRAMES);
    print_feature(vmaf, "integer_adm2_egl_1", N_FRAMES);
    print_feature(vmaf, "integer_vif_scale0_egl_1", N_FRAMES);
    for (int method = VMAF_POOL_METHOD_MIN; method < VMAF_POOL_METHOD_NB; method++) {
        CODE(vmaf_score_pooled(vmaf, model, (enum VmafPoolingMethod)method, &score, 1, N_FRAMES - 1));
        printf("%.17g\n", score);
    }
    print_model(vmaf, model, N_FRAMES);
    print_model(vmaf, neg, N_FRAMES);
    print_pooled(vmaf, "neg", 0, N_FRAMES - 1);
    vmaf_model_destroy(model);
    vmaf_model_destroy(neg);
    CODE(vmaf_close(vmaf));
}

static void print_collection(int code, const VmafModelCollectionScore *score)
{
    printf("collection: %d", code);
    if (!code)
        printf(" %d %.17g %.17g %.17g %.17g", (int)score->type, score->bootstrap.bagging_score, score->bootstrap.stddev,
               score->bootstrap.ci.p95.lo, score->bootstrap.ci.p95.hi);
    puts("");
}

/* The statistics of a frame are kept, so that nobody can ask for them twice. */
static void try_collection(void)
{
    VmafModelCollectionScore score;
    VmafContext *vmaf = context_of(0);
    VmafModel *model;
    VmafModelCollection *collection;
    puts("== collection");
    CODE(vmaf_model_collection_load(&model, &collection, &(VmafModelConfig){.name = "b"}, "vmaf_b_v0.6.3"));
    CODE(vmaf_model_collection_feature_overload(model, &collection, "adm", option("adm_enhn_gain_limit", "1.0")));
    CODE(vmaf_use_features_from_model_collection(vmaf, collection));
    CODE(read_frames(vmaf, small, 0, N_FRAMES));
    CODE(flush(vmaf));
    int code = vmaf_score_at_index_model_collection(vmaf, collection, &score, 2);
    print_collection(code, &score);
    code = vmaf_score_at_index_model_collection(vmaf, collection, &score, 2);
    print_collection(code, &score);
    code = vmaf_score_pooled_model_collection(vmaf, collection, VMAF_POOL_METHOD_MEAN, &score, 2, 3);
    print_collection(code, &score);
    code = vmaf_score_pooled_model_collection(vmaf, collection, VMAF_POOL_METHOD_HARMONIC_MEAN, &score, 0, 1);
    print_collection(code, &score);
    print_model(vmaf, model, N_FRAMES);
    print_feature(vmaf, "b_0020", N_FRAMES);
    print_feature(vmaf, "b_ci_p95_lo", N_FRAMES);
    vmaf_model_destroy(model);
    vmaf_model_collection_destroy(collection);
    CODE(vmaf_close(vmaf));
}

/* Lines that name no version and no speed. */
static void print_log(VmafContext *vmaf, const char *folder, enum VmafOutputFormat format)
{
    char path[4096], line[4096];
    snprintf(path, sizeof(path), "%s/log", folder);
    CODE(vmaf_write_output(vmaf, path, format));
    FILE *const file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        if (!strstr(line, "ersion") && !strstr(line, "fps"))
            fputs(line, stdout);
    if (file)
        fclose(file);
    remove(path);
}

static void try_logs(const char *folder)
{
    double score;
    VmafContext *vmaf = context_of(2);
    VmafModel *model = model_of("vmaf_v0.6.1", NULL, VMAF_MODEL_FLAG_ENABLE_TRANSFORM);
    puts("== logs");
    CODE(vmaf_use_features_from_model(vmaf, model));
    CODE(vmaf_import_feature_score(vmaf, "VMAF_feature_motion2_score", 1.0 / 3, 0));
    CODE(vmaf_import_feature_score(vmaf, "VMAF_feature_motion2_score", 1e-9, 2));
    CODE(read_frames(vmaf, small, 0, N_FRAMES));
    CODE(flush(vmaf));
    print_features_of_v0(vmaf, N_FRAMES);
    CODE(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, N_FRAMES - 1));
    for (int format = VMAF_OUTPUT_FORMAT_XML; format <= VMAF_OUTPUT_FORMAT_SUB; format++)
        print_log(vmaf, folder, (enum VmafOutputFormat)format);
    vmaf_model_destroy(model);
    CODE(vmaf_close(vmaf));
}

/* A log whose metrics are not of all frames. */
static void try_gaps(const char *folder)
{
    VmafContext *vmaf = context_of(0);
    puts("== gaps");
    CODE(vmaf_use_feature(vmaf, "psnr", NULL));
    CODE(read_frames(vmaf, (struct shape){64, 48, 8, VMAF_PIX_FMT_YUV400P}, 0, 3));
    CODE(flush(vmaf));
    CODE(vmaf_import_feature_score(vmaf, "x", 1, 1));
    CODE(vmaf_import_feature_score(vmaf, "x", 2, 5));
    print_log(vmaf, folder, VMAF_OUTPUT_FORMAT_XML);
    print_log(vmaf, folder, VMAF_OUTPUT_FORMAT_JSON);
    print_log(vmaf, folder, VMAF_OUTPUT_FORMAT_SUB);
    CODE(vmaf_close(vmaf));
}

/* What Av1an asks for: no motion. */
static void try_no_motion(void)
{
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v0.6.1", NULL, 0);
    puts("== no motion");
    CODE(vmaf_model_feature_overload(model, "motion", option("motion_force_zero", "true")));
    CODE(vmaf_use_features_from_model(vmaf, model));
    CODE(read_frames(vmaf, small, 0, 3));
    print_model(vmaf, model, 3);
    CODE(flush(vmaf));
    print_feature(vmaf, "integer_motion2_force_0", 3);
    print_model(vmaf, model, 3);
    vmaf_model_destroy(model);
    CODE(vmaf_close(vmaf));
}

static void try_pool(void)
{
    const VmafPictureConfiguration cfg = {.pic_params = {64, 48, 8, VMAF_PIX_FMT_YUV420P}, .pic_cnt = 4};
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v0.6.1", NULL, 0);
    puts("== preallocated");
    CODE(vmaf_preallocate_pictures(vmaf, cfg));
    CODE(vmaf_use_features_from_model(vmaf, model));
    for (unsigned i = 0; i < 8; i++) {
        VmafPicture ref, dist;
        CODE(vmaf_fetch_preallocated_picture(vmaf, &ref));
        CODE(vmaf_fetch_preallocated_picture(vmaf, &dist));
        picture_fill(&ref, i, 0);
        picture_fill(&dist, i, 1);
        CODE(vmaf_read_pictures(vmaf, &ref, &dist, i));
        if (i == 5)
            print_feature(vmaf, "VMAF_integer_feature_adm2_score", i + 1);
    }
    CODE(flush(vmaf));
    print_model(vmaf, model, 8);
    vmaf_model_destroy(model);
    CODE(vmaf_close(vmaf));
}

/* ---- threads ---- */

struct work {
    struct shape shape;
    VmafContext *vmaf;
    VmafModel *model;
};

static void *run(void *user)
{
    struct work *const work = user;
    work->vmaf = context_of(0);
    work->model = model_of("vmaf_v0.6.1", NULL, 0);
    if (vmaf_use_features_from_model(work->vmaf, work->model) || read_frames(work->vmaf, work->shape, 0, N_FRAMES) ||
        flush(work->vmaf))
        puts("a thread failed");
    return NULL;
}

/* Two sizes at a time: luma, and planes of half its size. */
static void try_threads(void)
{
    struct work works[] = {{.shape = {96, 80, 8, VMAF_PIX_FMT_YUV400P}}, {.shape = {48, 40, 8, VMAF_PIX_FMT_YUV400P}}};
    pthread_t threads[2];
    puts("== threads");
    for (unsigned i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, run, &works[i]);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < 2; i++) {
        print_model(works[i].vmaf, works[i].model, N_FRAMES);
        vmaf_model_destroy(works[i].model);
        CODE(vmaf_close(works[i].vmaf));
    }
}

static void try_v1(void)
{
    const struct shape shape = {320, 180, 10, VMAF_PIX_FMT_YUV420P};
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v1.0.16_hfr_3d0h", NULL, 0);
    puts("== v1");
    CODE(vmaf_model_feature_overload(model, "cambi", option("enc_bitdepth", "8")));
    CODE(vmaf_use_features_from_model(vmaf, model));
    CODE(read_frames(vmaf, shape, 0, 3));
    CODE(flush(vmaf));
    print_model(vmaf, model, 3);
    vmaf_model_destroy(model);
    CODE(vmaf_close(vmaf));
}

int main(int argc, char **argv)
{
    const char *const folder = argc > 1 ? argv[1] : ".";
    try_early();
    try_early_motion();
    try_shape(small);
    try_shape((struct shape){50, 38, 10, VMAF_PIX_FMT_YUV422P});
    try_shape((struct shape){67, 53, 12, VMAF_PIX_FMT_YUV444P});
    try_shape((struct shape){64, 48, 16, VMAF_PIX_FMT_YUV400P});
    try_collection();
    try_logs(folder);
    try_gaps(folder);
    try_no_motion();
    try_pool();
    try_threads();
    try_v1();
    return EXIT_SUCCESS;
}
