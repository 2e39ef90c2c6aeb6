/* A tiny model by its name, which is found beside the library; its scores are those of the tool (tiny_model.per_frame).
 */
#include <stdio.h>
#include <stdlib.h>

#include "program.h"

int main(void)
{
    static const double expected[] = {26.363388061523438, 27.842315673828125, 49.222518920898438};
    const struct shape shape = {64, 48, 8, VMAF_PIX_FMT_YUV420P};
    VmafContext *vmaf = context_of(0);
    VmafModel *model = model_of("vmaf_tiny_v2", "tiny", 0);
    int failed = vmaf_use_features_from_model(vmaf, model) || read_frames(vmaf, shape, 0, 3) || flush(vmaf);
    for (unsigned i = 0; i < 3 && !failed; i++) {
        double score = 0;
        failed = vmaf_score_at_index(vmaf, model, &score, i) || score != expected[i];
        printf("%.17g\n", score);
    }
    vmaf_model_destroy(model);
    return vmaf_close(vmaf) || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
