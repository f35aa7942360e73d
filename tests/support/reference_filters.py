"""Filters in plain Python: which cases of a tiny log pass; see `support.reference`."""

from datetime import UTC, datetime

from potok.measure.filters.base import All, AnyOf, CaseFilter, Not
from potok.measure.filters.kinds import (
    Duration,
    Endpoints,
    Follows,
    HasActivity,
    IsOpen,
    TimeWindow,
    TopVariants,
    Variants,
)
from support.reference import case_duration, compute_variants, span, traces
from support.tiny_store import SECOND, TinyLog


def passing(log: TinyLog, case_filter: CaseFilter) -> set[str]:
    return {case for case in traces(log) if _passes(log, case, case_filter)}


def _passes(log: TinyLog, case: str, case_filter: CaseFilter) -> bool:
    match case_filter:
        case All(parts):
            return all(_passes(log, case, part) for part in parts)
        case AnyOf(parts):
            return any(_passes(log, case, part) for part in parts)
        case Not(part):
            return not _passes(log, case, part)
        case IsOpen():
            return case in log.open_cases
        case TimeWindow():
            return _lies_within(log, case, case_filter)
        case Duration(lower, upper):
            lead = case_duration(log, case) / SECOND
            return (lower is None or lead >= lower) and (upper is None or lead < upper)
        case _:
            return _takes_the_way(log, case, case_filter)


def _takes_the_way(log: TinyLog, case: str, case_filter: CaseFilter) -> bool:
    labels = [event.activity for event in traces(log)[case]]
    match case_filter:
        case HasActivity(activities, times):
            return any(labels.count(activity) >= times for activity in activities)
        case Endpoints(activities, end):
            return labels[0 if end == "start" else -1] in activities
        case Follows(first, second, directly):
            places = [(i, j) for j in range(len(labels)) for i in range(j) if not directly or i == j - 1]
            return any((labels[i], labels[j]) == (first, second) for i, j in places)
        case Variants(codes):
            return any(tuple(labels) == v.activities for v in compute_variants(log) if v.variant in codes)
        case TopVariants(share):
            return tuple(labels) in _top(log, share)
    raise NotImplementedError(case_filter)


def _top(log: TinyLog, share: float) -> set[tuple[str, ...]]:
    taken, covered = set(), 0
    for variant in compute_variants(log):
        if covered >= share * len(traces(log)):
            break
        taken.add(variant.activities)
        covered += variant.cases
    return taken


def _lies_within(log: TinyLog, case: str, window: TimeWindow) -> bool:
    opened, end, is_open = span(log, case)
    begins = float("-inf") if window.begins is None else _instant(window.begins)
    ends = float("inf") if window.ends is None else _instant(window.ends)
    match window.mode:
        case "started":
            return begins <= opened < ends
        case "completed":
            return not is_open and begins <= end < ends
        case "contained":
            return opened >= begins and (window.ends is None or (not is_open and end < ends))
        case _:
            return end >= begins and opened < ends


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND
