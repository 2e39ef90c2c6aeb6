#!/bin/sh
# The preset "portable" builds a program that needs nothing of another machine but libc and a Vulkan driver: it is moved,
# alone with what lies beside it, scores as the tool does, and reports about a device.
# Arguments: the tool, the project's root, on_driver.sh's build folder, in which the build stays for the next run.
tool=$1
build=$3/portable
root=$(cd "$2" && pwd)
driver="$root/test/checkgpu/on_driver.sh llvmpipe $3"
. "$root/test/vkvmaf/checks.sh"
command -v readelf >/dev/null || skip "no readelf"
$driver true >out 2>&1 || skip "no llvmpipe"

n_checks=$((n_checks + 1))
(cd "$root" && cmake --preset portable -B "$build") >out 2>err &&
    cmake --build "$build" --target vkvmaf-tool --parallel 2 >out 2>err || { fail "the build"; finish; }

# needs FILE: what the loader looks for, but for the parts of libc.
needs()
{
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' |
        grep -vE '^(lib(c|m|pthread|dl|rt)\.so\.[0-9]+|ld-linux[-a-z0-9_]*\.so\.[0-9]+|ld-musl-.*)$'
}
mkdir moved
cp "$build/tools/vkvmaf" moved/ && cp "$build"/tools/lib*.so* moved/ 2>/dev/null
for file in moved/*; do
    n_checks=$((n_checks + 1))
    for library in $(needs "$file"); do
        [ -e "moved/$library" ] || fail "$file needs $library, which is not libc's and not beside it"
    done
done

y4m ref.y4m 64 48 3
y4m dist.y4m 64 48 3
n_checks=$((n_checks + 1))
$driver "$tool" -r ref.y4m -d dist.y4m --tiny-model none --csv -q -o expected.csv >out 2>err || fail "the tool"
$driver moved/vkvmaf -r ref.y4m -d dist.y4m --tiny-model none --csv -q -o moved.csv >out 2>err || fail "the moved program"
cmp -s expected.csv moved.csv || fail "the moved program gives another log"

# Whatever the budget is enough for, no part of it fails.
n_checks=$((n_checks + 1))
$driver moved/vkvmaf device-report --budget 2 -o report.json >out 2>err
grep -qE '^ *"verdict": "(equal|stopped|nothing)"' report.json && ! grep -q '"status": "failed"' report.json ||
    fail "the report of a device"
finish
