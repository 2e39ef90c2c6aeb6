#!/bin/sh
# A program's lines are those that libvmaf 3.2.0 gave. Exit code 77 is a visible skip.
# usage: golden.sh DEVICE MODELS PROGRAM GOLDEN [ARGUMENT...]
device=$1
models=$2
program=$3
golden=$4
shift 4
[ -f "$models/v1/vmaf_v1.0.16_hfr_3d0h.json" ] || { echo "skipped: no models beside the checkout"; exit 77; }
export VKVMAF_DEVICE="$device" VKVMAF_LIBVMAF_MODELS="$models:$models/v1" VKVMAF_CACHE=
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" "${1:-$folder}" >"$folder/lines" 2>"$folder/messages" || { cat "$folder/messages"; exit 1; }
diff "$golden" "$folder/lines" || { echo "< libvmaf 3.2.0, > this library"; exit 1; }
# Its log level is NONE; only the log that cannot be written has a line, as there.
if grep -v 'cannot be created' "$folder/messages"; then exit 1; fi
# One number that is another one must be seen.
sed 's/-22/-12/' "$folder/lines" | cmp -s - "$golden" && { echo "a planted code was not seen"; exit 1; }
exit 0
