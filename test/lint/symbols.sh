#!/bin/sh
# The exported symbols of the shared library are those of the list, and the static library defines no others.
# usage: symbols.sh LIST SHARED_LIBRARY STATIC_LIBRARY
list=$1
shared=$2
static=$3
status=0
command -v nm >/dev/null || { echo "skipped: nm is not installed"; exit 77; }

compare() { # what, symbols on stdin
    difference=$(sort -u | diff "$list" -)
    if [ -n "$difference" ]; then
        echo "$1: symbols differ from $list (< missing, > too many):"
        echo "$difference"
        status=1
    fi
}

nm -D --defined-only "$shared" | awk '{ print $NF }' > symbols_shared.txt
nm -g --defined-only "$static" | awk 'NF == 3 { print $3 }' > symbols_static.txt
compare "$shared" < symbols_shared.txt
compare "$static" < symbols_static.txt
echo "$(wc -l < symbols_shared.txt) and $(wc -l < symbols_static.txt) symbols compared"

# One too many must be seen.
{ cat symbols_shared.txt; echo gpu_device_open; } | sort -u | diff "$list" - >/dev/null && { echo "a planted symbol was not seen"; status=1; }
exit $status
