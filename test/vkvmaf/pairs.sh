#!/bin/sh
# Frames are paired by their time stamps where those disagree: the log is that of the same frames, picked by ffmpeg into
# y4m files and compared by number. Steady pairs are compared as ever, and nothing is said of them.
# Arguments: the tool, the project's root, whether it was built with FFmpeg.
tool=$1
. "$2/test/vkvmaf/checks.sh"
[ "$3" = 1 ] || skip "built without FFmpeg"
command -v ffmpeg >/dev/null || skip "no ffmpeg"
ffmpeg -hide_banner -encoders 2>/dev/null >encoders
for codec in libx264 libx265 libvpx-vp9 libvpx; do
    grep -q " $codec " encoders || skip "ffmpeg has no $codec"
done

make()
{
    ffmpeg -nostdin -v error -y "$@" || fail "ffmpeg $*"
}
# log FILE ARGUMENT...: without the line that depends on time, and without notes.
log()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    rm -f log.json
    "$tool" --device cpu --json --tiny-model none -o log.json "$@" >out 2>err || fail "exit code: $*"
    grep -v '"fps"' log.json | sed '/"notes"/,/^  \]/d; $d; s/,$//' >"$file"
}
# same WHAT [NOTE]: the log of the picked frames, and the note, or none.
same()
{
    n_checks=$((n_checks + 2))
    cmp -s wanted got || { diff wanted got | head -n 5 >out; fail "$1"; }
    if [ -n "$2" ]; then
        grep -qF "$2" err && grep -q '"notes"' log.json || fail "no note '$2': $1"
    else
        [ ! -s err ] && ! grep -q '"notes"' log.json || fail "a note: $1"
    fi
}
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    rm -f log.json
    "$tool" --device cpu --json -o log.json "$@" >out 2>err </dev/null && fail "accepted: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err && [ ! -e log.json ] || fail "does not say '$text': $*"
}
# picked FILE SELECT OUT: the frames of a file that an expression of ffmpeg's filter chooses, as y4m.
picked()
{
    make -i "$1" -vf "select='$2'" -fps_mode passthrough -strict -1 "$3"
}

rate=30
make -f lavfi -i testsrc2=size=64x48:rate=$rate -frames:v 40 -c:v libx264 -qp 0 -bf 2 ref.mp4
make -i ref.mp4 -c copy ref.mkv
make -i ref.mp4 -strict -1 ref.y4m
# encode OUT FILTER OPTIONS...: of the reference, with its time stamps.
encode()
{
    out=$1
    filter=$2
    shift 2
    make -i ref.mp4 -vf "$filter" -fps_mode passthrough "$@" "$out"
}
x264='-c:v libx264 -crf 38 -bf 3'

# ---- a steady pair, in any container: by number, without a word ----
i=0
for options in "$x264@mp4" "$x264@mkv" "$x264@ts" "$x264@mov" "-c:v mpeg4 -q:v 9@avi" "-c:v libx265 -x265-params log-level=-1:wpp=0 -crf 40@mkv" \
    "-c:v libvpx-vp9 -b:v 60k -auto-alt-ref 1 -lag-in-frames 20@webm" "-c:v libvpx -b:v 60k -auto-alt-ref 1 -lag-in-frames 20@webm" \
    "-c:v libvpx -b:v 60k -auto-alt-ref 1 -lag-in-frames 20@ivf" "-c:v mpeg2video -q:v 9 -bf 2@mpg" \
    "$x264 -output_ts_offset 7@mp4" "$x264 -x264-params interlaced=1@ts" "$x264@h264"; do
    i=$((i + 1))
    dist=steady$i.${options##*@}
    # shellcheck disable=SC2086
    encode "$dist" null ${options%@*}
    make -i "$dist" -fps_mode passthrough -strict -1 dist.y4m
    log wanted -r ref.y4m -d dist.y4m
    log got -r ref.mkv -d "$dist" -q
    same "a steady pair: $options"
    [ "$(grep -c frameNum got)" -eq 40 ] || fail "not 40 frames: $options"
done

# ---- frames that were dropped, in the encode and in the reference ----
# pairs NAME REF DIST SELECT_REF SELECT_DIST NOTE ARGUMENT...
pairs()
{
    name=$1
    ref=$2
    dist=$3
    picked "$2" "$4" r.y4m
    picked "$3" "$5" d.y4m
    note=$6
    shift 6
    log wanted -r r.y4m -d d.y4m -q
    log got -r "$ref" -d "$dist" "$@"
    same "$name" "$note"
}
fifth='mod(n+1,5)'
encode fifth.mp4 "select='$fifth'" $x264
encode fifth.mkv "select='$fifth'" $x264
encode fifth.ts "select='$fifth'" $x264
encode fifth.webm "select='$fifth'" -c:v libvpx-vp9 -b:v 60k
encode fifth.avi "select='$fifth'" -c:v mpeg4 -q:v 9
encode hole.mkv "select='not(between(n,11,17))'" -c:v libx265 -x265-params log-level=-1:wpp=0 -crf 40
encode late.mkv "select='gte(n,3)*$fifth'" $x264
for name in mp4 mkv ts webm avi; do
    pairs "every fifth is gone: $name" ref.mp4 fifth.$name "$fifth" 1 "32 pairs; frames without a partner: 8 of \"ref.mp4\", 0 of"
done
pairs "every fifth, milliseconds on both sides" ref.mkv fifth.mkv "$fifth" 1 "32 pairs"
pairs "the reference lacks frames" fifth.mkv ref.mp4 1 "$fifth" ", 8 of \"ref.mp4\""
pairs "a hole" ref.mp4 hole.mkv 'not(between(n,11,17))' 1 "33 pairs"
pairs "different ones are gone on both sides" fifth.mp4 hole.mkv \
    "not(between(n,9,14))" "lt(n,11)*mod(n+1,5)+gte(n,11)*mod(n+8,5)" "26 pairs"
pairs "the first ones are gone: times begin with the first frame" ref.mkv late.mkv \
    "lte(n,36)*mod(n+4,5)" 1 "paired by time"
# ---- frames that were doubled, other rates, a rate that changes ----
make -i ref.mp4 -vf fps=60 $x264 double.mkv
pairs "30 against 60 per second" ref.mp4 double.mkv 1 'not(mod(n,2))' "40 pairs"
encode half.webm "select='not(mod(n,2))'" -c:v libvpx -b:v 60k
pairs "30 against 15" ref.mp4 half.webm 'not(mod(n,2))' 1 "20 pairs"
encode slower.mkv "select='lt(n,20)+not(mod(n,2))'" $x264
pairs "the rate changes" ref.mp4 slower.mkv 'lt(n,20)+not(mod(n,2))' 1 "30 pairs"
# ---- parts ----
pairs "from a frame of the reference on" ref.mp4 fifth.mkv "gte(n,12)*$fifth" 'gte(n,10)' "22 pairs" --start 12f
pairs "from a second on, for half a second" ref.mp4 fifth.mkv "gte(n,30)*$fifth" 'gte(n,24)' "8 pairs" --start 1
pairs "a number of pairs" ref.mp4 fifth.mkv "lt(n,12)*$fifth" 'lt(n,10)' "10 pairs" --frame_cnt 10
pairs "a duration" ref.mp4 fifth.mkv "lt(n,15)*$fifth" 'lt(n,12)' "12 pairs" --duration 0.5
pairs "behind an offset" ref.mp4 fifth.mkv "gte(n,1)*$fifth" 'gte(n,1)' "31 pairs" --offset-ref 1 --offset-dist 1
log wanted -r r.y4m -d d.y4m --subsample 3
log got -r ref.mp4 -d fifth.mkv --offset-ref 1 --offset-dist 1 --subsample 3
same "every third pair" "31 pairs"

# ---- several encodes: those that share the reference's frames are scored together, others apart ----
for name in steady1.mp4 fifth.mkv fifth.ts half.webm; do
    log single.$name -r ref.mp4 -d $name -q
done
n_checks=$((n_checks + 4))
rm -f multi-*.json
"$tool" --device cpu --json --tiny-model none -o 'multi-{index}.json' -r ref.mp4 -d steady1.mp4 -d fifth.mkv -d fifth.ts \
    -d half.webm >out 2>err || fail "several encodes"
i=0
for name in steady1.mp4 fifth.mkv fifth.ts half.webm; do
    grep -v '"fps"' multi-$i.json | sed '/"notes"/,/^  \]/d; $d; s/,$//' >got
    cmp -s single.$name got || fail "several encodes: $name is not what it is alone"
    i=$((i + 1))
done
grep -q '==> 2 of 3, ref.mp4 <==' out || fail "not three groups, or the second is not of two"
n_checks=$((n_checks + 1))
rm -f multi-*.json
"$tool" --device cpu --tiny-model none -r ref.mp4 -d steady1.mp4 -d fifth.mkv -o 'multi-{index}.json' --report r.html \
    >out 2>err && fail "a report of encodes that are paired with other frames"
[ "$(wc -l <err)" -eq 1 ] && grep -q "one report cannot hold encodes" err || fail "does not say why there is no report"
[ ! -e r.html ] && [ ! -e multi-0.json ] || fail "leaves a log or report"

# ---- by number ----
picked ref.mp4 'lt(n,32)' r.y4m
picked fifth.mkv 1 d.y4m
log wanted -r r.y4m -d d.y4m
log got -r ref.mp4 -d fifth.mkv --pair index
same "by number" '"fifth.mkv" ended before "ref.mp4".'
n_checks=$((n_checks + 1))
grep -qF '\"fifth.mkv\" ended before \"ref.mp4\": 32' log.json || fail "the end is not in the notes"
log got -r ref.y4m -d fifth.mkv
same "y4m has no stamps" '"fifth.mkv" ended before "ref.y4m".'
refuse "ref.y4m: has no time stamps" -r ref.y4m -d fifth.mkv --pair time
refuse "steady13.h264: has no time stamps" -r ref.mp4 -d steady13.h264 --pair time
make -i fifth.mp4 -c:v mpeg2video -q:v 9 fifth.mpg
cat fifth.mpg fifth.mpg >joined.mpg
make -i joined.mpg -fps_mode passthrough -strict -1 d.y4m
log wanted -r ref.y4m -d d.y4m --frame_cnt 38
log got -r ref.mp4 -d joined.mpg --frame_cnt 38
same "files that were joined"
make -r 25 -i ref.y4m $x264 pal.mp4
make -i pal.mp4 -fps_mode passthrough -strict -1 d.y4m
log wanted -r ref.y4m -d d.y4m -q
log got -r ref.mp4 -d pal.mp4
same "the same pictures at another rate" "frame rates differ"

# ---- an end that comes early is seen everywhere ----
encode short.mkv 'trim=end_frame=20' $x264
n_checks=$((n_checks + 1))
"$tool" --device cpu --tiny-model none -r ref.mp4 -d short.mkv --report report.html >out 2>err || fail "a short encode"
grep -qF '"short.mkv" ended before "ref.mp4": 20 of 40 frames are compared' out || fail "the summary does not say it"
grep -q '"frame_notes":\["\\"short.mkv\\" ended' report.html || fail "the report does not say it"
finish
