#!/bin/sh
# Models of VMAF v1 by --model: their options one by one, and one line for pictures that they have no score of.
# Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
. "$root/test/vkvmaf/black.sh"
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

# Pictures outside of the models' domain, by the first feature that does not take them; and the least that they take.
command -v python3 >/dev/null || skip "no python3"
# small TEXT MODEL SIZE CHROMA
small()
{
    black small.y4m "$3" "$4"
    refuse "$1" "version=vmaf_v1.0.16_$2" -r small.y4m -d small.y4m
}
small '420, 422 or 444; these have none' 3d0h 320x240 mono
small '420, 422 or 444; these have another' hfr_3d0h 320x240 411
small 'speed_chroma of 9 bits is not defined' 3d0h 320x240 420p9
small 'planes of 120x79 samples; 80x80 at least' 3d0h 240x159 420
small 'planes of 79x240 samples; 80x80 at least' 1d5h_2160 159x240 422
small 'planes of 79x120 samples; 80x80 at least' 3d0h_2160 316x480 420
small 'planes of 79x120 samples; 80x80 at least' hfr_5d0h 263x400 420
small 'cambi of 215x215 pictures is not defined; 216 columns or rows' 3d0h 215x215 444
small 'cambi of 3000x160 pictures is not defined; sides of 10:1' hfr_1d5h_2160 3000x160 444
small 'cambi of 170x2400 pictures is not defined; sides of 10:1' 5d0h 170x2400 444
small 'pictures of 16x240; accepted are 17x17' 3d0h 16x240 444
for size in 216x160 160x216; do
    n_checks=$((n_checks + 1))
    black small.y4m "$size" 420
    "$tool" -r small.y4m -d small.y4m --device cpu --json -q -m version=vmaf_v1.0.16_3d0h -o log >out 2>err ||
        fail "$size is not scored"
done
finish
