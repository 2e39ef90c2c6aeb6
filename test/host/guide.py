"""Compiles the programs of docs/embedding.md that read luma with all warnings as errors, and runs them on a moving
picture and a coarser one: both print the same numbers, in every digit.

usage: guide.py ROOT BUILD_FOLDER COMPILER"""
import os
import re
import subprocess
import sys
import tempfile

WIDTH, HEIGHT, FRAMES = 98, 66, 5
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wshadow", "-pedantic", "-Werror"]
LIBRARIES = {"score_memory": ["-lvkvmaf"], "score_images": ["-lvkvmaf", "-lvulkan"],
             "score_ffmpeg": ["-lvkvmaf", "-lavformat", "-lavcodec", "-lavutil"]}
OF_LUMA = ["score_memory", "score_images"]  # ffmpeg.py has the other one


def programs(page):
    """The fenced blocks that begin with the name of a program."""
    blocks = re.findall(r"^```c\n(.*?)^```$", page, re.M | re.S)
    return {match.group(1): block for block in blocks for match in [re.match(r"/\* (\w+): ", block)] if match}


def compile_program(root, build, compiler, folder, name, text):
    with open(f"{folder}/{name}.c", "w", encoding="utf-8") as f:
        f.write(text)
    command = [compiler, *WARNINGS, f"-I{root}/include", f"{folder}/{name}.c", "-o", f"{folder}/{name}",
               f"-L{build}/src", f"-Wl,-rpath,{build}/src", *LIBRARIES[name]]
    return subprocess.run(command, check=False).returncode


def write_pictures(folder):
    for name, step in (("ref", 1), ("dist", 7)):
        with open(f"{folder}/{name}", "wb") as f:
            for t in range(FRAMES):
                f.write(bytes((3 * x + 5 * y + 9 * t + x * y * 37 % 60) % 251 // step * step
                              for y in range(HEIGHT) for x in range(WIDTH)))


def run(folder, name, *words):
    return subprocess.run([f"{folder}/{name}", *words], check=False, stdout=subprocess.PIPE, text=True)


def main():
    root, build, compiler = sys.argv[1:]
    with open(f"{root}/docs/embedding.md", encoding="utf-8") as f:
        found = programs(f.read())
    if sorted(found) != sorted(LIBRARIES):
        print(f"the page has the programs {sorted(found)}")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        if any([compile_program(root, build, compiler, folder, name, found[name]) for name in OF_LUMA]):
            return 1
        write_pictures(folder)
        words = [f"{folder}/ref", f"{folder}/dist", str(WIDTH), str(HEIGHT)]
        results = {name: run(folder, name, *words) for name in OF_LUMA}
        lines = results["score_memory"].stdout.splitlines()
        print("\n".join(lines[:12]))
        ends = {name: result.returncode for name, result in results.items()}
        equal = results["score_memory"].stdout == results["score_images"].stdout
        print(f"exit codes {ends}, {len(lines)} lines, {'equal' if equal else 'not equal'}")
        other = run(folder, "score_images", words[0], words[0], *words[2:]).stdout
        seen = other != results["score_images"].stdout  # other pictures are seen
        return any(ends.values()) or not equal or not seen or len(lines) < FRAMES * 10


if __name__ == "__main__":
    sys.exit(main())
