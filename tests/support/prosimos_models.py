"""A small model of Prosimos: an intake, a check that is redone, and two things done side by side."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

from potok.simulate.prosimos import ProsimosImport, read_prosimos

START = datetime(2026, 1, 12, 9, tzinfo=UTC)

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
 <process id="p">
  <startEvent id="begin"/>
  <task id="t1" name="intake"/>
  <exclusiveGateway id="again"/>
  <task id="t2" name="check"/>
  <exclusiveGateway id="good"/>
  <intermediateCatchEvent id="timer" name="post"><timerEventDefinition/></intermediateCatchEvent>
  <parallelGateway id="both"/>
  <task id="t3" name="write"/>
  <task id="t4" name="file"/>
  <parallelGateway id="joined"/>
  <endEvent id="end"/>
  <sequenceFlow id="f0" sourceRef="begin" targetRef="t1"/>
  <sequenceFlow id="f1" sourceRef="t1" targetRef="again"/>
  <sequenceFlow id="f2" sourceRef="again" targetRef="t2"/>
  <sequenceFlow id="f3" sourceRef="t2" targetRef="good"/>
  <sequenceFlow id="f4" sourceRef="good" targetRef="again"/>
  <sequenceFlow id="f5" sourceRef="good" targetRef="timer"/>
  <sequenceFlow id="f6" sourceRef="timer" targetRef="both"/>
  <sequenceFlow id="f7" sourceRef="both" targetRef="t3"/>
  <sequenceFlow id="f8" sourceRef="both" targetRef="t4"/>
  <sequenceFlow id="f9" sourceRef="t3" targetRef="joined"/>
  <sequenceFlow id="f10" sourceRef="t4" targetRef="joined"/>
  <sequenceFlow id="f11" sourceRef="joined" targetRef="end"/>
 </process>
</definitions>
"""


def law(name, *values):
    return {"distribution_name": name, "distribution_params": [{"value": value} for value in values]}


def period(first="MONDAY", last="FRIDAY", begin="09:00:00.000", end="17:00:00.000"):
    return {"from": first, "to": last, "beginTime": begin, "endTime": end}


def resource(name, amount=1):
    return {"id": name, "name": name.title(), "cost_per_hour": "12.5", "amount": amount, "calendar": "week"}


PARAMETERS = {
    "resource_profiles": [
        {"id": "p1", "name": "Clerks", "resource_list": [resource("ann"), resource("bob")]},
        {"id": "p2", "name": "Office", "resource_list": [resource("typist", "3")]},
    ],
    "arrival_time_distribution": law("expon", 1800, 0, 7200),
    "arrival_time_calendar": [period(begin="09:00:00.646", end="17:00:00.718")],
    "gateway_branching_probabilities": [
        {
            "gateway_id": "good",
            "probabilities": [{"path_id": "f4", "value": "0.25"}, {"path_id": "f5", "value": ".75"}],
        }
    ],
    "task_resource_distribution": [
        {"task_id": "t1", "resources": [{"resource_id": "ann"} | law("fix", 600)]},
        {
            "task_id": "t2",
            "resources": [
                {"resource_id": "ann"} | law("norm", 900, 90, 600, 1200),
                {"resource_id": "bob"} | law("uniform", 300, 900),
            ],
        },
        {"task_id": "t3", "resources": [{"resource_id": "typist"} | law("lognorm", 900, 10000, 0, 5000)]},
        {"task_id": "t4", "resources": [{"resource_id": "typist"} | law("gamma", 900, 10000, 100, 5000)]},
    ],
    "resource_calendars": [{"id": "week", "name": "Mon-Fri", "time_periods": [period()]}],
    "event_distribution": [{"event_id": "timer"} | law("expon", 9400, 9000, 14400)],
}


def parameters(**sections):
    """The parameters with other sections, or with `None` without them."""
    changed = copy.deepcopy(PARAMETERS) | sections
    return {key: value for key, value in changed.items() if value is not None}


def imported(folder: Path, *, bpmn: str = BPMN, content: object = None, **options) -> ProsimosImport:
    """Write the two files and read the model."""
    (folder / "small.bpmn").write_text(bpmn, encoding="utf-8")
    (folder / "small.json").write_text(json.dumps(parameters() if content is None else content), encoding="utf-8")
    return read_prosimos(folder / "small.bpmn", folder / "small.json", **({"start_at": START} | options))
