#!/bin/sh
# What lies in the place of an output file: pipes, devices, links, folders, a full disk. A run neither waits for it nor
# writes elsewhere, and what users write to on purpose takes the log. Arguments: the tool, the project's root.
tool=$1
. "$2/test/vkvmaf/checks.sh"
y4m ref.y4m 48 48 2
y4m dist.y4m 48 48 2
common="-r ref.y4m -d dist.y4m --device cpu --tiny-model none -q --json"

# refuse TEXT ARGUMENT...: one line that says so, and a code of failure.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" $common "$@" >out 2>err
    code=$?
    [ $code -ne 0 ] && [ $code -ne 124 ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF "$text" err ||
        fail "$* gives $code, wanted: $text"
    [ -z "$(find . -name '.vkvmaf-*')" ] || fail "$* leaves a temporary file"
}
# give FILE ARGUMENT...: the whole log, in FILE in the end.
give()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" $common "$@" >out 2>err || fail "$*"
    is_log "$file" || fail "$*: no log in $file"
}
is_log()
{
    [ "$(head -n 1 "$1")" = "{" ] && [ "$(tail -n 1 "$1")" = "}" ] && [ "$(grep -c frameNum "$1")" -eq 2 ]
}

# Pipes: one that nobody reads, as log, as report, beside a file; one whose reader goes away; one that is read.
mkfifo pipe
refuse "pipe: cannot be written: nothing reads it" -o pipe
refuse "pipe: cannot be written: nothing reads it" -o log.json --report pipe
[ ! -e log.json ] || fail "a log is left beside a report that could not be written"
echo old >old.json
refuse "pipe: cannot be written: nothing reads it" -o old.json --report pipe
[ "$(cat old.json)" = old ] || fail "a failed run replaces the older log"
n_checks=$((n_checks + 1))
timeout $limit cat pipe >read &
timeout $limit "$tool" $common -o pipe 2>err || fail "a pipe with a reader"
wait $!
is_log read || fail "no log behind a pipe"
[ -p pipe ] || fail "the pipe was replaced"
# A reader that goes away: after a first byte, while the log of 400 frames is longer than what a pipe holds.
y4m long.y4m 48 48 1 && tail -n +2 long.y4m >frame
i=0; while [ $i -lt 400 ]; do cat frame; i=$((i + 1)); done >>long.y4m
usual=$common
common="-r long.y4m -d long.y4m --device cpu --tiny-model none -q --json"
timeout $limit head -c 1 pipe >read &
reader=$!
refuse "pipe: cannot be written: Broken pipe" -o pipe
kill $reader 2>/dev/null
wait $reader
common=$usual

# Links: to nothing yet, by way of others, to a file, to a place that cannot be, in a circle.
mkdir inside
ln -s inside/new.json link
give inside/new.json -o link
[ -L link ] || fail "a link to nothing was replaced"
ln -s link second && rm inside/new.json
give inside/new.json -o second
[ -L link ] && [ -L second ] || fail "links were replaced"
ln -s "$PWD/absolute.json" third
give absolute.json -o third
ln inside/new.json hard.json
echo 'frame' >other.json && ln -sf ../other.json inside/up && give other.json -o inside/up
ln -s nowhere/x.json lost
refuse "lost: cannot be created: No such file" -o lost
ln -s circle circle && ln -s back there && ln -s there back
refuse "circle: cannot be created: Too many levels" -o circle
refuse "there: cannot be created: Too many levels" -o there
[ -L circle ] && [ -L there ] && [ -L back ] && [ -L lost ] || fail "a link was replaced"
ln -s ref.y4m input && ln ref.y4m same.y4m && cp ref.y4m before.y4m
refuse "input: is an input and the output" -o input
refuse "same.y4m: is an input and the output" -o same.y4m
refuse "input: is an input and the output" -o log.json --report input
cmp -s ref.y4m before.y4m || fail "an input was changed"
ln -s log.json way
refuse "way: is the report and a log" -o log.json --report way
rm -f log.json

# Two jobs of a batch that write one file, which is not there yet, one by way of a link.
ln -s one.json way2
printf '%s\n' '-r ref.y4m -d dist.y4m -o one.json' '-r ref.y4m -d dist.y4m -o way2' >jobs
n_checks=$((n_checks + 1))
"$tool" --batch jobs --device cpu --tiny-model none --json -q >out 2>err && fail "two jobs write one file"
grep -q '^vkvmaf: jobs:2: ' err && [ ! -e one.json ] || fail "two jobs write one file, and it is not said"
# One whose pipe nobody reads does not cost the others their logs.
printf '%s\n' '-r ref.y4m -d dist.y4m -o pipe' '-r ref.y4m -d dist.y4m -o one.json' >jobs
n_checks=$((n_checks + 1))
timeout $limit "$tool" --batch jobs --device cpu --tiny-model none --json -q >out 2>err
[ $? -eq 1 ] && grep -q "jobs:1: .*nothing reads it" err && is_log one.json || fail "a pipe in a batch"

# Folders, sockets, devices.
refuse "inside: is a folder" -o inside
refuse "inside/: is a folder" -o inside/
refuse "new/: cannot be created: Is a directory" -o new/
refuse "ref.y4m/x.json: cannot be created: Not a directory" -o ref.y4m/x.json
if command -v python3 >/dev/null; then
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    refuse "socket: is a socket" -o socket
fi
if mknod blocks b 7 250 2>/dev/null; then
    refuse "blocks: is a device of blocks" -o blocks
fi
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed && chmod 555 closed
    refuse "closed/x.json: cannot be created: Permission denied" -o closed/x.json
    echo old >readonly.json && chmod 444 readonly.json
    refuse "readonly.json: cannot be written: Permission denied" -o readonly.json
fi
give out -o /dev/stdout
give out -o -
give err -o /dev/stderr
n_checks=$((n_checks + 1))
"$tool" $common -o /dev/null >out 2>err && [ ! -s out ] && [ ! -s err ] || fail "/dev/null"
[ -c /dev/null ] || fail "/dev/null was replaced"

# As a shell substitutes a process: a pipe by the name of a descriptor.
if command -v bash >/dev/null; then
    n_checks=$((n_checks + 1))
    bash -c '"$0" "$@" -o >(cat >substituted; echo >done)
        while [ ! -s done ]; do sleep 0.1; done' "$tool" $common >out 2>err && is_log substituted || fail "a process substituted"
fi

# A limit on the size of files, as a full disk: the older log stays, and nothing else.
n_checks=$((n_checks + 1))
echo old >old.json
(ulimit -f 1; exec "$tool" $common -o old.json) >out 2>err
[ $? -eq 1 ] && grep -q "old.json: cannot be written: File too large" err && [ "$(wc -l <err)" -eq 1 ] ||
    fail "a limit on the size of files"
[ "$(cat old.json)" = old ] && [ -z "$(find . -name '.vkvmaf-*')" ] || fail "a limit leaves half a file"
finish
