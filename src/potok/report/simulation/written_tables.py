"""Tables of a forecast as documents set them: written values, each interval under its figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from potok.report.tables import Table
from potok.report.tables.as_text import format_value
from potok.report.tables.model import TEXTUAL

_INTERVAL: Final = "_interval"
_WRITTEN_FIGURES: Final = frozenset({"as_is", "to_be", "difference", "answer", "moved", "value", "interval"})


@dataclass(frozen=True, slots=True)
class WrittenColumn:
    """A heading, and whether its cells are set to the right."""

    title: str
    is_figure: bool


@dataclass(frozen=True, slots=True)
class WrittenCell:
    """A value and its interval, empty without one."""

    text: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table whose values are written as people read them."""

    title: str
    columns: tuple[WrittenColumn, ...]
    rows: tuple[tuple[WrittenCell, ...], ...]
    notes: tuple[str, ...]


def write_table(table: Table) -> WrittenTable:
    """Write a table, each figure's interval under it instead of in a column of its own."""
    names = [column.name for column in table.columns]
    shown = [number for number, name in enumerate(names) if not _is_interval(name, names)]
    intervals = {number: names[number] + _INTERVAL for number in shown}
    under = {number: names.index(name) for number, name in intervals.items() if name in names}
    columns = tuple(
        WrittenColumn(table.columns[number].title, number > 0 and _is_figure(table, number)) for number in shown
    )
    rows = tuple(_write_row(table, row, shown, under) for row in table.rows)
    return WrittenTable(table.title, columns, rows, table.notes)


def _is_interval(name: str, names: Sequence[str]) -> bool:
    return name.endswith(_INTERVAL) and name.removesuffix(_INTERVAL) in names


def _write_row(
    table: Table, row: Sequence[object], shown: Sequence[int], under: Mapping[int, int]
) -> tuple[WrittenCell, ...]:
    def write(number: int) -> str:
        return format_value(row[number], table.columns[number], table.zone)

    return tuple(WrittenCell(write(one), write(under[one]) if one in under else "") for one in shown)


def _is_figure(table: Table, number: int) -> bool:
    """Return whether a column is one of numbers, or of figures written with their unit."""
    column = table.columns[number]
    return column.kind not in TEXTUAL or column.name in _WRITTEN_FIGURES or column.name.startswith("figure_")
