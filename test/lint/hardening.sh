#!/bin/sh
# Programs and libraries have what cmake/hardening.cmake asks for, as readelf sees it: hardening.sh FILE...
# hardening.sh --selftest COMPILER: a program without any of it is found.
command -v readelf >/dev/null || { echo "skipped: no readelf"; exit 77; }
failures=0

complain()
{
    echo "$file: $1"
    failures=$((failures + 1))
}

check()
{
    file=$1
    readelf -hW "$file" | grep -q 'Type: *DYN' || complain "not position independent"
    readelf -lW "$file" | grep -q GNU_RELRO || complain "no RELRO"
    readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.*NOW' || complain "symbols are bound late (-z now)"
    readelf -lW "$file" | grep GNU_STACK | grep -q ' RW ' || complain "an executable stack"
    readelf -sW "$file" | grep -q '__stack_chk_fail' || complain "no stack protector"
    readelf -sW "$file" | grep -qE '__[a-z]+_chk(@| |$)' || complain "no FORTIFY"
}

if [ "$1" = --selftest ]; then
    folder=$(mktemp -d) || exit 1
    trap 'rm -rf "$folder"' EXIT
    printf '#include <stdio.h>\n#include <string.h>\nint main(int c, char **v) { char b[64]; strcpy(b, v[c - 1]); return puts(b); }\n' \
        >"$folder/plain.c"
    "$2" -O0 -w -U_FORTIFY_SOURCE -fno-stack-protector -fno-pie -no-pie -Wl,-z,norelro -Wl,-z,lazy -Wl,-z,execstack \
        -o "$folder/plain" "$folder/plain.c" || { echo "skipped: no plain program can be made"; exit 77; }
    check "$folder/plain"
    [ $failures -eq 6 ] && echo "all six missing parts were found" && exit 0
    echo "$failures complaints, 6 wanted"
    exit 1
fi
for file; do
    check "$file"
done
echo "$# files read, $failures complaints"
[ $# -gt 0 ] && [ $failures -eq 0 ]
