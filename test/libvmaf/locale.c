/* A program whose locale has a decimal comma: options are read with a point, and logs have one. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static int has_line(VmafContext *vmaf, enum VmafOutputFormat format, const char *text)
{
    static const char path[] = "locale.log";
    char line[4096];
    int is_there = 0;
    FILE *const file = vmaf_write_output(vmaf, path, format) ? NULL : fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        is_there |= strstr(line, text) != NULL;
    if (file)
        fclose(file);
    remove(path);
    if (!is_there)
        printf("no %s in the log\n", text);
    return is_there;
}

int main(void)
{
    const struct shape shape = {64, 48, 8, VMAF_PIX_FMT_YUV420P};
    double score;
    if (!setlocale(LC_ALL, "") || strcmp(localeconv()->decimal_point, ","))
        return EXIT_FAILURE;
    VmafContext *vmaf = context_of(0);
    CODE(vmaf_use_feature(vmaf, "motion", option("motion_fps_weight", "5e-1")));
    CODE(vmaf_use_feature(vmaf, "motion", option("motion_fps_weight", "0.4")));
    CODE(read_frames(vmaf, shape, 0, 2));
    CODE(flush(vmaf));
    CODE(vmaf_import_feature_score(vmaf, "x", 1.5, 0));
    const int is_known = !vmaf_feature_score_at_index(vmaf, "integer_motion2_mfw_0.5", &score, 0) &&
                         !vmaf_feature_score_at_index(vmaf, "integer_motion2_mfw_0.4", &score, 0);
    const int is_logged = has_line(vmaf, VMAF_OUTPUT_FORMAT_JSON, "\"x\": 1.500000") &&
                          has_line(vmaf, VMAF_OUTPUT_FORMAT_XML, "x=\"1.500000\"") &&
                          has_line(vmaf, VMAF_OUTPUT_FORMAT_CSV, ",1.500000,");
    /* The program's own numbers stay as they are. */
    char text[8];
    snprintf(text, sizeof(text), "%.1f", 1.5);
    vmaf_close(vmaf);
    return is_known && is_logged && !strcmp(text, "1,5") ? EXIT_SUCCESS : EXIT_FAILURE;
}
