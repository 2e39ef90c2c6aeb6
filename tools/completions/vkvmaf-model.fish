# fish completion for vkvmaf-model.

complete -c vkvmaf-model -n __fish_use_subcommand -f \
    -a 'predict inspect export quantize measure-drop registry sign train loso validate help'
complete -c vkvmaf-model -n __fish_use_subcommand -l help -d 'The commands'
complete -c vkvmaf-model -n __fish_use_subcommand -l version -d 'The version'
complete -c vkvmaf-model -n '__fish_seen_subcommand_from help' -f \
    -a 'predict inspect export quantize measure-drop registry sign train loso validate'
complete -c vkvmaf-model -n '__fish_seen_subcommand_from quantize' -a 'dynamic static qat'
complete -c vkvmaf-model -n '__fish_seen_subcommand_from registry' -a check

set -l reads '__fish_seen_subcommand_from predict inspect validate'
complete -c vkvmaf-model -n $reads -l tiny-quant -x -a 'auto fp32 int8' -d 'Form of the network'
complete -c vkvmaf-model -n $reads -l tiny-registry -r -F -d 'Registry that ids belong to'
complete -c vkvmaf-model -n $reads -l tiny-model-verify -d 'Require a signature'
complete -c vkvmaf-model -n $reads -l models-dir -x -a '(__fish_complete_directories)' -d 'Where ids are looked up'

complete -c vkvmaf-model -n '__fish_seen_subcommand_from predict' -l device -x -a 'cpu 0 1' -d 'Device'
complete -c vkvmaf-model -n '__fish_seen_subcommand_from predict export' -s o -r -F -d 'Output'
for option in ckpt out-onnx out-sidecar
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from export' -l $option -r -F
end
complete -c vkvmaf-model -n '__fish_seen_subcommand_from export' -l notes -x
complete -c vkvmaf-model -n '__fish_seen_subcommand_from quantize' -l per-channel
complete -c vkvmaf-model -n '__fish_seen_subcommand_from quantize' -l smoke
for option in output calibration config
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from quantize' -l $option -r -F
end
for option in epochs-fp32 epochs-qat lr-qat n-calibration
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from quantize' -l $option -x
end
complete -c vkvmaf-model -n '__fish_seen_subcommand_from measure-drop' -l all -d 'All registered models'
for option in features registry
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from measure-drop' -l $option -r -F
end
complete -c vkvmaf-model -n '__fish_seen_subcommand_from registry' -l schema -r -F
complete -c vkvmaf-model -n '__fish_seen_subcommand_from sign' -l key -r -F -d 'Private key'

set -l trains '__fish_seen_subcommand_from train loso'
complete -c vkvmaf-model -n $trains -l arch -x -a 'mlp_small mlp_medium mlp_large' -d 'The network'
complete -c vkvmaf-model -n $trains -l recipe -x -a 'default reference' -d 'The way of training'
for option in extra teacher
    complete -c vkvmaf-model -n $trains -l $option -r -F
end
for option in epochs batch-size lr seeds threads starts epoch-rows
    complete -c vkvmaf-model -n $trains -l $option -x
end
for option in extra-weight beyond balance generated-share
    complete -c vkvmaf-model -n $trains -l $option -x
end
complete -c vkvmaf-model -n '__fish_seen_subcommand_from train loso quantize' -l seed -x
complete -c vkvmaf-model -n '__fish_seen_subcommand_from train loso validate' -l data -r -F -d 'Rows'
for option in out-ckpt out-stats
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from train' -l $option -r -F
end
complete -c vkvmaf-model -n '__fish_seen_subcommand_from loso validate' -l out-json -r -F
complete -c vkvmaf-model -n '__fish_seen_subcommand_from export loso' -l quantize -x -a dynamic -d 'In 8 bit, too'
for option in onnx v2-onnx v3-onnx
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from validate' -l $option -r -F
end
for option in rows min-plcc input-name
    complete -c vkvmaf-model -n '__fish_seen_subcommand_from validate' -l $option -x
end
