"""The Vulkan devices of this machine."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Optional

from . import _abi
from ._library import Session, text

_TYPES = {_abi.DEVICE_OTHER: "other", _abi.DEVICE_INTEGRATED_GPU: "integrated", _abi.DEVICE_DISCRETE_GPU: "discrete",
          _abi.DEVICE_VIRTUAL_GPU: "virtual", _abi.DEVICE_SOFTWARE: "software",
          _abi.DEVICE_CPU_REFERENCE: "reference"}


@dataclass(frozen=True)
class Device:
    """A device: one that could run, or the one that ran. What is not known or does not apply is None."""

    name: str
    driver: Optional[str]
    uuid: Optional[str]
    api_version: Optional[str]         # for example "1.3.239"; None for the CPU reference
    form: Optional[str] = None         # of the one that ran: "portable", "texel", "narrow", "unrolled" or "reference"
    index: Optional[int] = None        # of a listed one; not stable between machines or driver versions
    type: Optional[str] = None         # of a listed one: "discrete", "integrated", "virtual", "software", "other"
    usable: bool = True                # whether it meets the baseline
    reason: Optional[str] = None       # why not: the feature or limit, found and needed values


def _api_version(version: int) -> Optional[str]:
    return f"{version >> 22 & 0x7f}.{version >> 12 & 0x3ff}.{version & 0xfff}" if version else None


def from_info(info: _abi.DeviceInfo, listed: bool) -> Device:
    """From the library's description."""
    return Device(name=text(info.name), driver=text(info.driver) or None, uuid=text(info.uuid) or None,
                  api_version=_api_version(info.api_version), form=text(info.form) or None,
                  index=info.index if listed else None, type=_TYPES.get(info.type, "other") if listed else None,
                  usable=bool(info.meets_baseline), reason=text(info.reason) or None)


def devices() -> list[Device]:
    """Lists the Vulkan devices. The CPU reference, device="cpu", is always there and not listed.

    Raises VkvmafError when the library or a Vulkan driver fails; no driver at all is an empty list.
    """
    with Session() as session:
        params = _abi.DeviceParams(struct_size=ctypes.sizeof(_abi.DeviceParams), log=session.log)
        infos = ctypes.POINTER(ctypes.POINTER(_abi.DeviceInfo))()
        count = ctypes.c_uint32()
        session.call("vkv_device_list", ctypes.byref(params), ctypes.byref(infos), ctypes.byref(count))
        try:
            return [from_info(infos[i].contents, True) for i in range(count.value)]
        finally:
            session.library.vkv_device_list_free(ctypes.byref(infos))
