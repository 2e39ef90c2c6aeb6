"""From what names a model to the library's parameters, as the program does it: networks, and libvmaf's models."""
from __future__ import annotations

import ctypes
import glob
import os
import re
from typing import Any, Iterator, Optional

from . import _abi
from ._errors import VkvmafError
from ._families import requests
from ._library import Session
from ._native import models_dir, program

_DEFAULT_TINY_MODEL = "vmaf_tiny_v2"
_DEFAULT_SVM = "vmaf_v0.6.1"

# Where libvmaf's models are looked up, as the program has it (a test compares both): beside the program where a folder
# begins with "/..", and below a variable's folder where it begins with "$".
SVM_FOLDERS = [
    "/../share/vmaf",
    "/../share/model",
    "$XDG_DATA_HOME/vkvmaf/libvmaf-models",
    "$HOME/.local/share/vkvmaf/libvmaf-models",
    "/usr/local/share/model",
    "/usr/share/model",
    "/usr/local/share/vmaf",
    "/usr/share/vmaf",
    "/usr/local/share/vmaf/model",
    "/usr/share/vmaf/model",
    "/usr/local/share/libvmaf/model",
    "/usr/share/libvmaf/model",
    "/opt/homebrew/share/libvmaf/model",
    "/home/linuxbrew/.linuxbrew/share/libvmaf/model",
]
# Python's folders of packages, where a package may have brought them.
PACKAGE_FOLDERS = [
    "/../../..",
    "$VIRTUAL_ENV/lib/python3*/site-packages",
    "$CONDA_PREFIX/lib/python3*/site-packages",
    "$HOME/.local/lib/python3*/site-packages",
    "$HOME/.local/share/pipx/venvs/ffmpeg-quality-metrics/lib/python3*/site-packages",
    "$HOME/.local/share/uv/tools/ffmpeg-quality-metrics/lib/python3*/site-packages",
    "$HOME/.pyenv/versions/*/lib/python3*/site-packages",
    "/usr/local/lib/python3*/site-packages",
    "/usr/local/lib/python3*/dist-packages",
    "/usr/lib/python3*/site-packages",
    "/usr/lib/python3/dist-packages",
]
# libvmaf's source has the models of VMAF v1 in folders of their own.
FOLDERS_BELOW = [
    "vmaf_v1.0.16",
    "vmaf_v1.0.16_hfr",
]
_PACKAGE_MODELS = "/ffmpeg_quality_metrics/vmaf_models"
_FLAGS = {"disable_clip": _abi.MODEL_DISABLE_CLIP, "enable_transform": _abi.MODEL_ENABLE_TRANSFORM}
# An option of a family of features, instead of the model's own.
_OVERRIDE = re.compile(r"([a-z0-9_]+)\.([a-z0-9_]+=[^:]+)")


def tiny_model_params(session: Session, tiny_model: Any) -> Optional[_abi.ModelParams]:
    """As the program resolves --tiny-model: with a '/' or ending in ".onnx" it is a path, otherwise an id."""
    named = None if tiny_model is None else os.fsdecode(tiny_model)
    if named == "none" and not isinstance(tiny_model, os.PathLike):
        return None
    params = _abi.ModelParams(struct_size=ctypes.sizeof(_abi.ModelParams), format=_abi.MODEL_ONNX, log=session.log,
                              jail=os.fsencode(os.environ.get("VMAF_TINY_MODEL_DIR", "")) or None)
    if named and (isinstance(tiny_model, os.PathLike) or "/" in named or named.endswith(".onnx")):
        params.path = os.fsencode(named)
        return params
    if named is not None and not re.fullmatch("[a-z0-9_-]+", named):
        raise VkvmafError(f'the model is "{named}": neither a path (with a \'/\', or ending in .onnx) '
                          "nor an id (a-z, 0-9, _ and -)")
    folder = models_dir()
    if (folder / "registry.json").exists():
        params.id = (named or _DEFAULT_TINY_MODEL).encode()
        params.models_dir = os.fsencode(folder)
        return params
    if named is None:
        return None
    if not (folder / f"{named}.onnx").exists():
        raise VkvmafError(f'there is no model "{named}": no registry.json and no {named}.onnx in {folder}')
    params.path = os.fsencode(folder / f"{named}.onnx")
    return params


def svm_argument(model: Any) -> str:
    """libvmaf's words for a model; a bare name is a version, a bare path is one."""
    name = os.fsdecode(model)
    if isinstance(model, os.PathLike) or (not re.search("[:=]", name) and ("/" in name or name.endswith(".json"))):
        return f"path={name}"
    return name if re.search("[:=]", name) or name in _FLAGS else f"version={name}"


def _expand(folder: str) -> Optional[tuple[str, str]]:
    """The folder's beginning, which is taken as it is, and the rest. None: there is no such beginning."""
    if folder.startswith("/.."):
        return os.path.dirname(os.path.realpath(program())), folder
    if not folder.startswith("$"):
        return "", folder
    name, slash, rest = folder[1:].partition("/")
    value = os.environ.get(name, "")
    return (value, slash + rest) if value.startswith("/") else None


def _roots() -> Iterator[str]:
    yield from filter(None, os.environ.get("VKVMAF_LIBVMAF_MODELS", "").split(":"))
    for beginning, rest in filter(None, map(_expand, SVM_FOLDERS)):
        yield beginning + rest
    for beginning, rest in filter(None, map(_expand, PACKAGE_FOLDERS)):
        yield from sorted(glob.glob(glob.escape(beginning) + rest + _PACKAGE_MODELS))


def _svm_folders() -> Iterator[str]:
    for folder in _roots():
        yield folder
        yield from filter(os.path.isdir, (f"{folder}/{below}" for below in FOLDERS_BELOW))


def _find_version(version: str) -> str:
    if version.startswith(".") or "/" in version:
        raise VkvmafError(f'the model\'s version is "{version}"; a name such as {_DEFAULT_SVM} was expected, or path=')
    folders = list(_svm_folders())
    for folder in folders:
        if os.path.exists(f"{folder}/{version}.json"):
            return f"{folder}/{version}.json"
    raise VkvmafError(f"there is no {version}.json in {', '.join(folders)}; \"python -m vkvmaf models install\" gets "
                      "libvmaf's models but for vmaf_b_v0.6.3, or name its folder in VKVMAF_LIBVMAF_MODELS")


def _take_word(word: str, params: _abi.ModelParams, texts: dict[str, str], overrides: dict[str, list[str]]) -> None:
    key, has_value, value = word.partition("=")
    if key in _FLAGS and value in (("true", "false") if has_value else ("",)):
        params.flags |= 0 if value == "false" else _FLAGS[key]
    elif _OVERRIDE.fullmatch(word):
        family, option = _OVERRIDE.fullmatch(word).groups()
        overrides.setdefault(family, []).append(option)
    elif key in ("path", "version", "name") and value and key not in texts:
        texts[key] = value
    else:
        raise VkvmafError(f'the model\'s word "{word}" is not understood; path=, version=, name= (once each), '
                          f"{', '.join(_FLAGS)}, or FAMILY.OPTION=VALUE was expected")


def svm_params(session: Session, argument: str) -> _abi.ModelParams:
    """From libvmaf's words, separated by colons."""
    params = _abi.ModelParams(struct_size=ctypes.sizeof(_abi.ModelParams), format=_abi.MODEL_LIBVMAF,
                              log=session.log)
    overrides: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for word in argument.split(":"):
        _take_word(word, params, texts, overrides)
    if "path" in texts and "version" in texts:
        raise VkvmafError("path= and version= of a model exclude each other")
    name = texts.get("name", "vmaf")
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_.-]*", name):
        raise VkvmafError(f'the model\'s name is "{name}"; letters, digits, _ . and - were expected, '
                          "a letter or _ first")
    params.name = name.encode()
    params.overrides = requests([(family, ":".join(options)) for family, options in overrides.items()])
    params.n_overrides = len(overrides)
    params.path = os.fsencode(texts.get("path") or _find_version(texts.get("version", _DEFAULT_SVM)))
    return params
