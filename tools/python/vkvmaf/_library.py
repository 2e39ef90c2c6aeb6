"""Calls of the library: log lines become exceptions and warnings, handles are closed."""
from __future__ import annotations

import ctypes
import warnings
from typing import Any, Iterable

from . import _abi
from ._errors import VkvmafError, VkvmafWarning
from ._native import library


def text(value: bytes) -> str:
    """A string of the library; it may hold what a hostile file does."""
    return value.decode("utf-8", "replace")


class Session:
    """The library with a log of its own and the handles that were opened with it. For one thread."""

    def __init__(self) -> None:
        self.library = library()
        self._errors: list[str] = []
        self._warnings: list[str] = []
        # The library keeps this until the handles are closed.
        self._log_function = _abi.LogFn(self._take_line)
        self.log = _abi.Log(self._log_function, None)
        self._handles: list[tuple[Any, ctypes.c_void_p]] = []

    def _take_line(self, _user: Any, level: int, line: bytes) -> None:
        if level == _abi.LOG_ERROR:
            self._errors.append(text(line))
        elif level == _abi.LOG_WARNING:
            self._warnings.append(text(line))

    def call(self, name: str, *arguments: Any) -> int:
        """Calls a function; a negative result is raised with the line that the library has logged."""
        self._errors.clear()
        code = getattr(self.library, name)(*arguments)
        if code < 0:
            raise VkvmafError(self._errors[-1] if self._errors else
                              f"{name} failed with {text(self.library.vkv_strerror(code))}")
        return code

    def open(self, opener: str, closer: str, *arguments: Any) -> ctypes.c_void_p:
        """Opens a handle. It is closed with the session, the last one first."""
        handle = ctypes.c_void_p()
        self.call(opener, *arguments, ctypes.byref(handle))
        self._handles.append((getattr(self.library, closer), handle))
        return handle

    def warnings(self) -> list[str]:
        """The warnings so far, each once."""
        return list(dict.fromkeys(self._warnings))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exception: Any) -> None:
        while self._handles:
            close, handle = self._handles.pop()
            close(ctypes.byref(handle))


def warn(lines: Iterable[str]) -> None:
    """Hands lines to Python's warnings, as of the line that called score: three calls up."""
    for line in lines:
        warnings.warn(line, VkvmafWarning, stacklevel=4)
