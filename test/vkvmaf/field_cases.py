"""Situations of real users: each pair of the data folder's `field/cases.json` has a list of outcomes, of which one must
fit. A whole file against itself stays whole, and a damaged file of `field/attack` is refused.

usage: field_cases.py TOOL SHARED | field_cases.py --selftest
Exit code 77: no such folder, or no Vulkan device."""
import json
import os
import re
import subprocess
import sys
import tempfile

# Damaged files, and what each is compared with.
DAMAGED = [("ref_h265.mkv", "cut_h265.mkv"), ("ref_h264.ts", "cut_h264.ts"), ("ref_av1.mp4", "stsz_av1.mp4"),
           ("ref_mpeg4.avi", "list_mpeg4.avi"), ("ref_h265.mkv", "length_h265.mkv"),
           ("ref_h265.mkv", "lost_reference_h265.mkv")]
# Files of the field folder against themselves: every frame is there.
CONTROLS = {"clip.mp4": 24, "encode.mp4": 12, "joined.ts": 24, "t35.hevc": 24, "grain.mkv": 12, "coded.ivf": 6,
            "coded.h264": 6, "phone.mp4": 24, "vflip.mp4": 24, "steady.mp4": 45, "sparse.mp4": 36,
            "intro.mp4": 180}


class Outcome:
    def __init__(self, code, errors, log):
        self.code, self.errors, self.log = code, errors, log

    @property
    def lines(self):
        return [line for line in self.errors.splitlines() if line.strip()]

    def mean(self):
        return self.log["pooled_metrics"].get("vmaf", {}).get("mean") if self.log else None

    def frames(self):
        return len(self.log["frames"]) if self.log else None

    def __str__(self):
        return f"exit code {self.code}, frames {self.frames()}, mean {self.mean()}, {self.errors.strip()[-300:]!r}"


def run(tool, folder, args):
    """`tool` is a path; the folder of the process is empty but for the log."""
    log = os.path.join(folder, "log.json")
    if os.path.exists(log):
        os.remove(log)
    done = subprocess.run([tool, *args, "--json", "-o", log], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    content = None
    if os.path.exists(log):
        with open(log, encoding="utf-8") as file:
            content = json.load(file)
    return Outcome(done.returncode, done.stderr, content)


def fits(wanted, outcome, names):
    """Whether all that one accepted outcome asks for is so."""
    text = outcome.errors
    for name in names:
        text = text.replace(name, "")
    if wanted.get("refused"):
        if outcome.code == 0 or outcome.log is not None or len(outcome.lines) != 1:
            return False
    elif outcome.code != 0 or outcome.log is None:
        return False
    if "mean" in wanted and (outcome.mean() is None or abs(outcome.mean() - wanted["mean"]) > 1.5e-6):
        return False
    if "frames" in wanted and outcome.frames() != wanted["frames"]:
        return False
    return "line" not in wanted or re.search(wanted["line"], text, re.I) is not None


def selftest():
    good = Outcome(0, "a note\n", {"frames": [{}] * 3, "pooled_metrics": {"vmaf": {"mean": 50.0}}})
    refusal = Outcome(1, "x: a playlist\n", None)
    faults = [
        fits({"mean": 50.000002}, good, []), fits({"mean": 50.0, "frames": 4}, good, []),
        fits({"refused": True}, good, []), fits({"line": "b note"}, good, []), fits({"mean": 50.0}, refusal, []),
        fits({"refused": True}, Outcome(1, "two\nlines\n", None), []),
        fits({"refused": True}, Outcome(1, "one\n", {}), []), fits({"line": "playlist"}, Outcome(0, "x playlist", {}),
                                                                  ["playlist"]),
    ]
    seen = faults.count(False)
    print(f"{seen} of {len(faults)} planted faults seen")
    return seen != len(faults) or not fits({"mean": 50.0, "frames": 3, "line": "NOTE"}, good, []) \
        or not fits({"refused": True, "line": "playlist"}, refusal, [])


def main():
    if sys.argv[1] == "--selftest":
        return selftest()
    tool, field = os.path.abspath(sys.argv[1]), os.path.join(os.path.abspath(sys.argv[2]), "field")
    models = os.path.join(os.path.abspath(sys.argv[2]), "reference-models")
    if not os.path.exists(f"{field}/cases.json"):
        print("skipped: no field/cases.json in the data folder")
        return 77
    devices = subprocess.run([tool, "--list-devices"], capture_output=True, text=True, check=False).stdout
    if not re.search(r"^ *0 ", devices, re.M):
        print("skipped: no Vulkan device")
        return 77
    with open(f"{field}/cases.json", encoding="utf-8") as file:
        cases = json.load(file)
    failures, n_checks = [], 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/bin")
        os.symlink(tool, f"{folder}/bin/vmaf")
        version = ["--model", f"path={models}/vmaf_v0.6.1.json"]

        def check(what, good, outcome):
            nonlocal n_checks
            n_checks += 1
            if not good:
                failures.append(f"{what}: {outcome}")

        for case in cases:
            args = [a.replace("{dir}", field).replace("{models}", models) for a in case["args"]]
            as_vmaf = case["as"] == "vmaf"
            if "--model" not in args:
                args += version
            outcome = run(f"{folder}/bin/vmaf" if as_vmaf else tool, folder, args)
            names = [a for a in args if "/" in a] + [os.path.basename(a) for a in args if "/" in a]
            check(case["id"], any(fits(wanted, outcome, names) for wanted in case["accept"]), outcome)
        plain = ["--device", "cpu", "--tiny-model", "none", "-q"]
        for ref, dist in DAMAGED:
            outcome = run(tool, folder, ["-r", f"{field}/attack/{ref}", "-d", f"{field}/attack/{dist}", *plain])
            check(dist, fits({"refused": True}, outcome, []), outcome)
        whole = [(f"attack/{ref}", 20) for ref in dict.fromkeys(ref for ref, _ in DAMAGED)] + list(CONTROLS.items())
        for name, frames in whole:
            outcome = run(tool, folder, ["-r", f"{field}/{name}", "-d", f"{field}/{name}", *plain])
            check(f"{name} against itself", fits({"frames": frames}, outcome, []), outcome)
    print("\n".join(f"FAILED: {line}" for line in failures))
    print(f"{n_checks} checks, {len(failures)} failed")
    return bool(failures) or n_checks < 30


if __name__ == "__main__":
    sys.exit(main())
