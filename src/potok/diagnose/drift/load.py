"""Load as features of days or weeks: cases that come in, and cases that are inside."""

from typing import Final

import numpy as np

from potok.diagnose.drift.result import Aspect, DriftRefusal, Feature, FeatureKind, Measured
from potok.diagnose.drift.series import Floats, Integers, Series, nothing
from potok.measure.daily_flow import DailyFlow
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

LEAST_WEEKS: Final = 60
LEAST_DAYS: Final = 40


def load_series(flow: DailyFlow, *, settling_us: int, is_closed_only: bool) -> tuple[Series, Series]:
    """Return arrivals and work in process of the complete days, or weeks if there are sixty of them.

    Days are taken less the usual level of their weekday, up to the last on which a case was opened: an extract of cases
    that were opened in some time follows them longer, and shows nothing of those that came later. Work in process is
    looked at only from where cases that were open when the log began have left it, and, if the log holds closed cases
    only, up to where those still open would be missing.

    Parameters
    ----------
    settling_us
        How long a case stays at most, as a rule.
    is_closed_only
        Whether open cases are missing from the log.
    """
    coming = np.flatnonzero(flow.arrivals[: flow.complete_days])
    days = int(coming[-1]) + 1 if len(coming) else 0
    arrivals = flow.arrivals[:days].astype(np.float64)
    lengths = np.maximum(flow.ends_us - flow.begins_us, 1)[:days]
    inside = flow.case_us[:days] / lengths
    at_us = flow.begins_us[:days]
    warm = int(np.searchsorted(at_us, at_us[0] + settling_us)) if days else 0
    cool = int(np.searchsorted(at_us, at_us[-1] - settling_us)) if days and is_closed_only else days
    last = cool if is_closed_only else days
    return (
        _series(Aspect.ARRIVALS, flow, arrivals, slice(0, last)),
        _series(Aspect.WORK_IN_PROCESS, flow, inside, slice(warm, max(warm, last))),
    )


def _series(aspect: Aspect, flow: DailyFlow, values: Floats, places: slice) -> Series:
    number = flow.first_day + np.arange(len(values))[places]
    kept, at_us = values[places], flow.begins_us[: len(values)][places]
    weekday = (number + FIRST_WEEKDAY) % DAYS_A_WEEK
    start = int((-weekday[0]) % DAYS_A_WEEK) if len(weekday) else 0
    weeks = (len(kept) - start) // DAYS_A_WEEK
    if weeks >= LEAST_WEEKS:
        whole = kept[start : start + weeks * DAYS_A_WEEK].reshape(weeks, DAYS_A_WEEK).mean(axis=1)
        return _one(aspect, "week", whole, whole, at_us[start::DAYS_A_WEEK][:weeks])
    if len(kept) < LEAST_DAYS:
        return nothing(aspect, "day", refusal=DriftRefusal.TOO_SHORT)
    usual = np.array([np.median(kept[weekday == day]) for day in range(DAYS_A_WEEK)])
    return _one(aspect, "day", kept - usual[weekday], kept, at_us)


def _one(aspect: Aspect, unit: str, values: Floats, raw: Floats, at_us: Integers) -> Series:
    if np.ptp(values) == 0:
        return nothing(aspect, unit)
    is_arrivals = aspect is Aspect.ARRIVALS
    feature = Feature(FeatureKind.ARRIVALS if is_arrivals else FeatureKind.WORK_IN_PROCESS)
    measured = Measured.MEAN_PER_DAY if is_arrivals else Measured.MEAN_CASES
    return Series(aspect, unit, (feature,), values[:, None], raw[:, None], (measured,), at_us)
