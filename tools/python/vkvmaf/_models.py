"""From what names a model to the library's parameters, as the program does it: networks, and libvmaf's models."""
from __future__ import annotations

import ctypes
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

# Where libvmaf's models are usually installed; those that begin with "/.." lie beside the program. A test holds them
# against the program's list.
SVM_FOLDERS = [
    "/../share/vmaf",
    "/../share/model",
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


def _svm_folders() -> Iterator[str]:
    yield from filter(None, os.environ.get("VKVMAF_LIBVMAF_MODELS", "").split(":"))
    for folder in SVM_FOLDERS:
        yield os.path.dirname(os.path.realpath(program())) + folder if folder.startswith("/..") else folder


def _find_version(version: str) -> str:
    if version.startswith(".") or "/" in version:
        raise VkvmafError(f'the model\'s version is "{version}"; a name such as {_DEFAULT_SVM} was expected, or path=')
    folders = list(_svm_folders())
    for folder in folders:
        if os.path.exists(f"{folder}/{version}.json"):
            return f"{folder}/{version}.json"
    raise VkvmafError(f"there is no {version}.json in {', '.join(folders)}; name its folder in VKVMAF_LIBVMAF_MODELS")


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
