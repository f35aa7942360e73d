"""Return loops: to which activity cases go back, from which, how often, and how long until they are there again.

What counts as a return is defined in `potok.diagnose.rework.return_positions`. The loop of a return runs from the
completion of the last instance of the activity to the start of the next one (to its completion where no start is
known), cut to the time in which the case was open. Loops back to one activity never overlap; those to different ones
may lie within each other, so that the time of a case in loops is the length of their union.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import ibis

from potok.diagnose.rework.asking import asked_rows, at_asked_rows, example_cases, find_examples
from potok.diagnose.rework.return_positions import again_positions, usual_returns
from potok.diagnose.rework.spans import arrival, cut_spans, known_spans, span_evidence
from potok.engine.base import Engine
from potok.engine.tables import ACTIVITIES, CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.enablement import compute_time_knowledge
from potok.measure.evidence import CaseEvidence, find_code, read_evidence
from potok.measure.intervals import union_lengths
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import activity_labels, built_once, run, seconds, seconds_if_known

_ENDS: Final = ("source", "target")

Reach = Literal["same_activity", "no_usual_order", "within_phase", "other_phase", "unknown_phase"]


@dataclass(frozen=True, slots=True)
class ReturnLoop:
    """Cases going back from one activity to another that they had begun before it; `source` may be `target`.

    Parameters
    ----------
    reach
        Whether it is the same activity once more; a return that is not against the usual order (see
        `return_positions`); else one within a phase, to another phase, or one of which phases are not known.
    returns, cases
        How often, and in how many cases.
    loop_seconds, median_seconds
        Time from leaving the activity to being back at it: in total and per return; the median is None where no such
        time is known.
    staff_seconds
        Processing of what is then done again, up to the next return; None where the log knows no processing.
    """

    source: str
    target: str
    reach: Reach
    returns: int
    cases: int
    loop_seconds: float
    median_seconds: float | None
    staff_seconds: float | None


@dataclass(frozen=True, slots=True)
class ReturnLoops:
    """All return loops of a log, those that take most time first.

    Parameters
    ----------
    cases, returned_cases
        All, and those that go back at least once.
    returns, repetitions
        To another activity, and to the same one.
    loop_seconds
        Time of cases in loops, each instant of a case once; not the sum over `loops`, which may overlap.
    lead_seconds
        Lead time of all cases.
    staff_seconds
        Processing of what is done again; None where the log knows no processing.
    """

    loops: tuple[ReturnLoop, ...]
    cases: int
    returned_cases: int
    returns: int
    repetitions: int
    loop_seconds: float
    lead_seconds: float
    staff_seconds: float | None

    @property
    def loop_share(self) -> float | None:
        """Time in loops over the lead time of all cases, 0–1; None without lead time."""
        return self.loop_seconds / self.lead_seconds if self.lead_seconds else None


def done_again(events: ibis.Table, cases: ibis.Table, variants: ibis.Table) -> ibis.Table:
    """Return one row per instance that is done again.

    Returns
    -------
    ibis.Table
        `case`, `position`, `source`, `target`, `is_back`, `left_position`, `org_unit` (of the instance before it),
        `arrived_us` and `work_us` (its processing; null if unknown).
    """
    again = again_positions(variants).inner_join(cases.select("case", "variant"), "variant")
    before = events.select(
        "case",
        "org_unit",
        position=(events.position + 1).cast("int32"),
        arrived_us=arrival(events),
        work_us=not_negative(events.next_completed_us - events.next_started_us),
    )
    joined = again.inner_join(before, ["case", "position"])
    return joined.select(
        "case", "position", "source", "target", "is_back", "left_position", "org_unit", "arrived_us", "work_us"
    )


def return_spans(again: ibis.Table, events: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per repetition or return of a case, with its loop.

    Returns
    -------
    ibis.Table
        `case`, `source`, `target`, `org_unit`, `from_position`, `to_position`, `from_us`, `to_us` and `gap_us` (null
        where an end is unknown).
    """
    backs = again.filter(again.is_back)
    left = events.select("case", left_position="position", from_us="completed_us")
    joined = backs.inner_join(left, ["case", "left_position"])
    spans = joined.select(
        "case",
        "source",
        "target",
        "org_unit",
        "from_us",
        from_position="left_position",
        to_position="position",
        to_us="arrived_us",
    )
    return cut_spans(spans, cases, extracted_us=extracted_us)


def loop_figures(spans: ibis.Table) -> ibis.Table:
    """Return one row per loop: `source`, `target`, `returns`, `cases`, `loop_us`, `median_us`."""
    figures = spans.group_by("source", "target").aggregate(
        returns=spans.count().cast("int64"),
        loop_us=exact_sum(spans.gap_us),
        median_us=spans.gap_us.quantile(0.5).cast("float64"),
    )
    once = spans.select("source", "target", "case").distinct()
    counted = once.group_by("source", "target").aggregate(cases=once.count().cast("int64"))
    joined = figures.inner_join(counted, ["source", "target"])
    return joined.select("source", "target", "returns", "cases", "loop_us", "median_us")


def loop_work(again: ibis.Table) -> ibis.Table:
    """Return one row per loop: `source`, `target`, `work_us` (null where no processing is known)."""
    return again.group_by("source", "target").aggregate(work_us=exact_sum(again.work_us))


def loop_totals(spans: ibis.Table) -> ibis.Table:
    """Return one row: `cases` that go back, `union_us` (null if none)."""
    covered = union_lengths(known_spans(spans))
    held = spans.select("case").distinct().left_join(covered, "case")
    return held.aggregate(cases=held.count().cast("int64"), union_us=exact_sum(held.union_us))


def case_totals(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row: `cases`, `lead_us` (null without cases)."""
    timed = lead_times(cases, extracted_us=extracted_us)
    return timed.aggregate(cases=timed.count().cast("int64"), lead_us=exact_sum(timed.lead_us))


def compute_return_loops(store: LogStore, *, engine: Engine | None = None) -> ReturnLoops:
    """Compute to which activities cases go back, how often, and how long until they are there again.

    A repetition need not be a fault: the log cannot tell a correction from a planned second visit.
    """
    again = done_again(EVENTS, CASES, VARIANTS)
    spans = return_spans(again, EVENTS, CASES, extracted_us=store.extracted_us)
    works = {(source, target): work_us for source, target, work_us in run(loop_work(again), store, engine)}
    is_worked = compute_time_knowledge(store, engine=engine).is_worked
    labels, phases = activity_labels(store, engine), _phases(store, engine)
    usual = set(run(usual_returns(VARIANTS), store, engine))
    loops = tuple(
        ReturnLoop(
            source=labels[source],
            target=labels[target],
            reach=_reach(source, target, phases, (source, target) in usual),
            returns=returns,
            cases=cases,
            loop_seconds=seconds(loop_us or 0),
            median_seconds=seconds_if_known(median_us),
            staff_seconds=seconds_if_known(works[source, target]) if is_worked else None,
        )
        for source, target, returns, cases, loop_us, median_us in run(loop_figures(spans), store, engine)
    )
    ((returned, union_us),) = run(loop_totals(spans), store, engine)
    ((cases, lead_us),) = run(case_totals(CASES, extracted_us=store.extracted_us), store, engine)
    known_work = [loop.staff_seconds for loop in loops if loop.staff_seconds is not None]
    return ReturnLoops(
        loops=tuple(sorted(loops, key=lambda loop: (-loop.loop_seconds, -loop.returns, loop.source, loop.target))),
        cases=cases,
        returned_cases=returned,
        returns=sum(loop.returns for loop in loops if loop.reach != "same_activity"),
        repetitions=sum(loop.returns for loop in loops if loop.reach == "same_activity"),
        loop_seconds=seconds(union_us or 0),
        lead_seconds=seconds(lead_us or 0),
        staff_seconds=sum(known_work) if known_work else None,
    )


def list_return_cases(
    store: LogStore, source: str, target: str, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases that go back from one activity to another, those longest in the loop first.

    Their number is the loop's `cases`, their seconds add up to its `loop_seconds`.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the activities.
    """
    labels = activity_labels(store, engine)
    ends = find_code(labels, source), find_code(labels, target)
    evidence = _loop_evidence(extracted_us=store.extracted_us, limit=limit)
    return read_evidence(evidence, store, engine, given=asked_rows(_ENDS, ends))


def find_loop_examples(
    store: LogStore, loops: Sequence[ReturnLoop], *, engine: Engine | None = None
) -> dict[tuple[str, str], tuple[int, ...]]:
    """Find the codes of the cases that are longest in each loop, by its source and target, in one pass."""
    labels = activity_labels(store, engine)
    codes = {label: code for code, label in labels.items()}
    again = done_again(EVENTS, CASES, VARIANTS)
    spans = return_spans(again, EVENTS, CASES, extracted_us=store.extracted_us)
    asked = [(codes[loop.source], codes[loop.target]) for loop in loops]
    found = find_examples(example_cases(spans, *_ENDS), asked, store, engine)
    return {(loop.source, loop.target): found[key] for loop, key in zip(loops, asked, strict=True)}


@built_once
def _loop_evidence(*, extracted_us: int, limit: int | None) -> ibis.Table:
    again = done_again(EVENTS, CASES, VARIANTS)
    spans = return_spans(again, EVENTS, CASES, extracted_us=extracted_us)
    return span_evidence(EVENTS, CASES, at_asked_rows(spans, *_ENDS), limit=limit)


def _phases(store: LogStore, engine: Engine | None) -> dict[int, str | None]:
    return dict(run(ACTIVITIES.select("activity", "phase"), store, engine))


def _reach(source: int, target: int, phases: dict[int, str | None], is_usual: bool) -> Reach:
    if source == target:
        return "same_activity"
    if not is_usual:
        return "no_usual_order"
    here, there = phases[source], phases[target]
    if not here or not there:
        return "unknown_phase"
    return "within_phase" if here == there else "other_phase"
