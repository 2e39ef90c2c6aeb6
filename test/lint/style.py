"""Tracked text files: no tabs (Makefiles apart), no trailing blanks, no CRLF, a final newline, UTF-8, and lines of
C, GLSL and Python of at most 120 columns. The library (src/) reads no environment, prints nothing and never ends the
process, and reads and writes numbers by common/number.h: nothing in it or in the programs depends on the locale. Tests
wait for things and not for seconds, and no limit is one that a busy machine could need.

usage: style.py ROOT | style.py --selftest ROOT. Exit code 77: not a git checkout."""
import re
import sys

from tracked import tracked

BINARY = (".onnx", ".png", ".jpg", ".yuv", ".xz", ".mp4", ".bin", ".spv", ".y4m")
TABS_ALLOWED = ("Makefile", ".mk", ".gitmodules")
MAX_COLUMNS = 120
WITH_COLUMNS = (".c", ".h", ".comp", ".glsl", ".py")
NOT_IN_LIBRARY = re.compile(r"\b(getenv|setenv|exit|_exit|abort|printf|fprintf|vfprintf|puts|perror|system)\s*\(")
LOCALE = re.compile(r"\bsetlocale\s*\(")
NUMBER = re.compile(r"\b(strto(?:d|f|ld)|atof|v?sscanf)\s*\(|\bsnprintf\s*\([^;]*?%[-+ #0-9.*]*l?[aefgAEFG]")
SHORT_TIME = re.compile(r"(?<!-)\btimeout[ =]\d{1,3}\b|\balarm\([1-9]\d{0,2}\)|\bTIMEOUT \d|\bsleep [1-9]")


def check(path, data):
    wrong = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [f"{path}: not UTF-8"]
    if b"\r" in data:
        wrong.append(f"{path}: carriage return")
    if data and not data.endswith(b"\n"):
        wrong.append(f"{path}: no newline at the end")
    if data.endswith(b"\n\n"):
        wrong.append(f"{path}: empty lines at the end")
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line and not path.endswith(TABS_ALLOWED):
            wrong.append(f"{path}:{number}: tab")
        if line != line.rstrip():
            wrong.append(f"{path}:{number}: trailing blank")
        if len(line) > MAX_COLUMNS and path.endswith(WITH_COLUMNS):
            wrong.append(f"{path}:{number}: {len(line)} columns")
        if path.startswith("src/") and path.endswith((".c", ".h")) and NOT_IN_LIBRARY.search(line):
            wrong.append(f"{path}:{number}: {NOT_IN_LIBRARY.search(line).group(1)} in the library")
        if path.startswith(("src/", "tools/")) and path.endswith((".c", ".h")) and LOCALE.search(line):
            wrong.append(f"{path}:{number}: sets the locale")
        if path.startswith("test/") and path != "test/lint/style.py" and SHORT_TIME.search(line):
            wrong.append(f"{path}:{number}: '{SHORT_TIME.search(line).group(0)}' fails on a busy machine")
    if path.startswith("src/") and path.endswith((".c", ".h")) and path != "src/common/number.c":
        wrong += [f"{path}:{text.count(chr(10), 0, found.start()) + 1}: a number in the program's locale; number_*"
                  for found in NUMBER.finditer(text)]
    return wrong


def selftest():
    library = [b"    err = getenv(\"SKIP\") ? 0 : err;\n", b"    setlocale(LC_ALL, \"\");\n",
               b"    x = strtod(text, &end);\n", b"    snprintf(to, room,\n        \"%s%.3g\", name, x);\n"]
    faults = [b"\tint a;\n", b"int a; \n", b"int a;", b"int a;\r\n", b"x" * 121 + b"\n", b"\xff\xfe\n", b"int a;\n\n"]
    times = [b"timeout 20 vkvmaf\n", b"run(timeout=100)\n", b"alarm(20);\n", b"TIMEOUT 600)\n", b"sleep 2\n"]
    missed = [f for f in faults if not check("a.c", f)] + [f for f in library if not check("src/a.c", f)]
    missed += [f for f in times if not check("test/a.sh", f)]
    n = len(faults) + len(library) + len(times)
    print(f"{n - len(missed)} of {n} planted faults seen")
    good = check("src/a.c", b"int a;\nsnprintf(a, 2, \"%.*s%zu\", n, b, c);\nnumber_print(a, 2, \"%g\", b);\n")
    good += check("test/a.sh", b"alarm(0); timeout 1800 pip --timeout 30; sleep 0.1\n")
    return bool(missed) or bool(good)


def main():
    root = sys.argv[-1]
    if sys.argv[1] == "--selftest":
        return selftest()
    listing = tracked(root)
    if listing is None:
        print("skipped: not a git checkout")
        return 77
    paths = [p for p in listing if not p.endswith(BINARY)]
    wrong = []
    for path in paths:
        try:
            with open(f"{root}/{path}", "rb") as f:
                data = f.read()
        except FileNotFoundError:              # being removed
            continue
        if b"\0" not in data:
            wrong += check(path, data)
    print("\n".join(wrong))
    print(f"{len(paths)} files read, {len(wrong)} complaints")
    return bool(wrong) or len(paths) < 100


if __name__ == "__main__":
    sys.exit(main())
