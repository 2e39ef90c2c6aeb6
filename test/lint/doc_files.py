"""Source files that the documentation names exist: each name in docs/*.md, README.md, CONTRIBUTING.md and CHANGELOG.md
that ends like a source file is the end of a tracked path, from a folder's beginning on.

usage: doc_files.py ROOT | doc_files.py --selftest ROOT. Exit code 77: not a git checkout."""
import re
import sys

from tracked import tracked

PAGES = re.compile(r"(docs/[^/]+|README|CONTRIBUTING|CHANGELOG)\.md$")
NAME = re.compile(r"(?<![\w/.<*-])([\w-][\w./-]*\.(?:c|h|comp|glsl|cmake|py|sh))(?![\w-])")


def names(text):
    return NAME.findall(text)


def check(page, text, paths):
    ends = {path[i:] for path in paths for i in [0] + [m.end() for m in re.finditer("/", path)]}
    return [f"{page} names {name}, which is no file" for name in names(text) if name not in ends]


def selftest():
    paths = ["tools/vkvmaf/run/job.c", "src/api.c"]
    good = "`run/job.c`, `job.c` and src/api.c (tools/vkvmaf/run/job.c)."
    faults = ["`run/jobs.c`", "`un/job.c`", "in api.h.", "| `src/job.c` |", "`tools/vkvmaf/job.c` and"]
    missed = [fault for fault in faults if not check("docs/a.md", fault, paths)]
    print(f"{len(faults) - len(missed)} of {len(faults)} planted faults seen")
    return bool(missed) or bool(check("docs/a.md", good, paths))


def main():
    root = sys.argv[-1]
    if sys.argv[1] == "--selftest":
        return selftest()
    paths = tracked(root)
    if paths is None:
        return 77
    wrong, n = [], 0
    for page in filter(PAGES.match, paths):
        with open(f"{root}/{page}", encoding="utf-8") as f:
            text = f.read()
        wrong += check(page, text, paths)
        n += len(names(text))
    for line in wrong:
        print(line)
    print(f"{n} names read, {len(wrong)} complaints")
    return bool(wrong) or n < 100


if __name__ == "__main__":
    sys.exit(main())
