"""A process tree as a BPMN model: structured, so that every gateway that parts the flow has one that joins it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from potok.discover.process_tree import SILENT, Operator, ProcessTree


class NodeKind(StrEnum):
    """What a node of the model is."""

    START = "start"
    END = "end"
    TASK = "task"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"


@dataclass(frozen=True, slots=True)
class BpmnNode:
    """An event, task or gateway.

    Parameters
    ----------
    identifier
        Unique in the model; the same log gives the same ones.
    name
        Label of a task; empty for all else.
    """

    identifier: str
    kind: NodeKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class BpmnFlow:
    """A sequence flow between two nodes (by their identifiers)."""

    identifier: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Single:
    """A task, or an event."""

    node: BpmnNode


@dataclass(frozen=True, slots=True)
class Series:
    """Blocks one after another."""

    children: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """Blocks side by side between two gateways; `has_bypass` if there is a way on which nothing is done."""

    split: BpmnNode
    join: BpmnNode
    children: tuple["Block", ...]
    has_bypass: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """A block with a way back, on which another block may be done; None where nothing is done."""

    join: BpmnNode
    split: BpmnNode
    do: "Block | None"
    redo: "Block | None"


Block = Single | Series | Branches | Repeat


@dataclass(frozen=True, slots=True)
class BpmnModel:
    """A structured BPMN model.

    Parameters
    ----------
    root
        Start event, process and end event as nested blocks, for drawing.
    nodes, flows
        The same as a graph.
    """

    root: Series
    nodes: tuple[BpmnNode, ...]
    flows: tuple[BpmnFlow, ...]


def convert_to_bpmn(tree: ProcessTree) -> BpmnModel:
    """Convert a process tree to a BPMN model with the same runs."""
    maker = _Maker()
    start = Single(maker.node(NodeKind.START))
    process = maker.block(tree)
    end = Single(maker.node(NodeKind.END))
    root = Series((start, *_parts(process), end))
    pairs = _inner_flows(root)
    flows = tuple(BpmnFlow(f"Flow_{number}", *pair) for number, pair in enumerate(pairs, start=1))
    return BpmnModel(root, tuple(maker.nodes), flows)


def entry(block: Block) -> BpmnNode:
    """Return the node by which a block is entered."""
    match block:
        case Single(node):
            return node
        case Series(children):
            return entry(children[0])
        case Branches(split, _join):
            return split
        case Repeat(join):
            return join


def exit_of(block: Block) -> BpmnNode:
    """Return the node by which a block is left."""
    match block:
        case Single(node):
            return node
        case Series(children):
            return exit_of(children[-1])
        case Branches(_split, join):
            return join
        case Repeat(_join, split):
            return split


_PREFIXES = {
    NodeKind.START: "StartEvent",
    NodeKind.END: "EndEvent",
    NodeKind.TASK: "Task",
    NodeKind.EXCLUSIVE: "Gateway",
    NodeKind.PARALLEL: "Gateway",
}


@dataclass(slots=True)
class _Maker:
    nodes: list[BpmnNode] = field(default_factory=list)

    def node(self, kind: NodeKind, name: str = "") -> BpmnNode:
        prefix = _PREFIXES[kind]
        number = 1 + sum(_PREFIXES[node.kind] == prefix for node in self.nodes)
        self.nodes.append(BpmnNode(f"{prefix}_{number}", kind, name))
        return self.nodes[-1]

    def block(self, tree: ProcessTree) -> Block | None:
        match tree.operator:
            case Operator.SILENT:
                return None
            case Operator.ACTIVITY:
                return Single(self.node(NodeKind.TASK, tree.activity))
            case Operator.SEQUENCE:
                parts = tuple(part for child in tree.children for part in _parts(self.block(child)))
                return Series(parts) if len(parts) > 1 else next(iter(parts), None)
            case Operator.LOOP:
                return self._repeat(*tree.children)
            case _:
                return self._branches(tree)

    def _branches(self, tree: ProcessTree) -> Block | None:
        kind = NodeKind.PARALLEL if tree.operator is Operator.PARALLEL else NodeKind.EXCLUSIVE
        split = self.node(kind)
        children = tuple(child for child in map(self.block, tree.children) if child is not None)
        join = self.node(kind)
        return Branches(split, join, children, has_bypass=SILENT in tree.children)

    def _repeat(self, do: ProcessTree, redo: ProcessTree) -> Repeat:
        join = self.node(NodeKind.EXCLUSIVE)
        done = self.block(do)
        split = self.node(NodeKind.EXCLUSIVE)
        return Repeat(join, split, done, self.block(redo))


def _parts(block: Block | None) -> tuple[Block, ...]:
    if block is None:
        return ()
    return block.children if isinstance(block, Series) else (block,)


def _inner_flows(block: Block) -> Iterator[tuple[str, str]]:
    """Yield source and target of every flow inside a block, in the order of reading."""
    match block:
        case Single():
            return
        case Series(children):
            for before, after in itertools.pairwise(children):
                yield from _inner_flows(before)
                yield exit_of(before).identifier, entry(after).identifier
            yield from _inner_flows(children[-1])
        case Branches(split, join, children, has_bypass):
            for child in children:
                yield from _way(split, child, join)
            if has_bypass:
                yield from _way(split, None, join)
        case Repeat(join, split, do, redo):
            yield from _way(join, do, split)
            yield from _way(split, redo, join)


def _way(source: BpmnNode, block: Block | None, target: BpmnNode) -> Iterator[tuple[str, str]]:
    if block is None:
        yield source.identifier, target.identifier
        return
    yield source.identifier, entry(block).identifier
    yield from _inner_flows(block)
    yield exit_of(block).identifier, target.identifier
