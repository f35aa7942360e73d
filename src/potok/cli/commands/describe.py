"""``potok describe``: what a log holds and how good it is, as text."""

from typing import Annotated

import typer

from potok.cli.console import guarded, write_data, write_json
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_source_options
from potok.core.language import gettext as _

SCHEMA = "potok.describe/1"


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("describe", cls=PotokCommand, help=_("Describe a log: counts, span, quality, durations."))(
        guarded(with_source_options(describe_command))
    )


def describe_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write JSON."))] = False,
) -> None:
    """Describe a log."""
    from potok.cli.requests import open_source
    from potok.cli.summaries import summarise
    from potok.report.audit_json import audit_as_json
    from potok.report.measured import measure_log

    store = open_source(source, options)
    record = audit_as_json(measure_log(store))
    if as_json:
        write_json({"schema": SCHEMA, **{key: record[key] for key in ("log", "quality", "measures")}})
    else:
        write_data("\n".join(summarise(store.manifest, record["measures"]["lead_time"])))
