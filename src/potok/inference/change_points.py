"""When a series of vectors changed its mean: the points, their intervals, and the rate of false alarms.

A series is searched for its clearest change; if that is clearer than in shuffled series, the series is cut there and
both parts are searched again. Each part is judged at the level of the whole times its share of the length. Parts that
do not change do not overlap, so that the probability of any false alarm is at most the level of the whole.

Estimand: instants at which the distribution of the columns changes its mean. Assumes that between changes the series is
stationary, and that observations a block apart are independent (see `potok.inference.change_points_dependence`). A
slow drift is found as a sequence of steps, a season as recurring ones.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.inference.change_points_dependence import block_length, dependence_length
from potok.inference.change_points_locate import locate, sharpen
from potok.inference.change_points_scan import LEAST_BLOCKS, scan
from potok.inference.estimate import check_share
from potok.inference.observations import Floats, InvalidObservationsError

LEAST_OBSERVATIONS: Final = 40


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """One change.

    Parameters
    ----------
    index
        First observation after the change.
    lower, upper
        Interval of `index` at the level `confidence`.
    p_value
        Adjusted for all parts of the series that were searched: at most the error rate.
    """

    index: int
    lower: int
    upper: int
    p_value: float
    confidence: float


@dataclass(frozen=True, slots=True)
class ChangePoints:
    """All changes of a series, in order.

    Parameters
    ----------
    points
        By index.
    count
        Observations searched.
    block
        Length of the blocks in which the whole series was shuffled.
    error_rate
        Probability of any false alarm, 0–1.
    is_searchable
        Whether there were enough blocks to tell anything.
    """

    points: tuple[ChangePoint, ...]
    count: int
    block: int
    error_rate: float
    is_searchable: bool


def find_change_points(
    values: Floats, *, error_rate: float = 0.05, confidence: float = 0.95, seed: int = 0
) -> ChangePoints:
    """Find when a series of vectors changed its mean.

    Parameters
    ----------
    values
        Shape (n, f): one row per observation, in order of time; columns on any scale.
    error_rate
        Probability of any false alarm that is allowed.
    confidence
        Level of the intervals of the points.

    Raises
    ------
    InvalidObservationsError
        If the array does not have two dimensions, or holds what is not finite.
    InvalidShareError
        If a level does not lie between 0 and 1.

    References
    ----------
    Kovács et al. (2023), "Seeded binary segmentation: a general methodology for fast and optimal changepoint
    detection"; Meinshausen (2008), "Hierarchical testing of variable importance" (levels by share).
    """
    check_share(error_rate, name="error_rate")
    check_share(confidence, name="confidence")
    series = _standardised(values)
    generator = np.random.default_rng(seed)
    dependence = dependence_length(series)
    search = _Search(series, error_rate, generator, dependence)
    length = search.block(0, len(series))
    if not search.is_searchable(0, len(series)):
        return ChangePoints((), len(series), length, error_rate, is_searchable=False)
    found = search.split(0, len(series), parent=0.0)
    points = _located(search, found, confidence=confidence)
    return ChangePoints(points, len(series), length, error_rate, is_searchable=True)


@dataclass(frozen=True, slots=True)
class _Search:
    """A search through a standardised series of shape (n, f)."""

    series: Floats
    error_rate: float
    generator: np.random.Generator
    dependence: float

    def block(self, start: int, end: int) -> int:
        """Return the length of the blocks of a part; short parts cannot tell how far the dependence reaches."""
        part = self.series[start:end]
        return block_length(len(part), dependence=max(self.dependence, dependence_length(part)))

    def is_searchable(self, start: int, end: int) -> bool:
        """Return whether a part has enough blocks."""
        count = end - start
        return count >= LEAST_OBSERVATIONS and count // self.block(start, end) >= LEAST_BLOCKS

    def split(self, start: int, end: int, *, parent: float) -> dict[int, float]:
        """Return the changes within a part, with adjusted p values that never fall below that of the parent."""
        if not self.is_searchable(start, end):
            return {}
        part = self.series[start:end]
        share = len(part) / len(self.series)
        level = self.error_rate * share
        found = scan(part, length=self.block(start, end), level=level, generator=self.generator)
        if found is None or found.p_value > level:
            return {}
        adjusted = max(parent, min(1.0, found.p_value / share))
        near = part[found.start : found.end]
        cut = start + found.start + sharpen(near, found.cut - found.start)
        return {
            cut: adjusted,
            **self.split(start, cut, parent=adjusted),
            **self.split(cut, end, parent=adjusted),
        }


def _located(search: _Search, found: dict[int, float], *, confidence: float) -> tuple[ChangePoint, ...]:
    """Locate every change between its neighbours, in order."""
    cuts = [0, *sorted(found), len(search.series)]
    p_values = [found[cut] for cut in cuts[1:-1]]
    points = []
    for number, p_value in enumerate(p_values, start=1):
        start, end = cuts[number - 1], cuts[number + 1]
        near = search.series[start:end]
        place = locate(near, cuts[number] - start, confidence=confidence)
        cuts[number] = start + place.index
        points.append(ChangePoint(start + place.index, start + place.lower, start + place.upper, p_value, confidence))
    return tuple(points)


def _standardised(values: Floats) -> Floats:
    """Return columns of mean 0 and variance 1; columns that never vary are dropped.

    Raises
    ------
    InvalidObservationsError
        If the array does not have two dimensions, or holds what is not finite.
    """
    if values.ndim != 2 or not np.all(np.isfinite(values)):
        raise InvalidObservationsError(
            _("A series needs two dimensions and finite values."),
            where="values",
            remedy=_("Give one row for each observation, and leave out what is not known."),
        )
    centred = np.asarray(values, np.float64) - (values.mean(axis=0) if len(values) else 0.0)
    spread = centred.std(axis=0) if len(values) else np.zeros(values.shape[1])
    kept = spread > 1e-9
    standardised: Floats = centred[:, kept] / spread[kept]
    return standardised
