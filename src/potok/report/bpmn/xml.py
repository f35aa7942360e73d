"""BPMN 2.0 as XML with diagram interchange, which any BPMN program can open."""

from typing import Final

from markupsafe import Markup

import potok
from potok.discover.bpmn import BpmnModel, NodeKind
from potok.report.bpmn.layout import Diagram, Route, Shape
from potok.report.drawing.svg import element

_NAMESPACES: Final = {
    "xmlns": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
}
_TARGET: Final = "urn:potok:process"
_TAGS: Final = {
    NodeKind.START: "startEvent",
    NodeKind.END: "endEvent",
    NodeKind.TASK: "task",
    NodeKind.EXCLUSIVE: "exclusiveGateway",
    NodeKind.PARALLEL: "parallelGateway",
}


def write_bpmn(model: BpmnModel, diagram: Diagram, *, name: str, documentation: str = "") -> str:
    """Write a model and its diagram as a BPMN 2.0 document.

    Parameters
    ----------
    name
        Of the process.
    documentation
        Text about the process, such as how well the model fits the log.
    """
    process = element(
        "process",
        (
            element("documentation", documentation) if documentation else Markup(""),
            *_flow_nodes(model),
            *(
                element("sequenceFlow", id=flow.identifier, sourceRef=flow.source, targetRef=flow.target)
                for flow in model.flows
            ),
        ),
        id="Process_1",
        name=name,
        isExecutable="false",
    )
    plane = element(
        "bpmndi:BPMNPlane",
        (*map(_shape, diagram.shapes), *map(_edge, diagram.routes)),
        id="Plane_1",
        bpmnElement="Process_1",
    )
    definitions = element(
        "definitions",
        (process, element("bpmndi:BPMNDiagram", plane, id="Diagram_1")),
        **_NAMESPACES,
        id="Definitions_1",
        targetNamespace=_TARGET,
        exporter="Potok",
        exporterVersion=potok.__version__,
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{definitions}\n'


def _flow_nodes(model: BpmnModel) -> list[Markup]:
    incoming: dict[str, list[str]] = {node.identifier: [] for node in model.nodes}
    outgoing: dict[str, list[str]] = {node.identifier: [] for node in model.nodes}
    for flow in model.flows:
        outgoing[flow.source].append(flow.identifier)
        incoming[flow.target].append(flow.identifier)
    return [
        element(
            _TAGS[node.kind],
            (
                *(element("incoming", flow) for flow in incoming[node.identifier]),
                *(element("outgoing", flow) for flow in outgoing[node.identifier]),
            ),
            id=node.identifier,
            name=node.name,
            gatewayDirection=_direction(node.kind, n_outgoing=len(outgoing[node.identifier])),
        )
        for node in model.nodes
    ]


def _direction(kind: NodeKind, *, n_outgoing: int) -> str:
    if kind not in (NodeKind.EXCLUSIVE, NodeKind.PARALLEL):
        return ""
    return "Diverging" if n_outgoing > 1 else "Converging"


def _shape(shape: Shape) -> Markup:
    bounds = element("dc:Bounds", x=shape.left, y=shape.top, width=shape.size.width, height=shape.size.height)
    is_exclusive = shape.node.kind is NodeKind.EXCLUSIVE
    return element(
        "bpmndi:BPMNShape",
        bounds,
        id=f"{shape.node.identifier}_di",
        bpmnElement=shape.node.identifier,
        isMarkerVisible="true" if is_exclusive else "",
    )


def _edge(route: Route) -> Markup:
    waypoints = [element("di:waypoint", x=point.x, y=point.y) for point in route.points]
    return element("bpmndi:BPMNEdge", waypoints, id=f"{route.flow.identifier}_di", bpmnElement=route.flow.identifier)
