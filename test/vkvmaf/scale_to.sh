#!/bin/sh
# --scale-to against ffmpeg's scale filter, which makes both videos beforehand: the logs must be equal. With crops, turned
# pictures, raw video, batches, several encodes, and what is refused. Arguments: the tool, the project's root, whether it
# was built with FFmpeg.
tool=$1
. "$2/test/vkvmaf/checks.sh"
. "$2/test/vkvmaf/texture.sh"
texture ref.y4m 4
sed -n 1p ref.y4m >dist.y4m && tail -n +2 ref.y4m | tr 'HKQ' 'IJS' >>dist.y4m

# says LINE...: these notes and no others are on standard error, and in the log.
says()
{
    n_checks=$((n_checks + 1))
    printf 'vkvmaf: %s\n' "$@" | cmp -s - err && cmp -s err got.notes || fail "other notes than: $*"
}

# refuse TEXT ARGUMENT...: one line, no log.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" --device cpu --json -o log.json "$@" >out 2>err </dev/null && fail "accepted: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err || fail "does not say '$text': $*"
    [ ! -e log.json ] && [ ! -s out ] || fail "leaves a log: $*"
}

for word in '' 1080 720p 1920 1920x 1920x16 32769x1080 1920X1080 -1x100 1920x1080x 1920x1080p; do
    refuse '--scale' -r ref.y4m -d dist.y4m --scale-to "$word"
done
refuse '--no-scale and --scale-to' -r ref.y4m -d dist.y4m --no-scale --scale-to 1080p
ln -s "$tool" vmaf
n_checks=$((n_checks + 1))
./vmaf -r ref.y4m -d dist.y4m --scale-to 1080p -o log.xml >out 2>err && fail "libvmaf's tool scales"
[ "$(wc -l <err)" -eq 1 ] && grep -q 'no option of libvmaf' err && [ ! -e log.xml ] || fail "as libvmaf's tool"
log wanted -r ref.y4m -d dist.y4m
log got -r ref.y4m -d dist.y4m --scale_to=64x48
same "the size that both have"
[ ! -s err ] || fail "a note about nothing"
if [ "$3" != 1 ]; then
    refuse "needs FFmpeg" -r ref.y4m -d dist.y4m --scale-to 80x60
    finish
fi
command -v ffmpeg >/dev/null || skip "no ffmpeg"

exact=flags=bicubic+accurate_rnd+bitexact
make()
{
    ffmpeg -nostdin -v error -y "$@" 2>err || fail "ffmpeg $*"
}
make -i dist.y4m -vf scale=40:30 -strict -1 small.y4m
make -i dist.y4m -vf scale=40:30 -c:v ffv1 small.mkv

# Both, up and down, each from its own size.
for size in 80:60 40:30 52:39 97:73; do
    make -i ref.y4m -vf "scale=$size:$exact" -strict -1 ref_scaled.y4m
    make -i dist.y4m -vf "scale=$size:$exact" -strict -1 dist_scaled.y4m
    make -i small.y4m -vf "scale=$size:$exact" -strict -1 small_scaled.y4m
    to=${size%:*}x${size#*:}
    log wanted -r ref_scaled.y4m -d dist_scaled.y4m
    log got -r ref.y4m -d dist.y4m --scale-to $to
    same "both to $to"
    says "\"ref.y4m\" is scaled from 64x48 to $to, bicubic" "\"dist.y4m\" is scaled from 64x48 to $to, bicubic"
    log wanted -r ref_scaled.y4m -d small_scaled.y4m
    for name in small.y4m small.mkv; do
        log got -r ref.y4m -d $name --scale-to $to
        same "$name to $to"
    done
done
log got -r ref.y4m -d small.y4m --scale-to 40x30
says '"ref.y4m" is scaled from 64x48 to 40x30, bicubic'

# Chroma, and depths.
make -i ref.y4m -vf "scale=80:60:$exact" -pix_fmt yuv420p10 -strict -1 ref_scaled.y4m
make -i small.y4m -vf "scale=80:60:$exact" -pix_fmt yuv420p10 -strict -1 small_scaled.y4m
make -i small.y4m -pix_fmt yuv420p10 -strict -1 small_10.y4m
log wanted -r ref_scaled.y4m -d small_scaled.y4m --feature psnr
grep -q psnr_cb wanted || fail "the comparison has lost its chroma"
log got -r ref.y4m -d small_10.y4m --feature psnr --scale-to 80x60
same "chroma, and 10 bit"

# A display, in the picture's shape.
make -i ref.y4m -vf "scale=1440:1080:$exact" -frames:v 1 -strict -1 ref_scaled.y4m
make -i small.y4m -vf "scale=1440:1080:$exact" -frames:v 1 -strict -1 small_scaled.y4m
log wanted -r ref_scaled.y4m -d small_scaled.y4m --frame_cnt 1
log got -r ref.y4m -d small.y4m --frame_cnt 1 --scale-to 1080p
same "a display of 1080p"
says '"ref.y4m" is scaled from 64x48 to 1440x1080, bicubic' '"small.y4m" is scaled from 40x30 to 1440x1080, bicubic'
log got -r ref_scaled.y4m -d ref_scaled.y4m --frame_cnt 1 --scale-to 1080p
[ ! -s err ] || fail "a picture that fills the display is scaled"

# Another shape.
refuse 'the shapes differ: ref.y4m is 64x48, --scale-to says 80x50' -r ref.y4m -d dist.y4m --scale-to 80x50
make -i dist.y4m -vf scale=60:30,setsar=1 -strict -1 wide.y4m
refuse 'the shapes differ: ref.y4m is 64x48, wide.y4m is 60x30' -r ref.y4m -d wide.y4m --scale-to 80x60
refuse 'the shapes differ: ref.y4m is 64x48, wide.y4m is 60x30' -r ref.y4m -d wide.y4m --scale-to 1080p
make -i ref.y4m -vf "scale=80:50:$exact" -strict -1 ref_scaled.y4m
make -i wide.y4m -vf "scale=80:50:$exact" -strict -1 wide_scaled.y4m
log wanted -r ref_scaled.y4m -d wide_scaled.y4m --stretch
log got -r ref.y4m -d wide.y4m --scale-to 80x50 --stretch
same "another shape that is asked for"
says '"ref.y4m" is scaled from 64x48 to 80x50, bicubic, although the shapes differ' \
    '"wide.y4m" is scaled from 60x30 to 80x50, bicubic, although the shapes differ'

# Crops come before, of all and of one side; turned pictures are scaled as they are shown.
make -i ref.y4m -vf "crop=40:30:6:8,scale=80:60:$exact" -strict -1 ref_scaled.y4m
make -i dist.y4m -vf "crop=40:30:6:8,scale=80:60:$exact" -strict -1 dist_scaled.y4m
log wanted -r ref_scaled.y4m -d dist_scaled.y4m
log got -r ref.y4m -d dist.y4m --crop 40:30:6:8 --scale-to 80x60
same "a crop before scaling"
make -i small.y4m -vf "scale=80:60:$exact" -strict -1 small_scaled.y4m
log wanted -r ref_scaled.y4m -d small_scaled.y4m
log got -r ref.y4m -d small.y4m --crop-ref 40:30:6:8 --scale-to 80x60
same "a crop of the reference"
make -i ref.y4m -c:v mpeg4 -qscale 3 first.mp4
ffmpeg -nostdin -v error -y -display_rotation 90 -i first.mp4 -c copy turned.mp4 2>/dev/null ||
    make -i first.mp4 -c copy -metadata:s:v rotate=90 turned.mp4
make -i turned.mp4 -vf "scale=60:80:$exact" -strict -1 turned_scaled.y4m
log wanted -r turned_scaled.y4m -d turned_scaled.y4m
log got -r turned.mp4 -d turned.mp4 --scale-to 60x80
same "turned pictures"
n_checks=$((n_checks + 2))
log got -r turned.mp4 -d turned.mp4 --scale-to 1080p --frame_cnt 1
[ "$(grep -c 'scaled from 48x64 to 1080x1440' err)" -eq 2 ] || fail "turned pictures on a display"
log got -r ref.y4m -d dist.y4m --crop 48:27:0:0 --scale-to 1080p --frame_cnt 1
[ "$(grep -c 'scaled from 48x27 to 1920x1080' err)" -eq 2 ] || fail "a crop on a display"

# Raw video, several encodes, batches: a line's own size goes before the command's.
make -i ref.y4m -f rawvideo ref.yuv
make -i dist.y4m -f rawvideo dist.yuv
make -i ref.y4m -vf "scale=80:60:$exact" -strict -1 ref_scaled.y4m
make -i dist.y4m -vf "scale=80:60:$exact" -strict -1 dist_scaled.y4m
make -i small.y4m -vf "scale=80:60:$exact" -strict -1 small_scaled.y4m
log wanted -r ref_scaled.y4m -d dist_scaled.y4m
log got -r ref.yuv -d dist.yuv -w 64 -h 48 -p 420 -b 8 --scale-to 80x60
same "raw video"
log got -r ref.y4m -d dist.yuv -w 64 -h 48 -p 420 -b 8 --scale-to 80x60
same "one of them is raw"
frames_only()
{
    grep -o '"integer_[a-z0-9_]*": *[0-9][^,]*' "$1"
}
n_checks=$((n_checks + 3))
"$tool" --device cpu --json --precision 17 --tiny-model none -q -r ref.y4m -d dist.y4m -d small.mkv --scale-to 80x60 \
    -o '{name}.json' >out 2>err || fail "several encodes"
frames_only wanted >w && frames_only dist.json >g && [ -s w ] && cmp -s w g || fail "the first of several encodes"
log wanted -r ref_scaled.y4m -d small_scaled.y4m
frames_only wanted >w && frames_only small.json >g && [ -s w ] && cmp -s w g || fail "the second of several encodes"
cat >jobs <<'EOF'
-r ref.y4m -d small.y4m -o one.json
-r ref.y4m -d dist.y4m -o two.json --scale-to 64x48
EOF
n_checks=$((n_checks + 2))
"$tool" --device cpu --json --precision 17 --tiny-model none -q --batch jobs --scale-to 80x60 >out 2>err || fail "a batch"
frames_only one.json >g && cmp -s w g || fail "the size of a batch"
log wanted -r ref.y4m -d dist.y4m
frames_only wanted >w && frames_only two.json >g && cmp -s w g || fail "the size of a line"
echo '-r ref.y4m -d small.y4m -o one.json --no-scale' >jobs
"$tool" --device cpu --json --batch jobs --scale-to 80x60 >out 2>err
[ $? -eq 2 ] && grep -q '^vkvmaf: jobs:1: --no-scale and --scale-to' err || fail "a line that contradicts the command"
finish
