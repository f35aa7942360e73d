"""Process trees: models that are sound by construction, because they are built of blocks that begin and end whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Operator(StrEnum):
    """What a node of a process tree does."""

    ACTIVITY = "activity"
    SILENT = "silent"
    SEQUENCE = "sequence"
    CHOICE = "choice"
    PARALLEL = "parallel"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """A block of a process.

    Parameters
    ----------
    operator
        `ACTIVITY` is done once; `SILENT` is nothing at all; `SEQUENCE` does its children in order, `CHOICE` exactly
        one of them, `PARALLEL` all of them in any interleaving; `LOOP` has two children, does the first, and may then
        any number of times do the second and the first again.
    activity
        Label of an activity; empty for every other operator.
    children
        Blocks inside.
    """

    operator: Operator
    activity: str = ""
    children: tuple["ProcessTree", ...] = ()

    def nodes(self) -> Iterator["ProcessTree"]:
        """Yield this block and every block inside, each before its children."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def activities(self) -> tuple[str, ...]:
        """Return the labels of all activities, from left to right."""
        return tuple(node.activity for node in self.nodes() if node.operator is Operator.ACTIVITY)


SILENT = ProcessTree(Operator.SILENT)


def leaf(activity: str) -> ProcessTree:
    """Return the block of one activity."""
    return ProcessTree(Operator.ACTIVITY, activity)


def block(operator: Operator, *children: ProcessTree) -> ProcessTree:
    """Return a block of blocks; a sequence, choice or parallel block of one child is that child."""
    if operator is not Operator.LOOP and len(children) == 1:
        return children[0]
    return ProcessTree(operator, children=children)


def simplify(tree: ProcessTree) -> ProcessTree:
    """Return a tree with the same runs and as few blocks as these rules give.

    Blocks of the same operator inside each other are joined; silent parts of sequences and parallel blocks, repeated
    silent alternatives, and alternatives that a loop offers anyway are left out.
    """
    children = tuple(simplify(child) for child in tree.children)
    match tree.operator:
        case Operator.SEQUENCE | Operator.PARALLEL:
            joined = [child for child in _joined(tree.operator, children) if child != SILENT]
            return block(tree.operator, *joined) if joined else SILENT
        case Operator.CHOICE:
            return _simplify_choice(_joined(Operator.CHOICE, children))
        case Operator.LOOP:
            return _simplify_loop(*children)
        case _:
            return tree


def _joined(operator: Operator, children: tuple[ProcessTree, ...]) -> list[ProcessTree]:
    return [part for child in children for part in (child.children if child.operator is operator else (child,))]


def _simplify_choice(children: list[ProcessTree]) -> ProcessTree:
    visible = list(dict.fromkeys(child for child in children if child != SILENT))
    if len(visible) == 1 < len(children) and _is_plain_loop(visible[0]):
        return block(Operator.LOOP, SILENT, visible[0].children[0])
    if len(visible) == len(children) or any(_may_be_empty(child) for child in visible):
        return block(Operator.CHOICE, *visible)
    return block(Operator.CHOICE, SILENT, *visible) if visible else SILENT


def _is_plain_loop(tree: ProcessTree) -> bool:
    return tree.operator is Operator.LOOP and tree.children[1] == SILENT


def _simplify_loop(do: ProcessTree, redo: ProcessTree) -> ProcessTree:
    if do == redo == SILENT:
        return SILENT
    if redo == SILENT and _is_plain_loop(do):
        return do
    return block(Operator.LOOP, do, redo)


def _may_be_empty(tree: ProcessTree) -> bool:
    match tree.operator:
        case Operator.ACTIVITY:
            return False
        case Operator.SILENT:
            return True
        case Operator.CHOICE:
            return any(_may_be_empty(child) for child in tree.children)
        case Operator.LOOP:
            return _may_be_empty(tree.children[0])
        case _:
            return all(_may_be_empty(child) for child in tree.children)


def tree_as_record(tree: ProcessTree) -> dict[str, Any]:
    """Return a tree as JSON: ``operator`` with ``activity`` or ``children``."""
    record: dict[str, Any] = {"operator": str(tree.operator)}
    if tree.operator is Operator.ACTIVITY:
        record["activity"] = tree.activity
    elif tree.children:
        record["children"] = [tree_as_record(child) for child in tree.children]
    return record


def tree_from_record(record: Mapping[str, Any]) -> ProcessTree:
    """Return the tree of a record that `tree_as_record` made."""
    return ProcessTree(
        Operator(record["operator"]),
        record.get("activity", ""),
        tuple(tree_from_record(child) for child in record.get("children", ())),
    )
