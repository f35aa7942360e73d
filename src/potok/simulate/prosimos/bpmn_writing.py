"""The flow of a model as a BPMN document, without a drawing: Prosimos needs none, and editors lay it out."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import Distribution

_MODEL: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_TAGS: Final = {
    ElementKind.START: "startEvent",
    ElementKind.END: "endEvent",
    ElementKind.TASK: "task",
    ElementKind.EVENT: "intermediateCatchEvent",
    ElementKind.EXCLUSIVE: "exclusiveGateway",
    ElementKind.PARALLEL: "parallelGateway",
    ElementKind.INCLUSIVE: "inclusiveGateway",
}
_GATEWAYS: Final = (ElementKind.EXCLUSIVE, ElementKind.PARALLEL, ElementKind.INCLUSIVE)


@dataclass(frozen=True, slots=True)
class DiagramElement:
    """An element of the document, and the name it shows."""

    kind: ElementKind
    name: str


@dataclass(frozen=True, slots=True)
class DiagramFlow:
    """A sequence flow between the identifiers of two elements."""

    identifier: str
    source: str
    target: str
    share: float


@dataclass(slots=True)
class Diagram:
    """Elements by identifiers that XML allows, flows between them, and the timers' distributions."""

    elements: dict[str, DiagramElement] = field(default_factory=dict)
    flows: list[DiagramFlow] = field(default_factory=list)
    identifiers: dict[str, str] = field(default_factory=dict)
    timers: dict[str, Distribution] = field(default_factory=dict)

    def add(self, node: str, kind: ElementKind, name: str) -> str:
        """Add an element for a node and return its identifier."""
        identifier = f"{_TAGS[kind]}_{len(self.elements) + 1}"
        self.elements[identifier] = DiagramElement(kind, name)
        self.identifiers[node] = identifier
        return identifier

    def connect(self, source: str, target: str, share: float) -> None:
        """Add a flow between two identifiers."""
        self.flows.append(DiagramFlow(f"flow_{len(self.flows) + 1}", source, target, share))


def write_bpmn(diagram: Diagram, *, name: str) -> bytes:
    """Write the document.

    Parameters
    ----------
    name
        Of the process.
    """
    incoming: dict[str, list[str]] = defaultdict(list)
    outgoing: dict[str, list[str]] = defaultdict(list)
    for flow in diagram.flows:
        outgoing[flow.source].append(flow.identifier)
        incoming[flow.target].append(flow.identifier)
    definitions = ElementTree.Element(
        "definitions", {"xmlns": _MODEL, "id": "definitions_1", "targetNamespace": "urn:potok:process"}
    )
    process = ElementTree.SubElement(definitions, "process", {"id": "process_1", "name": name, "isExecutable": "false"})
    for identifier, element in diagram.elements.items():
        attributes = {"id": identifier, "name": element.name}
        if element.kind in _GATEWAYS:
            attributes["gatewayDirection"] = "Diverging" if len(outgoing[identifier]) > 1 else "Converging"
        written = ElementTree.SubElement(process, _TAGS[element.kind], attributes)
        for tag, flows in (("incoming", incoming), ("outgoing", outgoing)):
            for each in flows[identifier]:
                ElementTree.SubElement(written, tag).text = each
        if identifier in diagram.timers:
            ElementTree.SubElement(written, "timerEventDefinition", {"id": f"timer_{identifier}"})
    for flow in diagram.flows:
        ElementTree.SubElement(
            process, "sequenceFlow", {"id": flow.identifier, "sourceRef": flow.source, "targetRef": flow.target}
        )
    ElementTree.indent(definitions)
    return bytes(ElementTree.tostring(definitions, encoding="utf-8", xml_declaration=True)) + b"\n"
