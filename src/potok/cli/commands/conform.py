"""``potok conform``: where a log departs from a regulation, from rules, or from a model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.core.regulations import Regulation
    from potok.diagnose.conformance.checks import CheckResult
    from potok.diagnose.conformance.rules import Rule
    from potok.log.store import LogStore


@dataclass(frozen=True, slots=True)
class ConformOptions:
    """Against what a log is to be held, as given on the command line."""

    regulation: Annotated[
        Path | None,
        typer.Option("--regulation", help=_("TOML file with the rules of the service."), metavar="FILE"),
    ] = None
    rules: Annotated[
        Path | None, typer.Option("--rules", help=_("TOML file with declarative rules."), metavar="FILE")
    ] = None
    skip_unknown: Annotated[
        bool,
        typer.Option(
            "--skip-unknown", help=_("Mark rules that name activities unknown to the log instead of refusing them.")
        ),
    ] = False


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command(
        "conform", cls=PotokCommand, help=_("Show where a log departs from its regulation, from rules or from a model.")
    )(guarded(with_source_options(_with_table(_with_filter(_with_conform(conform_command))))))


_with_table = with_shared_options("table", TableOptions)
_with_filter = with_shared_options("filtering", FilterOptions)
_with_conform = with_shared_options("against", ConformOptions)


def conform_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    filtering: FilterOptions,
    against: ConformOptions,
) -> None:
    """Hold a log against what it has to keep."""
    form = table_format(table)
    from potok.core.regulations import load_regulation
    from potok.diagnose.conformance.conformance import Conformance
    from potok.diagnose.conformance.findings import find_deviations
    from potok.diagnose.conformance.rule_files import load_rules
    from potok.report.diagnosis.conformance import conformance_as_json, conformance_tables

    regulation = load_regulation(against.regulation) if against.regulation else None
    rules = load_rules(against.rules) if against.rules else ()
    store = open_filtered(source, options, filtering)
    if not against.skip_unknown:
        _refuse_unknown(store, regulation, rules)
    checks = _check(store, regulation, rules)
    found = Conformance(checks=checks, findings=find_deviations(checks))
    if form is TableFormat.JSON:
        deliver_json(conformance_as_json(found, store), table.output)
    else:
        deliver_all(conformance_tables(found, zone=str(store.manifest["zone"])), form, table.output)


def _refuse_unknown(store: "LogStore", regulation: "Regulation | None", rules: "tuple[Rule, ...]") -> None:
    from potok.diagnose.conformance.declare import refuse_unknown_activities
    from potok.measure.running import activity_labels

    if regulation is not None:
        regulation.check_activities(tuple(activity_labels(store, None).values()))
    if rules:
        refuse_unknown_activities(store, rules)


def _check(store: "LogStore", regulation: "Regulation | None", rules: "tuple[Rule, ...]") -> "tuple[CheckResult, ...]":
    from potok.diagnose.conformance.declare import check_rules
    from potok.diagnose.conformance.regulated import check_regulation

    checks = check_regulation(store, regulation) if regulation else ()
    return (*checks, *(check_rules(store, rules) if rules else ()))
