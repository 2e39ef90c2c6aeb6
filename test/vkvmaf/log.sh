#!/bin/sh
# The logs against libvmaf's own, line for line: called as libvmaf's tool, in all formats, for all of the golden runs and
# all models of v1.
# Arguments: the tool, the project's root, a device or "default".
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
clips=$root/../shared/clips
golden=$root/../shared/golden/logs
models=$root/../shared/reference-models
export VKVMAF_LIBVMAF_MODELS="$models:$models/v1"
[ -d "$golden" ] || skip "no golden logs beside the checkout"
command -v ffmpeg >/dev/null || skip "no ffmpeg"

decode()
{
    ffmpeg -nostdin -v error -i "$clips/$1" -frames:v 10 -f yuv4mpegpipe -strict -1 "$2" || exit 1
}
decode seeking_720x480_ref.mp4 ref.y4m
decode seeking_720x480_x264_crf38.mp4 dist.y4m
"$tool" --install-alias . >out 2>err || fail "the alias"
[ -L vmaf ] || fail "the alias is no link"

# What is left of a log without version and fps.
strip_json()
{
    grep -vE '^ *"(version|fps)": [^{]' "$1"
}
strip_xml()
{
    grep -vE '^<VMAF version=|^  <fyi fps=' "$1"
}
strip_csv()
{
    cat "$1"
}
strip_sub()
{
    cat "$1"
}

# equal NAME FORMAT LINES ARGUMENT...: the golden log NAME, which has so many lines that are compared.
equal()
{
    name=seeking_x264_crf38_10frames$1
    format=$2
    lines=$3
    shift 3
    n_checks=$((n_checks + 1))
    rm -f log
    ./vmaf -r ref.y4m -d dist.y4m -o log "$@" $device >out 2>err || fail "$*"
    strip_"$format" "$golden/$name.$format" >wanted
    echo "$name.$format" >>compared
    strip_"$format" log >got
    [ "$(wc -l <wanted)" -eq "$lines" ] || fail "the comparison has lost its text: $(wc -l <wanted) lines of $name"
    grep -q "$metric" wanted || fail "the comparison has lost its metrics: $name"
    cmp -s wanted got || { diff wanted got >out; fail "$name: $*"; }
}

if [ "$3" = default ]; then
    has_device
    device=
else
    device="--device $3"
fi
metric=integer_vif_scale3
equal "" json 298 --json --model version=vmaf_v0.6.1
equal "" xml 32
equal "" csv 11 --csv --threads 2 --cpumask -1 --gpumask 0x0
equal "" sub 10 --sub -q -m "path=$models/vmaf_v0.6.1.json"
equal _neg json 298 --json -m version=vmaf_v0.6.1neg
equal _neg json 298 --json --neg
equal _phone json 298 --json -m version=vmaf_v0.6.1:enable_transform
equal _bootstrap json 682 --json -m version=vmaf_b_v0.6.3
equal _psnr json 346 --json --feature psnr --feature motion=debug=true
equal _two_models json 490 --json -m version=vmaf_v0.6.1:name=vmaf -m version=vmaf_v0.6.1neg:name=vmaf_neg
equal _subsample3 json 178 --json --subsample 3

metric=integer_aim_csf_2_dlmw_0.7_egl_1_min_0.5_nw_0.02
for v1 in 3d0h hfr_3d0h; do
    equal _v1_$v1 json 298 --json -m version=vmaf_v1.0.16_$v1
    equal _v1_$v1 xml 32 -m "path=$models/v1/vmaf_v1.0.16_$v1.json:name=vmaf"
    equal _v1_$v1 csv 11 --csv -m version=vmaf_v1.0.16_$v1
    equal _v1_$v1 sub 10 --sub -m version=vmaf_v1.0.16_$v1
done

ls "$golden" | sort >wanted
sort -u compared | cmp -s - wanted || { sort -u compared | diff - wanted >out; fail "golden logs that nothing compares"; }

# sums MODEL CKSUM BYTES: a model of v1, whether there is a golden log of it or not. The JSON log has the checksum of libvmaf's, less version
# and fps; called by its own name, the tool writes the same table.
sums()
{
    n_checks=$((n_checks + 1))
    rm -f log.json log.csv native.csv
    for format in json csv; do
        ./vmaf -r ref.y4m -d dist.y4m "--$format" -o "log.$format" -q -m "version=vmaf_v1.0.16_$1" $device >out 2>err ||
            fail "$1"
    done
    strip_json log.json >got
    [ "$(cksum <got)" = "$2 $3" ] || { cp got out; fail "not libvmaf's log: $1"; }
    "$tool" -r ref.y4m -d dist.y4m --csv -o native.csv -q --model "version=vmaf_v1.0.16_$1" $device >out 2>err ||
        fail "$1 by name"
    cmp -s log.csv native.csv || { diff log.csv native.csv >out; fail "$1: another table by name"; }
}
sums 3d0h 2700426973 12666
sums hfr_3d0h 681578751 12981
sums 1d5h_2160 633679823 13975
sums 3d0h_2160 3232345466 14019
sums 5d0h 986917224 13788
sums hfr_1d5h_2160 345337885 14290
sums hfr_3d0h_2160 3512213765 14334
sums hfr_5d0h 3363237792 14103

# columns NAMES TABLE: the first nine frames. The golden runs went on, so the last frame has another motion2.
columns()
{
    awk -F, -v names="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ names) keep[i] = 1 }
        { line = $1; for (i = 2; i <= NF; i++) if (keep[i]) line = line "," $i; print line }' "$2" |
        sed -n 2,10p
}

# doubles TABLE NAMES ARGUMENT...: the columns of these names equal those of a golden table, at 17 digits.
doubles()
{
    columns "$1" "$2" >wanted
    names=$3
    shift 3
    n_checks=$((n_checks + 1))
    ./vmaf -r ref.y4m -d dist.y4m --csv --precision 17 -o log "$@" $device >out 2>err || fail "$*"
    columns "$names" log >got
    [ "$(sed -n '$=' wanted)" -eq 9 ] || fail "no golden scores"
    cmp -s wanted got || { diff wanted got >out; fail "scores as doubles: $*"; }
}
one=version=vmaf_v0.6.1
doubles . "$root/../shared/golden/scores/seeking_720x480_x264_crf38.csv" \
    '^([a-e]|f_(bagging|stddev|ci_p95_lo|ci_p95_hi))$' -m $one:name=a -m version=vmaf_v0.6.1neg:name=b \
    -m version=vmaf_4k_v0.6.1:name=c -m $one:name=d:enable_transform -m $one:name=e:disable_clip \
    -m version=vmaf_b_v0.6.3:name=f

# All of v1 share what they can, and agree on names.
set --
for v1 in 1d5h_2160 3d0h 3d0h_2160 5d0h hfr_1d5h_2160 hfr_3d0h hfr_3d0h_2160 hfr_5d0h; do
    set -- "$@" -m version=vmaf_v1.0.16_$v1:name=vmaf_v1.0.16_$v1
done
doubles ^vmaf_v1 "$root/../shared/golden/v1/clips/seeking_720x480_x264_crf38.csv" ^vmaf_v1 "$@"
[ "$(head -1 wanted | tr , '\n' | wc -l)" -eq 9 ] || fail "the table has lost its scores"
finish
