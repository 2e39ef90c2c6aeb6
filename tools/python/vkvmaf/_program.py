"""Videos by their paths: the program scores them, its log is the result."""
from __future__ import annotations

import json
import subprocess
from typing import Any, Optional

import numpy as np

from ._devices import Device
from ._errors import VkvmafError
from ._library import warn
from ._native import program
from ._result import Pooled, Result, TinyModel

_PREFIX = "vkvmaf: "


def _array(values: list[Optional[float]]) -> np.ndarray:
    return np.array(values, dtype=np.float64)          # None becomes NaN


def _number(value: Optional[float]) -> float:
    return float("nan") if value is None else float(value)


def _tiny_model(block: Optional[dict[str, Any]]) -> Optional[TinyModel]:
    if block is None:
        return None
    return TinyModel(**{**block, "mean": _number(block["mean"]), "per_frame": _array(block["per_frame"])})


def from_log(log: dict[str, Any]) -> Result:
    """From the program's JSON log."""
    frames = [frame["metrics"] for frame in log["frames"]]
    return Result(
        metrics={name: _array([frame.get(name) for frame in frames]) for name in log["pooled_metrics"]},
        pooled={name: Pooled(**{how: _number(value) for how, value in values.items()})
                for name, values in log["pooled_metrics"].items()},
        device=Device(**log["device"]),
        tiny_model=_tiny_model(log.get("tiny_model")),
        fps=log["fps"],
        version=log["version"],
        notes=tuple(log.get("notes", ())),
        aggregate={name: _number(value) for name, value in log["aggregate_metrics"].items()})


def _messages(stderr: bytes) -> list[str]:
    lines = stderr.decode("utf-8", "replace").splitlines()
    return [line[len(_PREFIX):] if line.startswith(_PREFIX) else line for line in lines if line]


def run(arguments: list[str]) -> Result:
    """Runs the program. What it says beside a result becomes warnings; a failure is raised with its last line."""
    command = [program(), *arguments, "--json", "--extra-fields", "on", "--precision", "17", "--output", "-",
               "--quiet"]
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
    messages = _messages(finished.stderr)
    if finished.returncode:
        raise VkvmafError(messages[-1] if messages else
                          f"{command[0]} ended with status {finished.returncode} and without a message")
    try:
        result = from_log(json.loads(finished.stdout))
    except (ValueError, KeyError, TypeError) as error:
        raise VkvmafError(f"{command[0]} wrote a log that is not understood: {error!r}") from error
    warn(messages)
    return result
