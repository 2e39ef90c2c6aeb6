"""VMAF's features, bit for bit, on any GPU with Vulkan 1.1, fused by a tiny neural network.

    import vkvmaf

    result = vkvmaf.score("ref.y4m", "dist.y4m")
    result.metrics["vmaf_tiny_v2"]           # one value per frame
    result.pooled["vmaf_tiny_v2"].mean

Frames in memory are scored alike: score(ref, dist) takes arrays of shape [n, height, width], or iterables of
two-dimensional ones. Each call of score and devices is independent: any number of threads may make them at once.
"""
from ._devices import Device, devices
from ._families import Family, Option, families
from ._errors import VkvmafError, VkvmafWarning
from ._result import Pooled, Result, TinyModel
from ._score import score

__all__ = ["Device", "Family", "Option", "Pooled", "Result", "TinyModel", "VkvmafError", "VkvmafWarning", "devices",
           "families", "score"]
