"""The one entry point: paths go to the program, frames to the library."""
from __future__ import annotations

import os
from typing import Any, Iterable, Optional, Sequence, Union

import numpy as np

from ._frames import score_frames
from ._models import svm_argument
from ._program import run
from ._result import Result

Path = Union[str, bytes, "os.PathLike[Any]"]
Video = Union[Path, np.ndarray, Iterable[Any]]

_PATHS = (str, bytes, os.PathLike)
_HFR = {None: None, True: "on", False: "off"}


def _file(path: Path) -> str:
    name = os.fsdecode(path)
    return "./-" if name == "-" else name              # a file of that name, not standard input


def _tiny_model(tiny_model: Path) -> str:
    name = os.fsdecode(tiny_model)
    bare = isinstance(tiny_model, os.PathLike) and "/" not in name
    return f"./{name}" if bare else name               # a Path is a path, and never an id


def score(ref: Video, dist: Video, tiny_model: Optional[Path] = None, model: Optional[Path] = None,
          device: Union[str, int, None] = None, *, neg: bool = False, features: Sequence[str] = (),
          bit_depth: Optional[int] = None, width: Optional[int] = None, height: Optional[int] = None,
          pixel_format: Union[str, int, None] = None, max_frames: Optional[int] = None, view: Optional[str] = None,
          hfr: Optional[bool] = None, scale_to: Optional[str] = None) -> Result:
    """Scores a distorted video against its reference. Blocks until all frames are done.

    ref, dist: both paths of what the program vkvmaf reads, which then runs; or both frames of luma: arrays of shape
        [n, height, width] of type uint8 or uint16, or iterables of such two-dimensional arrays, with any strides.
        Iterables are read as frames are needed; memory stays constant.
    tiny_model: the network, as a path or an id of the registry of models; "none" for features only. Default:
        vmaf_tiny_v2, but none with `model`.
    model: a model of libvmaf, in its command line's words, "version=vmaf_v0.6.1neg:name=neg" for example; or just its
        version, or the path of its JSON file.
    device: an index of devices(), a uuid, a part of the name, or "cpu" for the slow reference. Default: the first
        real GPU, else a software driver.
    neg: no credit for enhancement; the names of limited features then end in "_egl_1".
    features: families besides, with options, in the words of the program's --feature: ["adm=adm_enhn_gain_limit=1",
        "motion=debug=true"]; families() lists them. Of frames psnr gives psnr_y only.
    bit_depth: of frames of type uint16, 9 to 16, with the value in the low bits; of raw video by path.
    width, height, pixel_format: of raw video by path; pixel_format is 420, 422 or 444.
    max_frames: stop after so many.
    view: the model of VMAF v1 by how videos by path are watched, in place of a network: "1080p", "2160p", "phone" or
        "tv".
    hfr: whether the view's model is that for high frame rates. Default: from 48 frames per second on.
    scale_to: the size that both videos by path are scaled to: "1280x720", or "1080p" or "2160p" to fill a display.

    The values are equal in every bit on all devices, and for frames and paths alike.

    Raises VkvmafError with the line of the library or program that failed; TypeError or ValueError for arguments that
    are neither. Warns (VkvmafWarning) when one video ends before the other. Safe from any number of threads.
    """
    if max_frames is not None and max_frames < 1:
        raise ValueError(f"max_frames is {max_frames}; a number from 1 was expected")
    if isinstance(features, (str, bytes)) or not all(isinstance(feature, str) for feature in features):
        raise TypeError(f"features is {features!r}; a list of strings was expected, "
                        "[\"motion=debug=true\"] for example")
    if neg and model is not None:
        raise ValueError("neg and model: a model says itself what it needs, vmaf_v0.6.1neg for example")
    if hfr not in (None, True, False):
        raise TypeError(f"hfr is {hfr!r}; True or False was expected")
    by_path = {option: value for option, value in {
        "width": width, "height": height, "pixel_format": pixel_format, "view": view, "hfr": _HFR[hfr],
        "scale_to": scale_to}.items() if value is not None}
    if not isinstance(ref, _PATHS) and not isinstance(dist, _PATHS):
        if by_path:
            raise TypeError(f"{' and '.join(by_path)}: only for videos by path; frames are luma, in their own size")
        return score_frames(ref, dist, bit_depth=bit_depth, max_frames=max_frames, tiny_model=tiny_model,
                            model=None if model is None else svm_argument(model), device=device, neg=neg,
                            features=features)
    if not isinstance(ref, _PATHS) or not isinstance(dist, _PATHS):
        raise TypeError("ref and dist must both be paths, or both be frames")
    options = {"--reference": _file(ref), "--distorted": _file(dist), "--bitdepth": bit_depth,
               "--frame_cnt": max_frames, **{f"--{name}": value for name, value in by_path.items()},
               "--model": None if model is None else svm_argument(model),
               "--tiny-model": None if tiny_model is None else _tiny_model(tiny_model), "--device": device}
    arguments = [str(part) for option, value in options.items() if value is not None for part in (option, value)]
    arguments += [part for feature in features for part in ("--feature", feature)]
    return run(arguments + (["--neg"] if neg else []))
