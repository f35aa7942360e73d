"""Means of effects by group and place, with influence functions that count the estimated group sizes in.

=========== =============================================== ====================================
scheme      parts                                           overall
=========== =============================================== ====================================
`simple`    none                                            over groups and places, by group size
`group`     each group, over its places after the change    over groups, by size
`dynamic`   places since the change, over groups by size    over places from the change on
`calendar`  each place, over groups already treated by size over places
=========== =============================================== ====================================

Effects that could not be estimated are left out, and the rest weighted up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, normal_estimate, normal_quantile
from potok.inference.group_times.errors import NothingComparedError
from potok.inference.group_times.multiplier import simultaneous_quantile
from potok.inference.group_times.panel import Flags
from potok.inference.group_times.settings import Drawing
from potok.inference.observations import Floats, Integers


class Scheme(StrEnum):
    """Over what effects are averaged."""

    SIMPLE = "simple"
    GROUP = "group"
    DYNAMIC = "dynamic"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Cells:
    """Effects by group and place, as `GroupTimeEffects` holds them."""

    groups: Integers
    places: Integers
    effects: Floats
    influence: Floats
    membership: Floats
    units: int


@dataclass(frozen=True, slots=True)
class Part:
    """The effect on one group, at one place, or so many places since the change.

    Parameters
    ----------
    key
        First treated place of the group, the place, or places since the change (negative: before it).
    effect
        With its pointwise interval.
    simultaneous
        The same with limits that hold for all parts at once.
    influence
        Shape (N,).
    """

    key: int
    effect: Estimate
    simultaneous: Estimate
    influence: Floats


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A mean effect and what it is made of.

    Parameters
    ----------
    scheme
        Over what effects were averaged.
    overall
        The mean effect after the change.
    influence
        Shape (N,): share of each study unit in its error.
    parts
        Ascending by key; none for `simple`.
    critical_value
        Standard errors to either side in simultaneous bands.
    units
        Study units that take part.
    """

    scheme: Scheme
    overall: Estimate
    influence: Floats
    parts: tuple[Part, ...]
    critical_value: float
    units: int

    @property
    def covariance(self) -> Floats:
        """Covariance of the parts' effects, shape (p, p)."""
        influence = np.column_stack([part.influence for part in self.parts])
        return np.asarray(influence.T @ influence / self.units**2)


@dataclass(frozen=True, slots=True)
class _Mean:
    value: float
    influence: Floats


def aggregate(cells: Cells, scheme: Scheme, *, drawing: Drawing) -> Aggregate:
    """Average effects by a scheme.

    Raises
    ------
    NothingComparedError
        If there is no effect after a change.
    """
    is_after = cells.places >= cells.groups
    if not is_after.any():
        raise NothingComparedError(
            _("No group could be compared after its change."),
            where="first_treated",
            remedy=_("Compare with agencies that change later, or not at all."),
        )
    parts = dict(_parts(cells, scheme, is_after))
    overall = _overall(cells, scheme, is_after, parts)
    return _conclude(scheme, overall, parts, units=cells.units, drawing=drawing)


def _parts(cells: Cells, scheme: Scheme, is_after: Flags) -> Iterator[tuple[int, _Mean]]:
    if scheme is Scheme.SIMPLE:
        return
    if scheme is Scheme.DYNAMIC:
        labels, chosen = cells.places - cells.groups, np.ones(len(is_after), np.bool_)
    else:
        labels, chosen = (cells.groups if scheme is Scheme.GROUP else cells.places), is_after
    for label in np.unique(labels[chosen]).tolist():
        is_part = chosen & (labels == label)
        yield int(label), (_plain(cells, is_part) if scheme is Scheme.GROUP else _by_size(cells, is_part))


def _overall(cells: Cells, scheme: Scheme, is_after: Flags, parts: dict[int, _Mean]) -> _Mean:
    if scheme is Scheme.SIMPLE:
        return _by_size(cells, is_after)
    if scheme is Scheme.GROUP:
        groups = np.array(list(parts))
        return _weigh_by_size(cells, groups, list(parts.values()))
    kept = [part for key, part in parts.items() if scheme is Scheme.CALENDAR or key >= 0]
    value = float(np.mean([part.value for part in kept]))
    return _Mean(value, np.asarray(np.mean([part.influence for part in kept], axis=0)))


def _plain(cells: Cells, chosen: Flags) -> _Mean:
    return _Mean(float(cells.effects[chosen].mean()), np.asarray(cells.influence[:, chosen].mean(axis=1)))


def _by_size(cells: Cells, chosen: Flags) -> _Mean:
    means = [_Mean(float(cells.effects[k]), cells.influence[:, k]) for k in np.flatnonzero(chosen)]
    return _weigh_by_size(cells, cells.groups[chosen], means)


def _weigh_by_size(cells: Cells, groups: Integers, means: list[_Mean]) -> _Mean:
    """Average by the size of groups; that sizes are estimated, too, adds to the influence function."""
    place = np.searchsorted(np.unique(cells.groups), groups)
    sizes = cells.membership.sum(axis=0)[place] / cells.units
    total = sizes.sum()
    values = np.array([mean.value for mean in means])
    influence = np.column_stack([mean.influence for mean in means])
    value = float(sizes @ values / total)
    # d(Σ p·a / Σ p) = Σ dp·(a − mean) / Σ p; the constants −p cancel as Σ p·(a − mean) = 0.
    by_size = cells.membership[:, place] @ (values - value) / total
    return _Mean(value, influence @ sizes / total + by_size)


def _conclude(scheme: Scheme, overall: _Mean, parts: dict[int, _Mean], *, units: int, drawing: Drawing) -> Aggregate:
    critical = normal_quantile(drawing.confidence)
    if parts:
        influence = np.column_stack([part.influence for part in parts.values()])
        errors = np.sqrt((influence**2).sum(axis=0)) / units
        critical = simultaneous_quantile(influence, standard_errors=errors, units=units, drawing=drawing)
    return Aggregate(
        scheme,
        _estimate(overall, units, drawing),
        overall.influence,
        tuple(_part(key, mean, critical, units=units, drawing=drawing) for key, mean in parts.items()),
        critical,
        units,
    )


def _part(key: int, mean: _Mean, critical: float, *, units: int, drawing: Drawing) -> Part:
    effect = _estimate(mean, units, drawing)
    margin = critical * effect.standard_error
    wide = Estimate(
        effect.value, effect.value - margin, effect.value + margin, effect.standard_error, drawing.confidence
    )
    return Part(key, effect, wide, mean.influence)


def _estimate(mean: _Mean, units: int, drawing: Drawing) -> Estimate:
    error = float(np.sqrt((mean.influence**2).sum()) / units)
    return normal_estimate(mean.value, standard_error=error, confidence=drawing.confidence)
