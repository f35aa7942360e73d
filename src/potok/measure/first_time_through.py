"""First-time-through: cases that reach their end without anything done again or sent back.

Two definitions of going through at the first time:

- ``no_repetition``: no activity occurs twice in the case;
- ``no_return``: none of the declared return activities (a request for corrections, a return for rework) occurs in it.

Only closed cases are judged. An open case in which something was already repeated or returned can no longer go through;
one in which nothing was may still come back, so that counting open cases would flatter.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, read_evidence
from potok.measure.running import activity_labels, run, unit_labels
from potok.measure.sequences import repeated_positions, variant_positions

Definition = Literal["no_repetition", "no_return"]
CaseGrouping = Literal["channel", "service", "agency", "outcome", "org_unit"]

CASE_GROUPINGS: Final[tuple[CaseGrouping, ...]] = ("channel", "service", "agency", "outcome", "org_unit")


@dataclass(frozen=True, slots=True)
class FirstTimeShare:
    """First-time-through of a group of cases.

    Parameters
    ----------
    label
        None for all cases, and for those whose value is unknown.
    closed_cases, through_cases
        Closed ones, and those of them without return.
    share
        ``through_cases / closed_cases``, 0–1; None if no case is closed.
    open_cases, open_returned_cases
        Open ones, and those of them that can no longer go through.
    """

    label: str | None
    closed_cases: int
    through_cases: int
    share: float | None
    open_cases: int
    open_returned_cases: int


@dataclass(frozen=True, slots=True)
class FirstTimeThrough:
    """First-time-through of all cases and by group, most closed cases first.

    Parameters
    ----------
    definition
        ``no_return`` if return activities were declared, else ``no_repetition``.
    return_activities
        The declared ones, sorted.
    by
        What the groups are; None without groups. A case belongs to every unit that has an instance in it, so groups of
        units overlap.
    """

    definition: Definition
    return_activities: tuple[str, ...]
    overall: FirstTimeShare
    by: CaseGrouping | None = None
    groups: tuple[FirstTimeShare, ...] = ()


def returned_variants(variants: ibis.Table, *, return_codes: Collection[int] | None) -> ibis.Table:
    """Return one row per variant that did not go through at the first time: `variant`.

    Parameters
    ----------
    return_codes
        Activities that count as returns; None takes any repetition for one.
    """
    if return_codes is None:
        return repeated_positions(variants).select("variant").distinct()
    positions = variant_positions(variants)
    return positions.filter(positions.activity.isin(sorted(return_codes))).select("variant").distinct()


def judged_cases(cases: ibis.Table, returned: ibis.Table) -> ibis.Table:
    """Return the columns of `cases`, `is_open` and `is_returned`."""
    marked = cases.left_join(returned.mutate(was_returned=ibis.literal(True)), "variant")
    return marked.select(
        *(marked[column] for column in cases.columns),
        is_open=marked.closed_us.isnull(),
        is_returned=marked.was_returned.notnull(),
    )


def first_time_counts(
    cases: ibis.Table, events: ibis.Table, returned: ibis.Table, *, by: CaseGrouping | None
) -> ibis.Table:
    """Return one row per group: `place`, `closed_cases`, `through_cases`, `open_cases`, `open_returned_cases`.

    `place` is a code for ``org_unit``, null without groups, else a value of that column.
    """
    judged = judged_cases(cases, returned)
    if by == "org_unit":
        held = events.filter(events.org_unit.notnull()).select("case", place="org_unit").distinct()
        judged = judged.inner_join(held, "case")
    else:
        judged = judged.mutate(place=ibis.null("string") if by is None else judged[by])
    return judged.group_by("place").aggregate(
        closed_cases=_count(~judged.is_open),
        through_cases=_count(~judged.is_open & ~judged.is_returned),
        open_cases=_count(judged.is_open),
        open_returned_cases=_count(judged.is_open & judged.is_returned),
    )


def compute_first_time_through(
    store: LogStore,
    *,
    return_activities: Collection[str] | None = None,
    by: CaseGrouping | None = None,
    engine: Engine | None = None,
) -> FirstTimeThrough:
    """Compute the share of closed cases that went through at the first time.

    Parameters
    ----------
    return_activities
        Labels of the activities that send a case back; None counts any repetition.
    by
        Group by a column of cases, or by unit.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the activities.
    ValueError
        If `by` is not one of `CASE_GROUPINGS`, or no activity is named.
    """
    returned = _returned(store, return_activities, engine)
    overall = _shares(first_time_counts(CASES, EVENTS, returned, by=None), {}, store, engine)
    groups: tuple[FirstTimeShare, ...] = ()
    if by is not None:
        if by not in CASE_GROUPINGS:
            raise ValueError(f"by must be one of {', '.join(CASE_GROUPINGS)}, not {by!r}")
        labels = unit_labels(store, engine) if by == "org_unit" else {}
        groups = _shares(first_time_counts(CASES, EVENTS, returned, by=by), labels, store, engine)
    return FirstTimeThrough(
        definition="no_repetition" if return_activities is None else "no_return",
        return_activities=tuple(sorted(set(return_activities or ()))),
        overall=overall[0] if overall else FirstTimeShare(None, 0, 0, None, 0, 0),
        by=by,
        groups=groups,
    )


def list_first_time_cases(
    store: LogStore,
    *,
    is_through: bool,
    return_activities: Collection[str] | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the closed cases that went through at the first time, or those that did not; longest first.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the activities.
    """
    timed = lead_times(CASES, extracted_us=store.extracted_us)
    judged = judged_cases(timed.drop("is_open"), _returned(store, return_activities, engine))
    chosen = judged.filter(~judged.is_open, ~judged.is_returned if is_through else judged.is_returned)
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine)


def _returned(store: LogStore, return_activities: Collection[str] | None, engine: Engine | None) -> ibis.Table:
    if return_activities is None:
        return returned_variants(VARIANTS, return_codes=None)
    if not return_activities:
        raise ValueError("return_activities must name at least one activity; None counts any repetition")
    labels = activity_labels(store, engine)
    return returned_variants(VARIANTS, return_codes={find_code(labels, label) for label in return_activities})


def _shares(
    counts: ibis.Table, labels: dict[int, str], store: LogStore, engine: Engine | None
) -> tuple[FirstTimeShare, ...]:
    shares = (_share(row, labels) for row in run(counts, store, engine))
    return tuple(sorted(shares, key=lambda group: (-group.closed_cases, group.label is None, group.label or "")))


def _share(row: tuple[Any, ...], labels: dict[int, str]) -> FirstTimeShare:
    place, closed, through, still_open, open_returned = row
    label = labels[place] if isinstance(place, int) else place
    return FirstTimeShare(label, closed, through, through / closed if closed else None, still_open, open_returned)


def _count(condition: ibis.Value) -> ibis.Value:
    return condition.sum().fill_null(0).cast("int64")
