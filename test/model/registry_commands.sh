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
printf '#!/bin/sh\necho "$@" >>%s/asked\nexit $(cat %s/answer)\n' "$folder" "$folder" >bin/cosign
chmod +x bin/cosign
registry ', "sigstore_bundle": "vmaf_tiny_v4.sigstore.json"'
PATH=$folder/bin:$PATH
export PATH
echo 0 >answer
expect 1 "has no sigstore_bundle" "$tool" inspect vmaf_tiny_v2 --models-dir . --tiny-model-verify
expect 1 "is not there" "$tool" inspect vmaf_tiny_v4 --models-dir . --tiny-model-verify
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
