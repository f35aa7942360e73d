"""Opening and closing of cases as measures of flow see them, and the cases whose times cannot be.

A case is **open** from its opening to its closing, or to the extraction. Three kinds of case are counted apart, in this
order, and never dropped silently:

- **opening unknown**: nothing can be said of it;
- **closed before opened**: a slip of the register or of the mapping; in no duration and no queue;
- **opened after extraction**: the log should not hold it; in no duration and no queue.

The others are *timely*. Some of these close after the extraction was declared to end (**closed after extraction**):
they were open then, and count as open wherever open cases count.
"""

from dataclasses import dataclass

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.running import run


@dataclass(frozen=True, slots=True)
class CaseTimes:
    """How many cases have times that can be used.

    Parameters
    ----------
    timely_cases
        Cases with possible times; of these, `open_cases` were open at extraction.
    open_cases
        Timely cases without a closing up to the extraction.
    closed_after_extraction
        Of `open_cases`: those whose closing is recorded all the same.
    closed_before_opened, opened_after_extraction, opening_unknown
        Cases left out.
    first_opened_us
        Earliest opening of a timely case, microseconds UTC; None if there is none.
    """

    timely_cases: int
    open_cases: int
    closed_after_extraction: int
    closed_before_opened: int
    opened_after_extraction: int
    opening_unknown: int
    first_opened_us: int | None

    @property
    def impossible_cases(self) -> int:
        """Number of cases left out."""
        return self.closed_before_opened + self.opened_after_extraction + self.opening_unknown


def timely(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return the timely cases, with `ended_us`: the closing up to the extraction, null while open."""
    kept = cases.filter(
        cases.opened_us.notnull(),
        cases.opened_us <= extracted_us,
        cases.closed_us.isnull() | (cases.closed_us >= cases.opened_us),
    )
    return kept.mutate(
        ended_us=ibis.ifelse(kept.closed_us <= extracted_us, kept.closed_us, ibis.null("int64")).cast("int64")
    )


def impossible(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return the cases that are not timely."""
    is_late = cases.opened_us > extracted_us
    is_backwards = (cases.closed_us < cases.opened_us).fill_null(False)
    return cases.filter(cases.opened_us.isnull() | is_late | is_backwards)


def case_time_counts(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row: the fields of `CaseTimes`, in their order."""
    opened, closed = cases.opened_us, cases.closed_us
    is_known = opened.notnull()
    is_backwards = (closed < opened).fill_null(False)
    is_late = is_known & ~is_backwards & (opened > extracted_us)
    is_timely = is_known & ~is_backwards & ~is_late
    is_closed_late = (closed > extracted_us).fill_null(False)
    return cases.aggregate(
        timely_cases=_count(is_timely),
        open_cases=_count(is_timely & (closed.isnull() | is_closed_late)),
        closed_after_extraction=_count(is_timely & is_closed_late),
        closed_before_opened=_count(is_backwards),
        opened_after_extraction=_count(is_late),
        opening_unknown=_count(~is_known),
        first_opened_us=ibis.ifelse(is_timely, opened, ibis.null("int64")).min().cast("int64"),
    )


def compute_case_times(store: LogStore, *, engine: Engine | None = None) -> CaseTimes:
    """Count the cases whose times can be used, and those whose times cannot be."""
    (row,) = run(case_time_counts(CASES, extracted_us=store.extracted_us), store, engine)
    return CaseTimes(*row)


def list_impossible_cases(
    store: LogStore, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases left out because their times cannot be."""
    left_out = impossible(lead_times(CASES, extracted_us=store.extracted_us), extracted_us=store.extracted_us)
    return read_evidence(case_evidence(EVENTS, left_out, limit=limit), store, engine)


def _count(condition: ibis.Value) -> ibis.Value:
    return ibis.ifelse(condition.fill_null(False), 1, 0).sum().fill_null(0).cast("int64")
