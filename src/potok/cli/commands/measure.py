"""``potok measure``: one measure of a log as a table."""

from typing import Annotated

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import InputOptions, MeasureOptions, open_request, read_inputs
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver, deliver_json, table_format
from potok.core.language import gettext as _


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("measure", cls=PotokCommand, help=_("Measure a log: one table as text, JSON, CSV, XLSX or Parquet."))(
        guarded(with_source_options(_with_table(_with_measuring(_with_inputs(measure_command)))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_measuring = with_shared_options("measuring", MeasureOptions)
_with_inputs = with_shared_options("declared", InputOptions)


def measure_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    measuring: MeasureOptions,
    declared: InputOptions,
    measure: Annotated[str, typer.Option("--measure", help=_("Name of the measure."), metavar="NAME")] = "counts",
) -> None:
    """Measure a log."""
    form = table_format(table)
    from potok.report.catalogue.catalogue import check_inputs, check_measure, measure_as_json, tabulate_measure

    check_measure(measure)
    inputs = read_inputs(declared)
    check_inputs(measure, inputs, has_regulation=measuring.regulation is not None)
    request = open_request(source, options, measuring, inputs=inputs)
    measured = tabulate_measure(measure, request)
    if form is TableFormat.JSON:
        deliver_json(measure_as_json(measured, request), table.output)
    else:
        deliver(measured, form, table.output)
