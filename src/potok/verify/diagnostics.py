"""Whether the design's own assumptions stand.

A diagnostic passes or fails, and one that failed forbids `verified`; the p-values of those that test are adjusted
together after Holm, so that a design whose assumptions stand fails in one of twenty projects at most.

Placebo in time
    The months before the change alone, with a change pretended earlier: a design that finds an effect there would also
    find one without any change. A series is cut a third before its end; differences move every date of change half of
    the way back to the first month.
Trend before the change (differences)
    All differences before the change tested together, by Hotelling's distribution. An order that was drawn makes
    parting before the change a matter of chance: it is noted then. A large p-value shows no parallel trends, and with
    few agencies nothing can be tested at all.
Parallel trends (differences)
    How unequal trends could have been after the change, against the most that they ever were before it, until the
    effects by month no longer exclude the promised minimum (Rambachan and Roth's relative magnitudes). An analysis of
    sensitivity, which has no level at which it fails: below 1 it is noted, unless the order was drawn.
Leave one out
    Differences without each agency in turn: an improvement of which one agency makes more than half is not the
    programme's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.interrupted_series import TooFewMonthsError, estimate_interruption
from potok.inference.multiplicity import holm
from potok.inference.parallel_trends import NoTrendError, breakdown_bound, event_study_of, pre_trend_test
from potok.inference.randomisation import NoContrastError
from potok.verify.designs import Answer, DesignChoice
from potok.verify.designs.answers import as_improvement, sign_of
from potok.verify.designs.pooled import pool_series
from potok.verify.designs.staggered import Staggering, staggering
from potok.verify.effect import CheckVerdict, Design, HonestyCheck
from potok.verify.protocol.drawing import is_drawn
from potok.verify.protocol.model import Protocol
from potok.verify.study import UNKNOWN, Panel

FAILS_BELOW: Final = 0.05
FEWEST_PLACEBO_MONTHS: Final = 6
FEWEST_BEFORE_PLACEBO: Final = 12
_LEFT_SHARE: Final = 0.5


def diagnose(panel: Panel, protocol: Protocol, *, answer: Answer, choice: DesignChoice) -> tuple[HonestyCheck, ...]:
    """Look whether the assumptions of a design stand; nothing where there is no estimate."""
    if answer.estimate is None:
        return ()
    sign = sign_of(protocol)
    if choice.design is Design.INTERRUPTED_SERIES:
        return judge(_placebo_of_series(panel, sign))
    who, was_drawn = staggering(panel, choice), is_drawn(protocol)
    trend = check_pre_trend(answer)
    if was_drawn and isinstance(trend, AssumptionTest):
        trend = trend.judged(trend.p_value, worst=CheckVerdict.NOTED)
    return (
        *judge(_placebo_of_differences(panel, who, sign), trend),
        _parallel_trends(answer, sign * protocol.estimand.minimum_improvement, was_drawn=was_drawn),
        _leave_one_out(panel, who, sign, answer),
    )


@dataclass(frozen=True, slots=True)
class AssumptionTest:
    """A diagnostic that tests: its p-value, and what to say if it passed and if it failed.

    Parameters
    ----------
    kind, figure, unit, limit, arguments
        As in `potok.verify.effect.HonestyCheck`.
    p_value
        Not adjusted.
    passed, failed
        Marked sentences.
    """

    kind: str
    p_value: float
    figure: Estimate
    unit: str
    limit: float
    passed: str
    failed: str
    arguments: Mapping[str, float]

    def judged(self, adjusted: float, *, worst: CheckVerdict = CheckVerdict.FAILED) -> HonestyCheck:
        """Return what it says at a p-value that is adjusted for the tests beside it."""
        has_failed = adjusted < FAILS_BELOW
        reason = self.failed if has_failed else self.passed
        verdict = worst if has_failed else CheckVerdict.PASSED
        arguments = {**self.arguments, "p_value": round(self.p_value, 4)}
        return HonestyCheck(self.kind, verdict, self.figure, self.unit, self.limit, reason, arguments)


def judge(*found: AssumptionTest | HonestyCheck) -> tuple[HonestyCheck, ...]:
    """Let those that test fail together after Holm; the others said already what they say."""
    tests = [one for one in found if isinstance(one, AssumptionTest)]
    adjusted = iter(holm([one.p_value for one in tests]) if tests else ())
    return tuple(one.judged(float(next(adjusted))) if isinstance(one, AssumptionTest) else one for one in found)


def _placebo_of_series(panel: Panel, sign: int) -> AssumptionTest | HonestyCheck:
    series = pool_series(panel)
    before = np.flatnonzero(~series.is_after & np.isfinite(series.mean))
    cut = len(before) - len(before) // 3
    if cut < FEWEST_BEFORE_PLACEBO or len(before) - cut < FEWEST_PLACEBO_MONTHS:
        return _cannot_tell("placebo_in_time", _TOO_FEW_MONTHS)
    until = before[-1] + 1
    is_after = np.arange(until) >= before[cut]
    try:
        fitted = estimate_interruption(
            series.mean[:until],
            is_after=is_after,
            variances=series.variance[:until],
            season_months=series.season_months[:until],
        )
    except TooFewMonthsError:
        return _cannot_tell("placebo_in_time", _TOO_FEW_MONTHS)
    return _placebo(as_improvement(fitted.effect, sign), fitted.p_value)


def _placebo_of_differences(panel: Panel, who: Staggering, sign: int) -> AssumptionTest | HonestyCheck:
    changed = who.first_treated >= 0
    first = int(who.first_treated[changed].min()) - who.transition
    if first < FEWEST_PLACEBO_MONTHS:
        return _cannot_tell("placebo_in_time", _TOO_FEW_MONTHS)
    earlier = np.where(changed, who.first_treated - int(who.first_treated[changed].min()) + first // 2, UNKNOWN)
    kept = earlier < first
    until = Panel(
        panel.agencies,
        panel.months[:first],
        panel.mean[:, :first],
        panel.cases[:, :first],
        panel.variance[:, :first],
        np.where(kept, earlier, UNKNOWN),
        panel.change_month,
    )
    try:
        found = replace(who, first_treated=until.first_changed, transition=0, strata=None).randomise(until)
    except NoContrastError:
        return _cannot_tell("placebo_in_time", _TOO_FEW_MONTHS)
    return _placebo(as_improvement(found.effect, sign), found.p_value)


def _placebo(improvement: Estimate, p_value: float) -> AssumptionTest:
    arguments = {"value": improvement.value}
    return AssumptionTest(
        "placebo_in_time", p_value, improvement, "outcome", 0.0, _PLACEBO_QUIET, _PLACEBO_FOUND, arguments
    )


def check_pre_trend(answer: Answer) -> AssumptionTest | HonestyCheck:
    """Test all differences before the change together; the event study's errors need more agencies than months."""
    if answer.event_study is None:
        return _cannot_tell("pre_trend", _NO_EVENT_STUDY)
    try:
        study = event_study_of(answer.event_study)
    except NoTrendError:
        return _cannot_tell("pre_trend", _NO_EVENT_STUDY)
    before = study.is_before
    found = pre_trend_test(
        study.effects[before], covariance=study.covariance[np.ix_(before, before)], units=study.units
    )
    # Fewer independent differences than months: the agencies are too few to tell how these err together.
    if np.isnan(found.p_value) or found.degrees < np.count_nonzero(before):
        return _cannot_tell("pre_trend", _TOO_FEW_FOR_TREND)
    p_value = float(found.p_value)
    figure = Estimate(p_value, np.nan, np.nan, np.nan, 0.95)
    months = {"months": found.degrees}
    return AssumptionTest("pre_trend", p_value, figure, "p_value", FAILS_BELOW, _TREND_UNSEEN, _TREND_SEEN, months)


def _parallel_trends(answer: Answer, promised: float, *, was_drawn: bool) -> HonestyCheck:
    """Look how unequal trends may be; `promised` is the change of the outcome that must be excluded."""
    if answer.event_study is None:
        return _cannot_tell("parallel_trends", _NO_EVENT_STUDY)
    try:
        bound = breakdown_bound(event_study_of(answer.event_study), effect=promised)
    except NoTrendError:
        return _cannot_tell("parallel_trends", _NO_EVENT_STUDY)
    verdict = CheckVerdict.PASSED if bound >= 1 or was_drawn else CheckVerdict.NOTED
    figure = Estimate(bound, np.nan, np.nan, np.nan, 0.95)
    reason = _TREND_DRAWN if was_drawn else _TREND_BOUND
    return HonestyCheck("parallel_trends", verdict, figure, "ratio", 1.0, reason, {"bound": round(bound, 3)})


def _leave_one_out(panel: Panel, who: Staggering, sign: int, answer: Answer) -> HonestyCheck:
    estimate = answer.estimate
    values = dict(_left_out(panel, who, sign))
    if estimate is None or not values:
        return _cannot_tell("leave_one_out", _TOO_FEW_AGENCIES)
    agency = min(values, key=lambda name: (values[name], name))
    least = values[agency]
    whole = estimate.improvement.value
    has_failed = whole > 0 and least < _LEFT_SHARE * whole
    verdict = CheckVerdict.FAILED if has_failed else CheckVerdict.PASSED
    figure = Estimate(least, min(values.values()), max(values.values()), np.nan, estimate.improvement.confidence)
    return HonestyCheck(
        "leave_one_out", verdict, figure, "outcome", _LEFT_SHARE * whole, _LEFT_OUT, {"agency": agency, "value": least}
    )


def _left_out(panel: Panel, who: Staggering, sign: int) -> Iterator[tuple[str, float]]:
    """Yield the improvement without each agency."""
    for row, agency in enumerate(panel.agencies):
        kept = np.arange(len(panel.agencies)) != row
        if not (who.first_treated[kept] >= 0).any():
            continue
        rest = Panel(
            tuple(name for place, name in enumerate(panel.agencies) if kept[place]),
            panel.months,
            panel.mean[kept],
            panel.cases[kept],
            panel.variance[kept],
            panel.first_changed[kept],
            panel.change_month[kept],
        )
        try:
            found = replace(who, first_treated=who.first_treated[kept], strata=None).effect(rest)
        except NoContrastError:
            continue
        yield agency, sign * found


def _cannot_tell(kind: str, reason: str) -> HonestyCheck:
    return HonestyCheck(kind, CheckVerdict.CANNOT_TELL, None, "outcome", None, reason)


_TOO_FEW_MONTHS = mark("Too few months before the change to pretend an earlier one.")
_NO_EVENT_STUDY = mark("Months allow no comparison of trends before the change.")
_TOO_FEW_FOR_TREND = mark("Too few agencies, or too few months before the change, to test them together.")
_TREND_SEEN = mark("Agencies that changed and the others parted already before it, more than chance lets them.")
_TREND_UNSEEN = mark(
    "In {months} months before the change the agencies parted no more than chance lets them; that does not show that "
    "trends were parallel."
)
_TREND_BOUND = mark(
    "Trends after the change may be {bound} times as unequal as ever before it until the promised improvement no "
    "longer stands."
)
_TREND_DRAWN = mark(
    "The order was drawn by lot, so trends need not be parallel. Without the lot the promised improvement would "
    "stand only if they parted no more than {bound} times as much as ever before the change."
)
_TOO_FEW_AGENCIES = mark("Too few agencies to leave one out.")
_PLACEBO_QUIET = mark("A change pretended earlier finds {value:outcome}, no more than chance: as it should be.")
_PLACEBO_FOUND = mark("A change pretended earlier, when there was none, finds {value:outcome}: more than chance gives.")
_LEFT_OUT = mark("Without «{agency}», the agency that adds most, the improvement is {value:outcome}.")
