#!/bin/sh
# The report in a real browser, where there is one. Arguments: the tool, the project's root, the program that makes pages.
tool=$1
root=$(cd "$2" && pwd)
pages=$3
. "$root/test/vkvmaf/checks.sh"
command -v python3 >/dev/null || skip "no python3"
python3 -B -c "import sys; sys.path.insert(0, '$root/test/vkvmaf'); import browser; sys.exit(not browser.program())" ||
    skip "no chromium"
frames 4608 30 >ref.yuv
tr 'HKQ' 'IJR' <ref.yuv >a.yuv
tr 'a-k' 'c-m' <ref.yuv >b.yuv
score()
{
    "$tool" --device cpu -q -w 64 -h 48 -p 420 -b 8 -r ref.yuv "$@" >out 2>err || fail "$*"
}
score -d a.yuv --report one.html --json -o one.json
score -d a.yuv -d b.yuv --report two.html --json -o '{index}.json'
"$pages" . || fail "no pages"
n_checks=1
python3 -B "$root/test/vkvmaf/report_browser.py" >out 2>&1 || fail "the page in a browser"
finish
