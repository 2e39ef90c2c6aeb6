#!/bin/sh
# --hwaccel: what is refused, what is decoded in software with a note, and frames that a decoder leaves on a device: they
# give the values of those in memory. Arguments: the tool, the project's root, the tool whose decoders leave their frames
# on FFmpeg's Vulkan device.
tool=$1
case $3 in
/*) device_tool=$3 ;;
*) device_tool=$PWD/$3 ;;
esac
. "$2/test/vkvmaf/checks.sh"
command -v ffmpeg >/dev/null || skip "no ffmpeg"

make() # FILE FORMAT ENCODER WORD...
{
    file=$1
    format=$2
    shift 2
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=size=98x66:rate=5:duration=2 -pix_fmt "$format" -c:v "$@" "$file" ||
        fail "ffmpeg makes no $file"
}
# score FILE PROGRAM ARGUMENT...: FILE has the values, notes the notes.
score()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    "$@" -n -q --json --precision 17 --extra-fields on -o log.json >out 2>err || fail "exit code: $*"
    sed -n '/"frames"/,/"pooled_metrics"/p' log.json >"$file"
    sed -n '/"notes"/,/^  \]/p' log.json | tr -d '\\' >notes
    rm -f log.json
}
# noted TEXT [COUNT]: of two files, or so many.
noted()
{
    n_checks=$((n_checks + 1))
    [ "$(grep -cF "$1" notes)" -eq "${2:-2}" ] || { cp notes out; fail "not ${2:-2} times: $1"; }
}
same()
{
    n_checks=$((n_checks + 1))
    [ "$(wc -l <wanted)" -gt 50 ] && cmp -s wanted got || fail "other values: $1"
}
# refuse CODE TEXT ARGUMENT...: one line.
refuse()
{
    code=$1
    text=$2
    shift 2
    n_checks=$((n_checks + 1))
    "$tool" "$@" -n -q >out 2>err </dev/null
    [ $? -eq "$code" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err || fail "no '$text': $*"
}

make ref.mkv yuv420p mpeg2video -q:v 2
make dist.mkv yuv420p mpeg2video -q:v 20
refuse 2 'vkvmaf: --hwaccel is "gpu"; none, auto, ' -r ref.mkv -d dist.mkv --hwaccel gpu
# A kind that FFmpeg knows by name and was built without: no build has both of these.
for kind in d3d11va videotoolbox; do
    ffmpeg -v error -hwaccels | grep -qx "$kind" ||
        refuse 2 "vkvmaf: --hwaccel is \"$kind\"; none, auto, " -r ref.mkv -d dist.mkv --hwaccel "$kind"
done
refuse 2 '--hwaccel-device without its kind' -r ref.mkv -d dist.mkv --hwaccel-device 1
refuse 2 '--hwaccel-device without its kind' -r ref.mkv -d dist.mkv --hwaccel auto --hwaccel-device 1
refuse 2 '--hwaccel-device without its kind' -r ref.mkv -d dist.mkv --hwaccel none --hwaccel-device 1
refuse 1 'ref.mkv: there is no device to decode it: --hwaccel vaapi --hwaccel-device /no/such fails: ' \
    -r ref.mkv -d dist.mkv --hwaccel vaapi --hwaccel-device /no/such

# A decoder without a use for a device. FFV1 has none before FFmpeg 8.
make ref.avi yuv420p huffyuv -pix_fmt yuv422p
score wanted "$tool" -r ref.avi -d ref.avi --device cpu
[ ! -s notes ] || fail "notes without --hwaccel"
score got "$tool" -r ref.avi -d ref.avi --device cpu --hwaccel auto
noted "is decoded in software: FFmpeg's decoder huffyuv has no use for any device here"
same "auto"
score got "$tool" -r ref.avi -d ref.avi --device cpu --hwaccel none
[ ! -s notes ] || fail "notes with --hwaccel none"

has_device
refuse 1 'ref.mkv: there is no device to decode it: --hwaccel vulkan --hwaccel-device none fails: ' \
    -r ref.mkv -d dist.mkv --hwaccel vulkan --hwaccel-device none
score got "$tool" -r ref.avi -d ref.avi --device cpu --hwaccel vulkan
noted "is decoded in software: FFmpeg's decoder huffyuv has no use for vulkan here"
same "vulkan, in software"

# Frames on a device: copied, or scored there.
make ref10.mkv yuv420p10le ffv1
make dist10.mkv yuv420p10le libx264 -crf 40
lies="is decoded by vulkan, and scored where its frames lie"
copied="is decoded by vulkan, and its frames are copied to memory"
on_device()
{
    file=$1
    shift
    score "$file" "$device_tool" --hwaccel vulkan "$@"
}
for depth in '' 10; do
    score wanted "$tool" -r ref$depth.mkv -d dist$depth.mkv --device cpu
    on_device got -r ref$depth.mkv -d dist$depth.mkv
    noted "$lies"
    same "frames on a device, $depth"
    on_device got -r ref$depth.mkv -d dist$depth.mkv --device cpu
    noted "$copied"
    same "frames from a device, $depth"
done
score wanted "$tool" -r ref.mkv -d dist.mkv --device cpu
score got "$device_tool" -r ref.mkv -d dist.mkv --device cpu --hwaccel auto
noted "$copied"
same "auto"
score got "$device_tool" -r ref.mkv -d dist.mkv
same "frames that never were on a device"
on_device got -r ref.mkv -d dist.mkv --report report.html
noted "$copied"
same "frames for a report"

# One side on the device, the other one in memory.
ffmpeg -v error -nostdin -i ref.mkv ref.y4m
on_device got -r ref.y4m -d dist.mkv
noted "$lies" 1
same "a reference in memory"
make small.mkv yuv420p mpeg2video -vf scale=80x60 -q:v 10
score wanted "$tool" -r ref.mkv -d small.mkv --device cpu
on_device got -r ref.mkv -d small.mkv
noted "$lies" 1
noted "$copied" 1
same "one that is scaled"

# A decoder that is not FFmpeg's first choice, where it alone has a use for the device.
if ffmpeg -v error -codecs | grep -q 'decoders:.*libvpx-vp9'; then
    make other.mkv yuv420p libvpx-vp9 -b:v 100k -deadline realtime
    score wanted "$tool" -r other.mkv -d other.mkv --device cpu
    export VKV_TEST_DECODER=libvpx-vp9
    on_device got -r other.mkv -d other.mkv --device cpu
    noted "$copied"
    same "another decoder"
    on_device got -r ref.mkv -d dist.mkv --device cpu
    noted "is decoded in software: FFmpeg's decoder mpeg2video has no use for vulkan here"
    unset VKV_TEST_DECODER
fi

# Decoders that leave the crop to others.
score wanted "$tool" -r ref.mkv -d dist.mkv --device cpu --crop-ref 95:65:3:1 --crop-dist 95:65:3:1
export VKV_TEST_CROP=1
on_device got -r ref.mkv -d dist.mkv
noted "$lies"
same "cropped frames on a device"
on_device got -r ref.mkv -d dist.mkv --device cpu
same "cropped frames from a device"
finish
