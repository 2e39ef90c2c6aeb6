#!/usr/bin/env python3
"""Scores one pair of videos with vkvmaf and with what a user would take instead, in turn, and prints ratios.

    tools/side_by_side.py [--runs N] [--threads N] [--no-simd] [--device D] REFERENCE DISTORTED [-w W -h H -p 420 -b 8]

The other one is libvmaf's program, named by VMAF=PATH; --no-simd switches its SIMD off. Without VMAF an ffmpeg with
libvmaf is taken; with neither the script says so and exits with 77. vkvmaf is VKVMAF=PATH, or the one built here, or
that on PATH. Wall time and processor time are of whole processes; a ratio is that of medians of one session, so a noisy
machine does not change it much. All metrics that both logs have are compared as well; a difference is an error."""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
NO_SIMD = "4294967295"


def find_vkvmaf():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    builds = [f"{here}/build/{preset}/tools/vkvmaf" for preset in ("release", "gcc")]
    found = os.environ.get("VKVMAF") or next((b for b in builds if os.path.exists(b)), None) or shutil.which("vkvmaf")
    if not found:
        sys.exit("side_by_side: there is no vkvmaf; build it, or name it with VKVMAF=PATH")
    return found


def ffmpeg_has_libvmaf():
    if not shutil.which("ffmpeg"):
        return False
    filters = subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True, text=True).stdout
    return " libvmaf " in filters


def other_command(args, raw, log):
    """The other program's command line and its name."""
    vmaf = os.environ.get("VMAF")
    if vmaf:
        if not shutil.which(vmaf):
            sys.exit(f"side_by_side: VMAF={vmaf} is no program")
        mask = ["--cpumask", NO_SIMD] if args.no_simd else []
        return [vmaf, "-q", "-r", args.reference, "-d", args.distorted, *raw, "--threads", str(args.threads), *mask,
                "--json", "-o", log], "libvmaf" + (" without SIMD" if args.no_simd else "")
    if ffmpeg_has_libvmaf() and not raw and not args.no_simd:
        graph = f"libvmaf=log_fmt=json:log_path={log}:n_threads={args.threads}"
        return ["ffmpeg", "-v", "error", "-i", args.distorted, "-i", args.reference, "-lavfi", graph, "-f", "null",
                "-"], "ffmpeg's libvmaf"
    print("side_by_side: skipped: name libvmaf's program with VMAF=PATH, or install an ffmpeg that has libvmaf")
    sys.exit(SKIPPED)


def run(command):
    """Wall and processor seconds of a whole process."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"side_by_side: failed: {' '.join(command)}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime


def frames(log):
    with open(log, encoding="utf-8") as file:
        return [frame["metrics"] for frame in json.load(file)["frames"]]


def compare(ours, theirs):
    """How many values both logs have; ends the program at the first that differs."""
    n = 0
    if len(ours) != len(theirs):
        sys.exit(f"side_by_side: {len(ours)} frames against {len(theirs)}")
    for i, (a, b) in enumerate(zip(ours, theirs)):
        for name in a.keys() & b.keys():
            n += 1
            if a[name] != b[name]:
                sys.exit(f"side_by_side: frame {i}: {name} is {a[name]}, the other one says {b[name]}")
    if not n:
        sys.exit("side_by_side: the logs have no metric in common")
    return n


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     add_help=False)
    parser.add_argument("--help", action="help")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--no-simd", action="store_true")
    parser.add_argument("--device")
    parser.add_argument("reference")
    parser.add_argument("distorted")
    args, raw = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = [f"{folder}/ours.json", f"{folder}/theirs.json"]
        theirs, name = other_command(args, raw, logs[1])
        device = ["--device", args.device] if args.device else []
        ours = [find_vkvmaf(), "-q", "-r", args.reference, "-d", args.distorted, *raw, *device, "--json", "-o", logs[0]]
        times = {"vkvmaf": [], name: []}
        for _ in range(args.runs + 1):
            times["vkvmaf"].append(run(ours))
            times[name].append(run(theirs))
        n_values = compare(frames(logs[0]), frames(logs[1]))
        n_frames = len(frames(logs[0]))
        with open(logs[0], encoding="utf-8") as file:
            device_info = json.load(file).get("device", {})
    print(f"{n_frames} frames, {args.runs} runs of each in turn after one to warm up, {args.threads} threads; "
          f"{n_values} values equal")
    print(f"vkvmaf on {device_info.get('name')} ({device_info.get('form')}), {device_info.get('driver')}")
    medians = {}
    for program, pairs in times.items():
        wall, cpu = ([pair[i] for pair in pairs[1:]] for i in (0, 1))
        medians[program] = statistics.median(wall), statistics.median(cpu)
        print(f"{program:22} wall {medians[program][0]:7.3f} s ({min(wall):.3f} to {max(wall):.3f}), "
              f"processor {medians[program][1]:7.3f} s, {n_frames / medians[program][0]:7.2f} frames/s")
    print(f"vkvmaf takes {medians['vkvmaf'][0] / medians[name][0]:.2f} times the wall time and "
          f"{medians['vkvmaf'][1] / medians[name][1]:.2f} times the processor time of {name}")


if __name__ == "__main__":
    main()
