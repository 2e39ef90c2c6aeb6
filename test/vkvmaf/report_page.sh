#!/bin/sh
# The report of a run: its numbers are the logs', pipes give pictures, too, and what is refused leaves none. On the CPU
# reference. Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
command -v python3 >/dev/null || skip "no python3"
frames 4608 30 >ref.yuv
tr 'HKQ' 'IJR' <ref.yuv >a.yuv
tr 'a-k' 'c-m' <ref.yuv >'b<i>&".yuv'

# run ARGUMENT...: success, nothing on standard error.
run()
{
    n_checks=$((n_checks + 1))
    "$tool" --device cpu -w 64 -h 48 -p 420 -b 8 "$@" >out 2>err || fail "exit code: $*"
    [ ! -s err ] || fail "messages: $*"
}
# refuse TEXT ARGUMENT...: one line with TEXT, no report.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" --device cpu -w 64 -h 48 -p 420 -b 8 "$@" >out 2>err </dev/null && fail "exit code: $*"
    grep -qF -e "$text" err && [ "$(wc -l <err)" -eq 1 ] || fail "not one line with '$text': $*"
    [ -z "$(find . -name '*.html' -o -name '*.json')" ] || fail "a file is left: $*"
}
# compare PAGE LOG...
compare()
{
    n_checks=$((n_checks + 1))
    python3 - "$@" <<'END' >out || fail "$1 is not the log"
import base64, json, re, sys

with open(sys.argv[1], encoding="utf-8") as f:
    page = f.read()
run = json.loads(re.search(r'<script type="application/json" id="run">(.*?)</script>', page, re.S).group(1))
assert len(run["encodes"]) == len(sys.argv) - 2
for encode, path in zip(run["encodes"], sys.argv[2:]):
    with open(path, encoding="utf-8") as f:
        log = json.load(f)
    assert run["frames"] == len(log["frames"]) == 30 and run["version"] == log["version"]
    for at, name in enumerate(run["metrics"]):
        assert encode["values"][at] == [frame["metrics"][name] for frame in log["frames"]], name
    assert sorted(run["metrics"]) == sorted(log["pooled_metrics"])
    pooled = log["pooled_metrics"][run["metrics"][run["score"]]]
    assert [encode[k] for k in ("mean", "harmonic_mean", "min")] == [pooled[k] for k in ("mean", "harmonic_mean", "min")]
    values = encode["values"][run["score"]]
    for worst in encode["worst"]:
        part = worst["frame"] // run["stretch"] * run["stretch"]
        assert worst["score"] == values[worst["frame"]] == min(values[part:part + run["stretch"]])
        for name in ("reference", "distorted"):
            assert base64.b64decode(worst[name].split(",", 1)[1])[:3] == b"\xff\xd8\xff"
    assert [w["frame"] // run["stretch"] for w in encode["worst"]] and encode["worst"][0]["score"] == min(values)
END
}

refuse "is an input and the output" -r ref.yuv -d a.yuv --report a.yuv
refuse "is the report and a log" -r ref.yuv -d a.yuv --report a.html --json -o ./a.html
refuse "is the report and a log" -r ref.yuv -d a.yuv --report /dev/stdout --json
refuse "is the report and a log" -r ref.yuv -d a.yuv --report out --json           # standard output is that file
refuse "cannot be created" -r ref.yuv -d a.yuv --report absent/a.html
head -c 20001 a.yuv >cut.yuv
refuse "whole number of frames" -r ref.yuv -d cut.yuv --report a.html

run -r ref.yuv -d a.yuv -d 'b<i>&".yuv' --report two.html --json -o '{index}.json'
grep -q "mean" out || fail "no summary beside the report"
compare two.html 0.json 1.json
run -r ref.yuv -d a.yuv --report one.html --json -o one.json --precision 17 -q
[ ! -s out ] || fail "-q writes to standard output"
compare one.html one.json
cat a.yuv | run -r ref.yuv -d - --report piped.html -q
n_checks=$((n_checks + 1))
pictures()
{
    grep -o '"data:image/jpeg[^"]*"' "$1"
}
[ "$(pictures one.html | wc -l)" -ge 6 ] && [ "$(pictures one.html)" = "$(pictures piped.html)" ] ||
    fail "a pipe gives other pictures"
# Every frame of the log is one that the page knows; a video may have other chroma, and a crop may begin within a sample.
run -r ref.yuv -d a.yuv --report step.html --json -o step.json --subsample 4 -q
n_checks=$((n_checks + 1))
grep -q '"frames":8,' step.html && grep -q '"frame_step":4,' step.html || fail "--subsample in the report"
{ echo "YUV4MPEG2 W64 H48 C444"; for frame in 0 1 2 3; do echo FRAME; frames 9216 1; done; } >444.y4m
{ echo "YUV4MPEG2 W64 H48 Cmono"; for frame in 0 1 2 3; do echo FRAME; frames 3072 1; done; } >mono.y4m
n_checks=$((n_checks + 1))
"$tool" --device cpu -r mono.y4m -d 444.y4m -d mono.y4m --crop 41:33:3:5 --report mixed.html -q >out 2>err ||
    fail "mixed chroma and an odd crop"
[ "$(pictures mixed.html | wc -l)" -eq 4 ] || fail "mixed chroma: not a pair of pictures of each encode"
run -r ref.yuv -d a.yuv --report - -q
tail -n 1 out | grep -q '</html>' || fail "no report on standard output"
finish
