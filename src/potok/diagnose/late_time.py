"""The time of cases beyond the terms of a regulation, in the applicants' ledger.

A case is late from the due instant until what ends the term happens, until it is closed or, while it is open, up to the
extraction: on the clock of the citizen, nights and days off included. Where a case is beyond several terms at once, the
time belongs to the first of them in the order of the regulation. Late time goes before every place at which it passed:
the gaps of the ledger are cut where they lie in it, so that each instant of a case still counts once at most.
"""

from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from potok.core.regulations import Term
from potok.core.regulations.due_arrays import NEVER_US
from potok.engine.base import Given
from potok.measure.deadlines import Judgement
from potok.measure.deadlines.judgement import JudgedTerm
from potok.measure.ledger import later

LATE_TIME: Final = "late_time"
_NO_TERM: Final = -1

Instants = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LateTerm:
    """The cases that exceeded a term.

    Parameters
    ----------
    term
        The term.
    case
        (n,) int64: all of them, those with most late time first.
    late_us
        (n,) int64: their time beyond the term that belongs to it, 0 where it all belongs to an earlier term.
    """

    term: Term
    case: Instants
    late_us: Instants


@dataclass(frozen=True, slots=True)
class LateTime:
    """Time beyond terms; no two stretches of a case overlap.

    Parameters
    ----------
    terms
        In the order of the regulation.
    case, from_us, to_us
        (m,) int64: stretches, µs UTC.
    rules_id
        Ids of the regulation and the calendar: findings depend on them.
    """

    terms: tuple[LateTerm, ...]
    case: Instants
    from_us: Instants
    to_us: Instants
    rules_id: str

    def given(self) -> Given:
        """Return the stretches as a table for an engine, see `late_stretches`."""
        columns = {"case": self.case, "from_us": self.from_us, "to_us": self.to_us}
        return {LATE_TIME: pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})}


def late_stretches() -> ibis.Table:
    """Return the unbound table of late stretches: `case`, `from_us`, `to_us`."""
    return ibis.table({"case": "int64", "from_us": "int64", "to_us": "int64"}, name=LATE_TIME)


def find_late_time(judgement: Judgement, *, rules_id: str) -> LateTime:
    """Find the time of cases beyond their terms, from cases already judged.

    Parameters
    ----------
    rules_id
        Ids of the regulation and the calendar by which they were judged.
    """
    spans = [_late_spans(judged, judgement.extracted_us) for judged in judgement.terms]
    case, from_us, to_us = _cut(spans)
    owner = np.full(len(case), _NO_TERM, np.int64)
    for place, span in enumerate(spans):
        owner[(owner == _NO_TERM) & _covers(span, case, from_us, to_us)] = place
    is_late = owner != _NO_TERM
    case, from_us, to_us, owner = case[is_late], from_us[is_late], to_us[is_late], owner[is_late]
    terms = tuple(
        _late_term(judged.term, span[0], case[owner == place], (to_us - from_us)[owner == place])
        for place, (judged, span) in enumerate(zip(judgement.terms, spans, strict=True))
    )
    return LateTime(terms, case, from_us, to_us, rules_id)


_Spans = tuple[Instants, Instants, Instants]


def _late_spans(judged: JudgedTerm, extracted_us: int) -> _Spans:
    """Return case, beginning and end of each late case's time beyond a term, within the case, by case."""
    found, states = judged.found, judged.states
    is_late = states.late | states.unmet | states.open_late
    left_us = np.where(found.closed_us == NEVER_US, extracted_us, found.closed_us)
    begins = np.maximum(found.due_us, found.opened_us)[is_late]
    ends = np.minimum(np.where(states.late, found.end_us, left_us), left_us)[is_late]
    case = found.case[is_late]
    order = np.argsort(case)
    return case[order], begins[order], np.maximum(begins, ends)[order]


def _cut(spans: list[_Spans]) -> _Spans:
    """Return the stretches between all instants at which a late span of the same case begins or ends."""
    none = np.zeros(0, np.int64)
    case = np.concatenate([none, *(part for span in spans for part in (span[0], span[0]))])
    at_us = np.concatenate([none, *(part for span in spans for part in span[1:])])
    order = np.lexsort((at_us, case))
    case, at_us = case[order], at_us[order]
    is_stretch = (case[1:] == case[:-1]) & (at_us[1:] > at_us[:-1])
    return case[1:][is_stretch], at_us[:-1][is_stretch], at_us[1:][is_stretch]


def _covers(span: _Spans, case: Instants, from_us: Instants, to_us: Instants) -> npt.NDArray[np.bool_]:
    """Return which stretches lie within the late span of their case."""
    held, begins, ends = span
    if not len(held):
        return np.zeros(len(case), bool)
    place = np.minimum(np.searchsorted(held, case), len(held) - 1)
    covers: npt.NDArray[np.bool_] = (held[place] == case) & (begins[place] <= from_us) & (to_us <= ends[place])
    return covers


def _late_term(term: Term, late: Instants, case: Instants, stretch_us: Instants) -> LateTerm:
    late_us = np.zeros(len(late), np.int64)
    np.add.at(late_us, np.searchsorted(late, case), stretch_us)
    order = np.lexsort((late, -late_us))
    return LateTerm(term, late[order], late_us[order])


def late_parts(attributed: ibis.Table, events: ibis.Table, cases: ibis.Table) -> ibis.Table:
    """Return one row per attributed gap that late time overlaps: `case`, `position`, `late_us` (above 0).

    The answer is over the tables of the store and `late_stretches`.
    """
    opened = cases.select("case", "opened_us")
    placed = events.select("case", "position", "completed_us").inner_join(opened, "case")
    begun = placed.select("case", "position", begins_us=later(placed.completed_us, placed.opened_us))
    timed = attributed.inner_join(begun, ["case", "position"]).inner_join(late_stretches(), "case")
    ends_us = timed.begins_us + timed.gap_us
    first = ibis.ifelse(timed.from_us > timed.begins_us, timed.from_us, timed.begins_us)
    last = ibis.ifelse(timed.to_us < ends_us, timed.to_us, ends_us)
    overlaps = timed.select("case", "position", late_us=ibis.ifelse(last > first, last - first, 0))
    lost = overlaps.group_by("case", "position").aggregate(late_us=overlaps.late_us.sum().cast("int64"))
    return lost.filter(lost.late_us > 0)


def without_late_time(attributed: ibis.Table, late: ibis.Table) -> ibis.Table:
    """Return attributed gaps (see `potok.measure.ledger`) without what of them lies in late time (`late_parts`)."""
    known = attributed.left_join(late, ["case", "position"])
    cut = known.mutate(gap_us=(known.gap_us - known.late_us.fill_null(0)).cast("int64"))
    return cut.select(*attributed.columns)
