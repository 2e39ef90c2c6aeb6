#!/bin/sh
# The library exports the functions of its headers, no others, and asks only for other libraries' own.
# usage: symbols.sh FOLDER_OF_HEADERS LIBRARY
headers=$1
library=$2
command -v nm >/dev/null || { echo "skipped: nm is not installed"; exit 77; }
cat "$headers"/*.h | grep -oE '\b(vmaf|vmaf_cuda)_[a-z0-9_]+\(' | tr -d '(' | sort -u >declared
nm -D --defined-only "$library" | awk '{ print $NF }' | sort -u >exported
diff declared exported || { echo "$library: < declared, > exported"; exit 1; }
[ "$(grep -vc '^vmaf_cuda_' exported)" -eq 29 ] || { echo "libvmaf 3.2.0 has 29 functions without CUDA's"; exit 1; }
echo vmaf_planted | sort -u - declared | diff - exported >/dev/null && { echo "a planted symbol was not seen"; exit 1; }
exit 0
