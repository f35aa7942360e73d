"""The calendars of an agency's departments: one for all, and those of departments that differ."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from potok.core.calendars.calendar import Calendar
from potok.core.calendars.errors import BrokenCalendarError, UnknownCalendarUnitsError
from potok.core.calendars.reading import calendar_from_mapping, load_calendar
from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.core.toml_reading import TomlTable, read_toml

SCHEMA: Final = "potok.calendar-set/1"


@dataclass(frozen=True, slots=True)
class CalendarSet:
    """Which calendar holds where.

    Parameters
    ----------
    default
        The calendar of cases as a whole and of every department that has none of its own.
    by_unit
        Calendars of departments, by label.
    """

    default: Calendar
    by_unit: Mapping[str, Calendar] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_unit", MappingProxyType(dict(self.by_unit)))

    def __reduce__(self) -> tuple[type["CalendarSet"], tuple[Calendar, dict[str, Calendar]]]:
        # A read-only view of a mapping cannot be pickled or copied.
        return CalendarSet, (self.default, dict(self.by_unit))

    @property
    def calendar_id(self) -> str:
        """SHA-256 over the calendars and the departments that have their own; that of the default if none has."""
        if not self.by_unit:
            return self.default.calendar_id
        own = {unit: calendar.calendar_id for unit, calendar in self.by_unit.items()}
        text = json.dumps([self.default.calendar_id, own], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def calendar_of(self, org_unit: str | None) -> Calendar:
        """Return the calendar of a department; the default for None and for departments without their own."""
        return self.default if org_unit is None else self.by_unit.get(org_unit, self.default)

    def calendars(self) -> tuple[Calendar, ...]:
        """Return the different calendars, the default first."""
        different = {calendar.calendar_id: calendar for calendar in (self.default, *self.by_unit.values())}
        return tuple(different.values())

    def check_units(self, labels: Collection[str]) -> None:
        """Check that every department with a calendar of its own occurs in a log.

        Raises
        ------
        UnknownCalendarUnitsError
            If some do not.
        """
        missing = sorted(set(self.by_unit) - set(labels))
        if missing:
            raise UnknownCalendarUnitsError(
                ngettext(
                    "{count} department has a calendar but does not occur in the log: {names}.",
                    "{count} departments have a calendar but do not occur in the log: {names}.",
                    len(missing),
                ).format(count=len(missing), names=", ".join(quoted(name) for name in missing)),
                remedy=_("Write the departments as the log has them: {names}.").format(
                    names=", ".join(quoted(label) for label in sorted(labels)[:20])
                ),
            )


def load_calendar_set(path_or_name: str | Path, *, zone: str | None = None) -> CalendarSet:
    """Load a set from its TOML file; the name or file of a single calendar makes a set with that one only.

    Parameters
    ----------
    path_or_name
        What `load_calendar` takes, or the path of a TOML file with ``schema = "potok.calendar-set/1"``, a ``default``
        and a table ``[units]``: label of the department = name or path of its calendar (paths from the file's folder).
    zone
        Zone for a single calendar; a set names its own.

    Raises
    ------
    UnknownCalendarError
        If a calendar does not exist.
    BrokenCalendarError
        If a file does not describe what it should (see its subclasses).
    """
    path = Path(path_or_name)
    content = read_toml(path, BrokenCalendarError) if path.suffix == ".toml" and path.is_file() else {}
    if content.get("schema") != SCHEMA:
        return CalendarSet(load_calendar(path_or_name, zone=zone))
    table = TomlTable(content, file=str(path), place="", error=BrokenCalendarError)
    table.text("schema")
    table.text("name", "")
    table.text("note", "")
    default = _load(table, "default", path.parent)
    units = table.table("units")
    by_unit = {label: _load(units, label, path.parent) for label in units.keys()}  # noqa: SIM118 - it is no mapping
    table.finish()
    return CalendarSet(default, by_unit)


def _load(table: TomlTable, key: str, folder: Path) -> Calendar:
    expected = _("the name of a calendar, the path of its file or a table that describes one")
    given: Any = table.value(key, (str, dict), expected)
    if isinstance(given, dict):
        return calendar_from_mapping({"name": key, **given}, file=table.where(key), folder=folder)
    name, separator, zone = given.partition("@")
    located = str(folder / name) if name.endswith(".toml") else name
    return load_calendar(f"{located}{separator}{zone}")
