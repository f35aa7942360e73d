"""Options with which a command writes a table, and writing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potok.cli.console import write_data, write_json
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.report.tables import Table


class TableFormat(StrEnum):
    """What a table can be written as."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class FileNeededError(UsageError):
    """A workbook or a Parquet file has to have a name."""

    code = "POTOK-K020"


class UnknownFormatError(UsageError):
    """There is no such format of tables."""

    code = "POTOK-K021"


class ManyTablesError(UsageError):
    """The format holds one table, and there are several."""

    code = "POTOK-K052"


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How a table is to be written, as given on the command line."""

    output: Annotated[Path | None, typer.Option("--output", "-o", help=_("File to write."), metavar="FILE")] = None
    form: Annotated[
        str, typer.Option("--format", help=_("text, json, csv, xlsx or parquet; else by the file."), metavar="FORMAT")
    ] = ""
    as_json: Annotated[bool, typer.Option("--json", help=_("Write JSON."))] = False


def table_format(options: TableOptions) -> TableFormat:
    """Return what a table is to be written as: by the option, else by the file's name.

    Raises
    ------
    UnknownFormatError, FileNeededError
        If there is no such format, or it needs a file.
    """
    if options.as_json:
        return TableFormat.JSON
    suffix = options.output.suffix.removeprefix(".").lower() if options.output else ""
    asked = options.form or suffix or "text"
    try:
        form = TableFormat({"txt": "text"}.get(asked, asked))
    except ValueError as error:
        raise UnknownFormatError(
            _("Tables cannot be written as «{format}».").format(format=asked),
            where="--format" if options.form else "--output",
            remedy=_("Choose one of: {names}.").format(names=", ".join(TableFormat)),
        ) from error
    if form in (TableFormat.XLSX, TableFormat.PARQUET) and options.output is None:
        raise FileNeededError(
            _("A table as {format} has to go into a file.").format(format=form),
            where="--output",
            remedy=_("Name the file: --output FILE.{format}.").format(format=form),
        )
    return form


def deliver_json(record: dict[str, Any], output: Path | None) -> None:
    """Write a JSON document to a file, or to standard output."""
    import json

    from potok.log.importing.folder import replace_file

    if output is None:
        write_json(record)
        return
    replace_file(output, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    write_data(str(output))


def deliver(table: "Table", form: TableFormat, output: Path | None) -> None:
    """Write a table to a file, whose name is then told, or to standard output."""
    from potok.log.importing.folder import replace_file
    from potok.report.tables.as_csv import as_csv
    from potok.report.tables.as_parquet import as_parquet
    from potok.report.tables.as_text import as_text
    from potok.report.tables.as_workbook import as_workbook

    writers: dict[TableFormat, Callable[[], str | bytes]] = {
        TableFormat.TEXT: lambda: as_text(table),
        TableFormat.CSV: lambda: as_csv(table),
        TableFormat.XLSX: lambda: as_workbook([table]),
        TableFormat.PARQUET: lambda: as_parquet(table),
    }
    content = writers[form]()
    if output is None:
        write_data(str(content).removeprefix("\ufeff").rstrip("\r\n"))
        return
    replace_file(output, content)
    write_data(str(output))


def deliver_all(tables: "Sequence[Table]", form: TableFormat, output: Path | None) -> None:
    """Write several tables: one after the other as text, as sheets of one workbook.

    Raises
    ------
    ManyTablesError
        If the format holds a single table.
    """
    from potok.log.importing.folder import replace_file
    from potok.report.tables.as_text import as_text
    from potok.report.tables.as_workbook import as_workbook

    if len(tables) == 1:
        deliver(tables[0], form, output)
        return
    if form not in (TableFormat.TEXT, TableFormat.XLSX):
        raise ManyTablesError(
            _("These are {n} tables, and {format} holds one.").format(n=len(tables), format=form),
            where="--format",
            remedy=_("Write text, JSON or a workbook: --output FILE.xlsx."),
        )
    if output is None:
        write_data("\n\n".join(as_text(table).rstrip("\r\n") for table in tables))
        return
    text = "\n\n".join(as_text(table).rstrip("\r\n") for table in tables) + "\n"
    replace_file(output, as_workbook(list(tables)) if form is TableFormat.XLSX else text)
    write_data(str(output))
