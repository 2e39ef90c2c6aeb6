# Shared by the scripts of this folder: an empty working folder, test videos, counting.
case $tool in
/*) ;;
*) tool=$PWD/$tool ;;
esac
[ -x "$tool" ] || { echo "$tool is no program"; exit 1; }
limit=1800     # seconds; only what hangs takes so long, also with a sanitizer on a busy machine
n_checks=0
n_failures=0
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cd "$folder" || exit 1

# fail TEXT: reports with what the last command wrote.
fail()
{
    echo "FAILED: $1"
    sed 's/^/    /' out err 2>/dev/null | head -n 20
    n_failures=$((n_failures + 1))
}

finish()
{
    echo "$n_checks checks, $n_failures failed"
    [ "$n_checks" -gt 0 ] && [ "$n_failures" -eq 0 ]
    exit
}

skip()
{
    echo "skipped: $1"
    exit 77
}

# Skips where Vulkan offers nothing.
has_device()
{
    "$tool" --list-devices >out 2>err || { fail "the list of devices"; finish; }
    grep -q '^ *0 ' out || skip "no Vulkan device"
}

# frames BYTES COUNT: frames of that many bytes, with some texture.
frames()
{
    awk -v n="$1" -v count="$2" 'BEGIN {
        for (t = 0; t < count; t++)
            for (i = 0; i < n; i++)
                printf "%c", 65 + (i * (7 + t) + int(i / 48) * 5) % 50
    }'
}

# y4m FILE WIDTH HEIGHT COUNT [COLOURSPACE [BYTES_PER_SAMPLE]]
y4m()
{
    case ${5:-C420jpeg} in
    Cmono*) bytes=$(($2 * $3 * ${6:-1})) ;;
    *) bytes=$(($2 * $3 * 3 / 2 * ${6:-1})) ;;
    esac
    {
        echo "YUV4MPEG2 W$2 H$3 F25:1 Ip A1:1 ${5:-C420jpeg}"
        t=0
        while [ $t -lt "$4" ]; do
            echo FRAME
            if [ "${6:-1}" = 2 ]; then
                frames $((bytes / 2)) 1 | sed 's/./&\x01/g' # samples of 256 to 511
            else
                frames $bytes 1
            fi
            t=$((t + 1))
        done
    } >"$1"
}
