#!/bin/sh
# VMAF_TINY_MODEL_DIR: networks, and what lies beside them, are read from below that folder only, whatever options, links
# and ".." say. Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
y4m ref.y4m 48 48 2
for folder in inside inside/deep outside; do
    mkdir $folder
    cp "$root"/models/*.json "$root"/models/*.onnx $folder
done
export VMAF_TINY_MODEL_DIR=inside

run()
{
    n_checks=$((n_checks + 1))
    rm -f log.json
    "$tool" -r ref.y4m -d ref.y4m --device cpu --json -o log.json -q "$@" >out 2>err </dev/null
}
# takes FILE ARGUMENT...: the log names this file of a network.
takes()
{
    file=$1
    shift
    run "$@" || fail "refused: $*"
    [ ! -s err ] && grep -qF "\"file\": \"$file\"" log.json || fail "not by $file: $*"
}
# refuse ARGUMENT...: one line that says so, and nothing else.
refuse()
{
    run "$@" && fail "accepted: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF "lies outside of '$VMAF_TINY_MODEL_DIR', where models are confined to" err ||
        fail "does not say so: $*"
    [ ! -s out ] && [ ! -e log.json ] || fail "leaves something: $*"
}

# What lies inside, by all names.
ln -s vmaf_tiny_v4.onnx inside/same.onnx
ln -s inside by_link
for path in inside inside/deep inside/deep/.. outside/../inside ./inside/. by_link "$PWD/inside"; do
    takes vmaf_tiny_v4.int8.onnx --tiny-model $path/vmaf_tiny_v4.onnx
    takes vmaf_tiny_v4.onnx --tiny-model $path/vmaf_tiny_v4.onnx --tiny-quant fp32
    takes vmaf_tiny_v2.onnx --models_dir $path
    takes vmaf_tiny_v4.int8.onnx --tiny-registry $path/registry.json --tiny-model vmaf_tiny_v4
done
VMAF_TINY_MODEL_DIR=by_link takes vmaf_tiny_v2.onnx --tiny-model inside/vmaf_tiny_v2.onnx
VMAF_TINY_MODEL_DIR=$PWD/outside/../inside/ takes vmaf_tiny_v2.onnx --tiny-model inside/vmaf_tiny_v2.onnx
VMAF_TINY_MODEL_DIR='' takes vmaf_tiny_v2.onnx --tiny-model outside/vmaf_tiny_v2.onnx

# What lies outside, also of a folder whose name begins alike, and what is not there.
cp -r outside inside2
ln -s ../outside inside/linked
mkdir inside/one
ln -s ../../outside/vmaf_tiny_v2.onnx inside/one/model.onnx
ln -s ../../outside/absent.onnx inside/one/dangling.onnx
for path in outside inside/../outside inside/linked inside2 "$PWD/outside"; do
    refuse --tiny-model $path/vmaf_tiny_v2.onnx
    refuse --tiny-model $path/absent.onnx
    refuse --models_dir $path
    refuse --tiny-registry $path/registry.json
done
refuse --tiny-model inside/one/model.onnx
refuse --tiny-model inside/one/dangling.onnx
refuse # the models that are installed
VMAF_TINY_MODEL_DIR=inside/deep refuse --tiny-model inside/vmaf_tiny_v2.onnx

# What lies beside a network inside, by a link that leads outside: each file that a run reads.
# beside FILE ARGUMENT...: it is refused with such a link in the file's place, and taken without.
beside()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    mv inside/deep/"$file" kept
    ln -s ../../outside/"$file" inside/deep/"$file"
    refuse "$@"
    rm inside/deep/"$file"
    mv kept inside/deep/"$file"
    run "$@" || fail "refused without a link: $*"
}
for way in '--tiny-model inside/deep/vmaf_tiny_v4.onnx' '--models_dir inside/deep --tiny-model vmaf_tiny_v4'; do
    for file in registry.json vmaf_tiny_v4.onnx vmaf_tiny_v4.json vmaf_tiny_v4.int8.onnx; do
        # shellcheck disable=SC2086
        beside $file $way
    done
done
rm inside/deep/registry.json
for file in vmaf_tiny_v4.onnx vmaf_tiny_v4.json vmaf_tiny_v4.int8.onnx; do
    beside $file --tiny-model inside/deep/vmaf_tiny_v4.onnx
done

# In a batch it is a fault of the line, before anything is scored.
echo '-r ref.y4m -d ref.y4m --tiny-model outside/vmaf_tiny_v2.onnx --json -o log.json' >jobs
n_checks=$((n_checks + 1))
rm -f log.json
"$tool" --batch jobs --device cpu -q >out 2>err </dev/null
[ $? -eq 2 ] && [ ! -e log.json ] && grep -q "^vkvmaf: jobs:1: .*lies outside of 'inside'" err || fail "a line of a batch"

# libvmaf's models are no networks.
if [ -d "$root/../shared/reference-models" ]; then
    run --model "path=$root/../shared/reference-models/vmaf_v0.6.1.json" && grep -q '"vmaf"' log.json ||
        fail "a model of libvmaf"
fi
finish
