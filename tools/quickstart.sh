#!/bin/sh
# Scores two video files, or the sample pair: installs what is missing, builds into build/, decodes with ffmpeg into two
# pipes, prints the summary and writes vkvmaf.json into the current folder.
#
#     tools/quickstart.sh [REFERENCE DISTORTED [OPTION...]]
#
# Options go to vkvmaf, for example --device cpu. VKVMAF_NO_INSTALL=1 leaves packages alone.
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
work=$(mktemp -d) || die "no temporary folder"
decoders=
stop_decoders()
{
    # shellcheck disable=SC2086
    [ -z "$decoders" ] || kill $decoders 2>/dev/null || :
}
trap 'stop_decoders; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

echo "building in $root/build"
generator=
[ -e "$root/build/CMakeCache.txt" ] || generator='-G Ninja'
{
    # shellcheck disable=SC2086
    cmake $generator -S "$root" -B "$root/build" -DCMAKE_BUILD_TYPE=Release -DVKV_TESTS=OFF &&
        cmake --build "$root/build" --parallel "$(nproc)" --target vkvmaf-tool
} >"$work/build.log" 2>&1 || {
    tail -n 30 "$work/build.log" >&2
    die "the build failed; its last lines are above"
}

# Every frame as it was coded: none is doubled or dropped to keep a rate.
if ffmpeg -hide_banner -h long 2>/dev/null | grep -q '^-fps_mode'; then
    every_frame='-fps_mode passthrough'
else
    every_frame='-vsync passthrough'
fi

# decode FILE PIPE MESSAGES: the shell opens the pipe, so that it has an end even if ffmpeg gives up at once.
decode()
{
    case $1 in
    /*) url=file:$1 ;;
    *) url=file:$PWD/$1 ;;
    esac
    # shellcheck disable=SC2086
    exec ffmpeg -nostdin -hide_banner -v error -i "$url" -map 0:v:0 $every_frame -f yuv4mpegpipe -strict -1 - \
        >"$2" 2>"$3"
}
mkdir "$work/ref" "$work/dist"
ref_pipe=$work/ref/$(basename -- "$ref")
dist_pipe=$work/dist/$(basename -- "$dist")
mkfifo "$ref_pipe" "$dist_pipe"
(decode "$ref" "$ref_pipe" "$work/ref.log") &
ref_decoder=$!
(decode "$dist" "$dist_pipe" "$work/dist.log") &
dist_decoder=$!
decoders="$ref_decoder $dist_decoder"

status=0
"$root/build/tools/vkvmaf" -r "$ref_pipe" -d "$dist_pipe" --json -o "$work/vkvmaf.json" "$@" || status=$?
stop_decoders
if [ -e "$work/vkvmaf.json" ]; then
    cp "$work/vkvmaf.json" vkvmaf.json || die "vkvmaf.json cannot be written into $PWD"
    echo "the log is in $PWD/vkvmaf.json"
fi

# decoded PID MESSAGES FILE: shows what ffmpeg said. That we hung up first or ended it is no failure of the decoder:
# a signal (SIGPIPE 141, SIGTERM 143; ffmpeg makes it 255) or a write into the closed pipe.
decoded()
{
    failed=0
    wait "$1" 2>/dev/null || failed=$?
    case $failed in
    0 | 141 | 143 | 255) failed=0 ;;
    *) ! grep -q 'Broken pipe' "$2" 2>/dev/null || failed=0 ;;
    esac
    if [ $failed -eq 0 ]; then
        grep -vE 'Broken pipe|^Conversion failed|Exiting normally|received signal' "$2" 2>/dev/null >"$2.shown" || :
    else
        cat "$2" 2>/dev/null >"$2.shown" || :
    fi
    sed 's/^/ffmpeg: /' "$2.shown" >&2
    [ $failed -ne 0 ] || return 0
    echo "quickstart: $3: ffmpeg could not decode it (exit code $failed)" >&2
    status=1
}
decoded "$ref_decoder" "$work/ref.log" "$ref"
decoded "$dist_decoder" "$work/dist.log" "$dist"
decoders=
exit $status
