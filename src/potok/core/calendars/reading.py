"""Calendars by name and from TOML."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from potok.core.calendars.calendar import Calendar
from potok.core.calendars.errors import BrokenCalendarError, UnknownCalendarError
from potok.core.calendars.rules import CalendarRules, Transfer, YearlyHoliday, check_consistent, make_calendar
from potok.core.calendars.russia import russian_rules
from potok.core.calendars.spans import MINUTES_A_DAY, Span, Spans, check_spans
from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable, read_toml

SCHEMA: Final = "potok.calendar/1"
SHIPPED: Final = Path(__file__).parent / "shipped"
FEDERAL: Final = "ru"
ALWAYS_OPEN: Final = "around-the-clock"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
_SPAN: Final = re.compile(r"\s*(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\s*")
_MOST_EXTENSIONS: Final = 8


def list_calendars() -> tuple[str, ...]:
    """List the names of the calendars that come with Potok."""
    return (FEDERAL, ALWAYS_OPEN, *sorted(path.stem for path in SHIPPED.glob("*.toml")))


def load_calendar(path_or_name: str | Path, *, zone: str | None = None) -> Calendar:
    """Load a calendar by its name, or by the path of its TOML file.

    Parameters
    ----------
    path_or_name
        A name of `list_calendars`, the path of a file that ends in ``.toml``, or either with a zone after ``@``, such
        as ``ru@Asia/Yakutsk``.
    zone
        Time zone to use instead of the calendar's own.

    Raises
    ------
    UnknownCalendarError
        If there is no such calendar.
    BrokenCalendarError
        If the file does not describe a calendar (see its subclasses).
    """
    name, named_zone = str(path_or_name), ""
    # A folder's name may hold an @ too.
    if not name.endswith(".toml"):
        name, _separator, named_zone = name.partition("@") if ".toml@" not in name else name.rpartition("@")
    title = Path(name).stem if name.endswith(".toml") else name
    rules = _load_rules(name, folder=Path(), depth=0)
    chosen = zone or named_zone
    return make_calendar(title, replace(rules, zone=chosen) if chosen else rules)


def calendar_from_mapping(
    content: Mapping[str, Any], *, file: str = "calendar", folder: Path | None = None
) -> Calendar:
    """Make a calendar from the content of a TOML document.

    Parameters
    ----------
    content
        What the document holds.
    file
        What errors call it.
    folder
        Where the files lie that `extends` may name; the current one by default.

    Raises
    ------
    BrokenCalendarError
        If it does not describe a calendar (see its subclasses).
    """
    rules = _read_rules(content, file=file, folder=folder or Path(), depth=0)
    return make_calendar(str(content.get("name", Path(file).stem)), rules)


def _load_rules(name: str, *, folder: Path, depth: int) -> CalendarRules:
    if name == FEDERAL:
        return russian_rules()
    if name == ALWAYS_OPEN:
        return CalendarRules("UTC", (((0, MINUTES_A_DAY),),) * 7, FIRST_YEAR, LAST_YEAR)
    path = folder / name if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    if not path.is_file() or (not name.endswith(".toml") and name not in list_calendars()):
        raise UnknownCalendarError(
            _("There is no calendar “{name}”.").format(name=name),
            where=name,
            remedy=_("Calendars that come with Potok: {names}. Or give the path of a file that ends in .toml.").format(
                names=", ".join(list_calendars())
            ),
        )
    return _read_rules(read_toml(path, BrokenCalendarError), file=str(path), folder=path.parent, depth=depth)


def _read_rules(content: Mapping[str, Any], *, file: str, folder: Path, depth: int) -> CalendarRules:
    table = TomlTable(content, file=file, place="", error=BrokenCalendarError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    table.text("name", Path(file).stem)
    table.text("note", "")
    rules = _change_rules(_extended(table, folder, depth), table)
    table.finish()
    check_consistent(rules, file)
    return rules


def _extended(table: TomlTable, folder: Path, depth: int) -> CalendarRules:
    """Return the rules to start from: those of the calendar extended, or an empty week."""
    extended = table.text("extends", "")
    if not extended:
        return CalendarRules(
            zone=table.text("zone"),
            weekly=_read_week(table),
            first_year=table.integer("first_year", least=FIRST_YEAR, most=LAST_YEAR),
            last_year=table.integer("last_year", least=FIRST_YEAR, most=LAST_YEAR),
        )
    if depth >= _MOST_EXTENSIONS:
        raise table.failure(
            "extends",
            _("Calendars extend each other in a circle, or more than {most} deep.").format(most=_MOST_EXTENSIONS),
            _("Let one of them stand alone."),
        )
    return _load_rules(extended, folder=folder, depth=depth + 1)


def _change_rules(base: CalendarRules, table: TomlTable) -> CalendarRules:
    hours = _read_hours(table, base.weekly if not table.has("weekly") else _read_week(table))
    holidays, days_off = frozenset(_read_days(table, "holidays")), frozenset(_read_days(table, "days_off"))
    opened = {day for day, spans in hours.items() if spans}
    changed = replace(
        base,
        zone=table.text("zone", base.zone),
        weekly=_read_week(table) if table.has("weekly") else base.weekly,
        first_year=table.integer("first_year", least=FIRST_YEAR, most=LAST_YEAR, default=base.first_year),
        last_year=table.integer("last_year", least=FIRST_YEAR, most=LAST_YEAR, default=base.last_year),
        shortens_eves=table.boolean("shorten_eves", base.shortens_eves),
        shorter_by_minutes=table.integer(
            "shorter_by_minutes", least=1, most=MINUTES_A_DAY, default=base.shorter_by_minutes
        ),
        # A day opened here is opened even if the calendar extended has it off, and the other way round.
        holidays=(base.holidays - opened) | holidays,
        days_off=(base.days_off - opened) | days_off,
        transfers=tuple(move for move in base.transfers if move.to_day not in opened) + _read_transfers(table),
        yearly=base.yearly + tuple(map(_read_yearly, table.tables("yearly_holidays"))),
        short_days=(base.short_days - holidays - days_off) | frozenset(_read_days(table, "short_days")),
        hours={day: spans for day, spans in base.hours.items() if day not in holidays | days_off} | hours,
    )
    _check_years(changed, base, table)
    return changed


def _check_years(changed: CalendarRules, base: CalendarRules, table: TomlTable) -> None:
    if changed.first_year > changed.last_year:
        raise table.wrong_value(
            "last_year", changed.last_year, _("a year no earlier than {first}").format(first=changed.first_year)
        )
    new_years = {*range(changed.first_year, changed.last_year + 1)} - {*range(base.first_year, base.last_year + 1)}
    described = {day.year for day in changed.holidays}
    for year in sorted(new_years - described):
        raise table.failure(
            "first_year" if year < base.first_year else "last_year",
            _(
                "The year {year} is said to be covered, but it has no holidays here and the calendar extended ends "
                "at {last}."
            ).format(year=year, last=base.last_year),
            _("List that year's holidays, or do not cover it."),
        )


def _read_week(table: TomlTable) -> tuple[Spans, ...]:
    week = table.table("weekly")
    hours = tuple(_read_spans(week, weekday) for weekday in WEEKDAYS)
    week.finish()
    return hours


def _read_spans(table: TomlTable, key: str) -> Spans:
    written = table.texts(key, []) if table.value(key, (str, list), _("working hours"), []) else ()
    return check_spans((_parse_span(table, key, text) for text in written), table.where(key))


def _parse_span(table: TomlTable, key: str, written: str) -> Span:
    match = _SPAN.fullmatch(written)
    numbers = [int(number) for number in match.groups()] if match else []
    if not numbers or numbers[1] >= 60 or numbers[3] >= 60:
        raise table.wrong_value(key, written, _('working hours such as ["09:00-13:00", "14:00-18:00"]'))
    return numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]


def _read_days(table: TomlTable, key: str) -> Iterator[date]:
    """Yield the days of a list of dates and of periods ``{ from = …, to = … }``, last day included."""
    expected = _("dates without quotation marks, such as [2025-05-02, { from = 2025-01-01, to = 2025-01-08 }]")
    for entry in table.value(key, list, expected, []):
        if type(entry) is date:
            yield entry
        elif (
            isinstance(entry, dict)
            and set(entry) == {"from", "to"}
            and all(type(day) is date for day in entry.values())
        ):
            if not 0 <= (entry["to"] - entry["from"]).days <= 366:
                raise table.wrong_value(key, entry, _("a period of at most a year that does not run backwards"))
            yield from (entry["from"] + timedelta(n) for n in range((entry["to"] - entry["from"]).days + 1))
        else:
            raise table.wrong_value(key, entry, expected)


def _read_hours(table: TomlTable, weekly: tuple[Spans, ...]) -> dict[date, Spans]:
    """Read the hours of single days: spans, or the name of the weekday whose hours they take."""
    hours = table.table("hours")
    found = {}
    for key in hours.keys():  # noqa: SIM118 - a TomlTable is no mapping
        try:
            day = date.fromisoformat(key)
        except ValueError as error:
            raise hours.wrong_value(key, key, _("a date as the key, such as 2025-11-01")) from error
        like = hours.value(key, (str, list), _("working hours or a weekday's name"))
        found[day] = weekly[WEEKDAYS.index(like)] if like in WEEKDAYS else _read_spans(hours, key)
    hours.finish()
    return found


def _read_transfers(table: TomlTable) -> tuple[Transfer, ...]:
    transfers = []
    for entry in table.tables("transfers"):
        expected = _("a date without quotation marks, such as 2025-11-01")
        moved = Transfer(entry.value("from", date, expected), entry.value("to", date, expected))
        entry.finish()
        if moved.from_day == moved.to_day:
            raise entry.wrong_value("to", moved.to_day.isoformat(), _("another day than the one moved from"))
        transfers.append(moved)
    return tuple(transfers)


def _read_yearly(entry: TomlTable) -> YearlyHoliday:
    month = entry.integer("month", least=1, most=12)
    holiday = YearlyHoliday(
        month=month,
        day=entry.integer("day", least=1, most=_days_of_month(month)),
        first_year=entry.integer("first_year", least=FIRST_YEAR, most=LAST_YEAR, default=FIRST_YEAR),
        moves_on=entry.boolean("moves_on", default=False),
    )
    entry.text("title", "")
    entry.finish()
    return holiday


def _days_of_month(month: int) -> int:
    # A leap year, so that 29 February can be named.
    return (date(2000 + month // 12, month % 12 + 1, 1) - date(2000, month, 1)).days
