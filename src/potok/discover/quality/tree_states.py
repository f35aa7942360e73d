"""What a process tree allows next, after any beginning of a run.

A state is what remains to be done: an expression over the tree's blocks, the derivative of the tree by the activities
done so far (Brzozowski 1964; parallel blocks by the shuffle). Where no activity occurs twice only loops leave a choice
of remainders, and it stays inside the loop; so states are few, and none of the many silent steps that a net would
take is ever walked. Expressions are numbered, and what is asked of one is computed once.
"""

from functools import reduce
from typing import Final, Literal

from potok.discover.process_tree import Operator, ProcessTree

Kind = Literal["done", "fresh", "again", "then", "beside", "either"]
_DONE: Final = 0


class TreeStates:
    """The states of a process tree in which each activity occurs once; `start` is the first."""

    def __init__(self, tree: ProcessTree) -> None:
        self._nodes = list(tree.nodes())
        place = {id(node): index for index, node in enumerate(self._nodes)}
        # Equal blocks may be one object (the silent block is), but only activities tell blocks apart here.
        self._children = [tuple(place[id(child)] for child in node.children) for node in self._nodes]
        self._expressions: list[tuple[Kind, tuple[int, ...]]] = []
        self._numbers: dict[tuple[Kind, tuple[int, ...]], int] = {}
        self._empty: dict[int, bool] = {}
        self._first: dict[int, frozenset[str]] = {}
        self._all: dict[int, frozenset[str]] = {}
        self._after: dict[tuple[int, str], int | None] = {}
        self._number("done", ())
        self.start = self._fresh(0)

    def may_end(self, state: int) -> bool:
        """Tell whether a run may end in a state."""
        if state not in self._empty:
            self._empty[state] = self._compute_may_end(state)
        return self._empty[state]

    def allowed(self, state: int) -> frozenset[str]:
        """Return the activities that may come next."""
        if state not in self._first:
            self._first[state] = self._compute_allowed(state)
        return self._first[state]

    def after(self, state: int, activity: str) -> int | None:
        """Return the state after an activity; None if it is not allowed."""
        key = (state, activity)
        if key not in self._after:
            self._after[key] = self._compute_after(state, activity) if activity in self.allowed(state) else None
        return self._after[key]

    def _number(self, kind: Kind, parts: tuple[int, ...]) -> int:
        expression = (kind, parts)
        if expression not in self._numbers:
            self._numbers[expression] = len(self._expressions)
            self._expressions.append(expression)
        return self._numbers[expression]

    def _fresh(self, node: int) -> int:
        return _DONE if self._nodes[node].operator is Operator.SILENT else self._number("fresh", (node,))

    def _then(self, *parts: int) -> int:
        rest = tuple(part for part in self._flatten("then", parts) if part != _DONE)
        return self._of_many("then", rest)

    def _beside(self, *parts: int) -> int:
        return self._of_many("beside", tuple(part for part in parts if part != _DONE))

    def _either(self, parts: set[int]) -> int:
        return self._of_many("either", tuple(sorted(set(self._flatten("either", tuple(parts))))))

    def _of_many(self, kind: Kind, parts: tuple[int, ...]) -> int:
        if not parts:
            return _DONE
        return parts[0] if len(parts) == 1 else self._number(kind, parts)

    def _flatten(self, kind: Kind, parts: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            inner
            for part in parts
            for inner in (self._expressions[part][1] if self._expressions[part][0] == kind else (part,))
        )

    def _unfold(self, state: int) -> tuple[Kind, tuple[int, ...]]:
        """Return a state's kind and parts; an untouched block but a single activity is opened into its blocks."""
        kind, parts = self._expressions[state]
        if kind == "again":
            do, redo = self._children[parts[0]]
            return "either", (_DONE, self._then(self._fresh(redo), self._fresh(do), state))
        if kind != "fresh":
            return kind, parts
        (node,) = parts
        children = tuple(self._fresh(child) for child in self._children[node])
        match self._nodes[node].operator:
            case Operator.SEQUENCE:
                return "then", children
            case Operator.PARALLEL:
                return "beside", children
            case Operator.CHOICE:
                return "either", children
            case Operator.LOOP:
                return "then", (children[0], self._number("again", (node,)))
            case _:
                return "fresh", parts

    def _compute_may_end(self, state: int) -> bool:
        if self._expressions[state][0] in ("done", "again"):
            return True
        kind, parts = self._unfold(state)
        if kind == "fresh":
            return False
        return (any if kind == "either" else all)(self.may_end(part) for part in parts)

    def _compute_allowed(self, state: int) -> frozenset[str]:
        kind, parts = self._expressions[state]
        if kind == "again":
            do, redo = (self._fresh(child) for child in self._children[parts[0]])
            return self.allowed(redo) | (self.allowed(do) if self.may_end(redo) else frozenset())
        kind, parts = self._unfold(state)
        if kind == "fresh":
            return frozenset((self._nodes[parts[0]].activity,))
        if kind == "then":
            parts = self._reachable(parts)
        return reduce(frozenset.union, (self.allowed(part) for part in parts), frozenset())

    def _reachable(self, parts: tuple[int, ...]) -> tuple[int, ...]:
        """Return the parts of a sequence up to the first that must do something."""
        needed = next((index for index, part in enumerate(parts) if not self.may_end(part)), len(parts) - 1)
        return parts[: needed + 1]

    def _compute_after(self, state: int, activity: str) -> int:
        kind, parts = self._expressions[state]
        if kind == "again":
            return self._after_again(state, parts[0], activity)
        kind, parts = self._unfold(state)
        match kind:
            case "fresh":
                return _DONE
            case "then":
                reachable = self._reachable(parts)
                following = ((self.after(part, activity), parts[i + 1 :]) for i, part in enumerate(reachable))
                return self._either({self._then(after, *rest) for after, rest in following if after is not None})
            case "beside":
                return self._beside(*(self._or_same(part, activity) for part in parts))
            case _:
                following_states = (self.after(part, activity) for part in parts)
                return self._either({after for after in following_states if after is not None})

    def _or_same(self, part: int, activity: str) -> int:
        after = self.after(part, activity)
        return part if after is None else after

    def _after_again(self, state: int, loop: int, activity: str) -> int:
        do, redo = (self._fresh(child) for child in self._children[loop])
        redone = self.after(redo, activity)
        if redone is not None:
            return self._then(redone, do, state)
        return self._then(self._or_same(do, activity), state)
