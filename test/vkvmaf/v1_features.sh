#!/bin/sh
# cambi and speed_chroma by --feature: libvmaf's names and doubles, side by side with other options, and one line for
# pictures and options that they are not defined for. Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
. "$root/test/vkvmaf/black.sh"
clips=$root/../shared/clips
golden=$root/../shared/golden/v1
cambi=cambi=cambi_high_res_speedup=1080:cambi_vis_lum_threshold=0.06:cambi_max_val=17
speed=speed_chroma=speed_nn_floor=0.1:speed_sigma_nn=0.19:speed_weight_var_mode=5:speed_max_val=45

# refuse TEXT FEATURE SIZE [CHROMA]: pictures of that size.
refuse()
{
    n_checks=$((n_checks + 1))
    black small.y4m "$3" "${4:-420}"
    "$tool" -r small.y4m -d small.y4m --device cpu --tiny-model none --feature "$2" --json -q >out 2>err &&
        fail "$2 of $3 ${4:-420}: is scored"
    [ "$(wc -l <err)" -eq 1 ] || fail "$2 of $3 ${4:-420}: not one line"
    grep -q "$1" err || fail "$2 of $3 ${4:-420}: does not say $1"
}
command -v python3 >/dev/null || skip "no python3"
refuse 'cambi of 215x215 pictures is not defined; 216 columns' cambi 215x215
refuse 'cambi of 180x150 pictures is not defined; 216 columns' cambi=enc_width=180:enc_height=150 320x240
refuse 'cambi of 3000x100 pictures is not defined; sides of 10:1' cambi 3000x100
refuse 'cambi of 4096x2160 pictures has a window of more than 65' cambi 4096x2160 mono
refuse 'cambi_high_res_speedup is "720"; 0, 1080, 1440 or 2160 was expected' cambi=cambi_high_res_speedup=720 320x240
refuse 'enc_width is "179"; 180 to 7680, or 0 was expected' cambi=enc_width=179 320x240
refuse 'enc_bitdepth is "17"; 6 to 16, or 0 was expected' cambi=enc_bitdepth=17 320x240
refuse 'option "full_ref" of feature cambi is not available' cambi=full_ref=true 320x240
refuse 'cambi_eotf is "srgb"; bt1886 or pq was expected' cambi=cambi_eotf=srgb 320x240
refuse '420, 422 or 444; these have none' speed_chroma 320x240 mono
refuse '420, 422 or 444; these have another' speed_chroma 320x240 411
refuse 'speed_chroma of 9 bits is not defined' speed_chroma 320x240 420p9
refuse 'planes of 79x120 samples; 80x80 at least' speed_chroma 159x240
refuse 'planes of 79x120 samples' speed_chroma=speed_prescale=0.5:speed_prescale_method=bilinear 316x480
refuse 'speed_prescale_method=bilinear only' speed_chroma=speed_prescale=0.5 320x240
refuse 'speed_prescale between 0.999 and 1.001' speed_chroma=speed_prescale=0.9991:speed_prescale_method=bilinear 320x240
refuse 'speed_prescale_method is "bicubic"; nearest or bilinear' speed_chroma=speed_prescale_method=bicubic 320x240
refuse 'speed_kernelscale of other than 1' speed_chroma=speed_kernelscale=2 320x240
refuse 'speed_weight_var_mode is "7"; 0 to 6 was expected' speed_chroma=speed_weight_var_mode=7 320x240

# same NAME WIDTH HEIGHT BITS: every frame of a clip.
same()
{
    n_checks=$((n_checks + 1))
    for picture in ref dis; do
        xz -dc "$clips/$1_$picture.yuv.xz" >$picture.yuv || fail "$1"
    done
    "$tool" -r ref.yuv -d dis.yuv -w "$2" -h "$3" -p 420 -b "$4" --tiny-model none --no_prediction --json -o log.json \
        --precision 17 -q --feature "$cambi" --feature cambi=cambi_vis_lum_threshold=0.06:cambi_high_res_speedup=1080 \
        --feature "$speed" --feature "$speed:speed_prescale=0.6:speed_prescale_method=bilinear" >out 2>err ||
        fail "$1: exit code $?"
    python3 - "$golden/clips/$1.csv" >out 2>err <<'EOF' || fail "$1"
import csv
import json
import sys
NAMES = {"cambi": "cambi_hrs_1080_cmxv_17_vlt_0.06", "cambi_uncapped": "cambi_hrs_1080_vlt_0.06"}
for part in ("u", "v", "uv"):
    NAMES["speed_" + part] = f"speed_chroma_{part}_mxv_45_nnf_0.1_snn_0.19_wvm_5"
    NAMES[f"speed_{part}_ps0.6"] = f"speed_chroma_{part}_mxv_45_nnf_0.1_ps_0.6_psm_bilinear_snn_0.19_wvm_5"
wanted = list(csv.DictReader(open(sys.argv[1])))
frames = json.load(open("log.json"))["frames"]
assert len(frames) == len(wanted)
for frame, row in zip(frames, wanted):
    for column, name in NAMES.items():
        assert frame["metrics"][name] == float(row[column]), (row["frame"], name, row[column])
EOF
}
if [ -d "$golden" ] && command -v xz >/dev/null; then
    has_device
    same src01_576x324_10bit 576 324 10
    same archer_1920x1080_8bit 1920 1080 8
    same sparks_480x270_10bit 480 270 10
else
    echo "no golden values beside the checkout: names and values are not compared"
fi
finish
