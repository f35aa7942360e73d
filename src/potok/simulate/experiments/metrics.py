"""What a simulated log comes to, in figures that people decide by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.simulate.experiments.frames import Frame
from potok.simulate.kernel.simulated_log import NOBODY, UNKNOWN, SimulatedLog
from potok.simulate.model import Consequence, ProcessModel, fixed

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_SECOND_US: Final = 1e6
_HOUR_US: Final = 3.6e9


class MetricName(StrEnum):
    """What is counted. Durations are calendar time; cases are those that arrive in the time that counts."""

    CASE_DURATION_MEAN = "case_duration_mean"
    CASE_DURATION_MEDIAN = "case_duration_median"
    CASE_DURATION_P90 = "case_duration_p90"
    WAITING_MEAN = "waiting_mean"
    WAITING_MEDIAN = "waiting_median"
    WAITING_P90 = "waiting_p90"
    SHARE_IN_TERM = "share_in_term"
    CASES = "cases"
    THROUGHPUT = "throughput"
    MEAN_OPEN_CASES = "mean_open_cases"
    OPEN_AT_END = "open_at_end"
    STAFF_TIME_PER_CASE = "staff_time_per_case"
    STAFF_TIME_PER_DAY = "staff_time_per_day"
    COST_PER_CASE = "cost_per_case"
    APPLICANT_TIME_PER_CASE = "applicant_time_per_case"
    UTILISATION = "utilisation"
    OFFERED_LOAD = "offered_load"
    ADVERSE_SHARE = "adverse_share"
    UNFINISHED_SHARE = "unfinished_share"


class Unit(StrEnum):
    """What a figure is counted in."""

    SECONDS = "seconds"
    SHARE = "share"
    CASES = "cases"
    CASES_PER_DAY = "cases_per_day"
    CURRENCY = "currency"


_SECONDS: Final = frozenset(
    {
        MetricName.CASE_DURATION_MEAN,
        MetricName.CASE_DURATION_MEDIAN,
        MetricName.CASE_DURATION_P90,
        MetricName.WAITING_MEAN,
        MetricName.WAITING_MEDIAN,
        MetricName.WAITING_P90,
        MetricName.STAFF_TIME_PER_CASE,
        MetricName.STAFF_TIME_PER_DAY,
        MetricName.APPLICANT_TIME_PER_CASE,
    }
)
_SHARES: Final = frozenset(
    {
        MetricName.SHARE_IN_TERM,
        MetricName.UTILISATION,
        MetricName.OFFERED_LOAD,
        MetricName.ADVERSE_SHARE,
        MetricName.UNFINISHED_SHARE,
    }
)
_NO_TIME: Final = fixed(0)
_HIGHER_IS_BETTER: Final = frozenset({MetricName.SHARE_IN_TERM, MetricName.CASES, MetricName.THROUGHPUT})


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure.

    Parameters
    ----------
    name
        What is counted.
    subject
        Pool or indicator of quality; empty of figures of the whole process.
    """

    name: MetricName
    subject: str = ""

    @property
    def unit(self) -> Unit:
        """What it is counted in."""
        if self.name in _SECONDS:
            return Unit.SECONDS
        if self.name in _SHARES:
            return Unit.SHARE
        if self.name is MetricName.THROUGHPUT:
            return Unit.CASES_PER_DAY
        return Unit.CURRENCY if self.name is MetricName.COST_PER_CASE else Unit.CASES

    @property
    def is_lower_better(self) -> bool:
        """Which way is good."""
        return self.name not in _HIGHER_IS_BETTER


def list_metrics(models: Iterable[ProcessModel]) -> tuple[Metric, ...]:
    """List the figures that one of several models can tell, pools and indicators in the order of their appearance."""
    known = tuple(models)
    by_pool = dict.fromkeys(pool.name for model in known for pool in model.pools)
    indicators = dict.fromkeys(one.indicator for model in known for one in model.consequences)
    whole = [
        Metric(name)
        for name in MetricName
        if name not in (MetricName.UTILISATION, MetricName.OFFERED_LOAD, MetricName.ADVERSE_SHARE)
        and any(_is_told(name, model) for model in known)
    ]
    loads = [Metric(name, pool) for name in (MetricName.UTILISATION, MetricName.OFFERED_LOAD) for pool in by_pool]
    return (*whole, *loads, *(Metric(MetricName.ADVERSE_SHARE, one) for one in indicators))


def _is_told(name: MetricName, model: ProcessModel) -> bool:
    """Return whether a model says anything of what a figure counts: what nobody has stated is unknown, not nothing."""
    people = [person for pool in model.pools for person in pool.people]
    match name:
        case MetricName.SHARE_IN_TERM:
            return bool(model.term)
        case MetricName.COST_PER_CASE:
            return any(one.cost > 0 for one in model.activities) or any(one.cost_per_hour > 0 for one in people)
        case MetricName.APPLICANT_TIME_PER_CASE:
            return any(one.applicant_seconds > 0 for one in model.activities)
        case MetricName.STAFF_TIME_PER_CASE | MetricName.STAFF_TIME_PER_DAY:
            return bool(people) and any(one.duration != _NO_TIME for one in model.activities if not one.is_automatic)
        case _:
            return True


@dataclass(frozen=True, slots=True)
class _Counted:
    """The cases and instances of a log that count.

    Parameters
    ----------
    is_case
        (m,) bool: the case arrived in the time that counts.
    case_of
        (n,) int64: number of each instance's case.
    is_row
        (n,) bool: the instance belongs to such a case and was completed.
    duration_us, waiting_us
        (c,) of the cases that count; of those that were never closed up to the end of the run, which is less than they
        would take.
    in_term
        (d,) bool, of those of them that have a due date.
    unfinished
        Cases that count and were never closed.
    """

    is_case: Flags
    case_of: npt.NDArray[np.int64]
    is_row: Flags
    duration_us: npt.NDArray[np.int64]
    waiting_us: Reals
    in_term: Flags
    unfinished: int


def compute_outcomes(
    log: SimulatedLog,
    model: ProcessModel,
    frame: Frame,
    *,
    metrics: Sequence[Metric],
    consequences: Sequence[Consequence] | None = None,
) -> Reals:
    """Compute the figures of one replication.

    Parameters
    ----------
    log
        What the kernel returned for `model` over `frame`.
    metrics
        Which figures, in this order.
    consequences
        What activities prevent; None: what the model says. Those of activities that the model does not have are left
        out.

    Returns
    -------
    Reals
        (k,): times in seconds, shares 0–1; NaN where there is nothing to count.

    Notes
    -----
    Waiting of a case is the sum of the times from enabled to started of all its instances, also where they overlap.
    The offered load of a pool is the work that the cases bring, whenever it is done, over the hours on duty in the time
    that counts: from 1 on, queues grow without end. An indicator of quality is expected, not drawn: of the cases in
    which an activity was done, `share_with` of its consequence; of those in which the rules left it out,
    `share_without`.
    """
    counted = _count(log, frame)
    whole = _whole_figures(log, model, frame, counted)
    loads = _loads(log, model, frame, counted)
    quality = _quality(log, model, counted, model.consequences if consequences is None else consequences)
    values = {**whole, **loads, **quality}
    return np.array([values.get((metric.name, metric.subject), np.nan) for metric in metrics], dtype=np.float64)


def case_durations(log: SimulatedLog) -> Reals:
    """Return how long each case that was not open at the beginning took, in the order of arrival; seconds."""
    is_new = ~log.is_initial & (log.closed_us != UNKNOWN)
    return np.asarray((log.closed_us[is_new] - log.arrived_us[is_new]) / _SECOND_US)


def _count(log: SimulatedLog, frame: Frame) -> _Counted:
    is_case = ~log.is_initial & (log.arrived_us >= frame.count_from_us) & (log.arrived_us < frame.end_us)
    case_of = np.repeat(np.arange(len(log.case_type)), np.diff(log.first_row))
    is_done = (log.started_us != UNKNOWN) & (log.completed_us != UNKNOWN)
    waits = np.where(is_done, log.started_us - log.enabled_us, 0).astype(np.float64)
    waiting = np.bincount(case_of, weights=waits, minlength=len(is_case))
    # What was never closed waits on, for a batch that does not fill or work that nobody does: to the end at the least.
    is_unfinished = is_case & (log.closed_us == UNKNOWN)
    last_us = max(frame.end_us, int(log.completed_us.max(initial=0)))
    latest = log.arrived_us.copy()
    np.maximum.at(latest, case_of[is_done], log.completed_us[is_done])
    stuck = np.where(is_unfinished, last_us - latest, 0).astype(np.float64)
    left_us = np.where(is_unfinished, last_us, log.closed_us)
    has_term = is_case & (log.due_us != UNKNOWN)
    return _Counted(
        is_case,
        case_of,
        is_done & is_case[case_of],
        (left_us - log.arrived_us)[is_case],
        np.asarray(waiting + stuck)[is_case],
        ((left_us <= log.due_us) & ~is_unfinished)[has_term],
        int(is_unfinished.sum()),
    )


def _whole_figures(
    log: SimulatedLog, model: ProcessModel, frame: Frame, counted: _Counted
) -> dict[tuple[MetricName, str], float]:
    cases = int(counted.is_case.sum())
    found = {
        MetricName.CASES: float(cases),
        MetricName.THROUGHPUT: _between(log.closed_us, frame) / frame.days,
        MetricName.MEAN_OPEN_CASES: _mean_open(log, frame),
        MetricName.OPEN_AT_END: float(
            ((log.arrived_us < frame.end_us) & ((log.closed_us == UNKNOWN) | (log.closed_us >= frame.end_us))).sum()
        ),
        MetricName.STAFF_TIME_PER_DAY: _staff_us(log, _started_between(log, frame)) / _SECOND_US / frame.days,
        **_distribution("CASE_DURATION", counted.duration_us / _SECOND_US),
        **_distribution("WAITING", counted.waiting_us / _SECOND_US),
    }
    if len(counted.in_term):
        found[MetricName.SHARE_IN_TERM] = float(counted.in_term.mean())
    if cases:
        found |= {
            MetricName.UNFINISHED_SHARE: min(counted.unfinished / cases + log.truncated / len(log.case_type), 1.0),
            MetricName.STAFF_TIME_PER_CASE: _staff_us(log, counted.is_row) / _SECOND_US / cases,
            MetricName.COST_PER_CASE: _cost(log, model, counted.is_row) / cases,
            MetricName.APPLICANT_TIME_PER_CASE: _summed(
                log, counted.is_row, [one.applicant_seconds for one in model.activities]
            )
            / cases,
        }
    return {(name, ""): value for name, value in found.items()}


def _distribution(prefix: str, seconds: Reals) -> dict[MetricName, float]:
    if not len(seconds):
        return {}
    median, ninth = np.quantile(seconds, [0.5, 0.9])
    return {
        MetricName[f"{prefix}_MEAN"]: float(seconds.mean()),
        MetricName[f"{prefix}_MEDIAN"]: float(median),
        MetricName[f"{prefix}_P90"]: float(ninth),
    }


def _between(at_us: npt.NDArray[np.int64], frame: Frame) -> float:
    return float(((at_us >= frame.count_from_us) & (at_us < frame.end_us)).sum())


def _started_between(log: SimulatedLog, frame: Frame) -> Flags:
    return np.asarray(
        (log.completed_us != UNKNOWN) & (log.started_us >= frame.count_from_us) & (log.started_us < frame.end_us)
    )


def _mean_open(log: SimulatedLog, frame: Frame) -> float:
    closed = np.where(log.closed_us == UNKNOWN, frame.end_us, log.closed_us)
    first = np.clip(log.arrived_us, frame.count_from_us, frame.end_us)
    last = np.clip(closed, frame.count_from_us, frame.end_us)
    return float((last - first).sum() / (frame.end_us - frame.count_from_us))


def _staff_us(log: SimulatedLog, is_row: Flags) -> float:
    return float(log.worked_us[is_row & (log.person != NOBODY)].sum())


def _summed(log: SimulatedLog, is_row: Flags, each: Sequence[float]) -> float:
    return float(np.asarray(each, dtype=np.float64)[log.activity[is_row]].sum())


def _cost(log: SimulatedLog, model: ProcessModel, is_row: Flags) -> float:
    executions = _summed(log, is_row, [one.cost for one in model.activities])
    by_people = is_row & (log.person != NOBODY)
    per_hour = np.array([person.cost_per_hour for pool in model.pools for person in pool.people], dtype=np.float64)
    if not len(per_hour):
        return executions
    return executions + float((per_hour[log.person[by_people]] * log.worked_us[by_people]).sum() / _HOUR_US)


def _loads(
    log: SimulatedLog, model: ProcessModel, frame: Frame, counted: _Counted
) -> dict[tuple[MetricName, str], float]:
    """Return each pool's share of time on duty at work, and the share that the cases' work would take."""
    busy_share = (frame.end_us - frame.count_from_us) / (log.end_us - log.start_us)
    places = np.array([person.at_once for pool in model.pools for person in pool.people], dtype=np.float64)
    duty = log.duty_us * busy_share * places
    weight = log.worked_us * _once_per_batch(log, model)
    people = len(places)

    def by_person(rows: Flags, of: Reals) -> Reals:
        chosen = rows & (log.person != NOBODY)
        return np.bincount(log.person[chosen], weights=of[chosen], minlength=people).astype(np.float64)

    is_done = log.completed_us != UNKNOWN
    within = np.where(is_done, _overlap_share(log, frame), 0.0)
    busy, offered = by_person(is_done, weight * within), by_person(counted.is_row, weight)
    found = {}
    bounds = np.cumsum([0, *(len(pool.people) for pool in model.pools)])
    for pool, (first, last) in zip(model.pools, pairwise(bounds), strict=True):
        if (on_duty := float(duty[first:last].sum())) > 0:
            found[MetricName.UTILISATION, pool.name] = float(busy[first:last].sum()) / on_duty
            found[MetricName.OFFERED_LOAD, pool.name] = float(offered[first:last].sum()) / on_duty
    return found


def _overlap_share(log: SimulatedLog, frame: Frame) -> Reals:
    """Return which share of each instance lies in the time that counts."""
    first = np.clip(log.started_us, frame.count_from_us, frame.end_us)
    last = np.clip(log.completed_us, frame.count_from_us, frame.end_us)
    length = np.maximum(log.completed_us - log.started_us, 1)
    return np.asarray((last - first) / length, dtype=np.float64)


def _once_per_batch(log: SimulatedLog, model: ProcessModel) -> Reals:
    """Return the weights that count a batch's time once where its members are done at the same time."""
    is_concurrent = np.array([bool(one.batching and one.batching.is_concurrent) for one in model.activities])
    shared = is_concurrent[log.activity] & (log.batch >= 0)
    weights = np.ones(len(log.activity), dtype=np.float64)
    if shared.any():
        sizes = np.bincount(log.batch[shared])
        weights[shared] = 1.0 / sizes[log.batch[shared]]
    return weights


def _quality(
    log: SimulatedLog, model: ProcessModel, counted: _Counted, consequences: Sequence[Consequence]
) -> dict[tuple[MetricName, str], float]:
    cases = int(counted.is_case.sum())
    place = {one.name: number for number, one in enumerate(model.activities)}
    found: dict[tuple[MetricName, str], float] = {}
    for one in consequences:
        if one.activity not in place or not cases:
            continue
        code = place[one.activity]
        done = np.zeros(len(counted.is_case), dtype=bool)
        done[counted.case_of[counted.is_row & (log.activity == code)]] = True
        left_out = counted.is_case & ~done & (log.skipped[:, code] > 0)
        expected = done.sum() * one.share_with + left_out.sum() * one.share_without
        key = (MetricName.ADVERSE_SHARE, one.indicator)
        found[key] = found.get(key, 0.0) + float(expected) / cases
    return found
