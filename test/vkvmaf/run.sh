#!/bin/sh
# vkvmaf run: a program gets libvmaf.so.3 of vkvmaf and the device; one that would not load it is refused with one line.
# Arguments: the tool, the project's root, a program that loads libvmaf.so.3, the C compiler.
tool=$1
program=$3
compiler=$4
root=$(cd "$2" && pwd)
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
. "$root/test/vkvmaf/checks.sh"
unset LD_LIBRARY_PATH VKVMAF_DEVICE
path=$PATH # of the command

# give CODE TEXT ARGUMENT...: what `run` returns, and what it or its program writes.
give()
{
    code=$1
    text=$2
    shift 2
    n_checks=$((n_checks + 1))
    PATH=$path "$tool" run "$@" >out 2>err </dev/null
    got=$?
    [ $got -eq "$code" ] || fail "exit code $got: $*"
    [ -z "$text" ] || cat out err | grep -qF -e "$text" || fail "does not say '$text': $*"
}
# refuse TEXT ARGUMENT...
refuse()
{
    give 2 "$@"
    [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] || fail "not one line: $*"
}

library=$("$tool" run --force -- sh -c 'echo $LD_LIBRARY_PATH')
[ -f "$library/libvmaf.so.3" ] || fail "LD_LIBRARY_PATH does not begin with the library's folder"
n_checks=$((n_checks + 1))
[ "$(LD_LIBRARY_PATH=/a:/b "$tool" run --force sh -c 'echo $LD_LIBRARY_PATH')" = "$library:/a:/b" ] || fail "LD_LIBRARY_PATH"
give 0 "cpu --x -- y" --device cpu --force -- sh -c 'echo "$VKVMAF_DEVICE" "$@"' sh --x -- y
give 7 "" --force sh -c 'exit 7'
give 127 "no_such_program: cannot be run" no_such_program
give 126 "cannot be run" --force -- "$root"
refuse "no program; vkvmaf run -- PROGRAM"
refuse "no program" --
refuse 'option "--json" does not belong' --json sh

# Programs that load it, and that do not, as ffmpeg or with an ffmpeg.
give 0 "VMAF" --device cpu -- "$program"
mkdir bin empty
path=$PWD/empty
refuse "ffmpeg: is not found" -- /bin/sh -c true
path=$PATH
cp /bin/true bin/ffmpeg
refuse "bin/ffmpeg: is built without libvmaf" -- bin/ffmpeg
path=$PWD/bin:$PATH
refuse "bin/ffmpeg: is built without libvmaf" -- sh -c true
give 0 "" --force -- ffmpeg
printf '#!/bin/sh\n' >bin/ffmpeg
refuse "bin/ffmpeg: is no program whose libraries can be listed" -- ffmpeg
rm bin/ffmpeg
cp "$program" bin/ffmpeg
give 0 "here" -- sh -c 'echo here'
head -c 100 "$program" >bin/ffmpeg
refuse "bin/ffmpeg: is no program whose libraries can be listed" -- ffmpeg
echo 'int main(void) { return 0; }' >static.c
if "$compiler" -static static.c -o bin/ffmpeg 2>/dev/null; then
    refuse "bin/ffmpeg: is linked statically" -- ffmpeg
fi

# The build folder's name has a space and brackets. Another folder's name begins as that of the library's.
built=$(cd "$(dirname "$tool")/.." && pwd -P)
copy="$PWD/copy (1)"
mkdir -p "$copy/tools" "$copy${library#"$built"}" "$copy${library#"$built"}2"
cp "$tool" "$copy/tools"
cp "$library/libvmaf.so.3" "$copy${library#"$built"}"
tool="$copy/tools/$(basename "$tool")"
other="$copy${library#"$built"}2"
cp "$program" bin/ffmpeg
give 0 "VMAF" -- ffmpeg

# A program with a library path of its own gets another libvmaf, whatever ffmpeg there is.
echo 'int vmaf_version(void) { return 0; }' >other.c
if "$compiler" -shared -fPIC -Wl,-soname,libvmaf.so.3 other.c -o "$other/libvmaf.so.3" 2>/dev/null &&
    "$compiler" static.c -Wl,--no-as-needed -Wl,--disable-new-dtags "-Wl,-rpath,$other" "$other/libvmaf.so.3" \
        -o bin/player; then
    refuse "bin/player: loads another libvmaf: libvmaf.so.3 => $other/libvmaf.so.3" -- player
fi

# Programs with other rights ignore LD_LIBRARY_PATH, as sudo does.
cp "$program" bin/player
if chown 1 bin/player 2>/dev/null && chmod u+s bin/player; then
    refuse "bin/player: has the rights of another user" -- player
fi

# execvp looks into the current folder for an empty name.
cd bin || exit 1
path=/no/such/folder:
give 0 "VMAF" -- ffmpeg
finish
