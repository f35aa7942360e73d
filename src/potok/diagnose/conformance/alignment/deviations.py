"""Deviations of a log from a model, and the time they concern."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import ibis
import pyarrow as pa

from potok.diagnose.conformance.alignment.search import Alignment, MoveKind
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.enablement import instance_times
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, run, seconds_if_known

_MOVES: Final = "deviating_moves"
_VARIANTS: Final = "deviating_variants"
MOST_EXAMPLES: Final = 10


class DeviationKind(StrEnum):
    """How the cases depart from the model."""

    INSERTED = "inserted"
    """The case has an activity where the model has none."""
    SKIPPED = "skipped"
    """The model needs an activity that the case lacks."""
    DISPLACED = "displaced"
    """Both in one case: the activity is done, but at another place than the model has it."""


@dataclass(frozen=True, slots=True)
class AlignedVariant:
    """A variant of closed cases, with its optimal alignment.

    Parameters
    ----------
    variant, cases
        Its code in the store, and how many closed cases have it.
    alignment
        None where the search ran out of its budget.
    """

    variant: int
    cases: int
    alignment: Alignment | None


@dataclass(frozen=True, slots=True)
class Deviation:
    """One activity that cases do, lack or displace against the model.

    Parameters
    ----------
    kind, activity
        What.
    cases, instances
        In how many closed cases, and how often.
    timed_instances
        Of what was done: those whose time is known.
    waiting_seconds, processing_seconds, sojourn_seconds
        Their time, summed: before the start since the completion of the instance before it in the case, from start to
        completion, and both together. None where nothing is known (nothing was done, or the log has no such times).
    typical_seconds
        Median sojourn of the activity over all its instances; None if unknown.
    estimated_seconds
        Of what was skipped: `typical_seconds` for each time. An estimate of what was not spent; None otherwise.
    example_cases
        Codes, the longest first; at most ten.
    """

    kind: DeviationKind
    activity: str
    cases: int
    instances: int
    timed_instances: int
    waiting_seconds: float | None
    processing_seconds: float | None
    sojourn_seconds: float | None
    typical_seconds: float | None
    estimated_seconds: float | None
    example_cases: tuple[int, ...]


_Key = tuple[DeviationKind, str]


@dataclass(frozen=True, slots=True)
class _Times:
    timed: int = 0
    waiting: float | None = None
    processing: float | None = None
    sojourn: float | None = None


def deviating_moves(alignment: Alignment) -> Iterator[tuple[_Key, int | None]]:
    """Yield the deviations of one alignment, each with its position in the trace (None if nothing was done there).

    Where an activity is both inserted and skipped, as many of each as possible make displaced ones: those at the places
    where they were done.
    """
    lone = {
        kind: Counter(move.activity for move in alignment.moves if move.kind is kind)
        for kind in (MoveKind.LOG, MoveKind.MODEL)
    }
    moved = lone[MoveKind.LOG] & lone[MoveKind.MODEL]
    left = {MoveKind.LOG: Counter(moved), MoveKind.MODEL: Counter(moved)}
    for move in alignment.moves:
        if move.kind is MoveKind.BOTH:
            continue
        is_moved = left[move.kind][move.activity] > 0
        left[move.kind][move.activity] -= is_moved
        if move.kind is MoveKind.LOG:
            yield (DeviationKind.DISPLACED if is_moved else DeviationKind.INSERTED, move.activity), move.position
        elif not is_moved:
            yield (DeviationKind.SKIPPED, move.activity), None


def find_deviations_from_model(
    variants: Sequence[AlignedVariant], store: LogStore, *, engine: Engine | None = None
) -> tuple[Deviation, ...]:
    """Sum up the deviations of all variants whose alignment is known; those in most cases first."""
    counted: Counter[_Key] = Counter()
    cases: Counter[_Key] = Counter()
    holders: dict[_Key, list[int]] = defaultdict(list)
    moves: list[tuple[int, int, int]] = []
    keys: dict[_Key, int] = {}
    for one in variants:
        own: Counter[_Key] = Counter()
        for key, position in deviating_moves(one.alignment) if one.alignment else ():
            own[key] += 1
            if position is not None:
                moves.append((keys.setdefault(key, len(keys)), one.variant, position))
        for key, times in own.items():
            counted[key] += times * one.cases
            cases[key] += one.cases
            holders[key].append(one.variant)
    times_of = _times(moves, store, engine) if moves else {}
    typical = _typical({activity for _kind, activity in counted}, store, engine) if counted else {}
    examples = _examples(holders, store, engine) if holders else {}
    found = (
        _deviation(key, (cases[key], counted[key]), times_of.get(keys.get(key, -1), _Times()), typical, examples[key])
        for key in counted
    )
    return tuple(sorted(found, key=lambda deviation: (-deviation.cases, deviation.kind, deviation.activity)))


def _deviation(
    key: _Key, counts: tuple[int, int], times: _Times, typical: Mapping[str, float | None], examples: tuple[int, ...]
) -> Deviation:
    kind, activity = key
    usual = typical.get(activity)
    is_estimated = kind is DeviationKind.SKIPPED and usual is not None
    return Deviation(
        kind=kind,
        activity=activity,
        cases=counts[0],
        instances=counts[1],
        timed_instances=times.timed,
        waiting_seconds=times.waiting,
        processing_seconds=times.processing,
        sojourn_seconds=times.sojourn,
        typical_seconds=usual,
        estimated_seconds=usual * counts[1] if is_estimated and usual is not None else None,
        example_cases=examples,
    )


def list_deviation_cases(
    variants: Sequence[AlignedVariant],
    kind: DeviationKind,
    activity: str,
    store: LogStore,
    *,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the closed cases that depart from the model in a way, the longest first."""
    holding = [
        one.variant
        for one in variants
        if one.alignment and any(key == (kind, activity) for key, _position in deviating_moves(one.alignment))
    ]
    given = {_VARIANTS: pa.table({"variant": pa.array(holding, pa.int32())})}
    timed = lead_times(CASES.filter(CASES.closed_us.notnull()), extracted_us=store.extracted_us)
    chosen = timed.semi_join(ibis.table({"variant": "int32"}, name=_VARIANTS), "variant")
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine, given=given)


def move_times(events: ibis.Table, cases: ibis.Table, moves: ibis.Table) -> ibis.Table:
    """Return one row per deviation: `deviation`, `timed`, `waiting_us`, `processing_us`, `sojourn_us` (sums, decimal).

    Parameters
    ----------
    moves
        `deviation` (number), `variant`, `position`: instances that the model does not have there, in closed cases.
    """
    closed = cases.filter(cases.closed_us.notnull()).select("case", "variant")
    # Only cases that deviate are looked at; the instance after each row is seen from it.
    held = events.semi_join(closed.semi_join(moves, "variant"), "case")
    timed = instance_times(held, enablement="previous")
    own = timed.select(
        "case",
        "waiting_us",
        "processing_us",
        "sojourn_us",
        position=(timed.position + 1).cast("int32"),
    )
    joined = own.inner_join(closed, "case").inner_join(moves, ["variant", "position"])
    return joined.group_by("deviation").aggregate(
        timed=joined.sojourn_us.count().cast("int64"),
        waiting_us=exact_sum(joined.waiting_us),
        processing_us=exact_sum(joined.processing_us),
        sojourn_us=exact_sum(joined.sojourn_us),
    )


def typical_sojourns(events: ibis.Table) -> ibis.Table:
    """Return one row per activity: `activity`, `median_us` of the sojourn (null if unknown)."""
    timed = instance_times(events, enablement="previous")
    return timed.group_by("activity").aggregate(median_us=timed.sojourn_us.quantile(0.5).cast("float64"))


def longest_of_variants(cases: ibis.Table, holders: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return the longest closed cases of each deviation: `deviation`, `rank`, `case`.

    Parameters
    ----------
    holders
        `deviation` (number), `variant`.
    """
    timed = lead_times(cases.filter(cases.closed_us.notnull()), extracted_us=extracted_us)
    joined = timed.select("case", "variant", "lead_us").inner_join(holders, "variant")
    window = ibis.window(group_by="deviation", order_by=[joined.lead_us.desc(), joined.case])
    ranked = joined.select("deviation", "case", rank=ibis.row_number().over(window).cast("int64"))
    return ranked.filter(ranked["rank"] < MOST_EXAMPLES)


def _times(moves: Sequence[tuple[int, int, int]], store: LogStore, engine: Engine | None) -> dict[int, _Times]:
    deviation, variant, position = (list(column) for column in zip(*moves, strict=True))
    table = pa.table(
        {
            "deviation": pa.array(deviation, pa.int32()),
            "variant": pa.array(variant, pa.int32()),
            "position": pa.array(position, pa.int32()),
        }
    )
    unbound = ibis.table({"deviation": "int32", "variant": "int32", "position": "int32"}, name=_MOVES)
    rows = run(move_times(EVENTS, CASES, unbound), store, engine, given={_MOVES: table})
    return {number: _Times(timed, *map(seconds_if_known, sums)) for number, timed, *sums in rows}


def _typical(activities: set[str], store: LogStore, engine: Engine | None) -> dict[str, float | None]:
    labels = activity_labels(store, engine)
    medians = {labels[code]: seconds_if_known(us) for code, us in run(typical_sojourns(EVENTS), store, engine)}
    return {activity: medians.get(activity) for activity in activities}


def _examples(holders: Mapping[_Key, list[int]], store: LogStore, engine: Engine | None) -> dict[_Key, tuple[int, ...]]:
    keys = list(holders)
    pairs = [(number, variant) for number, key in enumerate(keys) for variant in holders[key]]
    table = pa.table(
        {
            "deviation": pa.array([number for number, _variant in pairs], pa.int32()),
            "variant": pa.array([variant for _number, variant in pairs], pa.int32()),
        }
    )
    unbound = ibis.table({"deviation": "int32", "variant": "int32"}, name=_VARIANTS)
    rows = run(
        longest_of_variants(CASES, unbound, extracted_us=store.extracted_us), store, engine, given={_VARIANTS: table}
    )
    found: dict[_Key, list[tuple[int, int]]] = {key: [] for key in keys}
    for number, case, rank in rows:
        found[keys[number]].append((rank, case))
    return {key: tuple(case for _rank, case in sorted(ranked)) for key, ranked in found.items()}
