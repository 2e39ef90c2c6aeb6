#!/bin/sh
# Four encodes of one reference in one run: each log is that of a run of its own. On the default device.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
clips=$root/../shared/clips
[ -d "$clips" ] || skip "no clips beside the checkout"
command -v ffmpeg >/dev/null || skip "no ffmpeg"
has_device

for name in ref x264_crf30 x264_crf38 x264_crf45 x265_half; do
    ffmpeg -nostdin -v error -i "$clips/seeking_720x480_$name.mp4" -frames:v 60 -f yuv4mpegpipe -strict -1 $name.y4m ||
        exit 1
done
n_checks=1
"$tool" -r ref.y4m -d x264_crf30.y4m -d x264_crf38.y4m -d x264_crf45.y4m -d x265_half.y4m --json -o '{name}.json' \
    --precision 17 -q >out 2>err || fail "four encodes"
[ ! -s err ] || fail "messages"
for name in x264_crf30 x264_crf38 x264_crf45 x265_half; do
    n_checks=$((n_checks + 1))
    "$tool" -r ref.y4m -d $name.y4m --json -o single.json --precision 17 -q >out 2>err || fail "$name alone"
    grep -v '"fps"' single.json >wanted
    grep -v '"fps"' $name.json >got
    [ "$(grep -c frameNum wanted)" -eq 60 ] || fail "$name: not 60 frames"
    cmp -s wanted got || fail "$name: not the log of a single run"
done
cmp -s x264_crf30.json x264_crf38.json && fail "different encodes have the same log"
finish
