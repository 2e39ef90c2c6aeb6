#!/bin/sh
# The program on the device that it chooses by itself, silent under the validation layer, against the CPU reference.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
has_device
model=$root/models/vmaf_tiny_v2.onnx
[ ! -e "$model" ] || set -- --tiny-model "$model"

y4m ref.y4m 64 48 12
sed -n 1p ref.y4m >dist.y4m && tail -n +2 ref.y4m | tr 'HKQ' 'IJR' >>dist.y4m

# run FILE ARGUMENT...: the part of the log that every device gives alike.
run()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" -r ref.y4m -d dist.y4m --json -o log.json -q --precision 17 "$@" >out 2>err || fail "$*"
    [ ! -s err ] || fail "messages: $*"
    sed '/"fps"/d; /"device": {/,$d' log.json >"$file"
    [ "$(wc -l <"$file")" -gt 200 ] || fail "the log is short: $*"
}
same()
{
    n_checks=$((n_checks + 1))
    diff wanted got >out || fail "the reference and the device differ: $1"
}

run wanted "$@" --device cpu
run got "$@"
same "by default"
run got "$@" --form portable
same "portable form"
run got "$@" --device 0
same "by index"
name=$(sed -n 's/^    "name": "\([A-Za-z]*\).*/\1/p' log.json | head -n 1)
run got "$@" --device "$name"
same "by name: $name"
uuid=$(sed -n 's/^    "uuid": "\(.*\)",/\1/p' log.json)
run got "$@" --device "$uuid"
grep -qF "\"uuid\": \"$uuid\"" log.json || fail "another device than asked for by uuid"

# Without the layer this is refused by one line. The layer's own leaks are not counted where leaks are.
n_checks=$((n_checks + 1))
if ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" "$tool" -r ref.y4m -d dist.y4m --validation -q "$@" >out 2>err; then
    [ ! -s err ] || fail "messages under validation"
else
    [ "$(wc -l <err)" -eq 1 ] && grep -q 'VK_LAYER_KHRONOS_validation' err || fail "validation"
fi

# threads NUMBER: of llvmpipe, seen while the run waits for its input.
threads()
{
    n_checks=$((n_checks + 1))
    rm -f pipe log.json && mkfifo pipe
    "$tool" -r pipe -d dist.y4m --device llvmpipe --json -o log.json -q "$@" >out 2>err &
    exec 3>pipe
    head -c 30000 ref.y4m >&3
    n_waits=0
    until [ "$(cat /proc/$!/task/*/comm 2>/dev/null | grep -c '^llvmpipe-')" = "$wanted_threads" ]; do
        n_waits=$((n_waits + 1))
        [ $n_waits -lt $((10 * limit)) ] || fail "llvmpipe has other than $wanted_threads threads"
        [ $n_waits -lt $((10 * limit)) ] || break
        sleep 0.1
    done
    tail -c +30001 ref.y4m >&3
    exec 3>&-
    wait $! || fail "the run after counting threads"
}
cores=$(nproc)
if "$tool" --list-devices 2>/dev/null | grep -qi llvmpipe && [ "$cores" -gt 1 ] && [ "$cores" -le 10 ] &&
    [ -z "$LP_NUM_THREADS" ] && [ -d /proc/self/task ]; then
    wanted_threads=$((3 * cores))
    threads "$@"
    wanted_threads=1
    LP_NUM_THREADS=1 threads "$@"
else
    echo "skipped: no llvmpipe, or its threads cannot be counted"
fi

# What the kernels do not know is computed on the processor, and the log says so.
n_checks=$((n_checks + 2))
"$tool" -r ref.y4m -d dist.y4m --feature adm=adm_enhn_gain_limit=50 --json -o log.json -q >out 2>err || fail "a limit of 50"
grep -q '"integer_adm2_egl_50 and 4 more features are computed on the processor, not on the device"' log.json ||
    fail "the log does not say what the device has not computed"
"$tool" -r ref.y4m -d dist.y4m --feature adm=adm_enhn_gain_limit=50 --device cpu --json -o log.json -q >out 2>err ||
    fail "a limit of 50 on the reference"
grep -q 'processor' log.json && fail "the reference is said to be no device"

n_checks=$((n_checks + 1))
"$tool" verify >out 2>err || fail "verify"
tail -n 1 out | grep -q '^\([0-9]*\) of \1 equal$' || fail "verify does not say that all is equal"
n_checks=$((n_checks + 1))
"$tool" bench --size 64x48 --frames 14 >out 2>err || fail "bench"
grep -q '^rate ' out && grep -q 'vif' out || fail "bench names no rate or no stages"
grep -q '^measured [0-9.]* G int32/s ' out || fail "bench does not measure the device"
n_checks=$((n_checks + 1))
"$tool" bench --size 64x48 --frames 14 --streams 2 --json >out 2>err || fail "bench --json"
grep -q '_per_second": 0[,. ]' out && fail "a rate of the device is missing"
grep -q '"stage": "vif_ref scale 0"' out && ! grep -q 'instructions_per_frame": 0,' out ||
    fail "a stage has no count of instructions"
if grep -q '"ms_per_frame": { "median": 0.000000, "min": 0.000000, "max": 0.000000 }, .*"dispatches": 0 ' out; then
    echo "no timestamps: stages have no times and bytes"
else
    grep -qE '"(bytes_per_frame": 0,|(int32|bandwidth)_share": 0.000000)' out && fail "a stage has no bytes or no share"
fi
finish
