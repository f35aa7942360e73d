"""Small decision trees as rules that people can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from potok.diagnose.conformance.decision_attributes import Attributes
from potok.diagnose.conformance.rules import Operator

DEEPEST: Final = 3
SMALLEST_LEAF: Final = 5
SMALLEST_LEAF_SHARE: Final = 0.01
# A question that gains less (Gini impurity, over all cases) rather fits the noise.
LEAST_GAIN: Final = 0.005

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a rule: an attribute is at most or above a number, or has or has not a value."""

    attribute: str
    operator: Operator
    value: str | float


@dataclass(frozen=True, slots=True)
class GrownRule:
    """A tree's rule, and what it foretells of every decision, shape (n,)."""

    alternatives: tuple[tuple[Clause, ...], ...]
    foretold: Flags


def grow_rule(attributes: Attributes, taken: Flags, is_found: Flags) -> GrownRule:
    """Grow a tree that tells from attributes whether a branch is taken.

    Parameters
    ----------
    taken, is_found
        (n,): what happened, and which decisions the tree may learn from.
    """
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(
        max_depth=DEEPEST,
        min_samples_leaf=max(SMALLEST_LEAF, int(SMALLEST_LEAF_SHARE * is_found.sum())),
        min_impurity_decrease=LEAST_GAIN,
        random_state=0,
    )
    tree.fit(attributes.matrix[is_found], taken[is_found])
    foretold: Flags = np.asarray(tree.predict(attributes.matrix)).astype(bool)
    return GrownRule(tuple(_alternatives(tree, attributes)), foretold)


def sign_test(wins: int, losses: int) -> float:
    """Return the one-sided p-value of a sign test: how often chance alone would give so many wins or more."""
    from scipy.stats import binom

    return float(binom.sf(wins - 1, wins + losses, 0.5)) if wins + losses else 1.0


def _alternatives(fitted: Any, attributes: Attributes) -> Iterator[tuple[Clause, ...]]:
    """Yield the conditions on the way to each part of the tree that says yes; questions without a say are left out."""
    tree = fitted.tree_
    says = _answers(tree, list(fitted.classes_))
    waiting: list[tuple[int, tuple[Clause, ...]]] = [(0, ())]
    while waiting:
        node, clauses = waiting.pop()
        if says[node] is not None:
            if says[node]:
                yield _merged(clauses)
            continue
        column, bound = int(tree.feature[node]), float(tree.threshold[node])
        for child, is_above in ((tree.children_right[node], True), (tree.children_left[node], False)):
            waiting.append((int(child), (*clauses, _clause(attributes, column, bound, is_above=is_above))))


def _answers(tree: Any, classes: list[Any]) -> dict[int, bool | None]:
    """Return what all leaves below each node say; None where they differ."""
    answers: dict[int, bool | None] = {}
    # Children have higher numbers than their parents.
    for node in reversed(range(tree.node_count)):
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left < 0:
            answers[node] = bool(classes[int(np.argmax(tree.value[node][0]))])
        else:
            answers[node] = answers[left] if answers[left] == answers[right] else None
    return answers


def _clause(attributes: Attributes, column: int, bound: float, *, is_above: bool) -> Clause:
    name, text = attributes.names[column], attributes.texts[column]
    if text is not None:
        return Clause(name, Operator.ONE_OF if is_above else Operator.NONE_OF, text)
    return Clause(name, Operator.ABOVE if is_above else Operator.AT_MOST, bound)


def _merged(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Keep of several bounds of a number the tightest, and of values denied none beside one that holds."""
    kept: dict[tuple[str, Operator, str], Clause] = {}
    for clause in clauses:
        key = (clause.attribute, clause.operator, clause.value if isinstance(clause.value, str) else "")
        known = kept.get(key)
        if known is None or _is_tighter(clause, known):
            kept[key] = clause
    held = {clause.attribute for clause in kept.values() if clause.operator is Operator.ONE_OF}
    return tuple(
        clause for clause in kept.values() if not (clause.operator is Operator.NONE_OF and clause.attribute in held)
    )


def _is_tighter(clause: Clause, known: Clause) -> bool:
    if isinstance(clause.value, str) or isinstance(known.value, str):
        return False
    return clause.value > known.value if clause.operator is Operator.ABOVE else clause.value < known.value
