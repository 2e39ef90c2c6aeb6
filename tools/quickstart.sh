#!/bin/sh
# Scores two video files, or the sample pair: installs what is missing, builds into build/, gets libvmaf's models for this
# user where a network is there, prints the summary and writes vkvmaf.json into the current folder.
#
#     tools/quickstart.sh [REFERENCE DISTORTED [OPTION...]]
#
# Options go to vkvmaf, for example --device cpu. VKVMAF_NO_INSTALL=1 leaves packages and models alone.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

die()
{
    echo "quickstart: $1" >&2
    exit 1
}

case ${1:-} in
-h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac
case $# in
0) set -- "$root/docs/sample/ref.mp4" "$root/docs/sample/dist.mp4" ;;
1) die "two files are needed, reference and distorted (or none, for the sample pair)" ;;
esac
ref=$1
dist=$2
shift 2
for file in "$ref" "$dist"; do
    [ -e "$file" ] || die "$file: does not exist"
    [ -f "$file" ] || die "$file: is not a file"
    [ -r "$file" ] || die "$file: cannot be read"
done
[ ! -d vkvmaf.json ] || die "vkvmaf.json is a folder in $PWD; the log needs that name"
[ -w . ] || die "vkvmaf.json cannot be written into $PWD"

[ -n "${VKVMAF_NO_INSTALL:-}" ] || "$root/tools/install-deps.sh" build
log=$(mktemp) || die "no temporary file"
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

echo "building in $root/build"
generator=
[ -e "$root/build/CMakeCache.txt" ] || generator='-G Ninja'
{
    # shellcheck disable=SC2086
    cmake $generator -S "$root" -B "$root/build" -DCMAKE_BUILD_TYPE=Release -DVKV_TESTS=OFF &&
        cmake --build "$root/build" --parallel "$(nproc)" --target vkvmaf-tool
} >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    die "the build failed; its last lines are above"
}

if [ -z "${VKVMAF_NO_INSTALL:-}" ]; then
    "$root/build/tools/vkvmaf" models install >"$log" 2>&1 ||
        echo "going on without libvmaf's models; later: $root/build/tools/vkvmaf models install" >"$log"
    sed '/ already$/d' "$log"
fi

"$root/build/tools/vkvmaf" -r "$ref" -d "$dist" --json -o vkvmaf.json "$@"
echo "the log is in $PWD/vkvmaf.json"
