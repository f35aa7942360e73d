"""``potok waste``: where a process loses time, and why."""

from typing import Annotated

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import DeclaredOptions, MeasureOptions, open_request
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.language import gettext as _


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("waste", cls=PotokCommand, help=_("Find where applicants and staff lose time, and why."))(
        guarded(with_source_options(_with_table(_with_measuring(_with_declared(waste_command)))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_measuring = with_shared_options("measuring", MeasureOptions)
_with_declared = with_shared_options("told", DeclaredOptions)


def waste_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    measuring: MeasureOptions,
    told: DeclaredOptions,
) -> None:
    """Diagnose waste."""
    form = table_format(table)
    from potok.report.diagnosis.waste import diagnose_waste, waste_as_json, waste_tables

    # What is quick to check comes before the import of a large source.
    declared = told.read()
    waste = diagnose_waste(open_request(source, options, measuring), declared=declared)
    if form is TableFormat.JSON:
        deliver_json(waste_as_json(waste), table.output)
    else:
        deliver_all(waste_tables(waste), form, table.output)
