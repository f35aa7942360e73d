"""Reads workbooks: .xlsx, .xlsm, .xls and .ods."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from potok.core.language import gettext as _
from potok.core.progress import Progress
from potok.log.sources.arrow_staging import ROW_COLUMN, hash_file, parquet_relation, unique_names, write_parquet
from potok.log.sources.base import Staged, StagedColumn, StagingOptions
from potok.log.sources.xlsx_cells import ColumnProfile, as_array
from potok.log.sources.xlsx_container import check_container
from potok.log.sources.xlsx_header import name_of_unnamed
from potok.log.sources.xlsx_table import Table, column_names, find_table, read_pieces
from potok.log.sources.xlsx_workbook import ALL_SHEETS, Workbook, choose_sheets, open_workbook, translating

SHEET_COLUMN: Final = "sheet"


@dataclass(slots=True)
class _Columns:
    """Profiles of the columns, common to all sheets read; `kept` are those with a name or a value."""

    headings: tuple[str, ...]
    profiles: list[ColumnProfile]
    kept: list[int] = field(default_factory=list)
    names: tuple[str, ...] = ()


def stage_xlsx(path: Path, *, options: StagingOptions) -> Staged:
    """Stage a workbook: one row per row of the table found in the chosen sheets.

    The heading may follow a title and blank rows and may have several levels. Columns of dates, numbers or truth values
    are typed; mixed ones are text. Error cells and dates before March 1900 are empty and counted. A value merged over
    several rows holds for each. ``__row`` is the row's number as Excel shows it (in its sheet).

    Parameters
    ----------
    options
        `sheet` chooses; with ``"*"`` a column ``sheet`` tells the sheets apart.

    Raises
    ------
    NotAWorkbookError, BrokenWorkbookError, EncryptedWorkbookError, OversizedWorkbookError
        If the file cannot be read as a workbook.
    SheetNotFoundError, EmptyWorkbookError, HeadingNotFoundError
        If there is no such table.
    """
    file = hash_file(path, progress=options.progress)
    extents = check_container(path, max_bytes=options.max_uncompressed_bytes, progress=options.progress)
    workbook = open_workbook(path, extents=extents)
    tables = [find_table(workbook, sheet) for sheet in choose_sheets(workbook, wanted=options.sheet)]
    same = [table for table in tables if column_names(table) == column_names(tables[0])]
    columns = _profile(workbook, same, joined=options.sheet == ALL_SHEETS, progress=options.progress)
    staged = options.folder / f"xlsx-{file.sha256[:16]}.parquet"
    with translating(path):
        write_parquet(staged, _batches(same, columns, options), schema=_schema(columns, options))
    facts = _facts(workbook, same, columns) | {"sheets_with_other_columns": _names_of(tables, apart_from=same)}
    return Staged(
        relation=parquet_relation(staged),
        columns=_staged_columns(columns, joined=options.sheet == ALL_SHEETS),
        format="xlsx",
        files=(file,),
        row_column=ROW_COLUMN,
        facts=facts,
    )


def _profile(workbook: Workbook, tables: Sequence[Table], *, joined: bool, progress: Progress) -> _Columns:
    """Look at every cell once, to know what each column holds."""
    headings = max((table.heading.names for table in tables), key=len)
    columns = _Columns(headings, [ColumnProfile() for _heading in headings])
    for table in tables:
        table.width = len(headings)
    with translating(workbook.path):
        for table in tables:
            progress.start(_("Looking at sheet {name}").format(name=table.sheet.name), unit="rows")
            for rows in read_pieces(table):
                table.rows += len(rows)
                for profile, values in zip(columns.profiles, zip(*(row for _n, row in rows), strict=True), strict=True):
                    profile.look_at(values)
                progress.advance_to(table.rows)
            progress.finish()
    columns.kept = [
        i for i, (name, seen) in enumerate(zip(headings, columns.profiles, strict=True)) if name or seen.kinds
    ]
    first = tables[0].sheet.first_column
    reserved = (ROW_COLUMN, SHEET_COLUMN) if joined else (ROW_COLUMN,)
    columns.names = unique_names([headings[i] or name_of_unnamed(i + first) for i in columns.kept], reserved=reserved)
    return columns


def _schema(columns: _Columns, options: StagingOptions) -> Any:
    fields = [(ROW_COLUMN, pa.int64())]
    if options.sheet == ALL_SHEETS:
        fields.append((SHEET_COLUMN, pa.string()))
    fields += [(name, columns.profiles[i].arrow_type) for name, i in zip(columns.names, columns.kept, strict=True)]
    return pa.schema(fields)


def _batches(tables: Sequence[Table], columns: _Columns, options: StagingOptions) -> Iterator[Any]:
    schema = _schema(columns, options)
    for table in tables:
        options.progress.start(_("Reading sheet {name}").format(name=table.sheet.name), total=table.rows, unit="rows")
        done = 0
        for rows in read_pieces(table):
            cells = list(zip(*(row for _number, row in rows), strict=True))
            arrays = [pa.array([number for number, _row in rows], type=pa.int64())]
            if options.sheet == ALL_SHEETS:
                arrays.append(pa.array([table.sheet.name] * len(rows), type=pa.string()))
            arrays += [as_array(cells[i], columns.profiles[i]) for i in columns.kept]
            yield pa.record_batch(arrays, schema=schema)
            done += len(rows)
            options.progress.advance_to(done)
        options.progress.finish()


def _staged_columns(columns: _Columns, *, joined: bool) -> tuple[StagedColumn, ...]:
    own = tuple(
        StagedColumn(name, columns.profiles[i].kind) for name, i in zip(columns.names, columns.kept, strict=True)
    )
    return (StagedColumn(SHEET_COLUMN), *own) if joined else own


def _names_of(tables: Sequence[Table], *, apart_from: Sequence[Table]) -> list[str]:
    return [table.sheet.name for table in tables if table not in apart_from]


def _facts(workbook: Workbook, tables: Sequence[Table], columns: _Columns) -> dict[str, Any]:
    first, heading = tables[0], tables[0].heading
    named = dict(zip(columns.kept, columns.names, strict=True))
    read = [table.sheet.name for table in tables]
    return {
        "sheets": read,
        "other_sheets": [name for name in workbook.visible_sheets if name not in read],
        "hidden_sheets": [name for name in workbook.hidden_sheets if name not in read],
        "heading_row": heading.first_row + 1,
        "heading_levels": heading.levels,
        "numbering_row_skipped": heading.has_numbers,
        "rows_above_heading": heading.first_row,
        "rows": sum(table.rows for table in tables),
        "empty_rows": sum(table.empty_rows for table in tables),
        "merged_cells_filled": sum(table.filled_cells for table in tables),
        "renamed_columns": {named[i]: columns.headings[i] for i in columns.kept if named[i] != columns.headings[i]},
        "mixed_columns": [named[i] for i in columns.kept if columns.profiles[i].is_mixed],
        "error_cells": _count_errors(tables, named) if workbook.extents else None,
        "early_dates": {named[i]: p.early_dates for i in columns.kept if (p := columns.profiles[i]).early_dates},
        "times_without_date": {
            named[i]: p.times_alone for i in columns.kept if (p := columns.profiles[i]).is_dates and p.times_alone
        },
        "first_data_row": first.heading.data_row + 1,
    }


def _count_errors(tables: Sequence[Table], named: dict[int, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for table in tables:
        for row, column in table.sheet.errors:
            if row >= table.heading.data_row and column in named:
                counts[named[column]] = counts.get(named[column], 0) + 1
    return counts
