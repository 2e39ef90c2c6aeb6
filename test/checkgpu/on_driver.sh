#!/bin/sh
# Runs a command with one Vulkan driver only:
# on_driver.sh llvmpipe|llvmpipe_128bit|mesa25|swiftshader|radv BUILD_FOLDER COMMAND...
# Exit code 77 when the driver is not there. llvmpipe_128bit has vectors of four lanes, as on processors without AVX.
# SwiftShader: $VKV_SWIFTSHADER_ICD, else BUILD_FOLDER/swiftshader. mesa25, the llvmpipe of a newer Mesa than the
# system's: $VKV_MESA25_ICD. With radv, llvmpipe is visible, too. Compiled kernels are kept, where nobody says another
# place, in the build folder.
driver=$1
build=$2
shift 2

manifest() { # beginning of the file's name
    for folder in /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d /usr/share/vulkan/icd.d; do
        for file in "$folder/$1"*.json; do
            [ -e "$file" ] && echo "$file" && return
        done
    done
}

case $driver in
llvmpipe) icd=$(manifest lvp_icd) ;;
llvmpipe_128bit)
    icd=$(manifest lvp_icd)
    export LP_NATIVE_VECTOR_WIDTH=128
    ;;
mesa25) icd=$VKV_MESA25_ICD ;;
radv) icd=$(manifest radeon_icd) ;;
swiftshader)
    icd=${VKV_SWIFTSHADER_ICD:-$build/swiftshader/vk_swiftshader_icd.json}
    # A shader that grows beyond all bounds must not take the machine with it. Sanitizers need the address space.
    [ -n "$VKV_NO_ULIMIT" ] || ulimit -v 12000000
    ;;
esac
if [ ! -e "$icd" ]; then
    echo "skipped: no $driver driver (${icd:-no manifest found})"
    exit 77
fi
[ "$driver" = radv ] && icd=$icd:$(manifest lvp_icd)
export VK_ICD_FILENAMES="$icd" VK_DRIVER_FILES="$icd"
export MESA_SHADER_CACHE_DIR="${MESA_SHADER_CACHE_DIR:-$build/shader-cache}"
exec "$@"
