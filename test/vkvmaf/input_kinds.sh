#!/bin/sh
# Inputs that people have: bitstreams beside raw video, RGB, sequences of pictures, files with several videos, and files
# that are none. ffmpeg makes the files and says what their pictures are.
# Arguments: the tool, the project's root, whether it was built with FFmpeg.
tool=$1
. "$2/test/vkvmaf/checks.sh"
[ "$3" = 1 ] || skip "built without FFmpeg"
command -v ffmpeg >/dev/null || skip "no ffmpeg"
shared=$2/../shared

make()
{
    ffmpeg -nostdin -v error -y "$@" || fail "ffmpeg $*"
}
has_encoder()
{
    ffmpeg -hide_banner -encoders 2>/dev/null | grep -q " $1 "
}
# log FILE ARGUMENT...: the frames of a log, and what it notes in FILE.notes.
log()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" --device cpu --json --precision 17 --tiny-model none -o log.json "$@" >out 2>err </dev/null ||
        { fail "exit code: $*"; : >log.json; }
    sed -n '/"frames"/,/^  \]/p' log.json >"$file"
    sed -n '/"notes"/,/^  \]/p' log.json | sed -n 's/^    "\(.*\)",\{0,1\}$/\1/p' | tr -d '\\' >"$file.notes"
    rm -f log.json
}
same()
{
    n_checks=$((n_checks + 1))
    [ -s wanted ] && cmp -s wanted got || { diff wanted got | head -n 5 >out; fail "$1"; }
}
notes()
{
    n_checks=$((n_checks + 1))
    grep -qF -e "$1" got.notes && grep -qF -e "$1" err || { cat got.notes >out; fail "does not note: $1"; }
}
no_notes()
{
    n_checks=$((n_checks + 1))
    [ ! -s got.notes ] && [ ! -s err ] || { cat got.notes >out; fail "has notes: $1"; }
}
# refuse TEXT ARGUMENT...: one line, no log.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" --device cpu --json -o log.json --tiny-model none "$@" >out 2>err </dev/null &&
        fail "accepted: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err || fail "does not say '$text': $*"
    [ ! -e log.json ] && [ ! -s out ] || fail "leaves a log: $*"
    rm -f log.json
}

# ---- raw video beside what FFmpeg decodes ----
make -f lavfi -i testsrc2=size=64x48:rate=25 -frames:v 6 -pix_fmt yuv420p -f rawvideo source.yuv
make -f rawvideo -video_size 64x48 -framerate 25 -i source.yuv -strict -1 source.y4m
said='-w 64 -h 48 -p 420 -b 8'
# coded FILE OPTION...: raw source against FILE is what it is against FILE's pictures.
coded()
{
    coded=$1
    shift
    make -i source.y4m "$@" "$coded"
    make -i "$coded" -pix_fmt yuv420p -vsync passthrough -strict -1 decoded.y4m
    log wanted -r source.y4m -d decoded.y4m
    # shellcheck disable=SC2086
    log got -r source.yuv -d "$coded" $said
    same "raw video against $coded"
    no_notes "$coded"
}
coded mpeg4.avi -c:v mpeg4
coded mpeg2.mxf -c:v mpeg2video
coded mpeg2.ts -c:v mpeg2video
coded mpeg2.mpg -c:v mpeg2video
coded mpeg2.m2v -c:v mpeg2video -g 3
coded flv1.flv -c:v flv
coded ffv1.nut -c:v ffv1
coded wmv2.wmv -c:v wmv2
coded motion.mjpeg -c:v mjpeg -strict -1 -color_range tv
has_encoder libx264 && coded avc.h264 -c:v libx264
has_encoder libx265 && coded hevc.hevc -c:v libx265 -x265-params log-level=none
has_encoder libvpx && coded vp8.ivf -c:v libvpx
has_encoder libvpx-vp9 && coded vp9.webm -c:v libvpx-vp9
has_encoder libvpx && coded vp8.ogv -c:v libvpx
has_encoder libaom-av1 && coded av1.obu -c:v libaom-av1 -cpu-used 8

# The other way round, under names that say nothing, and from a pipe.
# shellcheck disable=SC2086
{
    log wanted -r mpeg4.avi -d source.y4m
    log got -r mpeg4.avi -d source.yuv $said
    same "the reference is coded"
    log wanted -r source.y4m -d mpeg4.avi
    for name in nothing other.yuv; do
        cp mpeg4.avi $name
        log got -r source.yuv -d $name $said
        same "a container called $name"
    done
    n_checks=$((n_checks + 1))
    "$tool" --device cpu --json --precision 17 --tiny-model none -o log.json -r source.yuv -d - $said <mpeg4.avi >out \
        2>err || fail "a container on standard input"
    sed -n '/"frames"/,/^  \]/p' log.json >got
    same "a container on standard input"
    rm -f log.json
    # Both are coded: the options are not needed, and that is said.
    log wanted -r ffv1.nut -d mpeg4.avi
    log got -r ffv1.nut -d mpeg4.avi $said
    same "raw options beside two containers"
    notes 'none of the videos is raw'
    log got -r ffv1.nut -d mpeg4.avi -w 1000
    same "one raw option beside two containers"
    log got -r source.y4m -d mpeg4.avi $said
    no_notes "y4m and a container"
    # Another size is that of a pair like any other.
    make -i source.y4m -vf scale=32:24 -c:v mpeg4 small.avi
    log wanted -r source.y4m -d small.avi
    log got -r source.yuv -d small.avi $said
    same "a container of another size"
    notes 'is scaled from 32x24 to 64x48'
}

# Raw video stays raw, whatever its first bytes look like.
for like in mpeg4.avi mpeg2.ts mpeg2.m2v ffv1.nut flv1.flv; do
    head -c 27648 $like >looks.yuv
    head -c $((27648 - $(wc -c <looks.yuv))) source.yuv >>looks.yuv
    { sed -n 1p source.y4m; for i in 0 1 2 3 4 5; do
        echo FRAME; tail -c +$((1 + i * 4608)) looks.yuv | head -c 4608; done; } >looks.y4m
    log wanted -r source.y4m -d looks.y4m
    # shellcheck disable=SC2086
    log got -r source.yuv -d looks.yuv $said
    same "raw video that begins as $like"
    no_notes "raw video that begins as $like"
done
# shellcheck disable=SC2086
{
    head -c 20000 source.yuv >cut.yuv
    refuse 'cut.yuv: 20000 bytes are not a whole number of frames of 4608 bytes (64x48, 4:2:0, 8 bit); it was recognised' \
        -r source.yuv -d cut.yuv $said
    head -c 800 mpeg4.avi >>cut.yuv
    refuse 'cut.yuv: 20800 bytes are not a whole number' -r source.yuv -d cut.yuv $said
    # A bitstream of as many bytes as raw video would have, without a name: decoded, and said.
    cp mpeg2.m2v whole && head -c $((4608 - $(wc -c <whole) % 4608)) /dev/zero >>whole
    log got -r source.yuv -d whole $said
    notes '"whole" is decoded, as its first bytes say; its size would be that of raw video, too'
}

# ---- RGB ----
make -f lavfi -i testsrc2=size=98x70:rate=25 -frames:v 2 -vf format=gbrp16 -c:v ffv1 colours.mkv
exact=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact
# rgb FILE MATRIX Y4M_FORMAT FORMAT TEXT OPTION...: each sample of all three planes is FFmpeg's.
rgb()
{
    coloured=$1 matrix=$2 yuv=$3 from=$4
    shift 4
    make -i "${source:-colours.mkv}" -vf "format=$from" "$@" "$coloured"
    make -i "$coloured" -vf "scale=out_color_matrix=$matrix:out_range=tv:$exact,format=$yuv" -vsync passthrough -strict -1 e.y4m
    log got -r "$coloured" -d e.y4m --feature psnr=enable_mse=true
    n_checks=$((n_checks + 1))
    sed -n 's/.*"mse_\(.*\)": \(.*[0-9]\),*$/\1 \2/p' got | sort -u >mse
    printf 'cb 0\ncr 0\ny 0\n' | cmp -s - mse || { cat mse >out; fail "$coloured: the samples are not FFmpeg's"; }
    notes "to YUV 4:4:4, BT.${matrix#bt}, limited range"
}
rgb rgb24.png bt601 yuv444p rgb24 -frames:v 1
rgb pal8.png bt601 yuv444p pal8 -frames:v 1
rgb rgb48.png bt601 yuv444p16 rgb48be -frames:v 1
rgb mono.png bt601 yuv444p monob -frames:v 1
rgb moving.gif bt601 yuv444p pal8
rgb gbrp.mkv bt601 yuv444p gbrp -c:v ffv1
rgb gbrp10.mkv bt601 yuv444p10 gbrp10 -c:v ffv1
rgb gbrap16.mkv bt601 yuv444p16 gbrap16 -c:v ffv1
notes "; what is transparent is ignored"
rgb rgb24.mov bt601 yuv444p rgb24 -c:v qtrle
rgb argb.mov bt601 yuv444p argb -c:v qtrle
rgb bgr24.bmp bt601 yuv444p bgr24 -frames:v 1
rgb rgb565.bmp bt601 yuv444p rgb565 -frames:v 1
rgb rgb24.avi bt601 yuv444p bgr24 -c:v rawvideo
make -f lavfi -i testsrc2=size=1280x720 -frames:v 1 -vf format=gbrp -c:v ffv1 hd.mkv
make -f lavfi -i testsrc2=size=80x718 -frames:v 1 -vf format=gbrp -c:v ffv1 sd.mkv
source=hd.mkv rgb hd.png bt709 yuv444p rgb24
source=sd.mkv rgb sd.png bt601 yuv444p rgb24
make -i colours.mkv -vf format=gray -frames:v 1 gray.png
make -i colours.mkv -pix_fmt yuvj420p -frames:v 1 full.jpg
log got -r gray.png -d gray.png
no_notes "grey is taken as it is"
log got -r full.jpg -d full.jpg
no_notes "JPEG is taken as it is"

# ---- sequences ----
mkdir shot
make -i source.y4m -pix_fmt rgb24 -start_number 1 shot/fr%04d.png
make -i source.y4m -pix_fmt rgb24 -c:v ffv1 rgb.mkv
log wanted -r source.y4m -d rgb.mkv
log got -r source.y4m -d shot/fr%04d.png
same "a sequence of PNG"
notes '"shot/fr%04d.png" is read as 6 pictures, fr0001.png to fr0006.png'
log wanted -r rgb.mkv -d rgb.mkv
log got -r shot/fr%04d.png -d shot/fr%04d.png
same "two sequences"
log wanted -r source.y4m -d rgb.mkv --start 2f --frame_cnt 2
log got -r source.y4m -d shot/fr%04d.png --start 2f --frame_cnt 2
same "a part of a sequence"
for kind in jpg bmp tif; do
    make -i source.y4m -start_number 998 "shot/%d.$kind"
    make -start_number 998 -i "shot/%d.$kind" -c:v ffv1 "$kind.mkv"
    if [ $kind = tif ] && ! "$tool" --device cpu --tiny-model none -r shot/998.tif -d shot/998.tif >/dev/null 2>&1; then
        continue
    fi
    log wanted -r source.y4m -d $kind.mkv
    log got -r source.y4m -d shot/%d.$kind
    [ $kind = jpg ] || same "a sequence of $kind without zeros"
    notes "is read as 6 pictures, 998.$kind to 1003.$kind"
done
split -b 4608 -d -a 3 source.yuv shot/raw
# shellcheck disable=SC2086
{
    log wanted -r source.y4m -d source.y4m
    log got -r source.yuv -d shot/raw%03d $said
    same "a sequence of raw pictures"
}
cp shot/fr0001.png 'fr%04d.png'
log got -r shot/fr0001.png -d 'fr%04d.png'
cmp -s wanted got && fail "not one picture"
[ "$(grep -c frameNum got)" -eq 1 ] || fail "a file that is called like a pattern is itself"
mv shot/fr0004.png away.png
refuse 'shot/fr%04d.png: there is no fr0004.png, but fr0005.png; a sequence must have no gap' \
    -r source.y4m -d shot/fr%04d.png
head -c 300 away.png >shot/fr0004.png
refuse 'shot/fr0004.png: ' -r source.y4m -d shot/fr%04d.png -q
make -i away.png -vf scale=32:24 -update 1 shot/fr0004.png
refuse 'shot/fr0004.png: is 32x24, 4:4:4, 8 bit, limited range; the pictures before are 64x48' \
    -r source.y4m -d shot/fr%04d.png -q
cp moving.gif shot/fr0004.png
refuse 'shot/fr0004.png: ' -r source.y4m -d shot/fr%04d.png -q
make -i away.png -pix_fmt rgba -update 1 shot/fr0004.png
log got -r source.y4m -d shot/fr%04d.png
[ "$(grep -c frameNum got)" -eq 6 ] || fail "pictures with and without alpha"
cp moving.gif shot/m1.gif
refuse 'shot/m1.gif: has more than one picture' -r colours.mkv -d shot/m%d.gif -q
refuse 'shot/none%04d.png: cannot be opened: there is no such file, nor one with a number' -r source.y4m -d shot/none%04d.png
cp shot/fr0001.png before.png
n_checks=$((n_checks + 1))
"$tool" --device cpu -r shot/fr%04d.png -d source.y4m -o shot/fr0001.png >out 2>err && fail "a log in a picture's place"
grep -q '^vkvmaf: shot/fr0001.png: is an input and the output' err || fail "does not name the picture"
cmp -s before.png shot/fr0001.png || fail "a picture of a sequence is overwritten"
mkfifo shot/p2
refuse 'shot/p2: is no regular file' -r source.y4m -d shot/p%d
refuse 'absent/%d.png: its folder cannot be read' -r source.y4m -d absent/%d.png
refuse 'has no frame rate that --start 0.1' -r shot/fr%04d.png -d source.y4m --start 0.1
refuse 'shot: cannot be opened: Is a directory; its pictures are given as a pattern' -r source.y4m -d shot

# ---- several video streams ----
make -i source.y4m -vf scale=32:24 -c:v ffv1 first.mkv
make -i first.mkv -i source.y4m -map 0 -map 1 -c:v ffv1 -default_mode passthrough -disposition:v 0 two.mkv
make -i two.mkv -strict -1 taken.y4m
log wanted -r source.y4m -d taken.y4m
log got -r source.y4m -d two.mkv
same "the stream that ffmpeg takes"
notes '"two.mkv" has 2 video streams; stream 1 is taken, ffv1 64x48, as ffmpeg would; --stream-ref and --stream-dist'
make -i two.mkv -map 0 -c copy -disposition:v:0 default -disposition:v:1 0 marked.mkv
make -i marked.mkv -strict -1 taken.y4m
log wanted -r source.y4m -d taken.y4m
log got -r source.y4m -d marked.mkv
same "the stream that is marked as default"
log wanted -r source.y4m -d first.mkv
log got -r source.y4m -d two.mkv --stream-dist 0
same "the first stream"
notes '"two.mkv" has 2 video streams; stream 0 is taken, ffv1 32x24'
log wanted -r first.mkv -d source.y4m
log got -r two.mkv -d source.y4m --stream_ref=0
same "the reference's first stream"
log wanted -r first.mkv -d source.y4m
log got -r two.mkv -d two.mkv --stream-ref 0 --stream-dist 1
same "two streams of one file"
refuse 'two.mkv: has 2 video streams, counted from 0; there is no stream 2' -r source.y4m -d two.mkv --stream-dist 2
refuse 'source.y4m: has 1 video stream, counted from 0; there is no stream 1' -r source.y4m -d two.mkv --stream-ref 1
refuse '--stream-dist is "-1"' -r source.y4m -d two.mkv --stream-dist -1
make -i source.y4m -i full.jpg -map 0 -map 1 -c:v:0 mpeg4 -c:v:1 copy -disposition:v:1 attached_pic cover.mp4
log got -r source.y4m -d cover.mp4
no_notes "a cover is no choice"
log got -r source.y4m -d cover.mp4 --stream-dist 0
refuse 'cover.mp4: has 1 video stream, counted from 0; there is no stream 1' -r source.y4m -d cover.mp4 --stream-dist 1

# ---- no videos ----
# list TEXT NAME: what printf makes of TEXT is refused as NAME, with raw options, too.
list()
{
    # shellcheck disable=SC2059
    printf "$1" >list
    refuse "list: is $2" -r source.y4m -d list
    # shellcheck disable=SC2086
    refuse "list: is $2" -r source.yuv -d list $said
}
list '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nm.ts\n#EXT-X-ENDLIST\n' 'an HLS playlist'
list '\357\273\277#EXTM3U\r\n#EXT-X-VERSION:3\r\n' 'an HLS playlist'
list '#EXTM3U\nsong.mp3\n' 'an M3U playlist'
list 'ffconcat version 1.0\nfile a.mp4\n' "a playlist for FFmpeg's concat"
list "# mine\nfile 'a.mp4'\nfile 'b.mp4'\n" "a playlist for FFmpeg's concat"
list '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">\n</MPD>\n' 'a DASH manifest'
list '<SmoothStreamingMedia MajorVersion="2">\n' 'a Smooth Streaming manifest'
list 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n' 'a description of a stream (SDP)'
list '[playlist]\nFile1=a.mp4\n' 'a PLS playlist'
list '<!DOCTYPE html>\n<html>\n' 'a web page'
list 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' 'a pointer of Git LFS'
printf '#EXTM3U\n#EXT-X-VERSION:3\n' | "$tool" --device cpu -r source.y4m -d - >out 2>err &&
    fail "a playlist on standard input"
n_checks=$((n_checks + 1))
grep -q '^vkvmaf: -: is an HLS playlist' err || fail "a playlist on standard input is not named"
echo 'hello' >text.mp4
refuse 'text.mp4: holds no video that FFmpeg can open (it is text), and raw video also needs' -r source.y4m -d text.mp4
printf 'PK\003\004abc' >a.zip
refuse 'a.zip: holds no video that FFmpeg can open (it is a ZIP archive)' -r source.y4m -d a.zip
: >empty.mp4
refuse 'empty.mp4: is empty' -r source.y4m -d empty.mp4
# Addresses: what may be secret is not repeated.
refuse 'vkvmaf: https://host.example/a.mp4: cannot be opened: No such file or directory; an address is not read' \
    -r source.y4m -d 'https://me:pass@host.example/a.mp4?token=secret#part'
refuse 'vkvmaf: rtmp://host/live: cannot' -r source.y4m -d 'rtmp://u:p@w@host/live?key=secret'
long=$(printf '%0300d' 0)
refuse 'vkvmaf: https://host/a.mp4: cannot' -r source.y4m -d "https://me:$long@host/a.mp4?$long"
for argument in -r -d --model=path --tiny-registry --models-dir stray; do
    n_checks=$((n_checks + 1))
    # shellcheck disable=SC2086
    case $argument in
    -r | -d) words="$argument https://me:pass@host/x.onnx?token=secret" ;;
    stray) words="-r source.y4m -d source.y4m https://me:pass@host/x.onnx?token=secret" ;;
    *) words="-r source.y4m -d source.y4m $argument=https://me:pass@host/x.onnx?token=secret" ;;
    esac
    # shellcheck disable=SC2086
    "$tool" --device cpu $words >out 2>err </dev/null && fail "accepted: $words"
    grep -q 'pass\|secret' err out && fail "repeats a secret: $words"
done

# ---- reference data ----
if [ -e "$shared/field/coded.ivf" ] && [ -e "$shared/reference-models/vmaf_v0.6.1.json" ]; then
    for case in ivf=95.967437 h264=82.814421; do
        n_checks=$((n_checks + 1))
        # shellcheck disable=SC2086
        "$tool" --device cpu --model "path=$shared/reference-models/vmaf_v0.6.1.json" --json -o log.json -q $said \
            -r "$shared/field/source_64x48.yuv" -d "$shared/field/coded.${case%=*}" >out 2>err ||
            fail "coded.${case%=*} beside raw video"
        grep -q "\"mean\": ${case#*=}" log.json || fail "coded.${case%=*}: another score"
        rm -f log.json
    done
fi
finish
