"""Calendars and the term in a document."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from potok.core.calendars import Calendar, Spans, calendar_from_mapping, load_calendar
from potok.core.calendars.reading import WEEKDAYS
from potok.core.calendars.spans import write_span
from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.core.regulations import CLOSING, OPENING, Term, regulation_from_mapping
from potok.core.toml_reading import TomlTable
from potok.simulate.model.documents.taking import Mapped, without_defaults
from potok.simulate.model.errors import BrokenModelError

_LISTS_OF_DAYS = ("holidays", "days_off", "short_days")


def read_calendars(table: TomlTable, *, zone: str, folder: Path | None) -> dict[str, Calendar]:
    """Read the calendars by their names: each a table as in a calendar's file, or the name of one.

    Parameters
    ----------
    zone
        Of calendars that name none.
    folder
        Where files lie that are named by a relative path.
    """
    return {name: _read_calendar(table, name, zone=zone, folder=folder) for name in table.keys()}  # noqa: SIM118


def _read_calendar(table: TomlTable, name: str, *, zone: str, folder: Path | None) -> Calendar:
    found = table.value(name, (dict, str), _("a calendar's table, or the name of a calendar"))
    try:
        if isinstance(found, str):
            path = str(folder / found) if folder and found.endswith(".toml") else found
            return load_calendar(path)
        base = {"name": name} if "extends" in found else {"name": name, "zone": zone}
        return calendar_from_mapping(base | _with_dates(found), file=table.where(name), folder=folder)
    except PotokError as failure:
        where = failure.where if table.where() in failure.where else f"{table.where(name)}: {failure.where}"
        raise BrokenModelError(failure.message, where=where, remedy=failure.remedy) from failure


def _with_dates(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with days as dates, which JSON can only write as texts."""
    dated = {
        key: [_dated(entry) for entry in value] if key in _LISTS_OF_DAYS and isinstance(value, list) else value
        for key, value in content.items()
    }
    if isinstance(content.get("transfers"), list):
        dated["transfers"] = [_dated(entry) for entry in content["transfers"]]
    return dated


def _dated(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {key: _dated(value) for key, value in entry.items()}
    try:
        return date.fromisoformat(entry) if isinstance(entry, str) else entry
    except ValueError:
        return entry


def calendar_as_mapping(calendar: Calendar, name: str) -> Mapped:
    """Write a calendar as it stands under a name in a model."""
    values: Mapped = {
        "name": calendar.name,
        "zone": calendar.zone,
        "first_year": calendar.first_year,
        "last_year": calendar.last_year,
        "weekly": {weekday: _written(spans) for weekday, spans in zip(WEEKDAYS, calendar.weekly, strict=True) if spans},
        "days_off": [day.isoformat() for day, spans in calendar.days.items() if not spans],
        "hours": {day.isoformat(): _written(spans) for day, spans in calendar.days.items() if spans},
    }
    return without_defaults(values, {"name": name, "days_off": [], "hours": {}})


def _written(spans: Spans) -> list[str]:
    return list(map(write_span, spans))


def read_term(table: TomlTable, content: Mapping[str, Any], file: str) -> Term | None:
    """Read the term, as in a regulation; None if there is none.

    Parameters
    ----------
    table, content
        The whole document.
    file
        What errors call it.
    """
    table.value("term", dict, _("a table"), {})
    if not table.has("term"):
        return None
    term = {"name": _("term")} | content["term"]
    try:
        regulation = regulation_from_mapping({"service": "-", "act": "-", "terms": [term]}, file=file)
    except PotokError as failure:
        where = failure.where.replace("terms[1]", "term")
        raise BrokenModelError(failure.message, where=where, remedy=failure.remedy) from failure
    return regulation.terms[0]


def term_as_mapping(term: Term) -> Mapped:
    """Write a term as a regulation does."""
    extension: Mapped = {}
    if term.extension:
        extension = {"activity": term.extension.activity, "amount": term.extension.amount} | _article(
            term.extension.article
        )
    values: Mapped = {
        "name": term.name,
        "amount": term.amount,
        "unit": str(term.unit),
        "counted_from": str(term.counted_from),
        "starts": term.starts,
        "ends": list(term.ends),
        "clock_stops": [
            {"from": stop.from_activity, "to": stop.to_activity} | _article(stop.article) for stop in term.clock_stops
        ],
        "extension": extension,
        "rolls_over": str(term.rolls_over),
        "warn_before": term.warn_before,
        "article": term.article,
    }
    defaults: Mapped = {
        "starts": OPENING,
        "ends": [CLOSING],
        "clock_stops": [],
        "extension": {},
        "warn_before": 0,
        "article": "",
    }
    return without_defaults(values, defaults)


def _article(article: str) -> Mapped:
    return {"article": article} if article else {}
