/* Wrong arguments, and right ones in the wrong order: what each function returns.
 * Argument: a folder of models' files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static const struct shape small = {64, 48, 8, VMAF_PIX_FMT_YUV420P};
static const char *models;

static void try_contexts(void)
{
    VmafContext *vmaf = NULL;
    const VmafConfiguration cfg = {.log_level = VMAF_LOG_LEVEL_NONE};
    CODE(vmaf_init(NULL, cfg));
    CODE(vmaf_init(&vmaf, cfg));
    CODE(flush(vmaf));
    CODE(flush(vmaf));
    CODE(vmaf_close(vmaf));
    CODE(vmaf_close(NULL));
    puts(vmaf_version());
}

static void try_dictionaries(void)
{
    VmafFeatureDictionary *dict = NULL;
    CODE(vmaf_feature_dictionary_set(NULL, "a", "b"));
    CODE(vmaf_feature_dictionary_set(&dict, NULL, "1"));
    CODE(vmaf_feature_dictionary_set(&dict, "a", "b"));
    CODE(vmaf_feature_dictionary_set(&dict, "a", "1e3"));
    CODE(vmaf_feature_dictionary_free(&dict));
    CODE(vmaf_feature_dictionary_free(&dict));
    CODE(vmaf_feature_dictionary_free(NULL));
}

/* Every other byte of the planes is looked at, too: they begin as zeros. */
static void print_picture(enum VmafPixelFormat format, unsigned bpc)
{
    VmafPicture pic;
    unsigned sum = 0;
    CODE(vmaf_picture_alloc(&pic, format, bpc, 37, 35));
    for (unsigned p = 0; p < 3; p++) {
        printf("%d %ux%u of %u, %s\n", (int)pic.pix_fmt, pic.w[p], pic.h[p], pic.bpc, pic.data[p] ? "data" : "NULL");
        for (ptrdiff_t i = 0; i < pic.stride[p] * (ptrdiff_t)pic.h[p]; i++)
            sum += ((unsigned char *)pic.data[p])[i];
    }
    memset(pic.data[0], 1, (size_t)pic.stride[0] * pic.h[0]);
    printf("sum %u\n", sum);
    CODE(vmaf_picture_unref(&pic));
    CODE(vmaf_picture_unref(&pic));
    printf("%u %s\n", pic.w[0], pic.data[0] ? "data" : "NULL");
}

static void try_pictures(void)
{
    VmafPicture pic;
    CODE(vmaf_picture_alloc(NULL, VMAF_PIX_FMT_YUV420P, 8, 64, 64));
    CODE(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_UNKNOWN, 8, 64, 64));
    CODE(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_YUV420P, 7, 64, 64));
    CODE(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_YUV420P, 17, 64, 64));
    CODE(vmaf_picture_unref(NULL));
    for (int format = VMAF_PIX_FMT_YUV420P; format <= VMAF_PIX_FMT_YUV400P; format++)
        print_picture((enum VmafPixelFormat)format, format % 2 ? 8 : 10);
}

static void try_models(void)
{
    VmafModel *model = NULL;
    VmafModelCollection *collection = NULL;
    VmafModelConfig cfg = {.name = "score"};
    char path[4096];
    CODE(vmaf_model_load(&model, &cfg, "vmaf_v9"));
    CODE(vmaf_model_load(&model, &cfg, ""));
    CODE(vmaf_model_load(&model, &cfg, "vmaf_b_v0.6.3"));
    CODE(vmaf_model_load_from_path(&model, &cfg, "/no/such/file.json"));
    CODE(vmaf_model_load_from_path(&model, &cfg, "/dev/null"));
    CODE(vmaf_model_collection_load(&model, &collection, &cfg, "vmaf_v9"));
    CODE(vmaf_model_collection_load(&model, &collection, &cfg, "vmaf_v0.6.1"));
    CODE(vmaf_model_collection_load_from_path(&model, &collection, &cfg, "/no/such/file.json"));
    vmaf_model_destroy(NULL);
    vmaf_model_collection_destroy(NULL);

    snprintf(path, sizeof(path), "%s/vmaf_v0.6.1.json", models);
    CODE(vmaf_model_load_from_path(&model, &cfg, path));
    CODE(vmaf_model_feature_overload(NULL, "adm", NULL));
    CODE(vmaf_model_feature_overload(model, "adm", NULL));
    CODE(vmaf_model_feature_overload(model, "adm", option("adm_enhn_gain_limit", "1")));
    CODE(vmaf_model_feature_overload(model, "psnr", option("enable_chroma", "false")));
    CODE(vmaf_model_feature_overload(model, "no_such", option("a", "b")));
    vmaf_model_destroy(model);

    snprintf(path, sizeof(path), "%s/vmaf_b_v0.6.3.json", models);
    CODE(vmaf_model_load_from_path(&model, &cfg, path));
    CODE(vmaf_model_collection_load_from_path(&model, &collection, &cfg, path));
    CODE(vmaf_model_collection_feature_overload(model, NULL, "adm", NULL));
    CODE(vmaf_model_collection_feature_overload(model, &collection, "adm", option("adm_enhn_gain_limit", "1")));
    vmaf_model_destroy(model);
    vmaf_model_collection_destroy(collection);
}

static void try_features(void)
{
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v0.6.1", "vmaf", 0);
    CODE(vmaf_use_feature(NULL, "adm", NULL));
    CODE(vmaf_use_feature(vmaf, NULL, NULL));
    CODE(vmaf_use_feature(vmaf, "no_such", NULL));
    CODE(vmaf_use_feature(vmaf, "adm", NULL));
    CODE(vmaf_use_feature(vmaf, "adm", NULL));
    CODE(vmaf_use_feature(vmaf, "vif", option("no_such", "1")));
    CODE(vmaf_use_feature(vmaf, "adm", option("adm_enhn_gain_limit", "0.5")));
    CODE(vmaf_use_feature(vmaf, "adm", option("adm_enhn_gain_limit", "101")));
    CODE(vmaf_use_feature(vmaf, "adm", option("adm_enhn_gain_limit", "many")));
    CODE(vmaf_use_feature(vmaf, "motion", option("motion_force_zero", "maybe")));
    CODE(vmaf_use_feature(vmaf, "motion", option("motion_force_zero", "true")));
    CODE(vmaf_use_feature(vmaf, "vif", option("debug", "false")));
    CODE(vmaf_use_features_from_model(NULL, model));
    CODE(vmaf_use_features_from_model(vmaf, NULL));
    CODE(vmaf_use_features_from_model(vmaf, model));
    CODE(vmaf_use_features_from_model_collection(vmaf, NULL));
    CODE(vmaf_model_feature_overload(model, "vif", option("vif_enhn_gain_limit", "0")));
    CODE(vmaf_use_features_from_model(vmaf, model));
    CODE(flush(vmaf));
    CODE(vmaf_close(vmaf));
    vmaf_model_destroy(model);
}

static void try_imports(void)
{
    VmafContext *vmaf = context_of(0);
    CODE(vmaf_import_feature_score(NULL, "x", 1, 0));
    CODE(vmaf_import_feature_score(vmaf, NULL, 1, 0));
    for (unsigned i = 0; i < 5; i++)
        CODE(vmaf_import_feature_score(vmaf, "x", 10.0 / (i + 3), i));
    CODE(vmaf_import_feature_score(vmaf, "x", 1, 2));
    CODE(vmaf_import_feature_score(vmaf, "y", 1, 20));
    print_feature(vmaf, "x", 7);
    print_feature(vmaf, "y", 2);
    print_feature(vmaf, "z", 1);
    print_pooled(vmaf, "x", 0, 4);
    print_pooled(vmaf, "x", 2, 2);
    print_pooled(vmaf, "x", 3, 2);
    print_pooled(vmaf, "x", 0, 5);
    print_pooled(vmaf, "x", 0, 4294967295u);
    CODE(vmaf_close(vmaf));

    vmaf = context_of(3);
    for (unsigned i = 0; i < 8; i++)
        vmaf_import_feature_score(vmaf, "x", 10.0 / (i + 3), i);
    print_pooled(vmaf, "x", 0, 7);
    print_pooled(vmaf, "x", 1, 7);
    CODE(vmaf_close(vmaf));
}

static int read_pair(VmafContext *vmaf, struct shape ref_shape, struct shape dist_shape, unsigned index)
{
    VmafPicture ref = picture_of(ref_shape), dist = picture_of(dist_shape);
    const int code = vmaf_read_pictures(vmaf, &ref, &dist, index);
    printf("then %d %d, ", vmaf_picture_unref(&ref), vmaf_picture_unref(&dist));
    return code;
}

static void try_reading(void)
{
    const struct shape larger = {66, 48, 8, VMAF_PIX_FMT_YUV420P}, other = {64, 48, 8, VMAF_PIX_FMT_YUV444P},
                       deeper = {64, 48, 10, VMAF_PIX_FMT_YUV420P};
    VmafPicture pic = picture_of(small);
    VmafContext *vmaf = context_of(0);
    CODE(vmaf_read_pictures(NULL, &pic, &pic, 0));
    CODE(vmaf_read_pictures(vmaf, &pic, NULL, 0));
    CODE(vmaf_read_pictures(vmaf, NULL, &pic, 0));
    CODE(read_pair(vmaf, small, larger, 0));
    CODE(read_pair(vmaf, small, small, 0));
    CODE(read_pair(vmaf, larger, larger, 1));
    CODE(read_pair(vmaf, other, other, 1));
    CODE(read_pair(vmaf, small, other, 1));
    CODE(read_pair(vmaf, deeper, small, 1));
    CODE(read_pair(vmaf, small, small, 7));
    VmafPicture both = picture_of(small);
    CODE(vmaf_read_pictures(vmaf, &both, &both, 8));
    CODE(vmaf_picture_unref(&both));
    CODE(flush(vmaf));
    CODE(read_pair(vmaf, small, small, 8));
    CODE(flush(vmaf));
    CODE(vmaf_close(vmaf));
    CODE(vmaf_picture_unref(&pic));
}

/* Features of a frame need no other one, but for motion. */
static void try_order(void)
{
    VmafContext *vmaf = context_of(0);
    CODE(vmaf_use_feature(vmaf, "psnr", NULL));
    CODE(read_pair(vmaf, small, small, 5));
    CODE(read_pair(vmaf, small, small, 2));
    CODE(flush(vmaf));
    print_feature(vmaf, "psnr_y", 7);
    CODE(vmaf_close(vmaf));

    vmaf = context_of(0);
    CODE(vmaf_use_feature(vmaf, "motion", NULL));
    CODE(read_pair(vmaf, small, small, 3));
    CODE(vmaf_close(vmaf));

    vmaf = context_of(0);
    CODE(vmaf_use_feature(vmaf, "motion", NULL));
    CODE(read_frames(vmaf, small, 0, 2));
    CODE(read_pair(vmaf, small, small, 1));
    CODE(vmaf_close(vmaf));
}

static void try_pools(void)
{
    const VmafPictureConfiguration cfg = {.pic_params = {64, 48, 8, VMAF_PIX_FMT_YUV420P}, .pic_cnt = 2};
    VmafPictureConfiguration wrong = cfg;
    VmafPicture pic, second;
    VmafContext *vmaf = context_of(0);
    CODE(vmaf_fetch_preallocated_picture(vmaf, &pic));
    CODE(vmaf_preallocate_pictures(NULL, cfg));
    wrong.pic_cnt = 0;
    CODE(vmaf_preallocate_pictures(vmaf, wrong));
    wrong = cfg;
    wrong.pic_params.w = 0;
    CODE(vmaf_preallocate_pictures(vmaf, wrong));
    wrong = cfg;
    wrong.pic_params.bpc = 7;
    CODE(vmaf_preallocate_pictures(vmaf, wrong));
    CODE(vmaf_preallocate_pictures(vmaf, cfg));
    CODE(vmaf_fetch_preallocated_picture(NULL, &pic));
    CODE(vmaf_fetch_preallocated_picture(vmaf, NULL));
    CODE(vmaf_fetch_preallocated_picture(vmaf, &pic));
    CODE(vmaf_fetch_preallocated_picture(vmaf, &second));
    printf("%ux%u of %u\n", pic.w[0], pic.h[1], pic.bpc);
    CODE(vmaf_picture_unref(&pic));
    CODE(vmaf_fetch_preallocated_picture(vmaf, &pic));
    CODE(vmaf_picture_unref(&pic));
    CODE(vmaf_picture_unref(&second));
    CODE(vmaf_close(vmaf));
}

static void try_scores(void)
{
    double score;
    VmafModelCollectionScore of_all;
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_v0.6.1", "vmaf", 0), *first;
    VmafModelCollection *collection;
    CODE(vmaf_model_collection_load(&first, &collection, &(VmafModelConfig){.name = "b"}, "vmaf_b_v0.6.3"));
    CODE(vmaf_score_at_index(NULL, model, &score, 0));
    CODE(vmaf_score_at_index(vmaf, NULL, &score, 0));
    CODE(vmaf_score_at_index(vmaf, model, NULL, 0));
    CODE(vmaf_score_at_index(vmaf, model, &score, 0));
    CODE(vmaf_score_at_index_model_collection(NULL, collection, &of_all, 0));
    CODE(vmaf_score_at_index_model_collection(vmaf, NULL, &of_all, 0));
    CODE(vmaf_score_at_index_model_collection(vmaf, collection, NULL, 0));
    CODE(vmaf_score_at_index_model_collection(vmaf, collection, &of_all, 0));
    CODE(vmaf_feature_score_at_index(NULL, "x", &score, 0));
    CODE(vmaf_feature_score_at_index(vmaf, NULL, &score, 0));
    CODE(vmaf_feature_score_at_index(vmaf, "x", NULL, 0));
    CODE(vmaf_score_pooled(NULL, model, VMAF_POOL_METHOD_MEAN, &score, 0, 0));
    CODE(vmaf_score_pooled(vmaf, NULL, VMAF_POOL_METHOD_MEAN, &score, 0, 0));
    CODE(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, NULL, 0, 0));
    CODE(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_UNKNOWN, &score, 0, 0));
    CODE(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 1, 0));
    CODE(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, 0));
    CODE(vmaf_score_pooled_model_collection(NULL, collection, VMAF_POOL_METHOD_MEAN, &of_all, 0, 0));
    CODE(vmaf_score_pooled_model_collection(vmaf, NULL, VMAF_POOL_METHOD_MEAN, &of_all, 0, 0));
    CODE(vmaf_score_pooled_model_collection(vmaf, collection, VMAF_POOL_METHOD_MEAN, &of_all, 0, 0));
    CODE(vmaf_feature_score_pooled(NULL, "x", VMAF_POOL_METHOD_MEAN, &score, 0, 0));
    CODE(vmaf_feature_score_pooled(vmaf, NULL, VMAF_POOL_METHOD_MEAN, &score, 0, 0));
    CODE(vmaf_write_output(vmaf, "/no/such/folder/log", VMAF_OUTPUT_FORMAT_JSON));
    CODE(vmaf_write_output(vmaf, "no_log", VMAF_OUTPUT_FORMAT_NONE));
    CODE(vmaf_write_output(vmaf, "no_log", (enum VmafOutputFormat)9));
    CODE(vmaf_close(vmaf));
    vmaf_model_destroy(model);
    vmaf_model_destroy(first);
    vmaf_model_collection_destroy(collection);
}

int main(int argc, char **argv)
{
    models = argc > 1 ? argv[1] : ".";
    try_contexts();
    try_dictionaries();
    try_pictures();
    try_models();
    try_features();
    try_imports();
    try_reading();
    try_order();
    try_pools();
    try_scores();
    return EXIT_SUCCESS;
}
