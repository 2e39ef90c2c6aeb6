#!/bin/sh
# Every check there is: gcc and clang without a warning, all tests on every Vulkan driver, sanitizers, fuzzers.
# Installs what is missing (VKVMAF_NO_INSTALL=1: does not), builds below build/, and ends with ctest's own summary: that
# of all tests, or that of the run that failed.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)
# What users set for themselves is not for the tests, nor is what they type.
unset VKVMAF VKVMAF_MODELS VKVMAF_LIBVMAF_MODELS VMAF VMAF_TINY_MODEL_DIR
export LC_ALL=C.UTF-8
exec </dev/null

if [ -z "${VKVMAF_NO_INSTALL:-}" ]; then
    tools/install-deps.sh build
    tools/install-deps.sh test
fi

# SwiftShader joins the system's drivers; VKV_SWIFTSHADER_ICD is for tests that run on it alone, and so is
# VKV_MESA25_ICD: a second llvmpipe would be the same device twice. Compiled kernels are kept from run to run, but not in
# the user's own folder.
swiftshader=$(tools/install-deps.sh swiftshader)
if [ -n "$swiftshader" ]; then
    export VKV_SWIFTSHADER_ICD="$swiftshader" VK_ADD_DRIVER_FILES="$swiftshader"
else
    echo "no SwiftShader: the tests run on the system's drivers only"
fi
mesa25=$(tools/install-deps.sh mesa25)
[ -z "$mesa25" ] || export VKV_MESA25_ICD="$mesa25"
mkdir -p build/shader-cache
export MESA_SHADER_CACHE_DIR="$PWD/build/shader-cache" VKVMAF_CACHE=
CLANG_FORMAT=${CLANG_FORMAT:-$(tools/install-deps.sh clang-format)}
export CLANG_FORMAT

# is_known COMPILER: one of Debian 12's or 13's, for which there is no warning in the code. Others find new ones: those
# are shown, and stop nobody.
is_known()
{
    case "$1 $("$1" -dumpversion)" in
    "gcc 12"* | "gcc 14"* | "clang 14"* | "clang 19"*) ;;
    *) return 1 ;;
    esac
}

# build PRESET COMPILER: says nothing unless it fails, or warns.
build()
{
    echo "== $1: build"
    strict=OFF
    ! is_known "$2" || strict=ON
    { cmake --preset "$1" -DVKV_WERROR=$strict && cmake --build --preset "$1" --parallel "$jobs"; } \
        >"build/$1.log" 2>&1 || {
        tail -n 60 "build/$1.log"
        echo "test: the build \"$1\" failed; all of its output is in build/$1.log" >&2
        exit 1
    }
    if grep -n 'warning:' "build/$1.log"; then
        echo "test: the build \"$1\" has warnings" >&2
        [ $strict = OFF ] || exit 1
    fi
}

# Sanitizers before gcc 14 and clang 18 end at random where the kernel spreads addresses as widely as current ones do
# (vm.mmap_rnd_bits above 28); where nothing forbids it, their programs get the same addresses always.
fixed_addresses="setarch $(uname -m) -R"
$fixed_addresses true 2>/dev/null || fixed_addresses=

# check PRESET [ARGUMENT...]: stops the run when a test fails. A test may take an hour (CMakePresets.json): no time that
# a busy machine could need is a limit.
check()
{
    preset=$1
    shift
    echo "== $preset: tests"
    case $preset in
    gcc | clang) run= ;;
    *) run=$fixed_addresses ;;
    esac
    # shellcheck disable=SC2086
    $run ctest --preset "$preset" --parallel "$jobs" "$@"
}

build gcc gcc
build clang clang
build asan gcc
build tsan gcc
build fuzz clang

# gcc runs everything. What the others leave out takes long and shows nothing new there:
# - once: kernels in depth, sources, Python, memory, browsers, and the longest of what is run at other sizes, too.
# - clang: how the same C compiles shows in the parts, the models and the reference's logs; not on devices, nor in
#   messages and options.
# - tsan: only what has threads, each kind once: on a device where there is the same on the CPU reference.
# - asan: all the rest, but for the longest of what stands beside shorter ones of its kind (same_memory).
once='^(checkgpu|families|mutants|golden_(v1_)?devices|golden_clips.seeking|golden_svm_clip|alloc_walk|radv_|gpu_budget|lint|python)'
once="$once|^model_onnxruntime|^libvmaf.scores_llvmpipe|^(device_api|device_columns|imports).(.*swiftshader|mesa25|llvmpipe_portable)"
once="$once|^device_api.longest|^host_device|^host_(images.swiftshader|sync.mesa25|ffmpeg.(mesa25|swiftshader))|^mcp.client"
once="$once|^cli.(memory|storage|encodes_clips|golden_mp4|wrapper_package|report_browser|side_by_side|quickstart|help_files|portable)"
devices='^(device_api|device_columns|host_.*|ffmpeg_frames|imports|pipeline_cache|uploads|passes|rounding|failing_driver|binding_table)|^model_predict_devices'
threads='^cli|^mcp|^libvmaf.scores|^model_training$|^unit.workers|^(uploads|passes)|^device_api|^imports.llvmpipe_texel'
threads="$threads|^host_(sync|sampled).llvmpipe"
same_threads='^cli.(device|commands|wrappers|report_page|batch_cpu|log_cpu|shown|input_kinds|damage|pairs|field_cases|errors|outputs'
same_threads="$same_threads|hwaccel|model_folder|models|help|media|inputs|log_device|view|scaled|v1_features)|^device_api.llvmpipe"
same_memory='^cli.(media|batch_device|device$|log_cpu|view|scaled)|^model_predict_devices|^golden_v1_luma'
check fuzz -R '^fuzz'
check tsan -R "$threads" -E "$once|$same_threads"
check asan -E "$once|$same_memory"
check clang -LE script -E "$once|$devices"
check clang -R '^cli.log_cpu|^model_(quantize|training)_commands'
check gcc
