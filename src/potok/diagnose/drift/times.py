"""Times as features of cases: lead time, and the time to each activity."""

from typing import Final

import ibis
import numpy as np
import pyarrow as pa

from potok.diagnose.drift.cases import OrderedCases
from potok.diagnose.drift.mix import rows_of_cases
from potok.diagnose.drift.result import Aspect, Feature, FeatureKind, Measured
from potok.diagnose.drift.series import LEAST_OCCURRENCES, Floats, Series, nothing, rank_scores
from potok.measure.running import MICROSECONDS

MOST_ACTIVITIES: Final = 40


def lead_time_series(cases: OrderedCases) -> Series:
    """Return the lead time of cases, up to the age from which they count.

    Every case was watched so long, so that open ones need no estimate; slower ones count as slow, however slow.
    """
    if not len(cases.case):
        return nothing(Aspect.LEAD_TIME)
    reached = cases.lead_us if not cases.settling_us else np.minimum(cases.lead_us, cases.settling_us)
    raw = (reached / MICROSECONDS)[:, None]
    if np.ptp(raw) == 0:
        return nothing(Aspect.LEAD_TIME)
    feature = (Feature(FeatureKind.LEAD_TIME),)
    return Series(Aspect.LEAD_TIME, "case", feature, rank_scores(raw), raw, (Measured.MEDIAN_SECONDS,), cases.opened_us)


def activity_gaps(events: ibis.Table, chosen: ibis.Table) -> ibis.Table:
    """Return one row per case and activity that follows another event in it: `case`, `activity`, `gap_us`.

    `gap_us` adds the times from the event before to each completion of the activity; backward steps are left out.
    """
    timed = events.filter(
        events.next_activity.notnull(),
        events.completed_us.notnull(),
        events.next_completed_us >= events.completed_us,
    )
    gaps = timed.select(
        "case", activity=timed.next_activity, gap_us=(timed.next_completed_us - timed.completed_us).cast("int64")
    )
    wanted = gaps.inner_join(chosen, "case")
    return wanted.group_by("case", "activity").aggregate(gap_us=wanted.gap_us.sum().cast("int64"))


def activity_time_series(cases: OrderedCases, rows: pa.Table, labels: dict[int, str]) -> Series:
    """Return the time to each activity, for the forty that most cases have; unknown where a case has it not.

    Parameters
    ----------
    rows
        Answer to `activity_gaps`.
    labels
        Of activities.
    """
    activity = rows["activity"].to_numpy()
    codes, counts = np.unique(activity, return_counts=True)
    used = codes[counts >= 2 * LEAST_OCCURRENCES]
    used = used[np.argsort(-counts[counts >= 2 * LEAST_OCCURRENCES], kind="stable")[:MOST_ACTIVITIES]]
    if not len(used):
        return nothing(Aspect.ACTIVITY_TIMES)
    raw = np.full((len(cases.case), len(used)), np.nan)
    row = rows_of_cases(cases, rows["case"].to_numpy())
    gap = rows["gap_us"].to_numpy() / MICROSECONDS
    for column, code in enumerate(used):
        here = activity == code
        raw[row[here], column] = gap[here]
    varies = np.array([_varies(raw[:, column]) for column in range(len(used))])
    if not varies.any():
        return nothing(Aspect.ACTIVITY_TIMES)
    raw = raw[:, varies]
    features = tuple(Feature(FeatureKind.ACTIVITY_TIME, labels[int(code)]) for code in used[varies])
    measured = (Measured.MEDIAN_SECONDS,) * len(features)
    return Series(Aspect.ACTIVITY_TIMES, "case", features, rank_scores(raw), raw, measured, cases.opened_us)


def _varies(column: Floats) -> bool:
    known = column[np.isfinite(column)]
    return bool(np.ptp(known) > 0)
