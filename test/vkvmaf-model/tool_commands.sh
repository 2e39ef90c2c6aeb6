#!/bin/sh
# vkvmaf-model from outside: output, messages, exit codes. Arguments: the tool, the folder with the models.
tool=$1
model=$2/vmaf_tiny_v2.onnx
. "$(dirname "$0")/test_lib.sh"

cat >rows.csv <<'.'
frame,motion2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,adm2,
0,0,1,1,1,1,1,
1,5,0.5,0.8,0.85,0.9,0.95,
2,nan,1,1,1,1,1,
.
sed 's/vif_/integer_vif_/g; s/adm2/integer_adm2/; s/motion2/integer_motion2/; s/$/\r/' rows.csv >prefixed.csv

expect 0 "usage:" "$tool" --help
expect 0 "vkvmaf-model 0." "$tool" --version
expect 0 "6 -> 16, relu" "$tool" inspect "$model"
expect 0 "97.41819" "$tool" predict "$model" rows.csv --device cpu
cp out expected
[ "$(wc -l <out)" -eq 4 ] && [ "$(head -n 1 out)" = score ] && [ "$(tail -n 1 out)" = nan ] ||
    fail "not a column of three scores"
expect 0 "" "$tool" predict "$model" prefixed.csv --device=cpu -o scores.csv
cmp -s scores.csv expected || fail "-o or the prefix changes scores"
expect 0 "97.41819" sh -c '"$1" predict "$2" - --device cpu <rows.csv' sh "$tool" "$model"
refuse 2 "is read, and would be replaced" "$tool" predict "$model" rows.csv --device cpu -o ./rows.csv
# A link to a descriptor is written, not replaced.
"$tool" predict "$model" rows.csv --device cpu -o /proc/self/fd/3 3>third 2>/dev/null && cmp -s third expected ||
    fail "an output that is a descriptor"
# What a file holds reaches the terminal as one line, without controls.
printf 'adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2\n1,1,1,1,1,"\033[2J\nvkvmaf-model: all is well"\n' >cell.csv
refuse 1 "" "$tool" predict "$model" cell.csv --device cpu
[ "$(wc -l <err)" -eq 1 ] && ! grep -q "$(printf '\033')" err || fail "a cell reaches the terminal as it is"

refuse 2 "no command" "$tool"
refuse 2 "not a command" "$tool" frobnicate
refuse 2 "wants a model" "$tool" predict "$model"
refuse 2 "is not expected" "$tool" predict "$model" rows.csv --frob
refuse 2 "wants a value" "$tool" predict "$model" rows.csv --device
refuse 2 "wants a value" "$tool" predict "$model" rows.csv -o
refuse 2 "one argument too many" "$tool" predict "$model" rows.csv rows.csv
refuse 1 "no such file" "$tool" predict absent.onnx rows.csv
refuse 1 "neither a path" "$tool" inspect rows.csv
refuse 1 "not an ONNX file" "$tool" inspect ./rows.csv
refuse 1 "cannot be opened" "$tool" predict "$model" absent.csv --device cpu
cut -d, -f1-6 rows.csv >narrow.csv
refuse 1 "no column adm2" "$tool" predict "$model" narrow.csv --device cpu
sed '3s/0.8,/zero,/' rows.csv >words.csv
refuse 1 "line 3: vif_scale1 is 'zero'" "$tool" predict "$model" words.csv --device cpu
sed '3s/,0.85.*//' rows.csv >short.csv
refuse 1 "line 3: 4 columns" "$tool" predict "$model" short.csv --device cpu
head -n 1 rows.csv >empty.csv
refuse 1 "has no rows" "$tool" predict "$model" empty.csv --device cpu
sed '1s/frame/integer_adm2/' rows.csv >twice.csv
refuse 1 "two columns for adm2" "$tool" predict "$model" twice.csv --device cpu
refuse 1 "no-such-device" "$tool" predict "$model" rows.csv --device no-such-device
refuse 1 "cannot be written" "$tool" predict "$model" rows.csv --device cpu -o absent/scores.csv
refuse 1 "cannot be read: Is a directory" "$tool" predict "$model" . --device cpu
refuse 1 "cannot be written" "$tool" predict "$model" rows.csv --device cpu -o .
expect 0 "" "$tool" predict "$model" rows.csv --device cpu -o "$(printf '%0250d' 0)"
expect 0 "97.41819" sh -c '"$1" predict "$2" rows.csv --device cpu -o /dev/stdout | cat' sh "$tool" "$model"
refuse 1 "cannot be written" sh -c '"$1" predict "$2" rows.csv --device cpu >/dev/full' sh "$tool" "$model"
# A failed run leaves an older result alone, and nothing else, also when it fails behind the first byte.
limited()
{
    text=$(trap '' XFSZ; ulimit -f 0; "$@" 2>&1)
    code=$?
    echo "$text" >&2
    return $code
}
refuse 1 "line 3" "$tool" predict "$model" words.csv --device cpu -o scores.csv
refuse 1 "cannot be written: File too large" limited "$tool" predict "$model" rows.csv --device cpu -o scores.csv
cmp -s scores.csv expected || fail "a failed run changed its output"
no_temporary_files

cat >sum.ckpt <<'.'
{"format": "vkvmaf-checkpoint", "input_mean": [0, 0, 0, 0, 0, 0], "input_std": [1, 1, 1, 1, 1, 2], "layers": [
 {"inputs": 6, "outputs": 2, "relu": true, "weights": ["0x1p+0", "1", "1", "1", "1", "1",
  "-1", "-1", "-1", "-1", "-1", "-1"], "bias": ["0", "0"]},
 {"inputs": 2, "outputs": 1, "relu": false, "weights": ["0x1.4p+3", "-10"], "bias": ["0.5"]}]}
.
expect 0 "bytes" "$tool" export sum.ckpt -o sum.onnx --notes 'a "sum"'
grep -qF 'a \"sum\"' sum.json || fail "no notes in the sidecar"
grep -qF "$(sha256sum <sum.onnx | cut -c1-64)" sum.json || fail "sha256"
expect 0 "50.5" "$tool" predict sum.onnx rows.csv --device cpu
refuse 2 "file name" "$tool" export sum.ckpt -o Sum.onnx
sed '3s/"-1", //' sum.ckpt >damaged.ckpt
refuse 1 "not a complete and consistent checkpoint" "$tool" export damaged.ckpt -o damaged.onnx
refuse 1 "not a complete and consistent checkpoint" sh -c 'head -n 3 sum.ckpt >damaged.ckpt; "$1" export damaged.ckpt \
    -o damaged.onnx' sh "$tool"
for change in 's/1, 2\], "lay/1, -2], "lay/' '1s/{/{"arch": "mlp_small", /' '1s/{/{"arch": 7, /' \
    '1s/{/{"n_params": 18, /'; do
    sed "$change" sum.ckpt >damaged.ckpt
    ! cmp -s sum.ckpt damaged.ckpt || fail "$change changes nothing"
    refuse 1 "not a complete and consistent checkpoint" "$tool" export damaged.ckpt -o damaged.onnx
done
sed '1s/{/{"n_params": 17, /' sum.ckpt >sum17.ckpt
expect 0 "bytes" "$tool" export sum17.ckpt -o sum.onnx --notes "$(printf 'a\377b \303\274')"
grep -qF '"notes": "a\ufffdb ü"' sum.json || fail "notes that are not UTF-8"
# Other features are no model of this family.
head='"format": "vkvmaf-checkpoint", '
for names in '"motion2", "vif_scale3", "vif_scale2", "vif_scale1", "vif_scale0", "adm2"' '"adm2"' ''; do
    sed "1s/$head/$head\"features\": [$names], /" sum.ckpt >other.ckpt
    refuse 2 "is not a checkpoint of adm2" "$tool" export other.ckpt -o damaged.onnx
done
sed '1s/\[0, 0, 0, 0, 0, 0\]/[0, 0, 0, 0, 0]/' sum.ckpt >other.ckpt
refuse 2 "is not a checkpoint of adm2" "$tool" export other.ckpt -o damaged.onnx
sed '2s/"inputs": 6/"inputs": 5/' sum.ckpt >other.ckpt
refuse 2 "is not a checkpoint of adm2" "$tool" export other.ckpt -o damaged.onnx
names='"adm2", "vif_scale0", "vif_scale1", "vif_scale2", "vif_scale3", "motion2"'
sed "1s/$head/$head\"features\": [$names], /" sum.ckpt >other.ckpt
expect 0 "bytes" "$tool" export other.ckpt -o other.onnx
cmp -s other.onnx sum.onnx || fail "the names of the features change the model"
touch sum.onnx.data
expect 0 "bytes" "$tool" export --ckpt sum.ckpt --out-onnx sum.onnx --out-sidecar about.json
[ -s about.json ] && [ ! -e sum.onnx.data ] || fail "sidecar or stale data"
[ ! -e damaged.onnx ] || fail "a failed export left a file"
refuse 1 "absent/about.json' cannot be written" "$tool" export sum.ckpt -o lost.onnx --out-sidecar absent/about.json
[ ! -e lost.onnx ] || fail "a failed export left a file"

# What lies in the place of an output: pipes that nobody reads, links, descriptors.
mkfifo pipe
refuse 1 "'pipe' cannot be written: nothing reads it" timeout 1800 "$tool" predict "$model" rows.csv --device cpu -o pipe
refuse 1 "'pipe' cannot be written: nothing reads it" timeout 1800 "$tool" export sum.ckpt -o piped.onnx --out-sidecar pipe
[ ! -e piped.onnx ] && [ -p pipe ] || fail "a pipe that nobody reads, and a file is left"
timeout 1800 cat pipe >read &
expect 0 "" "$tool" predict "$model" rows.csv --device cpu -o pipe
wait $!
cmp -s read expected || fail "a pipe that is read"
ln -s linked.csv link && ln -s link second
for round in new old; do
    expect 0 "" "$tool" predict "$model" rows.csv --device cpu -o second
    [ -L second ] && [ -L link ] && cmp -s linked.csv expected || fail "an output behind links, $round"
    echo old >linked.csv
done
ln -s circle circle && ln -s absent/x.csv lost
refuse 1 "'circle' cannot be written: Too many levels" "$tool" predict "$model" rows.csv --device cpu -o circle
refuse 1 "'lost' cannot be written: No such file" "$tool" predict "$model" rows.csv --device cpu -o lost
refuse 1 "'new/' cannot be written: Is a directory" "$tool" predict "$model" rows.csv --device cpu -o new/
ln -s same.onnx way
refuse 2 "are the same file" "$tool" export sum.ckpt -o same.onnx --out-sidecar way
ln -s rows.csv input && cp rows.csv before.csv
refuse 2 "is read, and would be replaced" "$tool" predict "$model" rows.csv --device cpu -o input
cmp -s rows.csv before.csv || fail "an input was replaced"
if mknod blocks b 7 250 2>/dev/null; then
    refuse 1 "'blocks' cannot be written" "$tool" predict "$model" rows.csv --device cpu -o blocks
    refuse 1 "it is a device of blocks" "$tool" train --recipe reference --arch mlp_small --data rows.csv -o blocks
fi
# What a descriptor holds stays before what is written to it.
{ echo before; "$tool" predict "$model" rows.csv --device cpu -o /dev/stderr; } 2>third >&2
grep -v '^model ' third >rows_of_it
{ echo before; cat expected; } | cmp -s - rows_of_it || fail "an output that is standard error"

finish
