#!/bin/sh
# Whole or refused: files that are cut, changed or lack packets are refused, those with odd metadata, counters and flags
# are not, and --damaged takes what is there. On the CPU reference.
# Arguments: the tool, the project's root, whether it was built with FFmpeg, the folder of reference data.
tool=$1
. "$2/test/vkvmaf/checks.sh"
[ "$3" = 1 ] || skip "built without FFmpeg"
command -v ffmpeg >/dev/null || skip "no ffmpeg"
field=$4/field

# run FILE ARGUMENT...: scores FILE against itself, or what -r says.
run()
{
    file=$1
    shift
    n_checks=$((n_checks + 1))
    rm -f log.json
    case " $* " in
    *" -r "*) ;;
    *) set -- -r "$file" "$@" ;;
    esac
    "$tool" -d "$file" --device cpu --tiny-model none --json -q -o log.json "$@" >out 2>err </dev/null
}
# scored FRAMES FILE ARGUMENT...: so many frames are scored.
scored()
{
    frames=$1
    shift
    run "$@" || { fail "refused: $*"; return; }
    [ "$(grep -c frameNum log.json)" -eq "$frames" ] || fail "not $frames frames: $*"
}
# The same without a note.
whole()
{
    scored "$@"
    grep -q '"notes"' log.json && fail "a note: $*"
}
# refuse FILE ARGUMENT...: one line that names the option, no log.
refuse()
{
    run "$@" && { fail "accepted: $*"; return; }
    [ "$(wc -l <err)" -eq 1 ] && [ ! -e log.json ] || fail "not one line, or a log: $*"
    grep -q -e '--damaged' err || grep -q 'holds no video that FFmpeg can open\|has no video in it' err ||
        fail "does not name the option: $*"
}
# cuts FILE N: each of N lengths is refused.
cuts()
{
    size=$(wc -c <"$1")
    i=1
    while [ $i -le "$2" ]; do
        head -c $((size * i / ($2 + 1))) "$1" >"cut.${1##*.}"
        refuse "cut.${1##*.}" -r "$1"
        i=$((i + 1))
    done
}
# put IN OUT PYTHON: changes the bytes `d`.
put()
{
    python3 -c "
import sys
d = bytearray(open(sys.argv[1], 'rb').read())
$3
open(sys.argv[2], 'wb').write(d)" "$1" "$2" || fail "cannot make $2"
}
has()
{
    ffmpeg -hide_banner -encoders 2>/dev/null | grep -q " $1 "
}
make()
{
    ffmpeg -nostdin -v error -y "$@" || fail "ffmpeg $*"
}

make -f lavfi -i testsrc2=size=96x64:rate=25,noise=alls=6 -frames:v 16 -pix_fmt yuv420p src.y4m
make -f lavfi -i testsrc2=size=96x64:rate=25,noise=alls=6 -frames:v 60 -pix_fmt yuv420p long.y4m
make -f lavfi -i sine=d=0.64 sound.wav
make -i src.y4m -c:v mpeg2video -bf 2 -g 8 -q:v 3 mpeg2.ts
make -i src.y4m -c:v mpeg4 -bf 2 -q:v 3 mpeg4.mp4
make -i src.y4m -i sound.wav -c:v mpeg4 -q:v 3 -c:a adpcm_ima_wav mpeg4.avi
make -i src.y4m -c:v ffv1 -g 1 -level 3 ffv1.mkv
make -i src.y4m -c:v flv flv1.flv
make -i src.y4m -c:v wmv2 wmv2.wmv
make -i mpeg2.ts -c copy mpeg2.mxf
make -i mpeg4.mp4 -c copy -movflags +faststart first.mp4
make -i mpeg4.mp4 -c copy -movflags +frag_keyframe+empty_moov frag.mp4
ffmpeg -nostdin -v error -i ffv1.mkv -c copy -f matroska - | cat >live.mkv
for file in mpeg2.ts mpeg4.mp4 mpeg4.avi ffv1.mkv flv1.flv wmv2.wmv mpeg2.mxf first.mp4 frag.mp4 live.mkv; do
    whole 16 $file
done
for file in first.mp4 frag.mp4 mpeg4.avi ffv1.mkv live.mkv flv1.flv wmv2.wmv mpeg2.mxf mpeg2.ts; do
    cuts $file 4
done

# ---- bytes of tables, lengths and lists ----
put first.mp4 x.mp4 "i = d.index(b'stsz'); d[i + 12 + 4 * 5] = 0x42"
refuse x.mp4 -r first.mp4
put first.mp4 x.mp4 "i = d.index(b'stsz'); d[i + 15] = 4"
refuse x.mp4 -r first.mp4
put first.mp4 x.mp4 "i = d.index(b'stco'); d[i + 12] = 0x7f"
refuse x.mp4 -r first.mp4
put ffv1.mkv x.mkv "i = d.index(b'\\x1f\\x43\\xb6\\x75'); d[i] = 0x1e"
refuse x.mkv -r ffv1.mkv
put mpeg4.avi x.avi "i = d.index(b'strl'); d[i + 6] = 0x90"
refuse x.avi -r mpeg4.avi
put mpeg4.avi x.avi "i = d.index(b'00dc', d.index(b'movi') + 4); i = d.index(b'00dc', i + 4); d[i + 7] = 0x20"
refuse x.avi -r mpeg4.avi

# Blocks that FFmpeg passes over: of no track, of a track that there is not, of frames whose sizes are none.
ffprobe -v error -show_entries packet=pos -of csv=p=0 ffv1.mkv >packets
for change in '0] = 0' '0] = 0x82' '3] |= 6'; do
    put ffv1.mkv x.mkv "i = d.index(b'\\x81', int(open('packets').read().split()[9].split(',')[0])); d[i + $change"
    refuse x.mkv -r ffv1.mkv
done

# ---- what follows or stands beside the video ----
put wmv2.wmv x.wmv "del d[int.from_bytes(d[16:24], 'little') + 50 + 2 * 3200:]"
refuse x.wmv -r wmv2.wmv
ffmpeg -nostdin -v error -i wmv2.wmv -c copy -f asf - | cat >live.asf
whole 16 live.asf
{ cat wmv2.wmv; head -c 100 /dev/zero; } >x.wmv
whole 16 x.wmv
{ cat first.mp4; printf '\0\0\0\10free'; } >x.mp4
whole 16 x.mp4
{ cat first.mp4; head -c 100 /dev/zero; echo junk; } >x.mp4
whole 16 x.mp4
{ cat ffv1.mkv; head -c 100 /dev/zero; } >x.mkv
whole 16 x.mkv
{ cat mpeg4.avi; head -c 100 /dev/zero; } >x.avi
whole 16 x.avi
# Padding of any length; no padding is the end of a packet that is cut, and what something follows.
head -c 5000 /dev/zero >zeros
tr '\0' '\377' <zeros >ones
head -c 300000 /dev/zero >more
cp mpeg2.ts stream.ts
for codec in libvpx:ivf libaom-av1:obu libtheora:ogv; do
    has ${codec%:*} && make -i src.y4m -c:v ${codec%:*} -b:v 200k $([ $codec = libaom-av1:obu ] && echo -cpu-used 8) stream.${codec#*:}
done
for padded in stream.* flv1.flv mpeg2.mxf frag.mp4 live.mkv; do
    for padding in zeros ones more; do
        cat "$padded" $padding >"x.${padded##*.}"
        scored 16 "x.${padded##*.}" -r "$padded"
        case $padded in stream.* | flv1.flv) grep -q "bytes that are all 0" log.json || fail "no note: $padded" ;; esac
    done
done
for name in stream.ivf stream.obu stream.ogv; do
    [ ! -e $name ] || cuts $name 2
done
{ cat mpeg2.ts; head -c 564 zeros; } >x.ts
scored 16 x.ts -r mpeg2.ts
grep -q "ends in 564 bytes that are all 0" log.json || fail "padding without a note"
{ cat mpeg2.ts; head -c 100 mpeg2.ts; } >x.ts
refuse x.ts -r mpeg2.ts
{ cat mpeg2.ts; printf '\107\037\377\020'; head -c 100 ones; } >x.ts
refuse x.ts -r mpeg2.ts
{ cat mpeg2.ts; head -c 564 zeros; cat mpeg2.ts; } >x.ts
refuse x.ts
make -i mpeg4.mp4 -i sound.wav -c:v copy -c:a aac -movflags +faststart sound.mp4
put sound.mp4 x.mp4 "i = d.rindex(b'stsz'); d[i + 16] = 0x42"
whole 16 x.mp4 -r sound.mp4
make -i mpeg4.mp4 -ss 0.2 -c copy trimmed.mp4
run trimmed.mp4 || fail "refused: an edit list"

# ---- transport streams ----
cat mpeg2.ts mpeg2.ts >joined.ts
whole 32 joined.ts
# The counter of one packet, and those of all.
put mpeg2.ts x.ts "d[188 * 9 + 3] ^= 7"
whole 16 x.ts
put mpeg2.ts x.ts "
for i in range(3, len(d), 188):
    d[i] &= 0xf0"
whole 16 x.ts
# Packets from the inside of pictures.
for at in 9 21 33; do
    put mpeg2.ts x.ts "
n = $at
while d[188 * n + 1] & 0x40 or (d[188 * n + 1] & 31) << 8 | d[188 * n + 2] != 256:
    n += 1
del d[188 * n : 188 * n + 188]"
    refuse x.ts -r mpeg2.ts
done
put mpeg2.ts x.ts "d[188 * 30 : 188 * 30] = b'x' * 20"
refuse x.ts -r mpeg2.ts
put mpeg2.ts m2ts.m2ts "d = b''.join(bytes(4) + d[i:i + 188] for i in range(0, len(d), 188))"
whole 16 m2ts.m2ts
cuts m2ts.m2ts 3
put mpeg2.ts dvb.ts "d = b''.join(d[i:i + 188] + bytes(16) for i in range(0, len(d), 188))"
whole 16 dvb.ts
cuts dvb.ts 3

# ---- decoders: H.264, HEVC ----
# A packet from the inside of a picture, far behind the beginning.
lose_later="
n = len(d) // 188 * 4 // 5
while d[188 * n + 1] & 0x40 or (d[188 * n + 1] & 31) << 8 | d[188 * n + 2] != 256:
    n += 1
del d[188 * n : 188 * n + 188]"
if has libx264; then
    make -i src.y4m -c:v libx264 -g 8 -bf 2 h264.mp4
    for name in h264.mkv h264.ts h264.flv h264.h264; do
        make -i h264.mp4 -c copy $name
        whole 16 $name
    done
    cuts h264.ts 4
    # Inside the largest picture, where a packet ends.
    put h264.ts x.ts "
begins = [i for i in range(0, len(d), 188) if d[i + 1] == 0x41 and d[i + 2] == 0]
size, at = max((b - a, a) for a, b in zip(begins, begins[1:]))
d = d[:at + size // 376 * 188]"
    refuse x.ts -r h264.ts
    cat h264.ts mpeg2.ts >x.ts
    run x.ts # two codecs: refused or not, in words
    # A message of which the end is missing, before each picture.
    put h264.h264 x.h264 "d = d.replace(b'\\x00\\x00\\x01\\x41', b'\\x00\\x00\\x01\\x06\\x04\\x20\\xb5\\x80\\x00\\x00\\x01\\x41')"
    whole 16 x.h264
    put h264.h264 x.h264 "n = len(d) // 2; d[n:n + 20] = b'y' * 20"
    refuse x.h264 -r h264.h264
    make -i src.y4m -i src.y4m -filter_complex concat -c:v libx264 -x264-params open-gop=1:keyint=8:bframes=3:scenecut=0 \
        open.mkv
    make -ss 0.7 -i open.mkv -c copy leading.mkv
    run leading.mkv || fail "refused: a cut at an open GOP"
    # From the inside of a group of pictures on, with key pictures, recovery points and pictures that are refreshed bit by
    # bit: from the first picture that is whole.
    for params in open-gop=0:bframes=3 open-gop=1:bframes=3 intra-refresh=1:bframes=0; do
        make -i long.y4m -c:v libx264 -x264-params $params:keyint=16:min-keyint=16:scenecut=0 gop.ts
        put gop.ts x.ts "
starts = [i for i in range(0, len(d), 188) if d[i + 1] == 0x41 and d[i + 2] == 0]
d = d[:starts[0]] + d[starts[5]:]"
        run x.ts || fail "refused: from the inside of $params on"
        [ "$(grep -c frameNum log.json)" -ge 30 ] || fail "too few frames: from the inside of $params on"
        put x.ts y.ts "$lose_later"
        refuse y.ts
    done
fi
if has libx265; then
    make -i src.y4m -c:v libx265 -x265-params log-level=none:keyint=8:bframes=3:hash=1 hevc.mkv
    make -i hevc.mkv -c copy hevc.hevc
    make -i hevc.mkv -c copy hevc.ts
    for name in hevc.mkv hevc.hevc hevc.ts; do
        whole 16 $name
    done
    cuts hevc.mkv 4
    cuts hevc.ts 4
    cat hevc.ts hevc.ts >x.ts
    whole 32 x.ts
    # Neither checksum nor length: only the last slice itself tells that it is cut, in the middle of its bytes or, in a
    # transport stream, at the end of a packet.
    make -i src.y4m -c:v libx265 -x265-params log-level=none:keyint=8:bframes=3 plain.mkv
    make -i plain.mkv -c copy plain.hevc
    make -i plain.mkv -c copy plain.ts
    whole 16 plain.hevc
    whole 16 plain.ts
    for picture in 0 1 2 3; do
        put plain.hevc x.hevc "
import re
at = [m.start() for m in re.finditer(rb'\x00\x00\x01', d)] + [len(d)]
slices = [(a, b) for a, b in zip(at, at[1:]) if d[a + 3] < 0x2c]
a, b = sorted(slices, key=lambda s: s[0] - s[1])[$picture]
del d[(a + b) // 2:]"
        refuse x.hevc -r plain.hevc
        put plain.ts x.ts "
packets = [i for i in range(0, len(d), 188) if d[i + 1] & 0x1f == 1 and d[i + 2] == 0]
starts = [i for i in packets if d[i + 1] & 0x40] + [len(d)]
pictures = [[i for i in packets if a <= i < b] for a, b in zip(starts, starts[1:])][1:]
inside = sorted(pictures, key=len)[-1 - $picture]
del d[inside[len(inside) // 2]:]"
        refuse x.ts -r plain.ts
    done
    for message in 04010000 0401b580 8901ff80 9003000000 ff; do
        put hevc.hevc x.hevc "
for kind in range(0, 22):
    head = b'\\x00\\x00\\x01' + bytes([kind << 1, 1])
    d = d.replace(head, b'\\x00\\x00\\x01\\x4e\\x01' + bytes.fromhex('$message') + head)"
        whole 16 x.hevc
    done
    # From the inside of a group of pictures on, as a broadcast is recorded: from the first key picture, whole, noted.
    note='pictures\{0,1\} before its first key picture, and those that refer to them, are left out'
    for gop in 0 1; do
        make -i long.y4m -c:v libx265 \
            -x265-params log-level=none:keyint=16:min-keyint=16:scenecut=0:bframes=3:open-gop=$gop gop.ts
        make -i gop.ts -c copy gop.hevc
        make -i gop.ts -strict -1 gop.y4m
        for first in 3 9 17; do
            put gop.ts x.ts "
starts = [i for i in range(0, len(d), 188) if d[i + 1] == 0x41 and d[i + 2] == 0]
d = d[:starts[0]] + d[starts[$first]:]"
            put gop.hevc x.hevc "
import re
d = d[[m.start() for m in re.finditer(rb'\x00\x00\x01[\x00-\x2b]', d)][$first]:]"
            for name in x.ts x.hevc; do
                run $name || fail "refused: $name from picture $first of $gop on"
                grep -q "begins inside a group of pictures; [0-9]* $note" log.json || fail "no note: $name"
                n=$(grep -c frameNum log.json)
                run $name -r gop.y4m --offset-ref $((60 - n)) || fail "refused: $name, behind an offset"
                [ "$(grep -c 'adm2": 1.0000' log.json)" -eq "$n" ] || fail "not the same frames: $name, $first, $gop"
            done
            make -i gop.y4m -vf "select='gte(n,60-$n)*mod(n,3)'" -fps_mode passthrough -c:v ffv1 third.mkv
            run third.mkv -r x.ts --pair time || fail "by time: refused: from picture $first of $gop on"
            grep -q 'paired by time stamps' log.json || fail "not by time: from picture $first of $gop on"
            put x.ts y.ts "$lose_later"
            refuse y.ts
        done
    done
    # The first picture is no key picture any more.
    put plain.hevc x.hevc "
import re
m = re.search(rb'\x00\x00\x01[\x20-\x2b]', d)
d[m.start() + 3] = 2"
    refuse x.hevc -r plain.hevc
    # The checksum of a picture that is not the one that was encoded.
    put hevc.hevc x.hevc "i = d.rindex(b'\\x50\\x01\\x84'); d[i + 8] ^= 1"
    refuse x.hevc -r hevc.hevc
fi

# ---- what refers to damage ----
# spread FILE SEED...: whatever --damaged skip leaves of FILE, of which one picture lost its middle, is as it was.
spread()
{
    file=$1
    shift
    for seed in "$@"; do
        ffprobe -v error -select_streams v -show_entries packet=pos,size -of csv=p=0 "$file" >packets
        put "$file" "x.${file##*.}" "
import random
r = random.Random($seed)
size, at = map(int, r.choice(open('packets').read().split()[8:40]).split(',')[:2])
d[at + size // 2:at + size - 4] = r.randbytes(size - size // 2 - 4)"
        run "x.${file##*.}" -r "$file" --damaged skip || { fail "skip: $file $seed is refused"; continue; }
        python3 -c "
import json
frames = json.load(open('log.json'))['frames']
assert 8 <= len(frames) < 60, len(frames)
low = [f['frameNum'] for f in frames for k, v in f['metrics'].items() if 'adm2' in k and v < 0.99999]
assert not low, low" 2>err || fail "skip: $file, seed $seed: $(tail -n 1 err)"
    done
}
make -i long.y4m -c:v mpeg2video -bf 2 -g 30 -q:v 3 spread.mpg2.mkv
make -i long.y4m -c:v mpeg4 -bf 2 -g 30 -q:v 3 spread.mp4
spread spread.mpg2.mkv 1
spread spread.mp4 1
if has libx264; then
    make -i long.y4m -c:v libx264 -g 30 -bf 3 -x264-params b-pyramid=normal:ref=4 spread264.mkv
    spread spread264.mkv 1 2
fi

# By time: what the decoder leaves out is damaged, and what follows meets its own partners.
if has libx264; then
    make -i long.y4m -c:v libx264 -g 16 -bf 3 lost.mkv
    make -i lost.mkv -vf "select='mod(n+1,5)'" -fps_mode passthrough -c:v ffv1 fifth.mkv
    ffprobe -v error -select_streams v -show_entries packet=pos,size -of csv=p=0 lost.mkv >packets
    put lost.mkv x.mkv "
size, at = map(int, open('packets').read().split()[24].split(',')[:2])
d[at + 4:at + 10] = bytes([255]) * 6"
    refuse x.mkv -r fifth.mkv --pair time
    for order in 'x.mkv -r fifth.mkv' 'fifth.mkv -r x.mkv'; do
        # shellcheck disable=SC2086
        run $order --pair time --damaged skip || fail "skip by time: refused: $order"
        grep -q 'paired by time stamps: 48 pairs' log.json && grep -q 'damaged frames* skipped' log.json ||
            fail "skip by time: no notes: $order"
        n=$(grep -c frameNum log.json)
        [ "$n" -ge 24 ] && [ "$n" -lt 48 ] && [ "$(grep -c 'adm2": 1.0000' log.json)" -ge "$n" ] ||
            fail "skip by time: $n frames, or not with their partners: $order"
    done
    run x.mkv -r fifth.mkv --pair time --damaged conceal || fail "conceal by time: refused"
    [ "$(grep -c frameNum log.json)" -eq 48 ] || fail "conceal by time: not all pairs"
fi

# ---- stills ----
make -i src.y4m -frames:v 1 -pix_fmt gray still.png
make -i src.y4m -frames:v 1 -pix_fmt gray still.tiff
whole 1 still.tiff
put still.png x.png "
import struct, zlib
def chunk(tag, data, wrong=0): return struct.pack('>I', len(data)) + tag + data + struct.pack('>I', zlib.crc32(tag + data) ^ wrong)
d = d[:33] + chunk(b'vkVm', b'abc') + chunk(b'tEXt', b'no zero', 1) + chunk(b'eXIf', b'?') + d[33:]"
whole 1 x.png -r still.png
put still.png x.png "i = d.index(b'IDAT'); d[i + 40] ^= 1"
refuse x.png -r still.png
make -i src.y4m -frames:v 3 -c:v mjpeg -pix_fmt yuvj420p still.mjpeg
whole 3 still.mjpeg
put still.mjpeg x.mjpeg "d = d[:-3]"
refuse x.mjpeg -r still.mjpeg
for codec in jpegls:jls qoi:qoi; do
    has ${codec%:*} || continue
    name=still.${codec#*:}
    make -i src.y4m -frames:v 1 -c:v ${codec%:*} -pix_fmt rgb24 -update 1 -f image2 $name
    scored 1 $name
    cuts $name 3
done

make -i src.y4m animated.gif
scored 16 animated.gif
cuts animated.gif 4
put animated.gif x.gif "d += bytes(100)"
scored 16 x.gif -r animated.gif
put animated.gif x.gif "d = d[:-1]"
scored 16 x.gif -r animated.gif

# ---- complaints about every video ----
make -i src.y4m -s 176x144 -c:v h261 h261.mkv
make -i h261.mkv -c copy -f h261 h261.h261
whole 16 h261.mkv
whole 16 h261.h261

# ---- what is there ----
put ffv1.mkv x.mkv "d[len(d) // 2] ^= 1"
refuse x.mkv -r ffv1.mkv
for mode in skip conceal; do
    run x.mkv -r ffv1.mkv --damaged $mode || fail "$mode: refused"
    grep -q "x.mkv.*: 1 damaged frame ${mode}[a-z]*ed: [0-9]* (slice CRC mismatch" log.json || fail "$mode: no note"
    case $mode in skip) wanted=15 ;; *) wanted=16 ;; esac
    [ "$(grep -c frameNum log.json)" -eq $wanted ] || fail "$mode: not $wanted frames"
done
head -c 9000 mpeg2.ts >x.ts
run x.ts -r mpeg2.ts --damaged skip || fail "skip: a cut transport stream is refused"
grep -q 'ends inside a packet of 188 bytes; what is there is scored' log.json || fail "skip: no note of the cut"
whole 16 mpeg2.ts --damaged skip
whole 16 mpeg2.ts --damaged conceal
n_checks=$((n_checks + 1))
"$tool" -r src.y4m -d src.y4m --damaged maybe >out 2>err
[ $? -eq 2 ] && grep -q "refuse, skip or conceal" err || fail "a mode that there is not"

# ---- one picture of a sequence ----
mkdir pictures
make -i src.y4m -frames:v 12 pictures/fr%04d.png
make -i src.y4m -frames:v 12 pictures/fr%04d.jpg
whole_bytes()
{
    wc -c <"pictures/$1"
}
for kind in png jpg; do
    name=fr0008.$kind
    cp pictures/$name keep
    for bytes in 0 20 $(($(whole_bytes $name) / 2)); do
        head -c $bytes keep >pictures/$name
        run pictures/fr%04d.$kind -r src.y4m --frame_cnt 12 && fail "accepted: $bytes bytes of $name"
        grep -q "pictures/$name: " err || fail "does not name the picture: $bytes bytes of $name"
        scored 11 pictures/fr%04d.$kind -r src.y4m --frame_cnt 12 --damaged skip
        grep -q '1 damaged frame skipped: 7 ' log.json || fail "no note: $bytes bytes of $name"
        scored 12 pictures/fr%04d.$kind -r src.y4m --frame_cnt 12 --damaged conceal
        grep -q '1 damaged frame concealed: 7 ' log.json || fail "no note: $bytes bytes of $name"
    done
    mv keep pictures/$name
done

# ---- samples that are not what the file says ----
# FFmpeg writes P010 into NUT under the tag of another format, whose pictures are smaller.
make -i src.y4m -pix_fmt p010le -c:v rawvideo p010.nut
run p010.nut -r src.y4m && fail "accepted: P010 in NUT"
grep -q 'holds pictures of .* bytes' err || fail "does not say why: P010 in NUT"
for kind in yuv420p yuv422p10le nv12 yuyv422 rgb24; do
    make -i src.y4m -pix_fmt $kind -c:v rawvideo $kind.nut
    run $kind.nut || fail "refused: $kind in NUT"
done

# ---- files that were found to be accepted once ----
if [ -d "$field/attack" ]; then
    attack=$field/attack
    for name in ref_av1.mp4 ref_h264.ts ref_h265.mkv ref_mpeg4.avi; do
        whole 20 "$attack/$name"
    done
    refuse "$attack/cut_h265.mkv" -r "$attack/ref_h265.mkv"
    refuse "$attack/cut_h264.ts" -r "$attack/ref_h264.ts"
    refuse "$attack/stsz_av1.mp4" -r "$attack/ref_av1.mp4"
    refuse "$attack/list_mpeg4.avi" -r "$attack/ref_mpeg4.avi"
    refuse "$attack/length_h265.mkv" -r "$attack/ref_h265.mkv"
    refuse "$attack/lost_reference_h265.mkv" -r "$attack/ref_h265.mkv"
    whole 24 "$field/joined.ts" -r "$field/clip.mp4"
    whole 24 "$field/t35.hevc" -r "$field/clip.mp4"
    whole 1 "$field/still_dist.tiff" -r "$field/still_ref.tiff"
else
    echo "no $field: its files are left out"
fi
finish
