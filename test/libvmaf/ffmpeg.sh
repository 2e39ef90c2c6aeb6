#!/bin/sh
# FFmpeg's filter, by vkvmaf run, writes the log that libvmaf 3.2.0 gave. Only where VKVMAF_TEST_FFMPEG names an FFmpeg
# that loads libvmaf.so.3: distributions' sources, `./configure --enable-libvmaf` with the headers of tools/libvmaf.
# usage: ffmpeg.sh TOOL SHARED
tool=$1
shared=$2
[ -n "$VKVMAF_TEST_FFMPEG" ] || { echo "skipped: VKVMAF_TEST_FFMPEG names no FFmpeg with libvmaf"; exit 77; }
[ -d "$shared/golden/logs" ] || { echo "skipped: no golden logs beside the checkout"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export VKVMAF_LIBVMAF_MODELS="$shared/reference-models:$shared/reference-models/v1"

# check GOLDEN OPTIONS
check()
{
    graph="[0:v]trim=end_frame=10[d];[1:v]trim=end_frame=10[r];[d][r]libvmaf=log_path=$folder/log:$2"
    "$tool" run --device cpu -- "$VKVMAF_TEST_FFMPEG" -v info -i "$shared/clips/seeking_720x480_x264_crf38.mp4" \
        -i "$shared/clips/seeking_720x480_ref.mp4" -lavfi "$graph" -f null - >"$folder/out" 2>&1 ||
        { cat "$folder/out"; exit 1; }
    grep -q 'VMAF score: [0-9]' "$folder/out" || { cat "$folder/out"; exit 1; }
    for log in "$folder/log" "$shared/golden/logs/seeking_x264_crf38_10frames$1"; do
        sed -E 's/version"?[:=] ?"[^"]*"/version/; s/"?fps"?[:=] ?"?[0-9.]*"?/fps/' "$log" >"$folder/${log##*/}.plain"
    done
    diff "$folder/seeking_x264_crf38_10frames$1.plain" "$folder/log.plain" || { echo "< libvmaf 3.2.0, > FFmpeg: $1"; exit 1; }
}
check .json log_fmt=json
check .xml log_fmt=xml
check .csv log_fmt=csv
check _neg.json 'log_fmt=json:model=version=vmaf_v0.6.1neg'
check _psnr.json 'log_fmt=json:feature=name=psnr'
check _v1_3d0h.json 'log_fmt=json:model=version=vmaf_v1.0.16_3d0h'
