"""Work in process: how many cases are open, day by day, and whether their number grows."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from potok.core.time_units import DAY_US
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.inference.estimate import Estimate, mean_of_batches
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.case_durations import duration_statistics, lead_times
from potok.measure.case_times import CaseTimes, timely
from potok.measure.daily_flow import DailyFlow, Period, read_daily_flow
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.local_time import DAYS_A_WEEK, day_begins_us, zone_of
from potok.measure.running import run
from potok.measure.sampling import sampling_of

FEWEST_WEEKS: Final = 8
DEFAULT_CONFIDENCE: Final = 0.95


class QueueVerdict(StrEnum):
    """What a queue does, as far as its interval tells."""

    GROWING = "growing"
    SHRINKING = "shrinking"
    NO_CLEAR_TREND = "no_clear_trend"
    CANNOT_TELL = "cannot_tell"


class LoadReason(StrEnum):
    """Why a figure about the queue cannot be told, or what breaks a law."""

    CLOSED_ONLY = "closed_only"  # open cases are not in the log, so its queue is not the agency's
    TOO_FEW_WEEKS = "too_few_weeks"
    WINDOW_TOO_SHORT = "window_too_short"  # for batches as long as a mean case duration
    NOTHING_COMPLETED = "nothing_completed"
    QUEUE_GROWS = "queue_grows"
    QUEUE_SHRINKS = "queue_shrinks"
    BACKLOG_AGES = "backlog_ages"  # open cases get older than completions explain: the window's edges differ
    BACKLOG_GETS_YOUNGER = "backlog_gets_younger"


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One local day.

    Parameters
    ----------
    on
        The day.
    open_at_start
        Cases open at its midnight, before anything happens on it.
    arrivals, completions
        Cases opened and closed on it.
    mean_cases
        Open cases on average over the day; None for a day of no length (the extraction at midnight).
    is_complete
        Whether the day was over at the extraction.
    """

    on: date
    open_at_start: int
    arrivals: int
    completions: int
    mean_cases: float | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class QueueTrend:
    """By how many cases a day the queue grows.

    Parameters
    ----------
    period
        Whole weeks, ending with the last complete day; None if there are too few.
    cases_per_day
        Arrivals less completions per day, with an interval from weekly sums; None if there are too few weeks.
    verdict
        Growing or shrinking only if the interval excludes standing still.
    reason
        Why it cannot be told; None otherwise.
    """

    period: Period | None
    cases_per_day: Estimate | None
    verdict: QueueVerdict
    reason: LoadReason | None


@dataclass(frozen=True, slots=True)
class WorkInProcess:
    """Open cases by local day.

    Parameters
    ----------
    times
        Cases counted and left out.
    period
        Complete days over which the means are taken; None if there is none.
    mean_cases
        Open cases on average over the period.
    max_cases
        Most cases open at a midnight of the period.
    open_at_end
        Cases open when the period ends.
    by_day
        One row per day, the day of the extraction included.
    trend
        Whether the queue grows.
    """

    times: CaseTimes
    period: Period | None
    mean_cases: float | None
    max_cases: int | None
    open_at_end: int | None
    by_day: tuple[DayLoad, ...]
    trend: QueueTrend


def compute_work_in_process(
    store: LogStore,
    *,
    period: Period | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
    engine: Engine | None = None,
) -> WorkInProcess:
    """Compute the number of open cases by local day, its mean, and whether it grows.

    Parameters
    ----------
    period
        Which days; by default from the first opening to the extraction, for the trend from the settled day on.
    confidence
        Level of the trend's interval.

    Raises
    ------
    EmptyPeriodError
        If the log has no complete day in the period.
    TooManyDaysError
        If the log reaches over more than a hundred years.
    InvalidShareError
        If `confidence` does not lie between 0 and 1.
    """
    flow = read_daily_flow(store, period=period, engine=engine)
    chosen = period or flow.complete_period()
    inside = flow.places(chosen) if chosen else slice(0, 0)
    length = int((flow.ends_us - flow.begins_us)[inside].sum())
    at_midnight = flow.open_at_start[inside]
    settled = period or settled_period(store, flow, engine=engine)
    return WorkInProcess(
        times=flow.times,
        period=Period(flow.on(inside.start), flow.on(inside.stop)) if chosen else None,
        mean_cases=int(flow.case_us[inside].sum(dtype=object)) / length if length else None,
        max_cases=int(at_midnight.max()) if length else None,
        open_at_end=_open_after(flow, inside.stop - 1) if length else None,
        by_day=tuple(_day_load(flow, place) for place in range(len(flow.arrivals))),
        trend=_trend(flow, settled, is_told=not sampling_of(store).is_closed_only, confidence=confidence),
    )


def list_open_cases(
    store: LogStore, *, on: date | None = None, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases open at a midnight (`DayLoad.open_at_start`), by default at the extraction.

    Their seconds are their whole lead time, to the closing or the extraction.
    """
    cases = lead_times(CASES, extracted_us=store.extracted_us)
    kept = timely(cases, extracted_us=store.extracted_us)
    if on is None:
        chosen = kept.filter(kept.ended_us.isnull())
    else:
        midnight = day_begins_us((on - date(1970, 1, 1)).days, zone=zone_of(store))
        chosen = kept.filter(kept.opened_us < midnight, kept.ended_us.isnull() | (kept.ended_us >= midnight))
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine)


def settled_period(store: LogStore, flow: DailyFlow, *, engine: Engine | None = None) -> Period | None:
    """Return the complete days from which on the log's queue is the agency's.

    A log of cases opened from some day on lacks those that were open already. By the time in which nine cases in ten
    are closed, most of these are gone. Where cases were chosen by being active, nothing is left out.
    """
    whole = flow.complete_period()
    if whole is None or sampling_of(store).kind is ExtractionKind.ACTIVE:
        return whole
    statistics = duration_statistics(CASES, extracted_us=store.extracted_us)
    p90_us = next((row[4] for row in run(statistics, store, engine) if not row[0]), None)
    start = whole.from_on + timedelta(days=ceil((p90_us or 0) / DAY_US))
    return Period(start, whole.until_on) if start < whole.until_on else None


def _day_load(flow: DailyFlow, place: int) -> DayLoad:
    length = int(flow.ends_us[place] - flow.begins_us[place])
    return DayLoad(
        on=flow.on(place),
        open_at_start=int(flow.open_at_start[place]),
        arrivals=int(flow.arrivals[place]),
        completions=int(flow.completions[place]),
        mean_cases=int(flow.case_us[place]) / length if length else None,
        is_complete=place < flow.complete_days,
    )


def _open_after(flow: DailyFlow, place: int) -> int:
    return int(flow.open_at_start[place] + flow.arrivals[place] - flow.completions[place])


def _trend(flow: DailyFlow, period: Period | None, *, is_told: bool, confidence: float) -> QueueTrend:
    """Estimate the trend from weekly sums, which hold every weekday once.

    They are taken to be independent, as they are where the queue runs away. Where it is stable a week's excess is made
    up for later, and the interval is wider than need be.
    """
    if not is_told:
        return QueueTrend(None, None, QueueVerdict.CANNOT_TELL, LoadReason.CLOSED_ONLY)
    inside = flow.places(period) if period else slice(0, 0)
    weeks = (inside.stop - inside.start) // DAYS_A_WEEK
    if weeks < FEWEST_WEEKS:
        return QueueTrend(None, None, QueueVerdict.CANNOT_TELL, LoadReason.TOO_FEW_WEEKS)
    start = inside.stop - weeks * DAYS_A_WEEK
    net = (flow.arrivals - flow.completions)[start : inside.stop].reshape(weeks, DAYS_A_WEEK).sum(axis=1)
    growth = mean_of_batches([week / DAYS_A_WEEK for week in net.tolist()], confidence=confidence)
    verdict = QueueVerdict.NO_CLEAR_TREND
    if growth.lower > 0:
        verdict = QueueVerdict.GROWING
    elif growth.upper < 0:
        verdict = QueueVerdict.SHRINKING
    return QueueTrend(Period(flow.on(start), flow.on(inside.stop)), growth, verdict, None)
