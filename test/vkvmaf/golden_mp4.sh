#!/bin/sh
# The mp4 files, decoded by the tool itself, give libvmaf's features in every bit; the reference has 150 frames, the
# encodes 60. Arguments: the tool, the project's root, whether it was built with FFmpeg.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
clips=$root/../shared/clips
golden=$root/../shared/golden/features
[ "$3" = 1 ] || skip "built without FFmpeg"
[ -d "$golden" ] || skip "no golden features beside the checkout"
has_device
[ -r "$clips/seeking_720x480_ref.mp4" ] || skip "no clips beside the checkout"

# rows LOG: one line per frame, in the order of the golden file.
rows()
{
    awk -F'"' '
        /"frameNum"/ { n = $3; gsub(/[^0-9]/, "", n) }
        /"pooled_metrics"/ { exit }
        NF == 3 { v = $3; gsub(/[:, ]/, "", v); value[$2] = v }
        /^    }/ {
            line = n "," value["integer_adm2"]
            for (i = 0; i < 4; i++) line = line "," value["integer_vif_scale" i]
            line = line "," value["integer_motion2"]
            for (i = 0; i < 4; i++) line = line "," value["integer_adm_scale" i]
            print line
        }' "$1"
}

for encode in x264_crf30 x264_crf38 x264_crf45 x265_half; do
    n_checks=$((n_checks + 2))
    name=seeking_720x480_$encode
    rm -f log.json
    "$tool" -r "$clips/seeking_720x480_ref.mp4" -d "$clips/$name.mp4" --tiny-model none --json -o log.json \
        --precision 17 -q >out 2>err || fail "$encode: exit code $?"
    rows log.json >got
    sed '1d; s/,[^,]*$//' "$golden/$name.csv" >wanted
    [ "$(wc -l <wanted)" -eq 60 ] || fail "the golden file has lost its rows"
    diff wanted got >out || fail "$encode"
    printf 'vkvmaf: "%s" ended before "%s".\n' "$clips/$name.mp4" "$clips/seeking_720x480_ref.mp4" >wanted
    cmp -s wanted err || fail "$encode: not the one note that it ended first"
done
finish
