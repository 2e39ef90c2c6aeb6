"""Scores of a model here against ONNX Runtime's, each row alone.

usage: onnxruntime_compare.py rows | onnxruntime_compare.py fp32|dynamic|static MODEL ROWS.csv SCORES.csv"""
import csv
import sys

import numpy
import onnxruntime

FEATURES = ("adm2", "vif_scale0", "vif_scale1", "vif_scale2", "vif_scale3", "motion2")


def make_rows():
    """Plausible rows, uniform ones, and a few far away."""
    random = numpy.random.RandomState(3)
    quality = random.random_sample(400)
    rows = numpy.empty((400, 6))
    rows[:, 0] = 0.4 + 0.6 * quality
    for k in range(1, 5):
        rows[:, k] = (0.05 + 0.95 * quality) ** (2 / (k + 1)) + 0.03 * (random.random_sample(400) - 0.5)
    rows[:, 5] = 12 * random.random_sample(400) ** 2
    rows[300:360] = random.random_sample((60, 6))
    rows[360:370] = 0
    rows[361:367] = numpy.eye(6)
    rows[367] = 1
    rows[368, 5] = 40
    print(",".join(FEATURES))
    for row in rows.astype(numpy.float32):
        print(",".join(repr(float(x)) for x in row))


def session(kind, model):
    """The one that adds exactly, in the order of the file: see docs/quantization.md."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if kind == "dynamic":
        options.add_session_config_entry("session.x64quantprecision", "1")
    if kind == "static":
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def is_same(kind, want, got):
    """A static score is one of 256 numbers: a few rows may be off by one of them."""
    difference = numpy.abs(got - want)
    if kind != "static":
        return bool((difference <= (1e-4 if kind == "fp32" else 1e-3) + 1e-5 * numpy.abs(want)).all())
    step = numpy.diff(numpy.unique(want)).min()
    other_code = difference > 1e-3
    return bool(other_code.mean() <= 0.01 and (difference <= 1.01 * step).all())


def compare(kind, model, rows_path, scores_path):
    with open(rows_path) as rows_file, open(scores_path) as scores_file:
        rows = numpy.array([[float(r[n]) for n in FEATURES] for r in csv.DictReader(rows_file)], numpy.float32)
        got = numpy.array([float(r["score"]) for r in csv.DictReader(scores_file)], numpy.float32)
    runtime = session(kind, model)
    assert len(runtime.get_inputs()) == len(runtime.get_outputs()) == 1
    name = runtime.get_inputs()[0].name
    want = numpy.concatenate([runtime.run(None, {name: row[None]})[0].reshape(1) for row in rows])
    same = len(got) == len(want) and is_same(kind, want.astype(float), got.astype(float))
    print(f"{model.split('/')[-1]}: {kind}, {(got == want).sum()} of {len(want)} rows equal in every bit, "
          f"largest difference {numpy.abs(got - want).max():.3g}" + ("" if same else ": the scores differ"))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(make_rows() if sys.argv[1:] == ["rows"] else compare(*sys.argv[1:]))
