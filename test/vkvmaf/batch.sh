#!/bin/sh
# --batch: the logs of single runs, one device, faults by line before anything is scored, jobs that fail among others.
# Arguments: the tool, the project's root, a device or "default", what sanitizers it is built with.
tool=$1
root=$(cd "$2" && pwd)
sanitized=$4
. "$root/test/vkvmaf/checks.sh"
models=$root/../shared/reference-models
export VKVMAF_LIBVMAF_MODELS="$models"
device="--device $3"
if [ "$3" = default ]; then
    has_device
    device=
fi
y4m ref.y4m 64 48 5
header=$(sed -n 1p ref.y4m)
{ echo "$header"; tail -n +2 ref.y4m | tr 'HKQ' 'IJR'; } >x.y4m
{ echo "$header"; tail -n +2 ref.y4m | tr 'G-L' 'N-S'; } >"it's y.y4m"
frames 3456 3 >ref.yuv
frames 3456 3 | tr 'a-k' 'c-m' >x.yuv
head -c 9000 x.y4m >cut.y4m
y4m deep.y4m 66 50 2 C420p10 2

# batch CODE ARGUMENT...: the jobs in "jobs" give that exit code.
batch()
{
    wanted=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" --batch jobs $device "$@" >out 2>err </dev/null
    code=$?
    [ $code -eq "$wanted" ] || fail "exit code $code, $wanted was expected: --batch jobs $*"
}
# refuse ARGUMENT...: the jobs are not begun. With each, a line of "wanted" on standard error.
refuse()
{
    batch 2 "$@"
    [ ! -s out ] || fail "a summary is left: $*"
    sed 's/^/vkvmaf: /' wanted | diff - err >out || fail "not the lines expected: $*"
    [ -z "$(find . -name '*.got')" ] || fail "a log is left: $*"
}
# says TEXT...: these lines are on standard error, and no others.
says()
{
    n_checks=$((n_checks + 1))
    printf 'vkvmaf: %s\n' "$@" | cmp -s - err || fail "not the lines expected: $*"
}

# ---- logs of single runs, with every kind of quoting

{
    printf '\357\273\277# what follows are jobs\n'
    echo '-r ref.y4m -d x.y4m --json -o 1.got'
    printf ' \t \n'
    printf '%s\r\n' "  -r ref.y4m -d \"it's y.y4m\" --csv -o 'two words.got'  # a comment"
    printf '\t%s\n' '--reference=ref.y4m --distorted it\'\''s\ "y".y4m --precision 17 --xml -o 3"."got'
    echo '-w 48 -h 48 -p 420 -b 8 -r ref.yuv -d x.yuv --feature psnr --neg --json -o 4#.got'
    echo "-r ref.y4m -d x.y4m -d 'it'\\''s y.y4m' --json -o '5-{index}.got'"
    echo '-r ref.y4m -d x.y4m --tiny-model vmaf_tiny_v3 --subsample 2 --json -o "6\".got"'
    echo '-r deep.y4m -d deep.y4m --json -o deep.got'
    echo '-r ref.y4m -d x.y4m --json -o again.got'
    printf '%s' '-r ref.y4m -d x.y4m --tiny-model none -o last.got'        # no line feed
} >jobs
batch 0 -q
[ ! -s out ] && [ ! -s err ] || fail "-q says something"
[ "$(ls -- *.got | wc -l)" -eq 10 ] || fail "not 10 logs"
# single LOG ARGUMENT...: the log is, but for its rate, that of a run of its own.
single()
{
    n_checks=$((n_checks + 1))
    got=$1
    shift
    "$tool" $device -q "$@" -o wanted >out 2>err </dev/null || fail "exit code: $*"
    for log in wanted "$got"; do
        sed -E '/^  "fps": [0-9.]+,$|^  <fyi fps="[0-9.]+" \/>$/d' "$log" >"$log.stripped"
    done
    diff wanted.stripped "$got.stripped" >out && [ "$(wc -l <wanted)" -gt 5 ] ||
        fail "$got is not the log of a single run"
}
single 1.got -r ref.y4m -d x.y4m --json
single "two words.got" -r ref.y4m -d "it's y.y4m" --csv
single 3.got -r ref.y4m -d "it's y.y4m" --precision 17 --xml
single "4#.got" -w 48 -h 48 -p 420 -b 8 -r ref.yuv -d x.yuv --feature psnr --neg --json
single 5-0.got -r ref.y4m -d x.y4m --json
single 5-1.got -r ref.y4m -d "it's y.y4m" --json
single '6".got' -r ref.y4m -d x.y4m --tiny-model vmaf_tiny_v3 --subsample 2 --json
single deep.got -r deep.y4m -d deep.y4m --json
single again.got -r ref.y4m -d x.y4m --json
single last.got -r ref.y4m -d x.y4m --tiny-model none
cmp -s 5-0.got 5-1.got && fail "different videos have the same log"
# Jobs of several sizes, depths and limits on one device are nothing that the validation layer complains about. Without
# the layer this is refused by one line. The layer's own leaks are not counted where leaks are.
if [ "$3" = default ]; then
    n_checks=$((n_checks + 1))
    if ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" "$tool" --batch jobs --validation -q >out 2>err; then
        [ ! -s err ] || fail "messages under validation"
    else
        [ "$(wc -l <err)" -eq 1 ] && grep -q 'VK_LAYER_KHRONOS_validation' err || fail "validation"
    fi
fi
rm -f -- *.got *.stripped

# ---- the device is opened once, and so is each model

if [ -d "$models" ]; then
    for i in 1 2 3; do
        echo '-r ref.y4m -d x.y4m -m version=vmaf_v0.6.1 --tiny-model vmaf_tiny_v2'
        echo '-r ref.y4m -d x.y4m -m version=vmaf_v0.6.1 -m version=vmaf_v0.6.1:name=phone:enable_transform'
        echo '-r ref.y4m -d x.y4m --tiny-model vmaf_tiny_v3'
    done >jobs
    batch 0 --verbose
    n_checks=$((n_checks + 5))
    [ "$(grep -c "info: .*device '" err)" -eq 1 ] || fail "not one device was opened"
    [ "$(grep -c "model 'vmaf_v0.6.1': " err)" -eq 2 ] || fail "not two models of libvmaf were opened"
    [ "$(grep -c "model 'vmaf_tiny_v[23]': " err)" -eq 2 ] || fail "not two tiny models were opened"
    [ "$(grep -c '^VMAF score: ' err)" -eq 6 ] || fail "not six scores on standard error"
    [ "$(grep -cx 'x.y4m' err)" -eq 6 ] || fail "scores without the video's name"
fi

# ---- many jobs need no more memory than some

# Leaves in "peak" what N jobs take, in KiB; their shadow memory counts, too, so not with a sanitizer.
measure()
{
    yes -- '-r ref.y4m -d x.y4m -d ref.y4m' | head -n "$1" >jobs
    batch 0 -q
    [ -n "$sanitized" ] || ! [ -x /usr/bin/time ] ||
        /usr/bin/time -f %M -o peak "$tool" --batch jobs $device -q >out 2>err </dev/null
}
measure 10
if [ -f peak ]; then
    few=$(cat peak)
    measure 100
    many=$(cat peak)
    echo "10 jobs: $few KiB, 100 jobs: $many KiB"
    n_checks=$((n_checks + 1))
    [ "$few" -gt 0 ] && [ "$many" -le $((few + 2048)) ] || fail "memory grows with the number of jobs"
fi

# ---- the command's options are every line's, and a line's win

cat >jobs <<'END'
-d x.y4m
-d "it's y.y4m" --csv -o lines.got
-r x.y4m -d ref.y4m --tiny-model none
END
batch 0 -r ref.y4m -o '{name}.got' --json --tiny-model vmaf_tiny_v3
n_checks=$((n_checks + 6))
grep -q '"vmaf_tiny_v3"' x.got || fail "the command's model is not taken"
grep -q '^Frame,.*vmaf_tiny_v3' lines.got || fail "the line's format and log are not taken"
grep -q '"integer_adm2"' ref.got && ! grep -q '"vmaf_tiny' ref.got || fail "the line's model is not taken"
[ "$(grep -c '^==> ' out)" -eq 3 ] && grep -qFx "==> 2 of 3, jobs:2: it's y.y4m <==" out || fail "the headings"
[ "$(grep -c '^5 frames on ' out)" -eq 3 ] || fail "not three summaries"
[ ! -s err ] || fail "messages"
rm -f -- *.got

# ---- from standard input

n_checks=$((n_checks + 2))
printf '%s\n' '-r ref.y4m -d x.y4m --json -o 1.got' '-r ref.y4m -d x.y4m --json' |
    "$tool" --batch - $device >out 2>err || fail "the exit code of a batch from standard input"
[ "$(grep -c frameNum 1.got)" -eq 5 ] && [ "$(grep -c frameNum out)" -eq 5 ] || fail "not two logs"
# The one log that standard output gets is alone there.
grep -q '==>\|frames on' out && fail "a summary beside the log on standard output"
rm -f -- *.got
echo '-r - -d x.y4m' >jobs
n_checks=$((n_checks + 1))
"$tool" --batch jobs $device -q <ref.y4m >out 2>err || fail "a video from standard input"

# ---- faults: each has its line, and nothing is scored

cat >jobs <<'END'
-r ref.y4m -d x.y4m --json -o 1.got
-r ref.y4m
# no job
-r ref.y4m -d x.y4m --frobnicate
x.y4m
-r ref.y4m -d 'x.y4m -o 2.got
-r ref.y4m -d "x.y4m\" -o 2.got
-r ref.y4m -d x.y4m\
-r ref.y4m -r ref.y4m -d x.y4m
-r ref.y4m -d x.y4m -w 5
-r ref.y4m -d x.y4m -d ref.y4m --json -o 2.got
-r ref.y4m -d x.y4m --device cpu
-r ref.y4m -d x.y4m --batch jobs
-r ref.y4m -d x.y4m --help
END
cat >wanted <<'END'
jobs:2: no distorted video; give --distorted FILE
jobs:4: option "--frobnicate" is not known; see vkvmaf --help
jobs:5: argument "x.y4m" is not expected; --reference and --distorted name videos, vkvmaf help the commands
jobs:6: a quote is not closed
jobs:7: a quote is not closed
jobs:8: ends with a backslash
jobs:9: --reference is given twice
jobs:10: --width is "5"; a number from 17 to 32768 was expected
jobs:11: 2.got: is one file for the logs of 2 encodes; {name} or {index} in it makes one of each
jobs:12: option "--device" is for all jobs of a batch; give it on the command line
jobs:13: option "--batch" is for all jobs of a batch; give it on the command line
jobs:14: option "--help" is for all jobs of a batch; give it on the command line
END
refuse
for option in '-v' '-q' '--verbose' '--form=auto' '--validation' '--list-devices' '--install-alias=.'; do
    echo "-r ref.y4m -d x.y4m -o 1.got $option" >jobs
    echo "jobs:1: option \"$option\" is for all jobs of a batch; give it on the command line" >wanted
    refuse
done
mkdir folder
ln -s . link
cat >jobs <<'END'
-r ref.y4m -d x.y4m --json -o 1.got
-r ref.y4m -d x.y4m --json -o absent/2.got
-r ref.y4m -d x.y4m --json -o folder
-r ref.y4m -d x.y4m --csv -o link/link/1.got
-r ref.y4m -d x.y4m --report 1.got
-r ref.y4m -d x.y4m --xml
-r ref.y4m -d x.y4m --csv -o /dev/stdout
-r - -d x.y4m
-r ref.y4m -d -
-r ref.y4m -d x.y4m --tiny-model ..
-r ref.y4m -d x.y4m --json -o ref.y4m
-r ref.y4m -d /dev/stdin
-r ref.y4m -d x.y4m --json -o link/jobs
-r ref.y4m -d x.y4m --json -o /dev/null
-r ref.y4m -d x.y4m --json -o /dev/null
END
cat >wanted <<'END'
jobs:2: absent/2.got: cannot be created: No such file or directory
jobs:3: folder: is a folder, an output file was expected
jobs:4: link/link/1.got: is written by line 1, too; each job needs files of its own
jobs:5: 1.got: is written by line 1, too; each job needs files of its own
jobs:7: standard output: is written by line 6, too; each job needs files of its own
jobs:9: a video is standard input, which line 8 reads
jobs:10: the model is "..": neither a path (with a '/', or ending in .onnx) nor an id (a-z, 0-9, _ and -)
jobs:11: ref.y4m: is an input and the output; the log needs another file
jobs:12: a video is standard input, which line 8 reads
jobs:13: link/jobs: is the list of jobs; the log needs another file
END
refuse
cat >jobs <<'END'
-r ref.y4m -d x.y4m --json -o x.yuv
-w 48 -h 48 -p 420 -b 8 -r ref.yuv -d ./x.yuv
END
echo 'jobs:2: ./x.yuv: is an input, and written by line 1' >wanted
refuse
yes -- '-r ref.y4m' | head -n 30 >jobs
{
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        echo "jobs:$i: no distorted video; give --distorted FILE"
    done
    echo 'jobs: has 20 faults or more; the rest is not looked at'
} >wanted
refuse
{ printf '%s' '-r ref.y4m -d x.y4m'; yes ' --neg' | head -n 1021 | tr -d '\n'; } >jobs
echo 'jobs:1: has more than 1024 words' >wanted
refuse
printf '# jobs\n-r ref.y4m -d x.y4m \000 -o 1.got\n' >jobs
echo 'jobs:2: has a zero byte; lines of text were expected' >wanted
refuse
printf '# none\n\n' >jobs
echo 'jobs: has no job' >wanted
refuse
head -c 17000000 /dev/zero | tr '\000' ' ' >jobs
echo 'jobs: is longer than 16 MiB' >wanted
refuse
rm jobs
echo 'jobs: cannot be opened: No such file or directory' >wanted
refuse
mkdir jobs
echo 'jobs: cannot be read: Is a directory' >wanted
refuse
rmdir jobs
mkfifo jobs
echo 'jobs: cannot be opened: nothing writes to it' >wanted
refuse
rm jobs
n_checks=$((n_checks + 1))
echo '-r ref.y4m -d -' | "$tool" --batch - $device >out 2>err && fail "a video is read where the jobs are"
says 'standard input:1: a video is standard input, which has the jobs'

# ---- a list from a pipe: of a writer that takes its time, of one that is done, standard input, a process substituted

# scored CODE WHAT: the one job, without a message.
scored()
{
    n_checks=$((n_checks + 1))
    [ "$1" -eq 0 ] && [ -s 1.got ] && [ ! -s err ] || fail "exit code $1, no log, or messages: $2"
    rm -f 1.got
}
# piped COMMAND...
piped()
{
    "$@" $device -q >out 2>err
    scored $? "$*"
}
echo '-r ref.y4m -d x.y4m --json -o 1.got' >list
mkfifo jobs
exec 3<>jobs
"$tool" --batch jobs $device -q >out 2>err 3>&- &
# The shell's child has the pipe open, too, until it becomes the tool.
has_opened()
{
    [ "$(readlink -f "/proc/$1/exe")" = "$(readlink -f "$tool")" ] && ls -l "/proc/$1/fd" | grep -q '/jobs$'
}
while grep -q '^State:.[RSD]' /proc/$!/status 2>/dev/null && ! has_opened $!; do
    sleep 0.1
done
cat list >&3
exec 3>&-
wait $!
scored $? "a pipe whose writer takes its time"
exec 3<>jobs 4<jobs
cat list >&3
exec 3>&-
piped "$tool" --batch jobs 4<&-
exec 4<&-
for name in - /dev/stdin /dev/fd/0; do
    piped "$tool" --batch $name <list
    cat list >jobs &
    piped "$tool" --batch $name <jobs
done
command -v bash >/dev/null && piped bash -c '"$0" --batch <(cat list) "$@"' "$tool"
rm jobs

# ---- jobs that fail among others

cat >jobs <<'END'
-r ref.y4m -d x.y4m --json -o 1.got
-r ref.y4m -d cut.y4m --json -o 2.got

-r ref.y4m -d absent.y4m --json -o 3.got
-r ref.y4m -d x.y4m --json -o 4.got
END
batch 1
says "jobs:2: cut.y4m: frame 1 is cut: 4339 bytes, 4608 expected" \
    "jobs:4: absent.y4m: cannot be opened: No such file or directory" "2 of 4 failed"
[ "$(echo *.got)" = '1.got 4.got' ] || fail "not the logs of the jobs that succeeded"
[ "$(grep -c '^==> ' out)" -eq 2 ] && grep -qFx '==> 4 of 4, jobs:5: x.y4m <==' out || fail "not two summaries"
rm -f -- *.got
batch 1 -q
says "jobs:2: cut.y4m: frame 1 is cut: 4339 bytes, 4608 expected" \
    "jobs:4: absent.y4m: cannot be opened: No such file or directory" "2 of 4 failed"
[ ! -s out ] || fail "-q leaves a summary"
rm -f -- *.got

# A note of a video says which job's it is.
y4m short.y4m 64 48 3
echo '-r ref.y4m -d short.y4m -o 1.got' >jobs
batch 0
says 'jobs:1: "short.y4m" ended before "ref.y4m".'
rm -f -- *.got

# No device: no job can run.
n_checks=$((n_checks + 1))
echo '-r ref.y4m -d x.y4m -o 1.got' >jobs
"$tool" --batch jobs --device no-such-device >out 2>err </dev/null
[ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] || fail "an absent device"

# ---- called as libvmaf's tool

if [ -d "$models" ]; then
    "$tool" --install-alias . >out 2>err || fail "the alias"
    printf '%s\n' '-r ref.y4m -d x.y4m --json -o 1.got' '-r ref.y4m -d cut.y4m' >jobs
    n_checks=$((n_checks + 1))
    ./vmaf --batch jobs $device >out 2>err </dev/null
    [ $? -eq 255 ] || fail "exit code as vmaf"
    grep -q '^VMAF score: ' err && grep -q '"vmaf"' 1.got && [ ! -s out ] || fail "not libvmaf's tool"
fi

# ---- on a terminal

n_checks=$((n_checks + 1))
if command -v script >/dev/null; then
    printf '%s\n' '-r ref.y4m -d x.y4m' '-r ref.y4m -d x.y4m' >jobs
    LC_ALL=C script -qec "'$tool' --batch jobs $device" /dev/null >out 2>err </dev/null || fail "on a terminal"
    [ "$(grep -c 'lowest at frame' out)" -eq 2 ] || fail "not two curves on a terminal"
fi
finish
