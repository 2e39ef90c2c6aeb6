"""The families of features that the library has, and requests for them."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Iterable, Optional

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
    is_default: bool                   # computed where nothing is asked for


def families() -> list[Family]:
    """Lists the families of features that the library has."""
    count = ctypes.c_uint32()
    infos = library().vkv_family_list(ctypes.byref(count))
    return [_family(infos[i].contents) for i in range(count.value)]


def is_feature(name: str) -> bool:
    """Whether a metric is a family's: its name is that of a column, and options may follow."""
    return any(name == column or name.startswith(column + "_") for family in families() for column in family.columns)


def _family(info: _abi.FamilyInfo) -> Family:
    options = (info.options[i].contents for i in range(info.n_options))
    return Family(name=text(info.name), summary=text(info.summary),
                  options=tuple(Option(text(o.name), text(o.values), text(o.default_value), text(o.summary))
                                for o in options),
                  columns=tuple(text(info.columns[i]) for i in range(info.n_columns)),
                  is_default=bool(info.flags & _abi.FAMILY_DEFAULT))


def _named_alike(family: str, options: str) -> tuple[Any, ...]:
    """What the names of the columns depend on: the family and its numbers. Options that are true or false add columns
    and rename none."""
    words = dict(word.partition("=")[::2] for word in options.split(":"))
    numbers = [words.get(option.name, option.default) for known in families() if known.name == family
               for option in known.options if option.default not in ("true", "false")]
    return family, *map(_number, numbers)


def _number(value: str) -> str:
    """The six digits that the library keeps of a number."""
    try:
        return f"{ctypes.c_float(float(value)).value:g}"
    except ValueError:                 # the library refuses it by name
        return value


def wanted(needed: Optional[list[tuple[str, str]]], neg: bool, features: Iterable[str]) -> list[tuple[str, str]]:
    """What the program computes, in its order, as pairs of family and options: what libvmaf's model needs; without one
    (None) every default family, as `features` has it where that names it; then the rest of `features`. Of two that name
    their columns alike the first counts."""
    asked = [(name, options) for name, _, options in (feature.partition("=") for feature in features)]
    if needed is None:
        first = {_named_alike(*pair): pair for pair in reversed(asked)}
        own = limited() if neg else [(name, "") for name, _ in limited()]
        needed = [first.get(_named_alike(*pair), pair) for pair in own]
    kept: dict[tuple[Any, ...], tuple[str, str]] = {}
    for pair in needed + asked:
        kept.setdefault(_named_alike(*pair), pair)
    return list(kept.values())


def requests(pairs: Iterable[tuple[str, str]]) -> Any:
    """An array of the library's requests, from pairs of family and options."""
    made = [_abi.Request(ctypes.sizeof(_abi.Request), 0, family.encode(), options.encode())
            for family, options in pairs]
    return (_abi.Request * len(made))(*made)


def limited() -> list[tuple[str, str]]:
    """The default families, with gain limits of 1 where they have one."""
    return [(family.name, ":".join(f"{option.name}=1" for option in family.options
                                   if option.name.endswith("_enhn_gain_limit")))
            for family in families() if family.is_default]
