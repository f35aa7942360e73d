"""Interrupted time series: the agencies that changed held against their own past."""

from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate, normal_estimate
from potok.inference.interrupted_series import (
    Interruption,
    conformal_interval,
    estimate_interruption,
    hac_interruption,
    reml_interruption,
)
from potok.inference.sequences import as_confidence_sequence
from potok.verify.designs.answers import (
    Answer,
    as_improvement,
    count_before,
    mean_after,
    relative_improvement,
    sign_of,
)
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.pooled import Series, pool_series
from potok.verify.effect import Design, EffectEstimate, PeriodEffect, SecondOpinion
from potok.verify.protocol.model import LookKind, Protocol
from potok.verify.study import Panel

FEWEST_MONTHS: Final = 6
"""Below so many months before the change, or none after it, no series is fitted at all."""


def estimate_by_series(panel: Panel, protocol: Protocol, *, choice: DesignChoice) -> Answer:
    """Estimate the mean improvement over the months after the change, against trend and season of the months before."""
    series = pool_series(panel)
    if series.months_before < FEWEST_MONTHS or not series.months_after:
        return Answer(None)
    fitted = estimate_interruption(
        series.mean, is_after=series.is_after, variances=series.variance, season_months=series.season_months
    )
    sign = sign_of(protocol)
    improvement = as_improvement(fitted.effect, sign)
    if protocol.look.kind is LookKind.SEQUENCE:
        reference = _first_look_error(series, protocol)
        improvement = as_confidence_sequence(improvement, reference_error=reference, degrees=fitted.degrees)
    with_change, cases_after = mean_after(panel)
    cases_before, months_before = count_before(panel)
    estimate = EffectEstimate(
        design=Design.INTERRUPTED_SERIES,
        improvement=improvement,
        without=with_change - sign * improvement.value,
        with_change=with_change,
        relative=relative_improvement(improvement, with_change=with_change, sign=sign),
        is_applicable=not choice.limits,
        limits=choice.limits,
        p_value=fitted.p_value,
        admissible_assignments=None,
        degrees=fitted.degrees,
        cases_before=cases_before,
        cases_after=cases_after,
        cases_compared=0,
        months_before=months_before,
        months_after=series.months_after,
        periods=_periods(series, fitted, sign),
        assumptions=ASSUMPTIONS,
    )
    return Answer(estimate, _second_opinions(series, sign))


def _first_look_error(series: Series, protocol: Protocol) -> float:
    """Return the standard error that the series had with the months known on the first day of looking."""
    after = np.flatnonzero(series.is_after & np.isfinite(series.mean))
    first = min(len(after), max(protocol.look.minimum_months, 1))
    kept = slice(0, int(after[first - 1]) + 1)
    fitted = estimate_interruption(
        series.mean[kept],
        is_after=series.is_after[kept],
        variances=series.variance[kept],
        season_months=series.season_months[kept],
    )
    return fitted.effect.standard_error


def _periods(series: Series, fitted: Interruption, sign: int) -> tuple[PeriodEffect, ...]:
    found = []
    for place, month in enumerate(series.months):
        if not np.isfinite(series.mean[place]):
            continue
        change = normal_estimate(
            float(series.mean[place] - fitted.without[place]),
            standard_error=float(np.hypot(fitted.without_standard_error[place], np.sqrt(series.variance[place] or 0))),
            confidence=0.95,
        )
        is_before = not series.is_after[place]
        found.append(PeriodEffect(month.strftime("%Y-%m"), is_before, as_improvement(change, sign)))
    return tuple(found)


def _second_opinions(series: Series, sign: int) -> tuple[SecondOpinion, ...]:
    conformal = conformal_interval(series.mean, is_after=series.is_after, season_months=series.season_months)
    newey_west = hac_interruption(
        series.mean, is_after=series.is_after, variances=series.variance, season_months=series.season_months
    )
    restricted = reml_interruption(
        series.mean, is_after=series.is_after, variances=series.variance, season_months=series.season_months
    )
    return (
        SecondOpinion("reml", as_improvement(restricted, sign), REML),
        SecondOpinion("conformal", as_improvement(conformal, sign), CONFORMAL),
        SecondOpinion("newey_west", as_improvement(newey_west.effect, sign), NEWEY_WEST),
        SecondOpinion("before_after", as_improvement(_before_after(series), sign), BEFORE_AFTER),
    )


def _before_after(series: Series) -> Estimate:
    """Return the naive difference of the months' means, as if months were independent and nothing else had changed."""
    sides = [series.mean[chosen & np.isfinite(series.mean)] for chosen in (~series.is_after, series.is_after)]
    errors = [float(side.var(ddof=1) / len(side)) if len(side) > 1 else np.inf for side in sides]
    return normal_estimate(
        float(sides[1].mean() - sides[0].mean()), standard_error=float(np.sqrt(sum(errors))), confidence=0.95
    )


ASSUMPTIONS: Final = (
    mark("Without the change the trend and the season of the months before would have gone on."),
    mark("Nothing else changed at the same time."),
)
REML: Final = mark(
    "By restricted maximum likelihood with Satterthwaite's degrees of freedom: narrower, and less careful."
)
CONFORMAL: Final = mark("By permuting blocks of months; assumes no shape of the scatter.")
NEWEY_WEST: Final = mark("With standard errors after Newey and West: too sure with few months, shown for comparison.")
BEFORE_AFTER: Final = mark("The plain difference of the months before and after: takes trend and season for effect.")
