#!/bin/sh
# tools/side_by_side.py against stand-ins for libvmaf's program: one that says the same, one that does not, none.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"

# The stand-in leaves --threads out and scores on the CPU reference; CHANGE is a sed command for its log.
cat >stand_in <<'EOF'
#!/bin/sh
for argument; do
    shift
    case $argument in
    --threads) skip=1 ;;
    --cpumask) skip=1 ;;
    *) [ -n "$skip" ] || set -- "$@" "$argument"
       skip= ;;
    esac
    last=$argument
done
"$VKVMAF" --device cpu "$@" && sed -i "${CHANGE:-}" "$last"
EOF
chmod +x stand_in
y4m ref.y4m 64 48 3
y4m dist.y4m 64 48 3

script="$(python3 -c "import sys; print(sys.executable)") $root/tools/side_by_side.py --runs 1 --device cpu"

# compare STATUS TEXT VARIABLE=VALUE... COMMAND...
compare()
{
    status=$1
    text=$2
    shift 2
    n_checks=$((n_checks + 1))
    env VKVMAF="$tool" "$@" ref.y4m dist.y4m >out 2>&1
    [ $? -eq "$status" ] || fail "exit code: $*"
    grep -qF -e "$text" out || fail "does not say '$text': $*"
}

# The words of $script are meant to be split.
# shellcheck disable=SC2086
{
    compare 0 "values equal" VMAF="$PWD/stand_in" $script
    compare 0 "times the processor time of libvmaf without SIMD" VMAF="$PWD/stand_in" $script --no-simd
    compare 1 "integer_adm2 is " VMAF="$PWD/stand_in" CHANGE='s/"integer_adm2": [0-9.][0-9.]*/"integer_adm2": 0.5/' $script
    compare 1 "no metric in common" VMAF="$PWD/stand_in" \
        CHANGE='s/"integer_/"other_/; s/"VMAF_/"other_/; s/"vmaf_tiny/"other_tiny/' $script
    compare 1 "side_by_side: VMAF=/nonexistent/vmaf is no program" VMAF=/nonexistent/vmaf $script
    mkdir path
    compare 77 "skipped: name libvmaf" VMAF= PATH="$PWD/path" $script
}
finish
