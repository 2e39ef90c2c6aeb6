#!/bin/sh
# tools/quickstart.sh with stand-ins for what it installs, builds and decodes with, and the real tool on the CPU.
# Arguments: the tool, the project's root.
tool=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
. "$root/test/cli/checks.sh"
mkdir -p fake/tools fake/build/tools bin run
cp "$root/tools/quickstart.sh" fake/tools/
ln -s "$tool" fake/build/tools/vkvmaf
printf '#!/bin/sh\n' >bin/cmake
# ffmpeg: the file itself; its name says how that ends.
cat >bin/ffmpeg <<'END'
#!/bin/sh
[ "$2" != -h ] || { echo '-fps_mode'; exit 0; }
while [ "$1" != -i ]; do shift; done
file=${2#file:}
case $file in
*broken*) echo "Invalid data" >&2; exit 183 ;;
esac
cat "$file" || { echo "Error muxing a packet: Broken pipe" >&2; exit 224; }
case $file in
*silent*) exit 9 ;;
*lasting*) exec sleep 60 ;;
esac
END
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
    timeout 60 sh ../fake/tools/quickstart.sh "$@" >out 2>err
    code=$?
    [ $code -eq "$wanted" ] || fail "exit code $code: $*"
}

y4m ref.y4m 48 48 6
y4m short.y4m 48 48 2
for name in -dash silent broken lasting; do
    cp ref.y4m ./$name.y4m
done
y4m long.y4m 48 48 400

quick 0 ref.y4m ref.y4m --device cpu
[ -s vkvmaf.json ] && [ ! -s err ] || fail "no log, or messages"
quick 0 -dash.y4m ref.y4m --device cpu
quick 0 ref.y4m ref.y4m --device cpu --tiny-model none
grep -q "vmaf_tiny" out && fail "--tiny-model none is not passed on"

# One that is still at work when the other has ended is stopped, and that is no failure.
for other in lasting.y4m long.y4m; do
    rm -f vkvmaf.json
    quick 0 $other short.y4m --device cpu
    [ -s vkvmaf.json ] || fail "no log: $other"
    grep -q "ffmpeg" err && fail "the decoder is blamed: $other"
done

# One that fails is named, also without a message of its own; what could be scored is kept.
rm -f vkvmaf.json
quick 1 broken.y4m ref.y4m --device cpu
grep -q "ffmpeg: Invalid data" err && grep -q "broken.y4m: ffmpeg could not decode it" err || fail "no word of ffmpeg's failure"
[ ! -e vkvmaf.json ] || fail "a log of nothing"
quick 1 silent.y4m ref.y4m --device cpu
grep -q "silent.y4m: ffmpeg could not decode it" err || fail "a silent failure of ffmpeg goes unnoticed"
[ -s vkvmaf.json ] || fail "the log is lost"

quick 0 --help
grep -q "quickstart.sh" out && ! grep -q "set -eu" out || fail "no usage"
rm -f vkvmaf.json && mkdir vkvmaf.json
quick 1 ref.y4m ref.y4m --device cpu
[ "$(wc -l <err)" -eq 1 ] && grep -q "is a folder" err || fail "a folder in the log's place"
finish
