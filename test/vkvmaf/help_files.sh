#!/bin/sh
# The man pages and the completions of shells have the options that --help has, and no others.
# Arguments: the tool, the project's root, vkvmaf-model.
tool=$1
root=$(cd "$2" && pwd)
case $3 in
/*) model_tool=$3 ;;
*) model_tool=$PWD/$3 ;;
esac
. "$root/test/vkvmaf/checks.sh"
completions=$root/tools/completions

# The options in a text, one per line, as users type most of them.
options()
{
    grep -oE -- '(^|[^[:alnum:]_-])--[a-z][a-z0-9_-]*' | grep -oE -- '--[a-z].*' | sort -u
}

# same WHAT: out is the list that is wanted.
same()
{
    n_checks=$((n_checks + 1))
    [ -s wanted ] || fail "no options to compare: $1"
    diff wanted "$2" >out || fail "other options (< --help): $1"
}

# check NAME PROGRAM
check()
{
    "$2" --help | options >wanted
    sed -n '/Fl /p' "$root/docs/man/$1.1" | tr ' ' '\n' | sed -n 's/^-[a-z]/-&/p' | sort -u >got
    same "man page of $1" got
    options <"$completions/_$1" >got
    same "zsh, $1" got
    {
        sed -nE 's/^complete .* -l ([a-z][a-z0-9_-]*).*/--\1/p' "$completions/$1.fish"
        sed -nE 's/^for option in //p' "$completions/$1.fish" | tr ' ' '\n' | sed 's/^/--/'
    } | sort -u >got
    same "fish, $1" got
}
check vkvmaf "$tool"
cp wanted wanted.vkvmaf
check vkvmaf-model "$model_tool"
cp wanted wanted.vkvmaf-model

# The table of the parser and --help.
sed -nE 's/^ *\{"([a-z_]+)", (0|.[a-z].), .*/--\1/p' "$root/tools/vkvmaf/cli/options.c" | sort -u >got
tr - _ <wanted.vkvmaf | sed 's/^__/--/' | sort -u >wanted
same "the parser" got

# The rows of vkvmaf-model's commands; --parquet is an older name of --data.
grep -ohE '\{"[a-z0-9-]+", (0|.[a-z].), 0, ' "$root"/tools/vkvmaf-model/*/*.c | sed -E 's/.*"(.*)".*/--\1/' | grep -vx -e --parquet |
    sort -u >got
grep -vxF -e --help -e --version wanted.vkvmaf-model >wanted
same "the rows of vkvmaf-model" got

# The features that the library has, as the tool lists them when it is asked for another. Completions ask the tool.
"$tool" -r a.y4m -d b.y4m --feature '' 2>&1 | sed -n 's/.*there are //p' | sed 's/ and /, /; s/, /\n/g' | sort >wanted
"$tool" --list-features | sed -n 's/^\([a-z0-9_]\{1,\}\) .*/\1/p' | sort >got
same "--list-features" got
"$tool" --help | sed -n '/--feature NAME/,/separated by/p' | sed 's/([^)]*)//g' | tr -c 'a-z_\n' ' ' >text
for name in $(cat wanted); do
    n_checks=$((n_checks + 1))
    grep -qw "$name" text || fail "--help does not name the feature $name"
    grep -q "Cm $name" "$root/docs/man/vkvmaf.1" || fail "the man page does not name the feature $name"
done
for file in _vkvmaf vkvmaf.fish vkvmaf.bash; do
    n_checks=$((n_checks + 1))
    grep -q -e 'feature.* --list-features' "$completions/$file" || fail "$file does not ask for the features"
done
cp wanted wanted.features

# bash: what is offered, over all commands; files and values.
if command -v bash >/dev/null; then
    cat >complete.bash <<'EOF'
source "$1"
# offered FUNCTION WORD...: completions of the last word.
offered()
{
    local function=$1
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    "$function"
    printf '%s\n' "${COMPREPLY[@]}"
}
case $2 in
vkvmaf) for command in '' verify bench device-report mcp run; do offered _vkvmaf vkvmaf $command --; done ;;
vkvmaf-model)
    offered _vkvmaf_model vkvmaf-model --
    for command in predict inspect export quantize measure-drop registry sign train loso validate; do
        offered _vkvmaf_model vkvmaf-model $command --
    done ;;
features) offered _vkvmaf "$3" --feature '' ;;
values)
    offered _vkvmaf vkvmaf --form t
    offered _vkvmaf vkvmaf --form = po
    offered _vkvmaf vkvmaf --precision =
    offered _vkvmaf vkvmaf -r clip
    offered _vkvmaf vkvmaf -w ''
    offered _vkvmaf vkvmaf ver
    offered _vkvmaf_model vkvmaf-model quantize dy ;;
esac
EOF
    for name in vkvmaf vkvmaf-model; do
        bash complete.bash "$completions/vkvmaf.bash" "$name" 2>err | options >got
        [ ! -s err ] || fail "bash complains: $name"
        cp "wanted.$name" wanted
        same "bash, $name" got
    done
    bash complete.bash "$completions/vkvmaf.bash" features "$tool" 2>err | sort >got
    cp wanted.features wanted
    same "bash, features" got
    : >'clip 1.y4m'
    bash complete.bash "$completions/vkvmaf.bash" values >got 2>err
    printf '%s\n' texel portable 6 17 'clip 1.y4m' '' verify dynamic >wanted
    same "bash, values" got
fi

# Those that are there say whether they can read it.
n_checks=$((n_checks + 1))
for name in vkvmaf vkvmaf-model; do
    ! command -v zsh >/dev/null || zsh -n "$completions/_$name" 2>out || fail "zsh cannot read its file: $name"
    ! command -v fish >/dev/null || fish -n "$completions/$name.fish" 2>out || fail "fish cannot read its file: $name"
    ! command -v mandoc >/dev/null || mandoc -Tlint -W warning "$root/docs/man/$name.1" >out 2>&1 ||
        fail "mandoc complains: $name"
    if command -v groff >/dev/null; then
        groff -mdoc -Tascii -ww -z "$root/docs/man/$name.1" >out 2>&1
        [ ! -s out ] || fail "groff complains: $name"
    fi
done
finish
