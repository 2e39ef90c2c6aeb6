"""A family of features is files of its own: no other C file of the library or the programs has its name, or the name of
one of its columns, as an identifier or a string. New families would need edits there.

usage: families.py ROOT | families.py --selftest ROOT"""
import re
import sys

from includes import sources

LIST = "src/features/family.h"
# Data about families by their names: counted instructions (written by test/devices/radv_cycles.py), what libvmaf has
# and this library has not, and what models of libvmaf ask for.
DATA = {"tools/vkvmaf/commands/stage_work.h", "tools/vkvmaf/models/svm_path.c",
        "tools/vkvmaf/commands/device_report/v1_options.h", "tools/libvmaf/extractors.c", LIST}
TOKEN = re.compile(r'/\*[\s\S]*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|[A-Za-z_]\w*')


def read(root, path):
    with open(f"{root}/{path}", encoding="utf-8") as file:
        return file.read()


def families(root):
    line = re.search(r"#define FAMILIES\(F\)(.*)", read(root, LIST)).group(1)
    return re.findall(r"F\((\w+)\)", line)


def own_files(family):
    return re.compile(rf"src/(features|ref)/{family}(_\w+)?\.[ch]$")


def columns(root, family):
    text = read(root, f"src/features/{family}.c")
    block = re.search(r"columns\[\] = \{(.*?)\};", text, re.S)
    return re.findall(r'"(\w+)"', block.group(1))


def names(root):
    """Each name, and its family."""
    found = {}
    for family in families(root):
        for name in [family, f"family_{family}", *columns(root, family)]:
            found[name] = family
    return found


def check(path, text, known):
    wrong = []
    for match in TOKEN.finditer(text):
        token = match.group()
        if token.startswith("/"):
            continue
        word = token[1:-1].split(" ")[0] if token.startswith('"') else token
        family = known.get(word)
        if family and not own_files(family).match(path):
            line = text[:match.start()].count("\n") + 1
            wrong.append(f"{path}:{line}: {token} belongs to the family {family}")
    return wrong


def selftest(root):
    known = names(root)
    family = families(root)[0]
    column = columns(root, family)[0]
    plants = [f'if (!strcmp(name, "{family}"))', f"p->{family}[0] = 1;", f"&family_{family},", f'"{column}"',
              f'stage = "{family} scale 1";']
    missed = [text for text in plants if not check("src/scorer.c", text, known)]
    clean = [f"/* {family} */", f"// {family}", f'"as {family} does"', f"{family}_like = 1;"]
    missed += [text for text in clean if check("src/scorer.c", text, known)]
    missed += [text for text in plants if check(f"src/features/{family}.c", text, known)]
    for text in missed:
        print(f"not seen, or seen wrongly: {text}")
    print(f"{len(plants)} faults planted")
    return bool(missed)


def main():
    if sys.argv[1] == "--selftest":
        return selftest(sys.argv[2])
    root = sys.argv[1]
    known = names(root)
    paths = [path for path in sources(root) if path not in DATA]
    wrong = [line for path in paths for line in check(path, read(root, path), known)]
    print("\n".join(wrong))
    print(f"{len(paths)} files read for {len(families(root))} families, {len(wrong)} complaints")
    return bool(wrong) or not paths


sys.exit(main())
