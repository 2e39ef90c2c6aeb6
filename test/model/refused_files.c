/* Every file of the malformed set is refused with one line that names the file. */
#include <stdlib.h>
#include <string.h>

#include "model_test.h"

#define MALFORMED VKV_SHARED_DIR "/golden/models/malformed/"

/* What the line must say, for files whose cause could be confused with another. */
static const struct {
    const char *file, *says;
} reasons[] = {
    {"empty.onnx", "has no graph"},
    {"json.onnx", "is not an ONNX file"},
    {"many_nodes.onnx", "to parse"},
    {"no_nodes.onnx", "has no nodes"},
    {"no_opset.onnx", "operator set"},
    {"opset_7.onnx", "operator set 7"},
    {"opset_99.onnx", "operator set 99"},
    {"custom_domain.onnx", "domain"},
    {"op_sigmoid.onnx", "operator is not accepted"},
    {"subgraph_on_sub.onnx", "holds a graph"},
    {"local_function.onnx", "functions"},
    {"input_width_5.onnx", "[N, 6]"},
    {"input_int64.onnx", "not float32"},
    {"two_inputs.onnx", "second input"},
    {"two_outputs.onnx", "2 outputs"},
    {"missing_weight.onnx", "is not defined"},
    {"output_unproduced.onnx", "not computed"},
    {"raw_short.onnx", "bytes of data"},
    {"raw_long.onnx", "bytes of data"},
    {"dims_overflow.onnx", "elements"},
    {"dims_negative.onnx", "dimension"},
    {"dims_zero.onnx", "dimension"},
    {"raw_and_float.onnx", "stored twice"},
    {"bias_double.onnx", "data type 11"},
    {"dtype_unknown.onnx", "data type 77"},
    {"gemm_shape.onnx", "inputs"},
    {"bias_shape.onnx", "bias"},
    {"wide_output.onnx", "2 values"},
    {"transA.onnx", "transA"},
    {"squeeze_axis0.onnx", "[0]"},
    {"squeeze_axis5.onnx", "[5]"},
    {"nan_weight.onnx", "not finite"},
    {"inf_weight.onnx", "not finite"},
    {"std_zero.onnx", "divisor"},
    {"cycle.onnx", "cycle"},
    {"duplicate_output.onnx", "name of another"},
    {"duplicate_initializer.onnx", "name of another"},
    {"ext_parent.onnx", "bare file name"},
    {"ext_absolute.onnx", "bare file name"},
    {"ext_missing.onnx", "no such file"},
    {"ext_past_end.onnx", "from offset"},
    {"ext_wrong_length.onnx", "dimensions ask for"},
    {"ext_offset_overflow.onnx", "offset"},
    {"ext_no_location.onnx", "without location"},
    {"ext_negative.onnx", "unsigned"},
    {"wide_layer.onnx", "1024"},
    {"long_op_name.onnx", "64 bytes"},
    {"nul_in_op_name.onnx", "NUL"},
    {"q_cast_float16.onnx", "attribute 'to'"},
    {"q_scale_length.onnx", "scales for"},
    {"q_scale_nan.onnx", "not finite"},
    {"q_scale_negative.onnx", "must be positive"},
    {"q_scale_zero.onnx", "must be positive"},
    {"q_zero_point_range.onnx", "does not fit its type"},
    {"q_zero_point_type.onnx", "of their type"},
};

static void every_file(void **unused)
{
    struct captured captured;
    size_t n, n_files = 0, n_reasons = 0;
    (void)unused;

    char *manifest = (char *)slurp(MALFORMED "manifest.json", &n);
    assert_non_null(manifest);
    for (const char *at = json_key(manifest, "file"); at; at = json_key(at, "file")) {
        vkv_model *model = NULL;
        char file[128], path[1024];
        json_string(at, file, sizeof(file));
        snprintf(path, sizeof(path), MALFORMED "%s", file);
        const int err = open_captured(path, &captured, &model);
        if (err != VKV_ERR_MODEL && err != VKV_ERR_IO)
            fail_msg("%s gives %d", file, err);
        assert_null(model);
        if (captured.n_errors != 1 || !strstr(captured.line, file) || !strstr(captured.line, "': ") ||
            strchr(captured.line, '\n'))
            fail_msg("%s: %d lines, the last one: %s", file, captured.n_errors, captured.line);
        for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
            if (strcmp(reasons[i].file, file) == 0) {
                n_reasons++;
                if (!strstr(strstr(captured.line, "': "), reasons[i].says))
                    fail_msg("%s: '%s' does not say '%s'", file, captured.line, reasons[i].says);
            }
        if (getenv("VKV_TEST_VERBOSE"))
            printf("%d %s\n", err, captured.line);
        n_files++;
    }
    assert_int_equal(n_files, 64);
    assert_int_equal(n_reasons, sizeof(reasons) / sizeof(*reasons));
    free(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_file)};
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
