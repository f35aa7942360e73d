"""What a check says of each case, and counting it: one form for all checks, so that all lead to their cases alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis

from potok.engine.base import Engine, Given
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.passages import exact_sum
from potok.measure.running import run, seconds_if_known

COLUMNS: Final = ("case", "activations", "violations", "undecided", "pending", "concerned_us")
MOST_EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """A check over all cases.

    Parameters
    ----------
    cases
        Cases that the check can speak of.
    activated_cases
        Those of them in which anything activates the rule; the others keep it vacuously.
    violated_cases, undecided_cases, pending_cases
        Of `activated_cases`: those that break it for certain; others that break it by an order of instants that nobody
        knows; others, still open, in which what is lacking may still come. The rest keeps it.
    activations, violations
        How often it was activated, and broken.
    timed_cases
        Violated cases of which the time concerned is known.
    concerned_seconds
        That time, calendar seconds; None where none is known.
    """

    cases: int
    activated_cases: int
    violated_cases: int
    undecided_cases: int
    pending_cases: int
    activations: int
    violations: int
    timed_cases: int
    concerned_seconds: float | None

    @property
    def violated_share(self) -> float | None:
        """Violated cases over activated ones; None if there are none."""
        return self.violated_cases / self.activated_cases if self.activated_cases else None

    @property
    def vacuous_cases(self) -> int:
        """Cases that keep the rule because nothing activates it."""
        return self.cases - self.activated_cases


def case_verdicts(judged: Sequence[ibis.Table]) -> ibis.Table:
    """Return one row per case from judged instances (`potok.diagnose.conformance.elements`): the columns `COLUMNS`."""
    rows = judged[0] if len(judged) == 1 else ibis.union(*judged)
    return rows.group_by("case").aggregate(
        activations=rows.count().cast("int64"),
        violations=rows.is_broken.cast("int64").sum().cast("int64"),
        undecided=rows.is_undecided.cast("int64").sum().cast("int64"),
        pending=rows.is_pending.cast("int64").sum().cast("int64"),
        concerned_us=rows.concerned_us.sum().cast("int64"),
    )


def verdict_counts(verdicts: ibis.Table, cases: ibis.Table) -> ibis.Table:
    """Return one row: how many cases are in which state; `concerned_us` is a decimal, null if nothing is known."""
    is_violated = verdicts.violations > 0
    is_undecided = ~is_violated & (verdicts.undecided > 0)
    is_pending = ~is_violated & (verdicts.undecided == 0) & (verdicts.pending > 0)
    counted = verdicts.aggregate(
        activated_cases=_total((verdicts.activations > 0).cast("int64")),
        violated_cases=_total(is_violated.cast("int64")),
        undecided_cases=_total(is_undecided.cast("int64")),
        pending_cases=_total(is_pending.cast("int64")),
        activations=_total(verdicts.activations),
        violations=_total(verdicts.violations),
        timed_cases=_total((is_violated & verdicts.concerned_us.notnull()).cast("int64")),
        concerned_us=exact_sum(verdicts.concerned_us),
    )
    return cases.aggregate(cases=cases.count().cast("int64")).cross_join(counted)


def broken_cases(verdicts: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return the violated cases: `case`, `case_id`, `lead_us` (time concerned, else the lead time), `concerned_us`."""
    broken = verdicts.filter(verdicts.violations > 0).select("case", "concerned_us")
    timed = lead_times(CASES, extracted_us=extracted_us).select("case", "case_id", whole_us="lead_us")
    joined = timed.inner_join(broken, "case")
    lead_us = ibis.coalesce(joined.concerned_us, joined.whole_us).cast("int64")
    return joined.select("case", "case_id", "concerned_us", lead_us=lead_us)


def first_broken(verdicts: ibis.Table, *, limit: int) -> ibis.Table:
    """Return the codes (`case`) of the violated cases with most time concerned; ties by code."""
    broken = verdicts.filter(verdicts.violations > 0)
    return broken.order_by(broken.concerned_us.fill_null(-1).desc(), broken.case).limit(limit).select("case")


def count_verdicts(
    verdicts: ibis.Table,
    cases: ibis.Table,
    store: LogStore,
    *,
    given: Given | None = None,
    engine: Engine | None = None,
) -> VerdictCounts:
    """Count the verdicts of a check over the cases of which it can speak."""
    expression = verdict_counts(verdicts, cases)
    (row,) = run(expression, store, engine, given=given)
    counted = dict(zip(expression.columns, row, strict=True))
    concerned_us = counted.pop("concerned_us")
    return VerdictCounts(concerned_seconds=seconds_if_known(concerned_us), **counted)


def example_cases(
    verdicts: ibis.Table, store: LogStore, *, given: Given | None = None, engine: Engine | None = None
) -> tuple[int, ...]:
    """Return some violated cases, those with most time concerned first."""
    rows = run(first_broken(verdicts, limit=MOST_EXAMPLES), store, engine, given=given)
    return tuple(case for (case,) in rows)


def list_broken_cases(
    verdicts: ibis.Table,
    store: LogStore,
    *,
    limit: int | None = None,
    given: Given | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the violated cases, those with most time concerned first; where none is known, with their lead time."""
    found = broken_cases(verdicts, extracted_us=store.extracted_us)
    return read_evidence(case_evidence(EVENTS, found, limit=limit), store, engine, given=given)


def _total(numbers: ibis.Value) -> ibis.Value:
    return numbers.sum().fill_null(0).cast("int64")
