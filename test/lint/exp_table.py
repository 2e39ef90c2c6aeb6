"""The table of src/model/svm/exp.c: 2^(i/128) = head (1 + tail), both numbers rounded to nearest. They are computed
here with 60 digits and compared with the file, number by number.

usage: exp_table.py ROOT | exp_table.py --selftest ROOT | exp_table.py --write ROOT"""
import decimal
import sys

STEPS = 128
HEADER = "/* clang-format off */\n"
decimal.getcontext().prec = 60


def numbers(i):
    power = decimal.Decimal(2) ** (decimal.Decimal(i) / STEPS)
    head = float(power)
    return head, float(power / decimal.Decimal(head) - 1)


def written(number):
    if number == 0:
        return "0"
    digits, exponent = number.hex().split("p")
    return digits.rstrip("0").rstrip(".") + "p" + exponent


def table():
    return HEADER + "".join("{%s, %s},\n" % tuple(written(n) for n in numbers(i)) for i in range(STEPS))


def complaints(text):
    want, got = table().split("\n"), text.split("\n")
    wrong = [f"line {n}: '{g}', '{w}' was expected" for n, (g, w) in enumerate(zip(got, want), 1) if g != w]
    return wrong + ([f"{len(got)} lines, {len(want)} were expected"] if len(got) != len(want) else [])


def main():
    path = f"{sys.argv[-1]}/src/model/svm/exp_table.h"
    if sys.argv[1] == "--write":
        with open(path, "w", encoding="utf-8") as file:
            file.write(table())
        return 0
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if sys.argv[1] == "--selftest":
        last = text.rindex("p-")
        faults = [text[:last - 1] + "0" + text[last:], text.replace("{0x1.6a09e667f3bcdp+0", "{0x1.6a09e667f3bcep+0"),
                  text.replace(", -0x", ", 0x", 1), text + "{0x1p+1, 0},\n", text[:-40]]
        missed = sum(not complaints(fault) for fault in faults)
        print(f"{len(faults) - missed} of {len(faults)} planted faults seen")
        return missed or bool(complaints(text))
    wrong = complaints(text)
    print("\n".join(wrong))
    print(f"{STEPS} entries compared, {len(wrong)} complaints")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
