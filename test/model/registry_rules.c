/* Registry and sidecars: schema, redirect, checksums, paths, jail, signatures. A folder is made for each test. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "model/files/registry.h"
#include "model/files/sha256.h"
#include "model/files/verify.h"
#include "model_test.h"
#include "shared/exact_float.h"

#define MODELS VKV_SHARED_DIR "/reference-models/"
#define SHA "2bccd339caa08f25433120546e45f2cb435288edeeefeafc56f3668986904e8f"
#define SHA_INT8 "203a25905a3797b1cc3e3f347f4f6f491b491000d4424017beef64219767a9e9"
#define ENTRY                                                                                                          \
    "\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17, "                \
    "\"license\": \"BSD-2-Clause-Patent\""
#define INT8 ", \"quant_mode\": \"dynamic\", \"int8_sha256\": \"" SHA_INT8 "\""
#define REGISTRY(entry) "{\"schema_version\": 1, \"models\": [{" entry "}]}"
#define SIDECAR "{\"id\": \"v4\", \"input_name\": \"features\", \"output_name\": \"vmaf\"}"

static char folder[64];

static const char *in_folder(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}
#define IN(name) in_folder((name), (char[128]){0})

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(IN(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

static void copy_model(const char *from, const char *name)
{
    size_t n;
    uint8_t *bytes = slurp(from, &n);
    assert_non_null(bytes);
    write_file(name, bytes, n);
    free(bytes);
}

static int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder, "/tmp/vkvmaf-registry-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    copy_model(MODELS "vmaf_tiny_v4.onnx", "v4.onnx");
    copy_model(MODELS "vmaf_tiny_v4.int8.onnx", "v4.int8.onnx");
    write_text("v4.json", SIDECAR);
    write_text("registry.json", REGISTRY(ENTRY INT8));
    return 0;
}

static int remove_folder(void **unused)
{
    char command[128];
    (void)unused;
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

/* Opens; `says` NULL: succeeds with this file and mode. */
static void open_as(vkv_model_params params, const char *file, const char *mode, const char *says)
{
    struct captured captured = {0};
    vkv_model *model = NULL;

    params.struct_size = sizeof(params);
    params.log = CAPTURE(&captured);
    const int err = vkv_model_open(&params, &model);
    if (says) {
        if (!err || model || captured.n_errors != 1 || !strstr(captured.line, says))
            fail_msg("gives %d and %d lines, '%s', wanted '%s'", err, captured.n_errors, captured.line, says);
        return;
    }
    if (err)
        fail_msg("%s", captured.line);
    assert_int_equal(captured.n_errors, 0);
    const vkv_model_info *const info = vkv_model_get_info(model);
    assert_string_equal(info->file, file);
    assert_string_equal(info->quant_mode, mode);
    vkv_model_close(&model);
}
#define OPENS(file, mode, ...) open_as((vkv_model_params){__VA_ARGS__}, (file), (mode), NULL)
#define REFUSES(says, ...) open_as((vkv_model_params){__VA_ARGS__}, NULL, NULL, (says))

static void redirect(void **unused)
{
    (void)unused;
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .registry = IN("registry.json"));
    OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.onnx"));
    OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.onnx"), .quant = VKV_QUANT_INT8);
    OPENS("v4.onnx", "fp32", .path = IN("v4.onnx"), .quant = VKV_QUANT_FP32);
    OPENS("v4.onnx", "fp32", .id = "v4", .models_dir = folder, .quant = VKV_QUANT_FP32);
    OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.int8.onnx"), .quant = VKV_QUANT_FP32);
    /* A link in front of the folder does not lead around the registry. */
    char link[128];
    snprintf(link, sizeof(link), "%s-link", folder);
    assert_int_equal(symlink(folder, link), 0);
    char path[160];
    snprintf(path, sizeof(path), "%s/v4.onnx", link);
    OPENS("v4.int8.onnx", "dynamic", .path = path);
    unlink(link);

    write_text("registry.json", REGISTRY(ENTRY));
    OPENS("v4.onnx", "fp32", .id = "v4", .models_dir = folder);
    REFUSES("has no 8-bit form", .id = "v4", .models_dir = folder, .quant = VKV_QUANT_INT8);
    REFUSES("no such entry", .id = "v5", .models_dir = folder);
    REFUSES("no such file", .id = "v4", .models_dir = "/absent");

    /* The description alone; the registry is stronger. */
    write_text("v4.json", "{\"quant_mode\": \"dynamic\", \"int8_sha256\": \"" SHA_INT8 "\"}");
    OPENS("v4.onnx", "fp32", .path = IN("v4.onnx"));
    assert_int_equal(unlink(IN("registry.json")), 0);
    OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.onnx"));
    OPENS("v4.onnx", "fp32", .path = IN("v4.onnx"), .quant = VKV_QUANT_FP32);
    write_text("v4.json", "{\"quant_mode\": \"dynamic\", \"int8_sha256\": \"" SHA "\"}");
    REFUSES("its SHA-256 is", .path = IN("v4.onnx"));
    write_text("v4.json", "{\"quant_mode\": \"dynamic\"}");
    REFUSES("no int8_sha256", .path = IN("v4.onnx"));
    assert_int_equal(unlink(IN("v4.json")), 0);
    OPENS("v4.onnx", "fp32", .path = IN("v4.onnx"));
}

static void hard_errors(void **unused)
{
    (void)unused;
    write_text("registry.json", REGISTRY(ENTRY ", \"quant_mode\": \"static\", \"quant_calibration_set\": \"c.npz\","
                                               " \"int8_sha256\": \"" SHA_INT8 "\""));
    REFUSES("is dynamic, it is listed as static", .id = "v4", .models_dir = folder);
    write_text("registry.json", REGISTRY(ENTRY INT8));
    copy_model(MODELS "vmaf_tiny_v2.onnx", "v4.int8.onnx");
    REFUSES("v4.int8.onnx': its SHA-256 is", .id = "v4", .models_dir = folder);
    OPENS("v4.onnx", "fp32", .id = "v4", .models_dir = folder, .quant = VKV_QUANT_FP32);
    unlink(IN("v4.int8.onnx"));
    REFUSES("v4.int8.onnx': cannot be opened: no such file", .id = "v4", .models_dir = folder);
    copy_model(MODELS "vmaf_tiny_v4.int8.onnx", "v4.int8.onnx");
    copy_model(MODELS "vmaf_tiny_v2.onnx", "v4.onnx");
    REFUSES("v4.onnx': its SHA-256 is", .id = "v4", .models_dir = folder);
    REFUSES("v4.onnx': its SHA-256 is", .path = IN("v4.onnx"), .quant = VKV_QUANT_FP32);
    write_text("v4.onnx", "damaged before it is parsed");
    REFUSES("its SHA-256 is", .id = "v4", .models_dir = folder);
    copy_model(MODELS "vmaf_tiny_v4.onnx", "v4.onnx");
    write_text("v4.json", "{\"input_name\": \"frames\"}");
    REFUSES("input is not 'frames'", .id = "v4", .models_dir = folder);
    write_text("v4.json", "{\"output_name\": \"score\"}");
    REFUSES("output is not 'score'", .path = IN("v4.onnx"), .quant = VKV_QUANT_FP32);
    write_text("v4.json", "{\"features\": [\"vif_scale0\", \"adm2\"]}");
    REFUSES("'features' must be", .id = "v4", .models_dir = folder);
    write_text("v4.json", "{\"kind\": \"nr\"}");
    REFUSES("kind 'nr'", .path = IN("v4.onnx"));
    write_text("v4.json", "[1]");
    REFUSES("is not a JSON object", .path = IN("v4.onnx"));
    unlink(IN("v4.json"));
    REFUSES("description 'v4.json': cannot be opened", .id = "v4", .models_dir = folder);
    write_text("registry.json", REGISTRY(ENTRY INT8 ", \"smoke\": true"));
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder);
    write_text("registry.json", "{\"schema_version\": 1, \"models\": [");
    REFUSES("is not a JSON object", .path = IN("v4.onnx"));
    REFUSES("exclude", .path = IN("v4.onnx"), .id = "v4");
    REFUSES("without registry", .id = "v4");
    REFUSES("quant is 3", .path = IN("v4.onnx"), .quant = 3);
}

static void stays_in_its_folder(void **unused)
{
    (void)unused;
    unlink(IN("v4.onnx"));
    assert_int_equal(symlink(MODELS "vmaf_tiny_v4.onnx", IN("v4.onnx")), 0);
    REFUSES("outside of the registry's folder", .id = "v4", .models_dir = folder);
    assert_int_equal(rename(IN("v4.onnx"), IN("away.onnx")), 0);
    copy_model(MODELS "vmaf_tiny_v4.onnx", "real.onnx");
    assert_int_equal(symlink("real.onnx", IN("v4.onnx")), 0);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder);

    char jail[80], sibling[80];
    snprintf(jail, sizeof(jail), "%s-ev", folder);
    snprintf(sibling, sizeof(sibling), "%s", folder);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .jail = folder);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .jail = "/tmp");
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .jail = "/");
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .jail = "");
    REFUSES("is not a folder", .id = "v4", .models_dir = folder, .jail = jail);
    REFUSES("is not a folder", .id = "v4", .models_dir = folder, .jail = IN("real.onnx"));
    /* A folder whose name is the beginning of another's. */
    sibling[strlen(sibling) - 1] = '\0';
    assert_int_equal(mkdir(sibling, 0700), 0);
    REFUSES("outside of", .id = "v4", .models_dir = folder, .jail = sibling);
    rmdir(sibling);
    REFUSES("outside of", .path = IN("away.onnx"), .jail = folder);
    OPENS("away.onnx", "fp32", .path = IN("away.onnx"));

    /* The description, too; of a file that no registry lists it may lie anywhere. */
    char outside[80];
    snprintf(outside, sizeof(outside), "%s-v4.json", folder);
    assert_int_equal(rename(IN("v4.json"), outside), 0);
    assert_int_equal(symlink(outside, IN("v4.json")), 0);
    REFUSES("description 'v4.json': lies outside", .id = "v4", .models_dir = folder);
    unlink(IN("registry.json"));
    OPENS("v4.onnx", "fp32", .path = IN("v4.onnx"));
    unlink(outside);
}

/* What lies beside a model stays inside the caller's two limits, links resolved; what is outside cannot be told from
 * what is not there. A relative or absolute link that stays inside, and a limit that is a link, are fine. */
static void beside_a_model(void **unused)
{
    static const char *const names[] = {"registry.json", "v4.json", "v4.int8.onnx"};
    char outer[80], there[120], linked[100], target[200];
    (void)unused;
    write_text("registry.json", REGISTRY(ENTRY INT8));
    write_text("v4.json", "{\"id\": \"v4\", \"sha256\": \"" SHA "\"" INT8 "}");
    snprintf(outer, sizeof(outer), "%s-outer", folder);
    snprintf(linked, sizeof(linked), "%s-link", folder);
    assert_int_equal(mkdir(outer, 0700), 0);
    assert_int_equal(symlink(folder, linked), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (i > 0)
            unlink(IN("registry.json")); /* so that the description counts */
        snprintf(there, sizeof(there), "%s/%s", outer, names[i]);
        assert_int_equal(rename(IN(names[i]), there), 0);
        for (int gone = 0; gone < 2; gone++) { /* the same words where nothing is there */
            snprintf(target, sizeof(target), "%s%s", there, gone ? ".gone" : "");
            assert_int_equal(symlink(target, IN(names[i])), 0);
            REFUSES(": lies outside of", .path = IN("v4.onnx"), .jail = folder);
            REFUSES(": lies outside of", .path = IN("v4.onnx"), .root = folder);
            REFUSES(": lies outside of", .path = IN("v4.onnx"), .jail = "/", .root = folder);
            REFUSES(": lies outside of", .path = IN("v4.onnx"), .jail = linked);
            unlink(IN(names[i]));
        }
        assert_int_equal(symlink(outer, IN("way")), 0); /* a link to a folder, and ".." behind it */
        snprintf(target, sizeof(target), "way/%s", names[i]);
        assert_int_equal(symlink(target, IN(names[i])), 0);
        REFUSES(": lies outside of", .path = IN("v4.onnx"), .jail = folder);
        unlink(IN(names[i]));
        unlink(IN("way"));
        assert_int_equal(mkdir(IN("deep"), 0700), 0);
        snprintf(target, sizeof(target), "%s/deep/%s", folder, names[i]);
        assert_int_equal(rename(there, target), 0);
        assert_int_equal(symlink(target, IN(names[i])), 0); /* absolute, and stays inside */
        OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.onnx"), .jail = folder, .root = linked);
        unlink(IN(names[i]));
        snprintf(target, sizeof(target), "deep/../deep/%s", names[i]);
        assert_int_equal(symlink(target, IN(names[i])), 0);
        OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.onnx"), .jail = linked, .root = folder);
        unlink(IN(names[i]));
        snprintf(target, sizeof(target), "%s/deep/%s", folder, names[i]);
        assert_int_equal(rename(target, IN(names[i])), 0);
        assert_int_equal(rmdir(IN("deep")), 0);
    }
    unlink(linked);
    rmdir(outer);
}

/* Two ids may share a file; a path means the first. */
static void shared_file(void **unused)
{
    static const char two[] = "{\"schema_version\": 1, \"models\": [{" ENTRY INT8 "}, {\"id\": \"f\", \"kind\": \"fr\","
                              " \"onnx\": \"v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17, \"license\": \"x\"}]}";
    (void)unused;
    write_text("registry.json", two);
    OPENS("v4.int8.onnx", "dynamic", .path = IN("v4.onnx"));
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder);
    OPENS("v4.onnx", "fp32", .id = "f", .models_dir = folder);
}

struct problems {
    int n;
    char last[512];
};

static void count_problem(void *user, const char *text)
{
    struct problems *problems = user;
    problems->n++;
    snprintf(problems->last, sizeof(problems->last), "%s", text);
}

static void schema(void **unused)
{
    static const struct {
        const char *text, *says; /* says NULL: good */
    } cases[] = {
        {"{\"schema_version\": 0, \"models\": []}", NULL},
        {"{\"$schema\": \"registry.schema.json\", \"schema_version\": 1, \"models\": []} \n", NULL},
        {REGISTRY(ENTRY INT8), NULL},
        {REGISTRY(ENTRY INT8 ", \"license_url\": \"https://example.org/x\", \"sigstore_bundle\": \"v4.sigstore.json\","
                             " \"quant_accuracy_budget_plcc\": 0.002, \"notes\": \"\", \"description\": \"d\""),
         NULL},
        {REGISTRY(ENTRY INT8 ", \"quant_calibration_set\": \"c.npz\""), "static or qat"},
        {REGISTRY(ENTRY ", \"quant_mode\": \"qat\", \"int8_sha256\": \"" SHA "\", \"quant_calibration_set\":"
                        " \"\xc3\xa9.npz\""),
         NULL},
        {REGISTRY(ENTRY ", \"license_url\": \"https://example.org/\xc3\xa9\""), "URI"},
        {"\xef\xbb\xbf{\"schema_version\": 0, \"models\": []}", "byte order mark"},
        {"", "not a JSON object"},
        {"{\"schema_version\": 1, \"models\": []} x", "not a JSON object"},
        {"{\"schema_version\": 1, \"models\": [], \"$schema\": \"a\\u0000b\"}", "not a JSON object"},
        {"{\"models\": []}", "schema_version"},
        {"{\"schema_version\": 2, \"models\": []}", "schema_version"},
        {"{\"schema_version\": 0.5, \"models\": []}", "schema_version"},
        {"{\"schema_version\": 1}", "'models' must be an array"},
        {"{\"schema_version\": 1, \"models\": {}}", "'models' must be an array"},
        {"{\"schema_version\": 1, \"models\": [], \"more\": 1}", "'more' is not known"},
        {"{\"schema_version\": 1, \"schema_version\": 1, \"models\": []}", "given twice"},
        {"{\"schema_version\": 1, \"models\": [7]}", "is not an object"},
        {REGISTRY(ENTRY ", \"quant_int8_sha256\": \"" SHA "\""), "'quant_int8_sha256' is not known"},
        {REGISTRY(ENTRY ", \"quant_mode\": \"dynamic\""), "'int8_sha256' is missing"},
        {REGISTRY(ENTRY ", \"int8_sha256\": \"" SHA "\""), "other than fp32"},
        {REGISTRY(ENTRY ", \"quant_mode\": \"int4\""), "int4"},
        {REGISTRY(ENTRY ", \"quant_mode\": \"static\", \"int8_sha256\": \"" SHA "\""),
         "'quant_calibration_set' is missing"},
        {REGISTRY(ENTRY ", \"quant_accuracy_budget_plcc\": 2"), "from 0 to 1"},
        {REGISTRY(ENTRY ", \"quant_accuracy_budget_plcc\": -1e999"), "from 0 to 1"},
        {REGISTRY(ENTRY ", \"smoke\": 1"), "true or false"},
        {REGISTRY(ENTRY ", \"license_url\": \"nowhere\""), "URI"},
        {REGISTRY(ENTRY ", \"sigstore_bundle\": \"v4.json\""), "end in .sigstore.json"},
        {REGISTRY(ENTRY ", \"sigstore_bundle\": \"a/../b.sigstore.json\""), "must not leave"},
        {REGISTRY("\"id\": \"V4\", \"kind\": \"fr\", \"onnx\": \"v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17,"
                  " \"license\": \"x\""),
         "'id' must be"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"xr\", \"onnx\": \"v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17,"
                  " \"license\": \"x\""),
         "'kind' is 'xr'"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"../v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17,"
                  " \"license\": \"x\""),
         "start with a letter"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"a//v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17,"
                  " \"license\": \"x\""),
         "must not leave"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"a/./v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17,"
                  " \"license\": \"x\""),
         "must not leave"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"v4.onnx\", \"sha256\": \"ABC\", \"opset\": 17,"
                  " \"license\": \"x\""),
         "hexadecimal"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"v4.onnx\", \"sha256\": \"" SHA
                  "\", \"license\": \"x\""),
         "'opset' is missing"},
        {REGISTRY("\"id\": \"v4\", \"kind\": \"fr\", \"onnx\": \"v4.onnx\", \"sha256\": \"" SHA "\", \"opset\": 17"),
         "'license' is missing"},
        {"{\"schema_version\": 1, \"models\": [{" ENTRY "}, {" ENTRY "}]}", "given twice"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct problems problems = {0};
        struct registry registry;
        const size_t n = strlen(cases[i].text);
        uint8_t *copy = malloc(n + 1);
        memcpy(copy, cases[i].text, n);
        const bool is_good = registry_parse(copy, n, &registry, count_problem, &problems);
        if (is_good != !cases[i].says || (problems.n != 0) == is_good ||
            (cases[i].says && problems.n == 1 && !strstr(problems.last, cases[i].says)))
            fail_msg("case %zu: %d problems, '%s', wanted '%s'", i, problems.n, problems.last,
                     cases[i].says ? cases[i].says : "");
        registry_free(&registry);
        free(copy);
    }
    assert_true(registry_path_is_safe("a/b.onnx"));
    static const char *const unsafe[] = {"", "/a", "a/", "..", "a/../b", "a//b", ".", "a\\b", "a/.."};
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(*unsafe); i++)
        assert_false(registry_path_is_safe(unsafe[i]));
}

/* Unknown fields are told one by one, but a file of nothing else ends early. */
static void many_fields(void **unused)
{
    static const char head[] = "{\"schema_version\": 1, \"models\": []";
    const size_t room = 1 << 20;
    struct problems problems = {0};
    struct registry registry;
    char *text = malloc(room);
    (void)unused;
    assert_non_null(text);
    size_t n = (size_t)snprintf(text, room, "%s", head);
    for (unsigned i = 0; n < room - 32; i++)
        n += (size_t)snprintf(text + n, room - n, ",\"f%u\":1", i);
    n += (size_t)snprintf(text + n, room - n, "}");
    assert_false(registry_parse((const uint8_t *)text, n, &registry, count_problem, &problems));
    assert_string_equal(problems.last, "has more than 256 fields");
    assert_int_equal(problems.n, 255);
    registry_free(&registry);
    free(text);
}

/* A key pair in PEM form; the signature of the registry is made with it. */
static const char private_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                  "-----END PRIVATE KEY-----\n";
static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                 "-----END PUBLIC KEY-----\n";

static void sign(const char *registry)
{
    struct captured captured = {0};
    char text[SIGNATURE_TEXT_SIZE];
    if (verify_sign(&CAPTURE(&captured), IN("private.pem"), (const uint8_t *)registry, strlen(registry), text))
        fail_msg("%s", captured.line);
    write_text("registry.json.sig", text);
}

static void signatures(void **unused)
{
    (void)unused;
    write_text("private.pem", private_key);
    write_text("public.pem", public_key);
    sign(REGISTRY(ENTRY INT8));
    char key[128];
    in_folder("public.pem", key);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = key);
    OPENS("v4.onnx", "fp32", .path = IN("v4.onnx"), .quant = VKV_QUANT_FP32, .verify = 1, .verify_key = key);
    copy_model(MODELS "vmaf_tiny_v2.onnx", "v2.onnx");
    REFUSES("no registry lists it", .path = IN("v2.onnx"), .verify = 1, .verify_key = key);
    REFUSES("no registry lists it", .path = MODELS "vmaf_tiny_v2.onnx", .verify = 1, .verify_key = key);
    REFUSES("neither a key nor", .id = "v4", .models_dir = folder, .verify = 1);
    REFUSES("Ed25519 public key", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = IN("private.pem"));
    REFUSES("no such file", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = IN("absent.pem"));
    write_text("registry.json", REGISTRY(ENTRY));
    REFUSES("does not match", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = key);
    OPENS("v4.onnx", "fp32", .id = "v4", .models_dir = folder);
    sign(REGISTRY(ENTRY));
    OPENS("v4.onnx", "fp32", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = key);
    write_text("registry.json.sig", "AAAA");
    REFUSES("base64 form", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = key);
    unlink(IN("registry.json.sig"));
    REFUSES("no such file", .id = "v4", .models_dir = folder, .verify = 1, .verify_key = key);
}

/* The stand-in accepts what a file beside it says. */
static void bundles(void **unused)
{
    char cosign[128], script[512];
    (void)unused;
    in_folder("cosign", cosign);
    snprintf(script, sizeof(script),
             "#!/bin/sh\necho noise; echo noise >&2\n"
             "[ $# -eq 4 ] && [ \"$1\" = verify-blob ] && [ \"$2\" = --bundle ] && [ \"$(cat \"$3\")\" = "
             "\"$(sha256sum <\"$4\" | cut -c1-64)\" ]\n");
    write_text("cosign", script);
    assert_int_equal(chmod(cosign, 0700), 0);
    REFUSES("has no sigstore_bundle", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    write_text("registry.json", REGISTRY(ENTRY INT8 ", \"sigstore_bundle\": \"v4.sigstore.json\""));
    REFUSES("bundle 'v4.sigstore.json': cannot be opened", .id = "v4", .models_dir = folder, .verify = 1,
            .cosign = cosign);
    /* What a bundle may not be; the FIFO must not block. */
    char outside[80];
    snprintf(outside, sizeof(outside), "%s-outside", folder);
    FILE *file = fopen(outside, "w");
    assert_non_null(file);
    fputs(SHA_INT8, file);
    fclose(file);
    assert_int_equal(symlink(outside, IN("v4.sigstore.json")), 0);
    REFUSES("outside of the registry's folder", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    unlink(outside);
    unlink(IN("v4.sigstore.json"));
    assert_int_equal(mkdir(IN("v4.sigstore.json"), 0700), 0);
    REFUSES("not a regular file", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    rmdir(IN("v4.sigstore.json"));
    assert_int_equal(mkfifo(IN("v4.sigstore.json"), 0600), 0);
    REFUSES("not a regular file", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    unlink(IN("v4.sigstore.json"));
    write_text("v4.sigstore.json", SHA_INT8);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    REFUSES("exit code 1", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign, .quant = VKV_QUANT_FP32);
    REFUSES("cannot be run", .id = "v4", .models_dir = folder, .verify = 1, .cosign = "/absent/cosign");
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder);
}

/* A file that changes between our reading and cosign's: what cosign sees is what was read. */
static void swapped_for_cosign(void **unused)
{
    char cosign[128], script[1024];
    (void)unused;
    in_folder("cosign", cosign);
    write_text("registry.json", REGISTRY(ENTRY INT8 ", \"sigstore_bundle\": \"v4.sigstore.json\""));
    write_text("v4.sigstore.json", SHA_INT8);
    copy_model(MODELS "vmaf_tiny_v2.onnx", "other.onnx");
    /* The files are replaced first; then another one's bytes are accepted only. */
    snprintf(script, sizeof(script),
             "#!/bin/sh\ncp %s/other.onnx %s/v4.int8.onnx\necho other >%s/v4.sigstore.json\ncmp -s \"$4\" "
             "%s/other.onnx\n",
             folder, folder, folder, folder);
    write_text("cosign", script);
    assert_int_equal(chmod(cosign, 0700), 0);
    REFUSES("exit code 1", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    /* Again, accepting the bytes that were read. */
    copy_model(MODELS "vmaf_tiny_v4.int8.onnx", "v4.int8.onnx");
    copy_model(MODELS "vmaf_tiny_v4.int8.onnx", "kept.onnx");
    write_text("v4.sigstore.json", SHA_INT8);
    snprintf(script, sizeof(script),
             "#!/bin/sh\ncp %s/other.onnx %s/v4.int8.onnx\necho other >%s/v4.sigstore.json\n"
             "cmp -s \"$4\" %s/kept.onnx && [ \"$(cat \"$3\")\" = " SHA_INT8 " ]\n",
             folder, folder, folder, folder);
    write_text("cosign", script);
    OPENS("v4.int8.onnx", "dynamic", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
    /* One that changes its copy is not believed. */
    copy_model(MODELS "vmaf_tiny_v4.int8.onnx", "v4.int8.onnx");
    write_text("v4.sigstore.json", SHA_INT8);
    snprintf(script, sizeof(script), "#!/bin/sh\ncp -f %s/other.onnx \"$4\"\nexit 0\n", folder);
    write_text("cosign", script);
    REFUSES("was changed", .id = "v4", .models_dir = folder, .verify = 1, .cosign = cosign);
}

/* Programs that were built against the struct without registry. */
static void shorter_struct(void **unused)
{
    struct captured captured = {0};
    vkv_model *model = NULL;
    char path[128];
    vkv_model_params params = {.path = in_folder("v4.onnx", path), .log = CAPTURE(&captured), .id = "not read"};
    (void)unused;
    params.struct_size = offsetof(vkv_model_params, id);
    assert_int_equal(vkv_model_open(&params, &model), VKV_OK);
    vkv_model_close(&model);
    params.struct_size += 4;
    assert_int_equal(vkv_model_open(&params, &model), VKV_ERR_ARG);
    params.struct_size = sizeof(params) + 1;
    assert_int_equal(vkv_model_open(&params, &model), VKV_ERR_ARG);
    params.struct_size = sizeof(params);
    assert_int_equal(vkv_model_open(&params, &model), VKV_ERR_ARG); /* path and id */
    assert_int_equal(captured.n_errors, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(redirect),    TEST(hard_errors),        TEST(stays_in_its_folder),     TEST(beside_a_model),
        TEST(shared_file), cmocka_unit_test(schema), cmocka_unit_test(many_fields), TEST(signatures),
        TEST(bundles),     TEST(swapped_for_cosign), TEST(shorter_struct),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
