"""Every C file and header is formatted as .clang-format says, by a clang-format that gives the agreed text.

usage: format.py ROOT | format.py --selftest ROOT
Exit code 77: no clang-format 18 or 19 ($CLANG_FORMAT, clang-format-18, clang-format-19, clang-format), or no git."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tracked import tracked

VERSIONS = ("18", "19")


def formatter():
    for name in (os.environ.get("CLANG_FORMAT", ""), "clang-format-18", "clang-format-19", "clang-format"):
        path = shutil.which(name) if name else None
        text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout if path else ""
        version = re.search(r"version (\d+)", text)
        if version and version.group(1) in VERSIONS:
            return path
    return None


def complaints(program, root, paths):
    """One line for each file that the formatter would change."""
    text = subprocess.run([program, "--style=file", "--dry-run", "--Werror", *paths], cwd=root, capture_output=True,
                          text=True).stderr
    files = re.findall(r"^(.+?):\d+:\d+: error: ", text, re.M)
    return [f"{path} is not formatted: clang-format -i {path}" for path in dict.fromkeys(files)]


def main():
    root = sys.argv[-1]
    program = formatter()
    listing = tracked(root, "*.c", "*.h")
    if not program or listing is None:
        print("skipped: no clang-format 18 or 19, or not a git checkout")
        return 77
    if sys.argv[1] == "--selftest":
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(f"{root}/.clang-format", folder)
            for name, text in (("good.c", "int a;\n"), ("bad.c", "int  a;\n")):
                with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                    file.write(text)
            seen = [line.split()[0] for line in complaints(program, folder, ["good.c", "bad.c"])] == ["bad.c"]
        print(f"{int(seen)} of 1 planted faults seen")
        return not seen
    paths = [p for p in listing if os.path.exists(f"{root}/{p}")]
    wrong = complaints(program, root, paths)
    print("\n".join(wrong))
    print(f"{len(paths)} files read, {len(wrong)} complaints")
    return bool(wrong) or len(paths) < 100


if __name__ == "__main__":
    sys.exit(main())
