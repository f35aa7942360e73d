"""``potok compare``: how groups of cases, or logs, differ, and what explains it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import MeasureOptions, grouping_of, known_regulation, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS

if TYPE_CHECKING:
    from potok.diagnose.comparison.shares import Rules
    from potok.log.store import LogStore


class NothingToCompareError(UsageError):
    """One log, and not said by what its cases are to be compared."""

    code = "POTOK-K041"


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What is to be compared, as given on the command line."""

    by: Annotated[
        str,
        typer.Option(
            "--by",
            help=_("Compare by channel, service, agency, org_unit or an attribute of cases; else by log."),
            metavar="NAME",
        ),
    ] = ""
    cohort: Annotated[
        str, typer.Option("--cohort", help=_("Compare by the opening: month, quarter or year."), metavar="PERIOD")
    ] = ""
    known: Annotated[
        list[str] | None,
        typer.Option("--known", help=_("Attribute known at the opening, whatever its name; may be repeated.")),
    ] = None
    not_known: Annotated[
        list[str] | None,
        typer.Option("--not-known", help=_("Attribute not known at the opening; may be repeated.")),
    ] = None
    horizon: Annotated[
        float | None,
        typer.Option("--horizon", help=_("Days up to which lead times count."), metavar="DAYS", show_default=False),
    ] = None


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command(
        "compare", cls=PotokCommand, help=_("Compare groups of cases, or logs: what differs, and what explains it.")
    )(guarded(with_source_options(_with_table(_with_measuring(_with_comparing(compare_command))))))


_with_table = with_shared_options("table", TableOptions)
_with_measuring = with_shared_options("measuring", MeasureOptions)
_with_comparing = with_shared_options("comparing", CompareOptions)


def compare_command(
    *,
    sources: Annotated[
        list[str], typer.Argument(help=_("Files, database URLs or log stores."), metavar="SOURCE [SOURCE ...]")
    ],
    options: SourceOptions,
    table: TableOptions,
    measuring: MeasureOptions,
    comparing: CompareOptions,
) -> None:
    """Compare groups of cases, or logs."""
    form = table_format(table)
    by = _grouping(comparing, len(sources))
    from potok.diagnose.comparison.compare import Asked
    from potok.diagnose.comparison.whole import compare
    from potok.measure.local_time import zone_of
    from potok.report.diagnosis.comparison import comparison_tables
    from potok.report.diagnosis.comparison_json import comparison_as_json

    stores = [open_filtered(source, options, measuring) for source in sources]
    asked = Asked(
        by=by,
        names=_names(sources) if by is None else (),
        known=tuple(comparing.known or ()),
        later=tuple(comparing.not_known or ()),
        horizon_seconds=None if comparing.horizon is None else comparing.horizon * DAY_SECONDS,
        rules=_rules(measuring, stores[0]),
    )
    answer = compare(stores, asked)
    zone = zone_of(stores[0])
    if form is TableFormat.JSON:
        hashes = [store.content_sha256 for store in stores]
        record = comparison_as_json(answer.comparison, answer.causes, zone=zone, content_sha256=hashes)
        deliver_json(record, table.output)
    else:
        deliver_all(comparison_tables(answer.comparison, answer.causes, zone=zone), form, table.output)


def _grouping(comparing: CompareOptions, logs: int) -> str | None:
    by = grouping_of(comparing.by, comparing.cohort) or None
    if by is None and logs < 2:
        raise NothingToCompareError(
            _("It is not said by what cases are to be compared."),
            where="--by",
            remedy=_("Name a column, such as --by channel, or a period, such as --cohort year, or give several logs."),
        )
    return by


def _names(sources: list[str]) -> tuple[str, ...]:
    """Return short names of logs: file names without their endings, or whole sources where these are not unique."""
    names = [Path(source).name.split(".")[0] or source for source in sources]
    return tuple(names if len(set(names)) == len(names) else sources)


def _rules(measuring: MeasureOptions, store: "LogStore") -> "Rules | None":
    from potok.core.regulations import load_regulation
    from potok.diagnose.comparison.shares import Rules
    from potok.report.catalogue.clock import find_calendar, require_calendar

    if measuring.regulation is None:
        return None
    regulation = load_regulation(measuring.regulation)
    if measuring.skip_unknown:
        regulation = known_regulation(regulation, store)
    return Rules(regulation, require_calendar(find_calendar(measuring.calendar, regulation=regulation, store=store)))
