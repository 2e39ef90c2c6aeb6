#!/bin/sh
# The log against libvmaf's own: the same text for every metric that both have.
# Arguments: the tool, the project's root, a device or "default".
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/cli/checks.sh"
clips=$root/../shared/clips
golden=$root/../shared/golden/logs
[ -d "$golden" ] || skip "no golden logs beside the checkout"
command -v ffmpeg >/dev/null || skip "no ffmpeg"

decode()
{
    ffmpeg -nostdin -v error -i "$clips/$1" -frames:v 10 -f yuv4mpegpipe -strict -1 "$2" || exit 1
}
decode seeking_720x480_ref.mp4 ref.y4m
decode seeking_720x480_x264_crf38.mp4 dist.y4m

# Lines of metrics that both logs have; the last one of a block has no comma, and that may be another one.
common()
{
    grep -vE '"(integer_aim|integer_adm3|integer_motion3)(_egl_1)?"|"vmaf"|"version"|"fps"' "$1" |
        sed '/"aggregate_metrics"/,$d; s/,$//'
}
# Pooled blocks of metrics that libvmaf alone has.
without_others()
{
    awk '/^    "(integer_aim|integer_adm3|integer_motion3|vmaf)(_egl_1)?": \{/ { skipping = 1 }
         !skipping { print }
         /^    \}/ { skipping = 0 }' "$1" >others && common others
}

# compare GOLDEN ARGUMENT...
compare()
{
    name=$1
    shift
    n_checks=$((n_checks + 1))
    rm -f log.json
    "$tool" -r ref.y4m -d dist.y4m --json -o log.json -q --tiny-model none "$@" >out 2>err || fail "$*"
    without_others "$golden/$name" >wanted
    without_others log.json >got
    [ "$(wc -l <wanted)" -gt 150 ] || fail "the comparison has lost its text"
    diff wanted got >out || fail "$name: $*"
    [ -s err ] && fail "messages: $*"
}

if [ "$3" = default ]; then
    has_device
    set --
else
    set -- --device "$3"
fi
compare seeking_x264_crf38_10frames.json "$@"
compare seeking_x264_crf38_10frames_neg.json --neg "$@"
finish
