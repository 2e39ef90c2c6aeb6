#!/bin/sh
# tools/quickstart.sh with stand-ins for what it installs and builds with, and the real tool on the CPU.
# Arguments: the tool, the project's root.
tool=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
mkdir -p fake/tools fake/build/tools bin run
cp "$root/tools/quickstart.sh" fake/tools/
ln -s "$tool" fake/build/tools/vkvmaf
printf '#!/bin/sh\n' >bin/cmake
chmod +x bin/*
PATH=$PWD/bin:$PATH VKVMAF_NO_INSTALL=1
export PATH VKVMAF_NO_INSTALL
cd run || exit 1

# quick CODE ARGUMENT...: runs it; CODE is the exit code that is expected.
quick()
{
    wanted=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit sh ../fake/tools/quickstart.sh "$@" >out 2>err
    code=$?
    [ $code -eq "$wanted" ] || fail "exit code $code: $*"
}

y4m ref.y4m 48 48 6
y4m short.y4m 48 48 2
cp ref.y4m ./-dash.y4m
head -c 6000 ref.y4m >broken.y4m

quick 0 ref.y4m ref.y4m --device cpu
[ -s vkvmaf.json ] && [ ! -s err ] || fail "no log, or messages"
quick 0 -dash.y4m ref.y4m --device cpu
quick 0 ref.y4m ref.y4m --device cpu --tiny-model none
grep -q "vmaf_tiny" out && fail "--tiny-model none is not passed on"
rm -f vkvmaf.json
quick 0 ref.y4m short.y4m --device cpu
[ -s vkvmaf.json ] && grep -q '"short.y4m" ended before "ref.y4m"' err || fail "a shorter video"

# A file that fails is named as the user named it, in one line, and there is no log.
rm -f vkvmaf.json
quick 1 broken.y4m ref.y4m --device cpu
[ "$(wc -l <err)" -eq 1 ] && grep -q "broken.y4m: frame 1 is cut" err || fail "a broken file is not named"
[ ! -e vkvmaf.json ] || fail "a log of nothing"
quick 1 ref.y4m absent.y4m --device cpu
[ "$(wc -l <err)" -eq 1 ] && grep -q "absent.y4m: does not exist" err || fail "a missing file is not named"

# Without VKVMAF_NO_INSTALL libvmaf's models are installed, too. Where that fails, one line says so.
printf '#!/bin/sh\n' >../fake/tools/install-deps.sh
chmod +x ../fake/tools/install-deps.sh
unset VKVMAF_NO_INSTALL
export XDG_DATA_HOME="$PWD/data" PIP_NO_INDEX=1 PIP_FIND_LINKS="$PWD"
quick 0 ref.y4m ref.y4m --device cpu
[ "$(grep -c "^going on without libvmaf's models; later: .*/build/tools/vkvmaf models install\$" out)" -eq 1 ] &&
    [ "$(grep -c libvmaf out)" -eq 1 ] && [ ! -s err ] && [ -s vkvmaf.json ] || fail "without a network"
printf '#!/bin/sh\n[ "$1 $2" != "models install" ] || { echo yes >>called; echo they are in a folder; exit 0; }\nexec "%s" "$@"\n' "$tool" >../bin/vkvmaf
chmod +x ../bin/vkvmaf
ln -sf "$PWD/../bin/vkvmaf" ../fake/build/tools/vkvmaf
quick 0 ref.y4m ref.y4m --device cpu
[ "$(cat called)" = yes ] && grep -q '^they are in a folder$' out && ! grep -q libvmaf out ||
    fail "the models are not installed, or that is not said"
VKVMAF_NO_INSTALL=1 quick 0 ref.y4m ref.y4m --device cpu
[ "$(cat called)" = yes ] || fail "VKVMAF_NO_INSTALL=1 installs models"

quick 0 --help
grep -q "quickstart.sh" out && ! grep -q "set -eu" out || fail "no usage"
rm -f vkvmaf.json && mkdir vkvmaf.json
quick 1 ref.y4m ref.y4m --device cpu
[ "$(wc -l <err)" -eq 1 ] && grep -q "is a folder" err || fail "a folder in the log's place"
finish
