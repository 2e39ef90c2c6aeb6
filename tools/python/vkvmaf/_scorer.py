"""The library's scorer with its models: pictures in, a result out."""
from __future__ import annotations

import ctypes
import time
from typing import Any, Optional, Sequence

import numpy as np

from . import _abi
from ._devices import from_info
from ._families import limited, requests, wanted
from ._library import Session, text
from ._models import svm_params, tiny_model_params
from ._native import cache_dir
from ._result import Result, TinyModel, mean, pool


class Scorer:
    """Pairs of pictures are pushed; their rows of columns are collected."""

    def __init__(self, session: Session, shape: tuple[int, ...], bit_depth: int, *, tiny_model: Any,
                 model: Optional[str], device: Any, neg: bool, features: Sequence[str]) -> None:
        self._session = session
        self._rows = bytearray()
        limits = limited() if neg else []
        tiny = tiny_model_params(session, "none" if model is not None and tiny_model is None else tiny_model)
        if tiny is not None and limits:
            tiny.overrides, tiny.n_overrides = requests(limits), len(limits)
        self._tiny = None if tiny is None else self._open(tiny)
        svm = None if model is None else self._open(svm_params(session, model))
        models = [opened for opened in (svm, self._tiny) if opened]
        self._device = self._open_device(device)
        self._scorer = self._create(shape, bit_depth, models, wanted(svm and self._needs(svm), neg, features))
        self._names = self._columns()
        self._row = (ctypes.c_double * len(self._names))()

    def _open(self, params: _abi.ModelParams) -> ctypes.c_void_p:
        return self._session.open("vkv_model_open", "vkv_model_close", ctypes.byref(params))

    def _info(self, model: ctypes.c_void_p) -> _abi.ModelInfo:
        return self._session.library.vkv_model_get_info(model).contents

    def _needs(self, model: ctypes.c_void_p) -> list[tuple[str, str]]:
        """The families that give a model's inputs, with their options."""
        info = self._info(model)
        found = (info.requests[i].contents for i in range(info.n_requests))
        return [(text(request.family), text(request.options)) for request in found]

    def _columns(self) -> list[str]:
        """Names of the columns; the network's score is the last one."""
        count = ctypes.c_uint32()
        columns = self._session.library.vkv_scorer_columns(self._scorer, ctypes.byref(count))
        return [text(columns[i].contents.name) for i in range(count.value)]

    def _open_device(self, device: Any) -> ctypes.c_void_p:
        params = _abi.DeviceParams(struct_size=ctypes.sizeof(_abi.DeviceParams), log=self._session.log,
                                   select=None if device is None else str(device).encode(), cache_dir=cache_dir())
        return self._session.open("vkv_device_open", "vkv_device_close", ctypes.byref(params))

    def _create(self, shape: tuple[int, ...], bit_depth: int, models: list[ctypes.c_void_p],
                pairs: list[tuple[str, str]]) -> ctypes.c_void_p:
        handles = (ctypes.c_void_p * len(models))(*(model.value for model in models))
        params = _abi.ScorerParams(struct_size=ctypes.sizeof(_abi.ScorerParams), width=shape[1], height=shape[0],
                                   bit_depth=bit_depth, n_distorted=1, n_requests=len(pairs),
                                   requests=requests(pairs), models=handles, n_models=len(models))
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
        while self._session.call("vkv_scorer_pull", self._scorer, None, self._row) == _abi.OK:
            self._rows += self._row
            taken += 1
        return taken

    def result(self, seconds: float) -> Result:
        """All frames, after the flush."""
        device = from_info(self._session.library.vkv_device_get_info(self._device).contents, False)
        rows = np.frombuffer(bytes(self._rows), dtype=np.float64).reshape(-1, len(self._names))
        metrics = {name: np.ascontiguousarray(rows[:, at]) for at, name in enumerate(self._names)}
        tiny = None
        if self._tiny:
            raw = metrics[self._names[-1]]
            tiny = self._tiny_scores(raw, device.name)
            metrics[self._names[-1]] = np.clip(raw, 0.0, 100.0)
        return Result(metrics=metrics, pooled={name: pool(values) for name, values in metrics.items()}, device=device,
                      tiny_model=tiny, fps=len(rows) / seconds if seconds > 0 else 0.0,
                      version=text(self._session.library.vkv_version()))

    def _tiny_scores(self, raw: np.ndarray, device: str) -> TinyModel:
        info = self._info(self._tiny)
        return TinyModel(name=text(info.name), kind=text(info.kind), quant_mode=text(info.quant_mode),
                         file=text(info.file), device=device, mean=mean(raw), per_frame=raw)
