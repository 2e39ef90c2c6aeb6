#!/bin/sh
# locale.sh FOLDER PROGRAM: makes the locale de_DE.UTF-8 in FOLDER and runs PROGRAM where setlocale finds it. Exit code
# 77: there is nothing to make it of.
set -e
export LOCPATH="$1/locale"
mkdir -p "$LOCPATH"
if ! [ -e "$LOCPATH/de_DE.UTF-8" ] && ! localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8"; then
    echo "skipped: localedef makes no de_DE.UTF-8 here"
    exit 77
fi
LC_ALL=de_DE.UTF-8 exec "$2"
