#!/bin/sh
# Memory of the tool from end to end: 2160p through two pipes needs at most 600 MiB, and no more for twice the frames
# (a picture kept per frame would be 40 % more).
# Arguments: the tool, the project's root. For another driver set VK_ICD_FILENAMES.
tool=$1
. "$2/test/cli/checks.sh"
[ -n "$VK_ICD_FILENAMES" ] || for file in /etc/vulkan/icd.d/lvp_icd*.json /usr/share/vulkan/icd.d/lvp_icd*.json; do
    [ -e "$file" ] && export VK_ICD_FILENAMES="$file" VK_DRIVER_FILES="$file"
done
[ -e "$VK_ICD_FILENAMES" ] || skip "no llvmpipe driver"
command -v ffmpeg >/dev/null || skip "no ffmpeg"
[ -x /usr/bin/time ] || skip "no /usr/bin/time"
has_device
mkfifo a b

video() { # FRAMES FILTER
    ffmpeg -nostdin -v error -f lavfi -i "testsrc2=size=3840x2160:rate=25" -frames:v "$1" -vf "$2" -pix_fmt yuv420p \
           -f yuv4mpegpipe -
}

# Sets `peak` to the largest resident set in KiB.
measure() # FRAMES
{
    n_checks=$((n_checks + 1))
    video "$1" null >a &
    video "$1" avgblur=2 >b &
    /usr/bin/time -f 'peak %M' timeout 300 "$tool" -r a -d b --json -o log.json -q >out 2>err || fail "$1 frames"
    wait
    [ "$(grep -c frameNum log.json)" -eq "$1" ] || fail "not $1 frames"
    peak=$(sed -n 's/^peak //p' err)
    echo "$1 frames: ${peak:-?} KiB"
}

measure 8
few=${peak:-0}
measure 16
many=${peak:-0}
n_checks=$((n_checks + 2))
[ "$few" -gt 0 ] && [ "$many" -gt 0 ] && [ "$many" -le $((${VKV_MEMORY_MIB:-600} * 1024)) ] || fail "more than 600 MiB"
[ $((many * 10)) -le $((few * 11)) ] || fail "memory grows with the number of frames: $few to $many KiB"
finish
