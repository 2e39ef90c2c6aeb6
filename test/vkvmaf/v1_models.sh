#!/bin/sh
# Models of VMAF v1 by --model: their options one by one, and one line for pictures that they have no score of.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
clips=$root/../shared/clips
models=$root/../shared/reference-models
export VKVMAF_LIBVMAF_MODELS="$models:$models/v1"
[ -d "$models/v1" ] || skip "no models of v1 beside the checkout"
command -v xz >/dev/null || skip "no xz"
for picture in ref dis; do
    xz -dc "$clips/archer_1920x1080_8bit_$picture.yuv.xz" >$picture.yuv || fail archer
done

# run MODEL [ARGUMENT...]: a log of the clip, a column a line.
run()
{
    n_checks=$((n_checks + 1))
    rm -f log
    model=$1
    shift
    "$tool" -r ref.yuv -d dis.yuv -w 1920 -h 1080 -p 420 -b 8 --device cpu --csv --precision 17 -o log -q -m "$model" \
        "$@" >out 2>err || fail "$model"
    awk -F, 'NR == 1 { split($0, names) } NR == 2 { for (i = 2; i <= NF; i++) if (names[i]) print names[i], $i }' log >got
}

# has LINE
has()
{
    grep -Fxq "$1" got || { cp got out; fail "there is no $1"; }
}

encode=cambi.enc_width=1280:cambi.enc_height=720:cambi.enc_bitdepth=8
run version=vmaf_v1.0.16_3d0h
has 'cambi_hrs_1080_cmxv_17_vlt_0.06 0.07018436323839411'
cp got standard
run version=vmaf_v1.0.16_3d0h:$encode
has 'cambi_hrs_1080_cmxv_17_vlt_0.06_encbd_8_ench_720_encw_1280 0.049390163414433384'
grep -vE '^(cambi|vmaf)' got >others
grep -vE '^(cambi|vmaf)' standard | cmp -s - others || fail "options of cambi change other features"
cmp -s got standard && fail "the size of the encode has no effect"

# Options that the model has already change nothing; nor do those of features that a model has not.
run version=vmaf_v1.0.16_3d0h:motion.motion_max_val=18:speed_chroma.speed_prescale=1:adm.adm_csf_mode=2
cmp -s got standard || fail "an option that the model has changes something"
run version=vmaf_v0.6.1
cp got old
run version=vmaf_v0.6.1:$encode:speed_chroma.speed_max_val=1
cmp -s got old || fail "options of other features change something"

# Two that differ in switches only have motion of their own. Both have one cambi.
run version=vmaf_v1.0.16_3d0h:name=slow -m version=vmaf_v1.0.16_hfr_3d0h:name=fast
[ "$(grep -c '^integer_motion3_m' got)" -eq 2 ] || fail "two windows of motion"
[ "$(grep -c '^cambi' got)" -eq 1 ] || fail "one cambi for two models"
has "slow $(sed -n 's/^vmaf //p' standard)"

# refuse TEXT MODEL ARGUMENT...
refuse()
{
    n_checks=$((n_checks + 1))
    text=$1
    model=$2
    shift 2
    "$tool" "$@" --device cpu --json -q -m "$model" >out 2>err
    [ $? -eq 1 ] || fail "$model: not exit code 1"
    [ "$(wc -l <err)" -eq 1 ] || fail "$model: not one line"
    grep -qF "$text" err || fail "$model: does not say $text"
}
clip="-r ref.yuv -d dis.yuv -w 1920 -h 1080 -p 420 -b 8"
refuse 'option cambi.full_ref is not known' version=vmaf_v1.0.16_3d0h:cambi.full_ref=true $clip
refuse 'enc_width is "9"; 180 to 7680' version=vmaf_v1.0.16_3d0h:cambi.enc_width=9 $clip
refuse 'adm_csf_mode=2 is not available with adm_norm_view_dist=4' version=vmaf_v1.0.16_3d0h:adm.adm_norm_view_dist=4 $clip
printf 'YUV4MPEG2 W320 H240 F25:1 Cmono\nFRAME\n' >mono.y4m
head -c 76800 /dev/zero >>mono.y4m
refuse '420, 422 or 444; these have none' version=vmaf_v1.0.16_3d0h -r mono.y4m -d mono.y4m
finish
