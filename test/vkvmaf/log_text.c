/* The log's text: numbers, strings, pooling, layout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/json_write.h"
#include "output/output.h"

static char text[8192];

static FILE *open_text(void)
{
    memset(text, 0, sizeof(text));
    FILE *file = fmemopen(text, sizeof(text), "w");
    assert_non_null(file);
    return file;
}

static void check_number(double value, int precision, const char *wanted)
{
    FILE *file = open_text();
    json_write_number(file, value, precision);
    fclose(file);
    assert_string_equal(text, wanted);
}

static void numbers(void **state)
{
    (void)state;
    check_number(0.0, 6, "0.000000");
    check_number(0.8547331, 6, "0.854733");
    check_number(100.0, 6, "100.000000");
    check_number(-3.5, 6, "-3.500000");
    check_number(1.5e-6, 6, "0.000002");
    check_number(9.9e-7, 6, "0.0000009900000000"); /* nothing but zeros in 6 digits, rounding aside */
    check_number(1.5e-8, 6, "0.0000000150000000");
    check_number(100.00000003, 6, "100.0000000299999954");
    check_number(-7.0000005, 6, "-7.0000004999999996");
    check_number(7.000001, 6, "7.000001");
    check_number(3e9, 6, "3000000000.000000");
    check_number(-1.5e-8, 6, "-0.0000000150000000");
    check_number(1e-300, 6, "0.0000000000000000");
    check_number(NAN, 6, "null");
    check_number(INFINITY, 6, "null");
    check_number(-INFINITY, 17, "null");
    check_number(0.1, 17, "0.10000000000000001");
    check_number(0.0, 17, "0");
    check_number(46.344535827636719, 17, "46.344535827636719");
}

static void check_string(const char *value, const char *wanted)
{
    FILE *file = open_text();
    struct json_writer w = {.stream = file};
    json_put_name(&w, NULL, value);
    fclose(file);
    assert_string_equal(text, wanted);
}

static void strings(void **state)
{
    (void)state;
    check_string("llvmpipe (LLVM 15.0.6, 256 bits)", "\"llvmpipe (LLVM 15.0.6, 256 bits)\"");
    check_string("a\"b\\c", "\"a\\\"b\\\\c\"");
    check_string("tab\tline\nend\x1b\x7f", "\"tab\\u0009line\\u000aend\\u001b\\u007f\"");
    check_string("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac", "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac\"");
    check_string("cut \xc3", "\"cut \\ufffd\"");
    check_string("cut \xe2\x82", "\"cut \\ufffd\\ufffd\"");
    check_string("overlong \xc0\xaf", "\"overlong \\ufffd\\ufffd\"");
    check_string("surrogate \xed\xa0\x80", "\"surrogate \\ufffd\\ufffd\\ufffd\"");
    check_string("\xff", "\"\\ufffd\"");
    check_string("", "null");
    check_string(NULL, "null");
}

static void pooling(void **state)
{
    (void)state;
    const double values[] = {1.0, 3.0, 0.0};
    const struct pooled pooled = pool_values(values, 3);
    assert_true(pooled.min == 0.0);
    assert_true(pooled.max == 3.0);
    assert_true(pooled.mean == 4.0 / 3.0);
    assert_true(fabs(pooled.harmonic_mean - (3.0 / 1.75 - 1.0)) < 1e-15);
    const struct pooled with_nan = pool_values((const double[]){1.0, NAN}, 2);
    assert_true(isnan(with_nan.mean) && isnan(with_nan.harmonic_mean));
}

static const char expected_log[] = "{\n"
                                   "  \"version\": \"" VKV_VERSION_STRING "\",\n"
                                   "  \"fps\": 12.34,\n"
                                   "  \"frames\": [\n"
                                   "    {\n"
                                   "      \"frameNum\": 0,\n"
                                   "      \"metrics\": {\n"
                                   "        \"integer_adm2\": 0.500000,\n"
                                   "        \"tiny\": 100.000000\n"
                                   "      }\n"
                                   "    },\n"
                                   "    {\n"
                                   "      \"frameNum\": 3,\n"
                                   "      \"metrics\": {\n"
                                   "        \"integer_adm2\": 1.000000,\n"
                                   "        \"tiny\": 50.000000\n"
                                   "      }\n"
                                   "    }\n"
                                   "  ],\n"
                                   "  \"pooled_metrics\": {\n"
                                   "    \"integer_adm2\": {\n"
                                   "      \"min\": 0.500000,\n"
                                   "      \"max\": 1.000000,\n"
                                   "      \"mean\": 0.750000,\n"
                                   "      \"harmonic_mean\": 0.714286,\n"
                                   "      \"perc1\": 0.505000,\n"
                                   "      \"perc5\": 0.525000,\n"
                                   "      \"perc10\": 0.550000,\n"
                                   "      \"perc20\": 0.600000\n"
                                   "    },\n"
                                   "    \"tiny\": {\n"
                                   "      \"min\": 50.000000,\n"
                                   "      \"max\": 100.000000,\n"
                                   "      \"mean\": 75.000000,\n"
                                   "      \"harmonic_mean\": 66.776316,\n"
                                   "      \"perc1\": 50.500000,\n"
                                   "      \"perc5\": 52.500000,\n"
                                   "      \"perc10\": 55.000000,\n"
                                   "      \"perc20\": 60.000000\n"
                                   "    }\n"
                                   "  },\n"
                                   "  \"aggregate_metrics\": {\n"
                                   "  },\n"
                                   "  \"device\": {\n"
                                   "    \"name\": \"a \\\"gpu\\\"\",\n"
                                   "    \"uuid\": \"6d657361-3232-2e33-2e36-000000000000\",\n"
                                   "    \"driver\": \"d\",\n"
                                   "    \"api_version\": \"1.3.230\",\n"
                                   "    \"form\": \"texel\"\n"
                                   "  },\n"
                                   "  \"tiny_model\": {\n"
                                   "    \"name\": \"tiny\",\n"
                                   "    \"kind\": \"fr\",\n"
                                   "    \"quant_mode\": \"fp32\",\n"
                                   "    \"file\": \"tiny.onnx\",\n"
                                   "    \"device\": \"a \\\"gpu\\\"\",\n"
                                   "    \"mean\": 75.500000,\n"
                                   "    \"per_frame\": [101.000000, 50.000000]\n"
                                   "  }\n"
                                   "}\n";

static void check_log(enum log_format format, const char *wanted, bool extras, const char *name)
{
    double adm2[] = {0.5, 1.0}, clipped[] = {100.0, 50.0};
    double raw[] = {101, 50};
    const vkv_device_info device = {.name = "a \"gpu\"",
                                    .uuid = "6d657361-3232-2e33-2e36-000000000000",
                                    .driver = "d",
                                    .api_version = 1u << 22 | 3u << 12 | 230u,
                                    .form = "texel"};
    const vkv_model_info model = {.name = name, .kind = "fr", .quant_mode = "fp32", .file = "tiny.onnx"};
    struct metric metrics[] = {{.name = "integer_adm2", .values = adm2}, {.values = clipped}};
    struct encode_log encode = {.path = "d.y4m", .n_metrics = 2, .metrics = metrics, .raw_scores = raw};
    struct score_log log = {
        .width = 64,
        .height = 48,
        .fps = 12.341,
        .n_frames = 2,
        .frame_step = 3,
        .device = &device,
        .model = extras ? &model : NULL,
        .n_encodes = 1,
        .encodes = &encode,
    };
    strcpy(metrics[1].name, name);
    assert_int_equal(encode_pool(&encode, log.n_frames), 0);
    FILE *file = open_text();
    log_write(file, format, &log, &encode, (struct log_style){PRECISION_LIBVMAF, extras, extras});
    fclose(file);
    assert_string_equal(text, wanted);
}

static void json_layout(void **state)
{
    (void)state;
    check_log(LOG_JSON, expected_log, true, "tiny");
}

#define XML_HEAD                                                                                                       \
    "<VMAF version=\"" VKV_VERSION_STRING "\">\n"                                                                      \
    "  <params qualityWidth=\"64\" qualityHeight=\"48\" />\n"                                                          \
    "  <fyi fps=\"12.34\" />\n"                                                                                        \
    "  <frames>\n"

static void xml_layout(void **state)
{
    (void)state;
    check_log(LOG_XML,
              XML_HEAD "    <frame frameNum=\"0\" integer_adm2=\"0.500000\" vmaf=\"100.000000\" />\n"
                       "    <frame frameNum=\"3\" integer_adm2=\"1.000000\" vmaf=\"50.000000\" />\n"
                       "  </frames>\n"
                       "  <pooled_metrics>\n"
                       "    <metric name=\"integer_adm2\" min=\"0.500000\" max=\"1.000000\" mean=\"0.750000\" "
                       "harmonic_mean=\"0.714286\" />\n"
                       "    <metric name=\"vmaf\" min=\"50.000000\" max=\"100.000000\" mean=\"75.000000\" "
                       "harmonic_mean=\"66.776316\" />\n"
                       "  </pooled_metrics>\n"
                       "  <aggregate_metrics />\n"
                       "</VMAF>\n",
              false, "vmaf");
    check_log(LOG_XML,
              XML_HEAD "    <frame frameNum=\"0\" integer_adm2=\"0.500000\" ______x3=\"100.000000\" />\n"
                       "    <frame frameNum=\"3\" integer_adm2=\"1.000000\" ______x3=\"50.000000\" />\n"
                       "  </frames>\n"
                       "  <pooled_metrics>\n"
                       "    <metric name=\"integer_adm2\" min=\"0.500000\" max=\"1.000000\" mean=\"0.750000\" "
                       "harmonic_mean=\"0.714286\" perc1=\"0.505000\" perc5=\"0.525000\" perc10=\"0.550000\" "
                       "perc20=\"0.600000\" />\n"
                       "    <metric name=\"______x3\" min=\"50.000000\" max=\"100.000000\" mean=\"75.000000\" "
                       "harmonic_mean=\"66.776316\" perc1=\"50.500000\" perc5=\"52.500000\" perc10=\"55.000000\" "
                       "perc20=\"60.000000\" />\n"
                       "  </pooled_metrics>\n"
                       "  <aggregate_metrics />\n"
                       "  <device name=\"a &#34;gpu&#34;\" uuid=\"6d657361-3232-2e33-2e36-000000000000\" driver=\"d\" "
                       "api_version=\"1.3.230\" form=\"texel\" />\n"
                       "  <tiny_model name=\"2 &#60;&#38;&#34;?x3\" kind=\"fr\" quant_mode=\"fp32\" file=\"tiny.onnx\" "
                       "device=\"a &#34;gpu&#34;\" mean=\"75.500000\" />\n"
                       "</VMAF>\n",
              true, "2 <&\"\nx3");
}

static void line_layouts(void **state)
{
    (void)state;
    check_log(LOG_CSV, "Frame,integer_adm2,a_b,\n0,0.500000,100.000000,\n3,1.000000,50.000000,\n", true, "a,b");
    check_log(LOG_SUB,
              "{0}{1}frame: 0|integer_adm2: 0.500000|a_b: 100.000000|\n"
              "{3}{4}frame: 3|integer_adm2: 1.000000|a_b: 50.000000|\n",
              true, "a|b");
}

static void percentiles(void **state)
{
    (void)state;
    double values[101], pooled[N_PERCENTILES];
    for (int i = 0; i <= 100; i++)
        values[i] = 3.0 * ((i * 37) % 101);
    assert_int_equal(pool_percentiles(values, 101, pooled), 0);
    for (int i = 0; i < N_PERCENTILES; i++)
        assert_true(fabs(pooled[i] - 3.0 * pool_percents[i]) < 1e-12);
    assert_int_equal(pool_percentiles((const double[]){6.0, -1.0}, 2, pooled), 0);
    assert_true(fabs(pooled[2] - -0.3) < 1e-12);
    assert_int_equal(pool_percentiles((const double[]){7.0}, 1, pooled), 0);
    assert_true(pooled[0] == 7.0);
    assert_int_equal(pool_percentiles((const double[]){3.0, NAN, 1.0}, 3, pooled), 0);
    assert_true(isnan(pooled[0]) && isnan(pooled[N_PERCENTILES - 1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),      cmocka_unit_test(strings),     cmocka_unit_test(pooling),
        cmocka_unit_test(percentiles),  cmocka_unit_test(json_layout), cmocka_unit_test(xml_layout),
        cmocka_unit_test(line_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
