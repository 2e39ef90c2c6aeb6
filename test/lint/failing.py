"""How functions of the library fail: no ladder of `if (!err) err = ...`, no chain `(err = a()) || (err = b())`, no
label but `fail` (TRY goes there), and the text "out of memory" only in log_no_memory.

usage: failing.py ROOT | failing.py --selftest ROOT"""
import glob
import re
import sys

LADDER = re.compile(r"\bif \(!err\b[^;{}]*\)\s*\{?\s*err\s*=")
LOOP = re.compile(r"\bfor \([^;{}]*;[^;{}]*!err\b|\bwhile \([^;{}]*!err\b")
CHAIN = re.compile(r"\(err = [^;{}]*?\)\s*\|\||\|\|\s*\(err = |&&\s*\(err = ")
LABEL = re.compile(r"^(?!default\b|fail\b)\w+:\s*$", re.M)
NO_MEMORY = re.compile(r'"out of memory"')
RULES = ((LADDER, "a ladder; return, or TRY"), (LOOP, "a loop that ends with an error; return, or TRY"),
         (CHAIN, "a chain; return, or TRY"), (LABEL, "a label other than fail"),
         (NO_MEMORY, '"out of memory"; log_no_memory'))


def check(path, text):
    wrong = []
    for rule, what in RULES:
        if rule is NO_MEMORY and path == "src/common/log.c":
            continue
        wrong += [f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {what}" for found in rule.finditer(text)]
    return wrong


def selftest():
    faults = ["if (!err)\n    err = a();\n", "if (!err && b) {\n    err = a();\n", "} else if (!err)\n    err = a();\n",
              "if (!err && (x(1) != 0 ||\n    y)) err = log_fail(a);\n", "for (i = 0; !err && i < n; i++)\n",
              "for (; p && !err; p = p->next)\n", "if ((err = a()) || (err = b()))\n", "if (a && (err = b()))\n",
              "if (err || (err = choose(a, b)))\n", "out:\n", 'log_fail(log, code, "out of memory");\n']
    good = ["if (err)\n    return err;\nerr = a();\n", "fail:\n    return err;\n", "    default:\n", "TRY(a());\n",
            "if (!err && b)\n    *n = 0;\n", "return err ? err : a();\n", '"out of memory: no mutex"']
    missed = [text for text in faults if not check("src/a.c", text)]
    false = [text for text in good if check("src/a.c", text)]
    print(f"{len(faults) - len(missed)} of {len(faults)} planted faults seen; {len(false)} false alarms",
          *missed, *false)
    return bool(missed) or bool(false)


def main():
    root = sys.argv[-1]
    if sys.argv[1] == "--selftest":
        return selftest()
    paths = sorted(p[len(root) + 1:] for p in glob.glob(f"{root}/src/**/*.[ch]", recursive=True))
    wrong = []
    for path in paths:
        with open(f"{root}/{path}", encoding="utf-8") as f:
            wrong += check(path, f.read())
    print("\n".join(wrong))
    print(f"{len(paths)} files read, {len(wrong)} complaints")
    return bool(wrong) or len(paths) < 50


if __name__ == "__main__":
    sys.exit(main())
