"""Every C file and header is formatted as .clang-format says, by a clang-format that gives the agreed text.

usage: format.py ROOT | format.py --selftest ROOT
Exit code 77: no clang-format 18 or 19 ($CLANG_FORMAT, clang-format-18, clang-format-19, clang-format), or no git."""
import os
import re
import shutil
import subprocess
import sys

VERSIONS = ("18", "19")


def formatter():
    for name in (os.environ.get("CLANG_FORMAT", ""), "clang-format-18", "clang-format-19", "clang-format"):
        path = shutil.which(name) if name else None
        if path:
            text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            if re.search(r"version (\d+)", text).group(1) in VERSIONS:
                return path
    return None


def differs(program, root, path, data):
    formatted = subprocess.run([program, "--style=file", f"--assume-filename={root}/{path}"], input=data,
                               capture_output=True, check=True).stdout
    return formatted != data


def main():
    root = sys.argv[-1]
    program = formatter()
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.c", "*.h"], capture_output=True)
    if not program or listing.returncode:
        print("skipped: no clang-format 18 or 19, or not a git checkout")
        return 77
    if sys.argv[1] == "--selftest":
        seen = differs(program, root, "src/api.c", b"int  a;\n") and not differs(program, root, "src/api.c", b"int a;\n")
        print(f"{int(seen)} of 1 planted faults seen")
        return not seen
    wrong, paths = [], [p for p in listing.stdout.decode().split("\0") if p and os.path.exists(f"{root}/{p}")]
    for path in paths:
        with open(f"{root}/{path}", "rb") as f:
            if differs(program, root, path, f.read()):
                wrong.append(f"{path} is not formatted: clang-format -i {path}")
    print("\n".join(wrong))
    print(f"{len(paths)} files read, {len(wrong)} complaints")
    return bool(wrong) or len(paths) < 100


if __name__ == "__main__":
    sys.exit(main())
