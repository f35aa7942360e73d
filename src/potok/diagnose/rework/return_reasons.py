"""First-time-through by reason: what came right before the first step back of a case.

Each closed case that did not go through at the first time counts for one reason only, that of its first step back
(`potok.diagnose.rework.return_positions`), so that the shares of all reasons and that of the cases which went through
add up to one. The reason is the activity before the step back, the department that did it, the outcome of the case, or
the value of an attribute in the instance before the step back.
"""

from dataclasses import dataclass
from typing import Final

import ibis

from potok.diagnose.rework.event_attributes import attribute_values, full_name, read_attribute
from potok.diagnose.rework.return_positions import again_positions, first_backs
from potok.engine.base import Engine, Given
from potok.engine.tables import ACTIVITIES, CASES, EVENTS, UNITS, VARIANTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.running import run

REASONS_BY: Final = ("activity", "org_unit", "outcome")


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """Closed cases whose first step back had one reason.

    Parameters
    ----------
    label
        None where it is not known.
    cases
        Their number.
    closed_share, returned_share
        Of all closed cases, and of those that did not go through, 0–1.
    """

    label: str | None
    cases: int
    closed_share: float
    returned_share: float


@dataclass(frozen=True, slots=True)
class ReturnReasons:
    """First-time-through, and the reasons of those cases that did not go through, most cases first.

    Parameters
    ----------
    by
        ``activity``, ``org_unit``, ``outcome``, or the attribute as ``attr:NAME``.
    closed_cases, through_cases
        Closed ones, and those without a step back.
    through_share
        Of the closed ones, 0–1; None if none is closed.
    """

    by: str
    closed_cases: int
    through_cases: int
    through_share: float | None
    reasons: tuple[ReturnReason, ...]


def closed_backs(events: ibis.Table, cases: ibis.Table, variants: ibis.Table, *, by: str) -> ibis.Table:
    """Return one row per closed case that goes back, with the reason of its first step back: `case`, `label`.

    Parameters
    ----------
    by
        One of `REASONS_BY`; anything else reads `attribute_values`.
    """
    closed = cases.filter(cases.closed_us.notnull())
    first = first_backs(again_positions(variants))
    backs = closed.inner_join(first, "variant").select("case", "outcome", "source", position=first.position - 1)
    backs = backs.mutate(position=backs.position.cast("int32"))
    if by == "outcome":
        return backs.select("case", label=backs.outcome.nullif("").cast("string"))
    if by == "activity":
        named = ACTIVITIES.select("label", source="activity")
        return backs.inner_join(named, "source").select("case", "label")
    if by == "org_unit":
        held = events.filter(events.org_unit.notnull()).select("case", "position", "org_unit")
        values = held.inner_join(UNITS.select("org_unit", "label"), "org_unit").select("case", "position", "label")
    else:
        values = attribute_values().select("case", "position", label="value")
    joined = backs.left_join(values, ["case", "position"])
    return joined.select("case", label=joined.label.cast("string"))


def reason_counts(backs: ibis.Table) -> ibis.Table:
    """Return one row per reason: `label`, `cases`."""
    return backs.group_by("label").aggregate(cases=backs.count().cast("int64"))


def closed_count(cases: ibis.Table) -> ibis.Table:
    """Return one row: `closed`."""
    return cases.aggregate(closed=cases.closed_us.count().cast("int64"))


def compute_return_reasons(store: LogStore, *, by: str = "activity", engine: Engine | None = None) -> ReturnReasons:
    """Compute first-time-through, and why the other closed cases did not go through.

    Parameters
    ----------
    by
        One of `REASONS_BY`, or an attribute of instances with or without ``attr:``.

    Raises
    ------
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    name, given = _place(store, by)
    ((closed,),) = run(closed_count(CASES), store, engine)
    rows = run(reason_counts(closed_backs(EVENTS, CASES, VARIANTS, by=name)), store, engine, given=given)
    counted = sorted(rows, key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    returned = sum(cases for _label, cases in counted)
    reasons = tuple(ReturnReason(label, cases, cases / closed, cases / returned) for label, cases in counted)
    through = closed - returned
    return ReturnReasons(name, closed, through, through / closed if closed else None, reasons)


def list_return_reason_cases(
    store: LogStore, label: str | None, *, by: str = "activity", limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the closed cases whose first step back had a reason (None: an unknown one), the longest first.

    Raises
    ------
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    name, given = _place(store, by)
    backs = closed_backs(EVENTS, CASES, VARIANTS, by=name)
    chosen = backs.filter(backs.label.isnull() if label is None else backs.label == label)
    timed = lead_times(CASES, extracted_us=store.extracted_us)
    cases = timed.semi_join(chosen, "case")
    return read_evidence(case_evidence(EVENTS, cases, limit=limit), store, engine, given=given)


def _place(store: LogStore, by: str) -> tuple[str, Given | None]:
    if by in REASONS_BY:
        return by, None
    return full_name(by), read_attribute(store, by)
