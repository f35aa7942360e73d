"""A BPMN model as a net with the same runs.

Elements whose incoming flows exclude each other (tasks, events, exclusive gateways) have one place before them, where
all these flows lead; parallel and inclusive joins have one place for each flow. An inclusive split puts a token on
every branch that it takes, and one right before the join for each that it does not, so that the join waits for all of
them: this needs splits and joins that belong together.

References
----------
Dijkman, Dumas, Ouyang (2008), "Semantics and analysis of business process models in BPMN".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.discover.bpmn_reading import BpmnElement, BpmnGraph, ElementKind, broken
from potok.discover.workflow_net import Transition, WorkflowNet

MOST_BRANCHES: Final = 8
_SOURCE: Final = 0
_SINK: Final = 1

_Flow = tuple[str, str]


@dataclass(frozen=True, slots=True)
class BpmnNet:
    """A net, and how many tokens its sink may hold at the end (several where branches end on their own)."""

    net: WorkflowNet
    most_ends: int


def convert_bpmn_to_net(graph: BpmnGraph) -> BpmnNet:
    """Convert the flow of a process to a net.

    Raises
    ------
    BrokenBpmnError
        If an inclusive split has no join of its own, or too many branches.
    """
    builder = _Builder(graph)
    for element in graph.elements.values():
        builder.add(element)
    ends = sum(not builder.leaving[name] and not one.inside for name, one in graph.elements.items())
    parts = any(
        one.kind in (ElementKind.PARALLEL, ElementKind.INCLUSIVE) or len(builder.leaving[name]) > 1
        for name, one in graph.elements.items()
        if one.kind is not ElementKind.EXCLUSIVE
    )
    net = WorkflowNet(builder.places, _SOURCE, _SINK, tuple(dict.fromkeys(builder.transitions)))
    return BpmnNet(net, max(1, ends) if parts else 1)


@dataclass(slots=True)
class _Builder:
    graph: BpmnGraph
    places: int = 2
    transitions: list[Transition] = field(default_factory=list)
    arriving: Mapping[str, list[_Flow]] = field(init=False)
    leaving: Mapping[str, list[_Flow]] = field(init=False)
    _known: dict[str | _Flow, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.arriving, self.leaving = defaultdict(list), defaultdict(list)
        for flow in self.graph.flows:
            self.leaving[flow[0]].append(flow)
            self.arriving[flow[1]].append(flow)

    def add(self, element: BpmnElement) -> None:
        """Add the transitions of an element."""
        match element.kind:
            case ElementKind.START:
                self._start(element)
            case ElementKind.EXCLUSIVE:
                self._exclusive(element)
            case ElementKind.PARALLEL:
                self._step(None, self._joined(element), self._after(element))
            case ElementKind.INCLUSIVE:
                self._inclusive(element)
            case ElementKind.BOUNDARY if element.attached_to in self.graph.elements:
                host = self.graph.elements[element.attached_to]
                self._step(None, {self._before(host)}, self._after(element))
            case ElementKind.SUBPROCESS if self._is_expanded(element):
                # Its own start events take the token, its end events give it on.
                pass
            case _:
                label = element.name if element.kind in (ElementKind.TASK, ElementKind.SUBPROCESS) else ""
                self._step(label or None, {self._before(element)}, self._after(element))

    def _exclusive(self, element: BpmnElement) -> None:
        ways = [{self._place(flow)} for flow in self.leaving[element.identifier]] or [self._after(element)]
        for way in ways:
            self._step(None, {self._before(element)}, way)

    def _start(self, element: BpmnElement) -> None:
        around = self.graph.elements.get(element.inside)
        before = _SOURCE if around is None else self._before(around)
        self._step(None, {before}, self._after(element))

    def _is_expanded(self, element: BpmnElement) -> bool:
        return any(one.inside == element.identifier for one in self.graph.elements.values())

    def _step(self, label: str | None, takes: Iterable[int], gives: Iterable[int]) -> None:
        self.transitions.append(Transition(label, frozenset(takes), frozenset(gives)))

    def _before(self, element: BpmnElement) -> int:
        """Return the place before an element; what nothing leads to, and is no start event, begins the process."""
        if not self.arriving[element.identifier] and element.kind is not ElementKind.BOUNDARY and not element.inside:
            return _SOURCE
        return self._number(element.identifier)

    def _place(self, flow: _Flow) -> int:
        target = self.graph.elements[flow[1]]
        waits = target.kind in (ElementKind.PARALLEL, ElementKind.INCLUSIVE) and len(self.arriving[flow[1]]) > 1
        return self._number(flow) if waits else self._number(flow[1])

    def _number(self, key: str | _Flow) -> int:
        if key not in self._known:
            self._known[key] = self.places
            self.places += 1
        return self._known[key]

    def _joined(self, element: BpmnElement) -> set[int]:
        return {self._place(flow) for flow in self.arriving[element.identifier]} or {self._before(element)}

    def _after(self, element: BpmnElement) -> set[int]:
        """Return the places of all flows that leave an element; what nothing leaves ends what it is in."""
        leaving = self.leaving[element.identifier]
        if leaving:
            return {self._place(flow) for flow in leaving}
        around = self.graph.elements.get(element.inside)
        return {_SINK} if around is None else self._after(around)

    def _inclusive(self, element: BpmnElement) -> None:
        flows = self.leaving[element.identifier]
        before = self._joined(element)
        if len(flows) <= 1:
            self._step(None, before, self._after(element))
            return
        if len(flows) > MOST_BRANCHES:
            raise broken(
                self.graph.file,
                _("The inclusive gateway {id} has more than {n} branches.").format(
                    id=quoted(element.name or element.identifier), n=MOST_BRANCHES
                ),
                _("Part it into several gateways."),
            )
        arrivals = {flow: self._arrival(element, flow) for flow in flows}
        for number in range(1, len(flows) + 1):
            for taken in combinations(flows, number):
                left_out = {self._place(arrivals[flow]) for flow in flows if flow not in taken}
                self._step(None, before, {self._place(flow) for flow in taken} | left_out)

    def _arrival(self, split: BpmnElement, flow: _Flow) -> _Flow:
        """Return the flow by which a branch of an inclusive split comes into the join that belongs to it."""
        found: set[_Flow] = set()
        waiting, seen = [(flow, 0)], {(flow, 0)}
        while waiting:
            current, depth = waiting.pop()
            target = self.graph.elements[current[1]]
            is_inclusive = target.kind is ElementKind.INCLUSIVE
            if is_inclusive and len(self.arriving[current[1]]) > 1:
                depth -= 1
                if depth < 0:
                    found.add(current)
                    continue
            if is_inclusive and len(self.leaving[current[1]]) > 1:
                depth += 1
            for following in self.leaving[current[1]]:
                if (following, depth) not in seen:
                    seen.add((following, depth))
                    waiting.append((following, depth))
        if len(found) != 1:
            raise broken(
                self.graph.file,
                _("The inclusive gateway {id} has no join of its own in which each branch ends once.").format(
                    id=quoted(split.name or split.identifier)
                ),
                _("Join its branches in one inclusive gateway."),
            )
        return found.pop()
