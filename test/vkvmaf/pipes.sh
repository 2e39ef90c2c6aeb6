#!/bin/sh
# Standard input and pipes give the log that files give. Arguments: the tool, the project's root.
tool=$1
. "$2/test/vkvmaf/checks.sh"
y4m ref.y4m 64 48 12
y4m dist.y4m 64 48 12
sed -n 1p dist.y4m >dist2.y4m && tail -n +2 dist.y4m | tr 'HKQ' 'IJR' >>dist2.y4m

# log FILE ARGUMENT...: a log without the line that depends on time.
log()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" --device cpu --json -o log.json -q "$@" >out 2>err || fail "$*"
    [ -s err ] && fail "messages: $*"
    grep -v '"fps"' log.json >"$file"
    rm -f log.json
}
same()
{
    n_checks=$((n_checks + 1))
    cmp -s wanted got || { diff wanted got | head -n 5 >out; fail "$1"; }
}

log wanted -r ref.y4m -d dist2.y4m
[ "$(grep -c frameNum wanted)" -eq 12 ] || fail "not 12 frames"
cat dist2.y4m | log got -r ref.y4m -d -
same "standard input, distorted"
log got -r - -d dist2.y4m <ref.y4m
same "standard input is a file, reference"

mkfifo a b
cat ref.y4m >a &
cat dist2.y4m >b &
log got -r a -d b
same "two pipes, two writers"
wait

# One writer for both, which opens the second first and writes it ahead of the first.
(
    exec 3>b 4>a
    for part in 0 1 2 3 4 5; do
        dd if=dist2.y4m bs=10000 skip=$part count=1 2>/dev/null >&3
        dd if=ref.y4m bs=10000 skip=$part count=1 2>/dev/null >&4
    done
) &
log got -r a -d b
same "two pipes, one writer"
wait

# A pipe that breaks within a frame is a failure that names it.
n_checks=$((n_checks + 1))
head -c 20000 dist2.y4m | "$tool" -r ref.y4m -d - --device cpu --json -o log.json -q >out 2>err &&
    fail "a cut pipe is accepted"
grep -q '^vkvmaf: -: frame 4 is cut' err || fail "a cut pipe is not named"
[ ! -e log.json ] || fail "a cut pipe leaves a log"

# The log goes to standard output and to pipes in one piece.
n_checks=$((n_checks + 3))
for target in - /dev/stdout; do
    "$tool" -r ref.y4m -d dist2.y4m --device cpu --json -o $target 2>err | grep -v '"fps"' >got
    cmp -s wanted got || fail "the log on standard output, $target"
done
grep -v '"fps"' <a >got &
"$tool" -r ref.y4m -d dist2.y4m --device cpu --json -o a -q >out 2>err || fail "the log in a pipe"
wait
same "the log in a pipe"

# raw video: 4:2:2, and 16-bit containers
frames 6144 4 >r422.yuv
frames 6144 4 | tr 'HKQ' 'IJR' >d422.yuv
log wanted -r r422.yuv -d d422.yuv -w 64 -h 48 -p 422 -b 8
cat d422.yuv | log got -r r422.yuv -d - -w 64 -h 48 -p 422 -b 8
same "raw video on standard input"
[ "$(grep -c frameNum wanted)" -eq 4 ] || fail "not 4 frames of raw video"
log wanted -r r422.yuv -d d422.yuv -w 64 -h 48 -p 422 -b 8 --frame_cnt 2
[ "$(grep -c frameNum wanted)" -eq 2 ] || fail "--frame_cnt 2 gives another number"

# ffmpeg as the decoder
command -v ffmpeg >/dev/null || { echo "no ffmpeg: its part is left out"; [ $n_failures -eq 0 ] && exit 77; finish; }
log wanted -r ref.y4m -d dist2.y4m
ffmpeg -nostdin -v error -i dist2.y4m -f yuv4mpegpipe -strict -1 - | log got -r ref.y4m -d -
same "ffmpeg into standard input"
ffmpeg -nostdin -v error -y -i dist2.y4m -i ref.y4m -map 0 -f yuv4mpegpipe -strict -1 b \
    -map 1 -f yuv4mpegpipe -strict -1 a &
log got -r a -d b
same "one ffmpeg into two pipes"
wait
finish
