"""How well the closed cases of a log fit a model, each variant aligned once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis

from potok.core.language import mark
from potok.core.progress import Progress
from potok.diagnose.conformance.alignment.bounds import CostBounder, CostBounds
from potok.diagnose.conformance.alignment.deviations import (
    AlignedVariant,
    Deviation,
    find_deviations_from_model,
)
from potok.diagnose.conformance.alignment.model import AlignmentModel
from potok.diagnose.conformance.alignment.search import (
    Alignment,
    Budget,
    Labels,
    search_alignments,
    shortest_run,
)
from potok.engine.base import Engine
from potok.engine.tables import CASES, VARIANTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, run

REASONS: Final = {
    "open_cases_left_out": mark("Open cases are left out: what they lack may still come."),
    "no_closed_cases": mark("No case is closed, so nothing can be aligned."),
    "over_budget": mark(
        "The search ran out of its budget for some variants: for these only bounds are known, and no deviations."
    ),
    "model_discovered": mark(
        "The model was discovered from the same log: departing from it means being rare, not breaking a rule."
    ),
    "unknown_activities": mark("The model lacks activities of the log: each of them counts as inserted."),
}


@dataclass(frozen=True, slots=True)
class Conformity:
    """Closed cases laid against a model.

    Parameters
    ----------
    cases, open_cases
        Closed cases, which are aligned, and open ones, which are not.
    variants
        Of closed cases; most frequent first.
    fitting_cases
        Cases that are runs of the model.
    bounded_cases
        Cases of which only bounds are known.
    total_cost_low, total_cost_high
        Deviating steps over all cases: equal where all alignments are known; the upper one None where nothing bounds
        it.
    fitness_low, fitness_high
        Mean over cases of 1 − cost ÷ (events + activities of the shortest run); None without closed cases, or where
        the shortest run is not known. Equal where all alignments are known.
    deviations
        Those in most cases first.
    unknown_activities
        Activities of closed cases that the model does not have.
    reasons
        Keys of `REASONS`.
    """

    cases: int
    open_cases: int
    variants: tuple[AlignedVariant, ...]
    fitting_cases: int
    bounded_cases: int
    total_cost_low: int
    total_cost_high: int | None
    fitness_low: float | None
    fitness_high: float | None
    deviations: tuple[Deviation, ...]
    unknown_activities: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Variant:
    code: int
    cases: int
    trace: Labels


def closed_variants(variants: ibis.Table, cases: ibis.Table) -> ibis.Table:
    """Return one row per variant of closed cases: `variant`, `activities`, `cases`."""
    closed = cases.filter(cases.closed_us.notnull())
    counted = closed.group_by("variant").aggregate(closed_cases=closed.count().cast("int64"))
    joined = variants.inner_join(counted, "variant")
    return joined.select("variant", "activities", cases=joined.closed_cases)


def align_log(
    store: LogStore,
    model: AlignmentModel,
    *,
    budget: Budget | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Conformity:
    """Align every variant of closed cases with a model.

    Raises
    ------
    NoRunError
        If the model has no run at all.
    """
    budget = budget or Budget()
    variants = _read_variants(store, engine)
    shortest = shortest_run(model, budget=budget)
    traces = [one.trace for one in variants]
    found = search_alignments(model, traces, budget=budget, progress=progress)
    aligned = tuple(
        AlignedVariant(one.code, one.cases, alignment) for one, alignment in zip(variants, found, strict=True)
    )
    bounds = _bound(model, traces, found, shortest, seconds=budget.seconds)
    is_open = CASES.closed_us.isnull().cast("int64")
    ((open_cases,),) = run(CASES.aggregate(open_cases=is_open.sum().fill_null(0).cast("int64")), store, engine)
    unknown = {label for trace in traces for label in trace} - model.labels
    low, high = _fitness(variants, bounds, shortest)
    highs = [bound.high for bound in bounds]
    return Conformity(
        cases=sum(one.cases for one in variants),
        open_cases=open_cases,
        variants=aligned,
        fitting_cases=sum(one.cases for one, bound in zip(variants, bounds, strict=True) if bound.high == 0),
        bounded_cases=sum(one.cases for one in aligned if one.alignment is None),
        total_cost_low=sum(one.cases * bound.low for one, bound in zip(variants, bounds, strict=True)),
        total_cost_high=None
        if None in highs
        else sum(one.cases * (high or 0) for one, high in zip(variants, highs, strict=True)),
        fitness_low=low,
        fitness_high=high,
        deviations=find_deviations_from_model(aligned, store, engine=engine),
        unknown_activities=tuple(sorted(unknown)),
        reasons=_reasons(model, open_cases=open_cases, aligned=aligned, has_unknown=bool(unknown)),
    )


def _read_variants(store: LogStore, engine: Engine | None) -> list[_Variant]:
    labels = {str(code): label for code, label in activity_labels(store, engine).items()}
    rows = run(closed_variants(VARIANTS, CASES), store, engine)
    found = (
        _Variant(code, cases, tuple(labels[activity] for activity in activities.split(",")))
        for code, activities, cases in rows
    )
    return sorted(found, key=lambda one: (-one.cases, one.code))


def _bound(
    model: AlignmentModel,
    traces: Sequence[Labels],
    found: Sequence[Alignment | None],
    shortest: Labels | None,
    *,
    seconds: float,
) -> list[CostBounds]:
    """Return the bounds of every cost: twice the cost itself where the alignment is known."""
    bounder: CostBounder | None = None
    bounds = []
    for trace, alignment in zip(traces, found, strict=True):
        if alignment is not None:
            bounds.append(CostBounds(alignment.cost, alignment.cost))
            continue
        if bounder is None:
            runs = (known.model_run for known in found if known)
            bounder = CostBounder(model, runs=runs, shortest=shortest, seconds=seconds)
        bounds.append(bounder.bound(trace))
    return bounds


def _fitness(
    variants: Sequence[_Variant], bounds: Sequence[CostBounds], shortest: Labels | None
) -> tuple[float | None, float | None]:
    cases = sum(one.cases for one in variants)
    if not cases or shortest is None:
        return None, None
    low = high = 0.0
    for one, bound in zip(variants, bounds, strict=True):
        worst = len(one.trace) + len(shortest)
        # The whole trace beside the shortest run is always an alignment.
        most = worst if bound.high is None else min(bound.high, worst)
        low += one.cases * (1 - most / worst if worst else 1.0)
        high += one.cases * (1 - bound.low / worst if worst else 1.0)
    return low / cases, high / cases


def _reasons(
    model: AlignmentModel, *, open_cases: int, aligned: Sequence[AlignedVariant], has_unknown: bool
) -> tuple[str, ...]:
    holds = {
        "no_closed_cases": not aligned,
        "open_cases_left_out": open_cases > 0,
        "over_budget": any(one.alignment is None for one in aligned),
        "model_discovered": model.tree is not None,
        "unknown_activities": has_unknown,
    }
    return tuple(reason for reason, is_so in holds.items() if is_so)
