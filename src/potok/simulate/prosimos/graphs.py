"""The flow of a Prosimos model: BPMN, with the shares that its parameters give by the flows' identifiers.

As in Prosimos, several flows out of a task are all taken, several into one are taken each on its own, and a gateway
that both joins and splits does one after the other.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.core.toml_reading import TomlTable
from potok.discover.bpmn_reading import BpmnGraph, ElementKind, bpmn_from_bytes
from potok.log.sources.safe_xml import create_parser
from potok.simulate.model import Flow, Node
from potok.simulate.prosimos.errors import BrokenProsimosError
from potok.simulate.prosimos.values import read_number

_SPLIT_OF_TASKS: Final = (ElementKind.START, ElementKind.TASK, ElementKind.EVENT)
_TWOFOLD: Final = (ElementKind.PARALLEL, ElementKind.INCLUSIVE)
_REFUSED: Final = (ElementKind.BOUNDARY, ElementKind.SUBPROCESS)

_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ProsimosGraph:
    """A BPMN graph, and the pair of elements that each sequence flow's identifier names."""

    graph: BpmnGraph
    flows: Mapping[str, _Pair]


@dataclass(slots=True)
class _Tags:
    flows: dict[str, _Pair] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self.seen.add(name)
        if name == "sequenceFlow":
            self.flows[attributes.get("id", "")] = (attributes.get("sourceRef", ""), attributes.get("targetRef", ""))


def read_graph(content: bytes, *, file: str) -> ProsimosGraph:
    """Read the flow.

    Raises
    ------
    BrokenProsimosError
        If it has elements that cannot be simulated as Prosimos does.
    BrokenBpmnError
        If it is no BPMN of one process.
    """
    graph = bpmn_from_bytes(content, file=file)
    tags = _Tags()
    parser = create_parser(file)
    parser.StartElementHandler = tags.start
    parser.Parse(content, True)
    for element in graph.elements.values():
        if element.kind in _REFUSED:
            raise _refused(file, quoted(element.name or element.identifier))
    if "eventBasedGateway" in tags.seen:
        raise _refused(file, "eventBasedGateway")
    splits = any(element.kind in _TWOFOLD for element in graph.elements.values())
    if "terminateEventDefinition" in tags.seen and splits:
        raise _refused(file, "terminateEventDefinition")
    return ProsimosGraph(graph, tags.flows)


def _refused(file: str, element: str) -> BrokenProsimosError:
    return BrokenProsimosError(
        _("The model has the element {element}, which cannot be simulated here.").format(element=element),
        where=file,
        remedy=_("Model this part with tasks, timers and exclusive, parallel or inclusive gateways."),
    )


@dataclass(frozen=True, slots=True)
class Shares:
    """What the parameters say about gateways.

    Parameters
    ----------
    by_flow
        Share of each flow, by the elements that it joins.
    gateways
        Those about which they say anything.
    completed
        Gateways of which some shares were missing and were made equal.
    """

    by_flow: Mapping[_Pair, float]
    gateways: frozenset[str]
    completed: tuple[str, ...]


def read_shares(table: TomlTable, bpmn: ProsimosGraph) -> Shares:
    """Read the shares of flows out of gateways."""
    by_flow: dict[_Pair, float] = defaultdict(float)
    gateways, completed = set(), []
    for entry in table.tables("gateway_branching_probabilities"):
        gateway = entry.text("gateway_id")
        gateways.add(gateway)
        paths = list(entry.tables("probabilities"))
        for path in paths:
            if path.has("condition_id"):
                raise path.failure(
                    "condition_id",
                    _("The flow is chosen by a condition on attributes."),
                    _("Give the gateway shares instead."),
                )
        known = [read_number(path, "value") if path.has("value") else None for path in paths]
        missing = known.count(None)
        rest = (1.0 - sum(value for value in known if value is not None)) / missing if missing else 0.0
        completed += [gateway] if missing else []
        for path, value in zip(paths, known, strict=True):
            name = path.text("path_id")
            if name not in bpmn.flows:
                raise path.wrong_value("path_id", name, _("the identifier of a sequence flow"))
            by_flow[bpmn.flows[name]] += max(rest, 0.0) if value is None else value
    return Shares(by_flow, frozenset(gateways), tuple(completed))


def make_graph(
    bpmn: ProsimosGraph, shares: Shares, activities: Mapping[str, str], *, file: str
) -> tuple[tuple[Node, ...], tuple[Flow, ...]]:
    """Make the nodes and flows of a model.

    Parameters
    ----------
    activities
        The activity for which each task and event stands, by its identifier.
    """
    arriving: dict[str, int] = defaultdict(int)
    leaving: dict[str, int] = defaultdict(int)
    for source, target in bpmn.graph.flows:
        leaving[source] += 1
        arriving[target] += 1
    nodes, entries, exits, extra = [], {}, {}, []
    for name, element in bpmn.graph.elements.items():
        nodes.append(Node(name, element.kind, activities.get(name, "")))
        if element.kind in _SPLIT_OF_TASKS and leaving[name] > 1:
            exits[name] = f"{name} (split)"
            nodes.append(Node(exits[name], ElementKind.PARALLEL))
            extra.append(Flow(name, exits[name]))
        if element.kind in _TWOFOLD and arriving[name] > 1 and leaving[name] > 1:
            entries[name] = f"{name} (join)"
            nodes.append(Node(entries[name], element.kind))
            extra.append(Flow(entries[name], name))
    flows = [
        Flow(exits.get(source, source), entries.get(target, target), _share(bpmn, shares, (source, target), file))
        for source, target in bpmn.graph.flows
    ]
    return tuple(nodes), (*flows, *extra)


def _share(bpmn: ProsimosGraph, shares: Shares, pair: _Pair, file: str) -> float:
    source = pair[0]
    kind = bpmn.graph.elements[source].kind
    exits = sum(one == source for one, _target in bpmn.graph.flows)
    if kind not in (ElementKind.EXCLUSIVE, ElementKind.INCLUSIVE) or exits == 1:
        return 1.0
    if source not in shares.gateways:
        raise BrokenProsimosError(
            _("There are no shares for the flows out of the gateway {id}.").format(id=quoted(source)),
            where=f"{file}: gateway_branching_probabilities",
            remedy=_("Add the gateway with the probability of each of its flows."),
        )
    return shares.by_flow.get(pair, 0.0)
