#!/bin/sh
# Every mistake of a user gives one line on standard error that names it, an exit code above 0, and no output file.
# Arguments: the tool, the project's root.
tool=$1
. "$2/test/vkvmaf/checks.sh"
base='--device cpu --json -o log.json'

# refuse TEXT ARGUMENT...: see above; TEXT is part of the line.
refuse()
{
    text=$1
    shift
    "$tool" "$@" >out 2>err </dev/null
    code=$?
    n_checks=$((n_checks + 1))
    [ $code -ge 1 ] && [ $code -le 2 ] || fail "exit code $code: $*"
    [ "$(wc -l <err)" -eq 1 ] || fail "not one line: $*"
    grep -q '^vkvmaf: ' err || fail "no prefix: $*"
    grep -qF -e "$text" err || fail "does not say '$text': $*"
    [ ! -s out ] || fail "writes to standard output: $*"
    [ -z "$(find . -type f \( -name 'log.json*' -o -name '.vkvmaf-*' \))" ] || fail "leaves a file: $*"
}

y4m ref.y4m 48 48 3
y4m dist.y4m 48 48 3
y4m short.y4m 48 48 2
y4m wide.y4m 64 48 3
y4m deep.y4m 48 48 3 C420p10 2
y4m mono.y4m 48 48 3 Cmono
frames 3456 2 >ref.yuv
frames 3456 2 >dist.yuv

# the command line
refuse "no videos"
refuse "no reference" -d dist.y4m
refuse "no distorted" -r ref.y4m
refuse "is not known" -r ref.y4m -d dist.y4m --frobnicate
refuse "is not known" -x
refuse "needs a value" -r
refuse "takes no value" -r ref.y4m -d dist.y4m --json=yes
refuse "given twice" -r ref.y4m -r ref.y4m -d dist.y4m
refuse "is not expected" ref.y4m dist.y4m
refuse "is not expected" -r ref.y4m -d dist.y4m dist.y4m
refuse "only one of them" -r - -d -
refuse "only one of them" -r - -d /dev/stdin
refuse "takes no value" -r ref.y4m -d dist.y4m --xml=log.json
refuse '--width is "0"' -r ref.yuv -d dist.yuv -w 0 -h 48 -p 420 -b 8
refuse '--width is "-48"' -r ref.yuv -d dist.yuv -w -48 -h 48 -p 420 -b 8
refuse '--width is "48x"' -r ref.yuv -d dist.yuv -w 48x -h 48 -p 420 -b 8
refuse '--height is "99999999999999999999"' -r ref.yuv -d dist.yuv -w 48 -h 99999999999999999999 -p 420 -b 8
refuse '--height is ""' -r ref.yuv -d dist.yuv -w 48 --height= -p 420 -b 8
refuse '--pixel_format is "rgb"' -r ref.yuv -d dist.yuv -w 48 -h 48 -p rgb -b 8
refuse '--bitdepth is "7"' -r ref.yuv -d dist.yuv -w 48 -h 48 -p 420 -b 7
refuse '--bitdepth is "17"' -r ref.yuv -d dist.yuv -w 48 -h 48 -p 420 -b 17
refuse '--precision is "9"' -r ref.y4m -d dist.y4m --precision 9
refuse '--form is "fast"' -r ref.y4m -d dist.y4m --form fast
refuse '--frame_cnt is "-1"' -r ref.y4m -d dist.y4m --frame_cnt -1
refuse '--subsample is "x"' -r ref.y4m -d dist.y4m --subsample x $base
refuse '--frame_skip_ref is "1.5"' -r ref.y4m -d dist.y4m --frame_skip_ref 1.5 $base
refuse '--frame_skip_dist is ""' -r ref.y4m -d dist.y4m --frame_skip_dist= $base
refuse '--threads is "many"' -r ref.y4m -d dist.y4m --threads many $base
refuse '--cpumask is ""' -r ref.y4m -d dist.y4m --cpumask '' $base
refuse '--gpumask is "0xg"' -r ref.y4m -d dist.y4m --gpumask 0xg $base
refuse '--extra-fields is "yes"' -r ref.y4m -d dist.y4m --extra-fields yes $base
refuse "ciede, float_ssim, float_ms_ssim, psnr_hvs" -r ref.y4m -d dist.y4m --aom_ctc v6.0 $base
refuse "float_ssim and apsnr" -r ref.y4m -d dist.y4m --nflx_ctc v1.0 $base
refuse 'feature "float_ssim" is not available' -r ref.y4m -d dist.y4m --feature float_ssim $base
refuse 'feature "" is not available' -r ref.y4m -d dist.y4m --feature '' $base
refuse 'feature "integer_adm" is not available' -r ref.y4m -d dist.y4m --feature integer_adm $base
refuse 'option "min_sse" of feature psnr is not available; there is: enable_chroma, enable_mse' \
    -r ref.y4m -d dist.y4m --feature psnr=min_sse=0.5 $base
refuse 'option "debug" of feature vif is not available' -r ref.y4m -d dist.y4m --feature vif=debug=true $base
refuse 'option "enable_mse" of feature psnr has no value' -r ref.y4m -d dist.y4m --feature psnr=enable_mse $base
refuse 'option "" of feature psnr has no value' -r ref.y4m -d dist.y4m --feature psnr= $base
refuse 'enable_chroma is "0"' -r ref.y4m -d dist.y4m --feature psnr=enable_mse=true:enable_chroma=0 $base
refuse 'adm_enhn_gain_limit is "0.5"' -r ref.y4m -d dist.y4m --feature adm=adm_enhn_gain_limit=0.5 $base
refuse "it has 2000 characters" -r ref.y4m -d dist.y4m --feature "$(printf '%02000d' 0)" $base
refuse "--model is given more than 32 times" -r ref.y4m -d dist.y4m $(yes ' -m disable_clip' | head -n 33) $base
refuse "--distorted is given more than 16 times" -r ref.y4m $(yes ' -d dist.y4m' | head -n 17) $base
refuse "--install-alias is empty" --install-alias ''
refuse "--neg and --model" -r ref.y4m -d dist.y4m --neg --model version=vmaf_v0.6.1 $base
refuse "--model version: " -r ref.y4m -d dist.y4m --model version $base
refuse "there is no vmaf_v9.json in " -r ref.y4m -d dist.y4m --model version=vmaf_v9 $base
refuse "model 'absent.json': cannot be opened" -r ref.y4m -d dist.y4m --model path=absent.json $base
refuse "model 'ref.y4m': is not a JSON object" -r ref.y4m -d dist.y4m --model path=ref.y4m $base
refuse "ref.y4m: ends after 3 frames, 4 are to be passed over" -r ref.y4m -d dist.y4m --frame_skip_ref 4 $base
refuse "dist.y4m: has no frame to score" -r ref.y4m -d dist.y4m --frame_skip_dist 3 $base
refuse "cannot be created" --install-alias /absent
: >vmaf
refuse "./vmaf: cannot be created: File exists" --install-alias .
rm vmaf
refuse '--crop is "48:48:0"' -r ref.y4m -d dist.y4m --crop 48:48:0
refuse '--crop is "16:48:0:0"' -r ref.y4m -d dist.y4m --crop 16:48:0:0
refuse '--crop is "-48:48:0:0"' -r ref.y4m -d dist.y4m --crop -48:48:0:0
refuse '--crop is "48:48:0:0:0"' -r ref.y4m -d dist.y4m --crop 48:48:0:0:0
refuse '--start is "x"' -r ref.y4m -d dist.y4m --start x
refuse '--start is "1.5f"' -r ref.y4m -d dist.y4m --start 1.5f
refuse '--start is "1e3"' -r ref.y4m -d dist.y4m --start 1e3
refuse '--duration is "0"' -r ref.y4m -d dist.y4m --duration 0
refuse '--offset-ref is "-1"' -r ref.y4m -d dist.y4m --offset-ref -1
refuse '--sync is "0"' -r ref.y4m -d dist.y4m --sync=0
refuse "does not belong" verify --json
refuse "does not belong" bench --reference ref.y4m
refuse "does not belong" -r ref.y4m -d dist.y4m --size 48x48
refuse '--size is "48"' bench --size 48
refuse '--size is "x48"' bench --size x48
refuse '--streams is "17"; a number from 1 to 16' bench --streams 17
refuse '--height is' -r ref.y4m -d dist.y4m -h --help
refuse "is not expected" frobnicate

# devices and models
refuse "" -r ref.y4m -d dist.y4m --device no-such-device --json -o log.json
refuse "" verify --device no-such-device
refuse "" -r ref.y4m -d dist.y4m --device 4294967296 --json -o log.json
refuse 'has no such entry' -r ref.y4m -d dist.y4m $base --tiny-model no_such_model
refuse 'no no_such_model.onnx in ./models' -r ref.y4m -d dist.y4m $base --tiny_model no_such_model --models_dir ./models
refuse "neither a path" -r ref.y4m -d dist.y4m $base --tiny-model ..
refuse "neither a path" -r ref.y4m -d dist.y4m $base --tiny-model 'V2 model'
refuse "no_such.onnx" -r ref.y4m -d dist.y4m $base --tiny-model no_such.onnx
refuse "ref.y4m" -r ref.y4m -d dist.y4m $base --tiny-model ./ref.y4m
refuse "has no 8-bit form" -r ref.y4m -d dist.y4m $base --tiny-quant int8
refuse '--tiny-quant is "int4"' -r ref.y4m -d dist.y4m $base --tiny-quant int4
refuse "no such file" -r ref.y4m -d dist.y4m $base --tiny-registry absent.json
real_tool=$tool tool=./wrapped
printf '#!/bin/sh\nVMAF_TINY_MODEL_DIR=/absent exec "%s" "$@"\n' "$real_tool" >wrapped && chmod +x wrapped
refuse "is not a folder" -r ref.y4m -d dist.y4m $base
printf '#!/bin/sh\nPATH=/absent exec "%s" "$@"\n' "$real_tool" >wrapped
refuse "no cosign" -r ref.y4m -d dist.y4m $base --tiny-model-verify
printf '#!/bin/sh\nunset VK_ADD_DRIVER_FILES\nVK_DRIVER_FILES=/absent VK_ICD_FILENAMES=/absent exec "%s" "$@"\n' \
    "$real_tool" >wrapped
driver="(on Debian: mesa-vulkan-drivers), or use device 'cpu'"
refuse "$driver" -r ref.y4m -d dist.y4m --json -o log.json
refuse "$driver" verify --device no-such-device
n_checks=$((n_checks + 1))
./wrapped --list-devices >out 2>err && grep -qF "$driver" err && [ "$(wc -l <err)" -eq 1 ] && grep -q '^  cpu ' out ||
    fail "a list of no device"
tool=$real_tool
refuse "cannot be opened" -r ref.y4m -d dist.y4m $base --tiny-model-verify=absent.pem
refuse "is empty" -r ref.y4m -d dist.y4m $base --tiny-model-verify=
refuse "--tiny-model is empty" -r ref.y4m -d dist.y4m $base --tiny-model=

# files
mkdir folder
: >empty.y4m
printf 'YUV4MPEG2 W48 H48\n' >no_frames.y4m
printf 'YUV4MPEG2 W48 H48' >no_line_end.y4m
printf 'YUV4MPEG2 W99999 H48\nFRAME\n' >too_wide.y4m
printf 'YUV4MPEG2 W32768 H32768 C444p16\nFRAME\n' >huge.y4m
printf 'YUV4MPEG2 W16 H16\nFRAME\n' >too_small.y4m
printf 'YUV4MPEG2 W4294967344 H48\nFRAME\n' >wraps.y4m
printf 'YUV4MPEG2 W48 H48 Crgb\nFRAME\n' >rgb.y4m
head -c 6000 dist.y4m >cut.y4m
head -c 3500 dist.yuv >cut.yuv
{ printf 'YUV4MPEG2 W48 H48\n'; frames 3456 1; } >no_frame_line.y4m
y4m escapes.y4m 48 48 1 && printf '\033[2JFRAME\n' >>escapes.y4m
y4m bytes.y4m 48 48 1 && printf '\033[2J\233\377\001FRAME\n' >>bytes.y4m
printf 'YUV4MPEG2 W48 H48 C\233\033\200\nFRAME\n' >high.y4m
yes X | tr -d '\n' | head -c 100000 | sed 's/^/YUV4MPEG2 W48 H48 /' >endless.y4m
refuse "absent.y4m: cannot be opened" -r absent.y4m -d dist.y4m $base
refuse "absent.y4m: cannot be opened" -r ref.y4m -d absent.y4m $base
refuse "folder: cannot be opened: Is a directory" -r folder -d dist.y4m $base
refuse "empty.y4m: is empty" -r empty.y4m -d dist.y4m $base
refuse "/dev/null: is empty" -r ref.y4m -d /dev/null $base
refuse "-: is empty" -r ref.y4m -d - $base
refuse "no_frames.y4m: has a y4m header but no frame" -r no_frames.y4m -d dist.y4m $base
refuse "no_line_end.y4m: its y4m header has no line end" -r ref.y4m -d no_line_end.y4m $base
refuse "endless.y4m: its y4m header has no line end" -r endless.y4m -d dist.y4m $base
refuse "too_wide.y4m: pictures of 99999x48" -r too_wide.y4m -d dist.y4m $base
refuse "too_small.y4m: pictures of 16x16" -r too_small.y4m -d too_small.y4m $base
refuse "wraps.y4m" -r wraps.y4m -d dist.y4m $base
refuse "huge.y4m" -r huge.y4m -d dist.y4m --no-scale $base
refuse 'rgb.y4m: its y4m header says "Crgb"' -r rgb.y4m -d dist.y4m $base
refuse "cut.y4m: frame 1 is cut: 2491 bytes, 3456 expected" -r ref.y4m -d cut.y4m $base
refuse "cut.y4m: frame 1 is cut" -r cut.y4m -d dist.y4m $base
refuse "no_frame_line.y4m: frame 0 begins with" -r ref.y4m -d no_frame_line.y4m $base
refuse 'escapes.y4m: frame 1 begins with "?[2JFRAME"' -r ref.y4m -d escapes.y4m $base
refuse 'bytes.y4m: frame 1 begins with "?[2J???FRAME"' -r ref.y4m -d bytes.y4m $base
refuse 'high.y4m: its y4m header says "C???"' -r ref.y4m -d high.y4m $base
refuse "ref.yuv: no y4m header, and raw video also needs --bitdepth" -r ref.yuv -d dist.yuv -w 48 -h 48 -p 420 $base
refuse "raw video also needs --width --height --pixel_format --bitdepth" -r ref.yuv -d dist.yuv $base
refuse "cut.yuv: 3500 bytes are not a whole number of frames of 3456 bytes" -r ref.yuv -d cut.yuv \
    -w 48 -h 48 -p 420 -b 8 $base
refuse "ref.yuv: 6912 bytes are not a whole number" -r ref.yuv -d dist.yuv -w 50 -h 48 -p 420 -b 8 $base
refuse "sizes differ: ref.y4m is 48x48, wide.y4m is 64x48" -r ref.y4m -d wide.y4m --no-scale $base
refuse "says width 48, --width says 64" -r ref.y4m -d dist.y4m -w 64 $base
refuse "a crop of 48x48 at 2,0 does not lie within 48x48" -r ref.y4m -d dist.y4m --crop 48:48:2:0 $base
refuse "ref.y4m: ends after 3 frames, 4 are to be passed over" -r ref.y4m -d dist.y4m --offset-ref 4 $base
refuse "ref.y4m: ends after 3 frames, 5 are" -r ref.y4m -d dist.yuv -w 48 -h 48 -p 420 -b 8 --start 0.2 $base
refuse "ref.yuv: has no frame rate that --start 0.2 could be" -r ref.yuv -d dist.yuv -w 48 -h 48 -p 420 -b 8 \
    --start 0.2s $base
refuse "is no regular file, and --sync" -r ref.y4m -d - --sync $base
refuse "no_frames.y4m: has a y4m header but no frame" -r ref.y4m -d no_frames.y4m --sync $base
if [ "$(id -u)" -ne 0 ]; then
    cp dist.y4m secret.y4m && chmod 0 secret.y4m
    refuse "secret.y4m: cannot be opened: Permission denied" -r ref.y4m -d secret.y4m $base
fi

# the output
cp ref.y4m before.y4m
refuse "ref.y4m: is an input and the output" -r ref.y4m -d dist.y4m --device cpu --json -o ref.y4m
ln -s dist.y4m link.y4m
refuse "link.y4m: is an input and the output" -r ref.y4m -d dist.y4m --device cpu --json -o link.y4m
refuse "folder: is a folder" -r ref.y4m -d dist.y4m --device cpu --json -o folder
refuse "absent/log.json: cannot be created" -r ref.y4m -d dist.y4m --device cpu --json -o absent/log.json
refuse "--output is empty" -r ref.y4m -d dist.y4m --device cpu --json -o ''
cmp -s ref.y4m before.y4m || fail "an input was changed"
if [ -c /dev/full ]; then
    refuse "/dev/full: cannot be written" -r ref.y4m -d dist.y4m --device cpu --json -o /dev/full -q
    n_checks=$((n_checks + 3))
    "$tool" -r ref.y4m -d dist.y4m $base >/dev/full 2>err && fail "a summary that is lost goes unnoticed"
    [ "$(wc -l <err)" -eq 1 ] && grep -q 'standard output cannot be written' err || fail "not one line of it"
    [ -s log.json ] || fail "a summary that is lost costs the log"
    rm log.json
    "$tool" --help >/dev/full 2>err && fail "a full standard output goes unnoticed"
fi

# A missing file is named while the other input is a pipe that nobody writes, and a cut one while that pipe stalls.
mkfifo pipe
real_tool=$tool tool=./wrapped
printf '#!/bin/sh\nexec timeout %s "%s" "$@"\n' $limit "$real_tool" >wrapped
refuse "absent.y4m: cannot be opened" -r pipe -d absent.y4m $base
refuse "absent.y4m: cannot be opened" -r absent.y4m -d pipe $base
refuse "absent.y4m: cannot be opened" -r absent.y4m -d dist.y4m --json -o log.json --device no-such-device
{ exec 3>pipe; head -c 4000 ref.y4m >&3; exec sleep $limit; } &
writer=$!
refuse "cut.y4m: frame 1 is cut" -r pipe -d cut.y4m $base
kill $writer 2>/dev/null

# Closed descriptors are not taken by the inputs.
printf '#!/bin/sh\nexec "%s" "$@" <&-\n' "$real_tool" >wrapped
refuse "-: cannot be read" -r ref.y4m -d - $base
tool=$real_tool
n_checks=$((n_checks + 1))
"$tool" -r ref.y4m -d dist.y4m --device cpu >&- 2>err && fail "a closed standard output goes unnoticed"
n_checks=$((n_checks + 1))
"$tool" -r ref.y4m -d dist.y4m --device cpu -o /dev/fd/7 --json >out 2>err 7<ref.y4m && fail "a log goes to what is read"
grep -q "/dev/fd/7: cannot be written" err || fail "a descriptor that cannot be written is not named"

# A metric has one name.
if [ -e "$2/models/vmaf_tiny_v2.onnx" ]; then
    cp "$2/models/vmaf_tiny_v2.onnx" integer_adm2.onnx
    refuse "has the name of another metric" -r ref.y4m -d dist.y4m $base --tiny-model ./integer_adm2.onnx
    cp integer_adm2.onnx psnr_y.onnx
    refuse "has the name of another metric" -r ref.y4m -d dist.y4m $base --feature psnr --tiny-model ./psnr_y.onnx
fi

# libvmaf's models: names that clash, and another video where one was expected.
models=$2/../shared/reference-models
if [ -d "$models" ]; then
    one=path=$models/vmaf_v0.6.1.json many=path=$models/vmaf_b_v0.6.3.json
    refuse 'metric "vmaf" has the name of another' -r ref.y4m -d dist.y4m --model "$one" --model "$one" $base
    refuse 'metric "integer_adm2" has the name of another' -r ref.y4m -d dist.y4m --model "$one:name=integer_adm2" $base
    refuse 'metric "vmaf_0007" has the name of another' \
        -r ref.y4m -d dist.y4m --model "$many" --model "$one:name=vmaf_0007" $base
fi

# Called as libvmaf's tool: its exit codes, and still one line.
n_checks=$((n_checks + 2))
"$tool" --install-alias . >out 2>err || fail "no alias"
./vmaf -r ref.y4m >out 2>err
[ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] || fail "the alias's exit code for a wrong command line"
./vmaf -n -r absent.y4m -d dist.y4m >out 2>err
[ $? -eq 255 ] && [ "$(wc -l <err)" -eq 1 ] || fail "the alias's exit code for a failure"

# A log that is there already survives a run that fails.
echo old >log.json
n_checks=$((n_checks + 1))
"$tool" -r ref.y4m -d cut.y4m $base >out 2>err && fail "a cut file is accepted"
[ "$(cat log.json)" = old ] || fail "a failed run touches the old log"
rm -f log.json

# The shorter video ends the run, with a note, and that is no failure.
n_checks=$((n_checks + 1))
"$tool" -r ref.y4m -d short.y4m $base -q >out 2>err || fail "a shorter video is refused"
grep -qxF 'vkvmaf: "short.y4m" ended before "ref.y4m".' err || fail "no note about the shorter video"
[ "$(grep -c frameNum log.json)" -eq 2 ] || fail "not two frames"
finish
