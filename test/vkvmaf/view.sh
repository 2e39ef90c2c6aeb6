#!/bin/sh
# --view and --hfr: which model is chosen by view and frame rate, what is said of it and of a picture of another size, and
# what they are not given with. Models of another kind, which take less time, stand in under the names of v1's where names
# are looked at; at last v1's own give the scores that --model gives. Arguments: the tool, the project's root.
tool=$1
root=$(cd "$2" && pwd)
. "$root/test/vkvmaf/checks.sh"
unset VIRTUAL_ENV CONDA_PREFIX
HOME=$folder XDG_DATA_HOME=$folder/data
export HOME XDG_DATA_HOME
y4m ref.y4m 64 48 2
sed '1s/ F25:1//' ref.y4m >unknown.y4m
for rate in 47:1 48:1 48000:1001 50:1 60000:1001 120:1 47900:1000; do
    sed "1s/F25:1/F$rate/" ref.y4m >"$rate.y4m"
done

# refuse TEXT ARGUMENT...: one line, no log.
refuse()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" --device cpu --json -o log.json "$@" >out 2>err </dev/null && fail "accepted: $*"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$text" err || fail "does not say '$text': $*"
    [ ! -e log.json ] && [ ! -s out ] || fail "leaves a log: $*"
}

pair='-r ref.y4m -d ref.y4m'
# shellcheck disable=SC2086
{
    refuse '1080p, 2160p, phone or tv was expected' $pair --view 4k
    refuse '1080p, 2160p, phone or tv was expected' $pair --view ''
    refuse 'on or off was expected' $pair --view tv --hfr auto
    refuse '--hfr without --view' $pair --hfr on
    refuse '--hfr without --view' $pair --hfr off --model version=vmaf_v0.6.1
    refuse '--view and --model' $pair --view phone --model version=vmaf_v0.6.1
    refuse '--view and --neg' $pair --view phone --neg
    for option in '--tiny-model vmaf_tiny_v2' '--tiny-model none' '--tiny-quant fp32' '--tiny-registry a.json' \
        '--models-dir .' '--tiny-model-verify'; do
        refuse '--view and options of tiny models' $pair --view phone $option
    done
    ln -s "$tool" vmaf
    n_checks=$((n_checks + 1))
    ./vmaf $pair --view tv >out 2>err
    [ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "no option of libvmaf's tool" err || fail "as libvmaf's tool"
}

# Without its model the error names it, and the command that gets it.
if ! "$tool" models -q | grep -q 'version=vmaf_v1.0.16_3d0h  .*/'; then
    for pair in 1080p:3d0h 2160p:1d5h_2160 phone:5d0h tv:3d0h_2160; do
        refuse "there is no vmaf_v1.0.16_${pair#*:}.json in " -r ref.y4m -d ref.y4m --view "${pair%:*}"
        refuse "there is no vmaf_v1.0.16_hfr_${pair#*:}.json in " -r ref.y4m -d ref.y4m --view "${pair%:*}" --hfr on
        grep -q '"vkvmaf models install" gets it' err || fail "does not name the command"
    done
fi

model=$root/../shared/reference-models/vmaf_v0.6.1.json
[ -e "$model" ] || finish
mkdir models
for name in 3d0h 5d0h 1d5h_2160 3d0h_2160; do
    cp "$model" models/vmaf_v1.0.16_$name.json
    cp "$model" models/vmaf_v1.0.16_hfr_$name.json
done
VKVMAF_LIBVMAF_MODELS=$PWD/models
export VKVMAF_LIBVMAF_MODELS

# chosen LINE ARGUMENT...: standard error and the log's notes are this line and the one about the size; the model's own
# score is the log's, and there is no other model. The verbose messages name the file that was opened.
chosen()
{
    line=$1
    shift
    n_checks=$((n_checks + 1))
    rm -f log.json
    "$tool" --device cpu --json -o log.json "$@" >out 2>err || fail "fails: $*"
    grep '^vkvmaf: view' err | cut -c9- | grep -qxF -e "$line" || fail "does not say '$line': $*"
    tr -d '\\' <log.json | grep -qF "\"$line\"" || fail "the log does not say '$line': $*"
    grep -q '"vmaf"' log.json && grep -q '"device"' log.json && ! grep -q vmaf_tiny log.json || fail "the score: $*"
    "$tool" --device cpu --verbose -q --json -o log.json "$@" >out 2>err || fail "fails: $*"
    model=${line#*scored by }
    grep "info: model '" err | tail -n 1 | grep -qF "'${model%% *}'" || fail "opens another model: $*"
}

for pair in 1080p:3d0h 2160p:1d5h_2160 phone:5d0h tv:3d0h_2160; do
    view=${pair%:*} name=${pair#*:}
    chosen "view $view: scored by vmaf_v1.0.16_$name (25 frames per second)" -r ref.y4m -d ref.y4m --view $view
    chosen "view $view: scored by vmaf_v1.0.16_hfr_$name (50 frames per second)" -r 50:1.y4m -d ref.y4m --view $view
    chosen "view $view: scored by vmaf_v1.0.16_hfr_$name (--hfr on)" -r ref.y4m -d ref.y4m --view $view --hfr on
    chosen "view $view: scored by vmaf_v1.0.16_$name (--hfr off)" -r 50:1.y4m -d 50:1.y4m --view $view --hfr off
done
says='view tv: scored by vmaf_v1.0.16_'
chosen "${says}3d0h_2160 (47 frames per second)" -r 47:1.y4m -d 50:1.y4m --view tv
chosen "${says}3d0h_2160 (47.9 frames per second)" -r 47900:1000.y4m -d ref.y4m --view tv
chosen "${says}hfr_3d0h_2160 (47.952 frames per second)" -r 48000:1001.y4m -d ref.y4m --view tv
chosen "${says}hfr_3d0h_2160 (48 frames per second)" -r 48:1.y4m -d ref.y4m --view tv
chosen "${says}hfr_3d0h_2160 (59.9401 frames per second)" -r 60000:1001.y4m -d ref.y4m --view tv
chosen "${says}hfr_3d0h_2160 (120 frames per second)" -r 120:1.y4m -d ref.y4m --view tv
unknown='does not say its frames per second; from 48 on --hfr on is right)'
chosen "${says}3d0h_2160 (\"unknown.y4m\" $unknown" -r unknown.y4m -d 50:1.y4m --view tv
frames 4608 2 >raw.yuv
chosen "${says}3d0h_2160 (\"raw.yuv\" $unknown" -r raw.yuv -d raw.yuv -w 64 -h 48 -p 420 -b 8 --view tv

# Without its score the model says which features are computed.
n_checks=$((n_checks + 1))
"$tool" --device cpu --json -o log.json -r ref.y4m -d ref.y4m --view tv -n >out 2>err || fail "fails with -n"
grep -qxF 'vkvmaf: view tv: features of vmaf_v1.0.16_3d0h_2160 (25 frames per second)' err &&
    grep -q '"integer_adm2"' log.json && ! grep -q '"vmaf"' log.json || fail "features only"

# The size: one line where the view's display is not filled.
# sized TEXT ARGUMENT...: this line is said; without a text none is.
sized()
{
    text=$1
    shift
    n_checks=$((n_checks + 1))
    "$tool" --device cpu --json -o log.json "$@" >out 2>err || fail "fails: $*"
    grep ' is compared at ' err >got
    if [ -n "$text" ]; then
        printf 'vkvmaf: %s\n' "$text" | cmp -s - got || fail "does not say '$text': $*"
        tr -d '\\' <log.json | grep -qF "$text" || fail "the log does not say '$text': $*"
    else
        [ ! -s got ] || fail "speaks of the size: $*"
    fi
}
for view in 1080p phone; do
    sized "\"ref.y4m\" is compared at 64x48, and view $view is a display of 1920x1080, which --scale-to 1080p fills" \
        -r ref.y4m -d ref.y4m --view $view
done
for view in 2160p tv; do
    sized "\"ref.y4m\" is compared at 64x48, and view $view is a display of 3840x2160, which --scale-to 2160p fills" \
        -r ref.y4m -d ref.y4m --view $view
done
y4m full.y4m 1920 1080 1
y4m wide.y4m 1920 800 1
sed '1s/A1:1/A4:3/; 1s/W1920 H1080/W1440 H1440/' full.y4m >narrow.y4m
sized '' -r full.y4m -d full.y4m --view 1080p
sized '' -r wide.y4m -d wide.y4m --view phone
sized '"narrow.y4m" is compared at 1440x1440, and view 1080p is a display of 1920x1080, which --scale-to 1080p fills' \
    -r narrow.y4m -d narrow.y4m --view 1080p
sized '"full.y4m" is compared at 1920x1080, and view tv is a display of 3840x2160, which --scale-to 2160p fills' \
    -r full.y4m -d full.y4m --view tv
sized '"full.y4m" is compared at 1600x900, and view 1080p is a display of 1920x1080, which --scale-to 1080p fills' \
    -r full.y4m -d full.y4m --view 1080p --crop 1600:900:0:0
if "$tool" -r ref.y4m -d ref.y4m --device cpu --scale-to 80x60 -q --tiny-model none >out 2>err; then # with FFmpeg
    sized '' -r ref.y4m -d ref.y4m --view 1080p --scale-to 1080p --frame_cnt 1
    sized '' -r narrow.y4m -d narrow.y4m --view 1080p --scale-to 1440x1080
fi

# In a batch each line has its own.
n_checks=$((n_checks + 2))
cat >jobs <<'EOF'
-r ref.y4m -d ref.y4m -o one.json
-r 50:1.y4m -d ref.y4m -o two.json
-r 50:1.y4m -d ref.y4m -o three.json --view phone --hfr off
EOF
"$tool" --device cpu --json -q --batch jobs --view tv >out 2>err && [ ! -s err ] || fail "a batch"
grep -q "${says}3d0h_2160 (25 frames" one.json && grep -q "${says}hfr_3d0h_2160 (50 frames" two.json &&
    grep -q 'view phone: scored by vmaf_v1.0.16_5d0h (--hfr off)' three.json || fail "the models of a batch's lines"
echo '-r ref.y4m -d ref.y4m -o one.json --model version=vmaf_v1.0.16_3d0h' >jobs
n_checks=$((n_checks + 1))
"$tool" --device cpu --json --batch jobs --view tv >out 2>err
[ $? -eq 2 ] && grep -q '^vkvmaf: jobs:1: --view and --model' err || fail "a line that contradicts the command"

# The scores and features are those of the model by its name.
VKVMAF_LIBVMAF_MODELS=$root/../shared/reference-models/v1
[ -d "$VKVMAF_LIBVMAF_MODELS" ] || finish
y4m large.y4m 352 336 2
sed -n 1p large.y4m >worse.y4m && tail -n +2 large.y4m | tr 'HKQ' 'IJS' >>worse.y4m
# frames_of LOG ARGUMENT...: every value of every frame.
frames_of()
{
    log=$1
    shift
    "$tool" --device cpu --json --precision 17 -q -r large.y4m -d worse.y4m -o log.json "$@" >out 2>err || fail "fails: $*"
    sed -n '/"frames"/,/"pooled_metrics"/p' log.json >"$log"
}
for form in off: on:hfr_; do
    for pair in 1080p:3d0h 2160p:1d5h_2160 phone:5d0h tv:3d0h_2160; do
        n_checks=$((n_checks + 1))
        frames_of wanted --model "version=vmaf_v1.0.16_${form#*:}${pair#*:}"
        frames_of got --view "${pair%:*}" --hfr "${form%:*}"
        grep -q '"vmaf"' wanted && grep -q '"cambi' wanted && cmp -s wanted got || fail "scores: $pair $form"
    done
done

# Without a score encodes are compared by a feature of which more is better, not by the first, which is cambi.
n_checks=$((n_checks + 1))
cp worse.y4m second.y4m
"$tool" --device cpu -r large.y4m -d worse.y4m -d second.y4m --view 1080p -n >out 2>err || fail "two encodes"
sed -n 2p out | grep -q '^integer_adm2_csf_2' || fail "the feature that encodes are compared by"
finish
