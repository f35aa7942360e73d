"""XmR, p and u charts, with phases that begin anew on stated days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.inference.control_charts.rules import Signal, find_signals
from potok.inference.observations import Floats

REACH: Final = 2.66
"""3 ÷ 1.128, the mean range of two normal points in standard deviations."""
RANGE_REACH: Final = 3.267
"""Upper limit of a moving range, in mean moving ranges."""
FEWEST_POINTS: Final = 3


class UnusableSeriesError(BadDataError):
    """A series of which no chart can be made."""

    code = "POTOK-N050"


class UnusableRebaseError(UsageError):
    """Limits that are to begin anew where there is no point, or too few follow."""

    code = "POTOK-N051"


class ChartKind(StrEnum):
    """What the points are."""

    XMR = "xmr"
    P = "p"
    U = "u"


@dataclass(frozen=True, slots=True)
class Phase:
    """Points with one mean and limits of their own.

    Parameters
    ----------
    start, end
        Half-open places in the series.
    fixed_after
        How many points of the phase its mean and limits were calculated from.
    centre
        Their mean.
    mean_range
        Their mean moving range; nan where limits do not come from it.
    screened
        Places of moving ranges left out as outliers.
    """

    start: int
    end: int
    fixed_after: int
    centre: float
    mean_range: float
    screened: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A control chart.

    Parameters
    ----------
    kind
        What the points are.
    values, centre, lower, upper
        Shape (T,): points, mean and limits of each.
    phases
        In the order of time; more than one where the limits begin anew.
    signals
        Points with a special cause.
    dispersion
        By how much the scatter of a p or u chart exceeds that of chance (Laney's σz); 1 for XmR and where it is not
        taken into account.
    """

    kind: ChartKind
    values: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    phases: tuple[Phase, ...]
    signals: tuple[Signal, ...]
    dispersion: float = 1.0


def xmr_chart(
    values: ArrayLike, *, rebase: Sequence[int] = (), fixed_after: int | None = None, is_screened: bool = True
) -> Chart:
    """Chart single values: mean ± 2.66 × mean moving range.

    Parameters
    ----------
    values
        Shape (T,), in the order of time; nan where a month has no value.
    rebase
        Places at which mean and limits begin anew.
    fixed_after
        Mean and limits of each phase come from its first so many points; None: from all of them.
    is_screened
        Leave moving ranges beyond 3.267 × their mean out of the mean range, once, as the NHS does.

    Raises
    ------
    UnusableSeriesError
        If there are fewer than three points.
    UnusableRebaseError
        If a phase has fewer than three points.

    References
    ----------
    Wheeler, *Understanding Variation*; NHS England, "Making Data Count".
    """
    points = np.asarray(values, np.float64)
    _check_points(points)
    centre, lower, upper = (np.empty(len(points)) for _name in range(3))
    phases = []
    for start, end in _spans(points, rebase):
        phase = _xmr_phase(points, start, end, fixed_after=fixed_after, is_screened=is_screened)
        centre[start:end] = phase.centre
        lower[start:end] = phase.centre - REACH * phase.mean_range
        upper[start:end] = phase.centre + REACH * phase.mean_range
        phases.append(phase)
    return _signalled(ChartKind.XMR, points, (centre, lower, upper), tuple(phases))


def p_chart(events: ArrayLike, cases: ArrayLike, *, rebase: Sequence[int] = (), is_dispersed: bool = True) -> Chart:
    """Chart shares: mean ± 3 standard errors of a share of so many cases.

    Parameters
    ----------
    events, cases
        Shape (T,): cases with the indicator, and all.
    is_dispersed
        Widen the limits by the scatter beyond chance (Laney's p′).

    References
    ----------
    Laney (2002), "Improved control charts for attributes".
    """
    return _counted(ChartKind.P, events, cases, rebase=rebase, is_dispersed=is_dispersed)


def u_chart(events: ArrayLike, exposure: ArrayLike, *, rebase: Sequence[int] = (), is_dispersed: bool = True) -> Chart:
    """Chart rates, such as complaints per thousand cases: mean ± 3 standard errors of a Poisson rate.

    Parameters
    ----------
    events, exposure
        Shape (T,): events, and what they are counted over.
    is_dispersed
        Widen the limits by the scatter beyond chance (Laney's u′).
    """
    return _counted(ChartKind.U, events, exposure, rebase=rebase, is_dispersed=is_dispersed)


def _xmr_phase(points: Floats, start: int, end: int, *, fixed_after: int | None, is_screened: bool) -> Phase:
    known = np.flatnonzero(np.isfinite(points[start:end])) + start
    used = known[: fixed_after or len(known)]
    ranges = np.abs(np.diff(points[used]))
    kept = ranges <= RANGE_REACH * ranges.mean() if is_screened else np.ones(len(ranges), np.bool_)
    return Phase(
        start=start,
        end=end,
        fixed_after=len(used),
        centre=float(points[used].mean()),
        mean_range=float(ranges[kept].mean()),
        screened=tuple(used[1:][~kept].tolist()),
    )


def _counted(
    kind: ChartKind, events: ArrayLike, exposure: ArrayLike, *, rebase: Sequence[int], is_dispersed: bool
) -> Chart:
    counts, base = np.asarray(events, np.float64), np.asarray(exposure, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        points = np.where(base > 0, counts / base, np.nan)
    _check_points(points)
    centre, error = np.empty(len(points)), np.empty(len(points))
    phases = []
    for start, end in _spans(points, rebase):
        mean = float(np.nansum(counts[start:end]) / base[start:end].sum())
        variance = mean * (1 - mean) if kind is ChartKind.P else mean
        centre[start:end] = mean
        with np.errstate(divide="ignore"):
            error[start:end] = np.sqrt(variance / base[start:end])
        phases.append(Phase(start, end, end - start, mean, np.nan))
    dispersion = _laney(points, centre, error, phases) if is_dispersed else 1.0
    reach = 3 * error * dispersion
    top = 1.0 if kind is ChartKind.P else np.inf
    lines = (centre, np.maximum(centre - reach, 0.0), np.minimum(centre + reach, top))
    return _signalled(kind, points, lines, tuple(phases), dispersion)


def _laney(points: Floats, centre: Floats, error: Floats, phases: Sequence[Phase]) -> float:
    """Return σz, the scatter of the standardised points by their moving range; not below 1."""
    ranges: list[float] = []
    for phase in phases:
        here = slice(phase.start, phase.end)
        known = np.isfinite(points[here]) & (error[here] > 0)
        z = ((points[here] - centre[here]) / np.where(error[here] > 0, error[here], 1.0))[known]
        ranges += np.abs(np.diff(z)).tolist()
    return max(1.0, float(np.mean(ranges)) * REACH / 3) if ranges else 1.0


def _signalled(
    kind: ChartKind,
    points: Floats,
    lines: tuple[Floats, Floats, Floats],
    phases: tuple[Phase, ...],
    dispersion: float = 1.0,
) -> Chart:
    centre, lower, upper = lines
    signals: list[Signal] = []
    for phase in phases:
        here = slice(phase.start, phase.end)
        found = find_signals(points[here], centre=centre[here], lower=lower[here], upper=upper[here])
        signals += [Signal(signal.place + phase.start, signal.rule, signal.is_high) for signal in found]
    return Chart(kind, points, centre, lower, upper, phases, tuple(signals), dispersion)


def _spans(points: Floats, rebase: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the half-open spans of the phases."""
    bounds = [0, *sorted(set(rebase)), len(points)]
    for start, end in pairwise(bounds):
        if np.isfinite(points[max(start, 0) : max(end, 0)]).sum() < FEWEST_POINTS:
            raise UnusableRebaseError(
                _("Fewer than three points stand between places {start} and {end}.").format(start=start, end=end),
                where="rebase",
                remedy=_("Let limits begin anew only where at least three points follow."),
            )
        yield start, end


def _check_points(points: Floats) -> None:
    if np.isfinite(points).sum() < FEWEST_POINTS:
        raise UnusableSeriesError(
            _("A control chart needs at least three points, there are {count}.").format(
                count=int(np.isfinite(points).sum())
            ),
            where="values",
            remedy=_("Take shorter periods or a longer log."),
        )
