"""How long cases took before and after the change, up to the horizon."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from potok.report.verification.results import EffectResults
from potok.verify.protocol.model import OutcomeKind
from potok.verify.study import Floats, Side

_BINS: Final = 12
_STEPS: Final = (0.5, 1.0, 2.0, 5.0, 7.0, 10.0, 14.0, 15.0, 20.0, 30.0, 50.0, 60.0, 100.0)


@dataclass(frozen=True, slots=True)
class DistributionBin:
    """Cases whose duration lies in [from, to) days; the last bin holds those not closed within the horizon."""

    from_days: float
    to_days: float
    before_share: float
    after_share: float
    before_cases: int
    after_cases: int
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class Distribution:
    """Bins in order.

    Parameters
    ----------
    horizon_days
        Up to which durations are counted.
    before_mean, after_mean
        Restricted means, days.
    """

    bins: tuple[DistributionBin, ...]
    horizon_days: float
    before_mean: float
    after_mean: float


def make_distribution(results: EffectResults) -> Distribution | None:
    """Count cases by duration on both sides; None unless the outcome is a duration and both sides have cases."""
    arms, estimand = results.arms, results.protocol.estimand
    if arms is None or estimand.outcome is not OutcomeKind.CASE_DURATION:
        return None
    sides = [arms.outcome[(arms.side == side) & np.isfinite(arms.outcome)] for side in (Side.BEFORE, Side.AFTER)]
    if not all(map(len, sides)):
        return None
    horizon = estimand.horizon_days
    longest = max(float(side[side < horizon].max(initial=0.0)) for side in sides)
    edges = _edges(min(horizon, longest))
    bins = [_bin(sides, low, min(high, horizon)) for low, high in pairwise(edges)]
    bins.append(_beyond(sides, horizon))
    return Distribution(tuple(bins), horizon, float(sides[0].mean()), float(sides[1].mean()))


def _edges(longest: float) -> list[float]:
    step = next((step for step in _STEPS if longest / step <= _BINS), longest / _BINS)
    return [number * step for number in range(int(longest // step) + 2)]


def _bin(sides: list[Floats], low: float, high: float) -> DistributionBin:
    counts = [int(((side >= low) & (side < high)).sum()) for side in sides]
    return _as_bin(sides, counts, low, high, is_beyond=False)


def _beyond(sides: list[Floats], horizon: float) -> DistributionBin:
    counts = [int((side >= horizon).sum()) for side in sides]
    return _as_bin(sides, counts, horizon, float("inf"), is_beyond=True)


def _as_bin(sides: list[Floats], counts: list[int], low: float, high: float, *, is_beyond: bool) -> DistributionBin:
    shares = [count / len(side) for count, side in zip(counts, sides, strict=True)]
    return DistributionBin(low, high, shares[0], shares[1], counts[0], counts[1], is_beyond)
