"""Little's law: open cases on average, L, are arrivals per time, λ, times the mean case duration, W.

Over any period, exactly, the time for which cases were open is the summed duration of those closed in it, plus the
growth of the summed age of those still open. So L − λW has two parts, each of which says what is wrong: the queue grew
(λ exceeds throughput), or the backlog aged (cases were closed that had waited less than those left lying).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, fsum
from typing import Final

import numpy as np

from potok.core.time_units import DAY_US
from potok.engine.base import Engine
from potok.inference.estimate import Estimate, mean_of_batches
from potok.log.store import LogStore
from potok.measure.daily_flow import DailyFlow, Period, read_daily_flow
from potok.measure.load import DEFAULT_CONFIDENCE, LoadReason, settled_period
from potok.measure.running import seconds
from potok.measure.sampling import sampling_of

FEWEST_BATCHES: Final = 5
MOST_BATCHES: Final = 20
# Batches that are all alike leave no interval, only the rounding of L and λW.
ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class LittlesLaw:
    """Whether L = λW holds in a period, and what breaks it.

    Parameters
    ----------
    period
        Complete days; the earliest that do not fill a batch are left out. None if it cannot be told.
    batches
        How many parts of equal length the interval is made from.
    mean_cases
        L: open cases on average.
    arrivals_per_day
        λ.
    mean_seconds
        W: mean case duration of the cases closed in the period, calendar seconds.
    expected_cases
        λW.
    difference
        L − λW in cases, with its interval.
    from_queue_growth, from_backlog_age
        The two parts of the difference, in cases: more (or fewer) arrivals than completions, and the change of the
        summed age of open cases from the beginning of the period to its end. They add up to it exactly.
    holds
        Whether the interval of the difference contains 0; None if it cannot be told.
    reasons
        What breaks it, or why it cannot be told.
    """

    period: Period | None
    batches: int
    mean_cases: float | None
    arrivals_per_day: float | None
    mean_seconds: float | None
    expected_cases: float | None
    difference: Estimate | None
    from_queue_growth: float | None
    from_backlog_age: float | None
    holds: bool | None
    reasons: tuple[LoadReason, ...]


def compute_littles_law(
    store: LogStore,
    *,
    period: Period | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
    engine: Engine | None = None,
) -> LittlesLaw:
    """Check L = λW on a period, with the interval of the difference.

    The period is cut into batches of equal length, each at least as long as a mean case duration; the interval is that
    of batch means. A batch's excess ends where the next one's begins, so that in a stable queue the interval is wider
    than need be.

    Parameters
    ----------
    period
        Which days; by default from the settled day (see `settled_period`) to the extraction.

    Raises
    ------
    EmptyPeriodError, TooManyDaysError, InvalidShareError
        As `compute_work_in_process`.

    References
    ----------
    Little (1961), "A proof for the queuing formula: L = λW"; Kim and Whitt (2013), "Statistical analysis with
    Little's law".
    """
    flow = read_daily_flow(store, period=period, engine=engine)
    chosen = period or settled_period(store, flow, engine=engine)
    if sampling_of(store).is_closed_only:
        return _no_law(LoadReason.CLOSED_ONLY)
    if chosen is None:
        return _no_law(LoadReason.WINDOW_TOO_SHORT)
    return _law(flow, flow.places(chosen), confidence)


def _no_law(reason: LoadReason) -> LittlesLaw:
    return LittlesLaw(None, 0, None, None, None, None, None, None, None, None, (reason,))


def _law(flow: DailyFlow, inside: slice, confidence: float) -> LittlesLaw:
    closed = int(flow.completions[inside].sum())
    if not closed:
        return _no_law(LoadReason.NOTHING_COMPLETED)
    days = inside.stop - inside.start
    mean_days = max(1, ceil(sum(flow.completed_lead_us[inside]) / closed / DAY_US))
    batches = min(MOST_BATCHES, days // mean_days)
    if batches < FEWEST_BATCHES:
        return _no_law(LoadReason.WINDOW_TOO_SHORT)
    length = days // batches
    start = inside.stop - batches * length
    parts = [_batch(flow, slice(first, first + length)) for first in range(start, inside.stop, length)]
    return _law_of(parts, Period(flow.on(start), flow.on(inside.stop)), confidence)


@dataclass(frozen=True, slots=True)
class _Batch:
    length_us: int
    case_us: int
    arrivals: int
    completions: int
    lead_us: int


def _batch(flow: DailyFlow, places: slice) -> _Batch:
    return _Batch(
        length_us=int((flow.ends_us - flow.begins_us)[places].sum()),
        case_us=int(np.sum(flow.case_us[places], dtype=object)),
        arrivals=int(flow.arrivals[places].sum()),
        completions=int(flow.completions[places].sum()),
        lead_us=sum(flow.completed_lead_us[places]),
    )


def _law_of(parts: Sequence[_Batch], period: Period, confidence: float) -> LittlesLaw:
    """Compare L with λW, where W = Y ⁄ X, the summed durations of X closed cases.

    Per batch, dₖ = Lₖ − λₖW − λ (Yₖ − W Xₖ) ⁄ X̄ linearises the difference, with mean L − λW.
    """
    length = sum(part.length_us for part in parts)
    case_us, lead_us = sum(part.case_us for part in parts), sum(part.lead_us for part in parts)
    arrivals, closed = sum(part.arrivals for part in parts), sum(part.completions for part in parts)
    if not closed:
        return _no_law(LoadReason.NOTHING_COMPLETED)
    mean_us = lead_us / closed
    # Batches may differ by an hour or two where clocks change; all rates are per mean batch.
    batch_us, ratio = length / len(parts), arrivals / closed
    excesses = [
        (part.case_us - part.arrivals * mean_us - ratio * (part.lead_us - part.completions * mean_us)) / batch_us
        for part in parts
    ]
    spread = mean_of_batches(excesses, confidence=confidence)
    from_growth = (closed - arrivals) * mean_us / length
    from_age = (case_us - lead_us) / length
    holds = spread.lower <= 0 <= spread.upper or abs(spread.value) <= ROUNDING * case_us / length
    return LittlesLaw(
        period=period,
        batches=len(parts),
        mean_cases=case_us / length,
        arrivals_per_day=arrivals / (length / DAY_US),
        mean_seconds=seconds(mean_us),
        expected_cases=arrivals * mean_us / length,
        difference=spread,
        from_queue_growth=from_growth,
        from_backlog_age=from_age,
        holds=holds,
        reasons=() if holds else _reasons(from_growth, from_age),
    )


def _reasons(from_growth: float, from_age: float) -> tuple[LoadReason, ...]:
    """Name the parts that pull the difference away from 0, the larger first."""
    total = fsum((from_growth, from_age))
    named = (
        (from_growth, LoadReason.QUEUE_SHRINKS if from_growth > 0 else LoadReason.QUEUE_GROWS),
        (from_age, LoadReason.BACKLOG_AGES if from_age > 0 else LoadReason.BACKLOG_GETS_YOUNGER),
    )
    return tuple(reason for part, reason in sorted(named, key=lambda one: -abs(one[0])) if part * total > 0)
