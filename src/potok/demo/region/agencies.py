"""The agencies of the made-up region: their documents, and the models these make."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any, Final

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, MINUTE_US
from potok.demo.region.blocks import Exit, GraphWriter
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    Batching,
    CaseType,
    Distribution,
    DistributionKind,
    GraphRouting,
    ModelActivity,
    ModelPool,
    Person,
    ProcessModel,
)

AGENCIES: Final = ("social", "construction", "nature", "property", "health", "transport")
CALENDAR: Final = "служебный день"
SUBMISSION: Final = "Подача заявления"
APPLICANT: Final = "Заявитель"
SYSTEM: Final = "Информационная система"
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORKDAYS: Final = 5
_HOURS: Final = (0.2,) * 8 + (1.0,) + (6.0,) * 9 + (2.0,) * 4 + (0.6,) * 2
_WEEKEND_WEIGHT: Final = 0.08
_MONTHS: Final = (0.85, 1.0, 1.08, 1.08, 0.95, 1.0, 0.9, 0.9, 1.05, 1.08, 1.06, 1.05)
_GROWTH: Final = 0.03
_DISPERSION: Final = 0.03
_HOLIDAY: Final = 0.15
_SECONDS_A_MINUTE: Final = MINUTE_US / 1e6
_SECONDS_A_DAY: Final = DAY_US / 1e6


@dataclass(frozen=True, slots=True)
class Waste:
    """Something superfluous that was put into an agency's process.

    Parameters
    ----------
    kind
        ``inert_approval``, ``friday_batch``, ``rekeying``, ``missing_documents`` or ``ping_pong``.
    activity
        Each of its instances is one of the waste.
    """

    kind: str
    activity: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service.

    Parameters
    ----------
    name
        As in the log.
    channels
        Share of its cases by channel, 0–1.
    per_working_day
        Cases on an average working day.
    term_working_days
        Within which it has to be done.
    """

    name: str
    channels: Mapping[str, float]
    per_working_day: float
    term_working_days: int

    def case_types(self) -> dict[str, str]:
        """Return the names of its case types by channel."""
        return {channel: f"{self.name} · {channel}" for channel in self.channels}


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency.

    Parameters
    ----------
    key, name
        Name of its document, and its own.
    services, wastes
        In the order of the document.
    unit_of
        The department, or the other agency, that does each activity; `SYSTEM` and `APPLICANT` do the others.
    document
        All that the document holds.
    """

    key: str
    name: str
    services: tuple[Service, ...]
    wastes: tuple[Waste, ...]
    unit_of: Mapping[str, str]
    document: Mapping[str, Any]


@cache
def load_agency(key: str) -> Agency:
    """Load an agency of the region by the name of its document."""
    text = files("potok.demo.region").joinpath("agencies", f"{key}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    services = tuple(
        Service(one["name"], one["channels"], float(one["per_working_day"]), int(one["term"]["amount"]))
        for one in document["services"]
    )
    wastes = tuple(Waste(one["kind"], one["activity"]) for one in document["wastes"])
    return Agency(key, document["name"], services, wastes, _units(document), document)


def make_model(agency: Agency, *, calendar: Calendar, start_at: datetime, scale: float = 1.0) -> ProcessModel:
    """Make the model of an agency.

    Parameters
    ----------
    calendar
        When its people work.
    start_at
        From when it speaks.
    scale
        Factor of arrivals and of staff; at least one person stays in every department.
    """
    return ProcessModel(
        name=agency.name,
        zone=calendar.zone,
        arrivals=_arrivals(agency, calendar, start_at, scale),
        case_types=tuple(_case_types(agency)),
        routing=_routing(agency),
        activities=(
            ModelActivity(SUBMISSION, Distribution(DistributionKind.FIXED), is_automatic=True),
            *(_activity(name, about, agency) for name, about in agency.document["activities"].items()),
        ),
        pools=tuple(
            ModelPool(unit, tuple(about["does"]), tuple(_people(agency, unit, about["people"], scale)), CALENDAR)
            for unit, about in agency.document["units"].items()
            if "people" in about
        ),
        calendars={CALENDAR: calendar},
    )


def _units(document: Mapping[str, Any]) -> dict[str, str]:
    known = {activity: unit for unit, about in document["units"].items() for activity in about["does"]}
    of_applicants = {name for name, about in document["activities"].items() if "days" in about}
    named = {name: known.get(name, APPLICANT if name in of_applicants else SYSTEM) for name in document["activities"]}
    return {SUBMISSION: APPLICANT} | named


def _case_types(agency: Agency) -> Iterator[CaseType]:
    total = sum(service.per_working_day for service in agency.services)
    for service in agency.services:
        for channel, name in service.case_types().items():
            share = service.per_working_day / total * service.channels[channel]
            yield CaseType(name, share, {"service": service.name, "channel": channel})


def _routing(agency: Agency) -> GraphRouting:
    writer = GraphWriter()
    split = writer.add_node(ElementKind.EXCLUSIVE, [writer.add_node(ElementKind.START, [])]).source
    every = [case_type.name for case_type in _case_types(agency)]
    ends = []
    for service, content in zip(agency.services, agency.document["services"], strict=True):
        own = service.case_types()
        shares = tuple((name, float(name in own.values())) for name in every)
        entry = Exit(split, 1.0 / len(agency.services), shares)
        ends.append(writer.add_service([{"step": SUBMISSION}, *content["flow"]], own, entry))
    writer.add_node(ElementKind.END, [writer.add_node(ElementKind.EXCLUSIVE, ends)])
    return writer.make_graph()


def _activity(name: str, about: Mapping[str, Any], agency: Agency) -> ModelActivity:
    done_by = {activity for unit in agency.document["units"].values() if "people" in unit for activity in unit["does"]}
    return ModelActivity(
        name,
        _duration(about),
        is_automatic=name not in done_by,
        pauses=True,
        batching=_batching(about.get("batch", "")),
    )


def _duration(about: Mapping[str, Any]) -> Distribution:
    unit = _SECONDS_A_DAY if "days" in about else _SECONDS_A_MINUTE
    mean = float(about.get("days", about.get("minutes", 0.0))) * unit
    deviation = float(about.get("sd_days", about.get("sd", 0.0))) * unit
    if not deviation:
        return Distribution(DistributionKind.FIXED, mean_seconds=mean)
    return Distribution(DistributionKind.LOGNORMAL, mean_seconds=mean, sd_seconds=deviation)


def _batching(written: str) -> Batching | None:
    if not written:
        return None
    weekday, _space, clock = written.partition(" ")
    hour, _colon, minute = clock.partition(":")
    return Batching(fires_at=((_WEEKDAYS.index(weekday), int(hour) * 60 + int(minute)),))


def _people(agency: Agency, unit: str, count: int, scale: float) -> Iterator[Person]:
    for number in range(1, ceil(count * scale) + 1):
        yield Person(f"{agency.document['short']}, {unit} {number}")


def _arrivals(agency: Agency, calendar: Calendar, start_at: datetime, scale: float) -> Arrivals:
    weights = [weight * (1.0 if weekday < _WORKDAYS else _WEEKEND_WEIGHT) for weekday in range(7) for weight in _HOURS]
    working = sum(weights[: 24 * _WORKDAYS]) / sum(weights)
    weekly = sum(service.per_working_day for service in agency.services) * _WORKDAYS / working
    return Arrivals(
        ArrivalKind.POISSON,
        start_at,
        per_day=weekly / 7.0 * scale,
        hour_of_week_shares=tuple(weight / sum(weights) for weight in weights),
        month_factors=tuple(month / (sum(_MONTHS) / 12.0) for month in _MONTHS),
        growth_per_year=_GROWTH,
        day_factors={day: _HOLIDAY for day, spans in calendar.days.items() if not spans and day.weekday() < _WORKDAYS},
        dispersion=_DISPERSION,
    )
