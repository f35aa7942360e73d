"""Flows written as blocks, and the BPMN graph they make.

A flow is a sequence of blocks: ``step`` (an activity), ``choice`` (one of several flows, by share), ``repeat`` (a flow
that is gone through again with the share `again`, after the flow `between`) and ``parallel`` (flows side by side). A
share is a number, or one per channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import Flow, GraphRouting, Node

Share = float | Mapping[str, float]
START: Final = "start"
END_NODE: Final = "end"


@dataclass(frozen=True, slots=True)
class Exit:
    """A flow that leaves a node and has no target yet."""

    source: str
    share: float = 1.0
    by_case_type: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True)
class GraphWriter:
    """Adds the blocks of several flows to one graph.

    Parameters
    ----------
    case_types
        Of the flow being added: the name of its case type, by channel.
    """

    case_types: Mapping[str, str] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def add_service(self, blocks: Sequence[Mapping[str, Any]], case_types: Mapping[str, str], entry: Exit) -> Exit:
        """Add the flow of one service; `case_types` are its case types by channel."""
        self.case_types = case_types
        return self.add_sequence(blocks, entry)

    def add_node(self, kind: ElementKind, entries: Sequence[Exit], *, activity: str = "") -> Exit:
        """Add a node behind some exits."""
        name = {ElementKind.START: START, ElementKind.END: END_NODE}.get(kind, f"{kind.value}-{len(self.nodes)}")
        self.nodes.append(Node(name, kind, activity))
        self.flows.extend(Flow(entry.source, name, entry.share, entry.by_case_type) for entry in entries)
        return Exit(name)

    def add_sequence(self, blocks: Sequence[Mapping[str, Any]], entry: Exit) -> Exit:
        """Add blocks one after another."""
        for block in blocks:
            entry = self._add_block(block, entry)
        return entry

    def make_graph(self) -> GraphRouting:
        """Return the graph of all that was added."""
        return GraphRouting(tuple(self.nodes), tuple(self.flows))

    def _add_block(self, block: Mapping[str, Any], entry: Exit) -> Exit:
        if "step" in block:
            return self.add_node(ElementKind.TASK, [entry], activity=block["step"])
        if "choice" in block:
            return self._add_choice(block["choice"], entry)
        if "parallel" in block:
            return self._add_parallel(block["parallel"], entry)
        return self._add_repeat(block, entry)

    def _add_choice(self, branches: Sequence[Mapping[str, Any]], entry: Exit) -> Exit:
        """Add a choice; the last branch has the share that the others leave."""
        split = self.add_node(ElementKind.EXCLUSIVE, [entry]).source
        shares = [branch["share"] for branch in branches[:-1]]
        exits = [
            self.add_sequence(branch["flow"], self._exit(split, share))
            for branch, share in zip(branches, [*shares, self._rest(shares)], strict=True)
        ]
        return self.add_node(ElementKind.EXCLUSIVE, exits)

    def _add_parallel(self, branches: Sequence[Sequence[Mapping[str, Any]]], entry: Exit) -> Exit:
        split = self.add_node(ElementKind.PARALLEL, [entry])
        return self.add_node(ElementKind.PARALLEL, [self.add_sequence(branch, split) for branch in branches])

    def _add_repeat(self, block: Mapping[str, Any], entry: Exit) -> Exit:
        join = self.add_node(ElementKind.EXCLUSIVE, [entry])
        split = self.add_node(ElementKind.EXCLUSIVE, [self.add_sequence(block["repeat"], join)]).source
        again = self.add_sequence(block["between"], self._exit(split, block["again"]))
        self.flows.append(Flow(again.source, join.source, again.share, again.by_case_type))
        return self._exit(split, self._rest([block["again"]]))

    def _exit(self, source: str, share: Share) -> Exit:
        if isinstance(share, Mapping):
            by_case_type = tuple((self.case_types[channel], float(value)) for channel, value in share.items())
            return Exit(source, sum(value for _name, value in by_case_type) / len(by_case_type), by_case_type)
        return Exit(source, float(share))

    def _rest(self, shares: Sequence[Share]) -> Share:
        channels = [share for share in shares if isinstance(share, Mapping)]
        if not channels:
            return 1.0 - sum(float(share) for share in shares if not isinstance(share, Mapping))
        return {name: 1.0 - sum(_of(share, name) for share in shares) for name in channels[0]}


def _of(share: Share, channel: str) -> float:
    return float(share[channel]) if isinstance(share, Mapping) else share
