"""Distributions as tables that a compiled loop can draw from.

Fixed, exponential and empirical times are computed exactly. All others are tabulated at knots that lie denser the
nearer they come to 0 or to 1: each halving of the way to an end is divided into 64 equal steps, down to 2⁻³⁰ (about
1e-9), and quantiles between two knots are taken on the line between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor, frexp, log1p
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.core.time_units import SECOND_US
from potok.simulate.kernel.loops import inmost
from potok.simulate.model.distributions import Distribution, DistributionKind, quantiles

Reals = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_FIXED: Final = 0
_EXPONENTIAL: Final = 1
_EMPIRICAL: Final = 2
_TABULATED: Final = 3
STEPS: Final = 64
HALVINGS: Final = 30
KNOTS: Final = HALVINGS * STEPS + 1
_CACHED: Final = 4096
LONGEST_US: Final = 4e18


class QuantileTables(NamedTuple):
    """Distributions for compiled loops.

    Parameters
    ----------
    kind
        (d,) int64: how each is computed.
    scale_us
        (d,) float64: value of a fixed one, mean of an exponential one.
    first
        (d + 1,) int64: the knots of distribution d are ``values_us[first[d]:first[d + 1]]``.
    values_us
        Knots: of an empirical one its quantiles; of a tabulated one, those of the lower half from the middle down to 0,
        then those of the upper half from the middle up to 1.
    """

    kind: Integers
    scale_us: Reals
    first: Integers
    values_us: Reals


@dataclass(slots=True)
class _Rows:
    kinds: list[int]
    scales: list[float]
    knots: list[Reals]


def tabulate_distributions(distributions: Sequence[Distribution]) -> QuantileTables:
    """Tabulate distributions, in their order."""
    rows = _Rows([], [], [])
    for distribution in distributions:
        kind, scale, knots = _tabulated(distribution)
        rows.kinds.append(kind)
        rows.scales.append(scale)
        rows.knots.append(knots)
    first = np.concatenate([[0], np.cumsum([len(knots) for knots in rows.knots])]).astype(np.int64)
    values = np.concatenate([*rows.knots, np.zeros(1)])
    return QuantileTables(np.array(rows.kinds, np.int64), np.array(rows.scales, np.float64), first, values)


@lru_cache(maxsize=_CACHED)
def _tabulated(distribution: Distribution) -> tuple[int, float, Reals]:
    nothing = np.zeros(0, np.float64)
    is_cut = distribution.low_seconds > 0 or distribution.high_seconds > 0
    if distribution.kind is DistributionKind.FIXED:
        return _FIXED, distribution.mean_seconds * SECOND_US, nothing
    if distribution.kind is DistributionKind.EXPONENTIAL and not is_cut:
        return _EXPONENTIAL, distribution.mean_seconds * SECOND_US, nothing
    if distribution.kind is DistributionKind.EMPIRICAL:
        return _EMPIRICAL, 0.0, np.asarray(distribution.quantiles_seconds, np.float64) * SECOND_US
    shares = knot_shares()
    upper = quantiles(distribution, 1.0 - shares)
    return _TABULATED, 0.0, np.concatenate([quantiles(distribution, shares), upper]) * SECOND_US


@lru_cache(maxsize=1)
def knot_shares() -> Reals:
    """Return the shares of the lower half's knots, from one half down to 0; (1921,)."""
    halving = np.arange(HALVINGS)[:, np.newaxis]
    inside = 2.0 ** (-1.0 - halving) * (1.0 - 0.5 * np.arange(STEPS) / STEPS)
    return np.append(inside.ravel(), 2.0 ** (-1.0 - HALVINGS))


@inmost
def draw_us(tables: QuantileTables, place: int, share: float) -> int:
    """Return a distribution's quantile in whole microseconds, never negative.

    Parameters
    ----------
    share
        In (0, 1), not one of its ends.
    """
    kind = tables.kind[place]
    if kind == _FIXED:
        value = float(tables.scale_us[place])
    elif kind == _EXPONENTIAL:
        value = -float(tables.scale_us[place]) * log1p(-share)
    else:
        value = _looked_up(tables, place, share)
    return floor(min(max(value, 0.0), LONGEST_US) + 0.5)


@inmost
def _looked_up(tables: QuantileTables, place: int, share: float) -> float:
    first = tables.first[place]
    if tables.kind[place] == _EMPIRICAL:
        knots = tables.first[place + 1] - first
        position = share * (knots - 1)
        below = min(int(position), max(knots - 2, 0))
        above = min(below + 1, knots - 1)
        low = tables.values_us[first + below]
        return float(low + (tables.values_us[first + above] - low) * (position - below))
    if share > 0.5:
        share = 1.0 - share
        first += KNOTS
    if share >= 0.5:
        return float(tables.values_us[first])
    mantissa, exponent = frexp(share)
    halving = -exponent - 1
    if halving >= HALVINGS:
        return float(tables.values_us[first + KNOTS - 1])
    # A share of mantissa · 2^exponent, mantissa in [½, 1), lies in the halving −1 − exponent.
    position = (1.0 - mantissa) * 2.0 * STEPS
    step = min(int(position), STEPS - 1)
    low = tables.values_us[first + halving * STEPS + step]
    return float(low + (tables.values_us[first + halving * STEPS + step + 1] - low) * (position - step))
