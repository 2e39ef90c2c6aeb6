#!/bin/sh
# Help of every command of both programs, on standard output with exit code 0; and what is said of a command or option
# that is mistyped. Arguments: the tool, the project's root, vkvmaf-model.
tool=$1
case $3 in
/*) model_tool=$3 ;;
*) model_tool=$PWD/$3 ;;
esac
. "$2/test/vkvmaf/checks.sh"

# helps PROGRAM ARGUMENT...: leaves the text in out.
helps()
{
    "$@" >out 2>err </dev/null
    code=$?
    n_checks=$((n_checks + 1))
    [ $code -eq 0 ] && [ -s out ] && [ ! -s err ] || fail "no help (exit code $code): $*"
}

# same PROGRAM COMMAND: "help COMMAND" and "COMMAND --help" are one text, about this command only.
same()
{
    helps "$1" "$2" --help
    cp out shown
    helps "$1" help "$2"
    cmp -s shown out || fail "two texts of help: $1 $2"
    grep -qE "(^|[^a-z-])$2 " out || fail "does not name the command: $1 $2"
    [ "$(wc -l <out)" -lt "$(wc -l <all)" ] || fail "everything: $1 $2"
    cat out >>sum
}

options()
{
    grep -oE -- '(^|[^[:alnum:]_-])--[a-z][a-z0-9_-]*' "$1" | grep -oE -- '--[a-z].*' | sort -u
}

helps "$tool" --help
cp out all
for words in help 'help help' '-r a -d b --help' 'help --help'; do
    helps "$tool" $words
    cmp -s all out || fail "not the whole text: $words"
done
for command in verify bench device-report mcp; do
    same "$tool" $command
    helps "$tool" $command --device cpu --help
    cmp -s shown out || fail "another text behind an option: $command"
done
same "$tool" models
"$tool" models install --help | cmp -s shown - || fail "another text: models install"
"$tool" bench --help | grep -q -- --json || fail "bench has --json"
"$tool" bench --help | grep -q -- --streams || fail "bench has --streams"
! "$tool" verify --help | grep -q -- --streams || fail "verify has no --streams"
! "$tool" mcp --help | grep -q -- --report || fail "mcp has no --report"
! grep -q -- --device shown || fail "models has no --device"

helps "$model_tool" --help
cp out all
for words in help 'help help' -h; do
    helps "$model_tool" $words
    cmp -s all out || fail "not the whole text: $words"
done
: >sum
for command in predict inspect export quantize measure-drop registry sign train loso validate; do
    same "$model_tool" $command
done
{ cat sum; printf -- '--help --version\n'; } >parts
options all >wanted
options parts >got
n_checks=$((n_checks + 1))
diff wanted got >out || fail "the commands of vkvmaf-model have other options than --help"
helps "$model_tool" help ptq_static
helps "$model_tool" train_vmaf_tiny_v2 --help

# mistyped CODE TEXT PROGRAM ARGUMENT...: one line with TEXT, and nothing else.
mistyped()
{
    wanted_code=$1 text=$2
    shift 2
    "$@" >out 2>err </dev/null
    code=$?
    n_checks=$((n_checks + 1))
    [ $code -eq "$wanted_code" ] || fail "exit code $code: $*"
    [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] || fail "not one line: $*"
    grep -qF -e "$text" err || fail "does not say '$text': $*"
}
for pair in verfy:verify verifi:verify veriy:verify evrify:verify VERIFY: bnech:bench benchmark: mpc:mcp model:models hlep:help hepl:help \
            list-devices:--list-devices list_device:--list-devices version:--version score: a.mp4: ./verfy:; do
    case $pair in
    *:) mistyped 2 "is not expected" "$tool" "${pair%%:*}" ;;
    *) mistyped 2 "did you mean vkvmaf ${pair#*:}?" "$tool" "${pair%%:*}" ;;
    esac
done
mistyped 2 "did you mean vkvmaf mcp?" "$tool" help mcb
mistyped 2 "is not expected" "$tool" help frobnicate
mistyped 2 "is not expected" "$tool" -r a.y4m -d b.y4m verify
mistyped 2 'argument "instal" is not expected; did you mean vkvmaf models install?' "$tool" models instal
mistyped 2 'argument "list" is not expected; see vkvmaf help models' "$tool" models list
mistyped 2 'argument "now" is not expected; see vkvmaf help models install' "$tool" models install now
mistyped 2 'argument "a.y4m" is not expected; see vkvmaf help verify' "$tool" verify a.y4m
for pair in --refrence:--reference --ref:--reference --distored:--distorted --tinymodel:--tiny-model --jsn:--json \
            --no_scal:--no-scale --frame-cont:--frame-cnt --verison:--version; do
    mistyped 2 "is not known; did you mean ${pair#*:}?" "$tool" -d b.y4m "${pair%%:*}" a.y4m
done
mistyped 2 "did you mean --streams?" "$tool" bench --sreams=4
mistyped 2 "is not known; see vkvmaf --help" "$tool" --frobnicate
mistyped 2 "is not known; see vkvmaf --help" "$tool" -Z
mistyped 2 "does not belong to" "$tool" verify --streams 2
ln -s "$tool" vmaf
mistyped 1 "did you mean --reference?" ./vmaf --refrence a.y4m

for pair in predct:predict sing:sign measuredrop:measure-drop ptq_dynamics:ptq_dynamic quantise:quantize hlep:help; do
    mistyped 2 "did you mean vkvmaf-model ${pair#*:}?" "$model_tool" "${pair%%:*}"
    mistyped 2 "did you mean vkvmaf-model ${pair#*:}?" "$model_tool" help "${pair%%:*}"
done
mistyped 2 "is not a command; see --help" "$model_tool" frobnicate
mistyped 2 "did you mean --key?" "$model_tool" sign --kye a.pem
mistyped 2 "did you mean --device?" "$model_tool" predict --devise=cpu a.onnx b.csv
mistyped 2 "did you mean --config?" "$model_tool" quantize qat --confg a.json
mistyped 2 "did you mean --per-channel?" "$model_tool" quantize dynamic a.onnx --perchannel
mistyped 2 "did you mean --epochs?" "$model_tool" train --epoch 3
mistyped 2 "did you mean --registry?" "$model_tool" measure-drop --registy a.json
mistyped 2 "is not expected; see --help" "$model_tool" sign --frobnicate
finish
