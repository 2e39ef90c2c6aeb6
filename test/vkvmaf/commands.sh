#!/bin/sh
# What succeeds: help, version, lists, verify, bench, the summary, models by id and by path. On the CPU reference.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"

# give TEXT ARGUMENT...: success, nothing on standard error, TEXT on standard output.
give()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" "$@" >out 2>err </dev/null || fail "exit code: $*"
    [ -z "$text" ] || grep -qF -e "$text" out || fail "does not say '$text': $*"
    [ ! -s err ] || fail "messages: $*"
}

y4m ref.y4m 64 48 4
sed -n 1p ref.y4m >dist.y4m && tail -n +2 ref.y4m | tr 'HKQ' 'IJR' >>dist.y4m
model=$root/models/vmaf_tiny_v2.onnx

give "--reference" --help
give "vkvmaf 0." --version
give "vkvmaf 0." -v
give "reference" --list-devices
give "ok " verify --device cpu
give " equal" verify --device cpu
give "frames/s" bench --device cpu --size 64x48 --frames 7
give '"median"' bench --device cpu --size 64x48 --frames 7 --json --bitdepth 10
grep -q '"bytes_per_second": 0 }' out || fail "the CPU reference has rates of a device"
give '"streams": 3' bench --device cpu --size 64x48 --frames 7 --json --streams 3
give "integer_motion2" -r ref.y4m -d dist.y4m --device cpu
give "4 frames on cpu" -r ref.y4m -d dist.y4m --device cpu
give '"frameNum": 3' -r ref.y4m -d dist.y4m --device cpu --json
give "" -r ref.y4m -d dist.y4m --device cpu -q
[ ! -s out ] || fail "-q writes to standard output"
give "integer_adm2_egl_1" --reference=ref.y4m --distorted=dist.y4m --device=cpu --neg
give "4 frames" -rref.y4m -ddist.y4m --device cpu --frame-cnt 9
give "integer_adm2" -r ref.y4m -d dist.y4m --device cpu --json -o log.json
[ -s log.json ] && [ "$(ls log.json*)" = log.json ] && [ -z "$(find . -name '.vkvmaf-*')" ] || fail "-o writes no log, or more than that"
[ "$(ls -l log.json | cut -c1-10)" = "$(: >plain && ls -l plain | cut -c1-10)" ] || fail "the log has odd permissions"

# The formats, on standard output and by name; extra fields; features only.
give "Frame,integer_adm2," -r ref.y4m -d dist.y4m --device cpu --csv
[ "$(wc -l <out)" -eq 5 ] || fail "CSV has not one line per frame"
give "{3}{4}frame: 3|integer_adm2: " -r ref.y4m -d dist.y4m --device cpu --sub
give "</VMAF>" -r ref.y4m -d dist.y4m --device cpu --xml
grep -q '<device name="cpu"' out && grep -q perc10= out || fail "no extra fields"
give "</VMAF>" -r ref.y4m -d dist.y4m --device cpu --xml --extra-fields off
grep -qE 'device|perc|tiny' out && fail "extra fields that are off"
give "" -r ref.y4m -d dist.y4m --device cpu -q -o plain.xml
grep -q "<VMAF version" plain.xml || fail "-o alone does not write XML"
give "frameNum" -r ref.y4m -d dist.y4m --device cpu --json -n --threads 4 --gpumask 0xffffffff
grep -q tiny out && fail "--no_prediction gives a score"

# Parts of the frames.
give '"frameNum": 3' -r ref.y4m -d dist.y4m --device cpu --json --subsample 3 --frame_cnt 0
[ "$(grep -c frameNum out)" -eq 2 ] || fail "--subsample 3 logs not 2 of 4 frames"
give '"frameNum": 1' -r ref.y4m -d dist.y4m --device cpu --json --frame_skip_ref 2 --frame_skip_dist 2
[ "$(grep -c frameNum out)" -eq 2 ] || fail "--frame_skip_ref 2 leaves not 2 of 4 frames"
n_checks=$((n_checks + 1))
"$tool" -r ref.y4m -d dist.y4m --device cpu --json --frame_skip_ref 1 >out 2>err || fail "--frame_skip_ref alone"
[ "$(grep -c frameNum out)" -eq 3 ] && grep -q "ended before" err || fail "--frame_skip_ref 1 leaves not 3 of 4 frames"

# PSNR: luma off by 2, one chroma plane equal, the other off by 1. 20 log10(255/2), 6 * 8 + 12, 20 log10(255).
plane()
{
    head -c "$1" /dev/zero | tr '\0' "$2"
}
{ plane 3072 A; plane 1536 A; } >a.yuv
{ plane 3072 C; plane 768 A; plane 768 B; } >b.yuv
raw="-w 64 -h 48 -p 420 -b 8 --device cpu --csv --tiny-model none"
give ",42.110204,60.000000,48.130804," -r a.yuv -d b.yuv $raw --feature psnr
give ",42.110204,4.000000,60.000000,0.000000,48.130804,1.000000," -r a.yuv -d b.yuv $raw --feature psnr=enable_mse=true
give "vif_scale3,psnr_y,integer_motion2," -r a.yuv -d b.yuv $raw --feature psnr=enable_chroma=false --feature psnr
# With 10 bit, the low byte off by 2 in every sample: 20 log10(1023/2).
{ plane 9216 '\001'; } >a10.yuv
sed 's/\x01\x01/\x03\x01/g' a10.yuv >b10.yuv
give ",54.176913,54.176913,54.176913," -r a10.yuv -d b10.yuv -w 64 -h 48 -p 420 -b 10 --device cpu --csv --feature psnr
y4m mono.y4m 64 48 2 Cmono
give "vif_scale3,psnr_y,integer_motion2," -r mono.y4m -d mono.y4m --device cpu --csv --feature psnr
give ",integer_motion,integer_vif_scale0_egl_1," -r ref.y4m -d dist.y4m --device cpu --csv --neg --feature motion=debug=true \
    --feature vif

# The alias: a link, made once more without harm.
give "./vmaf -> " --install-alias .
give "./vmaf -> " --install-alias .
n_checks=$((n_checks + 3))
./vmaf --version >out 2>err && [ ! -s out ] && grep -q '^0\.' err || fail "the alias's version"
./vmaf -n -r ref.y4m -d dist.y4m --device cpu --json -o none.json >out 2>err && [ ! -s out ] && [ ! -s err ] ||
    fail "nothing to measure"
grep -q '"pooled_metrics": {' none.json && ! grep -q integer none.json || fail "a log of nothing"
{ sed -n 1p ref.y4m && tail -c 4614 ref.y4m; } >one.y4m
./vmaf -n -q -r ref.y4m -d one.y4m --device cpu --feature motion -o none.xml >out 2>err
[ "$(cat err)" = '"one.y4m" ended before "ref.y4m".' ] || fail "the alias's note on a shorter video"

# On a terminal the alias says its version first, as libvmaf's tool does; not with -q.
on_terminal()
{
    n_checks=$((n_checks + 1))
    python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' ./vmaf -n \
        -r ref.y4m -d dist.y4m --device cpu "$@" >out 2>err </dev/null || fail "on a terminal: $*"
}
on_terminal
head -n 1 out | grep -q '^VMAF version 0\.' || fail "no version on a terminal"
on_terminal -q
grep -q 'VMAF version' out && fail "a version with -q"

# An empty file, such as a script's temporary one that it holds open, is filled and not replaced.
: >held.json
exec 4<held.json
give "" -r ref.y4m -d dist.y4m --device cpu --json -o held.json -q
grep -q frameNum <&4 || fail "an empty file is replaced, not filled"
exec 4<&-

# The last file wins, a link stays a link.
ln -s real.json link.json && echo old >real.json
give "" -r ref.y4m -d dist.y4m --device cpu --json -o link.json -q
[ -L link.json ] && grep -q frameNum real.json || fail "a link is not followed"

# A name as long as names can be; a regular file below /dev; descriptors by name.
long=$(printf '%0250d' 0).json
give "" -r ref.y4m -d dist.y4m --device cpu --json -o "$long" -q
grep -q frameNum "$long" || fail "a long name gets no log"
shm=/dev/shm/vkvmaf-test-$$.json
if [ -w /dev/shm ]; then
    for round in new old; do
        give "" -r ref.y4m -d dist.y4m --device cpu --json -o "$shm" -q
        [ "$(tail -n 1 "$shm")" = "}" ] || fail "the log in /dev/shm, $round"
        yes tail | head -n 9999 >"$shm"
    done
    rm -f "$shm"
fi
n_checks=$((n_checks + 1))
{ echo before; "$tool" -r ref.y4m -d dist.y4m --device cpu --json -o /dev/fd/3 -q; echo after; } 3>fd.json >&3 2>err
[ "$(sed -n '1p;$p' fd.json | tr '\n' ' ')" = "before after " ] && grep -q frameNum fd.json || fail "the log in /dev/fd/3"

if [ -e "$model" ]; then
    # The default model is a metric and a block of its own, never the metric "vmaf".
    give '"name": "vmaf_tiny_v2"' -r ref.y4m -d dist.y4m --device cpu --json
    grep -q '"vmaf_tiny_v2": ' out && grep -q '"quant_mode": "fp32"' out || fail "no score of the default model"
    grep -q '"vmaf": ' out && fail "a tiny model's score is called vmaf"
    give "model vmaf_tiny_v2: vmaf_tiny_v2.onnx, fp32" -r ref.y4m -d dist.y4m --device cpu --tiny-quant auto
    grep -q "tiny-quant" out && fail "the summary of a float model advises"
    give "vmaf_tiny_v4.int8.onnx, dynamic (--tiny-quant fp32 is nearer to VMAF)" -r ref.y4m -d dist.y4m --device cpu \
        --tiny-model vmaf_tiny_v4
    give "" -r ref.y4m -d dist.y4m --device cpu --json --tiny-model none
    grep -q tiny out && fail "--tiny-model none gives a score"
    mkdir -p empty
    # A folder or a form that is asked for must be there.
    n_checks=$((n_checks + 3))
    for wish in "--models-dir empty" "--models-dir /absent --tiny-quant int8"; do
        "$tool" -r ref.y4m -d dist.y4m --device cpu --json $wish >out 2>err && fail "no model, and no message: $wish"
        grep -q 'there is no model "vmaf_tiny_v2"' err && [ ! -s out ] || fail "$wish: $(cat err)"
    done
    VKVMAF_MODELS=empty "$tool" -r ref.y4m -d dist.y4m --device cpu >out 2>err && fail "no model in VKVMAF_MODELS"
    grep -q "in empty$" err || fail "the line does not name VKVMAF_MODELS's folder"
    give "" -r ref.y4m -d dist.y4m --device cpu --json --models-dir empty --tiny-model none
    cp "$model" empty/vmaf_tiny_v2.onnx
    give '"vmaf_tiny_v2": ' -r ref.y4m -d dist.y4m --device cpu --json --models-dir empty
    give "frameNum" -r ref.y4m -d dist.y4m --device cpu --json --tiny-registry "$root/models/registry.json"
    grep -q '"vmaf_tiny_v2": ' out || fail "no score with --tiny-registry"
    give "vmaf_tiny_v2" -r ref.y4m -d dist.y4m --device cpu --tiny-model vmaf_tiny_v2
    give "vmaf_tiny_v2" -r ref.y4m -d dist.y4m --device cpu --tiny_model "$model"
    cp "$model" other.onnx
    give '"tiny_model"' -r ref.y4m -d dist.y4m --device cpu --json --tiny-model other.onnx
    grep -q '"file": "other.onnx"' out && grep -q '"name": "other"' out || fail "the log does not name the model's file"
    give '"other": ' -r ref.y4m -d dist.y4m --device cpu --json --tiny-model other --models-dir .
    n_checks=$((n_checks + 1))
    VKVMAF_MODELS=. "$tool" -r ref.y4m -d dist.y4m --device cpu --tiny-model other >out 2>err || fail "VKVMAF_MODELS"
    VKVMAF_MODELS=/absent "$tool" -r ref.y4m -d dist.y4m --device cpu --tiny-model other >out 2>err &&
        fail "VKVMAF_MODELS names no model, and one is found"
    grep -q "in /absent$" err || fail "the line does not name VKVMAF_MODELS's folder"
fi

finish
