"""Superfluous steps: every activity, and every approval level, judged by five gates.

Each step gets five figures: what its result tells of what follows (*information*), how often a run alters the case
(*reaction rate*), who passed it by and how well they stand for the others (*skippers*), whether quality keeps within
declared margins without it (*noninferiority*), and what the law says (*legal*). Verdicts are cautious by construction:
without declarations of people no step is named a candidate for removal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.core.change import Change, CheckByRisk, Move, Remove
from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.core.regulations.errors import UnknownActivitiesError
from potok.diagnose.superfluous.approvals import LEVEL_BASE, approval_levels
from potok.diagnose.superfluous.case_mix import CaseMix, fetch_case_mix
from potok.diagnose.superfluous.continuation import (
    InformationGate,
    Passages,
    ReactionGate,
    count_passages,
    measure_information,
    measure_reaction,
)
from potok.diagnose.superfluous.declaration import BRANCHING, Indicator, StepRules
from potok.diagnose.superfluous.knock_out import KnockOut, LaterCheck, find_later_check, measure_knock_out
from potok.diagnose.superfluous.legal import tag_step
from potok.diagnose.superfluous.quality import (
    DEFAULT_INDICATORS,
    QualityGate,
    SkippersGate,
    adverse_flags,
    compare_skippers,
)
from potok.diagnose.superfluous.reasons import Verdict
from potok.diagnose.superfluous.results import LoggedResults, fetch_results
from potok.diagnose.superfluous.risk_set import RiskSet, context_of, find_risk_set
from potok.diagnose.superfluous.targeting import Targeting, find_targeting
from potok.diagnose.superfluous.traces import Codes, Traces, fetch_traces
from potok.diagnose.superfluous.verdicts import LEAST_RUNS, Gates, Judgement, judge
from potok.diagnose.superfluous.worked import fetch_worked_seconds
from potok.engine.base import Engine
from potok.inference.multiplicity import holm
from potok.inference.proportions import clopper_pearson
from potok.log.store import LogStore
from potok.measure.running import MICROSECONDS, activity_labels, unit_labels

MOST_STEPS: Final = 300
_DAY_US: Final = 86_400 * MICROSECONDS
_NO_UNIT: Final = -1


@dataclass(frozen=True, slots=True)
class Step:
    """One activity, or one approval level.

    Parameters
    ----------
    activity, org_unit
        Labels; `org_unit` is empty unless the step is one level of an approval that several units give.
    runs, cases
        In the cases examined.
    staff_seconds
        Time worked on it in the whole log; None where the log cannot tell.
    gates, knock_out, judgement
        What was found, and what is said.
    change
        What could be tried; None if nothing is suggested.
    example_cases
        Codes of some of its cases: those that it altered first.
    """

    activity: str
    org_unit: str
    runs: int
    cases: int
    staff_seconds: float | None
    gates: Gates
    knock_out: KnockOut
    judgement: Judgement
    change: Change | None
    example_cases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Superfluous:
    """All steps of a log, in the order of verdicts and then of runs.

    Parameters
    ----------
    cases
        Cases examined; each `every`-th of the log.
    indicators
        Of quality: declared, else those that any log has.
    inflow_per_day
        Cases opened a day, for the duration of trials; None if the log is shorter than a day.
    guessed_result
        The column from which results were read that nobody has declared, going by its name; empty if there is none.
    """

    steps: tuple[Step, ...]
    rules: StepRules
    indicators: tuple[Indicator, ...]
    cases: int
    every: int
    inflow_per_day: float | None
    guessed_result: str = ""


@dataclass(frozen=True, slots=True)
class _Log:
    """What is fetched once and asked for every step; `labels` are those of activities and of levels."""

    traces: Traces
    passages: Passages
    mix: CaseMix
    results: LoggedResults
    rules: StepRules
    indicators: tuple[Indicator, ...]
    labels: dict[int, str]
    levels: dict[int, tuple[int, str]]
    worked: dict[tuple[int, int], float]

    def activity_of(self, code: int) -> str:
        """Return the label of the activity of a step."""
        return self.labels[self.levels[code][0] if code in self.levels else code]


def compute_superfluous(
    store: LogStore, *, rules: StepRules | None = None, engine: Engine | None = None
) -> Superfluous:
    """Judge every activity of a log, and every approval level, by five gates.

    Parameters
    ----------
    rules
        What people have declared; None for a log alone.

    Raises
    ------
    UnknownActivitiesError
        If the rules name activities that the log does not have.
    UnknownColumnError
        If they name columns that it does not have.
    """
    rules = rules or StepRules()
    labels = activity_labels(store, engine)
    check_step_activities(rules, labels)
    traces = fetch_traces(store, engine=engine)
    mix = fetch_case_mix(store, traces.case, traces.opened_us, asked=rules.case_mix)
    results = fetch_results(store, traces, {step.activity: step.result for step in rules.steps})
    worked = fetch_worked_seconds(store, engine)
    outcomes = frozenset(mix.outcome.tolist()) - {""}
    known = frozenset(labels.values())
    indicators = tuple(one.within(known, outcomes) for one in rules.indicators or DEFAULT_INDICATORS)
    whole = _Log(traces, count_passages(traces), mix, results, rules, indicators, labels, {}, worked)
    units = unit_labels(store, engine)
    levels = approval_levels(traces, labels, units)
    steps = [*_judge_all(whole, sorted(labels)), *_judge_levels(whole, levels)]
    adjusted = _adjust(steps, rules)
    return Superfluous(
        tuple(sorted(adjusted, key=_rank)),
        rules,
        indicators,
        len(traces.case),
        traces.every,
        _inflow(traces),
        results.guessed,
    )


def _rank(step: Step) -> tuple[int, int, str, str]:
    return list(Verdict).index(step.judgement.verdict), -step.runs, step.activity, step.org_unit


def check_step_activities(rules: StepRules, labels: dict[int, str]) -> None:
    """Check that a log has every activity that step rules name.

    Raises
    ------
    UnknownActivitiesError
        If it lacks some.
    """
    known = set(labels.values())
    missing = tuple(dict.fromkeys(name for name in rules.activities_named() if name not in known))
    if missing:
        raise UnknownActivitiesError(
            ngettext(
                "The step rules name {count} activity that the log does not have: {names}.",
                "The step rules name {count} activities that the log does not have: {names}.",
                len(missing),
            ).format(count=len(missing), names=", ".join(map(quoted, missing))),
            where=rules.source,
            remedy=_("Write the labels as the log has them, or rename the log's activities in the mapping."),
        )


def _judge_levels(log: _Log, levels: "dict[int, tuple[int, str]]") -> Iterator[Step]:
    if not levels:
        return
    codes = log.traces.activity.copy()
    for code, (activity, _label) in levels.items():
        unit = code % LEVEL_BASE
        codes[(log.traces.activity == activity) & (log.traces.org_unit == unit)] = code
    traces = log.traces.with_activities(codes)
    own = replace(log, traces=traces, passages=count_passages(traces), levels=levels)
    yield from _judge_all(own, sorted(levels))


def _judge_all(log: _Log, codes: list[int]) -> Iterator[Step]:
    places = _places_by_activity(log.traces, codes)
    ranked = sorted(codes, key=lambda code: (-len(places[code]), code))
    knock_outs = {
        code: measure_knock_out(log.traces, code, worked_seconds=_worked(log, code)) for code in ranked[:MOST_STEPS]
    }
    order = {code: _first_places(log.traces, places[code]) for code in knock_outs} if log.worked else {}
    for number, code in enumerate(ranked):
        is_full = number < MOST_STEPS and len(places[code]) >= LEAST_RUNS
        later = _later_check(log, code, knock_outs, order) if is_full and order else None
        held = knock_outs.get(code) or measure_knock_out(log.traces, code, worked_seconds=_worked(log, code))
        yield _judge_step(log, code, places[code], held, later, is_full=is_full)


def _places_by_activity(traces: Traces, codes: list[int]) -> dict[int, Codes]:
    order = np.argsort(traces.activity, kind="stable")
    held = traces.activity[order]
    edges = {code: np.searchsorted(held, [code, code + 1]) for code in codes}
    return {code: order[first:last] for code, (first, last) in edges.items()}


def _first_places(traces: Traces, places: Codes) -> Codes:
    first = np.full(len(traces.case), -1)
    first[traces.owner[places][::-1]] = places[::-1]
    return first


def _worked(log: _Log, code: int) -> float | None:
    if not log.worked:
        return None
    if code in log.levels:
        return log.worked.get((log.levels[code][0], code % LEVEL_BASE), 0.0)
    return sum(seconds for (activity, _unit), seconds in log.worked.items() if activity == code)


def _later_check(log: _Log, code: int, knock_outs: dict[int, KnockOut], order: dict[int, Codes]) -> LaterCheck | None:
    regulation = log.rules.regulation
    label = log.activity_of(code)
    ordered = {rule.after for rule in regulation.order_rules if rule.before == label} if regulation else set()
    named = {**log.labels, **{level: text for level, (_code, text) in log.levels.items()}}
    # A log cannot tell a rejection from a natural end; people say which steps reject.
    checks = {step.activity for step in log.rules.steps if step.is_check}
    if label not in checks:
        return None
    barred = frozenset(
        other for other in knock_outs if log.activity_of(other) in ordered or log.activity_of(other) not in checks
    )
    return find_later_check(code, knock_outs, named, order=order, barred=barred)


def _judge_step(
    log: _Log, code: int, places: Codes, knock_out: KnockOut, later: LaterCheck | None, *, is_full: bool
) -> Step:
    activity = log.activity_of(code)
    declared = log.rules.rule(activity)
    results = log.results.of(activity, declared.natural_results)
    reaction = measure_reaction(
        log.traces,
        code,
        passages=log.passages,
        results=results.codes if results else None,
        natural_results=results.natural if results else frozenset(),
        is_declared=results.is_declared if results else declared.result == BRANCHING,
    )
    if is_full:
        risk = find_risk_set(log.traces, code, follow_up_us=_follow_up(log.rules))
        information = _information(log, code, places, risk, results.codes if results else None)
        skippers, quality = _compare(log, code, risk)
        targeting = _targeting(log, code, risk, reaction)
    else:
        information = InformationGate(reaction.basis, None, None, len(places), "too_few_runs")
        skippers, quality, targeting = _no_skippers(log), QualityGate((), None), None
    gates = Gates(information, reaction, skippers, quality, tag_step(activity, log.rules), targeting, later)
    judgement = judge(gates, log.rules, severity=declared.severity)
    level = log.levels[code][1] if code in log.levels else ""
    return Step(
        activity=activity,
        org_unit=level,
        runs=len(places),
        cases=knock_out.cases,
        staff_seconds=_worked(log, code),
        gates=gates,
        knock_out=knock_out,
        judgement=judgement,
        change=_change(activity, level, gates, judgement.verdict),
        example_cases=_examples(log.traces, places, reaction.altered_runs),
    )


def _follow_up(rules: StepRules) -> int | None:
    return None if rules.follow_up_days is None else rules.follow_up_days * _DAY_US


def _information(log: _Log, code: int, places: Codes, risk: RiskSet, results: Codes | None) -> InformationGate:
    generator = np.random.default_rng([code, 3])
    activity = log.traces.activity
    if results is not None and (results[places] >= 0).any():
        at = places[results[places] >= 0]
        return measure_information(activity[at - 1], results[at], activity[at + 1], basis="result", generator=generator)
    if not risk.is_skipped.any():
        return InformationGate("branching", None, None, len(risk.due), "no_skippers_to_compare")
    # After a run, what follows is what comes next; after a skip it is what came in its place.
    is_here = activity[risk.due] == code
    follows = np.where(is_here, activity[np.minimum(risk.due + 1, len(activity) - 1)], activity[risk.due])
    kept = is_here | risk.is_skipped
    return measure_information(
        context_of(log.traces, risk)[kept],
        risk.is_skipped[kept].astype(np.int64),
        follows[kept],
        basis="branching",
        generator=generator,
    )


def _compare(log: _Log, code: int, risk: RiskSet) -> tuple[SkippersGate, QualityGate]:
    codes = {label: number for number, label in log.labels.items()}
    own = log.levels[code][0] if code in log.levels else code
    adverse = tuple(
        adverse_flags(
            log.traces,
            risk,
            log.mix,
            indicator,
            codes=tuple(codes[name] for name in indicator.activities),
            activity=own,
        )
        for indicator in log.indicators
    )
    return compare_skippers(
        log.traces, risk, log.mix, activity=code, adverse=adverse, indicators=log.indicators, gamma=log.rules.gamma
    )


def _no_skippers(log: _Log) -> SkippersGate:
    return SkippersGate(0, clopper_pearson(0, 0), None, 0.0, 0, 0, log.mix.names)


def _targeting(log: _Log, code: int, risk: RiskSet, reaction: ReactionGate) -> Targeting | None:
    if not reaction.is_logged:
        return None
    performed = ~risk.is_skipped
    design = log.mix.design(risk.owner[performed], context_of(log.traces, risk)[performed])
    is_altered = np.isin(risk.owner[performed], log.traces.owner[reaction.altered_runs])
    return find_targeting(design, is_altered, seed=code)


def _change(activity: str, level: str, gates: Gates, verdict: Verdict) -> Change | None:
    if level:
        return None  # changes name activities, not levels
    if verdict in (Verdict.REMOVAL_CANDIDATE, Verdict.PILOT_FIRST):
        return Remove(activity)
    if verdict is Verdict.CHECK_BY_RISK and gates.targeting is not None:
        return CheckByRisk(activity, gates.targeting.checked_share)
    if verdict is Verdict.MOVE_LATER and gates.later_check is not None:
        return Move(activity, gates.later_check.activity)
    return None


def _examples(traces: Traces, places: Codes, altered: Codes) -> tuple[int, ...]:
    owners = dict.fromkeys([*traces.owner[altered][:10].tolist(), *traces.owner[places][:10].tolist()])
    return tuple(int(traces.case[owner]) for owner in list(owners)[:10])


def _adjust(steps: list[Step], rules: StepRules) -> Iterator[Step]:
    """Adjust the p-values of all steps tested for their number, and judge those anew."""
    tested = [step for step in steps if step.gates.quality.p_value is not None]
    values = holm([step.gates.quality.p_value for step in tested if step.gates.quality.p_value is not None])
    adjusted = {id(step): float(value) for step, value in zip(tested, values, strict=True)}
    for step in steps:
        if id(step) not in adjusted:
            yield step
            continue
        gates = replace(step.gates, quality=replace(step.gates.quality, adjusted_p=adjusted[id(step)]))
        judgement = judge(gates, rules, severity=rules.rule(step.activity).severity)
        change = _change(step.activity, step.org_unit, gates, judgement.verdict)
        yield replace(step, gates=gates, judgement=judgement, change=change)


def _inflow(traces: Traces) -> float | None:
    if not len(traces.case):
        return None
    span = int(traces.opened_us.max() - traces.opened_us.min())
    return len(traces.case) * traces.every * _DAY_US / span if span >= _DAY_US else None
