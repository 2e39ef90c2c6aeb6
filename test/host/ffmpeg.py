"""Compiles the program of docs/embedding.md that takes FFmpeg's frames, and runs it on videos whose frames go to
FFmpeg's Vulkan device: it prints the numbers of the command line tool's log, in every digit. Exit code 77: no FFmpeg.

usage: ffmpeg.py ROOT BUILD_FOLDER COMPILER [PIXEL_FORMAT...]"""
import json
import shutil
import subprocess
import sys
import tempfile

import guide

WIDTH, HEIGHT, FRAMES = 98, 66, 6
NAME = "score_ffmpeg"
# Pixel format, encoder, container; the second video is lossy, or coarse.
KINDS = [("yuv420p", ["mpeg4", "-q:v", "9"], "mp4"), ("nv12", ["rawvideo"], "nut"), ("yuv420p10le", ["ffv1"], "mkv")]


def planes(pixels, t, coarse):
    """A frame; chroma is of no concern."""
    bits = 10 if "10" in pixels else 8
    codes = [(37 * x + 11 * y + 9 * t + x * y * 37 % 60) % (1 << bits) // coarse * coarse
             for y in range(HEIGHT) for x in range(WIDTH)] + [1 << (bits - 1)] * (WIDTH * HEIGHT // 2)
    return b"".join(code.to_bytes(bits // 8 + (bits > 8), "little") for code in codes)


def encode(path, pixels, encoder, coarse):
    raw = b"".join(planes(pixels, t, coarse) for t in range(FRAMES))
    subprocess.run(["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{WIDTH}x{HEIGHT}", "-i", "-",
                    "-c:v", *encoder, path], input=raw, check=True)


def logged(build, log, *videos):
    """The tool's log, in the program's words."""
    command = [f"{build}/tools/vkvmaf", "--device", "cpu", "--tiny-model", "none", "-q", "--precision", "17"]
    subprocess.run([*command, "-r", videos[0], "-d", videos[1], "--json", "-o", log], check=True)
    with open(log, encoding="utf-8") as f:
        frames = json.load(f)["frames"]
    return {(str(frame["frameNum"]), name): value for frame in frames for name, value in frame["metrics"].items()}


def printed(text):
    return {(frame, name): float(value) for frame, name, value in (line.split() for line in text.splitlines())}


def is_equal(folder, build, kind):
    pixels, encoder, container = kind
    videos = [f"{folder}/{name}_{pixels}.{container}" for name in ("ref", "dist")]
    encode(videos[0], pixels, ["mpeg4", "-q:v", "2"] if encoder[0] == "mpeg4" else encoder, 1)
    encode(videos[1], pixels, encoder, 30)
    want = logged(build, f"{folder}/log.json", *videos)
    result = guide.run(folder, NAME, *videos)
    got = printed(result.stdout)
    common = {key: value for key, value in want.items() if key in got}
    differs = all(value < 0.9999 for (_, name), value in got.items() if name == "integer_adm2")
    equal = result.returncode == 0 and common == got and len(got) >= 10 * FRAMES and differs
    print(f"{pixels} in {container}: {len(got)} values, {'equal' if equal else 'not equal'}")
    return equal


def main():
    root, build, compiler = sys.argv[1:4]
    kinds = [kind for kind in KINDS if kind[0] in sys.argv[4:]] or KINDS
    if not shutil.which("ffmpeg"):
        print("skipped: no ffmpeg program")
        return 77
    with open(f"{root}/docs/embedding.md", encoding="utf-8") as f:
        text = guide.programs(f.read())[NAME]
    with tempfile.TemporaryDirectory() as folder:
        if guide.compile_program(root, build, compiler, folder, NAME, text):
            return 1
        return not all([is_equal(folder, build, kind) for kind in kinds])


if __name__ == "__main__":
    sys.exit(main())
