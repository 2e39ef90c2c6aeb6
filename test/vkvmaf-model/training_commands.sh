#!/bin/sh
# train, export, validate and loso from outside, on made-up rows: the same bytes again, whatever the number of threads;
# reports with the right figures; exit codes. Argument: the tool.
tool=$1
python=$(command -v python3) || { echo "no python3"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

# run CODE ARGUMENT...: of the tool; a failure gives one line.
run()
{
    code=$1
    shift
    expect "$code" "" "$tool" "$@"
    [ "$code" -eq 0 ] || [ "$(error_lines)" -eq 1 ] || fail "$* does not give exactly one line on stderr"
}

usage()
{
    text=$1
    shift
    refuse 2 "$text" "$tool" "$@"
}

# Rows on a smooth surface, clipped at both ends, and a teacher with two vectors.
"$python" - <<'END' || exit 1
import json, math, random
random.seed(5)
def vmaf(f):
    x = f[:5] + [f[5] / 10]
    near = [sum((a - b) ** 2 for a, b in zip(x, at)) for at in ([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0])]
    return 60 + 80 * math.exp(-near[0]) - 90 * math.exp(-near[1])
def table(path, sources, n):
    with open(path, 'w') as out:
        out.write('source,adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2,vmaf\n')
        for s in sources:
            for i in range(n):
                base = random.random() * 1.2
                f = [base + 0.1 * random.random() for _ in range(5)] + [5 * random.random()]
                out.write(s + ',' + ','.join(map(repr, f)) + f',{min(100, max(0, vmaf(f)))!r}\n')
table('few.csv', ['c', 'a', 'b'], 300)
table('more.csv', ['a', 'd'], 100)
table('many.csv', ['s%d' % i for i in range(40)], 10)
vectors = ['80 1:1 3:1 4:1 5:1 6:1', '-90']
model = {'model_dict': {
    'model_type': 'LIBSVMNUSVR', 'norm_type': 'linear_rescale',
    'feature_names': ['VMAF_integer_feature_%s_score' % n for n in
                      ('adm2', 'motion2', 'vif_scale0', 'vif_scale1', 'vif_scale2', 'vif_scale3')],
    'slopes': [1, 1, 0.1, 1, 1, 1, 1], 'intercepts': [0] * 7,
    'model': 'svm_type nu_svr\nkernel_type rbf\ngamma 1\nnr_class 2\nrho -60\ntotal_sv 2\nSV\n' + '\n'.join(vectors) + '\n'}}
json.dump(model, open('teacher.json', 'w'))
model['model_dict']['feature_opts_dicts'] = [{'adm_enhn_gain_limit': 1}, {}] + 4 * [{'vif_enhn_gain_limit': 1}]
json.dump(model, open('neg.json', 'w'))
END

small="--arch mlp_small --starts 2 --epochs 3 --epoch-rows 500 --batch-size 50"
run 0 train $small --data few.csv --extra more.csv --teacher teacher.json --seeds 3 --threads 1 -o one.ckpt \
    --out-stats one.json
cp out one.out
run 0 train $small --data few.csv --extra more.csv --teacher teacher.json --seeds 3 --threads 3 -o two.ckpt \
    --out-stats two.json
cmp -s one.ckpt two.ckpt || fail "the checkpoint depends on the number of threads"
cmp -s one.out out || fail "the output depends on the number of threads"
run 0 train $small --data few.csv --extra more.csv --teacher teacher.json --seeds 3 --threads 1 -o one.ckpt \
    --out-stats two.json
sed s/two.json/one.json/ two.json | cmp -s one.json - || fail "the stats are not the same again"
run 0 train $small --data few.csv --extra more.csv --teacher teacher.json --seed 9 --seeds 1 -o two.ckpt
cmp -s one.ckpt two.ckpt && fail "the seed has no effect"
run 0 train $small --data few.csv --extra more.csv --teacher neg.json --seeds 3 --threads 1 -o two.ckpt
cmp -s one.ckpt two.ckpt || fail "gain limits of the teacher have an effect"
run 0 train $small --data few.csv --extra more.csv --seeds 3 -o two.ckpt
cmp -s one.ckpt two.ckpt && fail "the teacher has no effect"

# A training that is long enough comes near.
run 0 train --arch mlp_small --starts 1 --epochs 40 --epoch-rows 4000 --batch-size 100 --balance 0.25 \
    --data few.csv more.csv \
    --teacher teacher.json --seeds 2 -o good.ckpt --out-stats good.json
"$python" - <<'END' || fail "the stats are not as expected"
import json
s = json.load(open('good.json'))
print(s['train_metrics'])
assert s['train_metrics']['rmse'] < 0.5 and s['train_metrics']['plcc'] > 0.999
assert s['n_params'] == 257 and s['n_train_rows'] == 1100 and s['arch'] == 'mlp_small' and s['epochs'] == 40
assert len(s['input_mean']) == 6 and s['features'][5] == 'motion2'
p = s['run_provenance']
assert p['entrypoint'] == 'vkvmaf-model train' and p['argv'][0] == '--arch' and p['parameters']['balance'] == 0.25
assert p['inputs']['parquet'] == ['few.csv', 'more.csv']
assert p['outputs'] == {'checkpoint': 'good.ckpt', 'stats': 'good.json'}
assert p['parameters']['threads'] >= 1 and p['parameters']['start_fraction'] == 0.25
END
run 0 export --ckpt good.ckpt --out-onnx good.onnx --out-sidecar good_sidecar.json
run 0 validate --onnx good.onnx --parquet few.csv --rows 200 --min-plcc 0.99 --v2-onnx good.onnx \
    --v3-onnx none.onnx --out-json v.json
grep -q '^PASS: ' out && grep -q "'none.onnx' is not there" out || fail "validate"
expect 1 "^FAIL: PLCC 0.99" "$tool" validate --onnx good.onnx --data few.csv --min-plcc 0.9999999
"$python" - <<'END' || fail "the validation's report is not as expected"
import json
v = json.load(open('v.json'))
assert v['rows'] == 200 and v['passed'] is True and v['min_plcc'] == 0.99 and v['rmse'] < 2
assert list(v['deltas']) == ['v2'] and v['deltas']['v2'].items() >= {'mean': 0, 'max_abs': 0, 'file': 'good.onnx'}.items()
assert v['model'] == 'good' and v['file'] == v['onnx'] == 'good.onnx' and v['quant_mode'] == 'fp32' and v['run_provenance']['outputs']['report'] == 'v.json'
END

# With its 8-bit form: the description says what `quantize dynamic` makes.
run 0 export good.ckpt -o both.onnx --quantize dynamic --notes 'a "note"'
cmp -s good.onnx both.onnx || fail "the 8-bit form changes the float one"
expect 0 "" "$tool" quantize dynamic good.onnx --per-channel --output good.int8.onnx
cmp -s good.int8.onnx both.int8.onnx || fail "export and quantize make different 8-bit forms"
"$python" - <<'END' || fail "the description of the export is not as expected"
import hashlib, json
s, plain = json.load(open('both.json')), json.load(open('good_sidecar.json'))
assert s['quant_mode'] == 'dynamic' and s['quant_accuracy_budget_plcc'] == 0.01
assert s['int8_sha256'] == hashlib.sha256(open('both.int8.onnx', 'rb').read()).hexdigest()
p = s['run_provenance']
assert p['parameters'] == {'opset': 17, 'quantize': 'dynamic', 'notes': 'a "note"'}
assert p['outputs'] == {'onnx': 'both.onnx', 'int8': 'both.int8.onnx', 'sidecar': 'both.json'}
assert plain['quant_mode'] == 'fp32' and 'int8_sha256' not in plain
assert plain['run_provenance']['parameters'] == {'opset': 17, 'quantize': None, 'notes': ''}
END
usage "--quantize wants dynamic" export good.ckpt -o x.onnx --quantize static

# The reference recipe: shape of its report, sources in their order, figures over the folds.
run 0 loso --recipe reference --arch mlp_small --epochs 2 --data few.csv --out-json loso.json --threads 2
run 0 loso --recipe reference --arch mlp_small --epochs 2 --data few.csv --out-json again.json --threads 2
sed s/again.json/loso.json/ again.json | cmp -s loso.json - || fail "loso is not the same again"
run 0 loso $small --seeds 2 --data many.csv --out-json many.json
run 0 loso $small --seeds 1 --data few.csv --extra more.csv --out-json extra.json
sed 's/^s[89],/s7,/; s/^s[0-9][0-9],/s0,/' many.csv >eight.csv
run 0 loso $small --seeds 1 --data eight.csv --extra more.csv --out-json eight.json
"$python" - <<'END' || fail "a loso report is not as expected"
import hashlib, json, statistics
r = json.load(open('loso.json'))
assert list(r['per_fold']) == ['a', 'b', 'c'] and r['n_folds'] == 3 and r['lr'] == 0.001 and r['batch_size'] == 256
assert all(f['n'] == 300 for f in r['per_fold'].values())
for k in 'plcc', 'srocc', 'rmse':
    values = [f[k] for f in r['per_fold'].values()]
    assert abs(r['aggregate']['mean_' + k] - statistics.mean(values)) < 1e-9
    assert abs(r['aggregate']['std_' + k] - statistics.stdev(values)) < 1e-9
m = json.load(open('many.json'))
assert m['n_folds'] == 8 and len(m['per_source']) == 40 and 'seed 1' in m
for f in range(8):
    n = sum(10 for i in range(40) if hashlib.sha256(b's%d' % i).digest()[0] % 8 == f)
    assert m['per_fold']['fold %d' % f]['n'] == n
e = json.load(open('extra.json'))
assert list(e['per_fold']) == ['a', 'b', 'c'] and e['all']['n'] == 900
e = json.load(open('eight.json'))
assert list(e['per_fold']) == ['s%d' % i for i in range(8)]
assert e['run_provenance']['parameters']['quantize'] is None and e['run_provenance']['parameters']['threads'] >= 1
END

# The 8-bit figures of a fold are those of its network, trained by itself, exported, quantised and validated.
reference="--recipe reference --arch mlp_small --epochs 2"
grep -v '^a,' few.csv >others.csv
sed -n '1p; /^a,/p' few.csv >held_out.csv
run 0 loso $reference --data few.csv --quantize dynamic --out-json int8.json
run 0 train $reference --data others.csv -o others.ckpt
run 0 export others.ckpt -o others.onnx
expect 0 "" "$tool" quantize dynamic others.onnx --per-channel
run 0 validate --onnx others.onnx --data held_out.csv --rows 300 --min-plcc -1 --out-json float_form.json
run 0 validate --onnx others.int8.onnx --data held_out.csv --rows 300 --min-plcc -1 --out-json int8_form.json
run 0 loso $small --seeds 2 --data many.csv --quantize dynamic --out-json many8.json
"$python" - <<'END' || fail "the 8-bit figures of loso are not as expected"
import json
load = lambda path: json.load(open(path))
r, plain = load('int8.json'), load('loso.json')
same = lambda fold, form: all(fold[k] == form[k] for k in ('plcc', 'srocc', 'rmse')) and fold['n'] == form['rows']
assert same(r['per_fold']['a'], load('float_form.json')) and same(r['int8']['per_fold']['a'], load('int8_form.json'))
assert r['int8']['all'] != r['all'] and r['per_fold'] == plain['per_fold'] and r['aggregate'] == plain['aggregate']
assert list(r['int8']) == ['per_fold', 'per_source', 'per_file', 'all', 'all_raw'] and 'int8' not in plain
m = load('many8.json')
folds = [f for seed in (m, m['seed 1']) for f in seed['int8']['per_fold'].values() if f['n']]
assert m['run_provenance']['parameters']['quantize'] == 'dynamic'
assert abs(m['aggregate_int8']['mean_rmse'] - sum(f['rmse'] for f in folds) / len(folds)) < 1e-9
END
usage "--quantize wants dynamic" loso $small --data few.csv --quantize static -o x.json

# The names of other tools are the same commands.
short="--recipe reference --epochs 1 --parquet few.csv"
for rung in 2:small 3:medium 4:large; do
    v=vmaf_tiny_v${rung%:*}
    run 0 train $short --arch mlp_${rung#*:} --out-ckpt plain.ckpt
    run 0 train_$v $short --out-ckpt $v.ckpt --out-stats $v.stats
    cmp -s plain.ckpt $v.ckpt || fail "train_$v trains another network"
    ln -s "$tool" export_$v
    expect 0 "bytes" ./export_$v --ckpt $v.ckpt --out-onnx $v.onnx --out-sidecar $v.json
    run 0 validate_$v --onnx $v.onnx --parquet few.csv --min-plcc -1
    run 0 eval_loso_$v $short --out-json $v.loso
    grep -q "mlp_${rung#*:}" $v.loso || fail "eval_loso_$v evaluates another network"
done
expect 0 "ptq_dynamic" "$tool" ptq_dynamic vmaf_tiny_v2.onnx --output dynamic.onnx
expect 0 "ptq_static" "$tool" ptq_static vmaf_tiny_v2.onnx --calibration few.csv --output static.onnx
usage "quantize qat wants" qat_train
usage "has no entry|cannot be opened" measure_quant_drop --registry absent.json
usage "cannot be opened" validate_model_registry absent.json
usage "'vmaf_tiny_v5' is not a command" vmaf_tiny_v5

cut -d, -f2- few.csv >nameless.csv
usage "no column source" loso $small --data nameless.csv -o x.json
run 0 train --recipe reference --arch mlp_small --epochs 1 --data nameless.csv -o x.ckpt
usage "wants mlp_small" train --arch mlp_huge --data few.csv -o x.ckpt
usage "wants --out-ckpt" train --arch mlp_small --data few.csv
usage "from 1 to 32 files" train --arch mlp_small -o x.ckpt
usage "wants a whole number" train --arch mlp_small --data few.csv --epochs 0 -o x.ckpt
usage "default or reference" train --arch mlp_small --data few.csv --recipe best -o x.ckpt
usage "no other options" train --recipe reference --arch mlp_small --data few.csv --beyond 1 -o x.ckpt
usage "not expected" train --frob
usage "--min-plcc wants" validate --onnx good.onnx --data few.csv --min-plcc high
run 1 train --arch mlp_small --data few.csv --teacher few.csv -o y.ckpt
run 1 train --arch mlp_small --data few.csv --teacher good.json -o y.ckpt
sed 's/total_sv 2/total_sv 3/' teacher.json >wrong.json
run 1 train --arch mlp_small --data few.csv --teacher wrong.json -o y.ckpt
run 1 train --recipe reference --epochs 1 --arch mlp_small --data few.csv -o absent/y.ckpt
usage "--min-plcc wants" validate --onnx good.onnx --data few.csv --min-plcc ''
usage "--rows wants" validate --onnx good.onnx --data few.csv --rows ''
usage "--rows wants a value" validate --onnx good.onnx --data few.csv --rows
usage "--out-json wants" validate --onnx good.onnx --data few.csv --out-json
usage "--out-json wants" validate --onnx good.onnx --data few.csv --out-json=
usage "--out-stats wants" train --arch mlp_small --data few.csv -o y.ckpt --out-stats
usage "--out-stats wants" train --arch mlp_small --data few.csv -o y.ckpt --out-stats=
usage "--data wants a value" train --arch mlp_small -o y.ckpt --data
run 0 validate --onnx good.onnx --parquet=few.csv

# A training whose numbers leave the range of float is none; of several the best that is one stays.
wild="--arch mlp_large --epochs 3 --starts 1 --epoch-rows 5000 --data few.csv --lr"
run 1 train $wild 10 --seeds 2 -o y.ckpt --out-stats y.json
grep -q "the training diverged" err || fail "a diverged training is not named"
run 1 loso $wild 10 --seeds 1 --out-json y.json
run 0 train --arch mlp_large --epochs 1 --starts 1 --epoch-rows 5632 --lr 4 --seed 4 --seeds 4 --data few.csv -o some.ckpt
"$python" - <<'END' || fail "of several trainings not the best one is kept"
import re
text = open('out').read()
figures = {m[1]: float(m[2]) for m in re.finditer(r'^seed (\d) PLCC .* RMSE (\S+) largest', text, re.M)}
assert 'seed 4 diverged' in text and 0 < len(figures) < 4
assert 'kept seed %s:' % min(figures, key=figures.get) in text and 'nan' not in open('some.ckpt').read()
END
sed '7s/,[^,]*/,1e39/' few.csv >far.csv
run 1 train --recipe reference --arch mlp_small --epochs 1 --data far.csv -o y.ckpt

# What cannot be written is found before the work, which takes longer than the limit, and of two files both appear or none.
long="--arch mlp_large --epochs 100000 --data few.csv"
for path in absent/y.json .; do
    for run in "train $long -o y.ckpt --out-stats" "train $long -o" "loso $long -o"; do
        refuse 1 "cannot be written" timeout 1800 "$tool" $run $path
    done
done
echo old >kept.ckpt
for other in kept.ckpt ./kept.ckpt "$PWD/kept.ckpt"; do
    usage "are the same file" train $long -o kept.ckpt --out-stats "$other"
done
usage "are the same file" export good.ckpt -o x.onnx --out-sidecar ./x.onnx
usage "are the same file" export good.ckpt -o x.onnx --quantize dynamic --out-sidecar x.int8.onnx
usage "are the same file" export good.ckpt -o x.onnx --out-sidecar x.onnx.data
cp good.ckpt own.json && cp good.ckpt own.onnx.data
usage "is read, and would be replaced" export own.json -o own.onnx
usage "is read, and would be replaced" export own.onnx.data -o own.onnx
cmp -s good.ckpt own.json && cmp -s good.ckpt own.onnx.data || fail "export replaced what it was to read"
usage "is read, and would be replaced" train $small --data few.csv -o ./few.csv
usage "is read, and would be replaced" train $small --data few.csv --extra more.csv -o x.ckpt --out-stats more.csv
usage "is read, and would be replaced" loso $small --data few.csv --teacher teacher.json --out-json teacher.json
run 1 train --recipe reference --epochs 1 --arch mlp_small --data few.csv -o kept.ckpt --out-stats /dev/full
run 1 export good.ckpt -o x.onnx --out-sidecar /dev/full
[ "$(cat kept.ckpt)" = old ] || fail "a failed run replaced a file"
run 0 train --recipe reference --epochs 1 --arch mlp_small --data few.csv -o /dev/null --out-stats /dev/null

# A full stdout is a failure.
to_full()
{
    "$tool" "$@" >/dev/full 2>err
    [ $? -eq 1 ] && grep -q "stdout cannot be written" err && [ "$(error_lines)" -eq 1 ] || fail "$* on a full stdout"
}
to_full train --recipe reference --epochs 1 --arch mlp_small --data few.csv -o z.ckpt
to_full loso --recipe reference --epochs 1 --arch mlp_small --data few.csv -o z.json
to_full export good.ckpt -o z.onnx
to_full validate --onnx good.onnx --data few.csv
to_full --help
[ ! -e y.ckpt ] && [ ! -e y.json ] && [ ! -e x.onnx ] || fail "a failed run left a file"

finish
