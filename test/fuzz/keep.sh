#!/bin/sh
# Keeps what a fuzzer has found: the fewest inputs that reach as much of the code as all those in FOLDER, as the archive
# corpus/TARGET.tar.xz, which the test starts with. FOLDER holds no copies of data that is not this project's.
#
#     build/fuzz/test/fuzz/fuzz_onnx -max_total_time=600 -max_len=8192 FOLDER models
#     test/fuzz/keep.sh build/fuzz/test/fuzz/fuzz_onnx FOLDER
set -eu
fuzzer=$1
found=$2
target=$(basename "$fuzzer")
target=${target#fuzz_}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$target"
"$fuzzer" -merge=1 "$work/$target" "$found" 2>"$work/log" || { tail -n 20 "$work/log" >&2; exit 1; }
mkdir -p "$(dirname "$0")/corpus"
tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$target" |
    xz -9 >"$(dirname "$0")/corpus/$target.tar.xz"
echo "$(find "$work/$target" -type f | wc -l) inputs in corpus/$target.tar.xz"
