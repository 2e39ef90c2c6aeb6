"""Frames in memory: checked, and handed to the library without a copy where their rows are contiguous."""
from __future__ import annotations

import ctypes
import itertools
import time
from typing import Any, Iterable, Iterator, Optional

import numpy as np

from . import _abi
from ._library import Session, warn
from ._result import Result
from ._scorer import Scorer


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
    luma = _abi.Plane(struct_size=ctypes.sizeof(_abi.Plane), data=kept.ctypes.data, stride_bytes=kept.strides[0])
    return _abi.Picture(ctypes.sizeof(_abi.Picture), 1, ctypes.pointer(luma)), kept


def score_frames(ref: Iterable[Any], dist: Iterable[Any], *, bit_depth: Optional[int], max_frames: Optional[int],
                 **options: Any) -> Result:
    notes: list[str] = []
    pairs = itertools.islice(_pairs(_planes(ref, "ref"), _planes(dist, "dist"), notes), max_frames)
    first = next(pairs, None)
    if first is None:
        raise ValueError("there are no frames" if not notes else f"there are no frames: {notes[0]}")
    form = _Format(first[0], bit_depth)
    with Session() as session:
        scorer = Scorer(session, form.shape, form.bit_depth, **options)
        started = time.monotonic()
        for number, (a, b) in enumerate(itertools.chain([first], pairs)):
            form.check(a, f"frame {number} of ref")
            form.check(b, f"frame {number} of dist")
            pictures = _picture(a), _picture(b)
            scorer.push(pictures[0][0], pictures[1][0])
        scorer.flush()
        result = scorer.result(time.monotonic() - started)
        notes += session.warnings()
    warn(notes)
    return result
