#!/bin/sh
# Quantising, the quantisation gate, registry check and signatures from outside. Arguments: vkvmaf-model, vkvmaf, the
# folder with the models, the folder with shared data.
tool=$1 scorer=$2 models=$3 shared=$4
originals=$shared/reference-models
here=$(cd "$(dirname "$0")" && pwd)
. "$here/test_lib.sh"

# The gate over what is shipped.
expect 0 "^OK: [0-9]+ registry entries valid against registry.schema.json" "$tool" registry check "$models/registry.json"
expect 0 "^OK: " "$tool" registry check
expect 0 "^.(PASS|SKIP). " "$tool" measure-drop --all --registry "$models/registry.json"
expect 0 "^.SKIP. vmaf_tiny_v2 +mode=fp32" "$tool" measure-drop vmaf_tiny_v2
# Of the corpus, and of any kind of table.
for corpus in "$shared"/corpus/public-*.csv.gz; do
    [ -e "$corpus" ] || continue
    gzip -dc "$corpus" | awk 'NR == 1 || NR % 97 == 0' | gzip >rows.csv.gz
    expect 0 "^.PASS. .*rows=[0-9]{2,4}$" "$tool" measure-drop --all --registry "$models/registry.json" \
        --features rows.csv.gz
done
expect 0 "^.PASS. vmaf_tiny_v3 .*rows=60$" "$tool" measure-drop vmaf_tiny_v3 --features "$here/parquet/duckdb.parquet"

# Options and their mistakes.
expect 2 "wants the kind" "$tool" quantize
expect 2 "wants a model" "$tool" quantize dynamic
expect 1 "not named .onnx" "$tool" quantize dynamic rows
expect 1 "no such file" "$tool" quantize dynamic absent.onnx
expect 2 "has no entry" "$tool" measure-drop no_such_model
expect 2 "cannot be opened" "$tool" measure-drop --registry absent.json
expect 2 "cannot be opened" "$tool" registry check absent.json
expect 2 "cannot be opened" "$tool" registry check "$models/registry.json" --schema absent.json
expect 2 "what to do" "$tool" registry
expect 2 "wants --key" "$tool" sign


# A schema must be one, and of a registry.
good_schema() { printf '%s' "$1" >schema.json; expect 0 "^OK: .* schema.json" "$tool" registry check "$models/registry.json" \
    --schema schema.json; }
bad_schema() { printf '%s' "$2" >schema.json; refuse 2 "^vkvmaf-model: schema 'schema.json': .*$1" \
    "$tool" registry check "$models/registry.json" --schema schema.json; }
good_schema '{}'
good_schema '{"type": ["object", "null"], "properties": {"models": true, "schema_version": {"type": "number"}}}'
bad_schema "'type' wants" '{"type": 7}'
bad_schema "'type' wants" '{"properties": {"models": {"items": {"type": ["object", "text"]}}}}'
bad_schema "type is not object" '{"type": "string"}'
bad_schema "requires 'name'" '{"required": ["models", "name"]}'
bad_schema "'schema_version' to be" '{"properties": {"models": {}}, "additionalProperties": false}'
bad_schema "'models' to be of the type array" '{"properties": {"models": {"type": "object"}}}'
bad_schema "'properties' wants an object" '{"properties": []}'
bad_schema "'allOf' wants a list" '{"allOf": [{}, 7]}'
bad_schema "'maxItems' wants a whole number" '{"properties": {"models": {"maxItems": -1}}}'
bad_schema ". wants a text that leads" '{"items": {"$ref": "#/$defs/entry"}, "$defs": {"entri": {}}}'

# Rules of paths hold for all files, behind links too.
mkdir place elsewhere
cp "$models"/registry*.json "$models"/vmaf_tiny_v?.* place
expect 0 "^OK: 3" "$tool" registry check place/registry.json
for file in vmaf_tiny_v2.onnx vmaf_tiny_v3.int8.onnx vmaf_tiny_v4.json; do
    mv place/$file elsewhere && ln -s ../elsewhere/$file place/$file
    expect 1 "^FAIL: entry '.*$file': lies outside of the registry's folder" "$tool" registry check place/registry.json
    rm place/$file && mv elsewhere/$file place
done
sed '0,/"opset"/s/"opset"/"sigstore_bundle": "b.sigstore.json", "opset"/' "$models/registry.json" >place/registry.json
expect 0 "^OK: 3" "$tool" registry check place/registry.json
ln -s /etc/passwd place/b.sigstore.json
expect 1 "^FAIL: .*b.sigstore.json': lies outside" "$tool" registry check place/registry.json
rm place/b.sigstore.json && mkfifo place/b.sigstore.json
expect 1 "^FAIL: .*b.sigstore.json': is not a regular file" "$tool" registry check place/registry.json
cp "$models/registry.json" place && rm place/b.sigstore.json

# The jail holds for each command that reads a model.
{ echo adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2,vmaf; echo 0.9,0.5,0.8,0.85,0.9,5,70
    echo 0.95,0.6,0.85,0.9,0.93,4,80; } >labelled.csv
echo '{"model": "place/vmaf_tiny_v2.onnx", "data": "labelled.csv"}' >qat.json
jailed()
{
    "$@" predict place/vmaf_tiny_v4.onnx labelled.csv --device cpu
    "$@" inspect place/vmaf_tiny_v4.onnx
    "$@" validate --onnx place/vmaf_tiny_v4.onnx --data labelled.csv --min-plcc -1
    "$@" measure-drop vmaf_tiny_v4 --registry place/registry.json
    "$@" quantize dynamic place/vmaf_tiny_v2.onnx --output jailed.int8.onnx
    "$@" quantize static place/vmaf_tiny_v2.onnx --calibration labelled.csv --output jailed.int8.onnx
    "$@" quantize qat --config qat.json --output jailed.int8.onnx --smoke
    "$@" registry check place/registry.json
}
stays_in() { expect "$code" "$says" env VMAF_TINY_MODEL_DIR="$jail" "$tool" "$@"; }
for jail in place "$PWD"; do code=0 says='' jailed stays_in; done
rm jailed*
for jail in elsewhere place/vmaf_tiny_v2.onnx /nonexistent; do code=1 says='confined' jailed stays_in; done
ls jailed* 2>/dev/null && fail "a refused model leaves a file"

# measure-drop and predict agree on the registry of a path: the one beside it.
cd place
mv vmaf_tiny_v4.int8.onnx away
for model in vmaf_tiny_v4.onnx ./vmaf_tiny_v4.onnx; do
    expect 1 "missing=vmaf_tiny_v4.int8.onnx" "$tool" measure-drop $model
    expect 1 "no such file" "$tool" predict $model ../labelled.csv --device cpu
done
mv away vmaf_tiny_v4.int8.onnx
cd ..
cp place/vmaf_tiny_v4.onnx elsewhere
expect 2 "has no entry" "$tool" measure-drop elsewhere/vmaf_tiny_v4.onnx --registry place/registry.json
expect 0 "^.PASS. vmaf_tiny_v4 " "$tool" measure-drop place/vmaf_tiny_v4.onnx --registry "$PWD/place/registry.json"
expect 2 "cannot be opened" "$tool" measure-drop elsewhere/vmaf_tiny_v4.onnx

# validate opens as predict does, and says which file ran.
awk 'NR == 1 { print; next } { for (i = 0; i < 20; i++) print }' labelled.csv >many.csv
validated() { says=$1; shift; expect 0 "^model vmaf_tiny_v4: $says$" "$tool" validate --data many.csv --min-plcc -1 "$@"; }
validated 'vmaf_tiny_v4.int8.onnx, dynamic' --onnx place/vmaf_tiny_v4.onnx
validated 'vmaf_tiny_v4.onnx, fp32' --onnx place/vmaf_tiny_v4.onnx --tiny-quant fp32
validated 'vmaf_tiny_v4.int8.onnx, dynamic' --onnx vmaf_tiny_v4 --models-dir place
validated 'vmaf_tiny_v4.onnx, fp32' --onnx vmaf_tiny_v4 --tiny-registry place/registry.json --tiny-quant=fp32 \
    --v2-onnx vmaf_tiny_v2 --v3-onnx place/vmaf_tiny_v3.onnx --out-json v.json
grep -q '^against v3 (vmaf_tiny_v3.onnx, fp32): ' out || fail "the file of v3 is not named"
grep -q '"quant_mode": "fp32"' v.json && grep -q '"tiny_quant": "fp32"' v.json || fail "the report does not say which file"
expect 1 "has no 8-bit form" "$tool" validate --data many.csv --onnx place/vmaf_tiny_v2.onnx --tiny-quant int8
expect 2 "auto, fp32 or int8" "$tool" validate --data many.csv --onnx place/vmaf_tiny_v2.onnx --tiny-quant int4
expect 0 "^model vmaf_tiny_v4: vmaf_tiny_v4.int8.onnx, dynamic$" "$tool" predict place/vmaf_tiny_v4.onnx many.csv \
    --device cpu -o scores.csv

# The schema beside the registry says what the program does.
if python3 -c 'import jsonschema' 2>/dev/null; then
    python3 - "$tool" place <<'END' || fail "registry.schema.json and the program differ"
import json, jsonschema, os, subprocess, sys
tool, folder = sys.argv[1:]
schema = json.load(open(folder + '/registry.schema.json'))
jsonschema.Draft202012Validator.check_schema(schema)
entry = dict(json.load(open(folder + '/registry.json'))['models'][2], smoke=True)
sha = entry['int8_sha256']
changes = [{k: None} for k in entry] + [{}] + [
    {'id': 'a' * 65}, {'id': 'é'}, {'id': 7}, {'kind': 'xr'}, {'opset': 6}, {'opset': 17.5}, {'opset': 17.0},
    {'opset': '17'}, {'sha256': entry['sha256'].upper()}, {'onnx': 'a/../' + entry['onnx']}, {'onnx': '/x.onnx'},
    {'quant_mode': 'fp32'}, {'quant_mode': 'fp32', 'int8_sha256': None}, {'quant_mode': 'int4'}, {'int8_sha256': ''},
    {'quant_calibration_set': 'c.npz'}, {'quant_calibration_set': 'c.npz', 'quant_mode': 'static'},
    {'quant_mode': 'static'}, {'quant_calibration_set': 'c.npz', 'quant_mode': 'qat'}, {'quant_mode': 'qat'},
    {'quant_calibration_set': 'c.npz', 'quant_mode': 'fp32', 'int8_sha256': None},
    {'quant_calibration_set': 'é' * 256, 'quant_mode': 'static'},
    {'quant_calibration_set': 'é' * 257, 'quant_mode': 'static'},
    {'quant_calibration_set': '../c.npz', 'quant_mode': 'static'},
    {'quant_calibration_set': 'a\\c.npz', 'quant_mode': 'static'}, {'quant_calibration_set': '', 'quant_mode': 'static'},
    {'description': 'é' * 256}, {'description': 'é' * 257}, {'notes': '\U0001f600' * 512}, {'notes': 'x' * 513},
    {'license': 'é' * 128}, {'license': 'é' * 129}, {'license': 7}, {'license_url': 'nowhere'}, {'license_url': 'a:é'},
    {'license_url': 'https://example.org/a[]b'}, {'license_url': 'a:b c'}, {'license_url': 'a:' + 'b' * 510},
    {'license_url': 'a:' + 'b' * 511}, {'license_url': ':a'}, {'license_url': 'a:b\\c'}, {'license_url': 'a:\x7f'},
    {'sigstore_bundle': 'b.json'}, {'sigstore_bundle': 'b.sigstore.json'}, {'sigstore_bundle': 'a//b.sigstore.json'},
    {'smoke': 1}, {'smoke': False, 'opset': None}, {'quant_accuracy_budget_plcc': 2}, {'more': 1},
    {'quant_accuracy_budget_plcc': True}]
roots = [{'models': [{k: v for k, v in {**entry, **change}.items() if v is not None}]} for change in changes]
roots += [{'models': [entry, dict(entry, id='other')]}, {'models': []}, {'models': {}}, {'models': [7]},
          {'models': [], 'more': 1}, {'models': [], '$schema': 'é' * 1024}, {'models': [], '$schema': 'é' * 1025},
          {'models': [dict(entry, license=None)]}]
roots = [{'schema_version': 1, **root} for root in roots] + [{'models': []}] + [
    {'schema_version': v, 'models': []} for v in (0, 1, 2, True, '1', 1.0)]
roots.append({'schema_version': 0, 'models': [{k: v for k, v in entry.items() if k != 'license'}]})
path, differ = folder + '/tried.json', False
accepted = 0
for root in roots:
    json.dump(root, open(path, 'w'), ensure_ascii=False)
    ran = subprocess.run([tool, 'registry', 'check', path], capture_output=True, text=True)
    wanted = 0 if jsonschema.Draft202012Validator(schema).is_valid(root) else 1
    accepted += not wanted
    if ran.returncode != wanted:
        print('schema:', wanted, 'program:', ran.returncode, json.dumps(root)[:600], ran.stderr)
        differ = True
os.unlink(path)
sys.exit(differ or not 10 < accepted < len(roots) - 10)
END
else
    echo "no jsonschema for Python; the schema is not compared"
fi

if [ ! -d "$originals" ]; then
    echo "no reference models beside the checkout; the rest is skipped"
    [ $failures -eq 0 ] || exit 1
    exit 77
fi

# No malformed file gets past the tool, and each gets one line that names it.
for file in "$shared"/golden/models/malformed/*.onnx; do
    refuse 1 "^vkvmaf-model: model '.*$(basename "$file")'.*: " "$tool" inspect "$file"
done

# The same bytes as the original quantiser's.
cp "$originals"/vmaf_tiny_v4.* "$originals"/vmaf_tiny_v2.* . && chmod u+w vmaf_tiny_v*
mv vmaf_tiny_v4.int8.onnx original
expect 0 "ptq_dynamic. vmaf_tiny_v4.onnx -> vmaf_tiny_v4.int8.onnx" "$tool" quantize dynamic vmaf_tiny_v4.onnx
grep -q '14046 -> 7769 bytes (ratio 0.55)' err || fail "sizes"
cmp -s original vmaf_tiny_v4.int8.onnx || fail "quantize dynamic gives other bytes"
expect 1 "nothing to quantise" "$tool" quantize dynamic vmaf_tiny_v4.int8.onnx
expect 0 "" "$tool" quantize dynamic vmaf_tiny_v2.onnx --per-channel --output v2.onnx
expect 0 "quant_mode  dynamic" "$tool" inspect ./v2.onnx
expect 1 "cannot be written" "$tool" quantize dynamic vmaf_tiny_v2.onnx --output absent/v2.onnx
for file in "$shared"/golden/models/variants/v2_matmul_add.onnx "$shared"/golden/models/variants/v2_gemm_alpha_beta.onnx; do
    expect 1 "Gemm" "$tool" quantize dynamic "$file" --output refused.onnx
    [ ! -e refused.onnx ] || fail "a refused model leaves a file"
done

# registry ENTRY_OF_V4: writes registry.json
digest() { sha256sum <"$1" | cut -c1-64; }
registry()
{
    cat >registry.json <<.
{ "schema_version": 1, "models": [
  { "id": "vmaf_tiny_v2", "kind": "fr", "onnx": "vmaf_tiny_v2.onnx", "sha256": "$(digest vmaf_tiny_v2.onnx)",
    "opset": 17, "license": "BSD-3-Clause" },
  { "id": "vmaf_tiny_v4", "kind": "fr", "onnx": "vmaf_tiny_v4.onnx", "sha256": "$(digest vmaf_tiny_v4.onnx)",
    "opset": 17, "license": "BSD-3-Clause", "quant_mode": "dynamic", "int8_sha256": "$(digest original)"$1 } ] }
.
}
cp "$models/registry.schema.json" .
registry ''
expect 0 "OK: 2 registry entries" "$tool" registry check registry.json
expect 0 "PASS. vmaf_tiny_v4 +mode=dynamic +PLCC=0.999855 +drop=0.000145 +budget=0.0100 +worst_abs=1.6331" \
    "$tool" measure-drop --all --registry registry.json
expect 0 "PASS" "$tool" measure-drop ./vmaf_tiny_v4.onnx
registry ', "quant_accuracy_budget_plcc": 0.0001'
expect 1 "FAIL. vmaf_tiny_v4" "$tool" measure-drop --registry registry.json
expect 1 "budget 0.01, the registry 0.0001" "$tool" registry check registry.json
registry ''

# One problem at a time.
cp vmaf_tiny_v4.json kept.json
for change in 's/"mlp_large"/"mlp_large", "kind": "fr"/; /"quant_mode"/s/dynamic/static/' 's/203a2590/203a2591/' \
    's/"opset": 17/"opset": 16/' 's/0.9154358/0.9154359/' 's/"features",$/"frames",/' 's/"adm2",/"vif_scale0",/'; do
    sed "$change" kept.json >vmaf_tiny_v4.json
    cmp -s kept.json vmaf_tiny_v4.json && fail "nothing changed by $change"
    expect 1 "^FAIL: " "$tool" registry check registry.json
    tail -n 1 err | grep -qE '^[0-9]+ problems? in registry.json' || fail "no closing line"
done
rm vmaf_tiny_v4.json
expect 1 "vmaf_tiny_v4.json': cannot be opened" "$tool" registry check registry.json
cp kept.json vmaf_tiny_v4.json
mv vmaf_tiny_v4.int8.onnx away
expect 1 "missing=vmaf_tiny_v4.int8.onnx" "$tool" measure-drop --all --registry registry.json
expect 1 "vmaf_tiny_v4.int8.onnx': cannot be opened" "$tool" registry check registry.json
cp vmaf_tiny_v2.onnx vmaf_tiny_v4.int8.onnx
expect 1 "has the SHA-256" "$tool" registry check registry.json
cp away vmaf_tiny_v4.int8.onnx
echo '{' >bad.json
expect 1 "not a JSON object" "$tool" registry check bad.json
expect 2 "not a JSON object" "$tool" registry check registry.json --schema bad.json

# predict by id, in both forms.
printf 'adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2\n0.97545242,0.737497,0.903446,0.937515,0.958976,11.934\n' >one.csv
expect 0 "^99.3" "$tool" predict vmaf_tiny_v4 one.csv --models-dir . --device cpu
cp out int8.csv
expect 0 "^9[89]" "$tool" predict vmaf_tiny_v4 one.csv --tiny-registry registry.json --tiny-quant fp32 --device cpu
cmp -s out int8.csv && fail "both forms give the same score"
expect 0 "file        vmaf_tiny_v4.int8.onnx" "$tool" inspect vmaf_tiny_v4 --models-dir .
expect 2 "auto, fp32 or int8" "$tool" predict vmaf_tiny_v4 one.csv --tiny-quant int4

# Signatures: with openssl's keys where it is there.
if command -v openssl >/dev/null && openssl genpkey -algorithm ed25519 -out private.pem 2>/dev/null; then
    openssl pkey -in private.pem -pubout -out public.pem
    expect 0 "registry.json.sig" "$tool" sign --key private.pem registry.json
    base64 -d registry.json.sig >raw
    expect 0 "" openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in registry.json -sigfile raw
    expect 0 "vmaf_tiny_v4" "$tool" inspect vmaf_tiny_v4 --models-dir . --tiny-model-verify=public.pem
    sed 's/BSD-3/BSD-2/' registry.json >changed && cp changed registry.json
    expect 1 "does not match" "$tool" inspect vmaf_tiny_v4 --models-dir . --tiny-model-verify=public.pem
    expect 1 "Ed25519 private key" "$tool" sign --key public.pem registry.json
    openssl genrsa -out rsa.pem 2048 2>/dev/null
    expect 1 "Ed25519 private key" "$tool" sign --key rsa.pem registry.json
fi

# Without a key: a stand-in for cosign on PATH, which writes down what it is asked.
mkdir bin
printf '#!/bin/sh\necho "$@" >>"%s/asked"\nexit $(cat "%s/answer")\n' "$folder" "$folder" >bin/cosign
chmod +x bin/cosign
registry ', "sigstore_bundle": "vmaf_tiny_v4.sigstore.json"'
PATH=$folder/bin:$PATH
export PATH
echo 0 >answer
expect 1 "has no sigstore_bundle" "$tool" inspect vmaf_tiny_v2 --models-dir . --tiny-model-verify
expect 1 "bundle 'vmaf_tiny_v4.sigstore.json': cannot be opened" "$tool" inspect vmaf_tiny_v4 --models-dir . --tiny-model-verify
[ ! -e asked ] || fail "cosign ran without a bundle"
expect 0 "OK: " "$tool" registry check registry.json
: >vmaf_tiny_v4.sigstore.json
expect 0 "vmaf_tiny_v4.int8.onnx" "$tool" inspect vmaf_tiny_v4 --models-dir . --tiny-model-verify
grep -q '^verify-blob --bundle .*vmaf_tiny_v4.sigstore.json .*vmaf_tiny_v4.int8.onnx$' asked || fail "$(cat asked)"
echo 1 >answer
expect 1 "does not accept" "$tool" inspect vmaf_tiny_v4 --models-dir . --tiny-model-verify

# vkvmaf takes the 8-bit form and says so.
awk 'BEGIN { print "YUV4MPEG2 W48 H48 F25:1 C420"; for (t = 0; t < 2; t++) { print "FRAME"
    for (i = 0; i < 3456; i++) printf "%c", 65 + (i * (7 + t)) % 50 } }' >clip.y4m
expect 0 '"file": "vmaf_tiny_v4.int8.onnx"' "$scorer" -r clip.y4m -d clip.y4m --device cpu --json \
    --tiny-model vmaf_tiny_v4 --tiny-registry registry.json
grep -q '"quant_mode": "dynamic"' out || fail "no quant_mode"
expect 0 "model vmaf_tiny_v4: vmaf_tiny_v4.int8.onnx, dynamic" "$scorer" -r clip.y4m -d clip.y4m --device cpu \
    --tiny-model vmaf_tiny_v4 --models-dir .
expect 0 '"file": "vmaf_tiny_v4.onnx"' "$scorer" -r clip.y4m -d clip.y4m --device cpu --json \
    --tiny-model vmaf_tiny_v4 --models-dir . --tiny-quant fp32

finish
