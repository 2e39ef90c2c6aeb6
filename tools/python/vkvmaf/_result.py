"""What a run gives: values per frame, pooled values, who computed them."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from ._devices import Device
from ._families import is_feature


@dataclass(frozen=True)
class Pooled:
    """The values of a metric over all frames."""

    min: float
    max: float
    mean: float
    harmonic_mean: float               # n / sum(1 / (x + 1)) - 1, as libvmaf computes it
    perc1: float                       # percentiles: linear between the two nearest values
    perc5: float
    perc10: float
    perc20: float


@dataclass(frozen=True)
class TinyModel:
    """The network, and what it gave before its scores were clipped to 0..100."""

    name: str
    kind: str
    quant_mode: str
    file: str
    device: str
    mean: float
    per_frame: np.ndarray


@dataclass(frozen=True)
class Result:
    """A scored video. Arrays are of type float64, with one value per frame; NaN where there is none."""

    metrics: dict[str, np.ndarray]     # by the names of the program's log
    pooled: dict[str, Pooled]
    device: Device
    tiny_model: Optional[TinyModel]
    fps: float                         # frames per second, from the first to the last one
    version: str                       # of the library
    notes: tuple[str, ...] = ()        # what was done to the videos besides comparing them: a conversion, say
    aggregate: dict[str, float] = field(default_factory=dict)    # libvmaf's aggregate metrics of some models

    @property
    def n_frames(self) -> int:
        """The number of frames that were compared."""
        return len(next(iter(self.metrics.values())))

    @property
    def scores(self) -> dict[str, np.ndarray]:
        """The metrics that are scores of models: all but the features they are made from."""
        return {name: values for name, values in self.metrics.items() if not is_feature(name)}


def _total(values: np.ndarray) -> float:
    """Added one after the other, as the program does; numpy's sum has another order, and other bits."""
    return float(np.add.accumulate(values)[-1])


def mean(values: np.ndarray) -> float:
    return _total(values) / len(values)


def _percentile(ordered: np.ndarray, percent: int) -> float:
    at = percent / 100.0 * (len(ordered) - 1)
    below = int(at)
    if np.isnan(ordered[-1]) or below + 1 == len(ordered):
        return float(ordered[-1])
    return float(ordered[below] + (at - below) * (ordered[below + 1] - ordered[below]))


def pool(values: np.ndarray) -> Pooled:
    """Equal in every bit to what the program pools."""
    with np.errstate(divide="ignore", invalid="ignore"):
        harmonic = np.float64(len(values)) / np.float64(_total(1.0 / (values + 1.0))) - 1.0
    smallest = largest = values[0]
    for value in values:               # not numpy's min and max: comparisons with NaN are false
        smallest = value if value < smallest else smallest
        largest = value if value > largest else largest
    ordered = np.sort(values)          # NaN comes last
    return Pooled(float(smallest), float(largest), mean(values), float(harmonic),
                  *(_percentile(ordered, percent) for percent in (1, 5, 10, 20)))
