#!/bin/sh
# vkvmaf device-report on the device that it chooses by itself, and tools/device-table with its files.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
table=$root/tools/device-table

# refuse CODE TEXT PROGRAM ARGUMENT...: one line with TEXT.
refuse()
{
    wanted_code=$1 text=$2
    shift 2
    n_checks=$((n_checks + 1))
    "$@" >out 2>err </dev/null
    code=$?
    [ $code -eq "$wanted_code" ] || fail "exit code $code: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err || fail "does not say '$text': $*"
}
refuse 2 "give --output FILE" "$tool" device-report
refuse 2 "a Vulkan device was expected" "$tool" device-report --device cpu -o report.json
refuse 2 "a number from 1 to 86400" "$tool" device-report --budget 0 -o report.json
refuse 2 "does not belong to" "$tool" verify -o report.json
refuse 1 "absent" "$tool" device-report -o absent/report.json
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }

# A file that others could have made: in it one thing is wrong at a time.
cat >made.py <<'PYTHON'
import json
import sys
lines = {"name": "a | b", "type": "discrete", "driver": "d <1> ", "api_version": "1.3.0", "form": "portable"}
parts = [{"part": name, "status": "done", "seconds": 1, "compared": 3, "different": 0, "first": None, "error": None}
         for name in "device pipelines verify pairs a b c d e".split()]
parts[0]["device"] = lines
report = {"format": 1, "version": "0.1.0", "system": "Linux", "cores": 2, "date": "2026-01-01", "budget_seconds": 9,
          "seconds": 8.5, "verdict": "equal", "where": None, "finding": None, "parts": parts}
exec(sys.argv[2])
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(report, file)
PYTHON
made() { python3 made.py "$1" "$2" || fail "made.py: $2"; }
printf '# Devices\n\n' >devices.md
sed -n '/^| device /,/^| ---/p' "$root/docs/devices.md" >>devices.md
printf '\nThe end.\n' >>devices.md
cp devices.md empty.md

accept()
{
    n_checks=$((n_checks + 1))
    "$table" --table devices.md "$@" >out 2>&1 || fail "refused: $(cat out)"
}
made good.json pass
accept good.json
grep -qF '| a \| b | d \<1\> | portable | 27 of 27 equal |' devices.md || fail "the row is not in the table"
made later.json 'report["date"] = "2026-02-02"; report["verdict"] = "different"; parts[2]["different"] = 1
report["where"] = "verify"; report["finding"] = "x_y: 1"'
accept later.json
[ "$(grep -c '^| a' devices.md)" -eq 1 ] || fail "a second row of the same device"
grep -qF '**1 of 27 differ**: x\_y: 1' devices.md && grep -q '2026-02-02' devices.md || fail "the row was not replaced"
made other.json 'lines["name"] = "A"'
accept good.json other.json
[ "$(grep -c '^| [aA]' devices.md)" -eq 2 ] && [ "$(tail -n 1 devices.md)" = "The end." ] || fail "the table is damaged"
made links.json 'lines["name"] = "see https://a.example or WWW.b.example, c@d.example"'
accept links.json
made struck.json 'lines["name"] = "~~struck~~"'
accept struck.json
grep -qF '| \~\~struck\~\~ |' devices.md || fail "markup of a stranger"
grep -qF '| see https: //a.example or www .b.example, c @ d.example |' devices.md || fail "a link of a stranger"

cp devices.md before.md
while read -r text change; do
    made bad.json "$change"
    refuse 1 "$text" "$table" --table devices.md good.json bad.json
    cmp -s devices.md before.md || fail "a bad file changes the table: $change"
done <<'CASES'
format report["format"] = 2
minItems parts.pop()
maxLength lines["name"] = "a" * 2000
pattern lines["name"] = "a\n| b"
pattern report["date"] = "today"
pattern report["date"] = "2026-01-01\n"
minimum parts[3]["seconds"] = -1
maximum parts[1]["pipelines"] = [{"kernel": "vif", "seconds": 10 ** 400}]
maximum parts[3]["compared"] = 1 << 64
integer parts[3]["compared"] = True
a\nb parts[0]["limits"] = {"a\nb": -1}
object report = 7
unknown report["x"] = 1
unknown parts[0]["uuid"] = "1"
enum lines["form"] = "other"
device del parts[0]["device"]
seconds parts[1]["pipelines"] = [{"kernel": "vif"}]
verdict parts[2]["different"] = 1
verdict report["verdict"] = "different"
verdict report["verdict"] = "failed"
verdict report["verdict"] = "stopped"
verdict parts[3]["status"] = "failed"
verdict parts[3]["status"] = "stopped"
differs report["verdict"] = "different"; parts[2]["different"] = 4
twice parts[3]["part"] = "device"
pattern lines["name"] = "a\u202eb"
pattern lines["driver"] = "a\u2066b"
pattern report["system"] = "a\u200bb"
pattern report["version"] = "a\u009bb"
JSON parts[3]["seconds"] = float("nan")
JSON lines["name"] = "a\ud800"
CASES
made bad.json 'lines["name"] = "a\u202eb"'
refuse 1 '\u202e' "$table" --check bad.json # the rule has such characters, too
made bad.json 'report["verdict"] = "nothing"; [part.update(status="stopped", compared=0) for part in parts]'
refuse 1 "has compared nothing" "$table" --table devices.md bad.json
printf '{"format": 1' >bad.json
refuse 1 "bad.json: is no JSON" "$table" --table devices.md bad.json
# A table that cannot be written stays as it is, with nothing beside it.
n_checks=$((n_checks + 1))
before=$(ls -a)
told=$( (ulimit -f 0; "$table" --table devices.md good.json; echo "code $?") 2>&1)
[ "$told" = "$(printf 'device-table: devices.md: File too large\ncode 1')" ] || fail "a full disk: $told"
[ "$(ls -a)" = "$before" ] && cmp -s devices.md before.md || fail "a full disk leaves something behind"
refuse 1 "absent.json: No such file" "$table" --table devices.md absent.json
refuse 1 "no table of devices" "$table" --table bad.json good.json

has_device
# report FILE ARGUMENT...: complete, by the schema, nothing beside it, and a code that is not 0 if nothing was compared.
report()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" device-report -o "$file" "$@" >out 2>err </dev/null
    code=$?
    [ -z "$(find . -name '.vkvmaf-*')" ] || fail "files that are left: $*"
    if [ $code -eq 0 ]; then
        [ ! -s err ] || fail "messages: $(cat err)"
        "$table" --check "$file" >out2 2>&1 || fail "the file is not as its schema says: $(cat out2)"
    else
        grep -q '^vkvmaf: nothing was compared in .* seconds' err && [ "$(wc -l <err)" -eq 1 ] || fail "$*: $(cat err)"
        refuse 1 "the report has" "$table" --check "$file" # nothing compared, or not even a device
    fi
}
# Too short for all, and on a busy machine for anything: what was not compared is named.
report short.json --budget 4 -q
[ ! -s out ] || fail "-q is not quiet"
python3 - $code <<'PYTHON' || fail "the short report"
import json
import sys
report = json.load(open("short.json"))
parts = {part["part"]: part for part in report["parts"]}
for part in parts.values():
    assert part["status"] in ("done", "stopped", "not run"), part
for name in "pairs", "verify":
    part = parts[name]
    assert part["status"] != "done" or part["compared"] == part["wanted"] > 0, part
    assert part["compared"] <= part.get("wanted", 0), part
pairs = parts["pairs"]
assert pairs["status"] == "done" or pairs["compared"] + len(pairs["not_run"]) == 71, pairs
compared = sum(part["compared"] for part in parts.values())
assert sys.argv[1] == ("0" if compared else "1"), compared
assert report["verdict"] in (("equal", "stopped") if compared else ("nothing",)), report["verdict"]
assert report["verdict"] == "equal" or report["where"]
PYTHON
# A driver that is too slow for so short a time to compare anything, or almost.
if "$tool" --list-devices | grep -q SwiftShader; then
    report slow.json --device SwiftShader --budget 2 -q
fi
# No part of bench ends in so short a time: its object in a report is what bench itself prints.
"$tool" bench --size 64x48 --frames 7 --json >bench.json 2>err </dev/null || fail "bench: $(cat err)"
made rates.json 'bench = json.load(open("bench.json")); del bench["version"], bench["device"]
parts[2].update(status="stopped", wanted=281); report["verdict"] = "stopped"
parts[4].update(part="bench 576x324, 8 bit", bench=bench)
parts[1]["pipelines"] = [{"kernel": "vif 64 1 8", "seconds": 0.5}, {"kernel": "adm 64 1", "seconds": 1.75}]'
cp empty.md devices.md
accept rates.json
grep -qE '\| portable \| 27 of 27 equal; not all of verify \(3 of 281\) \| [0-9.]+ \| not run \|.* 2\.25 \(2 kernels\) \|' devices.md ||
    fail "the rates are not in the table"
n_checks=$((n_checks + 1))
"$tool" device-report -o - --budget 1 >piped.json 2>err </dev/null # what it has compared, it says itself
python3 -c 'import json; json.load(open("piped.json"))' 2>err || fail "standard output has more than the report"
finish
