# bash completion for vkvmaf and vkvmaf-model.

# Sets cur, and option: the one that cur is the value of, after a space or '='.
_vkvmaf_words()
{
    cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $cur == '=' ]]; then
        cur=
    elif [[ $option == '=' && COMP_CWORD -gt 1 ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
}

_vkvmaf_choose()
{
    local IFS=$' \t\n'
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_vkvmaf_files()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_vkvmaf()
{
    local cur option
    local all='--device --form --validation --verbose --quiet --list-devices --list-features --help --version'
    local model='--tiny-model --tiny-quant --tiny-registry --tiny-model-verify --models-dir'
    COMPREPLY=()
    _vkvmaf_words
    case $option in
    -r | --reference | -d | --distorted | -o | --output | --report | --tiny-registry | --batch) _vkvmaf_files -f ;;
    --tiny-model) _vkvmaf_choose 'vmaf_tiny_v2 vmaf_tiny_v3 vmaf_tiny_v4 none'
                  [[ ${COMPREPLY[*]} ]] || _vkvmaf_files -f ;;
    --models-dir | --root | --install-alias) _vkvmaf_files -d ;;
    -p | --pixel_format) _vkvmaf_choose '420 422 444' ;;
    -b | --bitdepth) _vkvmaf_choose '8 10 12 16' ;;
    -m | --model) _vkvmaf_choose "path= $("${COMP_WORDS[0]}" models -q 2>/dev/null | sed -n 's/^--model \([^ ]*\).*/\1/p')" ;;
    --feature) _vkvmaf_choose "$("${COMP_WORDS[0]}" --list-features 2>/dev/null | sed -n 's/^\([a-z0-9_]\{1,\}\) .*/\1/p')" ;;
    --tiny-quant) _vkvmaf_choose 'auto fp32 int8' ;;
    --extra-fields | --hfr) _vkvmaf_choose 'on off' ;;
    --damaged) _vkvmaf_choose 'refuse skip conceal' ;;
    --hwaccel) _vkvmaf_choose 'auto none vulkan vaapi cuda qsv vdpau' ;;
    --precision) _vkvmaf_choose '6 17' ;;
    --form) _vkvmaf_choose 'auto portable texel narrow unrolled' ;;
    --view) _vkvmaf_choose '1080p 2160p phone tv' ;;
    --scale-to) _vkvmaf_choose '1080p 2160p' ;;
    --crop | --crop-ref | --crop-dist) _vkvmaf_choose auto ;;
    --device) _vkvmaf_choose 'cpu 0 1' ;;
    -w | --width | -h | --height | --frame_cnt | --frame_skip_ref | --frame_skip_dist | --offset-ref | --offset-dist | \
        --stream-ref | --stream-dist | --hwaccel-device | --start | --duration | --subsample | --threads | --cpumask | \
        --gpumask | --aom_ctc | --nflx_ctc | --size | --streams | --frames | --budget) ;;
    *)
        case ${COMP_WORDS[1]} in
        verify) _vkvmaf_choose "$all" ;;
        bench) _vkvmaf_choose "$all $model --bitdepth --size --streams --frames --json" ;;
        device-report) _vkvmaf_choose "$all --budget --output" ;;
        help) [[ $COMP_CWORD -ne 2 ]] || _vkvmaf_choose 'verify bench device-report mcp models run' ;;
        models) _vkvmaf_choose "--quiet --help --version $([[ $COMP_CWORD -eq 2 ]] && echo install)" ;;
        run) if [[ $cur == -* ]]; then _vkvmaf_choose '--device --force --help --version'
             else mapfile -t COMPREPLY < <(compgen -A command -f -- "$cur"); fi ;;
        mcp) _vkvmaf_choose "$all --tiny-quant --tiny-registry --tiny-model-verify --models-dir --root" ;;
        *)
            _vkvmaf_choose "$all $model --reference --distorted --batch --width --height --pixel_format --bitdepth
                --frame_cnt --no-scale --scale-to --stretch --crop --crop-ref --crop-dist --no-autorotate --offset-ref
                --damaged --hwaccel --hwaccel-device --offset-dist --stream-ref --stream-dist --frame_skip_ref
                --frame_skip_dist --start --duration --pair --sync --model --view --hfr --feature --subsample
                --no_prediction --neg
                --xml
                --json --csv --sub --output --report --extra-fields --precision --install-alias --threads --cpumask
                --gpumask --aom_ctc --nflx_ctc $([[ $COMP_CWORD -eq 1 ]] && echo verify bench device-report mcp models run help)" ;;
        esac ;;
    esac
}

_vkvmaf_model()
{
    local cur option command=${COMP_WORDS[1]}
    local read='--tiny-quant --tiny-registry --models-dir --tiny-model-verify'
    local train='--arch --data --extra --teacher --recipe --epochs --batch-size --lr --seed --seeds --threads --starts
        --epoch-rows --extra-weight --beyond --balance --generated-share'
    COMPREPLY=()
    _vkvmaf_words
    case $option in
    --arch) _vkvmaf_choose 'mlp_small mlp_medium mlp_large'; return ;;
    --recipe) _vkvmaf_choose 'default reference'; return ;;
    --tiny-quant) _vkvmaf_choose 'auto fp32 int8'; return ;;
    --models-dir) _vkvmaf_files -d; return ;;
    esac
    if [[ $COMP_CWORD -eq 1 ]]; then
        _vkvmaf_choose 'predict inspect export quantize measure-drop registry sign train loso validate help
                        --help --version'
    elif [[ $cur == -* ]]; then
        case $command in
        predict) _vkvmaf_choose "--device $read" ;;
        inspect) _vkvmaf_choose "$read" ;;
        export) _vkvmaf_choose '--out-sidecar --notes --ckpt --out-onnx --quantize' ;;
        quantize) _vkvmaf_choose '--output --per-channel --calibration --config --epochs-fp32 --epochs-qat --lr-qat
                                  --n-calibration --seed --smoke' ;;
        measure-drop) _vkvmaf_choose "--all --features --registry" ;;
        registry) _vkvmaf_choose --schema ;;
        sign) _vkvmaf_choose --key ;;
        train) _vkvmaf_choose "$train --out-ckpt --out-stats" ;;
        loso) _vkvmaf_choose "$train --out-json --quantize" ;;
        validate) _vkvmaf_choose "--onnx --data --rows --min-plcc --out-json --v2-onnx --v3-onnx --input-name $read" ;;
        esac
    elif [[ $command == help ]]; then
        [[ $COMP_CWORD -ne 2 ]] ||
            _vkvmaf_choose 'predict inspect export quantize measure-drop registry sign train loso validate'
    elif [[ $option == quantize ]]; then
        _vkvmaf_choose 'dynamic static qat'
    elif [[ $option == registry ]]; then
        _vkvmaf_choose check
    else
        _vkvmaf_files -f
    fi
}

complete -F _vkvmaf vkvmaf
complete -F _vkvmaf_model vkvmaf-model
