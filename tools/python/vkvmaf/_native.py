"""Where the library, the program and the models are: in this package, or installed on the system."""
from __future__ import annotations

import ctypes
import functools
import os
import shutil
from pathlib import Path
from typing import Optional

from . import _abi
from ._errors import VkvmafError

_FOLDER = Path(__file__).resolve().parent / "native"
_LIBRARY = f"libvkvmaf.so.{_abi.VERSION_MAJOR}"


@functools.lru_cache(maxsize=None)
def library() -> ctypes.CDLL:
    """The library, with its functions declared. Calls into it let other Python threads run."""
    own = _FOLDER / "lib" / _LIBRARY
    try:
        loaded = ctypes.CDLL(str(own) if own.exists() else _LIBRARY)
    except OSError as error:
        raise VkvmafError(f"{_LIBRARY} cannot be loaded: {error}") from None
    loaded.vkv_version.restype = ctypes.c_char_p
    version = loaded.vkv_version().decode()
    if version.split(".")[:2] != [str(_abi.VERSION_MAJOR), str(_abi.VERSION_MINOR)]:
        raise VkvmafError(f"{_LIBRARY} has version {version}; "
                          f"this package needs {_abi.VERSION_MAJOR}.{_abi.VERSION_MINOR}")
    return _abi.declare(loaded)


def program() -> str:
    """The path of the command line tool."""
    own = _FOLDER / "bin" / "vkvmaf"
    found = str(own) if own.exists() else shutil.which("vkvmaf")
    if not found:
        raise VkvmafError("the program vkvmaf is neither in this package nor on PATH")
    return found


def models_dir() -> Path:
    """Where the ids of models are looked up: as the program does, in $VKVMAF_MODELS, else beside it."""
    named = os.environ.get("VKVMAF_MODELS")
    return Path(named) if named else Path(program()).resolve().parent.parent / "share" / "vkvmaf" / "models"


def cache_dir() -> Optional[bytes]:
    """Where compiled kernels are kept, as the program does: $VKVMAF_CACHE (empty: nowhere), else below the user's
    cache folder."""
    own = os.environb.get(b"VKVMAF_CACHE")
    if own is not None:
        return own or None
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(xdg) if os.path.isabs(xdg) else Path(os.path.expanduser("~"), ".cache")
    try:
        (base / "vkvmaf").mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return os.fsencode(base / "vkvmaf" / "pipelines")
