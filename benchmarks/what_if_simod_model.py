"""Changes applied to what Simod discovers: the two files of Prosimos, a BPMN document and parameters in JSON.

What an analyst can say in these files is said; what they cannot is refused. Merging (one person does two tasks in one
go) and another order of tasks have no counterpart in them and are always refused.
"""

import copy
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from potok.core.change import AddStaff, Automate, Change, ChangeCalendar, ChangeDemand, Remove, Reroute, Week

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
MACHINE = "machine"
ALWAYS = "always"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEW_HOURS = "new hours"
UNLIMITED = 1000
"""So many machines do what needs nobody: Prosimos has no tasks without resources."""
SQUARED = ("lognorm", "gamma")
"""Distributions whose second parameter is a variance."""


class NotExpressibleError(Exception):
    """A change that the files of Prosimos cannot say, or not of this discovered model."""


@dataclass(frozen=True, slots=True)
class SimodModel:
    """The two files."""

    bpmn: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works, which the log's reader knows: the people of each pool, and the pools that do each activity."""

    people: Mapping[str, tuple[str, ...]]
    pools: Mapping[str, tuple[str, ...]]

    def pool_of(self, activity: str) -> tuple[str, ...]:
        """Return the people of the only pool that does an activity."""
        (pool,) = self.pools[activity]
        return self.people[pool]

    def all_doing(self, activity: str) -> tuple[str, ...]:
        """Return the people of all pools that do an activity."""
        return tuple(name for pool in self.pools[activity] for name in self.people[pool])


def without_limits(model: SimodModel) -> SimodModel:
    """Let there be any number of the machines that do what the log shows nobody doing."""
    parameters = copy.deepcopy(model.parameters)
    for resource in _resources(parameters):
        if resource["id"].startswith(MACHINE):
            resource["amount"] = UNLIMITED
    return SimodModel(model.bpmn, parameters)


def weekly_hours(model: SimodModel, people: Iterable[str]) -> list[float]:
    """Return how many hours a week each of these works, of those whom the model has."""
    hours = {
        calendar["id"]: sum(_period_hours(period) for period in calendar["time_periods"])
        for calendar in model.parameters["resource_calendars"]
    }
    calendars = {one["id"]: one["calendar"] for one in _resources(model.parameters)}
    return [hours[calendars[name]] for name in people if name in calendars]


def _period_hours(period: Mapping[str, str]) -> float:
    days = (DAYS.index(period["to"].lower()) - DAYS.index(period["from"].lower())) % len(DAYS) + 1
    begin, end = (
        sum(float(part) * size for part, size in zip(period[name].split(":"), (1.0, 1 / 60, 1 / 3600), strict=True))
        for name in ("beginTime", "endTime")
    )
    # Midnight at the end of a day is written as that at its beginning.
    return days * (end - begin if end > begin else end - begin + 24.0)


def apply_change(model: SimodModel, change: Change, staff: Staff) -> SimodModel:
    """Return the model changed.

    Raises
    ------
    NotExpressibleError
        If the files cannot say it.
    """
    match change:
        case Remove():
            return _remove(model, change.activity)
        case Reroute():
            return _reroute(model, change)
        case Automate() | AddStaff() | ChangeCalendar() | ChangeDemand():
            parameters = copy.deepcopy(model.parameters)
            _change_parameters(parameters, change, staff, model.bpmn)
            return SimodModel(model.bpmn, parameters)
        case _:
            raise NotExpressibleError(f"no counterpart of {change.verb.value} in the files of Prosimos")


def _change_parameters(parameters: dict[str, Any], change: Change, staff: Staff, bpmn: str) -> None:
    if isinstance(change, Automate):
        _automate(parameters, _task(_parse(bpmn), change.activity).attrib["id"], change.duration_seconds)
    elif isinstance(change, AddStaff):
        for _number in range(abs(change.count)):
            (_add_one if change.count > 0 else _drop_one)(parameters, staff.pool_of(change.activity))
    elif isinstance(change, ChangeCalendar):
        _set_hours(parameters, staff.all_doing(change.activity), change.weekly)
    elif isinstance(change, ChangeDemand):
        _scale(parameters["arrival_time_distribution"], 1.0 / change.factor)


def _resources(parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for profile in parameters["resource_profiles"]:
        yield from profile["resource_list"]


def _scale(law: dict[str, Any], factor: float) -> None:
    for place, parameter in enumerate(law["distribution_params"]):
        is_variance = place == 1 and law["distribution_name"] in SQUARED
        parameter["value"] = float(parameter["value"]) * (factor**2 if is_variance else factor)


def _known(parameters: dict[str, Any], people: tuple[str, ...]) -> list[dict[str, Any]]:
    found = [one for one in _resources(parameters) if one["id"] in people]
    if not found:
        raise NotExpressibleError("nobody of the pool is in the model discovered")
    return sorted(found, key=lambda one: people.index(one["id"]))


def _add_one(parameters: dict[str, Any], people: tuple[str, ...]) -> None:
    """Add one who works as the first of the pool does."""
    like = _known(parameters, people)[0]
    name = f"{like['id']} +"
    joining = {**copy.deepcopy(like), "id": name, "name": name, "amount": 1}
    parameters["resource_profiles"].append({"id": f"{name}_profile", "name": name, "resource_list": [joining]})
    for entry in parameters["task_resource_distribution"]:
        own = [one for one in entry["resources"] if one["resource_id"] == like["id"]]
        entry["resources"] += [{**copy.deepcopy(one), "resource_id": name} for one in own]


def _drop_one(parameters: dict[str, Any], people: tuple[str, ...]) -> None:
    """Let the first of the pool leave, as in the true model."""
    leaving = _known(parameters, people)[0]["id"]
    for profile in parameters["resource_profiles"]:
        profile["resource_list"] = [one for one in profile["resource_list"] if one["id"] != leaving]
    for entry in parameters["task_resource_distribution"]:
        entry["resources"] = [one for one in entry["resources"] if one["resource_id"] != leaving]


def _set_hours(parameters: dict[str, Any], people: tuple[str, ...], weekly: Week) -> None:
    parameters["resource_calendars"].append(_calendar(NEW_HOURS, weekly))
    for one in _known(parameters, people):
        one["calendar"] = NEW_HOURS


def _calendar(name: str, weekly: Week) -> dict[str, Any]:
    periods = []
    for day, spans in weekly:
        for span in spans:
            begin, end = span.split("-")
            last = "23:59:59.999000" if end == "24:00" else f"{end}:00"
            periods.append({"from": day.upper(), "to": day.upper(), "beginTime": f"{begin}:00", "endTime": last})
    return {"id": name, "name": name, "time_periods": periods}


def _automate(parameters: dict[str, Any], task: str, seconds: float | None) -> None:
    """Let machines without number do a task at any hour, in a fixed time."""
    if seconds is None:
        raise NotExpressibleError("the machine's time is not given")
    parameters["resource_calendars"].append(_calendar(ALWAYS, tuple((day, ("00:00-24:00",)) for day in DAYS)))
    for one in _resources(parameters):
        one["assignedTasks"] = [name for name in one["assignedTasks"] if name != task]
    machine = {"id": MACHINE, "name": MACHINE, "amount": UNLIMITED, "cost_per_hour": 0.0, "calendar": ALWAYS}
    parameters["resource_profiles"].append(
        {"id": f"{MACHINE}_profile", "name": MACHINE, "resource_list": [{**machine, "assignedTasks": [task]}]}
    )
    law = {"distribution_name": "fix", "distribution_params": [{"value": seconds}]}
    for entry in parameters["task_resource_distribution"]:
        if entry["task_id"] == task:
            entry["resources"] = [{"resource_id": MACHINE, **law}]


def _parse(bpmn: str) -> ET.Element:
    return ET.fromstring(bpmn)  # noqa: S314 - Simod has just written it


def _task(root: ET.Element, activity: str) -> ET.Element:
    found = [one for one in root.iter(f"{BPMN}task") if one.get("name") == activity]
    if len(found) != 1:
        raise NotExpressibleError(f"the model discovered has {len(found)} tasks {activity}")
    return found[0]


def _flows(root: ET.Element, end: str, node: str) -> list[ET.Element]:
    return [one for one in root.iter(f"{BPMN}sequenceFlow") if one.get(end) == node]


def _remove(model: SimodModel, activity: str) -> SimodModel:
    """Take a task and its timer out of the diagram, and lead what comes in on to what follows."""
    root = _parse(model.bpmn)
    process = next(root.iter(f"{BPMN}process"))
    nodes = {one.get("id"): one for one in process}
    task = _task(root, activity)
    gone = [task.attrib["id"]]
    before = _flows(root, "targetRef", gone[0])
    if len(before) == 1 and nodes[before[0].get("sourceRef")].tag == f"{BPMN}intermediateCatchEvent":
        gone.append(before[0].attrib["sourceRef"])
    for node in gone:
        _bypass(root, process, nodes[node])
    parameters = copy.deepcopy(model.parameters)
    for name, key in (("task_resource_distribution", "task_id"), ("event_distribution", "event_id")):
        parameters[name] = [one for one in parameters.get(name, []) if one[key] not in gone]
    for one in _resources(parameters):
        one["assignedTasks"] = [name for name in one["assignedTasks"] if name not in gone]
    return SimodModel(ET.tostring(root, encoding="unicode"), parameters)


def _bypass(root: ET.Element, process: ET.Element, node: ET.Element) -> None:
    coming, going = (_flows(root, end, node.attrib["id"]) for end in ("targetRef", "sourceRef"))
    if len(coming) != 1 or len(going) != 1:
        raise NotExpressibleError(f"{node.get('name')} has several ways in or out")
    # The flow that comes in stays: the shares of gateways are given by its name.
    coming[0].set("targetRef", going[0].attrib["targetRef"])
    for one in root.iter(f"{BPMN}incoming"):
        if (one.text or "").strip() == going[0].get("id"):
            one.text = coming[0].get("id")
    process.remove(going[0])
    process.remove(node)


def _reroute(model: SimodModel, change: Reroute) -> SimodModel:
    """Set the share of a way out of the choice that follows a task."""
    if not change.to_activity or change.from_activity or change.share is None:
        raise NotExpressibleError("it is not a share of a way")
    root = _parse(model.bpmn)
    gateway = _choice_after(root, _task(root, change.activity).attrib["id"])
    firsts = {
        flow.attrib["id"]: _first_tasks(root, flow.attrib["targetRef"], ())
        for flow in _flows(root, "sourceRef", gateway)
    }
    chosen = [path for path, names in firsts.items() if names == {change.to_activity}]
    if len(chosen) != 1 or sum(change.to_activity in names for names in firsts.values()) != 1:
        raise NotExpressibleError(f"no single way leads from {change.activity} to {change.to_activity}")
    parameters = copy.deepcopy(model.parameters)
    for entry in parameters["gateway_branching_probabilities"]:
        if entry["gateway_id"] == gateway:
            _set_share(entry["probabilities"], chosen[0], change.share)
    return SimodModel(model.bpmn, parameters)


def _set_share(paths: list[dict[str, Any]], chosen: str, share: float) -> None:
    rest = sum(float(one["value"]) for one in paths if one["path_id"] != chosen)
    if not rest:
        raise NotExpressibleError("all cases take this way already")
    for one in paths:
        one["value"] = share if one["path_id"] == chosen else float(one["value"]) * (1.0 - share) / rest


def _choice_after(root: ET.Element, node: str) -> str:
    """Return the first exclusive gateway with several ways out behind a task, past timers and gateways that join."""
    tags = {one.get("id"): one.tag for one in next(root.iter(f"{BPMN}process"))}
    passed = (f"{BPMN}exclusiveGateway", f"{BPMN}intermediateCatchEvent")
    ways = _flows(root, "sourceRef", node)
    while len(ways) == 1:
        node = ways[0].attrib["targetRef"]
        if tags[node] not in passed:
            raise NotExpressibleError("no choice follows the task")
        ways = _flows(root, "sourceRef", node)
    if tags[node] != passed[0]:
        raise NotExpressibleError("no choice follows the task")
    return node


def _first_tasks(root: ET.Element, node: str, seen: tuple[str, ...]) -> set[str]:
    """Return the tasks that come first from a node on, whichever way a case takes."""
    if node in seen:
        return set()
    element = next(one for one in next(root.iter(f"{BPMN}process")) if one.get("id") == node)
    if element.tag == f"{BPMN}task":
        return {element.get("name", "")}
    following = (flow.attrib["targetRef"] for flow in _flows(root, "sourceRef", node))
    return set().union(*(_first_tasks(root, one, (*seen, node)) for one in following))
