"""The first findings of an audit: where applicants lose time, each instant of a case counted once at most.

The gaps of the applicants' ledger (`potok.measure.ledger`) are summed by the place to which they belong. Under a
regulation, time beyond its terms (`potok.diagnose.late_time`) belongs to the terms, and the places keep the rest. Of
that, what waits owe to a known cause (`potok.diagnose.caused_gaps`) belongs to the cause. So each instant goes to the
first of these that holds: late; rework; batching, contention, prioritisation, unavailability; hand-over; long wait.
What a finding names is time that passed there, not time that a change would save.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import ibis

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.diagnose.caused_gaps import CAUSE_COLUMNS, GAP_CAUSES, gap_causes, split_by_cause, suggest
from potok.diagnose.late_time import LATE_TIME, LateTerm, LateTime, late_parts, without_late_time
from potok.engine.base import Engine, Given, GivenTable
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.ledger import KIND_CODES, ONE_ENDED, attributed_gaps, case_losses, place_losses
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, built_once, run, seconds, unit_labels

TRIFLE_SHARE: Final = 0.001
MOST_FINDINGS: Final = 30
MOST_EXAMPLES: Final = 10

_KINDS: Final = {code: kind for kind, code in KIND_CODES.items()}
_WASTES: Final = {
    FindingKind.REWORK: Waste.DEFECTS,
    FindingKind.HAND_OVER: Waste.TRANSPORT,
    FindingKind.LONG_WAIT: Waste.WAITING,
    FindingKind.LATE: Waste.WAITING,
} | dict.fromkeys(CAUSE_COLUMNS, Waste.WAITING)

_Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class PlaceLoss:
    """What is lost at one place, in the store's codes; `work_us` is None where no processing is known."""

    key: _Key
    cases: int
    occurrences: int
    gap_us: int
    work_us: int | None


def total_lead_time(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row: `total_us`, the lead time of all cases up to closing or extraction (null without cases)."""
    timed = lead_times(cases, extracted_us=extracted_us)
    return timed.aggregate(total_us=exact_sum(timed.lead_us))


def longest_losses(attributed: ibis.Table, *, limit: int) -> ibis.Table:
    """Return the `limit` cases that lose most at each place.

    Returns
    -------
    ibis.Table
        `kind`, `source`, `target`, `case`, `rank` (from 0; of equal losses the lower case code comes first).
    """
    losses = case_losses(attributed)
    window = ibis.window(group_by=["kind", "source", "target"], order_by=[losses.gap_us.desc(), losses.case])
    ranked = losses.select("kind", "source", "target", "case", rank=ibis.row_number().over(window).cast("int64"))
    return ranked.filter(ranked["rank"] < limit)


def find_first(
    store: LogStore,
    *,
    late: LateTime | None = None,
    causes: GivenTable | None = None,
    engine: Engine | None = None,
) -> tuple[Finding, ...]:
    """Find where applicants lose time, most time first.

    Places and terms below `TRIFLE_SHARE` of the lead time of all cases are left out, and of the others all but the
    first `MOST_FINDINGS`. The sum over all findings never exceeds the lead time.

    Parameters
    ----------
    late
        Time beyond the terms of a regulation; None without one.
    causes
        What gaps owe to causes of waiting, as `potok.diagnose.caused_gaps.gap_causes`; None where nothing is known.
    """
    ((lead_us,),) = run(total_lead_time(CASES, extracted_us=store.extracted_us), store, engine)
    attributed, given = ledger_of(store, late, causes)
    # One after the other: together they would take the memory of both.
    parts = (attributed,) if causes is None else _by_kind(attributed)
    rows = [row for part in parts for row in run(place_losses(part), store, engine, given=given)]
    losses = _worth_naming(rows, int(lead_us or 0))
    examples = _examples(attributed, store, engine, given) if losses else {}
    labels = (activity_labels(store, engine), unit_labels(store, engine))
    found = [_finding(loss, int(lead_us), examples[loss.key], labels) for loss in losses]
    terms = [_late_finding(term, int(lead_us)) for term in (late.terms if late and lead_us else ())]
    found += [term for term in terms if term.applicant_seconds > 0 and term.lead_time_share >= TRIFLE_SHARE]
    # Sorting keeps the order of equals: places by their codes, then terms in the order of the regulation.
    return tuple(sorted(found, key=lambda finding: -finding.applicant_seconds)[:MOST_FINDINGS])


def identify(finding: Finding, store: LogStore, late: LateTime | None = None, *, declared_id: str = "") -> str:
    """Return a finding's id: that of the same log, of the same rules and the same declarations, stays the same."""
    return finding.identifier(store.content_sha256 + (late.rules_id if late else "") + declared_id)


def ledger_of(
    store: LogStore, late: LateTime | None = None, causes: GivenTable | None = None
) -> tuple[ibis.Table, Given | None]:
    """Return the attributed gaps of a log, without late time and by cause, and what to run them with."""
    given: dict[str, GivenTable] = {}
    if late is not None and len(late.case):
        given.update(late.given())
    if causes is not None:
        given[GAP_CAUSES] = causes
    extracted_us = store.extracted_us
    return _ledger(extracted_us, has_late=LATE_TIME in given, has_causes=causes is not None), given or None


@built_once
def _ledger(extracted_us: int, *, has_late: bool, has_causes: bool) -> ibis.Table:
    attributed = attributed_gaps(EVENTS, CASES, VARIANTS, extracted_us=extracted_us)
    causes = gap_causes()
    if has_late:
        late = late_parts(attributed, EVENTS, CASES)
        waited = late.select("case", position=(late.position + 1).cast("int32"))
        causes = causes.anti_join(waited, ["case", "position"])
        attributed = without_late_time(attributed, late)
    return split_by_cause(attributed, causes) if has_causes else attributed


def _by_kind(attributed: ibis.Table) -> Iterator[ibis.Table]:
    """Yield the gaps that no cause explains, and those of each cause."""
    causes = [KIND_CODES[kind] for kind in CAUSE_COLUMNS]
    yield attributed.filter(attributed.kind.notin(causes))
    for code in causes:
        yield attributed.filter(attributed.kind == code)


def _late_finding(late: LateTerm, lead_us: int) -> Finding:
    late_us = int(late.late_us.sum(dtype=object))
    return Finding(
        kind=FindingKind.LATE,
        waste=_WASTES[FindingKind.LATE],
        where=Place(term=late.term.name),
        cases=len(late.case),
        occurrences=len(late.case),
        applicant_seconds=seconds(late_us),
        lead_time_share=late_us / lead_us,
        example_cases=tuple(late.case[:MOST_EXAMPLES].tolist()),
    )


def _worth_naming(rows: Any, lead_us: int) -> list[PlaceLoss]:
    losses = (
        PlaceLoss((kind, source, target), cases, occurrences, int(gap_us), None if work_us is None else int(work_us))
        for kind, source, target, cases, occurrences, gap_us, work_us in rows
    )
    found = [loss for loss in losses if loss.gap_us > 0 and loss.gap_us >= TRIFLE_SHARE * lead_us]
    return sorted(found, key=lambda loss: (-loss.gap_us, loss.key))[:MOST_FINDINGS]


def _examples(
    attributed: ibis.Table, store: LogStore, engine: Engine | None, given: Given | None
) -> dict[_Key, tuple[int, ...]]:
    found: dict[_Key, list[tuple[int, int]]] = {}
    longest = longest_losses(attributed, limit=MOST_EXAMPLES)
    for kind, source, target, case, rank in run(longest, store, engine, given=given):
        found.setdefault((kind, source, target), []).append((rank, case))
    return {key: tuple(case for _rank, case in sorted(ranked)) for key, ranked in found.items()}


def _finding(
    loss: PlaceLoss, lead_us: int, examples: tuple[int, ...], labels: tuple[dict[int, str], dict[int, str]]
) -> Finding:
    code, source, target = loss.key
    kind = _KINDS[code]
    where = _place(kind, source, target, labels)
    is_caused = kind in CAUSE_COLUMNS
    # Someone works in a repetition; nobody works in a wait.
    is_worked_in = kind is FindingKind.REWORK and loss.work_us is not None
    return Finding(
        kind=kind,
        waste=_WASTES[kind],
        where=where,
        cases=loss.cases,
        occurrences=loss.occurrences,
        applicant_seconds=seconds(loss.gap_us),
        lead_time_share=loss.gap_us / lead_us,
        example_cases=examples,
        staff_seconds=seconds(loss.work_us) if is_worked_in else None,
        confidence=Confidence.INFERRED if is_caused else Confidence.COUNTED,
        changes=suggest(kind, where.activity),
    )


def _place(kind: FindingKind, source: int, target: int, labels: tuple[dict[int, str], dict[int, str]]) -> Place:
    activities, units = labels
    if kind in ONE_ENDED:
        return Place(activity=activities[source])
    if kind is FindingKind.HAND_OVER:
        return Place(org_unit=units[source], next_org_unit=units[target])
    return Place(activity=activities[source], next_activity=activities[target])
