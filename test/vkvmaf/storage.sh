#!/bin/sh
# File systems that are full or cannot be written, and limits on the size of files: a run goes on without its cache of
# kernels, and an output that has no room fails with one line and leaves nothing. What needs a mount is left out, and
# said, where none is permitted. Arguments: the tool, the project's root, vkvmaf-model.
tool=$1
model_tool=$3
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
y4m ref.y4m 48 48 2
y4m dist.y4m 48 48 2
common="-r ref.y4m -d dist.y4m -q --json"
has_device
unset VKVMAF_CACHE XDG_CACHE_HOME
HOME=$PWD/home
export HOME

# goes_on WHAT: the run whose log is log.json, in the cache's environment, succeeds without a word.
goes_on()
{
    n_checks=$((n_checks + 1))
    rm -f log.json
    "$tool" $common -o log.json >out 2>err || fail "$1: the run fails"
    [ ! -s out ] && [ ! -s err ] && grep -q vmaf_tiny_v2 log.json || fail "$1: no log, or messages"
}
# refuse TEXT COMMAND...: one line that says so.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    "$@" >out 2>err && fail "accepted: $*"
    [ "$(grep -c '^vkvmaf' err)" -eq 1 ] && grep -qF "$text" err || fail "does not say '$text': $*"
    [ -z "$(find . -name '.vkvmaf-*')" ] && [ ! -e left ] || fail "leaves a file: $*"
    rm -f left
}

# A cache that cannot be: a file, below a file, a link to nothing, a pipe, a device.
mkdir home
goes_on "a cache in an empty home"
[ "$(find home -name '*.pipelines' | wc -l)" -eq 1 ] || fail "no cache in an empty home"
cp ref.y4m before.y4m
ln -s absent/place lost
mkfifo pipe
for place in ref.y4m ref.y4m/cache lost pipe /dev/null; do
    VKVMAF_CACHE=$place goes_on "cache '$place'"
done
HOME=ref.y4m goes_on "no home"
cmp -s ref.y4m before.y4m && [ -p pipe ] && [ -L lost ] || fail "a cache replaces something"

rm -f log.json

# A limit on the size of files, of kernels too: the driver's own and ours. Drivers that keep their memory in files without
# a name (Mesa 25) end with a signal then, whatever is run.
limited()
{
    (ulimit -f 0; exec "$@") >out 2>err
}
if limited env VKVMAF_CACHE= MESA_SHADER_CACHE_DISABLE=true "$tool" $common -o /dev/null; then
    n_checks=$((n_checks + 1))
    rm -rf home && mkdir home
    limited env MESA_SHADER_CACHE_DIR="$HOME" "$tool" $common -o /dev/null || fail "a limit on the size of files"
    [ ! -s err ] || fail "a message of a limit"
    [ -z "$(find home -name '*.pipelines*')" ] || fail "half a cache is left"
else
    echo "the driver does not work with a limit on the size of files: none is set"
fi

# in_mounted OPTIONS COMMAND: in a folder "small" with a file system of its own.
in_mounted()
{
    unshare $namespace sh -c 'mount -t tmpfs -o "$1" none small && shift && exec "$@"' sh "$@"
}
mkdir small
for namespace in -m -rm none; do
    in_mounted size=64k true 2>/dev/null && break
done
if [ $namespace = none ]; then
    echo "no mount is permitted: full and read-only file systems are left out"
    finish
fi

# full COMMAND...: in a file system without room, which has nothing new afterwards. An older log is in it.
cat >full.sh <<'END'
echo old >small/old.json
mkdir -m 700 small/cache
dd if=/dev/zero of=small/rest 2>/dev/null
before=$(ls -AR small)
"$@"
code=$?
[ "$(ls -AR small)" = "$before" ] && [ "$(cat small/old.json)" = old ] || ls -AR small >left
exit $code
END
full() { in_mounted size=64k sh full.sh "$@"; }
export VKVMAF_CACHE=small/cache
n_checks=$((n_checks + 1))
full "$tool" $common -o /dev/null >out 2>err || fail "a cache without room"
[ ! -s err ] && [ ! -e left ] || fail "a cache without room leaves something"
rm -f left
for name in new.json old.json; do
    refuse "small/$name: cannot be written: No space left on device" full "$tool" $common -o small/$name
    refuse "small/$name: cannot be written: No space left on device" full "$tool" $common -o log.json --report small/$name
    [ ! -e log.json ] || fail "a log beside a report that has no room"
    refuse "'small/$name' cannot be written: No space left on device" full "$model_tool" quantize dynamic \
        "$root/models/vmaf_tiny_v2.onnx" --output small/$name
done

# A file system that is read only.
read_only() { in_mounted ro "$@"; }
n_checks=$((n_checks + 1))
read_only "$tool" $common -o /dev/null >out 2>err || fail "a cache that is read only"
[ ! -s err ] || fail "a message of a cache that is read only"
refuse "small/x.json: cannot be created: Read-only file system" read_only "$tool" $common -o small/x.json
finish
