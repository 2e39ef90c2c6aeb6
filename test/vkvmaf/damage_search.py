"""Looks for damaged files that are scored, by hand: cuts, changes or takes packets out of videos, and compares the log
with that of the whole file. What was accepted and differs is printed; some of it cannot be seen (docs/cli.md).

usage: damage_search.py TOOL whole|cut|flip|lose COUNT FILE..."""
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile


def score(tool, folder, reference, distorted):
    """Returns the reason of a refusal and the frames' metrics; one of them is None."""
    log = f"{folder}/log.json"
    if os.path.exists(log):
        os.remove(log)
    done = subprocess.run([tool, "-r", reference, "-d", distorted, "--device", "cpu", "--tiny-model", "none", "--json",
                           "-q", "-o", log, "--precision", "17"], capture_output=True, check=False)
    if done.returncode:
        text = done.stderr.decode(errors="replace").strip()
        return f"signal {-done.returncode}" if done.returncode < 0 else text.split(": ", 2)[-1], None
    with open(log, encoding="utf-8") as file:
        return None, [frame["metrics"] for frame in json.load(file)["frames"]]


def damaged(data, mode, i, count, chance, packet):
    """One damaged form of `data`, and where."""
    if mode == "cut":
        at = len(data) * (i + 1) // (count + 1)
        return at, data[:at]
    if mode == "flip":
        at = chance.randrange(len(data))
        return at, data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]
    n_lost = chance.randrange(1, 4)
    at = chance.randrange(3, len(data) // packet - n_lost) * packet
    return at, data[:at] + data[at + n_lost * packet:]


def search(tool, folder, mode, count, path):
    why, whole = score(tool, folder, path, path)
    if why or mode == "whole":
        print(f"{path}: {why or f'{len(whole)} frames'}", flush=True)
        return
    with open(path, "rb") as file:
        data = file.read()
    target = folder + "/damaged" + os.path.splitext(path)[1]
    packet = 192 if path.endswith(".m2ts") else 188
    chance, reasons, accepted = random.Random(os.path.basename(path)), collections.Counter(), []
    for i in range(count):
        at, changed = damaged(data, mode, i, count, chance, packet)
        with open(target, "wb") as file:
            file.write(changed)
        why, frames = score(tool, folder, path, target)
        if why:
            reasons[re.sub(r"\d+", "N", why)[:70]] += 1
        elif frames != whole:
            accepted.append((at, len(frames)))
    print(f"{path}: {sum(reasons.values())} of {count} refused, accepted and other scores (place, frames): {accepted}")
    for why, n in reasons.most_common():
        print(f"    {n} {why}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 5 or sys.argv[2] not in ("whole", "cut", "flip", "lose"):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as temporary:
        for name in sys.argv[4:]:
            search(sys.argv[1], temporary, sys.argv[2], int(sys.argv[3]), name)
