"""Of what kind a column of a sheet is, and its values as that kind.

Excel types cells, not columns. A column whose every cell is a date, a whole number, a number or a truth value keeps
that kind; any mixture becomes text, each value written in one way. Nothing is guessed from text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntFlag
from typing import Any, Final

import pyarrow as pa

from potok.log.sources.base import ColumnKind
from potok.log.sources.xlsx_header import is_filled

# Excel believes in 29 February 1900, so that earlier serial numbers mean two dates; they are placeholders anyway.
FIRST_SAFE_DATE: Final = date(1900, 3, 1)
LARGEST_EXACT_INTEGER: Final = 2**53


class CellKind(IntFlag):
    """Which kinds of value occur in a column."""

    NONE = 0
    TEXT = 1
    INTEGER = 2
    REAL = 4
    BOOLEAN = 8
    DATE = 16
    DATETIME = 32
    TIME = 64
    DURATION = 128


_KINDS: Final[dict[type, CellKind]] = {
    str: CellKind.TEXT,
    int: CellKind.INTEGER,
    float: CellKind.REAL,
    bool: CellKind.BOOLEAN,
    date: CellKind.DATE,
    datetime: CellKind.DATETIME,
    time: CellKind.TIME,
    timedelta: CellKind.DURATION,
}
_DATES: Final = CellKind.DATE | CellKind.DATETIME
_NUMBERS: Final = CellKind.INTEGER | CellKind.REAL


@dataclass(slots=True)
class ColumnProfile:
    """What was seen in one column so far.

    Parameters
    ----------
    kinds
        Kinds of its filled cells.
    early_dates
        Cells with a date before March 1900, taken as empty.
    times_alone
        Cells with a time of day without a date in a column of dates, taken as empty.
    """

    kinds: CellKind = field(default=CellKind.NONE)
    early_dates: int = 0
    times_alone: int = 0

    def look_at(self, values: Sequence[Any]) -> None:
        """Take in a piece of the column."""
        types = set(map(type, values))
        if float in types and _are_whole([value for value in values if type(value) is float]):
            types = (types - {float}) | {int}
        for seen in types - {date, datetime, str}:
            self.kinds |= _KINDS.get(seen, CellKind.NONE)
        if str in types and any(type(value) is str and value for value in values):
            self.kinds |= CellKind.TEXT
        if date in types or datetime in types:
            self._look_at_dates(values)
        if time in types:
            self.times_alone += sum(1 for value in values if type(value) is time)

    def _look_at_dates(self, values: Sequence[Any]) -> None:
        for value in values:
            if type(value) is date or type(value) is datetime:
                if _is_early(value):
                    self.early_dates += 1
                else:
                    self.kinds |= _KINDS[type(value)]

    @property
    def is_dates(self) -> bool:
        """Whether the column holds dates; times of day among them are placeholders."""
        return bool(self.kinds & _DATES) and not self.kinds & ~(_DATES | CellKind.TIME)

    @property
    def is_mixed(self) -> bool:
        """Whether kinds meet that only text can hold."""
        return self.kind is ColumnKind.TEXT and self.kinds.bit_count() > 1

    @property
    def kind(self) -> ColumnKind:
        """Kind of the staged column."""
        if self.is_dates:
            return ColumnKind.LOCAL_TIME
        if self.kinds and not self.kinds & ~_NUMBERS:
            return ColumnKind.REAL if self.kinds & CellKind.REAL else ColumnKind.INTEGER
        if self.kinds and not self.kinds & ~CellKind.BOOLEAN:
            return ColumnKind.BOOLEAN
        return ColumnKind.TEXT

    @property
    def arrow_type(self) -> Any:
        """Arrow type of the staged column; dates without any time of day stay dates."""
        match self.kind:
            case ColumnKind.LOCAL_TIME:
                return pa.timestamp("us") if self.kinds & CellKind.DATETIME else pa.date32()
            case ColumnKind.INTEGER:
                return pa.int64()
            case ColumnKind.REAL:
                return pa.float64()
            case ColumnKind.BOOLEAN:
                return pa.bool_()
            case _:
                return pa.string()


def as_array(values: Sequence[Any], profile: ColumnProfile) -> Any:
    """Return a piece of a column as an Arrow array of the column's type."""
    match profile.kind:
        case ColumnKind.LOCAL_TIME:
            convert = _as_datetime if profile.kinds & CellKind.DATETIME else _as_date
            converted: list[Any] = [convert(value) for value in values]
        case ColumnKind.INTEGER:
            converted = [None if type(value) is str else int(value) for value in values]
        case ColumnKind.REAL:
            converted = [None if type(value) is str else float(value) for value in values]
        case ColumnKind.BOOLEAN:
            converted = [None if type(value) is str else value for value in values]
        case _:
            converted = [value or None if type(value) is str else as_text(value) for value in values]
    return pa.array(converted, type=profile.arrow_type)


def as_text(value: Any) -> str | None:
    """Return a typed cell as text: dates as in ISO 8601, whole numbers without a decimal point."""
    if not is_filled(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if _is_whole(value) else repr(value)
    if isinstance(value, timedelta):
        return _hours(value)
    if isinstance(value, date):  # a datetime is one, too
        return None if _is_early(value) else str(value)
    return str(value)


def _are_whole(values: Sequence[float]) -> bool:
    return all(map(float.is_integer, values)) and max(map(abs, values)) <= LARGEST_EXACT_INTEGER


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) <= LARGEST_EXACT_INTEGER


def _is_early(value: date) -> bool:
    return (value.date() if isinstance(value, datetime) else value) < FIRST_SAFE_DATE


def _as_date(value: Any) -> date | None:
    if isinstance(value, date) and not _is_early(value):
        return value
    return None


def _as_datetime(value: Any) -> datetime | None:
    day = _as_date(value)
    if day is None or isinstance(day, datetime):
        return day
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock, its zone is the importer's


def _hours(value: timedelta) -> str:
    """Return a duration as hours, minutes and seconds, as Excel shows it."""
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"
