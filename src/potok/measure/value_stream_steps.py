"""Which steps a value-stream map shows, and in which order.

A map that shows everything shows nothing, so the steps of the main flow are shown and all others summed up as one:

- *phases*, where the mapping of the log names them for most instances and there are more activities than fit;
- else *activities*: those that at least half of the cases pass, and those in which at least a twentieth of the time
  passes; of more than `MOST_STEPS` those with most time.

They stand in the order in which cases first come to them: of two neighbours the one stands first that comes first in
most of the cases in which both occur.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

MOST_STEPS: Final = 10
FEWEST_STEPS: Final = 5
PASSED_SHARE: Final = 0.5
TIME_SHARE: Final = 0.05
RARE_SHARE: Final = 0.02
"""Steps rarer than this are not shown merely to fill the map."""
PHASED_SHARE: Final = 0.5
ORDERING_VARIANTS: Final = 5_000


class StepKind(StrEnum):
    """What a step of the map stands for."""

    ACTIVITY = "activity"
    PHASE = "phase"
    OTHER = "other"  # everything not shown by itself


@dataclass(frozen=True, slots=True)
class KnownActivity:
    """What a step is chosen by.

    Parameters
    ----------
    activity
        Code in the store.
    label, phase
        Its name, and the phase that the mapping gives it (empty if none).
    instances, cases
        How often it occurs, and in how many cases (of several activities: at least).
    lead_seconds
        About how much time passes until it is done.
    """

    activity: int
    label: str
    phase: str
    instances: int
    cases: int
    lead_seconds: float


@dataclass(frozen=True, slots=True)
class ChosenStep:
    """A step to be shown: what it stands for, its name (empty for the others) and the codes of its activities."""

    kind: StepKind
    label: str
    activities: tuple[int, ...]


def choose_steps(activities: Sequence[KnownActivity], *, cases: int) -> tuple[ChosenStep, ...]:
    """Choose the steps of a map, in no particular order but that the others come last.

    Parameters
    ----------
    activities
        All activities of the log.
    cases
        Of the log.
    """
    groups = _group(activities, cases=cases)
    ranked = sorted(groups, key=lambda group: (-group.time_share, -group.case_share, group.label))
    shown = _shown(ranked)
    left = [group for group in ranked if group not in shown]
    if len(left) == 1:
        # One activity summed up as “other” would only lose its name.
        shown, left = [*shown, *left], []
    steps = [ChosenStep(group.kind, group.label, group.codes) for group in shown]
    if left:
        steps.append(ChosenStep(StepKind.OTHER, "", tuple(sorted(code for group in left for code in group.codes))))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class _Group:
    kind: StepKind
    label: str
    codes: tuple[int, ...]
    case_share: float
    time_share: float


def _group(activities: Sequence[KnownActivity], *, cases: int) -> list[_Group]:
    phases: dict[str, list[KnownActivity]] = defaultdict(list)
    for one in activities:
        if one.phase:
            phases[one.phase].append(one)
    phased = sum(one.instances for members in phases.values() for one in members)
    is_phased = phased >= PHASED_SHARE * sum(one.instances for one in activities) and len(phases) > 1
    if len(activities) <= MOST_STEPS or not is_phased:
        phases = {}
    named = [(StepKind.PHASE, phase, members) for phase, members in phases.items()]
    named += [(StepKind.ACTIVITY, one.label, [one]) for one in activities if not (phases and one.phase)]
    whole = sum(one.lead_seconds for one in activities)
    return [_make_group(*group, cases=cases, whole=whole) for group in named]


def _make_group(kind: StepKind, label: str, members: Sequence[KnownActivity], *, cases: int, whole: float) -> _Group:
    seconds = sum(one.lead_seconds for one in members)
    return _Group(
        kind=kind,
        label=label,
        codes=tuple(sorted(one.activity for one in members)),
        case_share=max(one.cases for one in members) / cases if cases else 0.0,
        time_share=seconds / whole if whole else 0.0,
    )


def _shown(ranked: Sequence[_Group]) -> list[_Group]:
    main = [group for group in ranked if group.case_share >= PASSED_SHARE or group.time_share >= TIME_SHARE]
    for group in ranked:
        if len(main) >= FEWEST_STEPS:
            break
        if group not in main and group.case_share >= RARE_SHARE:
            main.append(group)
    return main[:MOST_STEPS] or list(ranked[:1])


def order_steps(steps: Sequence[ChosenStep], variants: Iterable[tuple[Sequence[int], int]]) -> tuple[ChosenStep, ...]:
    """Put steps into the order in which cases first come to them; the others stay last.

    Parameters
    ----------
    variants
        Codes of activities in order, and the number of cases.
    """
    shown = [step for step in steps if step.kind is not StepKind.OTHER]
    step_of = {code: number for number, step in enumerate(shown) for code in step.activities}
    before = _precedence(step_of, variants)
    scores = {number: _score(number, len(shown), before) for number in range(len(shown))}
    ordered = sorted(range(len(shown)), key=lambda number: (-scores[number], shown[number].label))
    _swap_neighbours(ordered, before)
    others = [step for step in steps if step.kind is StepKind.OTHER]
    return (*(shown[number] for number in ordered), *others)


def _swap_neighbours(ordered: list[int], before: Mapping[tuple[int, int], int]) -> None:
    """Swap neighbours that most cases come to in the other order, until there are none.

    Each swap lessens the number of pairs of steps of a case that stand the wrong way round, so that it ends.
    """
    place = 0
    while place + 1 < len(ordered):
        first, second = ordered[place], ordered[place + 1]
        if before.get((second, first), 0) > before.get((first, second), 0):
            ordered[place : place + 2] = [second, first]
            place = max(0, place - 1)
        else:
            place += 1


def _precedence(
    step_of: Mapping[int, int], variants: Iterable[tuple[Sequence[int], int]]
) -> Mapping[tuple[int, int], int]:
    """Return in how many cases one step first occurs before another, by the pair of their numbers."""
    before: dict[tuple[int, int], int] = defaultdict(int)
    for activities, cases in variants:
        first = dict.fromkeys(step_of[code] for code in activities if code in step_of)
        for pair in combinations(first, 2):
            before[pair] += cases
    return before


def _score(number: int, steps: int, before: Mapping[tuple[int, int], int]) -> float:
    """Return the mean, over the steps met in the same cases, of the share of cases in which this one comes first."""
    shares = []
    for other in range(steps):
        first, second = before.get((number, other), 0), before.get((other, number), 0)
        if first + second:
            shares.append(first / (first + second))
    return sum(shares) / len(shares) if shares else 0.5
