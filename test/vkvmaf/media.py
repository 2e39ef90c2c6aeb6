"""Whole or refused, in containers and codecs of all kinds: ffmpeg makes the files, this changes their bytes. What is
whole is scored, with the frames that it promises; what is cut or damaged is refused, and taken as --damaged says.

usage: media.py TOOL
Exit code 77: no ffmpeg, or one without the encoders."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

X264 = ["-c:v", "libx264", "-g", "16", "-bf", "3"]
X265 = ["-c:v", "libx265", "-x265-params", "log-level=none:keyint=16:bframes=3"]
MPEG2 = ["-c:v", "mpeg2video", "-g", "16", "-bf", "2", "-q:v", "3"]
N = 40


class Media:
    def __init__(self, tool):
        self.tool, self.n_checks, self.failures = tool, 0, []

    def check(self, what, good, seen=""):
        self.n_checks += 1
        if not good:
            self.failures.append(what)
            print(f"FAILED: {what}: {seen}", flush=True)

    def make(self, *args):
        done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *args], capture_output=True, text=True,
                              check=False)
        self.check(f"ffmpeg {' '.join(args)}", done.returncode == 0, done.stderr[-300:])

    def score(self, ref, dist, *options, pipe=None):
        """Returns the reason of a refusal, each frame's adm2, and the notes. Bytes go to standard input as `dist`."""
        if os.path.exists("log.json"):
            os.remove("log.json")
        given = {"input": pipe} if pipe is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run([self.tool, "-r", ref, "-d", dist if pipe is None else "-", "--device", "cpu", "--json",
                               "--tiny-model", "none", "-q", "-o", "log.json", *options], capture_output=True,
                              check=False, **given)
        if done.returncode:
            why = done.stderr.decode(errors="replace")
            self.check(f"one line: {dist} {options}", done.returncode == 1 and len(why.splitlines()) == 1, why)
            return why, [], []
        with open("log.json", encoding="utf-8") as file:
            log = json.load(file)
        return None, [frame["metrics"]["integer_adm2"] for frame in log["frames"]], log.get("notes", [])

    def whole(self, ref, dist, *options, n=N, least=0.9, note=None, **given):
        why, adm, notes = self.score(ref, dist, *options, **given)
        self.check(f"{dist} {options} is whole", why is None and len(adm) == n and min(adm) > least,
                   why or f"{len(adm)} frames, {min(adm)}, {notes}")
        self.check(f"{dist} {options}: its notes", any(note in x for x in notes) if note else not notes, notes)

    def refused(self, ref, dist, *options, text="--damaged", **given):
        why, adm, _ = self.score(ref, dist, *options, **given)
        self.check(f"{dist} {options} is refused", why is not None and text in why, why or f"{len(adm)} frames")


def read(name):
    with open(name, "rb") as file:
        return file.read()


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
    return name


def ts_pictures(data):
    """Of a transport stream's first program: the packets of each picture of the video, as positions."""
    packets = [at for at in range(0, len(data), 188) if data[at + 1] & 0x1f == 1 and data[at + 2] == 0]
    starts = [i for i, at in enumerate(packets) if data[at + 1] & 0x40] + [len(packets)]
    return [packets[a:b] for a, b in zip(starts, starts[1:])]


def inside(data, picture):
    """A packet from the inside of that picture, or of one after it that has enough of them."""
    return [p for p in ts_pictures(data)[picture:] if len(p) > 2][0][1:2]


def without(data, packets):
    gone = set(packets)
    return b"".join(data[at:at + 188] for at in range(0, len(data), 188) if at not in gone)


def wrapped_stamps(media):
    """Time stamps of 33 bits begin again inside the video, or in its first frame."""
    for name, codec in (("h264", X264), ("hevc", X265), ("mpeg2", MPEG2)):
        for offset in ("95442.9", "95443.0", "95443.717"):
            media.make("-i", "src.y4m", *codec, "-muxdelay", "0", "-output_ts_offset", offset, "wrap.ts")
            media.whole("src.y4m", "wrap.ts")
            media.whole("src.mkv", "wrap.ts", "--pair", "index")
            media.whole("src.mkv", "wrap.ts", "--pair", "time", note=f"{N} pairs; frames without a partner: 0")
            media.whole("fifth.mkv", "wrap.ts", n=N * 4 // 5, note=f"{N * 4 // 5} pairs; frames without a partner: 0")
        write("x.ts", without(read("wrap.ts"), inside(read("wrap.ts"), N // 2)))
        media.refused("src.y4m", "x.ts")
        print(f"  {name}: {media.n_checks} checks", flush=True)


def interlaced(media):
    """Pictures of which the macroblocks are coded by fields; pictures that are two fields each are not made here."""
    fields = ["-flags", "+ildct+ilme"]
    for name, codec in (("mbaff.ts", X264 + ["-x264-params", "tff=1"]), ("mbaff.mkv", X264 + ["-x264-params", "bff=1"]),
                        ("mbaff.h264", X264 + ["-x264-params", "tff=1"]), ("fields.ts", MPEG2 + fields + ["-top", "1"]),
                        ("fields.mpg", MPEG2 + fields + ["-top", "0"]), ("fields.mxf", MPEG2 + fields),
                        ("fields.avi", ["-c:v", "mpeg4", "-bf", "2", "-q:v", "3"] + fields),
                        ("fields.mkv", X265[:3] + [X265[3] + ":interlace=tff"])):
        media.make("-i", "src.y4m", *codec, name)
        media.whole("src.y4m", name)
    for name in ("mbaff.ts", "fields.ts"):
        data = read(name)
        for picture in (5, 17, 30):
            media.refused("src.y4m", write("x.ts", without(data, inside(data, picture))))


def orientation(media):
    """Messages of HEVC that say how its pictures are shown. FFmpeg's filter knows those of H.264 only."""
    def message(mirrored, flipped, turned):
        bits = f"0{mirrored}{flipped}{turned:016b}11000"  # anticlockwise, in 65536 parts of a turn
        return b"\0\0\1\x4e\x01\x2f\x03" + int(bits, 2).to_bytes(3, "big") + b"\x80"

    def inserted(text, wanted):
        parts, last, n = [], 0, 0
        for found in re.finditer(rb"\x00\x00\x01[\x00-\x2b].[\x80-\xff]", data, re.S):  # the first slice of a picture
            if wanted(n):
                parts += [data[last:found.start()], text]
                last = found.start()
            n += 1
        return b"".join(parts + [data[last:]])

    media.make("-i", "src.y4m", *X265, "-frames:v", "12", "plain.hevc")
    data = read("plain.hevc")
    for text, picture, note in (((0, 0, 0x4000), "transpose=cclock", "turned by 90 degrees counterclockwise"),
                                ((0, 0, 0x8000), "hflip,vflip", "turned by 180 degrees"),
                                ((0, 0, 0xc000), "transpose=clock", "turned by 90 degrees clockwise"),
                                ((1, 0, 0), "hflip", "mirrored left to right"),
                                ((0, 1, 0), "vflip", "mirrored top to bottom")):
        media.make("-i", "plain.hevc", "-vf", picture, "-strict", "-1", "shown.y4m")
        for wanted in (lambda n: True, lambda n: n == 0):
            write("turned.hevc", inserted(message(*text), wanted))
            media.whole("shown.y4m", "turned.hevc", n=12, least=0.9999, note=f"is {note}, as it is shown")
    write("turned.hevc", inserted(message(0, 0, 0), lambda n: True))
    media.whole("plain.hevc", "turned.hevc", n=12, least=0.9999)
    write("turned.hevc", inserted(message(1, 0, 0), lambda n: n == 5))
    media.refused("plain.hevc", "turned.hevc", text="is shown mirrored left to right, those before as it is stored")
    write("turned.hevc", inserted(message(0, 0, 0x1000), lambda n: True))
    media.refused("plain.hevc", "turned.hevc", text="is shown moved by the matrix")


def program_streams(media):
    mpeg1 = ["-c:v", "mpeg1video"] + MPEG2[2:]
    for name, codec in (("hevc", X265), ("mpeg2", MPEG2), ("h264", X264), ("mpeg1", mpeg1)):
        for muxer in ("mpeg", "vob"):
            media.make("-i", "src.y4m", *codec, "-f", muxer, f"{name}.mpg")
            media.whole("src.y4m", f"{name}.mpg")
            data = read(f"{name}.mpg")
            for byte in (b"\0", b"\xff"):
                media.whole("src.y4m", write("x.mpg", data + byte * 5000))
            for part in (2, 5, 7):
                media.refused("src.y4m", write("x.mpg", data[:len(data) * part // 10]))


def pairs_behind_damage(media):
    """H.264 that lost key pictures: what is left still finds its partners, and nothing asks for --pair index."""
    media.make("-i", "src.y4m", *X264, "whole.ts")
    data = read("whole.ts")
    pictures = ts_pictures(data)
    for lost in ([16], [16, 17], [10, 16], [32], [16, 33]):
        gone = [at for i in lost for at in pictures[i]]
        for first in ([], pictures[20][:1]):
            write("x.ts", without(data, gone + first))
            media.refused("fifth.mkv", "x.ts")
            for mode in ("skip", "conceal"):
                for ref, dist in (("fifth.mkv", "x.ts"), ("x.ts", "fifth.mkv"), ("src.mkv", "x.ts")):
                    why, adm, notes = media.score(ref, dist, "--damaged", mode)
                    media.check(f"lost {lost} {bool(first)}, {mode}: {ref} and {dist}", not why and len(adm) > 8, why)
                    media.check(f"lost {lost} {bool(first)}, {mode}: partners", mode == "conceal" or min(adm) > 0.9,
                                f"{adm} {notes}")


def only_damage(media):
    """Nothing is left to score: refused, in whatever way the frames are paired and counted."""
    media.make("-i", "src.y4m", *MPEG2, "-g", str(N), "whole.ts")
    data = read("whole.ts")
    write("x.ts", without(data, inside(data, 0)))
    for options in ([], ["--frame_cnt", "3"], ["--pair", "time"], ["--pair", "time", "--frame_cnt", "3"]):
        media.refused("src.mkv", "x.ts", "--damaged", "skip", *options, text="every pair that is compared has")
        media.check(f"conceal, {options}", media.score("src.mkv", "x.ts", "--damaged", "conceal", *options)[1])


def parameters_inside(media):
    """HEVC that begins inside a group of pictures, with some of what decoders have to know there: only where all of it
    is, an encoder's stream may begin without a key picture."""
    media.make("-i", "src.y4m", *X265[:3], X265[3] + ":repeat-headers=1", "gop.hevc")
    data = read("gop.hevc")
    at = [found.start() for found in re.finditer(rb"\x00\x00\x01", data)] + [len(data)]
    units = [data[a:b] for a, b in zip(at, at[1:])]
    sets = {kind: next(unit for unit in units if unit[3] >> 1 == kind) for kind in (32, 33, 34)}
    pictures = [i for i, unit in enumerate(units) if unit[3] >> 1 < 32]
    for kinds in ((), (32,), (33,), (34,), (32, 33), (33, 34), (32, 34)):
        for first in (5, 9):
            write("x.hevc", b"".join([sets[kind] for kind in kinds] + units[pictures[first]:]))
            media.whole("src.y4m", "x.hevc", "--offset-ref", "16", n=N - 16, note="before its first key picture")
    write("x.hevc", b"".join([sets[kind] for kind in sets] + units[pictures[5]:]))
    media.refused("src.y4m", "x.hevc")


def allow_gaps(data):
    """Sets gaps_in_frame_num_value_allowed_flag in the parameter sets of an H.264 stream of bytes."""
    changed = bytearray(data)
    for found in re.finditer(rb"\x00\x00\x01[\x27\x47\x67]", data):
        first = (found.start() + 4) * 8

        def bit(at):
            return data[at // 8] >> (7 - at % 8) & 1

        def number(at):
            n = next(i for i in range(32) if bit(at + i))
            value = 0
            for i in range(n, 2 * n + 1):
                value = value << 1 | bit(at + i)
            return value - 1, at + 2 * n + 1

        at = number(first + 24)[1]
        if data[found.start() + 4] >= 100:
            at = number(number(number(at)[1])[1])[1] + 2  # no scaling lists
        order, at = number(number(at)[1])
        at = number(number(at)[1] if order == 0 else at)[1]
        assert not bit(at)
        changed[at // 8] |= 128 >> at % 8
    return bytes(changed)


def missing_references(media):
    """H.264 that lost whole pictures, in a container that does not know of them: a recording of a lossy network."""
    media.make("-i", "src.y4m", *X264[:4], "-bf", "0", "-x264-params", "annexb=1", "plain.h264")
    media.make("-i", "src.y4m", *X264[:4], "-bf", "0", "-profile:v", "baseline", "baseline.h264")
    for name in ("plain", "baseline"):
        write(f"{name}gaps.h264", allow_gaps(read(f"{name}.h264")))
        for file in (name, f"{name}gaps"):
            media.make("-i", f"{file}.h264", "-c", "copy", f"{file}.mp4")
            media.whole("src.y4m", f"{file}.mp4")
            for muxer in ("mkv", "mp4", "h264"):
                media.make("-i", f"{file}.mp4", "-c", "copy", "-bsf:v", "noise=drop='eq(n,20)'", f"x.{muxer}")
                if file == name:
                    media.refused("src.y4m", f"x.{muxer}", text="frame 20 cannot be decoded: pictures are missing")
                else:
                    media.check(f"gaps are allowed: {muxer}", not media.score("src.y4m", f"x.{muxer}")[0])
            media.make("-i", f"{file}.mp4", "-c", "copy", "-bsf:v", "noise=drop='gte(n,25)*lt(n,32)'", "x.mkv")
            media.check("up to a key picture", not media.score("src.y4m", "x.mkv")[0])
    media.make("-i", f"{name}.mp4", "-c", "copy", "-bsf:v", "noise=drop='eq(n,20)'", "x.mkv")
    why, adm, notes = media.score("plain.mp4", "x.mkv", "--damaged", "skip")
    media.check("what refers to it is skipped", not why and len(adm) == N - 12, f"{why} {len(adm)} {notes}")
    # A group of pictures is cut out between two that are no beginning, with those that refer to it.
    media.make("-i", "src.y4m", "-c:v", "libx264", "-x264-params", "open-gop=1:keyint=8:bframes=3:scenecut=0",
               "open.mkv")
    rows = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts,flags", "-of", "csv=p=0", "open.mkv"],
                          capture_output=True, text=True, check=True).stdout.split()
    pictures = [(int(row.split(",")[0]), "K" in row) for row in rows]
    keys = [i for i, (_, is_key) in enumerate(pictures) if is_key]
    media.check("groups that are open", len(keys) > 4 and pictures[keys[3] + 1][0] < pictures[keys[3]][0], pictures)
    last = max(i for i in range(keys[3], keys[4]) if i == keys[3] or pictures[i][0] < pictures[keys[3]][0])
    gone = f"gte(n,{keys[2]})*lte(n,{last})*not(eq(n,{keys[3]}))"
    media.make("-i", "open.mkv", "-c", "copy", "-bsf:v", f"noise=drop='{gone}'", "x.mkv")
    why, adm, _ = media.score("open.mkv", "x.mkv", "--pair", "time")
    media.check("a group cut out", not why and min(adm) > 0.999, f"{why} {adm}")


def padding(media):
    """Zeros or ones behind the end, in files and pipes, of what has no records that are walked; and before it."""
    media.make("-i", "src.y4m", *X264, "h264.ts")
    media.make("-i", "src.y4m", *MPEG2, "mpeg2.m2v")
    media.make("-i", "src.y4m", *MPEG2, "mpeg2.nut")
    media.make("-i", "src.y4m", "-c:v", "rawvideo", "raw.nut")
    media.make("-i", "src.y4m", "-c:v", "dvvideo", "-s", "720x576", "-frames:v", "2", "pal.dv")
    media.make("-i", "src.y4m", "-c:v", "dvvideo", "-s", "720x480", "-pix_fmt", "yuv411p", "-r", "30000/1001",
               "-frames:v", "2", "ntsc.dv")
    for name in ("h264.ts", "mpeg2.m2v", "mpeg2.nut", "raw.nut", "pal.dv", "ntsc.dv"):
        data = read(name)
        n = 2 if name.endswith("dv") else N
        media.whole(name, name, n=n)
        for byte in (b"\0", b"\xff"):
            for size in (1, 10, 5000, 300000):
                stuffing = name == "mpeg2.m2v" and byte == b"\0"
                media.whole(name, write("x." + name[-3:], data + byte * size), n=n,
                            note=None if stuffing else f"ends in {size} bytes that are all 0 or all 0xff")
                if name == "h264.ts":
                    media.whole(name, name, pipe=data + byte * size, note=f"ends in {size} bytes that are all 0")
    data = read("h264.ts")
    half = len(data) // 376 * 188
    for filled in (data[:half] + bytes(188000) + data[half:], data[:half] + bytes(188) + data[half:], data + data[:100],
                   data[:-50], data + bytes(188) + data[:50]):
        media.refused("h264.ts", "x.ts", pipe=filled)
        media.refused("h264.ts", write("x.ts", filled))
    for name in ("pal.dv", "ntsc.dv", "raw.nut"):
        media.refused(name, write("x." + name[-3:], read(name)[:-500]))


def odd_containers(media):
    """Ogg that lost pages; H.264 in MXF, of which FFmpeg does not know the order."""
    media.make("-i", "src.y4m", "-c:v", "libtheora", "-q:v", "7", "-page_duration", "40000", "whole.ogv")
    media.whole("src.y4m", "whole.ogv", least=0.5)
    data = read("whole.ogv")
    pages = [found.start() for found in re.finditer(b"OggS", data)]
    media.check("pages", len(pages) > 12, pages)
    for i in (8, len(pages) - 3):
        media.refused("src.y4m", write("x.ogv", data[:pages[i]] + data[pages[i + 1]:]), text="lacks pages before byte")
    media.make("-i", "src.y4m", *X264, "h264.mxf")
    media.whole("src.y4m", "h264.mxf")


PARTS = (wrapped_stamps, interlaced, orientation, program_streams, pairs_behind_damage, only_damage, parameters_inside,
         missing_references, padding, odd_containers)


def main():
    media = Media(os.path.abspath(sys.argv[1]))
    encoders = shutil.which("ffmpeg") and subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True,
                                                         text=True, check=False).stdout
    if not encoders or any(f" {name} " not in encoders for name in ("libx264", "libx265")):
        print("skipped: no ffmpeg with libx264 and libx265")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        media.make("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25,noise=alls=6", "-frames:v", str(N), "-pix_fmt",
                   "yuv420p", "src.y4m")
        media.make("-i", "src.y4m", "-c:v", "ffv1", "src.mkv")
        media.make("-i", "src.y4m", "-vf", "select='mod(n+1,5)'", "-fps_mode", "passthrough", "-c:v", "ffv1",
                   "fifth.mkv")
        for part in PARTS:
            if len(sys.argv) < 3 or part.__name__ in sys.argv[2:]:
                print(part.__name__, flush=True)
                part(media)
    print(f"{media.n_checks} checks, {len(media.failures)} failed")
    return bool(media.failures)


if __name__ == "__main__":
    sys.exit(main())
