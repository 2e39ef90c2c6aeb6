#!/bin/sh
# Pictures as they are shown: turned and mirrored, of one shape, between black bars, with samples of their depth. ffmpeg
# makes the files and does the same by its own filters; the logs must be equal.
# Arguments: the tool, the project's root, whether it was built with FFmpeg.
tool=$1
. "$2/test/vkvmaf/checks.sh"
[ "$3" = 1 ] || skip "built without FFmpeg"
command -v ffmpeg >/dev/null || skip "no ffmpeg"

make()
{
    ffmpeg -nostdin -v error -y "$@" || fail "ffmpeg $*"
}
# log FILE ARGUMENT...: a log without the line that depends on time, and without notes, which go to FILE.notes.
log()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" --device cpu --json --precision 17 --tiny-model none -q -o log.json "$@" >out 2>err || fail "exit code: $*"
    split "$file"
}
split()
{
    grep -v '"fps"' log.json | sed '/"notes"/,/^  \]/d; $d; s/,$//' >"$1"
    sed -n '/"notes"/,/^  \]/p' log.json | tr -d '\\' >"$1.notes"
    rm -f log.json
}
# same WHAT [WANTED GOT]
same()
{
    n_checks=$((n_checks + 1))
    [ -s "${2:-wanted}" ] && cmp -s "${2:-wanted}" "${3:-got}" || fail "$1"
}
notes()
{
    n_checks=$((n_checks + 1))
    grep -qF "$1" got.notes || { cat got.notes >out; fail "no note: $1"; }
}
# refuse TEXT ARGUMENT...: one line, no log.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    "${program:-$tool}" --device cpu --json -q -o log.json "$@" >out 2>err </dev/null && fail "accepted: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err || fail "does not say '$text': $*"
    [ ! -e log.json ] && [ ! -s out ] || fail "leaves a log: $*"
    rm -f log.json
}
# matrix FILE A B C D: writes a display matrix of ones, zeros and minus ones, or of bytes in octal, into an MP4 file.
fixed()
{
    case $1 in
    0) printf '\0\0\0\0' ;;
    1) printf '\0\001\0\0' ;;
    -1) printf '\377\377\0\0' ;;
    *) printf "$1" ;;
    esac
}
matrix()
{
    at=$(($(grep -abo tkhd "$1" | head -n 1 | cut -d: -f1) + 44))
    { fixed "$2"; fixed "$3"; fixed 0; fixed "$4"; fixed "$5"; fixed 0; } |
        dd of="$1" bs=1 seek=$at conv=notrunc status=none
}

# ---- display matrices: all eight, odd sides, either side of the comparison ----
make -f lavfi -i testsrc2=size=67x49:rate=25 -frames:v 3 -pix_fmt yuv444p -c:v libx264 -qp 8 plain.mp4
make -f lavfi -i testsrc2=size=68x50:rate=25 -frames:v 3 -pix_fmt yuv420p10 -c:v libx264 -qp 8 plain10.mp4
: >jobs
i=0
while read -r a b c d; do
    for name in plain plain10; do
        cp $name.mp4 $name$i.mp4
        matrix $name$i.mp4 "$a" "$b" "$c" "$d"
        make -i $name$i.mp4 -strict -1 shown_$name$i.y4m
        make -i shown_$name$i.y4m -vf avgblur=1 -strict -1 blurred_$name$i.y4m
        echo "-r shown_$name$i.y4m -d blurred_$name$i.y4m -o wanted_$name$i.json" >>jobs
        echo "-r $name$i.mp4 -d blurred_$name$i.y4m -o got_$name$i.json" >>jobs
        echo "-r blurred_$name$i.y4m -d shown_$name$i.y4m -o wanted_dist_$name$i.json" >>jobs
        echo "-r blurred_$name$i.y4m -d $name$i.mp4 -o got_dist_$name$i.json" >>jobs
    done
    i=$((i + 1))
done <<END
1 0 0 1
-1 0 0 1
1 0 0 -1
-1 0 0 -1
0 1 1 0
0 1 -1 0
0 -1 1 0
0 -1 -1 0
END
"$tool" --batch jobs --device cpu --json --precision 17 --tiny-model none -q >out 2>err || fail "matrices"
for name in plain plain10; do
    for i in 0 1 2 3 4 5 6 7; do
        for side in '' dist_; do
            for kind in wanted got; do
                mv ${kind}_$side$name$i.json log.json && split $kind
            done
            same "matrix $i of $name, $side"
            [ $i -eq 0 ] || notes "as it is shown"
        done
    done
done
n_checks=$((n_checks + 1))
cmp -s shown_plain1.y4m shown_plain2.y4m && fail "ffmpeg does not mirror"
refuse "plain5.mp4 is shown turned by 90 degrees clockwise, plain7.mp4 mirrored along its rising diagonal" \
    -r plain5.mp4 -d plain7.mp4 --no-autorotate
refuse "plain0.mp4 is shown as it is stored, plain3.mp4 turned by 180" -r plain0.mp4 -d plain3.mp4 --no-autorotate
log wanted -r plain0.mp4 -d plain0.mp4
log got -r plain5.mp4 -d plain5.mp4 --no-autorotate
same "stored pictures"
notes "the pictures are compared as they are stored, not turned by 90 degrees clockwise"
log got -r plain5.mp4 -d plain0.mp4 --stretch
notes "although the shapes differ"
for odd in '\000\000\265\005 \000\000\265\005 \377\377\112\373 \000\000\265\005' '\000\002\000\000 0 0 \000\002\000\000' \
    '1 \000\000\100\000 0 1'; do
    cp plain.mp4 odd.mp4
    # shellcheck disable=SC2086
    matrix odd.mp4 $odd
    refuse "odd.mp4 is shown moved by the matrix" -r plain.mp4 -d odd.mp4
    refuse "odd.mp4 moved by the matrix" -r plain.mp4 -d odd.mp4 --no-autorotate
    log got -r odd.mp4 -d odd.mp4 --no-autorotate
done
cp plain.mp4 zeros.mp4
matrix zeros.mp4 0 0 0 0
log got -r zeros.mp4 -d zeros.mp4
same "a matrix of zeros"

# What pictures say of themselves: a message of H.264, and EXIF of JPEG (orientation 6, little-endian).
make -i plain10.mp4 -pix_fmt yuv420p -c:v libx264 -x264-params keyint=2 upright.mp4
for angle in 90 180; do
    make -i upright.mp4 -c copy -bsf:v h264_metadata=display_orientation=insert:rotate=$angle turned$angle.mkv
    make -i turned$angle.mkv -c copy turned$angle.h264
done
make -noautorotate -i turned90.mkv -vf transpose=cclock -strict -1 turned.y4m
log wanted -r turned.y4m -d turned.y4m
log got -r turned.y4m -d turned90.mkv
same "a message of H.264"
notes '"turned90.mkv" is turned by 90 degrees counterclockwise, as it is shown'
cat turned90.h264 turned180.h264 >changes.h264
refuse "changes.h264: frame 3 is shown turned by 180 degrees, those before turned by 90 degrees counterclockwise" \
    -r changes.h264 -d changes.h264
make -i upright.mp4 -frames:v 1 -q:v 2 -pix_fmt yuvj422p upright.jpg
{
    printf '\377\330\377\341\000\042Exif\000\000II\052\000\010\000\000\000\001\000\022\001\003\000\001\000\000\000\006\000\000\000\000\000\000\000'
    tail -c +3 upright.jpg
} >turned.jpg
make -i upright.jpg -vf transpose=clock -pix_fmt yuvj444p -strict -1 clock.y4m
log wanted -r clock.y4m -d clock.y4m
log got -r clock.y4m -d turned.jpg
same "EXIF of JPEG"
notes '"turned.jpg" is turned by 90 degrees clockwise, as it is shown'

# ---- shapes ----
make -f lavfi -i testsrc2=size=96x72:rate=25 -frames:v 2 -pix_fmt yuv420p -strict -1 master.y4m
make -i master.y4m -vf scale=72:72,setsar=4/3 -strict -1 narrow.y4m
make -i master.y4m -vf scale=72:72 -c:v libx264 -qp 4 narrow.mp4
make -i narrow.mp4 -c copy -aspect 1:1 wrong.mp4
make -i master.y4m -vf scale=72:72,setsar=0 -strict -1 unknown.y4m
make -i master.y4m -vf scale=48:36 -strict -1 small.y4m
make -i master.y4m -vf pad=96:74 -c:v ffv1 padded.mkv
for name in narrow.y4m narrow.mp4 small.y4m; do
    log got -r master.y4m -d $name
    notes "\"$name\" is scaled from"
done
for name in wrong.mp4 unknown.y4m padded.mkv; do
    refuse "the shapes differ: master.y4m is 96x72, $name is" -r master.y4m -d $name
    grep -q -e '--crop auto.*--stretch' err || fail "$name: no remedy"
    log got -r master.y4m -d $name --stretch
    notes "although the shapes differ"
done
log wanted -r narrow.mp4 -d narrow.mp4
log got -r narrow.mp4 -d wrong.mp4
same "other samples"
notes 'the sample aspect ratios differ: "narrow.mp4" has 4:3, "wrong.mp4" has 1:1'
log wanted -r master.y4m -d master.y4m
log got -r master.y4m -d padded.mkv --crop 96:72:0:0
same "added lines taken off"

# ---- black bars ----
make -f lavfi -i testsrc2=size=96x40:rate=25 -frames:v 8 -vf format=yuv420p10 -strict -1 inner.y4m
dark="drawbox=w=iw:h=ih:t=fill:c=black:enable='lt(n,3)'"
make -i inner.y4m -vf "$dark,pad=96:72:0:18" -c:v libx265 -x265-params log-level=none -crf 12 barred.mp4
make -i barred.mp4 -vf "crop=96:40:0:18" -strict -1 cropped.y4m
make -i inner.y4m -vf "$dark" -c:v libx264 -crf 30 -pix_fmt yuv420p encode.mp4
log wanted -r cropped.y4m -d encode.mp4
for options in '--crop 96:40:0:18' '--crop auto' '--crop-ref auto' '--crop-ref 96:40:0:18 --crop auto'; do
    # shellcheck disable=SC2086
    log got -r barred.mp4 -d encode.mp4 $options
    same "$options"
    notes '"barred.mp4" is cropped from 96x72 to 96x40 at 0,18'
done
log wanted -r encode.mp4 -d cropped.y4m
for options in '--crop 96:40:0:18' '--crop-dist auto'; do
    # shellcheck disable=SC2086
    log got -r encode.mp4 -d barred.mp4 $options
    same "the other way, $options"
done
refuse "the shapes differ" -r encode.mp4 -d barred.mp4 --crop auto
log wanted -r cropped.y4m -d cropped.y4m
log got -r barred.mp4 -d barred.mp4 --crop auto
same "bars of both"
log wanted -r master.y4m -d small.y4m
log got -r master.y4m -d small.y4m --crop auto
same "no bars"
notes '"master.y4m" has no black bars'
make -i barred.mp4 -strict -1 barred.y4m
n_checks=$((n_checks + 1))
"$tool" --device cpu --json -q -o log.json -r - -d encode.mp4 --crop auto <barred.y4m >out 2>err && fail "bars of a pipe"
grep -q 'is no regular file, and an automatic crop has to read' err || fail "bars of a pipe are not refused"

# ---- called vmaf: y4m and raw video as they are ----
ln -s "$tool" vmaf
make -i master.y4m -pix_fmt yuv420p10 -vf avgblur=1 -strict -1 dist10.y4m
make -i master.y4m -pix_fmt yuv420p10 -strict -1 master10.y4m
make -i master.y4m -vf avgblur=1 -strict -1 dist.y4m
for depth in '' 10; do
    for label in XCOLORRANGE=FULL XCOLORRANGE=LIMITED ''; do
        sed "1s/ XCOLORRANGE=[A-Z]*//; 1s/\$/ $label/" master$depth.y4m >r_$label.y4m
        sed "1s/ XCOLORRANGE=[A-Z]*//; 1s/\$/ $label/" dist$depth.y4m >d_$label.y4m
    done
    log wanted -r r_.y4m -d d_.y4m
    for pair in 'FULL ' ' FULL' 'FULL LIMITED' 'LIMITED FULL' 'FULL FULL'; do
        r=${pair% *} d=${pair#* }
        n_checks=$((n_checks + 1))
        ./vmaf --device cpu --json --precision 17 -n --feature adm --feature vif --feature motion -q -o log.json \
            -r "r_${r:+XCOLORRANGE=}$r.y4m" -d "d_${d:+XCOLORRANGE=}$d.y4m" >out 2>err || fail "vmaf, ranges $pair"
        split got
        grep -h 'integer_vif_scale[0-3]"' wanted | head -n 8 >w
        grep -h 'integer_vif_scale[0-3]"' got | head -n 8 >g
        same "vmaf, ranges '$pair', $depth bit" w g
        [ ! -s err ] && [ ! -s got.notes ] || fail "vmaf, ranges '$pair': a message or a note"
    done
done
program=./vmaf
make -i dist.y4m -pix_fmt yuv422p -strict -1 dist422.y4m
for pair in 'small.y4m sizes' 'dist10.y4m bit' 'dist422.y4m pixel'; do
    refuse "${pair#* }" -r master.y4m -d "${pair% *}" -n --feature vif
    ./vmaf -r master.y4m -d "${pair% *}" -n --feature vif >out 2>err
    [ $? -eq 255 ] || fail "vmaf ${pair% *}: exit code $?"
done
program=

# ---- samples above their depth ----
raw='-w 96 -h 72 -p 420 -b 10'
make -i master10.y4m -f rawvideo good.yuv
make -i master10.y4m -f rawvideo -pix_fmt p010le p010.yuv
make -i master10.y4m -f rawvideo -pix_fmt yuv420p10be big.yuv
make -i master.y4m -vf loop=2:2 -frames:v 4 -f rawvideo eight.yuv
make -i master.y4m -pix_fmt yuv420p12 -f rawvideo twelve.yuv
for case in 'p010.yuv as in P010' 'big.yuv big-endian' 'eight.yuv pairs of 8-bit samples' \
    'twelve.yuv the depth is 12 bits at least'; do
    # shellcheck disable=SC2086
    for program in "$tool" ./vmaf; do
        refuse "${case%% *}: frame 0: " -r good.yuv -d "${case%% *}" $raw -n --feature vif
        grep -qF "${case#* }" err || fail "does not say ${case#* }"
        refuse "${case%% *}: frame 0: " -r "${case%% *}" -d good.yuv $raw -n --feature vif
    done
done
program=
# One sample: of the second frame, of luma, of chroma, in y4m, in a container, through a pipe, of the second encode.
frame=$((96 * 72 * 3))
spoil()
{
    cp "$1" "$2" && printf '\000\004' | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
spoil good.yuv luma.yuv $((frame + 2 * 7000 - 2 * 89))
spoil good.yuv chroma.yuv $((frame + 2 * 96 * 72 + 2 * 100))
# shellcheck disable=SC2086
{
    refuse "luma.yuv: frame 1: 1 of 6912 samples exceed 1023, the maximum of 10 bit, the greatest is 1024" \
        -r good.yuv -d luma.yuv $raw
    n_checks=$((n_checks + 1))
    "$tool" --device cpu -q -r good.yuv -d good.yuv -d luma.yuv $raw --json -o 'x-{index}.json' >out 2>err &&
        fail "a sample above its depth in the second encode"
    grep -q '^vkvmaf: luma.yuv: frame 1: 1 of' err && [ ! -e x-0.json ] || fail "the second encode is not named"
    log got -r good.yuv -d luma.yuv $raw --frame_cnt 1
    log got -r good.yuv -d chroma.yuv $raw
    refuse "chroma.yuv: frame 1: 1 of 10368 samples" -r good.yuv -d chroma.yuv $raw --feature psnr
    n_checks=$((n_checks + 1))
    "$tool" --device cpu -q -r good.yuv -d - $raw <luma.yuv >out 2>err && fail "a sample above its depth in a pipe"
    grep -q 'frame 1: 1 of 6912 samples' err || fail "a sample above its depth in a pipe is not named"
    make -f rawvideo -s 96x72 -pix_fmt yuv420p10 -i luma.yuv -c:v rawvideo luma.nut
    refuse "luma.nut: frame 1: 1 of" -r good.yuv -d luma.nut $raw
}
{ head -n 1 master10.y4m; printf 'FRAME\n'; head -c $frame p010.yuv; } >label.y4m
refuse "label.y4m: frame 0: " -r master10.y4m -d label.y4m
# A picture large enough to be mapped.
truncate -s $((2 * 1000 * 600 * 3)) large.yuv
spoil large.yuv spoilt.yuv $((1000 * 600 * 3 + 2 * 599999))
refuse "spoilt.yuv: frame 1: 1 of 600000 samples" -r large.yuv -d spoilt.yuv -w 1000 -h 600 -p 420 -b 10
finish
