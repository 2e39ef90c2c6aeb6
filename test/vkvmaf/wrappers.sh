#!/bin/sh
# The recipes of docs/migration.md: what programs around libvmaf read of its logs and messages, they read of ours.
# Arguments: the tool, the project's root, "package" to read a log by a package from PyPI.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
export VKVMAF_LIBVMAF_MODELS="$root/../shared/reference-models"
[ -d "$VKVMAF_LIBVMAF_MODELS" ] || skip "no models of libvmaf beside the checkout"
python=$(command -v python3) || skip "no python3"

y4m ref.y4m 96 64 4
head -c 15000 ref.y4m >dist.y4m && tail -c +15001 ref.y4m | tr 'HKQaf' 'IMRcm' >>dist.y4m
"$tool" --install-alias . >out 2>err || fail "the alias"
for format in xml csv json; do
    n_checks=$((n_checks + 1))
    ./vmaf --reference ref.y4m --distorted dist.y4m --feature psnr --$format --output log.$format \
        --device cpu >out 2>err || fail "$format"
    [ ! -s out ] || fail "libvmaf's tool writes nothing to standard output"
done

n_checks=$((n_checks + 1))
if [ "$3" = package ]; then
    if ! "$python" -c 'import ffmpeg_quality_metrics' 2>err; then
        "$python" -m venv venv >out 2>&1 &&
            timeout $limit venv/bin/pip install -q --disable-pip-version-check ffmpeg-quality-metrics==3.13.0 >out 2>&1 ||
            skip "ffmpeg-quality-metrics cannot be installed"
        python=venv/bin/python
    fi
    command -v ffmpeg >/dev/null || skip "no ffmpeg"
    "$python" "$root/test/vkvmaf/wrappers.py" . --package >out 2>&1 || fail "ffmpeg-quality-metrics"
    finish
fi
"$python" "$root/test/vkvmaf/wrappers.py" . >out 2>&1 || fail "the recipes"

# As some scripts do it: to standard output, with everything in one pipe.
for target in - /dev/stdout; do
    n_checks=$((n_checks + 1))
    ./vmaf -r ref.y4m -d dist.y4m --json -o $target --device cpu 2>&1 | "$python" -c '
import json, sys
print(json.load(sys.stdin)["pooled_metrics"]["vmaf"]["mean"])' >out 2>err || fail "a log in a pipe: $target"
    [ "$(cut -c1-5 out)" = "$(sed -n 's/.*"mean": //p' log.json | tail -n 1 | cut -c1-5)" ] || fail "its score"
done

# The lines on standard error: not with both -q and -o, as in libvmaf.
n_checks=$((n_checks + 3))
./vmaf -r ref.y4m -d dist.y4m -q -o log.xml --device cpu >out 2>err && [ ! -s err ] || fail "-q -o is not quiet"
./vmaf -r ref.y4m -d dist.y4m -q --json --device cpu >out 2>err && [ ! -s out ] || fail "a log without -o"
[ "$(wc -l <err)" -eq 2 ] || fail "-q without -o says no score"
./vmaf -r ref.y4m -d dist.y4m -m version=vmaf_v0.6.1:name=a -m version=vmaf_b_v0.6.3 --device cpu >out 2>err || fail "CI"
number='[0-9]*\.[0-9]{6}'
[ "$(sed -E "s/$number/N/g" err | tr '\n' '|')" = "vmaf_v0.6.1: N|vmaf_b_v0.6.3: N|vmaf_b_v0.6.3: N, ci.p95: [N, N], \
stddev: N|VMAF score: N|" ] || fail "the lines of a collection"

# Several encodes in one run: each one's log is that of a run of its own.
n_checks=$((n_checks + 2))
cp ref.y4m same.y4m
./vmaf -r ref.y4m -d same.y4m -d dist.y4m --feature psnr -m version=vmaf_v0.6.1 -m version=vmaf_v0.6.1neg:name=neg \
    -o '{name}.xml' --device cpu >out 2>err || fail "two encodes"
[ "$(sed -E "s/$number/N/g" err | tr '\n' '|')" = "same.y4m|vmaf_v0.6.1: N|vmaf_v0.6.1neg: N|VMAF score: N|dist.y4m|\
vmaf_v0.6.1: N|vmaf_v0.6.1neg: N|VMAF score: N|" ] || fail "the lines of two encodes"
./vmaf -r ref.y4m -d dist.y4m --feature psnr -m version=vmaf_v0.6.1 -m version=vmaf_v0.6.1neg:name=neg -o alone.xml \
    --device cpu >out 2>err || fail "one encode"
grep -v '<fyi' alone.xml >wanted && grep -v '<fyi' dist.xml | cmp -s - wanted || fail "the log of one of two encodes"
finish
