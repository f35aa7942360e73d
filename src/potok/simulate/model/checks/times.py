"""Distributions, arrivals and case types that cannot be."""

from collections.abc import Iterator
from itertools import pairwise

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.model.arrivals import ArrivalKind, Arrivals, CaseType
from potok.simulate.model.checks.names import negative, repeated_names, unknown_names, wrong_share, wrong_sum
from potok.simulate.model.distributions import Distribution, DistributionKind
from potok.simulate.model.documents.distributions import CUTTABLE
from potok.simulate.model.errors import Problem
from potok.simulate.model.process_model import ProcessModel

HOURS_A_WEEK = 168
MONTHS = 12
_FACTOR_TOLERANCE = 1e-3
_SPREAD = CUTTABLE - {DistributionKind.EXPONENTIAL}


def distribution_problems(place: str, distribution: Distribution) -> Iterator[Problem]:
    """Yield what is wrong with a distribution."""
    kind = distribution.kind
    yield from negative(
        place,
        mean_seconds=distribution.mean_seconds,
        sd_seconds=distribution.sd_seconds,
        low_seconds=distribution.low_seconds,
        high_seconds=distribution.high_seconds,
        mode_seconds=distribution.mode_seconds,
    )
    if kind is DistributionKind.EMPIRICAL:
        yield from _empirical(place, distribution)
    elif kind is DistributionKind.MIXTURE:
        yield from _mixture(place, distribution)
    elif kind in (DistributionKind.UNIFORM, DistributionKind.TRIANGULAR):
        yield from _bounded(place, distribution)
    elif kind in CUTTABLE:
        yield from _cut(place, distribution)


def _empirical(place: str, distribution: Distribution) -> Iterator[Problem]:
    quantiles = distribution.quantiles_seconds
    if len(quantiles) < 2:
        yield Problem(f"{place}.quantiles_seconds", _("At least two quantiles are needed: the least and the greatest."))
    if any(not first <= second for first, second in pairwise(quantiles)) or any(one < 0 for one in quantiles):
        yield Problem(f"{place}.quantiles_seconds", _("The quantiles must ascend, and none may be negative."))


def _mixture(place: str, distribution: Distribution) -> Iterator[Problem]:
    if not distribution.parts:
        yield Problem(f"{place}.parts", _("A mixture needs parts."))
        return
    yield from wrong_sum(f"{place}.parts", (weight for weight, _part in distribution.parts))
    for number, (_weight, part) in enumerate(distribution.parts, start=1):
        yield from distribution_problems(f"{place}.parts[{number}]", part)


def _bounded(place: str, distribution: Distribution) -> Iterator[Problem]:
    low, mode, high = distribution.low_seconds, distribution.mode_seconds, distribution.high_seconds
    if not low < high:
        yield Problem(place, _("The low end {low} must be less than the high end {high}.").format(low=low, high=high))
    elif distribution.kind is DistributionKind.TRIANGULAR and not low <= mode <= high:
        yield Problem(place, _("The mode {mode} must lie between the ends.").format(mode=mode))


def _cut(place: str, distribution: Distribution) -> Iterator[Problem]:
    if not distribution.mean_seconds > 0:
        yield Problem(
            f"{place}.mean_seconds",
            _("The mean of this kind must be greater than 0; a time that never varies is of the kind “fixed”."),
        )
    if distribution.kind in _SPREAD and not distribution.sd_seconds > 0:
        yield Problem(
            f"{place}.sd_seconds",
            _("The deviation of this kind must be greater than 0; a time that never varies is of the kind “fixed”."),
        )
    low, high = distribution.low_seconds, distribution.high_seconds
    if high and not low < high:
        yield Problem(place, _("The low end {low} must be less than the high end {high}.").format(low=low, high=high))


def arrival_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield what is wrong with the arrivals of a model."""
    arrivals = model.arrivals
    if arrivals.start_at.utcoffset() is None:
        yield Problem("arrivals.start_at", _("The instant has no time zone."))
    yield from negative("arrivals", per_day=arrivals.per_day, dispersion=arrivals.dispersion)
    if arrivals.kind is ArrivalKind.POISSON:
        yield from _poisson(arrivals)
    else:
        yield from _renewal(arrivals)
    names = (arrivals.calendar,) if arrivals.calendar else ()
    yield from unknown_names("arrivals.calendar", names, model.calendars, _("There is no calendar {name}."))


def _poisson(arrivals: Arrivals) -> Iterator[Problem]:
    shares = arrivals.hour_of_week_shares
    if len(shares) != HOURS_A_WEEK:
        yield Problem(
            "arrivals.hour_of_week_shares",
            _("A week has 168 hours, and there are {count} shares.").format(count=len(shares)),
        )
    else:
        yield from wrong_sum("arrivals.hour_of_week_shares", shares)
    months = arrivals.month_factors
    if len(months) != MONTHS or min(months) < 0 or abs(sum(months) / MONTHS - 1.0) > _FACTOR_TOLERANCE:
        yield Problem("arrivals.month_factors", _("There must be 12 factors, none negative, with a mean of 1."))
    if arrivals.growth_per_year <= -1.0:
        yield Problem("arrivals.growth_per_year", _("A rate cannot shrink by all of itself or more."))
    for day, factor in arrivals.day_factors.items():
        yield from negative("arrivals.day_factors", **{day.isoformat(): factor})


def _renewal(arrivals: Arrivals) -> Iterator[Problem]:
    between = arrivals.inter_arrival
    if between is None:
        yield Problem("arrivals.inter_arrival", _("The time between arrivals is missing."))
        return
    found = list(distribution_problems("arrivals.inter_arrival", between))
    yield from found
    if between.kind is DistributionKind.FIXED and not between.mean_seconds > 0:
        yield Problem("arrivals.inter_arrival", _("Without time between arrivals there would be no end of them."))


def case_type_problems(types: tuple[CaseType, ...]) -> Iterator[Problem]:
    """Yield what is wrong with the types of cases."""
    if not types:
        yield Problem("case_types", _("At least one type of cases is needed."))
        return
    yield from repeated_names("case_types", (one.name for one in types))
    for number, one in enumerate(types, start=1):
        yield from wrong_share(f"case_types[{number}].share", one.share)
    yield from wrong_sum("case_types", (one.share for one in types))


def calendar_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield calendars that say nothing about the time from which the model speaks, or in which nobody works then."""
    start = model.arrivals.start_at.date()
    for name, calendar in model.calendars.items():
        place = f"calendars.{name}"
        if not calendar.first_year <= start.year <= calendar.last_year:
            yield Problem(
                place,
                _("The calendar covers {first}–{last}, and arrivals begin on {day}.").format(
                    first=calendar.first_year, last=calendar.last_year, day=start.isoformat()
                ),
            )
        elif not _ever_works(calendar, model):
            yield Problem(
                place, _("In the calendar {name} nobody works after arrivals begin.").format(name=quoted(name))
            )


def _ever_works(calendar: Calendar, model: ProcessModel) -> bool:
    start = model.arrivals.start_at.date()
    return any(calendar.weekly) or any(spans and day >= start for day, spans in calendar.days.items())
