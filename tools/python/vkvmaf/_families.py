"""The families of features that the library has, and requests for them."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Iterable

from . import _abi
from ._library import text
from ._native import library


@dataclass(frozen=True)
class Option:
    """An option of a family, in libvmaf's words."""

    name: str
    values: str                        # those that are taken, for people
    default: str
    summary: str


@dataclass(frozen=True)
class Family:
    """A family of features: what libvmaf calls a feature extractor."""

    name: str
    summary: str
    options: tuple[Option, ...]
    columns: tuple[str, ...]           # names of its metrics without options


def families() -> list[Family]:
    """Lists the families of features that the library has."""
    count = ctypes.c_uint32()
    infos = library().vkv_family_list(ctypes.byref(count))
    return [_family(infos[i].contents) for i in range(count.value)]


def _family(info: _abi.FamilyInfo) -> Family:
    options = (info.options[i].contents for i in range(info.n_options))
    return Family(name=text(info.name), summary=text(info.summary),
                  options=tuple(Option(text(o.name), text(o.values), text(o.default_value), text(o.summary))
                                for o in options),
                  columns=tuple(text(info.columns[i]) for i in range(info.n_columns)))


def requests(wanted: Iterable[tuple[str, str]]) -> Any:
    """An array of the library's requests, from pairs of family and options."""
    pairs = list(wanted)
    return (_abi.Request * len(pairs))(*(_abi.Request(ctypes.sizeof(_abi.Request), 0, family.encode(),
                                                      options.encode()) for family, options in pairs))


def limited() -> list[tuple[str, str]]:
    """All families, with gain limits of 1 where they have one."""
    return [(family.name, ":".join(f"{option.name}=1" for option in family.options
                                   if option.name.endswith("_enhn_gain_limit"))) for family in families()]
