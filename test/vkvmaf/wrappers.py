"""Reads what the tool has left the way that the programs around libvmaf do, and compares what they understand.

usage: wrappers.py FOLDER             log.xml, log.json, log.csv, and err: standard error of the last of three runs
       wrappers.py FOLDER --package   log.json by the package ffmpeg-quality-metrics, between ref.y4m and dist.y4m"""
import csv
import json
import re
import statistics
import sys
import xml.etree.ElementTree as ElementTree

N_FRAMES = 4
failures = []


def check(what, good):
    if not good:
        failures.append(what)
        print(f"FAILED: {what}")


def near(a, b):
    return abs(a - b) < 2e-6


def score_of_ab_av1(errors):
    """Everything after the words, to the end of what arrived, is the number."""
    return float(errors[errors.index("VMAF score: ") + len("VMAF score: "):].strip())


def frames_of_easyvmaf(folder):
    with open(f"{folder}/log.json") as file:
        by_json = [(frame["frameNum"], frame["metrics"]) for frame in json.load(file)["frames"]]
    root = ElementTree.parse(f"{folder}/log.xml").getroot()
    by_xml = [(int(frame.attrib.pop("frameNum")), {k: float(v) for k, v in frame.attrib.items()})
              for frame in root.findall("frames/frame")]
    with open(f"{folder}/log.csv", newline="") as file:
        rows = [{k: v for k, v in row.items() if k} for row in csv.DictReader(file)]
    by_csv = [(int(row.pop("Frame")), {k: float(v) for k, v in row.items()}) for row in rows]
    pooled = {metric.get("name") for metric in root.findall("pooled_metrics/metric")}
    check("XML pools what it has", pooled == set(by_json[0][1]))
    return by_json, by_xml, by_csv


def means_of_aom(folder):
    """One regular expression per line and metric, as the scripts of the common test conditions have it."""
    means, frames = {}, {}
    with open(f"{folder}/log.xml") as file:
        for line in file:
            for name in ("vmaf", "psnr_y", "psnr_cb", "psnr_cr"):
                pooled = re.search(rf'"{name}".*\s+mean="(\d+\.?\d*)"\s+', line)
                if pooled:
                    means[name] = float(pooled.group(1))
                frame = re.search(rf'<frame\s+frameNum="(\d+)".*\s+{name}="(\d+\.?\d*)"', line)
                if frame:
                    frames.setdefault(name, []).append(float(frame.group(2)))
    return means, frames


def read_all(folder):
    with open(f"{folder}/err") as file:
        errors = file.read()
    with open(f"{folder}/log.json") as file:
        log = json.load(file)
    pooled = log["pooled_metrics"]
    mean = pooled["vmaf"]["mean"]
    check("the score lies between its least and its most", pooled["vmaf"]["min"] < mean < pooled["vmaf"]["max"])
    check("the line for ab-av1", score_of_ab_av1(errors) == mean)
    line = re.search(r"^vmaf_v0\.6\.1: ([0-9.]+)$", errors, re.M)
    check("the line of libvmaf's tool", line and line.group(1) == f"{mean:.6f}")
    check("strict parsers", set(log) == {"version", "fps", "frames", "pooled_metrics", "aggregate_metrics"} and
          all(set(values) == {"min", "max", "mean", "harmonic_mean"} for values in pooled.values()))
    by_json, by_xml, by_csv = frames_of_easyvmaf(folder)
    check("as many frames as there are", [number for number, _ in by_json] == list(range(N_FRAMES)))
    check("the same frames in JSON, XML and CSV", by_json == by_xml == by_csv)
    vmaf = [metrics["vmaf"] for _, metrics in by_json]
    check("the mean of the frames", near(statistics.mean(vmaf), mean))
    check("their harmonic mean", near(N_FRAMES / sum(1 / (v + 1) for v in vmaf) - 1, pooled["vmaf"]["harmonic_mean"]))
    means, frames = means_of_aom(folder)
    check("the means for AOM", means == {name: pooled[name]["mean"] for name in means} and len(means) == 4)
    check("the frames for AOM", all(values == [metrics[name] for _, metrics in by_json]
                                    for name, values in frames.items()) and len(frames) == 4)


def read_by_package(folder):
    try:
        from ffmpeg_quality_metrics import FfmpegQualityMetrics
    except ImportError:
        print("skipped: no package ffmpeg-quality-metrics")
        return 77
    metrics = FfmpegQualityMetrics(f"{folder}/ref.y4m", f"{folder}/dist.y4m", framerate=25)
    metrics.temp_files["libvmaf"] = f"{folder}/log.json"
    metrics._read_vmaf_temp_file()
    stats = metrics.get_global_stats()["vmaf"]
    with open(f"{folder}/log.json") as file:
        pooled = json.load(file)["pooled_metrics"]
    check("all metrics", set(stats) == set(pooled))
    for name, values in pooled.items():
        check(f"{name}: average", abs(stats[name]["average"] - values["mean"]) <= 0.0005000001)
        check(f"{name}: min", abs(stats[name]["min"] - values["min"]) <= 0.0005000001)
    frames = json.loads(metrics.get_results_json())["vmaf"]
    check("frames, counted from 1", [frame["n"] for frame in frames] == list(range(1, N_FRAMES + 1)))
    return 0


def main():
    status = read_by_package(sys.argv[1]) if "--package" in sys.argv else read_all(sys.argv[1])
    return status or (1 if failures else 0)


if __name__ == "__main__":
    sys.exit(main())
