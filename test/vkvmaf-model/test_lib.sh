# What the tests of vkvmaf-model share; to be read in by `.` behind the arguments. They work in a folder that goes away.
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

fail()
{
    echo "FAILED: $*"
    sed 's/^/    /' out err 2>/dev/null | head -n 20
    failures=$((failures + 1))
}

# expect CODE TEXT COMMAND...: the exit code, a text (a pattern) in stdout or stderr; output is in `out` and `err`.
expect()
{
    code=$1 text=$2
    shift 2
    "$@" >out 2>err
    got=$?
    [ $got -eq "$code" ] || fail "$* gives $got, wanted $code"
    [ -z "$text" ] || grep -qE -e "$text" out err || fail "$* does not say '$text'"
}

# How many lines `err` has, but for those of the progress, of which a busy machine gives some.
error_lines()
{
    grep -vc '% done, .* left$' err
}

# refuse CODE TEXT COMMAND...: fails so, with nothing but one line on stderr.
refuse()
{
    expect "$@"
    [ "$(error_lines)" -eq 1 ] && [ ! -s out ] || fail "$* does not give exactly one line on stderr"
}

# No command leaves a file of this kind, whatever happened to it.
no_temporary_files()
{
    find . -name '.vkvmaf-*' | grep -q . && fail "a temporary file is left"
}

finish()
{
    no_temporary_files
    [ $failures -eq 0 ] && echo "all as expected"
    exit $((failures != 0))
}
