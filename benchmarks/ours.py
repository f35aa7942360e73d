"""Potok's own operations on a log store, through its public interface. Digests are those of `floors`.

Importing and the audit are measured as commands (see `tasks`), not here.
"""

from pathlib import Path
from typing import Any

from operations import Digest, Operation, Operations

LARGE_EVENTS = 50_000_000
"""From so many events on, questions get the four gigabytes that importing them needs (``--memory 4GB``)."""


def _open(folder: Path) -> Any:
    from potok.engine.run import limit_default_memory
    from potok.log.store import open_store
    from potok.measure import directly_follows, hand_overs, rework, variants  # noqa: F401 - imports are not measured

    store = open_store(folder)
    if store.manifest["log"]["events"] >= LARGE_EVENTS:
        limit_default_memory("4GB")
    return store


def _directly_follows(store: Any) -> Digest:
    from potok.measure.directly_follows import compute_directly_follows_edges

    edges = compute_directly_follows_edges(store)
    return (
        len(edges),
        round(sum(edge.mean_seconds for edge in edges)),
        round(sum(edge.median_seconds for edge in edges)),
    )


def _variants(store: Any) -> Digest:
    from potok.measure.variants import compute_variants

    variants = compute_variants(store)
    return (len(variants), variants[0].cases)


def _rework(store: Any) -> Digest:
    from potok.measure.rework import compute_rework

    return (sum(activity.rework_cases for activity in compute_rework(store)),)


def _hand_over(store: Any) -> Digest:
    from potok.measure.hand_overs import compute_hand_over_network

    return (len(compute_hand_over_network(store)),)


def _whole_graph(store: Any) -> Digest:
    """Compute the nodes and their processing times too, for which nobody else has a counterpart."""
    from potok.measure.directly_follows import compute_directly_follows_graph

    return (len(compute_directly_follows_graph(store).edges),)


def _hand_over_times(store: Any) -> Digest:
    """Compute waiting times and cases per pair, between resources and between departments."""
    from potok.measure.hand_overs import compute_hand_overs

    return (len(compute_hand_overs(store).between_resources),)


def _calendar() -> Any:
    from potok.core.calendars import calendar_from_mapping

    week = {day: ["08:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    return calendar_from_mapping({"zone": "UTC", "first_year": 2000, "last_year": 2049, "weekly": week})


def _open_with_calendar(folder: Path) -> Any:
    from potok.measure import case_durations, temporal_profile, waiting  # noqa: F401 - imports are not measured

    return _open(folder), _calendar()


def _calendar_graph(state: Any) -> Digest:
    from potok.measure.directly_follows import compute_directly_follows_edges

    store, calendar = state
    edges = compute_directly_follows_edges(store, calendar=calendar)
    return (len(edges), round(sum(edge.mean_seconds for edge in edges)))


def _calendar_durations(state: Any) -> Digest:
    from potok.measure.case_durations import compute_case_durations

    store, calendar = state
    found = compute_case_durations(store, calendar=calendar)
    return (found.closed_cases + found.open_cases,)


def _temporal_profile(state: Any) -> Digest:
    from potok.measure.temporal_profile import compute_temporal_profile

    return (len(compute_temporal_profile(state[0]).relations),)


def _waiting(state: Any) -> Digest:
    from potok.measure.waiting import compute_case_waiting

    found = compute_case_waiting(state[0])
    return (found.cases, round(found.waiting.total_seconds or 0))


def _open_with_regulation(folder: Path) -> Any:
    from potok.core.regulations import regulation_from_mapping
    from potok.measure import deadlines  # noqa: F401 - imports are not measured

    term = {
        "name": "decision",
        "amount": 10,
        "unit": "working_days",
        "counted_from": "day_after",
        "starts": "Register application",
        "ends": ["Send decision"],
    }
    regulation = regulation_from_mapping(
        {"schema": "potok.regulation/1", "service": "permits", "act": "made up", "terms": [term]}
    )
    return _open(folder), regulation, _calendar()


def _deadlines(state: Any) -> Digest:
    from potok.measure.deadlines import compute_deadlines

    (found,) = compute_deadlines(*state)
    return (found.cases, found.in_time, found.late, len(found.units))


OPERATIONS: Operations = {
    ("deadlines", "potok"): Operation(_open_with_regulation, _deadlines),
    ("calendar_graph", "potok"): Operation(_open_with_calendar, _calendar_graph),
    ("calendar_durations", "potok"): Operation(_open_with_calendar, _calendar_durations),
    ("temporal_profile", "potok"): Operation(_open_with_calendar, _temporal_profile),
    ("waiting", "potok"): Operation(_open_with_calendar, _waiting),
    ("directly_follows", "potok"): Operation(_open, _directly_follows),
    ("variants", "potok"): Operation(_open, _variants),
    ("rework", "potok"): Operation(_open, _rework),
    ("hand_over", "potok"): Operation(_open, _hand_over),
    ("whole_graph", "potok"): Operation(_open, _whole_graph),
    ("hand_over_times", "potok"): Operation(_open, _hand_over_times),
}
