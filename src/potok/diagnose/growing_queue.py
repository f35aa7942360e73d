"""Queues that grow: more cases come to be open, or to stay after an activity, than leave, week after week.

Counted are cases up to an age at which the log has all of them: a log that begins on some day lacks the cases that
were open already, and cases that nobody ever closed would pile up for ever.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.core.time_units import DAY_US
from potok.diagnose.given_cases import list_given_cases
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.inference.estimate import Estimate, mean_of_batches
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.case_times import timely
from potok.measure.evidence import CaseEvidence, find_code
from potok.measure.ledger import earlier, later
from potok.measure.load import FEWEST_WEEKS
from potok.measure.local_time import DAYS_A_WEEK, day_begins_us, day_number_at, zone_of
from potok.measure.running import activity_labels, fetch, run, seconds
from potok.measure.sampling import sampling_of

ERROR_RATE: Final = 0.05
LEAST_GROWTH: Final = 0.1
"""Least growth over the weeks counted, as a share of the mean queue, that is worth naming."""
LEAST_CASES: Final = 10
MOST_FINDINGS: Final = 5
MOST_EXAMPLES: Final = 10
WHOLE_LOG: Final = -1
ASSUMPTION: Final = mark("Weeks are taken to be alike: half of a season looks like growth.")

_EARLY_SHARE: Final = 0.05
_WEEK_US: Final = DAYS_A_WEEK * DAY_US
_BLOCK_WEEKS: Final = (1, 2, 4)
_LATER_CONFIDENCE: Final = 0.9

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Watch:
    """When a log has all cases up to an age.

    Parameters
    ----------
    start_us, end_us
        Whole weeks, up to the last midnight before the extraction.
    age_us
        Cases count up to this age: all of them opened while the log was complete.
    """

    start_us: int
    end_us: int
    age_us: int

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return (self.end_us - self.start_us) // _WEEK_US


@dataclass(frozen=True, slots=True)
class GrowingQueue:
    """One queue that grows.

    Parameters
    ----------
    activity
        After which cases stay; None for all open cases.
    cases_per_week
        Cases coming less cases leaving, with its interval.
    at_start, at_end
        Cases in the queue as the weeks begin and end.
    case, stayed_us
        (at_end,): codes of the cases there at the end, and for how long, µs; the longest first.
    """

    activity: str | None
    cases_per_week: Estimate
    at_start: int
    at_end: int
    case: Integers
    stayed_us: Integers


def find_watch(store: LogStore, *, engine: Engine | None = None) -> Watch | None:
    """Return the weeks in which a log has all cases up to an age; None if it has not, or fewer than `FEWEST_WEEKS`.

    The log is taken to be complete from the day by which 5 % of its cases had opened, and from the day since which
    active cases were watched: single cases of earlier years tell nothing of their time. Half of the time from then on
    is the age, the other half the watch.
    """
    sampling = sampling_of(store)
    if sampling.is_closed_only or (sampling.kind is ExtractionKind.ACTIVE and sampling.watched_from_us is None):
        return None
    cases = timely(CASES, extracted_us=store.extracted_us)
    ((early_us,),) = run(
        cases.aggregate(early_us=cases.opened_us.quantile(_EARLY_SHARE).cast("float64")), store, engine
    )
    if early_us is None:
        return None
    first_us = max(int(early_us), sampling.watched_from_us or int(early_us))
    zone = zone_of(store)
    end_us = day_begins_us(day_number_at(store.extracted_us, zone=zone), zone=zone)
    age_us = max(end_us - first_us, 0) // 2
    weeks = age_us // _WEEK_US
    return Watch(end_us - weeks * _WEEK_US, end_us, age_us) if weeks >= FEWEST_WEEKS else None


def stays(events: ibis.Table, cases: ibis.Table, *, extracted_us: int, age_us: int) -> ibis.Table:
    """Return when cases were open, and when they stayed after an activity, each up to an age.

    A case stays after an activity from its completion to the start of the case's next instance, or to its completion
    if no start is known; after the last one to the closing.

    Returns
    -------
    ibis.Table
        `queue` (code of the activity, or `WHOLE_LOG`), `case`, `enter_us`, `leave_us`; stays of no length are left out.
    """
    kept = timely(cases, extracted_us=extracted_us)
    limit_us = kept.opened_us + age_us
    bounds = kept.select(
        "case", "opened_us", gone_us=earlier(limit_us, ibis.coalesce(kept.ended_us, limit_us)).cast("int64")
    )
    whole = bounds.select(queue=ibis.literal(WHOLE_LOG, "int32"), case="case", enter_us="opened_us", leave_us="gone_us")
    done = events.inner_join(bounds, "case")
    next_us = ibis.coalesce(done.next_started_us, done.next_completed_us, done.gone_us)
    enter_us = later(ibis.coalesce(done.completed_us, done.started_us), done.opened_us)
    after = done.select(
        queue="activity", case="case", enter_us=enter_us.cast("int64"), leave_us=earlier(next_us, done.gone_us)
    )
    both = whole.union(after.mutate(leave_us=after.leave_us.cast("int64")))
    return both.filter(both.enter_us < both.leave_us)


def weekly_growth(stayed: ibis.Table, *, start_us: int, end_us: int) -> ibis.Table:
    """Return one row per queue and week with traffic: `queue`, `week` (from 0), `entered`, `growth`, in cases."""
    moves = stayed.select("queue", at_us="enter_us", by=ibis.literal(1, "int64")).union(
        stayed.select("queue", at_us="leave_us", by=ibis.literal(-1, "int64"))
    )
    inside = moves.filter(moves.at_us >= start_us, moves.at_us < end_us)
    placed = inside.mutate(week=((inside.at_us - start_us) // _WEEK_US).cast("int64"))
    return placed.group_by("queue", "week").aggregate(
        entered=ibis.ifelse(placed.by > 0, 1, 0).sum().cast("int64"), growth=placed.by.sum().cast("int64")
    )


def standing(stayed: ibis.Table, *, end_us: int) -> ibis.Table:
    """Return the stays that last at an instant: `queue`, `case`, `stayed_us` so far."""
    there = stayed.filter(stayed.enter_us < end_us, stayed.leave_us >= end_us)
    return there.select("queue", "case", stayed_us=(end_us - there.enter_us).cast("int64"))


def compute_growing_queues(store: LogStore, *, engine: Engine | None = None) -> tuple[GrowingQueue, ...]:
    """Find the queues that surely grow: of all open cases, and of those that stay after each activity.

    The error rate is shared out evenly over the queues looked at. Empty where the log cannot tell (`find_watch`).
    """
    watch = find_watch(store, engine=engine)
    if watch is None:
        return ()
    stayed = stays(EVENTS, CASES, extracted_us=store.extracted_us, age_us=watch.age_us)
    growth, entered = _by_queue(
        run(weekly_growth(stayed, start_us=watch.start_us, end_us=watch.end_us), store, engine), watch.weeks
    )
    looked_at = [queue for queue in sorted(growth) if entered[queue] >= LEAST_CASES]
    labels = activity_labels(store, engine)
    confidence = 1 - ERROR_RATE / max(1, len(looked_at))
    held = standing(stayed, end_us=watch.end_us)
    found = []
    for queue in looked_at:
        if _least(growth[queue], confidence).lower <= 0:
            continue
        case, stayed_us = _longest_first(fetch(held.filter(held.queue == queue), store, engine))
        grown = judge_growth(growth[queue], at_end=len(case), confidence=confidence)
        if grown is not None:
            at_start = len(case) - int(growth[queue].sum())
            found.append(GrowingQueue(labels.get(queue), grown, at_start, len(case), case, stayed_us))
    return tuple(found)


def judge_growth(growth: Integers, *, at_end: int, confidence: float) -> Estimate | None:
    """Return by how many cases a week a queue grows; None unless it surely does, still does, and it matters.

    Weeks depend on each other: of the intervals from single weeks and from blocks of two and four, as long as there
    are `FEWEST_WEEKS` blocks, the one that says least counts.

    Parameters
    ----------
    growth
        (weeks,): cases that came less cases that left.
    at_end
        Cases in the queue at the end, of which there must be `LEAST_CASES`.
    """
    found = _least(growth, confidence)
    still = mean_of_batches(growth[len(growth) // 2 :].tolist(), confidence=_LATER_CONFIDENCE)
    mean_queue = float(np.mean(at_end - int(growth.sum()) + np.cumsum(growth)))
    matters = found.lower * len(growth) >= LEAST_GROWTH * mean_queue
    is_sure = found.lower > 0 and still.lower > 0
    return found if is_sure and matters and at_end >= LEAST_CASES else None


def find_growing_queues(found: Sequence[GrowingQueue]) -> tuple[Finding, ...]:
    """Return growing queues as findings, that in which cases have stayed longest first, at most `MOST_FINDINGS`.

    What they concern is the time for which the cases in the queue have been there.
    """
    findings = [
        Finding(
            kind=FindingKind.GROWING_QUEUE,
            waste=Waste.INVENTORY,
            where=Place(activity=queue.activity or ""),
            cases=queue.at_end,
            occurrences=queue.at_end,
            example_cases=tuple(queue.case[:MOST_EXAMPLES].tolist()),
            affected_seconds=seconds(int(queue.stayed_us.sum(dtype=object))),
            confidence=Confidence.INFERRED,
            assumption=ASSUMPTION,
        )
        for queue in found
    ]
    return tuple(sorted(findings, key=lambda one: -(one.affected_seconds or 0.0))[:MOST_FINDINGS])


def list_queue_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases in a growing queue at the end, the longest there first; their seconds are for how long.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the activity.
    ValueError
        If the log cannot tell of queues.
    """
    watch = find_watch(store, engine=engine)
    if watch is None:
        raise ValueError("the log cannot tell of queues")
    activity = finding.where.activity
    queue = find_code(activity_labels(store, engine), activity) if activity else WHOLE_LOG
    stayed = stays(EVENTS, CASES, extracted_us=store.extracted_us, age_us=watch.age_us)
    held = standing(stayed, end_us=watch.end_us)
    case, stayed_us = _longest_first(fetch(held.filter(held.queue == queue), store, engine))
    return list_given_cases(store, case, stayed_us, limit=limit, engine=engine)


def _by_queue(rows: Iterator[tuple[int, int, int, int]], weeks: int) -> tuple[dict[int, Integers], dict[int, int]]:
    growth: dict[int, Integers] = {}
    entered: dict[int, int] = {}
    for queue, week, came, grown in rows:
        growth.setdefault(queue, np.zeros(weeks, np.int64))[week] = grown
        entered[queue] = entered.get(queue, 0) + came
    return growth, entered


def _longest_first(held: pa.Table) -> tuple[Integers, Integers]:
    case, stayed_us = (held[name].to_numpy().astype(np.int64) for name in ("case", "stayed_us"))
    order = np.lexsort((case, -stayed_us))
    return case[order], stayed_us[order]


def _least(growth: Integers, confidence: float) -> Estimate:
    """Return the growth per week with the interval, of those of several block lengths, that begins lowest."""
    lengths = [length for length in _BLOCK_WEEKS if length == 1 or len(growth) // length >= FEWEST_WEEKS]
    estimates = (mean_of_batches(_block_means(growth, length), confidence=confidence) for length in lengths)
    return min(estimates, key=lambda estimate: estimate.lower)


def _block_means(growth: Integers, length: int) -> list[float]:
    blocks = len(growth) // length
    means: list[float] = growth[len(growth) - blocks * length :].reshape(blocks, length).mean(axis=1).tolist()
    return means
