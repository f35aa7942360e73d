"""Reading a BPMN 2.0 document: what flows from where to where, without its drawing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.core.system_reasons import system_reason
from potok.log.sources.safe_xml import ParseError, create_parser

MAXIMUM_BYTES: Final = 50_000_000


class BrokenBpmnError(BadDataError):
    """A file that is no BPMN model, or one with parts that Potok cannot take."""

    code = "POTOK-D045"


class ElementKind(StrEnum):
    """What an element does to the flow."""

    START = "start"
    END = "end"
    TASK = "task"
    EVENT = "event"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    BOUNDARY = "boundary"
    SUBPROCESS = "subprocess"


_KINDS: Final = {
    "startEvent": ElementKind.START,
    "endEvent": ElementKind.END,
    "intermediateCatchEvent": ElementKind.EVENT,
    "intermediateThrowEvent": ElementKind.EVENT,
    "boundaryEvent": ElementKind.BOUNDARY,
    "exclusiveGateway": ElementKind.EXCLUSIVE,
    "eventBasedGateway": ElementKind.EXCLUSIVE,
    "parallelGateway": ElementKind.PARALLEL,
    "inclusiveGateway": ElementKind.INCLUSIVE,
    "subProcess": ElementKind.SUBPROCESS,
    "callActivity": ElementKind.TASK,
    **dict.fromkeys(
        (
            "task",
            "userTask",
            "serviceTask",
            "sendTask",
            "receiveTask",
            "manualTask",
            "scriptTask",
            "businessRuleTask",
        ),
        ElementKind.TASK,
    ),
}
_UNSUPPORTED: Final = frozenset({"complexGateway", "adHocSubProcess", "transaction"})


@dataclass(frozen=True, slots=True)
class BpmnElement:
    """An event, a task, a gateway or a subprocess.

    Parameters
    ----------
    identifier, kind
        As the document has them.
    name
        White space made single; empty if it has none.
    inside
        Identifier of the subprocess around it; empty at the top.
    attached_to
        Of boundary events: the element they sit on.
    """

    identifier: str
    kind: ElementKind
    name: str = ""
    inside: str = ""
    attached_to: str = ""


@dataclass(frozen=True, slots=True)
class BpmnGraph:
    """The flow of one process.

    Parameters
    ----------
    elements
        By identifier, in the order of the document.
    flows
        Identifiers of source and target of each sequence flow.
    file
        What errors call it.
    """

    elements: Mapping[str, BpmnElement]
    flows: tuple[tuple[str, str], ...]
    file: str


@dataclass(slots=True)
class _Process:
    name: str
    elements: dict[str, BpmnElement] = field(default_factory=dict)
    flows: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    file: str
    processes: list[_Process] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "process":
            self.processes.append(_Process(attributes.get("name") or attributes.get("id", "")))
        if not self.processes:
            return
        if name in _UNSUPPORTED or attributes.get("triggeredByEvent") == "true":
            raise broken(
                self.file,
                _("The model has a {element}, which cannot be aligned with.").format(element=name),
                _("Model this part with exclusive, parallel or inclusive gateways."),
            )
        if name == "sequenceFlow":
            self.processes[-1].flows.append((attributes.get("sourceRef", ""), attributes.get("targetRef", "")))
        elif name in _KINDS:
            self._add(name, attributes)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "subProcess" and self.inside:
            self.inside.pop()

    def _add(self, name: str, attributes: dict[str, str]) -> None:
        element = BpmnElement(
            identifier=attributes.get("id", ""),
            kind=_KINDS[name],
            name=re.sub(r"\s+", " ", attributes.get("name", "")).strip(),
            inside=self.inside[-1] if self.inside else "",
            attached_to=attributes.get("attachedToRef", ""),
        )
        if not element.identifier or element.identifier in self.processes[-1].elements:
            raise broken(
                self.file,
                _("An element has no id, or one that another has: {id}.").format(id=quoted(element.identifier)),
                _("Write the model anew with a BPMN program."),
            )
        self.processes[-1].elements[element.identifier] = element
        if element.kind is ElementKind.SUBPROCESS:
            self.inside.append(element.identifier)


def read_bpmn(path: str | Path) -> BpmnGraph:
    """Read the process of a BPMN file.

    Raises
    ------
    BrokenBpmnError
        If it is no BPMN, has several processes with tasks or none, or parts that cannot be taken.
    UnsafeXmlError
        If it declares a document type.
    """
    file = Path(path)
    try:
        size, content = file.stat().st_size, b""
        if size <= MAXIMUM_BYTES:
            content = file.read_bytes()
    except OSError as failure:
        raise broken(str(file), system_reason(failure), _("Check the name of the file.")) from failure
    if size > MAXIMUM_BYTES:
        raise broken(str(file), _("The file is too large for a model."), _("Give a BPMN 2.0 file."))
    return bpmn_from_bytes(content, file=str(file))


def bpmn_from_bytes(content: bytes, *, file: str = "model.bpmn") -> BpmnGraph:
    """Read the process of a BPMN document; see `read_bpmn`."""
    reader = _Reader(file)
    parser = create_parser(file)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(content, True)
    except ParseError as failure:
        raise broken(file, _("The file is no XML: {reason}.").format(reason=failure), _("Give a BPMN 2.0 file.")) from (
            failure
        )
    return _graph(_only_process(reader), file)


def _only_process(reader: _Reader) -> _Process:
    working = [
        process
        for process in reader.processes
        if any(element.kind is ElementKind.TASK for element in process.elements.values())
    ]
    if not working:
        raise broken(
            reader.file, _("The file holds no process with tasks."), _("Give a BPMN 2.0 file with one process.")
        )
    if len(working) > 1:
        names = ", ".join(quoted(process.name) for process in working)
        raise broken(
            reader.file,
            _("The file holds several processes with tasks: {names}.").format(names=names),
            _("Give a file with one of them; pools are not joined."),
        )
    return working[0]


def _graph(process: _Process, file: str) -> BpmnGraph:
    for source, target in process.flows:
        for end in (source, target):
            if end not in process.elements:
                raise broken(
                    file,
                    _("A sequence flow leads from or to {id}, which is not there.").format(id=quoted(end)),
                    _("Write the model anew with a BPMN program."),
                )
    nameless = [one for one in process.elements.values() if one.kind is ElementKind.TASK and not one.name]
    if nameless:
        raise broken(
            file,
            _("The task {id} has no name.").format(id=quoted(nameless[0].identifier)),
            _("Name every task as the log names its activity."),
        )
    return BpmnGraph(process.elements, tuple(dict.fromkeys(process.flows)), file)


def broken(file: str, message: str, remedy: str) -> BrokenBpmnError:
    """Return the error about a file."""
    return BrokenBpmnError(message, where=file, remedy=remedy)
