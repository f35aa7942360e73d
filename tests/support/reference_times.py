"""Waiting, processing and sojourn in plain Python; see `support.reference`."""

from collections import defaultdict
from dataclasses import dataclass

from potok.measure.activity_times import ActivityTimes, GroupTimes, TimeSummary
from support.reference import in_seconds, quantile, traces
from support.tiny_store import TinyEvent, TinyLog


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


REFERENCES = {"compute_activity_times": compute_activity_times}
