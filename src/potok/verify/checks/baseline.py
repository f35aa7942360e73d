"""Checks of what the improvement is counted from: a baseline slowed, starved, chosen, or of another season."""

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.stats import t as student

from potok.core.language import mark
from potok.core.time_units import DAY_US
from potok.inference.estimate import Estimate
from potok.verify.checks.contrast import CONFIDENCE, Contrast
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.setting import NEVER_US, Setting
from potok.verify.checks.weighing import FAIL_SHARE, Answer, Claim, Suspicion, Untold
from potok.verify.study import Flags, Floats

LAST_MONTHS: Final = 6
CHOSEN_MONTHS: Final = 12
FEWEST_EARLIER: Final = 12
DENIED_SHARE: Final = 0.7
"""Of the improvement, what a bad year must explain to block although the protocol denies the choice."""
SEASON_SHARE: Final = 0.3
CLEAR_ERRORS: Final = 1.5
"""Standard errors by which an improvement must lie above the promised minimum to be clearly more."""
BASELINE_SHARE: Final = 0.25
STOCK_FLAG: Final = 0.1
_FEWEST_MONTHS: Final = 6
_CALENDAR_DAYS_A_WORKING_DAY: Final = 1.5


def baseline_slowed(setting: Setting) -> Answer:
    """Look whether the last half year before the change was worse than the time before it."""
    claim = setting.claim
    found = _late_baseline(setting, LAST_MONTHS)
    if claim is None or found is None:
        return Untold("baseline_slowed", _SHORT_BASELINE)
    return weigh("baseline_slowed", found, claim, seen=_SLOWED, share=BASELINE_SHARE)


def regression_to_mean(setting: Setting) -> Answer:
    """Look how much of the improvement is a bad last year before the change going back to what is usual.

    Where the protocol rules out that the agency was chosen for its bad figures, it must explain nearly all to block: a
    word in the protocol does not make a bad year's end the project's doing.
    """
    was_chosen = setting.protocol.declarations.was_chosen_as_worst
    claim, found = setting.claim, _late_baseline(setting, CHOSEN_MONTHS)
    if claim is None or found is None:
        return Untold("regression_to_mean", _CHOSEN_UNTOLD if was_chosen else _SHORT_BASELINE)
    before = setting.is_before
    weight = float(_is_late(setting, CHOSEN_MONTHS)[before].mean())
    usual = found.scaled(weight)
    weighed = weigh("regression_to_mean", usual, claim, seen=_REGRESSION, share=BASELINE_SHARE)
    if was_chosen is not False:
        return weighed
    return replace(weighed, is_grave=weighed.is_grave and usual.change.value >= DENIED_SHARE * claim.scale)


def _late_baseline(setting: Setting, months: int) -> Contrast | None:
    """Return how much worse the last months before the change were than the earlier ones.

    The months after it are a third side: they help to know the season, and whether months scatter.
    """
    late = _is_late(setting, months)
    early_months = np.unique(setting.arms.month[setting.is_before & ~late])
    if len(early_months) < FEWEST_EARLIER:
        return None
    worse = -setting.sign * setting.arms.outcome
    return setting.compare_sides(worse, setting.arms.takes_part, late, beside=setting.is_after)


def _is_late(setting: Setting, months: int) -> Flags:
    """Return which cases opened in the last months before their agency's change, (n,)."""
    arms = setting.arms
    last = np.full(len(setting.cases.agency.labels), -1, np.int64)
    np.maximum.at(last, setting.cases.agency.codes[setting.is_before], arms.month[setting.is_before])
    return np.asarray(setting.is_before & (arms.month > last[setting.cases.agency.codes] - months))


def backlog_starved(setting: Setting) -> Answer:
    """Look whether more cases older than the horizon lie open at the ends of months.

    What it can explain are the cases that were open when the change came, and that the agency then let lie: without
    those that opened within a horizon before the change, the improvement must be the same.
    """
    claim, stock = setting.claim, _old_stock(setting)
    if claim is None or stock is None:
        return Untold("backlog_starved", NOTHING_TO_COMPARE)
    horizon_us = int(setting.horizon * _factor(setting) * DAY_US)
    change_us = np.where(setting.arms.change_us == NEVER_US, 0, setting.arms.change_us)
    straddles = setting.is_before & (setting.cases.opened_us > change_us - horizon_us)
    rest = setting.compare(np.where(straddles, np.nan, setting.arms.outcome * setting.sign))
    explained = claim.improvement.value - rest.change.value if rest else 0.0
    open_days = np.where(setting.study.in_population & ~setting.cases.is_closed, setting.duration, 0.0)
    return Suspicion(
        kind="backlog_starved",
        figure=stock.change,
        unit="ratio",
        limit=STOCK_FLAG,
        p_value=stock.p_rise,
        is_material=stock.change.value >= STOCK_FLAG,
        is_grave=claim.is_undone(explained),
        seen=_STARVED,
        arguments={
            "before": stock.before,
            "after": stock.before + stock.change.value,
            "improvement": claim.improvement.value,
            "undone": claim.improvement.value - explained,
        },
        case_ids=setting.worst_cases(open_days, open_days > setting.horizon),
    )


def _factor(setting: Setting) -> float:
    return 1.0 if setting.clock.calendar is None else _CALENDAR_DAYS_A_WORKING_DAY


def _old_stock(setting: Setting) -> Contrast | None:
    """Return the change of open cases older than the horizon at a month's end, as a share of a month's openings."""
    cases, side = setting.cases, setting.month_sides()
    horizon_us = int(setting.horizon * _factor(setting) * DAY_US)
    ends = setting.month_starts[1:]
    side = np.where(ends - horizon_us < setting.study.first_us + 90 * DAY_US, -1, side)
    table = np.full(side.shape, np.nan)
    sampling = np.zeros(side.shape)
    for code in np.flatnonzero((side >= 0).any(axis=1)).tolist():
        own = setting.study.in_population & (cases.agency.codes == code)
        opened, left = np.sort(cases.opened_us[own]), cases.left_us[own]
        aged = np.searchsorted(opened, ends - horizon_us, side="right")
        gone = np.searchsorted(np.sort(np.maximum(left, cases.opened_us[own] + horizon_us)), ends, side="right")
        usual = max(len(opened) / max(len(ends), 1), 1.0)
        stock = np.maximum(aged - gone, 0)
        table[code] = stock / usual
        sampling[code] = max(float(stock.mean()), 1.0) / usual**2
    table = np.where(side >= 0, table, np.nan)
    return setting.compare_months(table, weight=np.ones_like(table), sampling=sampling)


def season(setting: Setting) -> Answer:
    """Look how much of the plain difference comes from other months of the year after the change than before it.

    The verdict's own estimate allows for season, so that season cannot feign an improvement there; it blocks only if
    with equal months it is not clear that more than the promised minimum is left.
    """
    if setting.is_compared:
        return Untold("season", _SEASON_COMPARED, is_ruled_out=True)
    claim, outcome = setting.claim, setting.arms.outcome * setting.sign
    months = len(np.unique(setting.arms.month[setting.is_before]))
    if claim is None or months < FEWEST_EARLIER:
        return Untold("season", _SHORT_BASELINE)
    plain = _plain_difference(setting, outcome)
    found = claim.improvement
    explained = plain.value - found.value
    error = float(
        np.sqrt(max(found.standard_error**2 - plain.standard_error**2, (found.standard_error / 4) ** 2, 1e-12))
    )
    margin = float(student.ppf((1 + CONFIDENCE) / 2, months - 1)) * error
    told = Claim(plain, claim.minimum, claim.before, claim.unit, True)
    return Suspicion(
        kind="season",
        figure=Estimate(explained, explained - margin, explained + margin, error, CONFIDENCE),
        unit=claim.unit,
        limit=SEASON_SHARE * told.scale,
        p_value=float(student.sf(explained / error, months - 1)),
        is_material=explained >= SEASON_SHARE * told.scale,
        is_grave=explained >= FAIL_SHARE * told.scale
        and found.value - CLEAR_ERRORS * found.standard_error <= (claim.minimum or 0.0),
        seen=_SEASON,
        arguments={"explained": explained, "improvement": plain.value, "undone": found.value},
    )


def _plain_difference(setting: Setting, outcome: Floats) -> Estimate:
    """Return the difference of all cases after and before, with the scatter of months as if they were independent."""
    sides = [setting.is_after & np.isfinite(outcome), setting.is_before & np.isfinite(outcome)]
    means = [float(outcome[side].mean()) for side in sides]
    variance = 0.0
    for side, mean in zip(sides, means, strict=True):
        month = setting.arms.month[side]
        sums = np.bincount(month, weights=outcome[side] - mean)
        variance += float((sums**2).sum()) / max(int(side.sum()), 1) ** 2
    return Estimate(means[0] - means[1], -np.inf, np.inf, float(np.sqrt(variance)), CONFIDENCE)


_SHORT_BASELINE = mark("Less than a year is known from before the months looked at.")
_CHOSEN_UNTOLD = mark(
    "The agency was chosen for its bad figures, and too little is known from before them to tell what is usual for it."
)
_SEASON_COMPARED = mark("Agencies that are compared had the same months: season falls out.")
_SLOWED = mark(
    "In the last half year before the change the figure was worse by {explained:outcome} than before that. Counted "
    "from the earlier time, {undone:outcome} of the improvement of {improvement:outcome} are left."
)
_REGRESSION = mark(
    "The last year before the change was worse than the years before it. Counted from these, {undone:outcome} of the "
    "improvement of {improvement:outcome} are left."
)
_STARVED = mark(
    "Old cases pile up: those older than the horizon are {after:share} of a month’s openings, {before:share} before "
    "the change. Without the cases that lay open when the change came, {undone:outcome} of the improvement of "
    "{improvement:outcome} are left."
)
_SEASON = mark(
    "The months after the change are not those before it. With equal months, {undone:outcome} of the improvement of "
    "{improvement:outcome} are left."
)
