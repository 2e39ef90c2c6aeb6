# Shared by scripts that compare inputs with what ffmpeg makes of them beforehand: moving texture, and logs.

# texture FILE COUNT: frames of 64x48, each another one.
texture()
{
    {
        echo "YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg"
        awk -v count="$2" 'BEGIN {
            for (t = 0; t < count; t++) {
                printf "FRAME\n"
                for (i = 0; i < 4608; i++)
                    printf "%c", 65 + (i * (7 + t) + int(i / 48) * 5 + t * t) % 50
            }
        }'
    } >"$1"
}

# log FILE ARGUMENT...: a log without the line that depends on time, and without notes, which go to FILE.notes.
log()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    timeout $limit "$tool" --device cpu --json --precision 17 --tiny-model none -o log.json "$@" >out 2>err ||
        fail "exit code: $*"
    grep -v '"fps"' log.json | sed '/"notes"/,/^  \]/d; $d; s/,$//' >"$file"
    sed -n '/"notes"/,/^  \]/p' log.json | sed -n 's/^    "\(.*\)",\{0,1\}$/vkvmaf: \1/p' | tr -d '\\' >"$file.notes"
    rm -f log.json
}

# same WHAT: the logs `wanted` and `got` are equal.
same()
{
    n_checks=$((n_checks + 1))
    [ -s wanted ] && cmp -s wanted got || { diff wanted got | head -n 5 >out; fail "$1"; }
}
