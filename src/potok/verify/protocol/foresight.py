"""What a protocol will be able to prove, judged by logs of the time before the change.

Only cases that opened before the first change are looked at, so that nothing here can be a peek at the result.

- **Cases.** As many a month as before, over the months between the change and the last opening that can be followed.
- **Margins.** By Blackwelder's formula: cases per side from which non-inferiority is shown with 80 % power, if the
  share does not change at all. If the scarcer side will have fewer, the margin is declared unprovable.
- **Detectable improvement.** m + (z₀.₉₇₅ + z₀.₈) · SE: an improvement of this size is verified with 80 % power. SE is a
  rough forecast from the scatter of monthly means. For an agency's own past it is that of a line through its months,
  continued over those to come; for agencies that change at different times that of the difference left after
  subtracting the means of agencies and months. Both are widened by √((1 + ρ)/(1 − ρ)) for months that resemble their
  neighbours (ρ: lag-1 autocorrelation of the residuals, if positive).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import inf, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.zones import load_zone, local_date, midnight_us
from potok.core.language import mark
from potok.core.time_units import DAY_US
from potok.inference.power import USUAL_POWER, cases_for_shares
from potok.verify.arms import assign_arms
from potok.verify.designs.choice import FEWEST_MONTHS_BEFORE
from potok.verify.effect import Reason
from potok.verify.panel import make_panel
from potok.verify.protocol.concerns import Concern, first_change, last_opening, whole_months
from potok.verify.protocol.model import ComparisonKind, Direction, OutcomeKind, Protocol, QualityMargin
from potok.verify.study import Arms, Flags, Floats, Panel, Study

_SHORTEST: Final = 6
"""Months below which their scatter is not told."""
_MOST_CORRELATION: Final = 0.9
_LEVEL: Final = 0.975
_DAYS_A_MONTH: Final = 365.25 / 12
_FIRST_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class MarginForesight:
    """Whether a margin can be proved.

    Parameters
    ----------
    name, margin_share
        As the protocol has them.
    base_share
        Share of cases before the change; None where the logs do not tell.
    needed_cases
        Per side, for 80 % power; None where the base is unknown.
    expected_cases
        On the scarcer side.
    """

    name: str
    margin_share: float
    base_share: float | None
    needed_cases: int | None
    expected_cases: int

    @property
    def is_provable(self) -> bool | None:
        """Whether enough cases are expected; None where that cannot be told."""
        return None if self.needed_cases is None else self.expected_cases >= self.needed_cases


@dataclass(frozen=True, slots=True)
class Foresight:
    """What can be expected of a verification.

    Parameters
    ----------
    months_before
        Whole months of complete openings before the first transition, if the logs are continued up to it.
    cases_a_month
        Of the agencies that change.
    expected_before, expected_after
        Cases on either side, of the agencies that change.
    mean_before
        Mean outcome before the change; None without cases.
    standard_error
        Forecast for the improvement, in its unit; None where there are too few months.
    detectable
        Improvement that is verified with 80 % power, in its unit; None likewise.
    margins
        One for each quality indicator.
    concerns
        What follows from it.
    """

    months_before: int
    cases_a_month: float
    expected_before: int
    expected_after: int
    mean_before: float | None
    standard_error: float | None
    detectable: float | None
    margins: tuple[MarginForesight, ...]
    concerns: tuple[Concern, ...]


def foresee(study: Study, protocol: Protocol, *, calendar: Calendar | None = None) -> Foresight:
    """Say what a verification by a protocol could show, from logs of the time before the change.

    Parameters
    ----------
    study
        The logs; cases that opened after the first change are left aside.
    calendar
        Of working days; needed where the protocol's clock runs in them.
    """
    arms = assign_arms(study, protocol, calendar=calendar)
    is_early = _is_early(study, arms, protocol)
    changed = {wave.agency: wave.on for wave in protocol.change.waves}
    codes = [code for code, agency in enumerate(study.cases.agency.labels) if agency in changed]
    is_own = is_early & np.isin(study.cases.agency.codes, codes)
    months_seen, months_before = _months_before(study, protocol, is_own)
    a_month = float(is_own.sum()) / months_seen if months_seen else 0.0
    after = _expected_after(study, protocol, is_own, months_seen)
    before = round(a_month * months_before)
    mean = float(np.nanmean(arms.outcome[is_own])) if np.isfinite(arms.outcome[is_own]).any() else None
    error = _standard_error(_early_panel(study, arms, protocol), protocol)
    quantiles = NormalDist().inv_cdf(_LEVEL) + NormalDist().inv_cdf(USUAL_POWER)
    detectable = None if error is None else protocol.estimand.minimum_improvement + quantiles * error
    margins = tuple(_margin(study, margin, is_own, expected=min(before, after)) for margin in protocol.quality)
    found = Foresight(months_before, a_month, before, after, mean, error, detectable, margins, ())
    concerns = sorted(_concerns(found, protocol), key=lambda concern: not concern.is_fatal)
    return Foresight(months_before, a_month, before, after, mean, error, detectable, margins, tuple(concerns))


def _is_early(study: Study, arms: Arms, protocol: Protocol) -> Flags:
    """Return which cases take part and opened before the first transition, (n,)."""
    until = midnight_us(load_zone(study.zone), first_change(protocol))
    until -= protocol.estimand.transition_before_days * DAY_US
    return np.asarray(arms.takes_part & (study.cases.opened_us < until))


def _early_panel(study: Study, arms: Arms, protocol: Protocol) -> Panel:
    values = np.where(_is_early(study, arms, protocol), arms.outcome, np.nan)
    return make_panel(study, arms, values=values)


def _months_before(study: Study, protocol: Protocol, is_own: Flags) -> tuple[float, int]:
    """Return over how many months the early cases opened, and how many there will be before the transition."""
    if not is_own.any():
        return 0.0, 0
    zone = load_zone(study.zone)
    opened = study.cases.opened_us[is_own]
    since_us = max(study.first_us, int(opened.min()))
    seen = max((int(opened.max()) - since_us) / DAY_US / _DAYS_A_MONTH, 1 / _DAYS_A_MONTH)
    first = _day_of(since_us, study.zone)
    # A log that begins in the first days of a month holds that month.
    first = first.replace(day=1) if first.day <= _FIRST_DAYS else first
    until_us = midnight_us(zone, first_change(protocol)) - protocol.estimand.transition_before_days * DAY_US
    return seen, whole_months(first, _day_of(until_us, study.zone))


def _expected_after(study: Study, protocol: Protocol, is_own: Flags, months_seen: float) -> int:
    """Return how many cases will open after each agency's transition, early enough to be followed up to the look."""
    if not months_seen:
        return 0
    cases, until = study.cases.agency.codes[is_own], last_opening(protocol, protocol.look.on)
    total = 0.0
    for wave in protocol.change.waves:
        if wave.agency not in study.cases.agency.labels:
            continue
        a_month = float((cases == study.cases.agency.labels.index(wave.agency)).sum()) / months_seen
        days = (until - wave.on).days - protocol.estimand.transition_after_days
        total += a_month * max(days, 0) / _DAYS_A_MONTH
    return round(total)


def _margin(study: Study, margin: QualityMargin, is_own: Flags, *, expected: int) -> MarginForesight:
    labels = study.cases.attribute(margin.attribute)
    is_known = is_own & study.cases.is_closed
    if labels is None or not is_known.any():
        return MarginForesight(margin.name, margin.margin_share, None, None, expected)
    share = float(labels.equals(margin.value)[is_known].mean())
    needed = cases_for_shares(share, margin=margin.margin_share).per_arm
    return MarginForesight(margin.name, margin.margin_share, share, needed, expected)


def _standard_error(panel: Panel, protocol: Protocol) -> float | None:
    """Forecast the standard error of the improvement from the months before the first change."""
    seen = np.flatnonzero((panel.cases > 0).any(axis=0))
    if len(seen) < _SHORTEST:
        return None
    means = panel.mean[:, seen[0] : seen[-1] + 1]
    days = {wave.agency: wave.on for wave in protocol.change.waves}
    until = last_opening(protocol, protocol.look.on)
    if protocol.comparison.kind is ComparisonKind.OWN_PAST:
        rows = [place for place, agency in enumerate(panel.agencies) if agency in days]
        counts = panel.cases[rows][:, seen[0] : seen[-1] + 1]
        series = np.nansum(means[rows] * counts, axis=0) / np.maximum(counts.sum(axis=0), 1)
        after = whole_months(max(days.values()), until)
        return _error_of_line(series[counts.sum(axis=0) > 0], after)
    start = panel.months[seen[0]]
    length = whole_months(start, until)
    treated = np.asarray(
        [
            [agency in days and month >= whole_months(start, days[agency]) for month in range(length)]
            for agency in panel.agencies
        ],
        dtype=np.float64,
    ).reshape(len(panel.agencies), length)
    return _error_of_differences(means, treated)


def _error_of_line(series: Floats, after: int) -> float | None:
    """Return the standard error of the mean distance from a line that is continued over some months."""
    length = len(series)
    if length < _SHORTEST or not after:
        return None
    design = np.column_stack([np.ones(length), np.arange(length)])
    coefficients = np.linalg.lstsq(design, series, rcond=None)[0]
    residuals = series - design @ coefficients
    variance = float(residuals @ residuals) / (length - 2)
    ahead = np.asarray([1.0, length + (after - 1) / 2])
    spread = float(ahead @ np.linalg.inv(design.T @ design) @ ahead) + 1.0 / after
    return sqrt(variance * spread) * _widening(residuals[np.newaxis])


def _error_of_differences(means: Floats, treated: Floats) -> float | None:
    """Return the standard error of a difference from which the means of agencies and months are taken away."""
    moving = treated - treated.mean(axis=1, keepdims=True) - treated.mean(axis=0) + treated.mean()
    left = float((moving**2).sum()) if treated.size else 0.0
    agencies, months = means.shape
    degrees = int(np.isfinite(means).sum()) - agencies - months + 1
    if left <= 0 or degrees < 1:
        return None
    residuals = means - _mean(means, axis=1)
    residuals = residuals - _mean(residuals, axis=0)
    variance = float(np.nansum(residuals**2)) / degrees
    return sqrt(variance / left) * _widening(residuals)


def _mean(values: Floats, *, axis: int) -> Floats:
    """Return means of what is known along an axis, which is kept; 0 where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=axis, keepdims=True)
    return np.asarray(total / np.maximum(known.sum(axis=axis, keepdims=True), 1))


def _widening(residuals: Floats) -> float:
    """Return by how much months that resemble their neighbours widen a standard error."""
    filled = np.nan_to_num(residuals)
    total = float((filled**2).sum())
    found = float((filled[:, 1:] * filled[:, :-1]).sum()) / total if total else 0.0
    correlation = min(max(found, 0.0), _MOST_CORRELATION)
    return sqrt((1 + correlation) / (1 - correlation))


def _concerns(found: Foresight, protocol: Protocol) -> Iterator[Concern]:
    is_own_past = protocol.comparison.kind is ComparisonKind.OWN_PAST
    if is_own_past and found.months_before < FEWEST_MONTHS_BEFORE:
        figures = {"months": found.months_before, "least": FEWEST_MONTHS_BEFORE}
        yield Concern("few_months_before", True, Reason(_FEW_MONTHS, figures))
    if found.expected_after < max(protocol.look.minimum_cases, 1):
        counts = {"cases": found.expected_after, "minimum": max(protocol.look.minimum_cases, 1)}
        yield Concern("few_cases", True, Reason(_FEW_CASES, counts))
    for margin in found.margins:
        yield from _concerns_of_margin(margin)
    reach = _reach(found, protocol)
    if found.detectable is None:
        yield Concern("scatter_unknown", False, Reason(_SCATTER_UNKNOWN))
    elif found.detectable > reach:
        figures_of_reach = {"detectable": found.detectable, "mean": reach}
        yield Concern("undetectable", True, Reason(_UNDETECTABLE, figures_of_reach))


def _concerns_of_margin(margin: MarginForesight) -> Iterator[Concern]:
    if margin.needed_cases is None:
        yield Concern("margin_unknown", False, Reason(_MARGIN_UNKNOWN, {"name": margin.name}))
    elif not margin.is_provable:
        figures: dict[str, str | int | float] = {
            "name": margin.name,
            "margin": margin.margin_share,
            "base": margin.base_share or 0.0,
            "needed": margin.needed_cases,
            "expected": margin.expected_cases,
        }
        yield Concern("unprovable_margin", True, Reason(_UNPROVABLE, figures))


def _reach(found: Foresight, protocol: Protocol) -> float:
    """Return by how much the outcome could improve at the very most."""
    if found.mean_before is None:
        return inf
    if protocol.estimand.direction is Direction.LOWER_IS_BETTER:
        return found.mean_before
    is_money = protocol.estimand.outcome is OutcomeKind.COST
    return inf if is_money else 1.0 - found.mean_before


def _day_of(at_us: int, zone: str) -> date:
    return local_date(load_zone(zone), at_us)


_FEW_MONTHS = mark(
    "Before the change lie {months:count} whole months of the logs; a series needs at least {least:count}. "
    "Begin later, or compare with other agencies."
)
_FEW_CASES = mark(
    "About {cases:count} cases will open after the change early enough to be followed up to the look; "
    "{minimum:count} are needed."
)
_UNPROVABLE = mark(
    "“{name}”: at {base:share} before the change, a margin of {margin:points} takes {needed:count} cases per side, and "
    "about {expected:count} are expected. It cannot be proved: widen the margin, look later or take in more agencies."
)
_MARGIN_UNKNOWN = mark(
    "“{name}” does not occur in the logs before the change: nobody can say whether it can be proved."
)
_SCATTER_UNKNOWN = mark("The logs hold too few months before the change to say which improvement could be proved.")
_UNDETECTABLE = mark(
    "By the scatter of the months before, only an improvement of about {detectable:outcome} would be proved, and the "
    "outcome cannot improve by more than {mean:outcome}. Look later, take in more agencies or promise less."
)
