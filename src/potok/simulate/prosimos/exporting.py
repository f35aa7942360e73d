"""Models as the two files of Prosimos: a BPMN document and its parameters.

What Prosimos cannot simulate is refused; what it does not know but does not need is listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from potok.core.calendars import Spans
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    Discipline,
    GraphRouting,
    ModelActivity,
    Node,
    Person,
    PlanRules,
    ProcessModel,
    Routing,
    check_model,
)
from potok.simulate.model.graphs import history_as_graph
from potok.simulate.prosimos.arrivals import write_arrivals
from potok.simulate.prosimos.batches import write_batching
from potok.simulate.prosimos.bpmn_writing import Diagram, write_bpmn
from potok.simulate.prosimos.calendars import write_periods
from potok.simulate.prosimos.distributions import write_prosimos_distribution
from potok.simulate.prosimos.errors import NotExportableError

ALWAYS: Final = "always"
AUTOMATIC: Final = "automatic"
AUTOMATIC_AMOUNT: Final = 1000
"""So many machines do what needs nobody; Prosimos has no tasks without resources."""
TYPE_ATTRIBUTE: Final = "case_type"
_WHOLE_WEEK: Final[tuple[Spans, ...]] = (((0, 1440),),) * 7


@dataclass(frozen=True, slots=True)
class ProsimosExport:
    """The two files of Prosimos, and what they do not hold, as sentences."""

    bpmn: bytes
    parameters: dict[str, Any]
    notes: tuple[str, ...]


def export_prosimos(model: ProcessModel) -> tuple[bytes, dict[str, Any]]:
    """Write a model as Prosimos reads it; see `write_prosimos`, which also tells what is left out."""
    written = write_prosimos(model)
    return written.bpmn, written.parameters


def write_prosimos(model: ProcessModel) -> ProsimosExport:
    """Write a model as Prosimos reads it.

    Raises
    ------
    BrokenModelError
        If the model contradicts itself.
    NotExportableError
        If Prosimos cannot simulate it.
    """
    check_model(model)
    graph = _graph_of(model.routing)
    _refuse(model, graph)
    notes: list[str] = []
    diagram = _diagram(model, graph)
    parameters: dict[str, Any] = {
        "resource_profiles": _profiles(model),
        **write_arrivals(model, notes),
        "gateway_branching_probabilities": _gateways(diagram),
        "task_resource_distribution": _durations(model, diagram),
        "resource_calendars": _calendars(model),
        "event_distribution": [
            {"event_id": name} | write_prosimos_distribution(diagram.timers[name], name) for name in diagram.timers
        ],
        "batch_processing": _batches(model, diagram),
        **_case_types(model),
    }
    notes += _left_out(model)
    return ProsimosExport(write_bpmn(diagram, name=model.name), parameters, tuple(notes))


def _cannot(place: str, what: str, remedy: str) -> NotExportableError:
    return NotExportableError(_("Prosimos cannot simulate {what}.").format(what=what), where=place, remedy=remedy)


def _graph_of(routing: Routing) -> GraphRouting:
    graph = routing if isinstance(routing, GraphRouting) else history_as_graph(routing)
    if graph is None:
        raise _cannot(
            "routing",
            _("a routing by more than the last activity, by type of cases, or with activities side by side"),
            _("Give a BPMN graph, or contexts of one activity at most."),
        )
    return graph


def _refuse(model: ProcessModel, graph: GraphRouting) -> None:
    remedy = _("Take it out of the model, or simulate the model here.")
    if model.rules != PlanRules():
        raise _cannot("rules", _("rules over the plans of cases"), remedy)
    for number, flow in enumerate(graph.flows, start=1):
        if flow.by_case_type:
            raise _cannot(f"routing.flows[{number}]", _("shares that differ by type of cases"), remedy)
    worked = [activity for activity in model.activities if not activity.is_automatic]
    disciplines = {activity.discipline for activity in worked}
    if Discipline.EARLIEST_DUE in disciplines or len(disciplines) > 1:
        raise _cannot("activities", _("queues by due time, or by priority at some activities only"), remedy)
    for number, activity in enumerate(model.activities, start=1):
        if not activity.pauses and not activity.is_automatic:
            raise _cannot(f"activities[{number}]", _("work that goes on after hours"), remedy)
    for pool in model.pools:
        for person in pool.people:
            if person.at_once > 1 or person.availability < 1.0:
                raise _cannot(
                    f"pools, {quoted(person.name)}", _("people who do several things at once, or are absent"), remedy
                )


def _diagram(model: ProcessModel, graph: GraphRouting) -> Diagram:
    """Lay out the elements: automatic activities that are not logged are timers, and delays are timers before tasks."""
    activities = {activity.name: activity for activity in model.activities}
    diagram = Diagram()
    entries: dict[str, str] = {}
    for node in graph.nodes:
        activity = activities.get(node.activity)
        identifier = diagram.add(node.name, _kind(node, activity), node.activity)
        entries[node.name] = identifier
        if activity is None:
            continue
        if diagram.elements[identifier].kind is ElementKind.EVENT:
            diagram.timers[identifier] = activity.duration
        elif activity.delay:
            entries[node.name] = _add_delay(diagram, node, activity, identifier)
    for flow in graph.flows:
        diagram.connect(diagram.identifiers[flow.source], entries[flow.target], flow.share)
    return diagram


def _kind(node: Node, activity: ModelActivity | None) -> ElementKind:
    is_timer = activity is not None and activity.is_automatic and not activity.is_logged
    return ElementKind.EVENT if is_timer else (ElementKind.TASK if activity else node.kind)


def _add_delay(diagram: Diagram, node: Node, activity: ModelActivity, task: str) -> str:
    """Put a timer before a task, around which the cases that are not delayed pass; return what flows lead to now."""
    if activity.delay is None:
        return task
    timer = diagram.add(f"{node.name} (delay)", ElementKind.EVENT, f"{activity.name} (delay)")
    diagram.timers[timer] = activity.delay.delay
    if activity.delay.share >= 1.0:
        diagram.connect(timer, task, 1.0)
        return timer
    split = diagram.add(f"{node.name} (delayed?)", ElementKind.EXCLUSIVE, "")
    join = diagram.add(f"{node.name} (ready)", ElementKind.EXCLUSIVE, "")
    entry = diagram.add(f"{node.name} (enabled)", ElementKind.EXCLUSIVE, "")
    diagram.connect(entry, split, 1.0)
    diagram.connect(split, timer, activity.delay.share)
    diagram.connect(split, join, 1.0 - activity.delay.share)
    diagram.connect(timer, join, 1.0)
    diagram.connect(join, task, 1.0)
    return entry


def _gateways(diagram: Diagram) -> list[dict[str, Any]]:
    choosing = (ElementKind.EXCLUSIVE, ElementKind.INCLUSIVE)
    found: dict[str, list[dict[str, Any]]] = {}
    for flow in diagram.flows:
        if diagram.elements[flow.source].kind in choosing:
            found.setdefault(flow.source, []).append({"path_id": flow.identifier, "value": flow.share})
    return [{"gateway_id": gateway, "probabilities": paths} for gateway, paths in found.items() if len(paths) > 1]


def _people(model: ProcessModel) -> Iterator[tuple[str, Person, tuple[str, ...], str]]:
    """Yield each person's identifier, the person, what they do and their calendar."""
    for pool in model.pools:
        for person in pool.people:
            yield person.name, person, person.does or pool.does, person.calendar or pool.calendar


def _profiles(model: ProcessModel) -> list[dict[str, Any]]:
    calendars = {identifier: calendar for identifier, _person, _does, calendar in _people(model)}
    profiles = [
        {
            "id": pool.name,
            "name": pool.name,
            "resource_list": [
                _resource(person.name, 1, calendars[person.name], person.cost_per_hour) for person in pool.people
            ],
        }
        for pool in model.pools
    ]
    if any(activity.is_automatic and activity.is_logged for activity in model.activities):
        machines = _resource(AUTOMATIC, AUTOMATIC_AMOUNT, "", 0.0)
        profiles.append({"id": AUTOMATIC, "name": AUTOMATIC, "resource_list": [machines]})
    return profiles


def _resource(name: str, amount: int, calendar: str, cost: float) -> dict[str, Any]:
    return {"id": name, "name": name, "cost_per_hour": cost, "amount": amount, "calendar": calendar or ALWAYS}


def _durations(model: ProcessModel, diagram: Diagram) -> list[dict[str, Any]]:
    performers: dict[str, list[dict[str, Any]]] = {activity.name: [] for activity in model.activities}
    usual = {activity.name: activity for activity in model.activities}
    for identifier, person, does, _calendar in _people(model):
        own = dict(person.durations)
        for name in does:
            if not usual[name].is_automatic:
                law = write_prosimos_distribution(own.get(name, usual[name].duration), f"{name}, {identifier}")
                performers[name].append({"resource_id": identifier} | law)
    for name, activity in usual.items():
        if activity.is_automatic and activity.is_logged:
            performers[name].append({"resource_id": AUTOMATIC} | write_prosimos_distribution(activity.duration, name))
    return [
        {"task_id": identifier, "resources": performers[element.name]}
        for identifier, element in diagram.elements.items()
        if element.kind is ElementKind.TASK
    ]


def _calendars(model: ProcessModel) -> list[dict[str, Any]]:
    calendars = [
        {"id": name, "name": name, "time_periods": write_periods(calendar.weekly)}
        for name, calendar in model.calendars.items()
        if any(calendar.weekly)
    ]
    needed = any(not calendar for *_rest, calendar in _people(model)) or any(
        activity.is_automatic for activity in model.activities
    )
    return calendars + ([{"id": ALWAYS, "name": ALWAYS, "time_periods": write_periods(_WHOLE_WEEK)}] if needed else [])


def _batches(model: ProcessModel, diagram: Diagram) -> list[dict[str, Any]]:
    batched = {activity.name: activity.batching for activity in model.activities if activity.batching}
    return [
        {"task_id": identifier} | write_batching(batched[element.name], element.name)
        for identifier, element in diagram.elements.items()
        if element.kind is ElementKind.TASK and element.name in batched
    ]


def _case_types(model: ProcessModel) -> dict[str, Any]:
    if len(model.case_types) == 1:
        return {}
    values = [{"key": one.name, "value": one.share} for one in model.case_types]
    written: dict[str, Any] = {"case_attributes": [{"name": TYPE_ATTRIBUTE, "type": "discrete", "values": values}]}
    if any(activity.discipline is Discipline.PRIORITY for activity in model.activities):
        levels = sorted({one.priority for one in model.case_types})
        written["prioritisation_rules"] = [
            {
                "priority_level": level,
                "rules": [
                    [{"attribute": TYPE_ATTRIBUTE, "comparison": "=", "value": one.name}]
                    for one in model.case_types
                    if one.priority == priority
                ],
            }
            for level, priority in enumerate(levels, start=1)
        ]
    return written


def _left_out(model: ProcessModel) -> Iterator[str]:
    if model.term:
        yield _("Prosimos knows no terms: the term was left out.")
    if model.consequences:
        yield _("Prosimos knows no consequences: they were left out.")
    if any(activity.cost or activity.applicant_seconds for activity in model.activities):
        yield _("Costs per execution and the applicants' time were left out.")
    for name, calendar in model.calendars.items():
        if calendar.days:
            yield _("Prosimos knows no holidays: {count} days of the calendar {name} were left out.").format(
                count=len(calendar.days), name=quoted(name)
            )
    if any(activity.is_automatic and activity.is_logged for activity in model.activities):
        yield _("What needs nobody is done by {count} machines in Prosimos.").format(count=AUTOMATIC_AMOUNT)
    if any(not activity.is_automatic and not activity.is_logged for activity in model.activities):
        yield _("Prosimos logs all work: activities that are not logged here will be.")
    if any(one.attributes for one in model.case_types) and len(model.case_types) > 1:
        yield _("Cases have the attribute {name} with their type in place of their attributes.").format(
            name=quoted(TYPE_ATTRIBUTE)
        )
    zones = {calendar.zone for calendar in model.calendars.values()}
    if any(one != two for one, two in pairwise(sorted(zones))):
        yield _("Prosimos knows no time zones: all calendars show one clock.")
