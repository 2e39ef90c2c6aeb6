#!/bin/sh
# Every check there is: warnings as errors with gcc and clang, all tests on every Vulkan driver, sanitizers, fuzzers.
# Installs what is missing (VKVMAF_NO_INSTALL=1: does not), builds below build/, and ends with ctest's own summary: that
# of all tests, or that of the run that failed.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)

if [ -z "${VKVMAF_NO_INSTALL:-}" ]; then
    tools/install-deps.sh build
    tools/install-deps.sh test
fi

# SwiftShader joins the system's drivers; VKV_SWIFTSHADER_ICD is for tests that run on it alone. Compiled kernels are
# kept from run to run, but not in the user's own folder.
swiftshader=$(tools/install-deps.sh swiftshader)
if [ -n "$swiftshader" ]; then
    export VKV_SWIFTSHADER_ICD="$swiftshader" VK_ADD_DRIVER_FILES="$swiftshader"
else
    echo "no SwiftShader: the tests run on the system's drivers only"
fi
mkdir -p build/shader-cache
export MESA_SHADER_CACHE_DIR="$PWD/build/shader-cache" VKVMAF_CACHE=

# build PRESET: says nothing unless it fails.
build()
{
    echo "== $1: build"
    { cmake --preset "$1" && cmake --build --preset "$1" --parallel "$jobs"; } >"build/$1.log" 2>&1 || {
        tail -n 60 "build/$1.log"
        echo "test: the build \"$1\" failed; all of its output is in build/$1.log" >&2
        exit 1
    }
    ! grep -n 'warning:' "build/$1.log" || {
        echo "test: the build \"$1\" has warnings" >&2
        exit 1
    }
}

# check PRESET [ARGUMENT...]: stops the run when a test fails.
check()
{
    preset=$1
    shift
    echo "== $preset: tests"
    ctest --preset "$preset" --parallel "$jobs" "$@"
}

for preset in gcc clang asan tsan fuzz; do
    build $preset
done

# What takes long and shows nothing new under another compiler or a sanitizer. The validation layer leaks: where a test
# has it switched on, leaks are not counted.
long='^checkgpu|^golden_devices|^golden_clips.seeking|^alloc_walk|^device_api.swiftshader|^radv_'
long="$long|^golden_svm_clip|^model_onnxruntime|^python.wheel|^python.tree|^mcp.client|^cli.memory|^cli.encodes_clips"
long="$long|^cli.golden_mp4|^cli.wrapper_package|^cli.report_browser"
check fuzz -R '^fuzz'
check tsan -E "$long|^model_quantize_commands"
check asan -E "$long|^device_api|^pipeline_cache|^uploads|^imports|^passes"
ASAN_OPTIONS=detect_leaks=0 check asan -R '^device_api.llvmpipe|^pipeline_cache|^uploads|^imports|^passes'
check clang -E "$long"
check gcc
