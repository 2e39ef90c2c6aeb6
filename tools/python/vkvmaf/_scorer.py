"""The library's scorer with its models: pictures in, a result out."""
from __future__ import annotations

import ctypes
import time
from typing import Any, Optional

import numpy as np

from . import _abi
from ._devices import from_info
from ._errors import VkvmafError
from ._library import Session, text
from ._models import svm_params, tiny_model_params
from ._native import cache_dir
from ._result import Result, TinyModel, mean, pool

_NEG_GAIN_LIMIT = 1.0

# What the program calls the fields of a result, in its order; which gain limit changes them.
_METRICS = [
    ("integer_adm2", "adm2", None, "adm"),
    *((f"integer_adm_scale{i}", "adm_scale", i, "adm") for i in range(4)),
    ("VMAF_integer_feature_motion_sad_score", "motion", None, None),
    *((f"integer_vif_scale{i}", "vif_scale", i, "vif") for i in range(4)),
    ("integer_motion2", "motion2", None, None),
]


class Scorer:
    """Pairs of pictures are pushed; their results are collected as bytes."""

    def __init__(self, session: Session, shape: tuple[int, ...], bit_depth: int, *, tiny_model: Any,
                 model: Optional[str], device: Any, neg: bool) -> None:
        self._session = session
        self._rows = bytearray()
        self._row = _abi.Result()
        self._svm_rows = bytearray()
        self._svm_row = _abi.SvmScores()
        self._tiny = self._open_tiny("none" if model is not None and tiny_model is None else tiny_model)
        limit = _NEG_GAIN_LIMIT if neg else 0.0
        self._limits = {"vif": limit, "adm": limit}
        self._svm = None if model is None else self._open_svm(model)
        self._device = self._open_device(device)
        self._scorer = self._create(shape, bit_depth)

    def _open_tiny(self, tiny_model: Any) -> Optional[ctypes.c_void_p]:
        params = tiny_model_params(self._session, tiny_model)
        return None if params is None else self._session.open("vkv_model_open", "vkv_model_close", ctypes.byref(params))

    def _open_svm(self, model: str) -> ctypes.c_void_p:
        """The model also says the gain limits."""
        params = svm_params(self._session, model)
        svm = self._session.open("vkv_svm_open", "vkv_svm_close", ctypes.byref(params))
        self._svm_info = info = _abi.SvmInfo()
        self._session.library.vkv_svm_get_info(svm, ctypes.byref(info))
        self._limits = {"vif": info.vif_gain_limit, "adm": info.adm_gain_limit}
        if self._tiny and _NEG_GAIN_LIMIT in self._limits.values():
            raise ValueError(f"frames are scored with one pair of gain limits: those of {text(info.version)} are not "
                             "those that tiny_model needs; score with it alone")
        return svm

    def _open_device(self, device: Any) -> ctypes.c_void_p:
        params = _abi.DeviceParams(struct_size=ctypes.sizeof(_abi.DeviceParams), log=self._session.log,
                                   select=None if device is None else str(device).encode(), cache_dir=cache_dir())
        return self._session.open("vkv_device_open", "vkv_device_close", ctypes.byref(params))

    def _create(self, shape: tuple[int, ...], bit_depth: int) -> ctypes.c_void_p:
        models = (ctypes.c_void_p * 1)(self._tiny.value if self._tiny else None)
        params = _abi.ScorerParams(struct_size=ctypes.sizeof(_abi.ScorerParams), width=shape[1], height=shape[0],
                                   bit_depth=bit_depth, n_distorted=1, n_models=1 if self._tiny else 0, models=models,
                                   vif_gain_limit=self._limits["vif"], adm_gain_limit=self._limits["adm"])
        return self._session.open("vkv_scorer_create", "vkv_scorer_destroy", self._device, ctypes.byref(params))

    def push(self, ref: _abi.Picture, dist: _abi.Picture) -> None:
        """Blocks while the ring of frames in flight is full. The pictures may be reused afterwards."""
        arguments = self._scorer, ctypes.byref(ref), ctypes.byref(dist)
        while self._session.call("vkv_scorer_push", *arguments) == _abi.AGAIN:
            if not self._pull():
                time.sleep(0.001)
        self._pull()

    def flush(self) -> None:
        """Waits for all results."""
        self._session.call("vkv_scorer_flush", self._scorer)
        self._pull()

    def _pull(self) -> int:
        """Takes the results that are there; after the flush all of them."""
        taken = 0
        while self._session.call("vkv_scorer_pull", self._scorer, ctypes.byref(self._row)) == _abi.OK:
            self._rows += self._row
            if self._svm:
                self._session.call("vkv_svm_score", self._svm, ctypes.byref(self._row), ctypes.byref(self._svm_row))
                self._svm_rows += self._svm_row
            taken += 1
        return taken

    def result(self, seconds: float) -> Result:
        """All frames, after the flush."""
        info = _abi.DeviceInfo()
        self._session.library.vkv_device_get_info(self._device, ctypes.byref(info))
        device = from_info(info, False)
        rows = np.frombuffer(bytes(self._rows), dtype=np.dtype(_abi.Result))
        tiny = self._tiny_scores(rows, device.name)
        metrics = self._features(rows)
        scores = self._svm_scores()
        if tiny:
            # "vmaf" is the name of libvmaf's own score.
            scores["tiny_vmaf" if tiny.name == "vmaf" else tiny.name] = np.clip(tiny.per_frame, 0.0, 100.0)
        for name, values in scores.items():
            if name in metrics:
                raise VkvmafError(f"the model {name} has the name of another metric; it needs one of its own")
            metrics[name] = values
        return Result(metrics=metrics, pooled={name: pool(values) for name, values in metrics.items()}, device=device,
                      tiny_model=tiny, fps=len(rows) / seconds if seconds > 0 else 0.0,
                      version=text(self._session.library.vkv_version()))

    def _features(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        features = {}
        for name, field, index, limit in _METRICS:
            values = rows[field] if index is None else rows[field][:, index]
            is_limited = limit is not None and self._limits[limit] == _NEG_GAIN_LIMIT
            features[name + ("_egl_1" if is_limited else "")] = np.ascontiguousarray(values)
        return features

    def _tiny_scores(self, rows: np.ndarray, device: str) -> Optional[TinyModel]:
        if not self._tiny:
            return None
        info = _abi.ModelInfo()
        self._session.library.vkv_model_get_info(self._tiny, ctypes.byref(info))
        raw = rows["model_score"][:, 0].astype(np.float64)
        return TinyModel(name=text(info.name), kind=text(info.kind), quant_mode=text(info.quant_mode),
                         file=text(info.file), device=device, mean=mean(raw), per_frame=raw)

    def _svm_scores(self) -> dict[str, np.ndarray]:
        """By libvmaf's names: the score, and of a collection its members and their statistics."""
        if not self._svm:
            return {}
        info, name = self._svm_info, text(self._svm_info.name)
        rows = np.frombuffer(bytes(self._svm_rows), dtype=np.dtype(_abi.SvmScores))
        scores = {name: rows["score"]}
        if info.is_bootstrap:
            scores.update((f"{name}_{i:04}", rows["member"][:, i]) for i in range(1, info.n_members))
            scores.update((f"{name}_{what}", rows[what]) for what in ("bagging", "stddev", "ci_p95_lo", "ci_p95_hi"))
        return {key: np.ascontiguousarray(values) for key, values in scores.items()}
