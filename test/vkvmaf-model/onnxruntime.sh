#!/bin/sh
# Every model of the registry, its 8-bit form, and static and QAT models made here give in ONNX Runtime what they give
# here. Python and the runtime are those that tools/install-deps.sh has put aside, else those of the system. Arguments:
# the tool, the folder with the models.
tool=$1 models=$2
here=$(cd "$(dirname "$0")" && pwd)
compare=$here/onnxruntime_compare.py
python=$("$here/../../tools/install-deps.sh" onnxruntime)
python=${python:-python3}
"$python" -c 'import numpy, onnxruntime' 2>/dev/null ||
    { echo "skipped: no Python with onnxruntime; tools/install-deps.sh test installs one"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

"$python" "$compare" rows >rows.csv || exit 1

# same KIND MODEL: fp32, dynamic or static.
same()
{
    expect 0 "quant_mode  $1" "$tool" inspect "$2" --tiny-quant fp32
    expect 0 "" "$tool" predict "$2" rows.csv --tiny-quant fp32 --device cpu -o scores.csv
    expect 0 "" "$python" "$compare" "$1" "$2" rows.csv scores.csv
    cat out
    # The comparison can fail: one score that is a little too high.
    [ $n -eq 0 ] || return 0
    awk -v at=40 'NR == at { $0 += 2 } { print }' scores.csv >wrong.csv
    expect 1 "differ" "$python" "$compare" "$1" "$2" rows.csv wrong.csv
}

n=0
for model in $(sed -n 's/^ *"onnx": "\(.*\.onnx\)".*/\1/p' "$models/registry.json"); do
    id=$(basename "$model" .onnx)
    same fp32 "$models/$model"
    [ ! -e "$models/$id.int8.onnx" ] || same dynamic "$models/$id.int8.onnx"
    cp "$models/$model" "$id.onnx"
    for channel in '' --per-channel; do
        expect 0 "" "$tool" quantize static "$id.onnx" --calibration rows.csv --output static.onnx $channel
        same static ./static.onnx
        expect 0 "" "$tool" quantize dynamic "$id.onnx" --output dynamic.onnx $channel
        same dynamic ./dynamic.onnx
    done
    sed 's/score/vmaf/' scores.csv | paste -d, rows.csv - >labelled.csv
    echo "{\"model\": \"$id.onnx\", \"data\": \"labelled.csv\", \"qat\": {\"epochs_qat\": 2, \"output_name\": \"out\"}}" >qat.json
    expect 0 "" "$tool" quantize qat --config qat.json --output qat.int8.onnx
    same static ./qat.int8.onnx
    same fp32 ./qat.qat.fp32.onnx
    n=$((n + 1))
done
[ $n -ge 3 ] || fail "only $n models in the registry"

finish
