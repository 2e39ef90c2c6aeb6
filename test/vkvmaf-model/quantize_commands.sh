#!/bin/sh
# quantize static and qat: what they make loads, gives the same bits on every device, and passes the gate; mistakes are
# refused. On made-up rows with the scores of a model as labels, then on rows of the corpus. Arguments: the tool, the
# folder with the models, the folder with shared data.
tool=$1 models=$2 corpus=$3/corpus
python=$(command -v python3) || { echo "no python3"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

cp "$models"/vmaf_tiny_v?.onnx "$models"/vmaf_tiny_v?.json .
awk 'BEGIN { srand(7); print "adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2"
    for (i = 0; i < 1500; i++) { q = rand(); printf "%.5f", 0.4 + 0.6 * q
        for (k = 1; k <= 4; k++) printf ",%.5f", (0.05 + 0.95 * q) ^ (2 / (k + 1)) + 0.03 * (rand() - 0.5)
        printf ",%.4f\n", 12 * rand() ^ 2 } }' >rows.csv
expect 0 "" "$tool" predict ./vmaf_tiny_v4.onnx rows.csv --tiny-quant fp32 --device cpu -o scores.csv
sed '1s/score/vmaf/' scores.csv | paste -d, rows.csv - >labelled.csv
"$python" - <<'END' || exit 1
import struct, zipfile
rows = [[float(x) for x in line.split(',')] for line in open('rows.csv').read().split()[1:]]
def save(path, shape, order='False', name='features'):
    data = b''.join(struct.pack('<6f', *row) for row in rows)
    head = f"{{'descr': '<f4', 'fortran_order': {order}, 'shape': {shape}, }}".encode().ljust(117) + b'\n'
    with zipfile.ZipFile(path, 'w') as out:
        out.writestr(name + '.npy', b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head + data)
save('rows.npz', (1500, 6))
save('turned.npz', (6, 1500))
save('fortran.npz', (1500, 6), 'True')
save('other.npz', (1500, 6), name='rows')
END

# same_on_all_devices MODEL
same_on_all_devices()
{
    expect 0 "" "$tool" predict "./$1" rows.csv --device cpu -o cpu.csv
    for device in 0 1 2 3; do
        # What a driver leaks is not counted; the runs without one count.
        ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" "$tool" predict "./$1" rows.csv --device $device \
            -o device.csv >out 2>err ||
            { grep -q 'no Vulkan' err || fail "$1 on device $device"; break; }
        cmp -s cpu.csv device.csv || fail "$1: device $device gives other scores than the C form"
    done
}

# gate ID MODE BUDGET ROWS INT8: an entry with that 8-bit file, measured on its own rows, must pass; without budget not.
gate()
{
    cp "$5" "$1.int8.onnx"
    for budget in "$3" 0; do
        cat >registry.json <<.
{ "schema_version": 1, "models": [ { "id": "$1", "kind": "fr", "onnx": "$1.onnx", "opset": 17, "license": "BSD-3-Clause",
  "sha256": "$(sha256sum <"$1.onnx" | cut -c1-64)", "int8_sha256": "$(sha256sum <"$1.int8.onnx" | cut -c1-64)",
  "quant_mode": "$2", "quant_accuracy_budget_plcc": $budget, "quant_calibration_set": "$4" } ] }
.
        if [ "$budget" = 0 ]; then
            expect 1 "^.FAIL. $1 mode=$2" "$tool" measure-drop --all --registry registry.json
        else
            expect 0 "^.PASS. $1 mode=$2 .* rows=$(($(wc -l <"$4") - 1))" "$tool" measure-drop "./$1.onnx"
            cat out
        fi
    done
}

# quantise ID ROWS: all static forms of a model through the gate.
quantise()
{
    expect 0 "ptq_static. $1.onnx -> s.onnx .per-channel: off, calibration: $2" \
        "$tool" quantize static "$1.onnx" --calibration "$2" --output s.onnx
    expect 0 "ptq_static. [0-9]+ -> [0-9]+ bytes .ratio [0-9.]+" \
        "$tool" quantize static "$1.onnx" --calibration "$2" --output c.onnx --per-channel
    expect 0 "quant_mode  static" "$tool" inspect ./s.onnx
    cmp -s s.onnx c.onnx && fail "--per-channel has no effect"
    for file in s.onnx c.onnx; do
        gate "$1" static 0.005 "$2" $file
    done
}

# tune ID LABELLED: QAT through the gate, against the float model it starts from.
tune()
{
    printf '{"model": "%s.onnx", "data": ["%s"], "qat": {"epochs_qat": 5}}' "$1" "$2" >"$1.config"
    expect 0 "qat_train. qat epoch 5/5 mse" "$tool" quantize qat --config "$1.config" --output q.int8.onnx
    gate "$1" qat 0.002 "$2" q.int8.onnx
}

for id in vmaf_tiny_v3 vmaf_tiny_v4; do
    quantise $id rows.csv
    tune $id labelled.csv
    for file in s.onnx c.onnx q.int8.onnx; do
        same_on_all_devices $file
    done
done

# The same rows from another kind of file, by way of the registry, and again.
expect 0 "" "$tool" quantize static vmaf_tiny_v4.onnx --calibration rows.npz --output n.onnx --per-channel
expect 0 "" "$tool" quantize static vmaf_tiny_v4.onnx --calibration rows.csv --output c.onnx --per-channel
cmp -s n.onnx c.onnx || fail "rows from NPZ give another model"
rm vmaf_tiny_v4.int8.onnx
expect 0 "calibration: ./labelled.csv" "$tool" quantize static ./vmaf_tiny_v4.onnx --per-channel
cmp -s vmaf_tiny_v4.int8.onnx c.onnx || fail "the registered calibration set gives another model"

# QAT without training is the static form of its rows; the seed decides, the command line beats the config.
config='{"model": "vmaf_tiny_v2.onnx", "data": "labelled.csv", "batch_size": 100, "qat": {"epochs_qat": 9, "smoke": true,
  "input_shape": [-1, 6], "n_calibration": 1500}}'
echo "$config" >smoke.json
expect 0 "smoke" "$tool" quantize qat --config smoke.json --output smoke.int8.onnx
expect 0 "" "$tool" quantize static vmaf_tiny_v2.onnx --calibration rows.csv --per-channel --output c.onnx
cmp -s smoke.int8.onnx c.onnx || fail "an untrained network is not the static form"
cmp -s smoke.qat.fp32.onnx vmaf_tiny_v2.onnx || fail "an untrained network is not the one it was"
echo "$config" | sed 's/"smoke": true/"smoke": false, "output_name": "score"/' >tune.json
for run in 'a 3' 'b 3' 'c 4'; do
    expect 0 "qat epoch 4/4" "$tool" quantize qat --config tune.json --output "${run% *}.int8.onnx" --seed "${run#* }" \
        --epochs-qat 4 --lr-qat 2e-4
done
grep -q 'fp32 epoch' err && fail "a trained network is trained again without being asked"
cmp -s a.int8.onnx b.int8.onnx && cmp -s a.qat.fp32.onnx b.qat.fp32.onnx || fail "QAT does not repeat"
cmp -s a.int8.onnx c.int8.onnx && fail "the seed has no effect"
grep -qa 'score' a.int8.onnx || fail "output_name has no effect"
rmse() { "$tool" validate --onnx "$1" --data labelled.csv --rows 2000 | sed -n 's/.*RMSE \([0-9.]*\).*/\1/p'; }
before=$(rmse smoke.int8.onnx) after=$(rmse a.int8.onnx)
echo "v2: RMSE $before before QAT, $after after"
awk "BEGIN { exit !($after < 0.8 * $before) }" || fail "QAT does not help"

# The forward pass of the training is what the static form computes: a training that moves nothing has its error.
expect 0 "" "$tool" quantize qat --config tune.json --output still.int8.onnx --epochs-qat 1 --lr-qat 1e-9
mse=$(sed -n 's/.*qat epoch 1.1 mse \([^,]*\),.*/\1/p' err)
awk "BEGIN { exit !($mse > 0 && ($mse / $before ^ 2 - 1) ^ 2 < 1e-6) }" ||
    fail "the training sees the error $mse, the static form has $before squared"

# From random numbers, and from a checkpoint.
echo '{"arch": "mlp_small", "data": "labelled.csv", "lr": 0.003, "seed": 5}' >fresh.json
expect 0 "fp32 epoch 20/20" "$tool" quantize qat --config fresh.json --output fresh.int8.onnx
grep -q 'qat epoch 10/10' err || fail "QAT has another number of epochs by default"
expect 0 "" "$tool" train --recipe reference --arch mlp_small --epochs 1 --data labelled.csv -o start.ckpt
expect 0 "" "$tool" export start.ckpt -o start.onnx
echo '{"model": "start.ckpt", "data": "labelled.csv"}' >start.json
expect 0 "" "$tool" quantize qat --config start.json --output start.int8.onnx --smoke
cmp -s start.onnx start.qat.fp32.onnx || fail "a checkpoint is not what export makes of it"

# Mistakes.
refuse 2 "wants the kind" "$tool" quantize
refuse 2 "not expected" "$tool" quantize dynamic x.onnx --calibration rows.csv
refuse 2 "wants a value" "$tool" quantize static x.onnx --calibration
refuse 2 "wants a file name" "$tool" quantize static x.onnx --calibration=
mkdir alone
cp vmaf_tiny_v2.onnx alone
refuse 1 "no --calibration" "$tool" quantize static alone/vmaf_tiny_v2.onnx
refuse 1 "no --calibration" "$tool" quantize static vmaf_tiny_v2.onnx
refuse 1 "not named .onnx" "$tool" quantize static rows.csv --calibration rows.csv
expect 1 "absent.onnx': cannot be opened" "$tool" quantize static absent.onnx --calibration rows.csv
expect 1 "nothing to quantise" "$tool" quantize static c.onnx --calibration rows.csv --output x.onnx
expect 1 "absent.csv' cannot be opened" "$tool" quantize static vmaf_tiny_v2.onnx --calibration absent.csv --output x.onnx
for file in turned fortran; do
    expect 1 "not an array of the shape .n, 6." "$tool" quantize static vmaf_tiny_v2.onnx --calibration $file.npz \
        --output x.onnx
done
expect 1 "no column adm2" "$tool" quantize static vmaf_tiny_v2.onnx --calibration other.npz --output x.onnx
head -n 1 rows.csv >empty.csv
expect 1 "has no rows" "$tool" quantize static vmaf_tiny_v2.onnx --calibration empty.csv --output x.onnx
sed '9s/,[^,]*/,nan/' rows.csv >nan.csv
expect 1 "row 8: vif_scale0 is not finite" "$tool" quantize static vmaf_tiny_v2.onnx --calibration nan.csv --output x.onnx
sed '9s/,[^,]*/,3e38/' rows.csv >far.csv
expect 1 "row 8: the model leaves the range of float" "$tool" quantize static vmaf_tiny_v2.onnx --calibration far.csv \
    --output x.onnx
expect 1 "cannot be written" "$tool" quantize static vmaf_tiny_v2.onnx --calibration rows.csv --output absent/x.onnx
[ ! -e x.onnx ] || fail "a refused model leaves a file"

refuse 2 "wants --config" "$tool" quantize qat --output x.int8.onnx
refuse 2 "ends in .int8.onnx" "$tool" quantize qat --config smoke.json --output x.onnx
refuse 2 "cannot be opened" "$tool" quantize qat --config absent.json --output x.int8.onnx
refuse 2 "not a JSON object" "$tool" quantize qat --config rows.csv --output x.int8.onnx
refuse 2 "--epochs-qat wants a whole number" "$tool" quantize qat --config smoke.json --output x.int8.onnx --epochs-qat 1.5
# wrong TEXT CHANGE: the config with a change.
wrong()
{
    echo "$config" | sed "$2" >wrong.json
    refuse 2 "$1" "$tool" quantize qat --config wrong.json --output x.int8.onnx
}
wrong "'epochs' is not a setting" 's/batch_size/epochs/'
wrong "'seed' is not a setting of qat" 's/"epochs_qat"/"seed"/'
wrong "batch_size wants a whole number" 's/100/0/'
wrong "epochs_qat wants a whole number" 's/9/"9"/'
wrong "can only be .-1, 6." 's/-1, 6/-1, 5/'
wrong "either arch or model" 's/"model"/"arch": "mlp_small", "model"/'
wrong "data names no table" 's/"labelled.csv"/[]/'
wrong "data wants" 's/"labelled.csv"/[7]/'
wrong "data wants" 's/"labelled.csv"/{"a": "labelled.csv"}/'
files=$(yes '"labelled.csv"' | head -n 33 | paste -sd,)
wrong "at most 32 files" "s/\"labelled.csv\"/[$files]/"
wrong "data stands twice" "s/\"labelled.csv\"/\"labelled.csv\", \"data\": \"labelled.csv\"/"
many=$(yes '"data": "labelled.csv"' | head -n 100 | paste -sd,)
wrong "data stands twice" "s/\"data\": \"labelled.csv\"/$many/"
wrong "epochs_qat stands twice" 's/"epochs_qat"/"epochs_qat": 1, "epochs_qat"/'
wrong "qat wants one object" '1s/"batch.*/"qat": 1}/; 2d'
wrong "not a JSON object" '2s/}}/}/'
wrong "no column vmaf" 's/labelled/rows/'
echo "$config" | sed 's/vmaf_tiny_v2/c/' >wrong.json
expect 1 "nothing to quantise" "$tool" quantize qat --config wrong.json --output x.int8.onnx
[ ! -e x.int8.onnx ] && [ ! -e x.qat.fp32.onnx ] || fail "a refused run leaves a file"

# Rows of the corpus: calibrated on some, measured on others.
if [ ! -d "$corpus" ]; then
    echo "no corpus beside the checkout; the rest is skipped"
    [ $failures -eq 0 ] || finish
    exit 77
fi
sample() { for file in "$corpus"/public-*.csv.gz; do gzip -dc "$file" | awk -v at="$1" 'NR % 160 == at'; done; }
for set in calibration:7 measured:90; do
    { gzip -dc "$corpus/public-v061-integer.csv.gz" | head -n 1; sample "${set#*:}"; } >"${set%:*}.csv"
done
for id in vmaf_tiny_v3 vmaf_tiny_v4; do
    quantise $id calibration.csv
    tune $id calibration.csv
    gate $id static 0.005 measured.csv s.onnx
    gate $id static 0.005 measured.csv c.onnx
    gate $id qat 0.002 measured.csv q.int8.onnx
done

finish
