"""Candidates for single entry: values that are entered again, and papers that are asked for again.

An attribute of instances is *entered again* where an instance holds the value that the last instance with any value of
it held before in the case, and either the two are of different activities, or the activity is one that asks for papers
(then the same paper is asked for twice). Attributes held by nearly all instances of the cases that have them
(`CARRIED_SHARE`) are left out: a system writes them into every row. So are attributes of the case, by the names of XES
and OCEL, whose state stands beside each event once it is known. Whether the others were typed or copied by the system
the log cannot say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import pyarrow.parquet as pq

from potok.diagnose.digitalisation.words import asks_for_papers
from potok.diagnose.rework.asking import asked_rows, at_asked_rows
from potok.diagnose.rework.event_attributes import (
    attribute_values,
    event_attributes,
    full_name,
    read_attribute,
)
from potok.diagnose.rework.spans import span_evidence
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.enablement import compute_time_knowledge
from potok.measure.evidence import CaseEvidence, find_code, read_evidence
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import activity_labels, run, seconds_if_known

CARRIED_SHARE: Final = 0.95
OF_CASE: Final = "attr:case:"
RARE_SHARE: Final = 0.001
AGAIN_SHARE: Final = 0.5
FEWEST_CASES: Final = 5
FEWEST_VALUES: Final = 2
MOST_ATTRIBUTES: Final = 20


@dataclass(frozen=True, slots=True)
class RepeatedEntry:
    """An attribute entered again at an activity.

    Parameters
    ----------
    attribute
        Name, as ``attr:NAME``.
    is_request
        Whether the activity asks for papers.
    later_entries
        Instances of the activity with a value after an earlier one.
    same_entries, cases
        Those of them with the same value, and their cases.
    values
        Distinct values of the attribute at these.
    staff_seconds
        Processing of these instances, of which the entry is a part; None where unknown.
    """

    attribute: str
    activity: str
    is_request: bool
    later_entries: int
    same_entries: int
    cases: int
    values: int
    staff_seconds: float | None

    @property
    def same_share(self) -> float:
        """Entries of the same value over all later entries, 0–1."""
        return self.same_entries / self.later_entries


@dataclass(frozen=True, slots=True)
class SingleEntry:
    """Candidates for single entry, most repeated entries first.

    Parameters
    ----------
    attributes
        Looked at.
    carried
        Those of them that are written into every row, and tell nothing.
    left_out
        Attributes of instances not looked at: of the case by their names, filled hardly anywhere, or beyond the
        `MOST_ATTRIBUTES` best filled.
    """

    entries: tuple[RepeatedEntry, ...]
    attributes: tuple[str, ...]
    carried: tuple[str, ...]
    left_out: int


def later_entries(events: ibis.Table, *, request_codes: Sequence[int]) -> ibis.Table:
    """Return one row per instance with a value of the attribute after an earlier one that counts (see the module).

    Returns
    -------
    ibis.Table
        `case`, `position`, `from_position` (of the earlier one), `activity`, `value`, `is_same`, `work_us`.
    """
    held = attribute_values().inner_join(
        events.select("case", "position", "activity", work_us=events.completed_us - events.started_us),
        ["case", "position"],
    )
    along = ibis.window(group_by=held.case, order_by=held.position)
    seen = held.mutate(
        before=held.value.lag().over(along),
        from_activity=held.activity.lag().over(along),
        from_position=held.position.lag().over(along),
    )
    counts = seen.from_activity != seen.activity
    if request_codes:
        counts = counts | seen.activity.isin(list(request_codes))
    later = seen.filter(seen.before.notnull(), counts)
    return later.select(
        "case",
        "position",
        "from_position",
        "activity",
        "value",
        is_same=later.value == later.before,
        work_us=not_negative(later.work_us),
    )


def entry_figures(later: ibis.Table) -> ibis.Table:
    """Return one row per activity: `activity`, `later`, `same`, `cases`, `values`, `work_us`."""
    totals = later.group_by("activity").aggregate(later=later.count().cast("int64"))
    same = later.filter(later.is_same)
    figures = same.group_by("activity").aggregate(same=same.count().cast("int64"), work_us=exact_sum(same.work_us))
    cases = same.select("activity", "case").distinct()
    counted = cases.group_by("activity").aggregate(cases=cases.count().cast("int64"))
    values = same.select("activity", "value").distinct()
    distinct = values.group_by("activity").aggregate(values=values.count().cast("int64"))
    joined = totals.inner_join(figures, "activity").inner_join(counted, "activity").inner_join(distinct, "activity")
    return joined.select("activity", "later", "same", "cases", "values", "work_us")


def filled_counts(cases: ibis.Table) -> ibis.Table:
    """Return one row: `filled` instances, and all `instances` of the cases that have any (null without values)."""
    held = attribute_values()
    by_case = held.group_by("case").aggregate(filled=held.count().cast("int64"))
    joined = by_case.inner_join(cases.select("case", "n_events"), "case")
    return joined.aggregate(filled=joined.filled.sum().cast("int64"), instances=joined.n_events.sum().cast("int64"))


def chosen_attributes(store: LogStore) -> tuple[str, ...]:
    """Return the attributes to look at, best filled first; counts come from the file's own statistics."""
    file = pq.ParquetFile(store.folder / "events.parquet")
    rows = file.metadata.num_rows
    filled = {}
    for name in event_attributes(store):
        if name.startswith(OF_CASE):
            continue
        place = file.schema_arrow.get_field_index(name)
        parts = (file.metadata.row_group(group).column(place).statistics for group in range(file.num_row_groups))
        missing = [part.null_count if part is not None and part.has_null_count else 0 for part in parts]
        filled[name] = rows - sum(missing)
    kept = [name for name, count in filled.items() if count > RARE_SHARE * rows]
    return tuple(sorted(kept, key=lambda name: (-filled[name], name))[:MOST_ATTRIBUTES])


def compute_single_entry(
    store: LogStore, *, attributes: Sequence[str] | None = None, engine: Engine | None = None
) -> SingleEntry:
    """Find what is entered again: in `AGAIN_SHARE` of the later entries of an activity and `FEWEST_CASES` cases.

    Parameters
    ----------
    attributes
        To look at, with or without ``attr:``; None chooses (`chosen_attributes`).

    Raises
    ------
    UnknownAttributeError
        If the instances do not have one of the attributes.
    """
    chosen = chosen_attributes(store) if attributes is None else tuple(map(full_name, attributes))
    labels = activity_labels(store, engine)
    requests = [code for code, label in labels.items() if asks_for_papers(label)]
    is_worked = compute_time_knowledge(store, engine=engine).is_worked
    found, carried = [], []
    figures = entry_figures(later_entries(EVENTS, request_codes=requests))
    for name in chosen:
        given = read_attribute(store, name)
        ((filled, instances),) = run(filled_counts(CASES), store, engine, given=given)
        if not filled or filled >= CARRIED_SHARE * instances:
            carried.append(name)
            continue
        for activity, later, same, cases, values, work_us in run(figures, store, engine, given=given):
            if same >= AGAIN_SHARE * later and cases >= FEWEST_CASES and values >= FEWEST_VALUES:
                staff = seconds_if_known(work_us) if is_worked else None
                is_request = activity in requests
                found.append(RepeatedEntry(name, labels[activity], is_request, later, same, cases, values, staff))
    ranked = sorted(found, key=lambda entry: (-entry.same_entries, entry.attribute, entry.activity))
    return SingleEntry(tuple(ranked), chosen, tuple(carried), len(event_attributes(store)) - len(chosen))


def list_repeated_entry_cases(
    store: LogStore, attribute: str, activity: str, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases in which an attribute was entered again at an activity; no time counts towards them.

    Raises
    ------
    UnknownPlaceError, UnknownAttributeError
        If the log does not have the activity or the attribute.
    """
    labels = activity_labels(store, engine)
    code = find_code(labels, activity)
    requests = [known for known, label in labels.items() if asks_for_papers(label)]
    later = later_entries(EVENTS, request_codes=requests)
    here = at_asked_rows(later.filter(later.is_same), "activity")
    spans = here.select("case", "from_position", to_position="position", gap_us=ibis.literal(0, "int64"))
    rows = span_evidence(EVENTS, CASES, spans, limit=limit)
    given = {**read_attribute(store, attribute), **asked_rows(["activity"], (code,))}
    return read_evidence(rows, store, engine, given=given)
