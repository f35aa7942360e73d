"""What decides which way a case takes: short rules by attributes, each tried on cases that it was not found in.

A *decision* is an instance of an activity after which cases go different ways; a *branch* is an activity that may come
next. A branch is taken if its activity happens before the next decision of the same kind or the end of the case: of
branches that exclude each other one is taken, of others several. Activities that only happen beside the deciding one,
in either order, are no branches of it.

For every branch a decision tree of at most three questions is grown on the cases with even codes. It counts as a rule
if, on the others, it foretells the branch better than always giving the commoner answer does (exact sign test of the
cases in which one of them errs; Holm over all branches, 5 %).

References
----------
Rozinat, van der Aalst (2006), "Decision mining in ProM"; Breiman et al. (1984) for the trees.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import ibis
import numpy as np

from potok.core.language import mark
from potok.diagnose.conformance.decision_attributes import Attributes, read_attributes
from potok.diagnose.conformance.decision_trees import Clause, Flags, grow_rule, sign_test
from potok.discover.process_models import passage_counts
from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, fetch, run

FEWEST_DECISIONS: Final = 40
FEWEST_TAKEN: Final = 10
LEAST_BRANCH_SHARE: Final = 0.01
LEAST_DEPENDENCY: Final = 0.5
MOST_POINTS: Final = 50
MOST_BRANCHES: Final = 20
MOST_DECISIONS: Final = 50_000
LEVEL: Final = 0.05

REASONS: Final = {
    "no_attributes": mark("The log has no attributes that could tell what decides."),
    "points_left_out": mark("Only the most frequent decisions are looked at."),
    "attributes_may_be_later": mark(
        "An attribute that a log keeps once for a case may have been written after the decision: look whether it was"
        " known in time."
    ),
}


@dataclass(frozen=True, slots=True)
class BranchRule:
    """What is known about a branch.

    Parameters
    ----------
    activity, branch
        After which activity it comes, and its own.
    decisions, taken
        Instances of `activity`, and after how many of them the branch was taken.
    is_always_taken
        Whether there was nothing to decide.
    alternatives
        The branch is taken if all clauses of any of them hold; empty if no rule was found.
    tried
        Decisions on which it was tried.
    accuracy, baseline_accuracy
        On these: how often the rule was right, and how often the commoner answer was. None without a tree.
    precision, recall
        On these: of those foretold to take it, the share that did, and of those that did, the share foretold. None
        where there are none.
    p_value
        Of the sign test, adjusted after Holm over all branches of the log; None without a tree.
    """

    activity: str
    branch: str
    decisions: int
    taken: int
    is_always_taken: bool
    alternatives: tuple[tuple[Clause, ...], ...] = ()
    tried: int = 0
    accuracy: float | None = None
    baseline_accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    p_value: float | None = None

    @property
    def has_rule(self) -> bool:
        """Whether a rule was found that holds on other cases as well."""
        return bool(self.alternatives)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What decides in a log; branches by decision, in the order of frequency. `reasons` are keys of `REASONS`."""

    branches: tuple[BranchRule, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    activity: int
    branches: tuple[int, ...]


def decision_rows(events: ibis.Table, *, activity: int, branches: Sequence[int]) -> ibis.Table:
    """Return one row per decision: `case`, `position`, and `taken_0`, `taken_1`, … (0 or 1) for the branches."""
    concerned = events.filter(events.activity.isin([activity, *branches]))
    marked = concerned.select(
        "case", "position", "activity", is_decision=(concerned.activity == activity).cast("int64")
    )
    so_far = ibis.cumulative_window(group_by="case", order_by="position")
    numbered = marked.mutate(number=marked.is_decision.sum().over(so_far))
    after = numbered.filter(numbered.number > 0)
    taken = {
        f"taken_{place}": (after.activity == branch).cast("int64").max().cast("int64")
        for place, branch in enumerate(branches)
    }
    # The first row of every round is the decision itself.
    return after.group_by("case", "number").aggregate(position=after.position.min().cast("int32"), **taken)


def discover_decisions(store: LogStore, *, engine: Engine | None = None) -> Decisions:
    """Discover what decides which way cases take."""
    labels = activity_labels(store, engine)
    points = list(find_points({(a, b): n for a, b, n in run(passage_counts(EVENTS), store, engine)}))
    reasons = ["points_left_out"] if len(points) > MOST_POINTS else []
    found: list[BranchRule] = []
    has_attributes = False
    for point in points[:MOST_POINTS]:
        attributes = read_attributes(store, point.activity, most=MOST_DECISIONS)
        has_attributes |= bool(attributes.names)
        found += _judge(store, point, attributes, labels, engine)
    if points and not has_attributes:
        reasons.append("no_attributes")
    branches = tuple(_adjust(found))
    if any(branch.has_rule for branch in branches):
        reasons.append("attributes_may_be_later")
    return Decisions(branches, tuple(reasons))


def find_points(passages: Mapping[tuple[int, int], int]) -> Iterator[_Point]:
    """Yield the activities after which cases go different ways, most frequent first."""
    leaving: dict[int, int] = {}
    for (activity, _following), count in passages.items():
        leaving[activity] = leaving.get(activity, 0) + count
    for activity in sorted(leaving, key=lambda one: (-leaving[one], one)):
        least = max(FEWEST_TAKEN, LEAST_BRANCH_SHARE * leaving[activity])
        branches = [
            following
            for (first, following), count in passages.items()
            if first == activity != following
            and count >= least
            and _dependency(count, passages.get((following, activity), 0)) >= LEAST_DEPENDENCY
        ]
        branches += _beside(branches, activity, passages)
        if len(branches) > 1 and leaving[activity] >= FEWEST_DECISIONS:
            ranked = sorted(branches, key=lambda one: (-passages.get((activity, one), 0), one))
            yield _Point(activity, tuple(ranked[:MOST_BRANCHES]))


def _beside(branches: Sequence[int], activity: int, passages: Mapping[tuple[int, int], int]) -> list[int]:
    """Return activities that run beside a branch, in either order: they are branches too, though seldom the first."""
    found = {
        other
        for (branch, other), count in passages.items()
        if branch in branches
        and min(count, passages.get((other, branch), 0)) >= FEWEST_TAKEN
        and abs(_dependency(count, passages[other, branch])) < LEAST_DEPENDENCY
    }
    return sorted(found - {activity, *branches})


def _dependency(there: int, back: int) -> float:
    """Return how clearly one activity comes before another (the heuristics miner's measure), −1 to 1."""
    return (there - back) / (there + back + 1)


def _judge(
    store: LogStore, point: _Point, attributes: Attributes, labels: Mapping[int, str], engine: Engine | None
) -> Iterator[BranchRule]:
    rows = fetch(decision_rows(EVENTS, activity=point.activity, branches=point.branches), store, engine).sort_by(
        [("case", "ascending"), ("position", "ascending")]
    )
    case, position = (np.asarray(rows[name].to_numpy(), dtype=np.int64) for name in ("case", "position"))
    place = attributes.places(case, position)
    known = place >= 0
    is_found = (case % 2 == 0)[known]
    for number, branch in enumerate(point.branches):
        taken: Flags = np.asarray(rows[f"taken_{number}"].to_numpy()).astype(bool)
        blank = BranchRule(
            activity=labels[point.activity],
            branch=labels[branch],
            decisions=len(taken),
            taken=int(taken.sum()),
            is_always_taken=bool(taken.all()),
        )
        if blank.is_always_taken or not attributes.names:
            yield blank
        else:
            yield _try(blank, attributes.take(place[known]), taken[known], is_found)


def _try(blank: BranchRule, attributes: Attributes, taken: Flags, is_found: Flags) -> BranchRule:
    """Grow a rule on one part of the decisions and try it on the other."""
    if min(taken[is_found].sum(), taken[~is_found].sum()) < FEWEST_TAKEN // 2:
        return blank
    grown = grow_rule(attributes, taken, is_found)
    truth, foretold = taken[~is_found], grown.foretold[~is_found]
    usual = bool(2 * taken[is_found].sum() > is_found.sum())
    is_right, is_usual = foretold == truth, truth == usual
    both = int((foretold & truth).sum())
    return replace(
        blank,
        alternatives=grown.alternatives,
        tried=len(truth),
        accuracy=float(is_right.mean()),
        baseline_accuracy=float(is_usual.mean()),
        precision=both / int(foretold.sum()) if foretold.any() else None,
        recall=both / int(truth.sum()) if truth.any() else None,
        p_value=sign_test(int((is_right & ~is_usual).sum()), int((~is_right & is_usual).sum())),
    )


def _adjust(found: Sequence[BranchRule]) -> Iterator[BranchRule]:
    """Adjust p-values after Holm (1979), and take back rules that did not prove themselves."""
    tested = sorted((one.p_value, place) for place, one in enumerate(found) if one.p_value is not None)
    adjusted: dict[int, float] = {}
    largest = 0.0
    for rank, (p_value, place) in enumerate(tested):
        largest = min(1.0, max(largest, p_value * (len(tested) - rank)))
        adjusted[place] = largest
    for place, one in enumerate(found):
        if place not in adjusted:
            yield one
            continue
        is_proved = adjusted[place] <= LEVEL
        yield replace(one, p_value=adjusted[place], alternatives=one.alternatives if is_proved else ())
