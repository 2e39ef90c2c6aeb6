#!/bin/sh
# One reference and several encodes: the logs of single runs, the table, and what is refused. On the CPU reference.
# Arguments: the tool, the project's root.
tool=$1
. "$2/test/vkvmaf/checks.sh"
y4m ref.y4m 64 48 5
header=$(sed -n 1p ref.y4m)
mkdir a b
{ echo "$header"; tail -n +2 ref.y4m | tr 'HKQ' 'IJR'; } >a/x.y4m
{ echo "$header"; tail -n +2 ref.y4m | tr 'a-k' 'c-m'; } >b/y.z.y4m
{ echo "$header"; tail -n +2 ref.y4m | tr 'G-L' 'N-S'; } >b/x.y4m

# run ARGUMENT...: success, nothing on standard error.
run()
{
    n_checks=$((n_checks + 1))
    "$tool" -r ref.y4m --device cpu "$@" >out 2>err </dev/null || fail "exit code: $*"
    [ ! -s err ] || fail "messages: $*"
}
# refuse CODE TEXT ARGUMENT...: one line with TEXT, no log.
refuse()
{
    wanted=$1
    text=$2
    shift 2
    n_checks=$((n_checks + 1))
    "$tool" -r ref.y4m --device cpu "$@" >out 2>err </dev/null
    [ $? -eq "$wanted" ] || fail "exit code: $*"
    grep -qF -e "$text" err && [ "$(wc -l <err)" -eq 1 ] || fail "not one line with '$text': $*"
    [ -z "$(find . -name '*.json')" ] || fail "a log is left: $*"
}

refuse 2 "{name} or {index}" -d a/x.y4m -d b/y.z.y4m --json -o log.json
refuse 2 "{name} or {index}" -d a/x.y4m -d b/y.z.y4m --json
refuse 2 'log-x.json: would be the log of "a/x.y4m" and of "b/x.y4m"' -d a/x.y4m -d b/x.y4m --json -o 'log-{name}.json'
refuse 2 "would be the log of" -d a/x.y4m -d a/x.y4m --json -o '{name}.json'
refuse 1 "cannot be created" -d a/x.y4m -d b/y.z.y4m --json -o 'absent-{index}/log.json'
refuse 1 "is an input and the output" -d a/x.y4m -d b/y.z.y4m --json -o 'b/{name}.y4m'

long=$(printf '%0248d' 0)
cp a/x.y4m "$long.y4m"
refuse 1 "cannot be created: File name too long" -d a/x.y4m -d "$long.y4m" --json -o 'log-{name}.json'

# A video that breaks off: no log of any encode.
head -c 9000 b/y.z.y4m >cut.y4m
refuse 1 "cut.y4m: frame 1 is cut" -d a/x.y4m -d cut.y4m --json -o 'log-{index}.json'

# One that cannot be written when its time has come: none is.
n_checks=$((n_checks + 1))
mkdir full
(
    ulimit -f 8                     # blocks of 512 bytes: enough for a log of one frame, not of five
    trap '' XFSZ
    exec "$tool" -r ref.y4m -d a/x.y4m -d b/y.z.y4m --device cpu --json -o 'full/{index}.json' -q
) >out 2>err && fail "a full disk is no failure"
grep -q "full/0.json: cannot be written: " err && [ "$(wc -l <err)" -eq 1 ] || fail "a full disk is not named"
[ -z "$(ls -A full)" ] || fail "a full disk leaves a file"

# Each log is that of a run of its own.
run -d a/x.y4m -d b/y.z.y4m -d b/x.y4m --json -o 'log-{index}-{name}.json'
cp out table
for encode in 0-x=a/x 1-y.z=b/y.z 2-x=b/x; do
    run -d "${encode#*=}.y4m" --json -o single.json -q
    n_checks=$((n_checks + 1))
    grep -v '"fps"' single.json >wanted
    grep -v '"fps"' "log-${encode%=*}.json" >got
    [ "$(grep -c frameNum wanted)" -eq 5 ] && cmp -s wanted got || fail "the log of $encode is not that of a single run"
done
cmp -s log-0-x.json log-2-x.json && fail "different encodes have the same log"
[ "$(ls log-*.json | wc -l)" -eq 3 ] || fail "not three logs"

# The table: an encode per line, in the order of the command line, with the log's mean.
n_checks=$((n_checks + 1))
[ "$(tail -n 3 table | awk '{ print $NF }' | tr '\n' ' ')" = "a/x.y4m b/y.z.y4m b/x.y4m " ] || fail "the table's order"
score=$(sed -n '/^ *kbit/{x;p;};h' table)
mean=$(awk -v name="\"$score\": {" 'index($0, name) { on = 1 } on && /"mean"/ { printf "%.4f", $2; exit }' log-1-y.z.json)
[ "$(tail -n 2 table | awk 'NR == 1 { print $2 }')" = "$mean" ] || { cp table out; fail "the table's mean is not $mean"; }
[ "$(grep -c "▁\|lowest" table)" -eq 0 ] || fail "what is for terminals is written elsewhere"

# On a terminal there is more, and progress on standard error.
n_checks=$((n_checks + 2))
if command -v script >/dev/null; then
    LC_ALL=C.UTF-8 script -qec "'$tool' -r ref.y4m -d a/x.y4m -d b/y.z.y4m --device cpu" /dev/null >out 2>err </dev/null ||
        fail "the exit code on a terminal"
    grep -q "lowest at frame" out && grep -q "█" out || fail "no curve on a UTF-8 terminal"
    LC_ALL=C script -qec "'$tool' -r ref.y4m -d a/x.y4m --device cpu" /dev/null >out 2>err </dev/null
    grep -q "█" out && fail "blocks on a terminal without UTF-8"
    grep -q "#" out || fail "no curve on a terminal without UTF-8"
fi
finish
