#!/bin/sh
# Memory of the tool from end to end: 2160p through two pipes needs at most 600 MiB, and no more for twice the frames
# (a picture kept per frame would be 40 % more). The same of mapped files, which would be 110 % more.
# Arguments: the tool, the project's root. For another driver set VK_ICD_FILENAMES.
tool=$1
. "$2/test/vkvmaf/checks.sh"
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
measure() # FRAMES ARGUMENT...
{
    frames=$1
    shift
    n_checks=$((n_checks + 1))
    /usr/bin/time -f 'peak %M' timeout $limit "$tool" "$@" --json -o log.json -q >out 2>err || fail "$frames frames: $*"
    [ "$(grep -c frameNum log.json)" -eq "$frames" ] || fail "not $frames frames: $*"
    peak=$(sed -n 's/^peak //p' err)
    echo "$frames frames: ${peak:-?} KiB"
}

pipes() # FRAMES
{
    video "$1" null >a &
    video "$1" avgblur=2 >b &
    measure "$1" -r a -d b
    wait
}

# Black pictures, which take no room on the disk.
files() # FRAMES
{
    rm -f a.yuv b.yuv
    truncate -s $(($1 * 3840 * 2160 * 3 / 2)) a.yuv b.yuv
    measure "$1" -r a.yuv -d b.yuv -w 3840 -h 2160 -p 420 -b 8
}

compare() # WHAT FEW MANY
{
    $1 "$2"
    few=${peak:-0}
    $1 "$3"
    many=${peak:-0}
    n_checks=$((n_checks + 2))
    [ "$few" -gt 0 ] && [ "$many" -gt 0 ] && [ "$many" -le $((${VKV_MEMORY_MIB:-600} * 1024)) ] ||
        fail "$1: more than 600 MiB"
    [ $((many * 10)) -le $((few * 11)) ] || fail "$1: memory grows with the number of frames: $few to $many KiB"
}

compare pipes 8 16
compare files 8 32
finish
