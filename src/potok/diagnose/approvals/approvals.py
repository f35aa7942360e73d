"""Approvals of a log: their chains, what each level alters, how long it takes, and which run in series only.

A level *uses* the result of the one before it if that one ever stops or alters anything: what never alters anything
gives the next level nothing to wait for. Of two levels that follow each other the time *in series* is that from the
first decision to the second; it is what passes, not what deciding side by side would save.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from potok.core.language import mark
from potok.diagnose.approvals.latency import (
    PendingLatency,
    compute_pending_latencies,
    passage_counts,
    usual_predecessors,
)
from potok.diagnose.approvals.levels import (
    MOST_LEVELS,
    ApprovalLevel,
    chain_levels,
    given_levels,
    guess_corrections,
    guess_levels,
    level_precedences,
    level_successions,
)
from potok.diagnose.approvals.runs import level_runs, run_figures, series_figures
from potok.diagnose.rework.event_attributes import read_attribute
from potok.engine.base import Engine, Given
from potok.engine.tables import ACTIVITIES, CASES, EVENTS, VARIANTS
from potok.inference.proportions import RateBound, clopper_pearson
from potok.log.store import LogStore
from potok.measure.evidence import find_code
from potok.measure.running import activity_labels, run, seconds, seconds_if_known
from potok.measure.sampling import sampling_of

Verdict = Literal["no_use_seen", "uses_result", "cannot_tell"]

TOLERANCE: Final = 0.01

VERDICTS: Final = {
    "no_use_seen": mark("the next level has not been seen to use the result of this one"),
    "uses_result": mark("the next level uses the result of this one"),
    "cannot_tell": mark("too few cases to tell whether the next level uses the result of this one"),
}
NOTES: Final = {
    "levels_are_guessed": mark("Levels of approval are guessed from the names of activities; people have to look."),
    "no_levels": mark("No activity looks like an approval by its name; declare the levels if there are any."),
    "too_many_levels": mark("More than a hundred activities look like approvals; only the most frequent are shown."),
    "no_attribute_watched": mark(
        "No attribute is watched: that an approval changed a value shows only by what happens next."
    ),
    "closed_only": mark("The log holds closed cases only: decisions still waited for cannot be counted."),
}


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """One level of a chain.

    Parameters
    ----------
    chain, rank
        Number of its chain, and its place in it, both from 1.
    level
        Its activities and how it was recognised.
    runs, cases
        How often it decided, and in how many cases.
    refused_runs, returned_runs, corrected_runs, changed_runs, altered_runs
        Runs that altered something, by how (a run may do so in several ways), and any of them; see
        `potok.diagnose.approvals.runs`.
    alteration
        Share of judged cases that it altered: exact 95 % interval, and the one-sided bound `at_most`.
    timed_runs, total_seconds, median_seconds, p90_seconds
        Runs with known latency, its sum, and its quantiles (None if there are none). Without cases that still wait.
    pending
        The same with cases that still wait; None where that cannot be told.
    """

    chain: int
    rank: int
    level: ApprovalLevel
    runs: int
    cases: int
    refused_runs: int
    returned_runs: int
    corrected_runs: int
    changed_runs: int
    altered_runs: int
    alteration: RateBound
    timed_runs: int
    total_seconds: float
    median_seconds: float | None
    p90_seconds: float | None
    pending: PendingLatency | None


@dataclass(frozen=True, slots=True)
class SerialPair:
    """Two levels of a chain that directly follow each other.

    Parameters
    ----------
    before, after
        Names of the levels.
    passages, cases
        How often the second followed an approval by the first, and in how many cases.
    series_seconds, median_seconds
        Time from the first decision to the second: in total, and per passage (None where none is known).
    verdict
        Key of `VERDICTS`: whether the first ever alters anything, up to a tolerated share.
    """

    chain: int
    before: str
    after: str
    passages: int
    cases: int
    series_seconds: float
    median_seconds: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Approvals:
    """All levels and pairs of levels of a log.

    Parameters
    ----------
    levels
        By chain and rank.
    pairs
        Those with most time in series first.
    corrections
        Activities taken for corrections.
    watched
        Attributes watched.
    tolerance
        Share of cases up to which a level counts as altering nothing, 0–1.
    notes
        Keys of `NOTES`.
    """

    levels: tuple[LevelFigures, ...]
    pairs: tuple[SerialPair, ...]
    corrections: tuple[str, ...]
    watched: tuple[str, ...]
    tolerance: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """What people declare of approvals.

    Parameters
    ----------
    levels
        One chain, in order; empty guesses levels and chains from the names of activities.
    corrections
        Labels of activities that correct what an approval found wrong; None guesses.
    attributes
        Attributes of instances to be watched, such as the amount granted.
    tolerance
        Share of cases up to which a level counts as altering nothing, 0–1.
    """

    levels: tuple[ApprovalLevel, ...] = ()
    corrections: tuple[str, ...] | None = None
    attributes: tuple[str, ...] = ()
    tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True)
class LevelPlan:
    """Levels of a log, ready to be asked for: what `compute_approvals` and the lists of cases share.

    Parameters
    ----------
    levels
        In no order.
    corrections
        Codes of the activities of correction.
    given
        What analyses are run with beside the store.
    """

    levels: tuple[ApprovalLevel, ...]
    corrections: tuple[int, ...]
    given: Given = field(default_factory=dict)


def plan_levels(store: LogStore, rules: ApprovalRules, *, engine: Engine | None = None) -> LevelPlan:
    """Find the levels of a log and what is read beside the store.

    Raises
    ------
    UnknownPlaceError
        If the log does not have a declared activity.
    UnknownAttributeError
        If the instances do not have a watched attribute.
    """
    labels = activity_labels(store, engine)
    codes = {label: code for code, label in labels.items()}
    declared = [label for level in rules.levels for label in level.activities]
    for label in (*declared, *(rules.corrections or ())):
        find_code(labels, label)
    counts: dict[str, int] = dict(run(ACTIVITIES.select("label", "instances"), store, engine))
    levels = rules.levels or guess_levels(counts)
    corrections = guess_corrections(codes) if rules.corrections is None else rules.corrections
    given: dict[str, Any] = dict(given_levels(levels, codes))
    for number, name in enumerate(rules.attributes):
        given |= read_attribute(store, name, number=number)
    return LevelPlan(levels, tuple(codes[label] for label in corrections), given)


def compute_approvals(
    store: LogStore, *, rules: ApprovalRules | None = None, engine: Engine | None = None
) -> Approvals:
    """Compute what each level of approval alters, how long it takes, and which levels run in series only.

    Raises
    ------
    UnknownPlaceError
        If the log does not have a declared activity.
    UnknownAttributeError
        If the instances do not have a watched attribute.
    """
    rules = rules or ApprovalRules()
    plan = plan_levels(store, rules, engine=engine)
    labels = activity_labels(store, engine)
    corrections = tuple(labels[code] for code in plan.corrections)
    notes = _notes(store, rules, plan)
    if not plan.levels:
        return Approvals((), (), corrections, rules.attributes, rules.tolerance, notes)
    runs = level_runs(EVENTS, CASES, VARIANTS, corrections=plan.corrections, attributes=len(rules.attributes))
    rows = {row[0]: row[1:] for row in run(run_figures(runs), store, engine, given=plan.given)}
    chains = _chains(rows, store, rules, plan, engine)
    pending = _pending(store, plan, labels, engine)
    levels = tuple(
        _figures(rows[code], plan.levels[code], (chain, rank), pending.get(code))
        for chain, codes in enumerate(chains, start=1)
        for rank, code in enumerate(codes, start=1)
    )
    series = run(series_figures(runs), store, engine, given=plan.given)
    pairs = _pairs(list(series), chains, plan.levels, levels, rules.tolerance)
    return Approvals(levels, pairs, corrections, rules.attributes, rules.tolerance, notes)


def _chains(
    rows: Mapping[int, Any], store: LogStore, rules: ApprovalRules, plan: LevelPlan, engine: Engine | None
) -> tuple[tuple[int, ...], ...]:
    if rules.levels:
        return (tuple(code for code in range(len(rules.levels)) if code in rows),)
    successions = run(level_successions(VARIANTS), store, engine, given=plan.given)
    precedences = run(level_precedences(VARIANTS), store, engine, given=plan.given)
    counts = {code: figures[0] for code, figures in sorted(rows.items())}
    return chain_levels(counts, sorted(successions), sorted(precedences))


def _pending(
    store: LogStore, plan: LevelPlan, labels: Mapping[int, str], engine: Engine | None
) -> dict[int, PendingLatency]:
    if sampling_of(store).is_closed_only:
        return {}
    codes = {label: code for code, label in labels.items()}
    levels = {codes[label]: place for place, level in enumerate(plan.levels) for label in level.activities}
    passages = list(run(passage_counts(VARIANTS), store, engine))
    predecessors = usual_predecessors(passages, levels)
    return compute_pending_latencies(store, predecessors, levels=plan.given, engine=engine)


def _figures(
    row: Sequence[Any], level: ApprovalLevel, place: tuple[int, int], pending: PendingLatency | None
) -> LevelFigures:
    runs, refused, returned, corrected, changed, altered, timed, *times = row[:10]
    cases, judged, altered_cases = row[10:]
    return LevelFigures(
        chain=place[0],
        rank=place[1],
        level=level,
        runs=runs,
        cases=cases,
        refused_runs=refused,
        returned_runs=returned,
        corrected_runs=corrected,
        changed_runs=changed,
        altered_runs=altered,
        alteration=clopper_pearson(altered_cases, judged),
        timed_runs=timed,
        total_seconds=seconds(times[0] or 0),
        median_seconds=seconds_if_known(times[1]),
        p90_seconds=seconds_if_known(times[2]),
        pending=pending,
    )


def _pairs(
    series: Sequence[tuple[Any, ...]],
    chains: Sequence[Sequence[int]],
    levels: Sequence[ApprovalLevel],
    figures: Sequence[LevelFigures],
    tolerance: float,
) -> tuple[SerialPair, ...]:
    found = {figure.level.name: figure for figure in figures}
    ranks = {code: (chain, rank) for chain, codes in enumerate(chains, start=1) for rank, code in enumerate(codes)}
    pairs = []
    for before, after, passages, cases, total_us, median_us in series:
        (chain, rank), (other, later) = ranks[before], ranks[after]
        if chain == other and rank < later:
            pairs.append(
                SerialPair(
                    chain=chain,
                    before=levels[before].name,
                    after=levels[after].name,
                    passages=passages,
                    cases=cases,
                    series_seconds=seconds(total_us or 0),
                    median_seconds=seconds_if_known(median_us),
                    verdict=judge_use(found[levels[before].name].alteration, tolerance),
                )
            )
    return tuple(sorted(pairs, key=lambda pair: (-pair.series_seconds, pair.before, pair.after)))


def judge_use(alteration: RateBound, tolerance: float) -> Verdict:
    """Return whether the level after one uses its result, from how often that one alters anything."""
    if alteration.at_most <= tolerance:
        return "no_use_seen"
    return "uses_result" if alteration.lower > tolerance else "cannot_tell"


def _notes(store: LogStore, rules: ApprovalRules, plan: LevelPlan) -> tuple[str, ...]:
    found = {
        "levels_are_guessed": bool(plan.levels) and not rules.levels,
        "no_levels": not plan.levels,
        "too_many_levels": not rules.levels and len(plan.levels) >= MOST_LEVELS,
        "no_attribute_watched": bool(plan.levels) and not rules.attributes,
        "closed_only": sampling_of(store).is_closed_only,
    }
    return tuple(note for note, holds in found.items() if holds)
