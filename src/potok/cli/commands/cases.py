"""``potok cases``: the cases behind a finding, behind a figure of a measure, or those that pass a filter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import DeclaredOptions, InputOptions, MeasureOptions, open_request, read_inputs
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.report.catalogue.behind import ListedCase
    from potok.report.catalogue.entry import Request

SCHEMA = "potok.cases/1"


class CasesUnclearError(UsageError):
    """It is not said, or said twice, which cases are meant."""

    code = "POTOK-K022"


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """Which cases are to be listed, as given on the command line."""

    finding: Annotated[str, typer.Option("--finding", help=_("Id of the finding."), metavar="ID")] = ""
    measure: Annotated[
        str, typer.Option("--measure", help=_("Measure behind which the cases lie."), metavar="NAME")
    ] = ""
    row: Annotated[
        list[str] | None,
        typer.Option(
            "--row", help=_("Row of the measure, such as activity=Check; may be repeated."), metavar="COLUMN=VALUE"
        ),
    ] = None
    figure: Annotated[str, typer.Option("--figure", help=_("Figure of the row, such as late."), metavar="COLUMN")] = ""
    limit: Annotated[int, typer.Option("--limit", help=_("At most so many cases."), metavar="NUMBER", min=1)] = 1000


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("cases", cls=PotokCommand, help=_("List the cases behind a finding, a figure or a filter."))(
        guarded(
            with_source_options(_with_table(_with_cases(_with_measuring(_with_declared(_with_inputs(cases_command))))))
        )
    )


_with_table = with_shared_options("table", TableOptions)
_with_cases = with_shared_options("which", CaseOptions)
_with_measuring = with_shared_options("measuring", MeasureOptions)
_with_declared = with_shared_options("told", DeclaredOptions)
_with_inputs = with_shared_options("declared", InputOptions)


def cases_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    which: CaseOptions,
    measuring: MeasureOptions,
    told: DeclaredOptions,
    declared: InputOptions,
) -> None:
    """List cases."""
    form = table_format(table)
    _check(which, measuring, told)
    row = _read_row(which.row or [])
    from potok.report.catalogue.behind import cases_table

    request = open_request(source, options, measuring, inputs=read_inputs(declared))
    found = tuple(_find(request, which, row, told))
    if form is TableFormat.JSON:
        deliver_json(_as_record(found, which, measuring, row), table.output)
    else:
        deliver(cases_table(found, request.zone, notes=_notes(found, request, which)), form, table.output)


def _check(which: CaseOptions, measuring: MeasureOptions, told: DeclaredOptions) -> None:
    if (told.declared or told.rules) and not which.finding:
        raise CasesUnclearError(
            _("What is declared of a process matters to findings alone."),
            where="--declared" if told.declared else "--rules",
            remedy=_("Name a finding: --finding ID."),
        )
    if which.finding and which.measure:
        raise CasesUnclearError(
            _("Cases of a finding and of a measure are asked for at once."),
            where="--finding, --measure",
            remedy=_("Give one of them."),
        )
    if not which.measure and (which.row or which.figure):
        raise CasesUnclearError(
            _("A row or figure is given, but not of which measure."),
            where="--measure",
            remedy=_("Name the measure: --measure NAME."),
        )
    if not (which.finding or which.measure or measuring.case_filter):
        raise CasesUnclearError(
            _("It is not said which cases are to be listed."),
            where="--finding, --measure, --filter",
            remedy=_("Give a finding, a measure or a filter; the measure «counts» has all cases behind it."),
        )


def _read_row(given: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for pair in given:
        column, sign, value = pair.partition("=")
        if not sign or not column:
            raise CasesUnclearError(
                _("“{given}” names no column and value.").format(given=pair),
                where="--row",
                remedy=_("Write --row COLUMN=VALUE, such as --row activity=Check."),
            )
        row[column.strip()] = value
    return row


def _find(request: "Request", which: CaseOptions, row: dict[str, str], told: DeclaredOptions) -> "Iterable[ListedCase]":
    from potok.report.catalogue.behind import Asked, list_row_cases

    if which.finding:
        return _behind_finding(request, which, told)
    return list_row_cases(which.measure or "counts", Asked(request, row, which.figure, which.limit))


def _behind_finding(request: "Request", which: CaseOptions, told: DeclaredOptions) -> "Iterable[ListedCase]":
    from potok.report.catalogue.behind import listed
    from potok.report.diagnosis.waste import list_named_cases

    return listed(list_named_cases(request, which.finding, declared=told.read(), limit=which.limit))


def _notes(found: "tuple[ListedCase, ...]", request: "Request", which: CaseOptions) -> tuple[str, ...]:
    notes = []
    if len(found) == which.limit:
        notes.append(_("There may be more cases: --limit {n} was reached.").format(n=which.limit))
    if request.calendar is not None and which.measure != "flow_efficiency":
        notes.append(_("Times in this list are calendar time, whatever the calendar."))
    return tuple(notes)


def _as_record(
    found: "tuple[ListedCase, ...]", which: CaseOptions, measuring: MeasureOptions, row: dict[str, str]
) -> dict[str, Any]:
    asked: dict[str, Any] = {"finding": which.finding} if which.finding else {"measure": which.measure or "counts"}
    if not which.finding:
        asked |= {"row": row, "figure": which.figure or None}
    return {
        "schema": SCHEMA,
        **asked,
        "filter": measuring.case_filter or None,
        "cases": [
            {
                "case": case.case,
                "case_id": case.case_id,
                "seconds": case.seconds,
                "amount": case.amount,
                "source_rows": None if case.first_row is None else [case.first_row, case.last_row],
            }
            for case in found
        ],
    }
