"""Reads a register of processes from a workbook or a text file; what cannot be read is named by sheet and cell."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.progress import Progress
from potok.diagnose.register.cells import (
    has_number,
    is_nothing,
    known,
    read_flag,
    read_lead_time,
    read_number,
    read_unit,
    split_list,
    text_of,
)
from potok.diagnose.register.errors import EmptyRegisterError, NoNameColumnError
from potok.diagnose.register.headings import fields_of, is_numbering
from potok.diagnose.register.model import (
    Field,
    Issue,
    IssueKind,
    LeadTime,
    Process,
    Register,
    SheetRead,
    TimeUnit,
)
from potok.diagnose.register.sheets import Grid, GridRows, Span, find_names, read_tables, rows_below
from potok.log.sources.xlsx_header import Heading

# People and systems are listed with commas, too; documents have commas inside.
_COMMA_FIELDS: Final = frozenset({Field.PARTICIPANTS, Field.SYSTEMS, Field.STARTED_BY, Field.RESULT_TO})
# A number that is merged over several processes is their sum or that of each: the sheet does not say which.
_NUMBER_FIELDS: Final = (Field.VOLUME, Field.STAFF_HOURS, Field.STAFF_HOURS_PER_CASE)
_TOTAL: Final = re.compile(r"(?:итого|всего|(?:общий|промежуточный) итог|(?:grand |sub-?)?total)\b")


def read_register(path: Path, *, sheet: str = "", progress: Progress | None = None) -> Register:
    """Read a register.

    Every visible sheet with a column of names is read; a value merged over several rows holds for each, but a number
    merged over several processes is unknown of each; blank rows, titles and totals are passed over. What cannot be read
    is in `issues`, with its cell.

    Parameters
    ----------
    sheet
        Only this one; empty for all that are visible.

    Raises
    ------
    UnreadableRegisterError
        If there is no such file, or it is no table.
    NoNameColumnError
        If no sheet has a column of names.
    EmptyRegisterError
        If no row names a process.
    PotokError
        If the workbook is damaged, protected or too large.
    """
    tables = read_tables(path, sheet=sheet, progress=progress)
    reader = _Reader()
    for grid in tables.grids:
        heading = find_names(grid)
        if heading is None:
            reader.note(IssueKind.SHEET_NOT_READ, grid.name, "")
        else:
            reader.read(grid, heading)
    for name in tables.hidden:
        reader.note(IssueKind.SHEET_HIDDEN, name, "")
    if not reader.sheets:
        raise NoNameColumnError(
            _("No sheet of {name} has a column with the names of processes.").format(name=path.name),
            where=f"{path}: {', '.join(grid.name for grid in tables.grids)}",
            remedy=_(
                "Head that column “Process name” (Наименование процесса); potok register --template FILE shows all."
            ),
        )
    if not reader.processes:
        raise EmptyRegisterError(
            _("The register {name} names no process.").format(name=path.name),
            where=f"{path}: {', '.join(sheet.name for sheet in reader.sheets)}",
            remedy=_("Fill in at least the column of names below its heading."),
        )
    return Register(
        path,
        tables.sha256,
        tuple(reader.coded()),
        frozenset(reader.fields),
        tuple(reader.sheets),
        tuple(reader.issues),
    )


@dataclass(slots=True)
class _Row:
    """One row while it is read."""

    grid: Grid
    number: int
    values: list[Any]
    columns: dict[Field, int]
    numbering: frozenset[int] = frozenset()
    shared: Mapping[int, Span] = field(default_factory=dict)

    def raw(self, field: Field) -> Any:
        column = self.columns.get(field)
        return None if column is None or column >= len(self.values) else self.values[column]

    def text(self, field: Field) -> str:
        return known(self.raw(field))

    def items(self, field: Field) -> tuple[str, ...]:
        value = self.raw(field)
        found = split_list(value)
        if field in _COMMA_FIELDS and len(found) == 1:
            return split_list(str(value).replace(",", ";"))
        return found

    def number_spans(self, below: GridRows) -> dict[int, Span]:
        columns = (self.columns[field] for field in _NUMBER_FIELDS if field in self.columns)
        return {c: below.spans[self.number, c] for c in columns if (self.number, c) in below.spans}

    def where(self, field: Field) -> str:
        return self.grid.cell(self.number, self.columns[field])


@dataclass(slots=True)
class _Reader:
    processes: list[Process] = field(default_factory=list)
    fields: set[Field] = field(default_factory=set)
    sheets: list[SheetRead] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    told: set[tuple[IssueKind, str]] = field(default_factory=set)

    def note(self, kind: IssueKind, where: str, value: str, *, is_rejected: bool = True) -> None:
        self.issues.append(Issue(kind, where, value[:200], is_rejected))

    def note_once(self, kind: IssueKind, where: str, value: str) -> None:
        if (kind, where) not in self.told:
            self.told.add((kind, where))
            self.note(kind, where, value)

    def read(self, grid: Grid, heading: Heading) -> None:
        columns, unknown, twice = fields_of(heading.names)
        last = heading.first_row + heading.levels - 1
        for column in unknown:
            self.note(IssueKind.COLUMN_UNKNOWN, grid.cell(last, column), heading.names[column])
        for column in twice:
            self.note(IssueKind.COLUMN_TWICE, grid.cell(last, column), heading.names[column])
        self.fields |= set(columns)
        numbering = frozenset(place for place, name in enumerate(heading.names) if is_numbering(name))
        unit = self.unit_of_heading(heading, columns)
        if Field.STAFF_HOURS in columns and not _says_per_year(heading.names[columns[Field.STAFF_HOURS]]):
            place = grid.cell(last, columns[Field.STAFF_HOURS])
            self.note(IssueKind.HOURS_PER_WHAT, place, heading.names[columns[Field.STAFF_HOURS]], is_rejected=False)
        below = rows_below(grid, heading)
        seen: dict[tuple[str, ...], int] = {}
        before = len(self.processes)
        rows = [_Row(grid, number, values, columns, numbering) for number, values in below.rows]
        for row in _with_shared(rows, below):
            if self.is_worth_reading(row, seen):
                self.processes.append(self.process(row, unit))
        found = len(self.processes) - before
        self.sheets.append(SheetRead(grid.name, heading.first_row + 1, found, below.empty_rows, below.filled_cells))

    def unit_of_heading(self, heading: Heading, columns: dict[Field, int]) -> TimeUnit | None:
        column = columns.get(Field.LEAD_TIME)
        return None if column is None else read_unit(heading.names[column].casefold().replace("впп", " "))

    def is_worth_reading(self, row: _Row, seen: dict[tuple[str, ...], int]) -> bool:
        """Return whether a row is a process of its own; say so of rows with values that are none."""
        name = row.text(Field.NAME)
        filled = [text_of(value) for value in row.values if text_of(value)]
        if _is_total(name) or _is_total("".join(filled[:1])):
            return False
        if not name:
            # A lone text is the title of a section.
            if len(set(filled)) > 1:
                self.note(IssueKind.ROW_WITHOUT_NAME, row.where(Field.NAME), "; ".join(filled)[:80])
            return False
        if len(set(filled)) == 1 and len(filled) > 1:
            return False
        told = (value for column, value in enumerate(row.values) if column not in row.numbering)
        whole = tuple(text_of(value).casefold() for value in told)
        if whole in seen and len(filled) > 2:
            self.note(IssueKind.SAME_ROW_TWICE, row.where(Field.NAME), name)
            return False
        seen[whole] = row.number
        return True

    def process(self, row: _Row, unit: TimeUnit | None) -> Process:
        volume = self.number(row, Field.VOLUME)
        return Process(
            number=len(self.processes),
            code=row.text(Field.CODE),
            name=row.text(Field.NAME),
            where=row.where(Field.NAME),
            authority=row.text(Field.AUTHORITY),
            acts=row.items(Field.ACT),
            description=row.text(Field.DESCRIPTION),
            level=row.text(Field.LEVEL),
            owner=row.text(Field.OWNER),
            participants=row.items(Field.PARTICIPANTS),
            systems=row.items(Field.SYSTEMS),
            lead_time=self.lead_time(row, unit),
            start_event=row.text(Field.START_EVENT),
            started_by=row.items(Field.STARTED_BY),
            result=row.text(Field.RESULT),
            result_to=self.addressees(row),
            parents=row.items(Field.PARENTS),
            children=row.items(Field.CHILDREN),
            inputs=row.items(Field.INPUTS),
            outputs=row.items(Field.OUTPUTS),
            problems=row.text(Field.PROBLEMS),
            is_proposed=self.flag(row),
            volume_per_year=volume,
            staff_hours_per_year=self.staff_hours(row, volume),
            log=row.text(Field.LOG),
        )

    def addressees(self, row: _Row) -> tuple[str, ...]:
        """Return for whom the result is; “нет” is an answer here, and is kept."""
        stated = text_of(row.raw(Field.RESULT_TO))
        if stated and is_nothing(stated):
            return (stated,)
        return row.items(Field.RESULT_TO)

    def lead_time(self, row: _Row, unit: TimeUnit | None) -> LeadTime | None:
        text = row.text(Field.LEAD_TIME)
        if not text:
            return None
        beside = read_unit(row.text(Field.LEAD_TIME_UNIT))
        found = read_lead_time(text, beside or unit)
        if found is None:
            missing = has_number(text) and beside is None and unit is None and read_unit(text) is None
            kind = IssueKind.UNIT_MISSING if missing else IssueKind.NOT_A_DURATION
            self.note(kind, row.where(Field.LEAD_TIME), text)
        return found

    def number(self, row: _Row, field: Field) -> float | None:
        if not row.text(field):
            return None
        span = row.shared.get(row.columns[field])
        if span is not None:
            self.note_once(IssueKind.NUMBER_MERGED, row.grid.span(span), row.text(field))
            return None
        found = read_number(row.raw(field))
        if found is None:
            self.note(IssueKind.NOT_A_NUMBER, row.where(field), row.text(field))
        return found

    def staff_hours(self, row: _Row, volume: float | None) -> float | None:
        yearly = self.number(row, Field.STAFF_HOURS)
        each = self.number(row, Field.STAFF_HOURS_PER_CASE)
        if yearly is not None or each is None or volume is None:
            return yearly
        return each * volume

    def flag(self, row: _Row) -> bool | None:
        stated = text_of(row.raw(Field.PROPOSED))
        if not stated:
            return None
        found = read_flag(stated)
        if found is None and not is_nothing(stated):
            self.note(IssueKind.NOT_A_FLAG, row.where(Field.PROPOSED), stated)
        return found

    def coded(self) -> list[Process]:
        """Return the processes, each with a code of its own."""
        given = Counter(process.code for process in self.processes if process.code)
        taken = set(given)
        found = []
        seen: set[str] = set()
        for process in self.processes:
            code = process.code
            if code in seen:
                self.note(IssueKind.CODE_TWICE, process.where, code, is_rejected=False)
            if not code or code in seen:
                code = _free_code(process.number, taken)
            taken.add(code)
            seen.add(code)
            found.append(replace(process, code=code))
        return found


def _is_total(text: str) -> bool:
    return _TOTAL.match(text.casefold()) is not None


def _with_shared(rows: Sequence[_Row], below: GridRows) -> list[_Row]:
    """Return rows that know which of their numbers are merged over several processes."""
    spans = [row.number_spans(below) for row in rows]
    named = (bool(name) and not _is_total(name) for name in (row.text(Field.NAME) for row in rows))
    covered = Counter(span for found, is_named in zip(spans, named, strict=True) if is_named for span in found.values())
    return [
        replace(row, shared={column: span for column, span in found.items() if covered[span] > 1})
        for row, found in zip(rows, spans, strict=True)
    ]


def _free_code(number: int, taken: set[str]) -> str:
    code = f"#{number + 1}"
    while code in taken:
        code += "a"
    return code


def _says_per_year(heading: str) -> bool:
    lower = heading.casefold()
    return "год" in lower or "year" in lower
