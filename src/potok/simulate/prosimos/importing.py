"""Models of Prosimos, read from their BPMN and JSON files.

What a model here cannot hold is refused or listed, never dropped in silence. Prosimos lets work pause over closing
time, serves first come first served (by priority where rules give one) and draws the time between arrivals on the wall
clock, putting off what falls into closed time; the model says the same.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.core.regulations import Term
from potok.core.toml_reading import TomlTable
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    Batching,
    Discipline,
    Distribution,
    DistributionKind,
    GraphRouting,
    ModelActivity,
    ProcessModel,
    check_model,
    fixed,
)
from potok.simulate.prosimos.batches import read_batching
from potok.simulate.prosimos.calendars import WeekReader, weekly_calendar
from potok.simulate.prosimos.case_types import CaseTypes, read_case_types
from potok.simulate.prosimos.distributions import read_prosimos_distribution
from potok.simulate.prosimos.errors import BrokenProsimosError
from potok.simulate.prosimos.graphs import ProsimosGraph, make_graph, read_graph, read_shares
from potok.simulate.prosimos.resources import Durations, read_durations, read_pools, read_weeks
from potok.simulate.prosimos.values import read_bytes

ARRIVAL_CALENDAR: Final = "arrivals"
_TAKEN: Final = frozenset(
    {
        "resource_profiles",
        "resource_calendars",
        "task_resource_distribution",
        "arrival_time_distribution",
        "arrival_time_calendar",
        "gateway_branching_probabilities",
        "event_distribution",
        "batch_processing",
        "case_attributes",
        "prioritisation_rules",
    }
)
_CHANGES_RESULTS: Final = ("multitasking", "branch_rules", "messaging")
_ALWAYS: Final = (((0, 1440),),) * 7


@dataclass(frozen=True, slots=True)
class ProsimosImport:
    """A model from Prosimos, and what was not taken over word by word, as sentences."""

    model: ProcessModel
    notes: tuple[str, ...]


def import_prosimos(
    bpmn_path: str | Path,
    json_path: str | Path,
    *,
    start_at: datetime,
    zone: str = "UTC",
    term: Term | None = None,
    term_calendar: str = "",
) -> ProcessModel:
    """Read a model of Prosimos; see `read_prosimos`, which also tells what was not taken over word by word."""
    return read_prosimos(
        bpmn_path, json_path, start_at=start_at, zone=zone, term=term, term_calendar=term_calendar
    ).model


def read_prosimos(
    bpmn_path: str | Path,
    json_path: str | Path,
    *,
    start_at: datetime,
    zone: str = "UTC",
    term: Term | None = None,
    term_calendar: str = "",
) -> ProsimosImport:
    """Read a model of Prosimos.

    Parameters
    ----------
    bpmn_path, json_path
        Its two files, each compressed with gzip if its name ends in ``.gz``.
    start_at
        When the first case may arrive; time-zone aware.
    zone
        Whose clock the calendars show; Prosimos knows none.
    term, term_calendar
        A time limit, which Prosimos does not know, and the calendar that counts its days.

    Raises
    ------
    BrokenProsimosError
        If a file cannot be read, or holds what cannot be simulated here.
    BrokenBpmnError
        If the first file is no BPMN of one process.
    BrokenModelError
        If the files contradict themselves.
    """
    bpmn_file, file = str(bpmn_path), str(json_path)
    bpmn = read_graph(read_bytes(Path(bpmn_path)), file=bpmn_file)
    table = TomlTable(_read_json(Path(json_path)), file=file, place="", error=BrokenProsimosError)
    model, notes = _Importer(bpmn, table, file).make(start_at=start_at, zone=zone, name=_stem(Path(bpmn_path)))
    if term:
        model = replace(model, term=term, term_calendar=term_calendar)
    check_model(model, file=file)
    return ProsimosImport(model, notes)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".bpmn")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_bytes(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as failure:
        raise BrokenProsimosError(
            _("The file {path} cannot be read: {reason}.").format(path=path, reason=failure),
            where=str(path),
            remedy=_("Give the JSON file of a Prosimos model."),
        ) from failure
    if isinstance(content, dict):
        return content
    raise BrokenProsimosError(
        _("The file {path} cannot be read: {reason}.").format(path=path, reason=_("it holds no object")),
        where=str(path),
        remedy=_("Give the JSON file of a Prosimos model."),
    )


class _Importer:
    def __init__(self, bpmn: ProsimosGraph, table: TomlTable, file: str) -> None:
        self.bpmn = bpmn
        self.table = table
        self.file = file
        self.notes: list[str] = []

    def make(self, *, start_at: datetime, zone: str, name: str) -> tuple[ProcessModel, tuple[str, ...]]:
        """Make the model."""
        self._check_sections()
        reader = WeekReader()
        weeks = read_weeks(self.table, reader)
        durations = read_durations(self.table)
        batches = self._batches()
        types = read_case_types(self.table)
        names = self._activity_names(durations, batches)
        activities = self._activities(names, durations, batches, types)
        usual = {activity.name: activity.duration for activity in activities}
        shares = read_shares(self.table, self.bpmn)
        nodes, flows = make_graph(self.bpmn, shares, names, file=self.file)
        first_year = start_at.year - 1
        calendars = {
            weeks.names[key]: weekly_calendar(weeks.names[key], zone, week, first_year=first_year)
            for key, week in weeks.hours.items()
        }
        arrivals = self._arrivals(start_at, reader, calendars, zone)
        self._note_rest(reader, types, shares.completed)
        model = ProcessModel(
            name=name,
            zone=zone,
            arrivals=arrivals,
            case_types=types.types,
            routing=GraphRouting(nodes, flows),
            activities=activities,
            pools=read_pools(self.table, durations=durations, activities=names, usual=usual, weeks=weeks),
            calendars=calendars,
        )
        return model, tuple(self.notes)

    def _check_sections(self) -> None:
        for section in self.table.keys():  # noqa: SIM118 - a TomlTable is no mapping
            content = self.table.value(section, object, "")
            if section in _TAKEN or not content:
                continue
            if section in _CHANGES_RESULTS or (section == "model_type" and str(content).upper() == "FUZZY"):
                raise self.table.failure(
                    section,
                    _("The section “{section}” cannot be simulated here.").format(section=section),
                    _("Take it out of the model if it may be left aside."),
                )
            self.notes.append(_("The section {section} was not taken over.").format(section=quoted(section)))

    def _batches(self) -> dict[str, Batching]:
        found = {entry.text("task_id"): read_batching(entry) for entry in self.table.tables("batch_processing")}
        return {task: batching for task, batching in found.items() if batching}

    def _activity_names(self, durations: Durations, batches: dict[str, Batching]) -> dict[str, str]:
        """Return the activity of each task and event; tasks of one name are one activity if they are alike."""
        names: dict[str, str] = {}
        seen: dict[str, object] = {}
        for identifier, element in self.bpmn.graph.elements.items():
            if element.kind is ElementKind.TASK:
                if not durations.get(identifier):
                    raise self.table.failure(
                        "task_resource_distribution",
                        _("Nobody does the task {name}.").format(name=quoted(element.name)),
                        _("Add the task with its resources."),
                    )
                own = (durations[identifier], batches.get(identifier))
                is_known = seen.setdefault(element.name, own) == own
                names[identifier] = element.name if is_known else f"{element.name} ({identifier})"
                if not is_known:
                    self.notes.append(
                        _("Two tasks called {name} differ, so one of them is called {other}.").format(
                            name=quoted(element.name), other=quoted(names[identifier])
                        )
                    )
        for identifier, element in self.bpmn.graph.elements.items():
            if element.kind is ElementKind.EVENT:
                is_free = element.name and element.name not in names.values()
                names[identifier] = element.name if is_free else identifier
        return names

    def _activities(
        self, names: dict[str, str], durations: Durations, batches: dict[str, Batching], types: CaseTypes
    ) -> tuple[ModelActivity, ...]:
        timers = {
            entry.text("event_id"): read_prosimos_distribution(entry)
            for entry in self.table.tables("event_distribution")
        }
        found: dict[str, ModelActivity] = {}
        for identifier, name in names.items():
            if self.bpmn.graph.elements[identifier].kind is ElementKind.EVENT:
                found.setdefault(name, self._timer(name, timers.get(identifier)))
                continue
            activity = ModelActivity(
                name,
                next(iter(durations[identifier].values())),
                batching=batches.get(identifier),
                discipline=Discipline.PRIORITY if types.are_prioritised else Discipline.FIFO,
            )
            found.setdefault(name, activity)
        return tuple(found.values())

    def _timer(self, name: str, duration: Distribution | None) -> ModelActivity:
        if duration is None:
            self.notes.append(_("The event {name} has no duration and takes no time.").format(name=quoted(name)))
        return ModelActivity(name, duration or fixed(0.0), is_automatic=True, is_logged=False)

    def _arrivals(self, start_at: datetime, reader: WeekReader, calendars: dict[str, Calendar], zone: str) -> Arrivals:
        self.table.value("arrival_time_distribution", dict, _("a distribution"))
        between = read_prosimos_distribution(self.table.table("arrival_time_distribution"))
        if not self.table.has("arrival_time_calendar"):
            raise self.table.failure(
                "arrival_time_calendar",
                _("It is not said when cases may arrive."),
                _("Add arrival_time_calendar, with the hours of those who do the first tasks."),
            )
        is_fixed = between.kind is DistributionKind.FIXED
        week = reader.read(self.table.tables("arrival_time_calendar"), widened=is_fixed)
        if week == _ALWAYS:
            return Arrivals(ArrivalKind.RENEWAL, start_at, inter_arrival=between)
        name = ARRIVAL_CALENDAR
        while name in calendars:
            name += "_"
        calendars[name] = weekly_calendar(name, zone, week, first_year=start_at.year - 1)
        return Arrivals(ArrivalKind.RENEWAL, start_at, inter_arrival=between, calendar=name, is_put_off=True)

    def _note_rest(self, reader: WeekReader, types: CaseTypes, completed: tuple[str, ...]) -> None:
        if reader.rounded:
            self.notes.append(_("{count} times of calendars were rounded to minutes.").format(count=reader.rounded))
        for name in types.left_out:
            self.notes.append(
                _("The attribute {name} is a number that nothing depends on; it was left out.").format(
                    name=quoted(name)
                )
            )
        for gateway in completed:
            self.notes.append(
                _("Some flows out of the gateway {id} had no share; they were given equal ones.").format(
                    id=quoted(gateway)
                )
            )
