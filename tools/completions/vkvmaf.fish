# fish completion for vkvmaf.

function __vkvmaf_scores
    not __fish_seen_subcommand_from verify bench mcp
end

complete -c vkvmaf -f
complete -c vkvmaf -n __fish_use_subcommand -a verify -d 'Compare a device with known answers'
complete -c vkvmaf -n __fish_use_subcommand -a bench -d 'Measure frames per second'
complete -c vkvmaf -n __fish_use_subcommand -a mcp -d 'Serve the Model Context Protocol'

complete -c vkvmaf -l device -x -a 'cpu 0 1' -d 'Index, uuid, part of the name, or cpu'
complete -c vkvmaf -l form -x -a 'auto portable texel' -d 'Form of the kernels'
complete -c vkvmaf -l validation -d 'With Vulkan\'s validation layer'
complete -c vkvmaf -l verbose -d 'What the library has to say'
complete -c vkvmaf -s q -l quiet -d 'No summary, no progress'
complete -c vkvmaf -l list-devices -d 'What there is to run on'
complete -c vkvmaf -l help -d 'The options'
complete -c vkvmaf -s v -l version -d 'The version'

complete -c vkvmaf -n __vkvmaf_scores -s r -l reference -r -F -d 'The original'
complete -c vkvmaf -n __vkvmaf_scores -s d -l distorted -r -F -d 'What is scored'
complete -c vkvmaf -n __vkvmaf_scores -l batch -r -F -d 'A job per line'
complete -c vkvmaf -n __vkvmaf_scores -s w -l width -x -d 'Raw video: width'
complete -c vkvmaf -n __vkvmaf_scores -s h -l height -x -d 'Raw video: height'
complete -c vkvmaf -n __vkvmaf_scores -s p -l pixel_format -x -a '420 422 444' -d 'Raw video: chroma'
complete -c vkvmaf -s b -l bitdepth -x -a '8 10 12 16' -d 'Raw video, bench: depth'
complete -c vkvmaf -n __vkvmaf_scores -l frame_cnt -x -d 'Stop after so many frames'
complete -c vkvmaf -n __vkvmaf_scores -l no-scale -d 'Refuse another size'
complete -c vkvmaf -n __vkvmaf_scores -l stretch -d 'Scale other shapes, too'
complete -c vkvmaf -n __vkvmaf_scores -l crop -x -a auto -d 'Compare only a part: W:H:X:Y'
complete -c vkvmaf -n __vkvmaf_scores -l crop-ref -x -a auto -d 'The same of the reference'
complete -c vkvmaf -n __vkvmaf_scores -l crop-dist -x -a auto -d 'The same of the distorted videos'
complete -c vkvmaf -n __vkvmaf_scores -l no-autorotate -d 'Compare pictures as they are stored'
complete -c vkvmaf -n __vkvmaf_scores -l offset-ref -x -d 'Pass over frames of the reference'
complete -c vkvmaf -n __vkvmaf_scores -l offset-dist -x -d 'Pass over frames of the distorted videos'
complete -c vkvmaf -n __vkvmaf_scores -l stream-ref -x -d 'Video stream of the reference, from 0'
complete -c vkvmaf -n __vkvmaf_scores -l stream-dist -x -d 'Video stream of the distorted videos, from 0'
complete -c vkvmaf -n __vkvmaf_scores -l frame_skip_ref -x -d 'Pass over frames of the reference'
complete -c vkvmaf -n __vkvmaf_scores -l frame_skip_dist -x -d 'Pass over frames of the distorted videos'
complete -c vkvmaf -n __vkvmaf_scores -l start -x -d 'Begin later: seconds, or frames (250f)'
complete -c vkvmaf -n __vkvmaf_scores -l duration -x -d 'Stop after: seconds, or frames (250f)'
complete -c vkvmaf -n __vkvmaf_scores -l pair -x -a 'auto time index' -d 'Which frames are compared'
complete -c vkvmaf -n __vkvmaf_scores -l sync -d 'Find the offset between the videos'
complete -c vkvmaf -n __vkvmaf_scores -s m -l model -x -d 'The score of a model of libvmaf' \
    -a 'version=vmaf_v0.6.1 version=vmaf_v0.6.1neg version=vmaf_4k_v0.6.1 version=vmaf_b_v0.6.3 path='
complete -c vkvmaf -n __vkvmaf_scores -l feature -x -a 'adm motion psnr vif' -d 'Also these metrics'
complete -c vkvmaf -n __vkvmaf_scores -l subsample -x -d 'Log every Nth frame'
complete -c vkvmaf -n __vkvmaf_scores -s n -l no_prediction -d 'Features only'
complete -c vkvmaf -n 'not __fish_seen_subcommand_from verify mcp' -l tiny-model -r -F \
    -a 'vmaf_tiny_v2 vmaf_tiny_v3 vmaf_tiny_v4 none' -d 'The network'
complete -c vkvmaf -n 'not __fish_seen_subcommand_from verify' -l tiny-quant -x -a 'auto fp32 int8' \
    -d 'Form of the network'
complete -c vkvmaf -n 'not __fish_seen_subcommand_from verify' -l tiny-registry -r -F -d 'Registry that ids belong to'
complete -c vkvmaf -n 'not __fish_seen_subcommand_from verify' -l tiny-model-verify -d 'Require a signature'
complete -c vkvmaf -n 'not __fish_seen_subcommand_from verify' -l models-dir -x -a '(__fish_complete_directories)' \
    -d 'Where ids are looked up'
complete -c vkvmaf -n __vkvmaf_scores -l neg -d 'No credit for enhancement'
complete -c vkvmaf -n __vkvmaf_scores -l xml -d 'Log in XML'
complete -c vkvmaf -n 'not __fish_seen_subcommand_from verify mcp' -l json -d 'Log in JSON'
complete -c vkvmaf -n __vkvmaf_scores -l csv -d 'Log in CSV'
complete -c vkvmaf -n __vkvmaf_scores -l sub -d 'Log as subtitles'
complete -c vkvmaf -n __vkvmaf_scores -s o -l output -r -F -d 'Where the log goes'
complete -c vkvmaf -n __vkvmaf_scores -l report -r -F -d 'Page for a browser'
complete -c vkvmaf -n __vkvmaf_scores -l extra-fields -x -a 'on off' -d 'What libvmaf\'s logs don\'t have'
complete -c vkvmaf -n __vkvmaf_scores -l precision -x -a '6 17' -d 'Digits in the log'
complete -c vkvmaf -n __vkvmaf_scores -l install-alias -x -a '(__fish_complete_directories)' -d 'Make the link vmaf'
complete -c vkvmaf -n __vkvmaf_scores -l threads -x -d 'Without effect'
complete -c vkvmaf -n __vkvmaf_scores -l cpumask -x -d 'Without effect'
complete -c vkvmaf -n __vkvmaf_scores -l gpumask -x -d 'Without effect'
complete -c vkvmaf -n __vkvmaf_scores -l aom_ctc -x -d 'Refused'
complete -c vkvmaf -n __vkvmaf_scores -l nflx_ctc -x -d 'Refused'

complete -c vkvmaf -n '__fish_seen_subcommand_from bench' -l size -x -a '1920x1080 3840x2160' -d 'Of the frames'
complete -c vkvmaf -n '__fish_seen_subcommand_from bench' -l streams -x -d 'Distorted pictures per reference'
complete -c vkvmaf -n '__fish_seen_subcommand_from bench' -l frames -x -d 'Measured frames'
complete -c vkvmaf -n '__fish_seen_subcommand_from mcp' -l root -x -a '(__fish_complete_directories)' \
    -d 'Folder that videos may be read from'
