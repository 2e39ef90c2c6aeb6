#!/bin/sh
# Two families are added to a copy of the sources by four files and three lines each, as docs/architecture.md says, and
# are there everywhere: devices, reference, logs, --help, completions, Python, checks. mean_luma leaves sums, of earlier
# references, too; luma_median leaves a histogram.
# Arguments: the project's root, a folder for the copy, on_driver.sh's build folder. Exit code 77: no device.
set -u
root=$(cd "$1" && pwd)
copy=$2/tree
driver="$root/test/checkgpu/on_driver.sh llvmpipe $3"
n_checks=0

fail()
{
    echo "FAILED: $1"
    [ ! -s out ] || head -n 20 out
    exit 1
}

# check WHAT COMMAND...
check()
{
    n_checks=$((n_checks + 1))
    what=$1
    shift
    "$@" >out 2>&1 || fail "$what"
}

has()
{
    n_checks=$((n_checks + 1))
    grep -q -- "$2" "$3" || fail "$1 does not have: $2"
}

git -C "$root" rev-parse >/dev/null 2>&1 || { echo "skipped: no git checkout"; exit 77; }
rm -rf "$copy" && mkdir -p "$copy" && cd "$copy" || exit 1
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar cf - 2>/dev/null) | tar xf - ||
    fail "the copy"

# add FAMILY: four files, and three lines: the families, the checks, the changelog.
add()
{
    files=$root/test/families/$1
    cp "$files/shader.comp" "shaders/$1.comp"
    cp "$files/family.c" "src/features/$1.c"
    cp "$files/reference.c" "src/ref/$1.c"
    cp "$files/check.c" "test/checkgpu/$1.c"
    sed -i "s/^#define FAMILIES(F) .*/& F($1)/" src/features/family.h
    sed -i "s/C(motion)/C(motion) C($1)/" test/checkgpu/table.c
    sed -i "0,/^- /s//- A made-up family: \`$1\`.\\n&/" CHANGELOG.md
}

add mean_luma
changed=$(for file in src/features/family.h test/checkgpu/table.c CHANGELOG.md; do
    diff "$root/$file" "$file" | grep -c '^>'
done | tr '\n' ' ')
[ "$changed" = "1 1 1 " ] || fail "three lines, one in each file: $changed"
add luma_median

check "configure" cmake -S . -B build -G Ninja -DVKV_WERROR=ON -DCMAKE_BUILD_TYPE=Release
check "build" cmake --build build --target vkvmaf vkvmaf-tool checkgpu --parallel 2
tool=$copy/build/tools/vkvmaf

check "the lint of families" python3 test/lint/families.py .
check "help" "$tool" --help
has "--help" 'mean_luma' out
check "the list of features" "$tool" --list-features
has "--list-features" '^mean_luma .*mean of the samples' out
if command -v bash >/dev/null; then
    cat >complete.bash <<'EOF'
source "$1"
COMP_WORDS=("$2" --feature mean) COMP_CWORD=2 COMPREPLY=()
_vkvmaf
printf '%s\n' "${COMPREPLY[@]}"
EOF
    check "bash" bash complete.bash tools/completions/vkvmaf.bash "$tool"
    has "the completion" '^mean_luma$' out
fi

# Seven frames of 41x33: means that are known.
python3 - <<'EOF' || fail "pictures"
for name, base in (("ref", 10), ("dist", 13)):
    with open(name + ".y4m", "wb") as file:
        file.write(b"YUV4MPEG2 W41 H33 F25:1 Cmono\n")
        for frame in range(7):
            file.write(b"FRAME\n" + bytes((base + frame + (7 * i) % 100) % 256 for i in range(41 * 33)))
EOF
for device in llvmpipe cpu; do
    $driver "$tool" -r ref.y4m -d dist.y4m --device $device --tiny-model none --json --precision 17 -q -o log.$device \
        >out 2>&1
    code=$?
    [ $code -ne 77 ] || exit 77
    check "a run on $device" test $code -eq 0
    check "the log of $device" python3 - log.$device <<'EOF'
import json
import sys
log = json.load(open(sys.argv[1]))
assert len(log["frames"]) == 7
def median(base, frame):
    samples = sorted((base + frame + (7 * i) % 100) // 4 * 4 for i in range(41 * 33))
    return samples[(len(samples) - 1) // 2]
def mean(base, frame):
    return sum(base + frame + (7 * i) % 100 for i in range(41 * 33)) / (41 * 33)
for frame, row in enumerate(log["frames"]):
    five = [mean(10, other) for other in range(frame - 2, frame + 3) if 0 <= other < 7]
    total = 0.0
    for value in five:
        total += value
    for name, want in (("mean_luma_ref", mean(10, frame)), ("mean_luma_dist", mean(13, frame)),
                       ("mean_luma_before", mean(10, frame - 2) if frame > 1 else 0),
                       ("mean_luma_five", total / len(five)), ("luma_median", median(13, frame))):
        assert row["metrics"][name] == want, (frame, name, row["metrics"][name], want)
EOF
done

for form in portable texel; do
    check "checkgpu, $form" $driver build/test/checkgpu/checkgpu --form=$form --cases=6 7
done
# A list comes back also where no family leaves a sum.
check "a program of luma_median alone" cc -std=c11 -I include "$root/test/families/alone.c" -o alone -L build/src -lvkvmaf
check "a run of luma_median alone" env LD_LIBRARY_PATH="$copy/build/src" $driver ./alone luma_median
has "luma_median alone" '^28$' out
# A wrong kernel is seen by the check, and by the probe of a run, which asks the reference.
sed -i 's/sum += samples/sum += 1u + samples/' shaders/mean_luma.comp
check "build" cmake --build build --target vkvmaf-tool checkgpu --parallel 2
n_checks=$((n_checks + 2))
$driver build/test/checkgpu/checkgpu --cases=2 7 >out 2>&1 && fail "checkgpu does not see a wrong kernel"
$driver "$tool" -r ref.y4m -d dist.y4m --tiny-model none -q --json -o log.wrong >out 2>&1 &&
    fail "the probe does not see a wrong kernel"
has "the refusal" 'computes wrongly.*mean_luma reference' out

if python3 -c 'import numpy' 2>/dev/null; then
    check "Python" env PYTHONPATH=tools/python LD_LIBRARY_PATH="$copy/build/src" python3 -c '
import vkvmaf
assert [family.name for family in vkvmaf.families() if family.is_default][-2:] == ["mean_luma", "luma_median"]'
else
    echo "no NumPy: Python is not asked"
fi
cd "$2" && rm -rf "$copy"
echo "$n_checks checks passed"
