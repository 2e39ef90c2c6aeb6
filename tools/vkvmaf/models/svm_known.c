#include "models/svm_known.h"

#include <string.h>

const struct svm_file svm_files[] = {
    {"vmaf_v0.6.1.json", "5950d61fa1f861bd45d8149d80539ed9f3376cfc2495b8f0fa8e9f57cb131ee3"},
    {"vmaf_v0.6.1neg.json", "1fcda193aaa2a3136471b7516b3c5dc344546c05fcde2d58609f8c60a2387392"},
    {"vmaf_4k_v0.6.1.json", "73b187001309703c89d57cf58baab01660bd11e4ea6fac62bc064c5f5da6dac8"},
    {"vmaf_v1.0.16_1d5h_2160.json", "634d36e0502cb797384726cdd1a106a2c207827595a9e4958d3dae1bd517b139"},
    {"vmaf_v1.0.16_3d0h.json", "e4cf8c147e1368b35497d772920bc92f98c1ad7853c1033d8a836947f427140e"},
    {"vmaf_v1.0.16_3d0h_2160.json", "77f552fd8d5b6c6a2166bfc4470c9368ec68d2425ed40f1cc235b0cc500f33c2"},
    {"vmaf_v1.0.16_5d0h.json", "64e12d9c1e4ed5d79da7fa515b82fac7247a9e2ccc91e0ebce31d05489500385"},
    {"vmaf_v1.0.16_hfr_1d5h_2160.json", "0371db55d3de81a760125f6d65eb4386f1d38af6cf1d00c2f48158e3596246d4"},
    {"vmaf_v1.0.16_hfr_3d0h.json", "dcfdfab1c00685c1e5f75b6f1078bb4a44c722654e4de090fa5c66784c75241b"},
    {"vmaf_v1.0.16_hfr_3d0h_2160.json", "1bc502f00aeee11433e2d09468186bbf1bbce56ee650c9bade06c7435ebdd4db"},
    {"vmaf_v1.0.16_hfr_5d0h.json", "590f612c87df94badca58e563b318fa9958eac631ab8aadd73bff8cc1adfc515"},
    {"LICENSE", "a6fdb51d02b9dfe198e55534bb8047fe6d756eda117f4ff83de98f92c1952710"},
};
const size_t svm_n_files = sizeof(svm_files) / sizeof(*svm_files);

static const char ending[] = ".json";

/* A model's name is the file's without its ending. */
bool svm_file_version(const struct svm_file *file, char version[SVM_VERSION_ROOM])
{
    const size_t n = strlen(file->name), n_ending = strlen(ending);
    if (n < n_ending || strcmp(file->name + n - n_ending, ending))
        return false;
    memcpy(version, file->name, n - n_ending);
    version[n - n_ending] = 0;
    return true;
}

bool svm_is_known(const char *version)
{
    char known[SVM_VERSION_ROOM];
    for (size_t i = 0; i < svm_n_files; i++)
        if (svm_file_version(&svm_files[i], known) && !strcmp(known, version))
            return true;
    return false;
}
