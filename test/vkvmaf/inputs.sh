#!/bin/sh
# What the tool makes of its inputs: every kind of file, size, depth, crop, offsets, and files that are broken. ffmpeg
# makes the files and does the same by its own filters; the logs must be equal.
# Arguments: the tool, the project's root, whether it was built with FFmpeg.
tool=$1
. "$2/test/vkvmaf/checks.sh"
. "$2/test/vkvmaf/texture.sh"
texture ref.y4m 6
sed -n 1p ref.y4m >dist2.y4m && tail -n +2 ref.y4m | tr 'HKQ' 'IJS' >>dist2.y4m

# says TEXT: the note is on standard error, and in the log.
says()
{
    n_checks=$((n_checks + 1))
    grep -qF "$1" err && cmp -s err got.notes || fail "no note: $1"
}
quiet_log()
{
    log "$@"
    [ -s err ] && fail "messages: $*"
}
frames_of()
{
    grep -c frameNum "$1"
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
    rm -f log.json
}

# ---- without FFmpeg ----
log wanted -r ref.y4m -d dist2.y4m
quiet_log got -r ref.y4m -d dist2.y4m --offset-ref 0 --start 0 --crop 64:48:0:0 -q
same "options that change nothing"

# skipping COUNT FILE: the y4m file without its first COUNT frames.
skipping()
{
    head -n 1 "$2"
    tail -c +$((1 + $(head -n 1 "$2" | wc -c) + $1 * (6 + 4608))) "$2"
}
skipping 2 ref.y4m >ref_2.y4m
skipping 2 dist2.y4m >dist_2.y4m
skipping 1 dist2.y4m >dist_1.y4m
log wanted -r ref_2.y4m -d dist_1.y4m --frame_cnt 4
for options in '--offset-ref 2 --offset-dist 1' '--start 1f --offset-ref 1' '--start 0.04 --offset-ref 1' \
    '--start 1f --offset-ref 1 --duration 9'; do
    # shellcheck disable=SC2086
    log got -r ref.y4m -d dist2.y4m $options
    same "$options"
    grep -q 'ended before' err || fail "no note about the shorter video: $options"
done
for options in '--duration 2f' '--duration 0.08s' '--duration 9s --frame_cnt 2'; do
    # shellcheck disable=SC2086
    quiet_log got -r ref_2.y4m -d dist_1.y4m $options
    log wanted -r ref_2.y4m -d dist_1.y4m --frame_cnt 2
    same "$options"
done
[ "$(frames_of wanted)" -eq 2 ] || fail "not two frames"
quiet_log got -r ref.y4m -d dist2.y4m --duration 0.001
[ "$(frames_of got)" -eq 1 ] || fail "less than half a frame's time is not one frame"

# Another rate and another kind of chroma are said, and change nothing.
log wanted -r ref.y4m -d dist2.y4m
sed '1s/F25:1/F50:1/' dist2.y4m >fast.y4m
log got -r ref.y4m -d fast.y4m
same "another rate"
says 'frame rates differ: "ref.y4m" has 25.000, "fast.y4m" has 50.000; frame N is compared with frame N'
n_checks=$((n_checks + 1))
"$tool" --device cpu -q -r ref.y4m -d fast.y4m >out 2>err && [ ! -s err ] || fail "a note in spite of -q"

if [ "$3" != 1 ]; then
    y4m small.y4m 32 24 6
    refuse "on Debian libavformat-dev libavcodec-dev libavutil-dev libswscale-dev" -r ref.y4m -d "$2/docs/sample/dist.mp4"
    refuse "scaling it from 32x24 to 64x48 needs FFmpeg, and this vkvmaf was built without (install" -r ref.y4m -d small.y4m
    echo "built without FFmpeg: the rest is left out"
    finish
fi
command -v ffmpeg >/dev/null || { echo "no ffmpeg: the rest is left out"; [ $n_failures -eq 0 ] && exit 77; finish; }
make()
{
    ffmpeg -nostdin -v error -y "$@" || fail "ffmpeg $*"
}
exact='flags=bicubic+accurate_rnd+bitexact'

# ---- formats: what is decoded is what ffmpeg decodes ----
# format NAME FILE FFMPEG_CODEC Y4M_FORMAT
format()
{
    make -i ref.y4m -pix_fmt "$1" -c:v "$3" -strict -1 "ref_$2"
    make -i dist2.y4m -pix_fmt "$1" -c:v "$3" -strict -1 "dist_$2"
    make -i "ref_$2" -pix_fmt "$4" -strict -1 r.y4m
    make -i "dist_$2" -pix_fmt "$4" -strict -1 d.y4m
    log wanted -r r.y4m -d d.y4m -q
    quiet_log got -r "ref_$2" -d "dist_$2" -q
    same "$1 in $2"
    [ "$(frames_of got)" -eq 6 ] || fail "$1: not 6 frames"
}
for name in yuv420p yuv422p yuv444p yuv411p gray yuv420p10 yuv422p12 yuv444p16; do
    format $name $name.mkv ffv1 $name
done
format yuv420p plain.mp4 mpeg4 yuv420p
format yuvj420p full.avi mjpeg yuvj420p
format nv12 nv12.nut rawvideo yuv420p
format yuyv422 yuyv.nut rawvideo yuv422p
format uyvy422 uyvy.nut rawvideo yuv422p
format yuv420p10be be.nut rawvideo yuv420p10
format yuva420p alpha.nut rawvideo yuv420p
format ya16be ya16.mov png gray16
make -i ref.y4m -frames:v 1 -pix_fmt gbrpf32 float.exr
refuse "float.exr: its pictures are gbrpf32le, of which no luma is made" -r ref.y4m -d float.exr
make -i ref.y4m -vf scale=16:48 -c:v ffv1 narrow.mkv
refuse "narrow.mkv: pictures of 16x48; accepted are" -r ref.y4m -d narrow.mkv
# What is said of raw video is not said of a container.
make -i ref.y4m -f rawvideo ref.yuv
log wanted -r ref.y4m -d dist2.y4m
quiet_log got -r ref.yuv -d dist_yuv420p.mkv -w 64 -h 48 -p 420 -b 8
same "raw video against Matroska"

# ---- pipes ----
make -i dist2.y4m -c:v mpeg4 -q:v 2 dist.mkv
make -i dist.mkv -c copy -movflags +frag_keyframe+empty_moov frag.mp4
make -i dist.mkv -c copy -movflags +faststart faststart.mp4
make -i dist.mkv decoded.y4m
make -i ref.y4m -c:v ffv1 refs.mkv
log wanted -r ref.y4m -d decoded.y4m
for name in dist.mkv frag.mp4 faststart.mp4; do
    cat $name | log got -r ref.y4m -d -
    same "$name on standard input"
done
log got -r ref.y4m -d - <faststart.mp4
same "standard input is a file"
mkfifo a b
(exec 3>b 4>a; cat dist.mkv >&3; cat refs.mkv >&4) &
log got -r a -d b
same "two pipes, one writer"
wait
n_checks=$((n_checks + 1))
head -c 6000 faststart.mp4 | "$tool" --device cpu --json -o log.json -q -r ref.y4m -d - >out 2>err &&
    fail "a cut pipe is accepted"
[ "$(wc -l <err)" -eq 1 ] && [ ! -e log.json ] || fail "a cut pipe is not named, or leaves a log"

# ---- broken and foreign files ----
make -f lavfi -i testsrc2=size=320x240:rate=25 -frames:v 40 -c:v mpeg4 -b:v 2M -movflags +faststart first.mp4
make -i first.mp4 -c copy last.mp4
make -i first.mp4 -c copy whole.mkv
size=$(wc -c <first.mp4)
for cut in first last; do
    head -c $((size * 2 / 3)) $cut.mp4 >cut_$cut.mp4
done
head -c $((size * 2 / 3)) whole.mkv >cut.mkv
refuse "cut_first.mp4: is cut: $((size * 2 / 3)) bytes, its index speaks of" -r first.mp4 -d cut_first.mp4
refuse "cut_last.mp4: holds no video that FFmpeg can open (moov atom not found)" -r first.mp4 -d cut_last.mp4
refuse "cut.mkv: " -r first.mp4 -d cut.mkv
refuse "cut.mkv: " -r cut.mkv -d first.mp4
# H.264 that was cut out of a stream: its first pictures refer to some that are gone. That is no damage.
if ffmpeg -hide_banner -encoders 2>/dev/null | grep -q libx264; then
    make -f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 60 -c:v libx264 -x264-params \
        open-gop=1:keyint=24:bframes=3:scenecut=0 open.ts
    make -ss 1.2 -i open.ts -c copy cut_out.ts
    log got -r open.ts -d cut_out.ts -q
    make -i open.ts -c copy open.h264
    size=$(wc -c <open.h264)
    { head -c $((size / 2)) open.h264; yes | head -c 20; tail -c +$((size / 2 + 21)) open.h264; } >damaged.h264
    refuse "damaged.h264: frame " -r open.ts -d damaged.h264 -q
fi
size=$(wc -c <first.mp4)
{ head -c $((size / 2)) first.mp4; yes | head -c 400; tail -c +$((size / 2 + 401)) first.mp4; } >damaged.mp4
refuse "damaged.mp4: frame " -r first.mp4 -d damaged.mp4
make -i ref.y4m -c:v ffv1 -level 3 checked.mkv
size=$(wc -c <checked.mkv)
{ head -c $((size / 2)) checked.mkv; yes | head -c 4; tail -c +$((size / 2 + 5)) checked.mkv; } >damaged.mkv
refuse "cannot be decoded: slice CRC mismatch" -r ref.y4m -d damaged.mkv
make -f lavfi -i sine=d=1 sound.wav
make -f lavfi -i sine=d=1 -c:a aac sound.m4a
refuse "sound.wav: has no video in it (wav, 1 stream)" -r ref.y4m -d sound.wav
refuse "sound.m4a: has no video in it" -r sound.m4a -d ref.y4m
make -i ref.y4m -frames:v 1 cover.jpg
make -i sound.wav -i cover.jpg -map 0 -map 1 -c:a aac -c:v copy -disposition:v attached_pic covered.m4a
refuse "covered.m4a: has no video in it" -r ref.y4m -d covered.m4a
refuse "absent.mp4: cannot be opened" -r ref.y4m -d absent.mp4
echo "no video" >text.mp4
refuse "text.mp4: holds no video that FFmpeg can open" -r ref.y4m -d text.mp4
# A playlist cannot make the tool open another file.
printf "ffconcat version 1.0\nfile 'dist.mkv'\n" >list.txt
refuse "list.txt: is a playlist" -r ref.y4m -d list.txt
printf '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nm.ts\n#EXT-X-ENDLIST\n' >list.m3u8
refuse "list.m3u8: is an HLS playlist" -r ref.y4m -d list.m3u8
# Pictures that change their size on the way.
make -i ref.y4m -f mjpeg one.mjpeg
make -i ref.y4m -vf scale=80:48 -f mjpeg two.mjpeg
cat one.mjpeg two.mjpeg >changes.mjpeg
make -i ref.y4m -i ref.y4m -filter_complex concat=2 long.mkv
refuse "changes.mjpeg: frame 6 is 80x48 yuvj420p, those before are 64x48 yuvj420p" -r long.mkv -d changes.mjpeg -q

ffmpeg -nostdin -v error -y -display_rotation 90 -i first.mp4 -c copy turned.mp4 2>/dev/null ||
    make -i first.mp4 -c copy -metadata:s:v rotate=90 turned.mp4
refuse "first.mp4 is shown as it is stored, turned.mp4 turned by 90 degrees counterclockwise" -r first.mp4 -d turned.mp4 \
    --no-autorotate
log got -r turned.mp4 -d turned.mp4 -q --frame_cnt 2

# ---- sizes and depths ----
make -i dist2.y4m -vf scale=40:36 -strict -1 small.y4m
make -i small.y4m -vf "scale=64:48:$exact" -strict -1 scaled.y4m
make -i small.y4m -c:v ffv1 small.mkv
log wanted -r ref.y4m -d scaled.y4m
for name in small.y4m small.mkv; do
    log got -r ref.y4m -d $name
    same "scaling of $name"
    says "\"$name\" is scaled from 40x36 to 64x48, bicubic"
    refuse "sizes differ: ref.y4m is 64x48, $name is 40x36" -r ref.y4m -d $name --no-scale
done
make -i dist2.y4m -vf scale=102:70 -strict -1 large.y4m
make -i large.y4m -vf "scale=64:48:$exact" -strict -1 scaled.y4m
log wanted -r ref.y4m -d scaled.y4m
log got -r ref.y4m -d large.y4m
same "scaling down"

make -i ref.y4m -pix_fmt yuv420p10 -strict -1 ref_10.y4m
make -i dist2.y4m -pix_fmt yuv420p10 -strict -1 dist_10.y4m
log wanted -r ref_10.y4m -d dist_10.y4m
log got -r ref_10.y4m -d dist2.y4m
same "the distorted video to 10 bit"
says '"dist2.y4m" is converted from 8 to 10 bit'
log got -r ref.y4m -d dist_10.y4m
same "the reference to 10 bit"
says '"ref.y4m" is converted from 8 to 10 bit'
make -i small.y4m -vf "scale=64:48:$exact" -pix_fmt yuv420p10 -strict -1 scaled.y4m
log wanted -r ref_10.y4m -d scaled.y4m
log got -r ref_10.y4m -d small.y4m
same "scaling to 10 bit"

make -i ref.y4m -pix_fmt yuv444p12 -strict -1 ref_444.y4m
make -i dist2.y4m -pix_fmt yuv444p12 -strict -1 dist_444.y4m
log wanted -r ref_444.y4m -d dist_444.y4m
log got -r ref_444.y4m -d dist2.y4m
same "4:4:4 with 12 bit against 4:2:0 with 8"
says '"ref_444.y4m" is 4:4:4, "dist2.y4m" is 4:2:0; only luma is compared'
log got -r dist2.y4m -d ref_444.y4m
[ "$(frames_of got)" -eq 6 ] || fail "4:2:0 against 4:4:4"

sed '1s/$/ XCOLORRANGE=FULL/' dist2.y4m >full.y4m
log got -r ref.y4m -d full.y4m
says '"full.y4m" is converted from full to limited range'
log wanted -r ref.y4m -d dist2.y4m
n_checks=$((n_checks + 1))
cmp -s wanted got && fail "the range is not converted"

# ---- crop ----
make -i ref.y4m -vf crop=40:30:6:8 -strict -1 ref_crop.y4m
make -i dist2.y4m -vf crop=40:30:6:8 -strict -1 dist_crop.y4m
log wanted -r ref_crop.y4m -d dist_crop.y4m
log got -r ref.y4m -d dist2.y4m --crop 40:30:6:8
same "crop"
says "cropped to 40x30 at 6,8"
make -i small.y4m -vf "format=yuv444p,crop=25:24:5:6,scale=40:32:$exact" -strict -1 dist_crop.y4m
make -i ref.y4m -vf format=yuv444p,crop=40:32:8:8 -strict -1 ref_crop.y4m
log wanted -r ref_crop.y4m -d dist_crop.y4m
log got -r ref.y4m -d small.mkv --crop 40:32:8:8
same "crop before scaling"
refuse "has the shape of the reference and that of its crop to 40x30; say with --crop-dist what is compared" \
    -r ref_10.y4m -d small.mkv --crop 40:30:6:8

# ---- sync ----
make -f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 30 -strict -1 moving.y4m
make -i moving.y4m -vf 'tpad=start=7,avgblur=1' -c:v ffv1 late.mkv
make -i moving.y4m -vf avgblur=1 -strict -1 blurred.y4m
log wanted -r moving.y4m -d blurred.y4m
log got -r moving.y4m -d late.mkv --sync
same "a late video"
says '"late.mkv" is 7 frames late'
make -i moving.y4m -vf 'trim=start_frame=4,avgblur=1' -c:v ffv1 early.mkv
log wanted -r moving.y4m -d blurred.y4m --start 4f
log got -r moving.y4m -d early.mkv --sync=10
same "an early video"
says '"early.mkv" is 4 frames early'
refuse "late.mkv: no offset up to 6 frames fits" -r moving.y4m -d late.mkv --sync=6
log got -r moving.y4m -d late.mkv --sync=7
says '"late.mkv" is 7 frames late'
make -f lavfi -i smptebars=size=96x64:rate=25 -frames:v 30 -strict -1 still.y4m
refuse "still.y4m: cannot tell by how many frames it is late or early" -r still.y4m -d still.y4m --sync
log wanted -r moving.y4m -d moving.y4m
log got -r moving.y4m -d moving.y4m --sync
same "no offset"
says '"moving.y4m" is 0 frames late'
# Behind a beginning that does not move: black, a card that fades, grain on it.
make -i moving.y4m -vf tpad=start=200:color=black -strict -1 intro.y4m
make -f lavfi -i smptebars=size=96x64:rate=25 -frames:v 170 -strict -1 card.y4m
make -i card.y4m -i moving.y4m -filter_complex '[0]noise=alls=12:allf=t[c];[c][1]xfade=duration=0.4:offset=6' -strict -1 fade.y4m
make -i intro.y4m -vf tpad=start=9:color=black,avgblur=1 -c:v ffv1 intro_late.mkv
make -i intro.y4m -vf trim=start_frame=11,avgblur=1 -c:v ffv1 intro_early.mkv
make -i fade.y4m -vf tpad=start=6:start_mode=clone -c:v mpeg4 -q:v 6 fade_late.avi
# finds REF DIST TEXT ARGUMENT...
finds()
{
    r=$1
    d=$2
    text=$3
    shift 3
    log got -r "$r" -d "$d" --sync --frame_cnt 2 "$@"
    says "\"$d\" is $text"
}
finds intro.y4m intro_late.mkv "9 frames late"
finds intro.y4m intro_early.mkv "11 frames early"
finds fade.y4m fade_late.avi "6 frames late"
finds intro.y4m intro_late.mkv "9 frames late" --start 195f
finds intro.y4m intro_early.mkv "11 frames early" --start 7.8
finds intro.y4m intro_late.mkv "5 frames late" --start 190f --offset-dist 4
make -f lavfi -i smptebars=size=96x64:rate=25 -vf noise=alls=20:allf=t -frames:v 200 -strict -1 grain.y4m
refuse "cannot tell" -r card.y4m -d grain.y4m --sync
refuse "no offset up to 4 frames fits" -r intro.y4m -d intro_late.mkv --sync=4
# By time: the same offset, of an encode that also lacks frames.
if ffmpeg -hide_banner -encoders 2>/dev/null | grep -q libx264; then
    make -i intro.y4m -c:v libx264 -qp 0 intro.mkv
    make -i intro.y4m -vf "tpad=start=8:color=black,select='mod(n+1,5)'" -fps_mode passthrough -c:v libx264 -crf 20 gaps.mkv
    make -i intro.mkv -vf "select='mod(n+9,5)'" -fps_mode passthrough -strict -1 r.y4m
    make -i gaps.mkv -vf "select='gte(n,7)'" -fps_mode passthrough -strict -1 d.y4m
    log wanted -r r.y4m -d d.y4m
    log got -r intro.mkv -d gaps.mkv --sync
    same "by time, behind an offset"
fi

# ---- a file that is cut while it is read: its pictures are mapped, and no signal ends the run ----
# The reference comes through a pipe: once 20 of its pictures are taken, the other file is in use; then it is cut.
truncate -s 180000000 cut_dist.yuv
"$tool" --device cpu --json -o log.json -r a -d cut_dist.yuv -w 1000 -h 600 -p 420 -b 8 -q >out 2>err &
run=$!
(
    trap '' PIPE
    exec 3>a
    head -c 18000000 /dev/zero >&3
    truncate -s 900000 cut_dist.yuv
    head -c 162000000 /dev/zero >&3 2>write_err
)
wait $run
code=$?
n_checks=$((n_checks + 2))
[ $code -eq 1 ] && [ ! -e log.json ] || fail "a file cut while it is read: exit code $code"
[ "$(wc -l <err)" -eq 1 ] && grep -q '^vkvmaf: cut_dist.yuv: frame [0-9]* was lost' err || fail "does not name what was cut"
finish
