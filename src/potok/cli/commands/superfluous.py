"""``potok superfluous``: every step and every approval level by five gates."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.language import gettext as _


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What people have declared, as given on the command line."""

    rules: Annotated[
        Path | None,
        typer.Option("--rules", help=_("TOML file with margins, bounds and tags of steps."), metavar="FILE"),
    ] = None
    regulation: Annotated[
        Path | None, typer.Option("--regulation", help=_("TOML file with what the law asks."), metavar="FILE")
    ] = None


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("superfluous", cls=PotokCommand, help=_("Judge each step by five gates: could it be left out?"))(
        guarded(with_source_options(_with_table(_with_filter(_with_rules(superfluous_command)))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_filter = with_shared_options("filtering", FilterOptions)
_with_rules = with_shared_options("declared", RuleOptions)


def superfluous_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    filtering: FilterOptions,
    declared: RuleOptions,
) -> None:
    """Judge the steps of a log."""
    form = table_format(table)
    from potok.core.regulations import load_regulation
    from potok.diagnose.superfluous.declaration import StepRules, load_step_rules
    from potok.diagnose.superfluous.findings import identify_superfluous
    from potok.diagnose.superfluous.steps import compute_superfluous
    from potok.measure.local_time import zone_of
    from potok.report.diagnosis.superfluous import superfluous_as_json, superfluous_tables

    regulation = load_regulation(declared.regulation) if declared.regulation else None
    rules = (load_step_rules(declared.rules) if declared.rules else StepRules()).under(regulation)
    store = open_filtered(source, options, filtering)
    found = compute_superfluous(store, rules=rules)
    if form is TableFormat.JSON:
        identify = partial(identify_superfluous, store=store, rules=rules)
        record = superfluous_as_json(found, content_sha256=store.content_sha256, identify=identify)
        deliver_json(record, table.output)
    else:
        deliver_all(superfluous_tables(found, zone=zone_of(store)), form, table.output)
