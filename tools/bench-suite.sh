#!/bin/sh
# Measures sizes, depths and numbers of distorted streams with "vkvmaf bench"; prints a JSON array of its results.
# usage: bench-suite.sh VKVMAF [options of bench, such as --device D or --tiny-model M]
# In the environment: SIZES, DEPTHS and STREAMS, lists separated by spaces.
set -e
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
tool=$1
shift
separator='['
for size in ${SIZES:-576x324 960x540 1280x720 1920x1080 3840x2160}; do
    for depth in ${DEPTHS:-8 10}; do
        for streams in ${STREAMS:-1 4 8}; do
            result=$("$tool" bench --size "$size" --bitdepth "$depth" --streams "$streams" --json "$@")
            printf '%s\n%s' "$separator" "$result"
            separator=,
        done
    done
done
echo ']'
