"""Frames in memory: the library scores them, without a copy where their rows are contiguous."""
from __future__ import annotations

import ctypes
import itertools
import os
import re
import time
from typing import Any, Iterable, Iterator, Optional

import numpy as np

from . import _abi
from ._devices import from_info
from ._errors import VkvmafError
from ._library import Session, text, warn
from ._native import cache_dir, models_dir
from ._result import Result, TinyModel, mean, pool

_DEFAULT_MODEL = "vmaf_tiny_v2"
_NEG_GAIN_LIMIT = 1.0

# What the program calls the fields of a result, in its order; whether a gain limit changes them.
_METRICS = [
    ("integer_adm2", "adm2", None, True),
    *((f"integer_adm_scale{i}", "adm_scale", i, True) for i in range(4)),
    ("VMAF_integer_feature_motion_sad_score", "motion", None, False),
    *((f"integer_vif_scale{i}", "vif_scale", i, True) for i in range(4)),
    ("integer_motion2", "motion2", None, False),
]


class _Format:
    """Size and depth of the first frame; all others must have them."""

    def __init__(self, frame: np.ndarray, bit_depth: Optional[int]) -> None:
        self.shape = frame.shape
        self.dtype = frame.dtype.newbyteorder("=")
        if self.dtype == np.uint8:
            if bit_depth not in (None, 8):
                raise ValueError(f"bit_depth is {bit_depth}, but frames of uint8 have 8 bit")
            self.bit_depth = 8
        elif self.dtype == np.uint16:
            if bit_depth is None or not 9 <= bit_depth <= 16:
                raise ValueError(f"bit_depth is {bit_depth}; frames of uint16 need it, 9 to 16")
            self.bit_depth = bit_depth
        else:
            raise TypeError(f"frames are of type {frame.dtype}; uint8 or uint16 was expected")

    def check(self, frame: np.ndarray, what: str) -> None:
        if frame.shape != self.shape or frame.dtype.newbyteorder("=") != self.dtype:
            raise ValueError(f"{what} is {frame.dtype} of shape {list(frame.shape)}; "
                             f"{self.dtype} of shape {list(self.shape)} was expected, as in the first frame")


def _planes(frames: Any, name: str) -> Iterator[np.ndarray]:
    if isinstance(frames, np.ndarray) and frames.ndim != 3:
        raise ValueError(f"{name} is an array of shape {list(frames.shape)}; [n, height, width] was expected")
    for number, frame in enumerate(frames):
        plane = np.asarray(frame)
        if plane.ndim != 2:
            raise ValueError(f"frame {number} of {name} has shape {list(plane.shape)}; [height, width] was expected")
        yield plane


def _pairs(ref: Iterator[np.ndarray], dist: Iterator[np.ndarray], notes: list[str]
           ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for a, b in itertools.zip_longest(ref, dist):
        if a is None or b is None:
            notes.append("ref ended before dist" if a is None else "dist ended before ref")
            return
        yield a, b


def _picture(plane: np.ndarray) -> tuple[_abi.Picture, np.ndarray]:
    """What the library reads, and the array that must live until it has."""
    row = plane.shape[1] * plane.itemsize
    direct = (plane.strides[1] == plane.itemsize and abs(plane.strides[0]) >= row and plane.flags.aligned
              and plane.dtype.isnative)
    kept = plane if direct else np.array(plane, dtype=plane.dtype.newbyteorder("="), order="C")
    return _abi.Picture(kept.ctypes.data, kept.strides[0]), kept


def _model_params(session: Session, tiny_model: Any) -> Optional[_abi.ModelParams]:
    """As the program resolves --tiny-model: with a '/' or ending in ".onnx" it is a path, otherwise an id."""
    named = None if tiny_model is None else os.fsdecode(tiny_model)
    if named == "none":
        return None
    params = _abi.ModelParams(struct_size=ctypes.sizeof(_abi.ModelParams), log=session.log,
                              jail=os.fsencode(os.environ.get("VMAF_TINY_MODEL_DIR", "")) or None)
    if isinstance(tiny_model, os.PathLike) or (named and ("/" in named or named.endswith(".onnx"))):
        params.path = os.fsencode(named)
        return params
    if named is not None and not re.fullmatch("[a-z0-9_-]+", named):
        raise VkvmafError(f'the model is "{named}": neither a path (with a \'/\', or ending in .onnx) '
                          "nor an id (a-z, 0-9, _ and -)")
    folder = models_dir()
    if (folder / "registry.json").exists():
        params.id = (named or _DEFAULT_MODEL).encode()
        params.models_dir = os.fsencode(folder)
        return params
    if named is None:
        return None
    if not (folder / f"{named}.onnx").exists():
        raise VkvmafError(f'there is no model "{named}": no registry.json and no {named}.onnx in {folder}')
    params.path = os.fsencode(folder / f"{named}.onnx")
    return params


class _Run:
    """A scorer, fed with pairs of frames; its results are collected as bytes."""

    def __init__(self, session: Session, tiny_model: Any, device: Any, neg: bool) -> None:
        self.session = session
        self.neg = neg
        self.rows = bytearray()
        self.result = _abi.Result()
        model = _model_params(session, tiny_model)
        self.model = model and session.open("vkv_model_open", "vkv_model_close", ctypes.byref(model))
        params = _abi.DeviceParams(struct_size=ctypes.sizeof(_abi.DeviceParams), log=session.log,
                                   select=None if device is None else str(device).encode(), cache_dir=cache_dir())
        self.device = session.open("vkv_device_open", "vkv_device_close", ctypes.byref(params))

    def create_scorer(self, form: _Format) -> None:
        limit = _NEG_GAIN_LIMIT if self.neg else 0.0
        models = (ctypes.c_void_p * 1)(self.model.value if self.model else None)
        params = _abi.ScorerParams(struct_size=ctypes.sizeof(_abi.ScorerParams), width=form.shape[1],
                                   height=form.shape[0], bit_depth=form.bit_depth, n_distorted=1,
                                   n_models=1 if self.model else 0, models=models, vif_gain_limit=limit,
                                   adm_gain_limit=limit)
        self.scorer = self.session.open("vkv_scorer_create", "vkv_scorer_destroy", self.device, ctypes.byref(params))

    def push(self, ref: np.ndarray, dist: np.ndarray) -> None:
        a, keep_a = _picture(ref)
        b, keep_b = _picture(dist)
        while self.session.call("vkv_scorer_push", self.scorer, ctypes.byref(a), ctypes.byref(b)) == _abi.AGAIN:
            if not self.pull():
                time.sleep(0.001)
        del keep_a, keep_b

    def pull(self) -> int:
        """Takes the results that are there; after the flush all of them."""
        taken = 0
        while self.session.call("vkv_scorer_pull", self.scorer, ctypes.byref(self.result)) == _abi.OK:
            self.rows += self.result
            taken += 1
        return taken

    def flush(self) -> None:
        self.session.call("vkv_scorer_flush", self.scorer)
        self.pull()


def _metrics(rows: np.ndarray, neg: bool) -> dict[str, np.ndarray]:
    metrics = {}
    for name, field, index, is_limited in _METRICS:
        values = rows[field] if index is None else rows[field][:, index]
        metrics[name + ("_egl_1" if neg and is_limited else "")] = np.ascontiguousarray(values)
    return metrics


def _tiny_model(run: _Run, rows: np.ndarray, device: str) -> Optional[TinyModel]:
    if not run.model:
        return None
    info = _abi.ModelInfo()
    run.session.library.vkv_model_get_info(run.model, ctypes.byref(info))
    raw = rows["model_score"][:, 0].astype(np.float64)
    return TinyModel(name=text(info.name), kind=text(info.kind), quant_mode=text(info.quant_mode),
                     file=text(info.file), device=device, mean=mean(raw), per_frame=raw)


def _collect(run: _Run, seconds: float) -> Result:
    info = _abi.DeviceInfo()
    run.session.library.vkv_device_get_info(run.device, ctypes.byref(info))
    device = from_info(info, False)
    rows = np.frombuffer(bytes(run.rows), dtype=np.dtype(_abi.Result))
    metrics = _metrics(rows, run.neg)
    tiny = _tiny_model(run, rows, device.name)
    if tiny:
        name = "tiny_vmaf" if tiny.name == "vmaf" else tiny.name     # "vmaf" is libvmaf's own score
        if name in metrics:
            raise VkvmafError(f"the model {name} has the name of another metric; it needs one of its own")
        metrics[name] = np.clip(tiny.per_frame, 0.0, 100.0)
    return Result(metrics=metrics, pooled={name: pool(values) for name, values in metrics.items()}, device=device,
                  tiny_model=tiny, fps=len(rows) / seconds if seconds > 0 else 0.0,
                  version=text(run.session.library.vkv_version()))


def score_frames(ref: Iterable[Any], dist: Iterable[Any], *, tiny_model: Any, device: Any, neg: bool,
                 bit_depth: Optional[int], max_frames: Optional[int]) -> Result:
    notes: list[str] = []
    pairs = itertools.islice(_pairs(_planes(ref, "ref"), _planes(dist, "dist"), notes), max_frames)
    first = next(pairs, None)
    if first is None:
        raise ValueError("there are no frames" if not notes else f"there are no frames: {notes[0]}")
    form = _Format(first[0], bit_depth)
    with Session() as session:
        run = _Run(session, tiny_model, device, neg)
        run.create_scorer(form)
        started = time.monotonic()
        for number, (a, b) in enumerate(itertools.chain([first], pairs)):
            form.check(a, f"frame {number} of ref")
            form.check(b, f"frame {number} of dist")
            run.push(a, b)
            run.pull()
        run.flush()
        result = _collect(run, time.monotonic() - started)
        notes += session.warnings()
    warn(notes)
    return result
