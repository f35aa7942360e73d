"""The way from a finding back to its cases; for other figures see `potok.measure.case_lists`."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import ibis

from potok.core.errors import UsageError
from potok.core.finding import FindingKind, Place
from potok.core.language import gettext as _
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.ledger import NO_TARGET, ONE_ENDED, asked_place, at_asked_place, attributed_gaps
from potok.measure.running import activity_labels, built_once, run, seconds, unit_labels

Ledger = tuple[ibis.Table, Given | None]
_COLUMNS: Final = ("lost_us", "case", "case_id", "gap_us", "source_row", "next_source_row")


class UnknownPlaceError(UsageError):
    """A place names an activity or a unit that the log does not have."""

    code = "POTOK-M001"


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """One case behind a figure.

    Parameters
    ----------
    case, case_id
        Code in the store, and the stored id (a pseudonym, unless ids are plain).
    seconds
        Time of this case that counts towards the figure, calendar seconds, over all occurrences.
    source_rows
        Rows of the source between which the longest occurrence lies.
    """

    case: int
    case_id: str
    seconds: float
    source_rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlaceCodes:
    """A place in the store's codes: of activities or units, `NO_TARGET` where it has one end only."""

    kind: FindingKind
    source: int
    target: int


def gap_evidence(events: ibis.Table, cases: ibis.Table, gaps: ibis.Table, *, limit: int | None) -> ibis.Table:
    """Return gaps of the `limit` cases that lose most in them.

    Parameters
    ----------
    gaps
        One row per pair of consecutive instances behind a figure: `case`, `position` (of the first instance),
        `source_row`, `gap_us` (null if unknown).

    Returns
    -------
    ibis.Table
        One row per gap: `lost_us` (of the case in all its gaps), `case`, `case_id`, `gap_us`, `source_row`,
        `next_source_row`.
    """
    losses = gaps.group_by("case").aggregate(lost_us=gaps.gap_us.sum().fill_null(0).cast("int64"))
    if limit is not None:
        losses = losses.order_by(losses.lost_us.desc(), losses.case).limit(limit)
    following = events.select("case", position=events.position - 1, next_source_row=events.source_row)
    shown = gaps.inner_join(losses, "case").inner_join(following, ["case", "position"])
    return shown.inner_join(cases.select("case", "case_id"), "case").select(*_COLUMNS)


def case_evidence(events: ibis.Table, cases: ibis.Table, *, limit: int | None) -> ibis.Table:
    """Return the `limit` longest of some cases as one gap each, from the first to the last instance.

    Parameters
    ----------
    cases
        With `lead_us`, as `potok.measure.case_durations.lead_times` returns them.

    Returns
    -------
    ibis.Table
        As `gap_evidence`; `lost_us` and `gap_us` are the lead time.
    """
    chosen = cases.select("case", "case_id", lost_us="lead_us", gap_us="lead_us")
    if limit is not None:
        chosen = chosen.order_by(chosen.lost_us.desc(), chosen.case).limit(limit)
    first = events.filter(events.position == 0).select("case", "source_row")
    last = events.filter(events.next_activity.isnull()).select("case", next_source_row="source_row")
    return chosen.inner_join(first, "case").inner_join(last, "case").select(*_COLUMNS)


def read_evidence(
    rows: ibis.Table, store: LogStore, engine: Engine | None, *, given: Given | None = None
) -> tuple[CaseEvidence, ...]:
    """Run `gap_evidence` or `case_evidence` and return one result per case, those that lose most first.

    `given` holds small tables that the rows are made of beside the store, by name.
    """
    in_order = sorted(run(rows, store, engine, given=given), key=lambda row: (-row[0], row[1]))
    return tuple(_evidence(gaps) for _key, gaps in groupby(in_order, key=itemgetter(0, 1)))


def list_cases(
    store: LogStore,
    place: Place,
    kind: FindingKind,
    *,
    ledger: Ledger | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding, those that lose most first.

    Their seconds add up to the finding's `applicant_seconds`, their number is its `cases`.

    Parameters
    ----------
    place, kind
        As in the finding.
    ledger
        Attributed gaps in which it was found, and what they are run with; by default those of the whole log.
    limit
        At most so many cases; None for all.

    Raises
    ------
    UnknownPlaceError
        If the place names what the log does not have.
    """
    codes = find_place(store, place, kind, engine=engine)
    attributed, given = ledger or (attributed_gaps(EVENTS, CASES, VARIANTS, extracted_us=store.extracted_us), None)
    given = {**(given or {}), **asked_place(codes.kind, codes.source, codes.target)}
    return read_evidence(_place_evidence(attributed, limit=limit), store, engine, given=given)


@built_once
def _place_evidence(attributed: ibis.Table, *, limit: int | None) -> ibis.Table:
    return gap_evidence(EVENTS, CASES, at_asked_place(attributed), limit=limit)


def find_place(store: LogStore, place: Place, kind: FindingKind, *, engine: Engine | None = None) -> PlaceCodes:
    """Return a place's codes in the store.

    Raises
    ------
    UnknownPlaceError
        If the place names what the log does not have.
    """
    if kind is FindingKind.HAND_OVER:
        units = unit_labels(store, engine)
        return PlaceCodes(kind, find_code(units, place.org_unit), find_code(units, place.next_org_unit))
    activities = activity_labels(store, engine)
    if kind in ONE_ENDED:
        return PlaceCodes(kind, find_code(activities, place.activity), NO_TARGET)
    return PlaceCodes(kind, find_code(activities, place.activity), find_code(activities, place.next_activity))


def find_code(labels: dict[int, str], label: str) -> int:
    """Return the code of a label.

    Raises
    ------
    UnknownPlaceError
        If no code has it.
    """
    codes = {known: code for code, known in labels.items()}
    if label not in codes:
        raise UnknownPlaceError(
            _("The log has no “{label}”.").format(label=label),
            remedy=_("Use one of: {labels}.").format(labels=", ".join(sorted(codes))),
        )
    return codes[label]


def _evidence(gaps: Iterable[tuple[Any, ...]]) -> CaseEvidence:
    # The longest first; of equally long ones, and where no length is known, the earliest row.
    lost_us, case, case_id, _gap_us, row, next_row = min(gaps, key=lambda gap: (-(gap[3] or 0), gap[4]))
    return CaseEvidence(case, case_id, seconds(lost_us), (row, next_row))
