"""Waiting, processing and sojourn in plain Python; see `support.reference`."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import stdev

from potok.measure.activity_times import ActivityTimes, GroupTimes, TimeSummary
from potok.measure.case_durations import BIN_BOUNDS_SECONDS
from potok.measure.temporal_profile import TemporalProfile, TemporalRelation
from potok.measure.waiting import CaseWaiting, WaitingBin
from support.reference import in_seconds, quantile, traces, wait
from support.tiny_store import SECOND, TinyEvent, TinyLog


@dataclass(frozen=True)
class TimedInstance:
    case: str
    event: TinyEvent
    enabled: int | None
    waiting: int | None
    processing: int | None
    sojourn: int | None


def timed_instances(log: TinyLog, enablement: str) -> list[TimedInstance]:
    found = []
    for case, trace in traces(log).items():
        for place, event in enumerate(trace):
            enabled = event.enabled if enablement == "given" else trace[place - 1].completed if place else None
            found.append(_timed(case, event, enabled))
    return found


def _timed(case: str, event: TinyEvent, enabled: int | None) -> TimedInstance:
    started, completed = event.started, event.completed
    waiting = max(0, started - enabled) if None not in (started, enabled) else None
    processing = completed - started if None not in (started, completed) and started <= completed else None
    sojourn = None
    if enabled is not None and completed is not None:
        if started is None:
            sojourn = max(0, completed - enabled)
        elif started <= completed:
            sojourn = waiting + processing
    return TimedInstance(case, event, enabled, waiting, processing, sojourn)


def summary(values: list[int | None]) -> TimeSummary:
    known = [value for value in values if value is not None]
    return TimeSummary(
        known=len(known),
        known_share=len(known) / len(values) if values else 0.0,
        min_seconds=in_seconds(min(known, default=None)),
        median_seconds=in_seconds(quantile(known, 0.5)),
        p90_seconds=in_seconds(quantile(known, 0.9)),
        max_seconds=in_seconds(max(known, default=None)),
        mean_seconds=in_seconds(sum(known) / len(known)) if known else None,
        total_seconds=in_seconds(sum(known)) if known else None,
    )


def choose_enablement(log: TinyLog, enablement: str | None) -> str:
    return enablement or ("given" if any(event.enabled is not None for event in log.events) else "previous")


def reasons(log: TinyLog, enablement: str) -> tuple[str, ...]:
    events = log.events
    started = [event for event in events if event.started is not None]
    completed = [event for event in events if event.completed is not None]
    both = [event for event in started if event.completed is not None]
    disordered = [event for event in both if event.started > event.completed]
    found = []
    if not started:
        found.append("no_start_times")
    elif len(started) < len(events):
        found.append("some_start_times_missing")
    if started and completed and all(event.started == event.completed for event in both):
        found.append("starts_equal_completions")
    if not completed:
        found.append("no_completion_times")
    elif len(completed) - len(disordered) < len(events):
        found.append("some_completion_times_missing")
    if enablement == "previous":
        found.append("enablement_is_assumed")
    elif any(event.enabled is None for event in events):
        found.append("some_enablements_missing")
    return tuple(found)


def compute_activity_times(log: TinyLog, *, by: str = "activity", enablement: str | None = None) -> ActivityTimes:
    chosen = choose_enablement(log, enablement)
    grouped = defaultdict(list)
    for timed in timed_instances(log, chosen):
        grouped[getattr(timed.event, by)].append(timed)
    groups = [
        GroupTimes(
            label,
            len(held),
            summary([timed.waiting for timed in held]),
            summary([timed.processing for timed in held]),
            summary([timed.sojourn for timed in held]),
        )
        for label, held in grouped.items()
    ]
    return ActivityTimes(
        by=by,
        enablement=chosen,
        has_start_times=any(event.started is not None for event in log.events),
        reasons=reasons(log, chosen),
        groups=tuple(sorted(groups, key=lambda g: (-g.instances, g.label is None, g.label or ""))),
    )


def union_length(intervals: list[tuple[int, int]]) -> int:
    """Length of a union of half-open intervals, by its elementary pieces."""
    cuts = sorted({cut for interval in intervals for cut in interval})
    return sum(high - low for low, high in pairwise(cuts) if any(a <= low and high <= b for a, b in intervals))


def case_waits(log: TinyLog, enablement: str) -> dict[str, tuple[int | None, bool]]:
    """Wait of each case (None if unknown), and whether only a part of it is known."""
    found = {}
    for case, trace in traces(log).items():
        intervals = _wait_intervals(trace, enablement)
        known = [interval for interval in intervals if interval is not None]
        length = union_length(known) if known or not intervals else None
        found[case] = length, bool(known) and len(known) < len(intervals)
    return found


def _wait_intervals(trace: list[TinyEvent], enablement: str) -> list[tuple[int, int] | None]:
    if enablement == "given":
        return [
            None if None in (event.enabled, event.started) else (event.enabled, max(event.enabled, event.started))
            for event in trace
        ]
    found = []
    for first, second in pairwise(trace):
        arrivals = [instant for instant in (second.started, second.completed) if instant is not None]
        is_known = first.completed is not None and arrivals
        found.append((first.completed, max(first.completed, min(arrivals))) if is_known else None)
    return found


def compute_case_waiting(log: TinyLog, *, enablement: str | None = None) -> CaseWaiting:
    chosen = choose_enablement(log, enablement)
    waits = case_waits(log, chosen)
    return CaseWaiting(
        enablement=chosen,
        has_start_times=any(event.started is not None for event in log.events),
        reasons=reasons(log, chosen),
        cases=len(waits),
        partly_known_cases=sum(is_partly for _wait, is_partly in waits.values()),
        waiting=summary([length for length, _is_partly in waits.values()]),
    )


def compute_waiting_histogram(log: TinyLog, *, enablement: str | None = None) -> tuple[WaitingBin, ...]:
    waits = [length for length, _partly in case_waits(log, choose_enablement(log, enablement)).values()]
    bins = [
        WaitingBin(float(low), float(high), sum(w is not None and low * SECOND <= w < high * SECOND for w in waits))
        for low, high in pairwise(BIN_BOUNDS_SECONDS)
    ]
    filled = [place for place, found in enumerate(bins) if found.cases]
    return tuple(bins[min(filled) : max(filled) + 1]) if filled else ()


def compute_temporal_profile(log: TinyLog) -> TemporalProfile:
    """Go through every pair of instances of every case."""
    grouped = defaultdict(list)
    for trace in traces(log).values():
        for first, second in combinations(trace, 2):
            grouped[first.activity, second.activity].append(wait(first, second))
    relations = []
    for (activity, later_activity), times in grouped.items():
        known = [time for time in times if time is not None]
        relations.append(
            TemporalRelation(
                activity=activity,
                later_activity=later_activity,
                count=len(times),
                timed=len(known),
                mean_seconds=in_seconds(sum(known) / len(known)) if known else None,
                # Exact for integers: the module works with fractions.
                deviation_seconds=in_seconds(stdev(known)) if len(known) > 1 else None,
            )
        )
    return TemporalProfile(
        tuple(sorted(relations, key=lambda r: (-r.count, r.activity, r.later_activity))),
        has_start_times=any(event.started is not None for event in log.events),
    )


REFERENCES = {
    function.__name__: function
    for function in (
        compute_activity_times,
        compute_case_waiting,
        compute_waiting_histogram,
        compute_temporal_profile,
    )
}
