"""What goes with lateness and with rework: rules on what was known at the opening, tried on later cases.

Rules are learned from the cases opened first and tried on those opened later, as they would be used. Only if they tell
the later cases apart better than chance, by the interval of the area under the ROC curve, is anything said to go with
the outcome. What goes with it need not cause it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from potok.diagnose.comparison.covariates import Condition, Design, Flags, Floats, Integers, LeftOut, build_design
from potok.diagnose.comparison.covariates import known_at_opening as known_facts
from potok.diagnose.comparison.discrimination import area_under_curve
from potok.diagnose.comparison.facts import Fact
from potok.diagnose.comparison.population import Population
from potok.diagnose.comparison.result import SharePart
from potok.diagnose.comparison.rules import Leaf, learn_rules
from potok.diagnose.comparison.shares import repeated_paths, share_part
from potok.inference.estimate import Estimate
from potok.inference.proportions import Arm, newcombe_difference
from potok.measure.local_time import DAYS_A_WEEK, day_number_at

LEARNING_SHARE: Final = 0.6
LEAST_CASES: Final = 100
LEAST_OUTCOMES: Final = 20
SLOW_SHARE: Final = 0.8
WEEKDAY: Final = "opening_weekday"
LOAD: Final = "open_cases_at_opening"


class Target(StrEnum):
    """What is to be explained."""

    LATE = "late"  # a term of the regulation was not kept
    SLOW = "slow"  # slower than four in five cases
    REWORK = "rework"  # an activity was repeated


class CauseVerdict(StrEnum):
    """What can be said."""

    RULES_HOLD = "rules_hold"
    NOTHING_EXPLAINS = "nothing_explains"
    CANNOT_TELL = "cannot_tell"  # too few cases, or too few with the outcome


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    conditions
        What holds, or does not; all of them together. Empty for all cases.
    learned
        Share with the outcome among the cases from which it was learned.
    tried
        The same among later cases.
    difference
        By how much the share of later cases under the rule exceeds that of the others; None if there are no others.
    is_confirmed
        Whether its interval, adjusted for the number of rules, leaves out 0.
    """

    conditions: tuple[tuple[Condition, bool], ...]
    learned: SharePart
    tried: SharePart
    difference: Estimate | None
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Causes:
    """What goes with an outcome.

    Parameters
    ----------
    target
        The outcome.
    term
        The term that was not kept, for `Target.LATE`.
    verdict
        Whether the rules tell later cases apart.
    cases, with_outcome
        Cases of which the outcome is known, and those that have it.
    learned_cases, tried_cases
        Opened first, and opened later.
    area
        Area under the ROC curve on later cases; 0.5 is chance. None if no rule was found or it cannot be told.
    rules
        The highest share among later cases first.
    used, left_out
        What was looked at, and what was not.
    """

    target: Target
    term: str
    verdict: CauseVerdict
    cases: int
    with_outcome: int
    learned_cases: int
    tried_cases: int
    area: Estimate | None
    rules: tuple[Rule, ...]
    used: tuple[str, ...]
    left_out: tuple[tuple[str, LeftOut], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """An outcome, of which cases it is known, and which of them have it: boolean arrays of shape (n,)."""

    target: Target
    is_known: Flags
    outcome: Flags
    term: str = ""


def questions_of(
    people: Population, *, horizon_us: int | None, terms: Collection[tuple[str, Flags, Flags]] = ()
) -> list[Question]:
    """Return what can be asked of cases: lateness under each term (slowness without any), and rework.

    Cases that were followed up to the horizon count, and no others, so that a case is not punctual for being young.
    """
    if horizon_us is None:
        return []
    followed = people.age_us >= horizon_us
    if terms:
        found = [Question(Target.LATE, judged & followed, judged & ~kept, term) for term, judged, kept in terms]
    else:
        lead = np.minimum(people.lead_us, horizon_us)
        bound = np.quantile(lead[followed], SLOW_SHARE) if followed.any() else 0.0
        # Where more than one in five take longer than the horizon, these are the slow ones.
        is_slow = lead >= bound if bound == horizon_us else lead > bound
        found = [Question(Target.SLOW, followed, is_slow)]
    return [*found, Question(Target.REWORK, followed & people.is_closed, repeated_paths(people))]


def find_causes(
    people: Population,
    question: Question,
    *,
    zone: str,
    known: Collection[str] = (),
    later: Collection[str] = (),
    confidence: float = 0.95,
) -> Causes:
    """Find what goes with an outcome.

    Parameters
    ----------
    zone
        In which weekdays are counted.
    known, later
        What was known at the opening, or not, whatever its name.
    """
    facts, left_out = known_facts(
        (*people.facts, *opening_facts(people, zone)), people.is_closed, known=known, later=later
    )
    design = build_design(facts, left_out, cases=len(people.case))
    rows = np.flatnonzero(question.is_known)
    rows = rows[np.argsort(people.opened_us[rows], kind="stable")]
    cut = int(LEARNING_SHARE * len(rows))
    first, last = rows[:cut], rows[cut:]
    outcome = question.outcome
    if not _is_enough(outcome, first, last):
        return _causes(question, design, (first, last), CauseVerdict.CANNOT_TELL, None, ())
    leaves = learn_rules(design.values[first], outcome[first])
    if len(leaves) == 1:
        return _causes(question, design, (first, last), CauseVerdict.NOTHING_EXPLAINS, None, ())
    area = area_under_curve(
        _scores(leaves, design.values[last]), outcome[last], clusters=people.cluster[last], confidence=confidence
    )
    holds = area.lower > 0.5
    rules = tuple(_rule(leaf, design, outcome, last, confidence, len(leaves)) for leaf in leaves)
    ordered = tuple(sorted(rules, key=lambda rule: -(rule.tried.share or 0.0)))
    verdict = CauseVerdict.RULES_HOLD if holds else CauseVerdict.NOTHING_EXPLAINS
    return _causes(question, design, (first, last), verdict, area, ordered)


def opening_facts(people: Population, zone: str) -> tuple[Fact, ...]:
    """Return the weekday of the opening (1 is Monday), and how many cases were open then."""
    days = {at: day_number_at(at, zone=zone) for at in set(people.opened_us.tolist())}
    weekdays = tuple(str((days[at] + 3) % DAYS_A_WEEK + 1) for at in people.opened_us.tolist())
    return (Fact(WEEKDAY, weekdays), Fact(LOAD, tuple(str(load) for load in people.load.tolist())))


def _is_enough(outcome: Flags, first: Integers, last: Integers) -> bool:
    parts = [outcome[first], outcome[last]]
    return all(
        len(part) >= LEAST_CASES // 2 and min(part.sum(), (~part).sum()) >= LEAST_OUTCOMES // 2 for part in parts
    )


def _scores(leaves: tuple[Leaf, ...], values: Floats) -> Floats:
    scores = np.zeros(len(values))
    for leaf in leaves:
        scores[leaf.holds(values)] = leaf.share
    return scores


def _rule(leaf: Leaf, design: Design, outcome: Flags, last: Integers, confidence: float, rules: int) -> Rule:
    held = leaf.holds(design.values[last])
    inside, outside = outcome[last][held], outcome[last][~held]
    difference = None
    is_confirmed = False
    if len(inside) and len(outside):
        arms = [Arm(float(side.mean()), len(side)) for side in (inside, outside)]
        difference = newcombe_difference(*arms, confidence=confidence)
        strict = newcombe_difference(*arms, confidence=1 - (1 - confidence) / rules)
        is_confirmed = not strict.lower <= 0 <= strict.upper
    return Rule(
        conditions=tuple((design.columns[column], side) for column, side in leaf.path),
        learned=share_part(round(leaf.share * leaf.cases), leaf.cases, confidence=confidence),
        tried=share_part(int(inside.sum()), len(inside), confidence=confidence),
        difference=difference,
        is_confirmed=is_confirmed,
    )


def _causes(
    question: Question,
    design: Design,
    parts: tuple[Integers, Integers],
    verdict: CauseVerdict,
    area: Estimate | None,
    rules: tuple[Rule, ...],
) -> Causes:
    first, last = parts
    return Causes(
        target=question.target,
        term=question.term,
        verdict=verdict,
        cases=len(first) + len(last),
        with_outcome=int(question.outcome[question.is_known].sum()),
        learned_cases=len(first),
        tried_cases=len(last),
        area=area,
        rules=rules,
        used=design.used,
        left_out=design.left_out,
    )
