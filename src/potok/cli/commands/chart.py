"""``potok chart``: a figure month by month, and which months are more than ordinary scatter."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import guarded, write_note
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _


class ChartOptionsError(UsageError):
    """Options of a chart that cannot be."""

    code = "POTOK-V093"


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """What is to be charted, as given on the command line."""

    figure: Annotated[
        str,
        typer.Option(
            "--figure",
            help=_("case_duration, opened_cases, closed_cases, within_term_share or attribute_share."),
            metavar="FIGURE",
        ),
    ] = "case_duration"
    by: Annotated[str, typer.Option("--by", help=_("Length of a period: month or week."), metavar="PERIOD")] = "month"
    horizon_days: Annotated[
        float | None,
        typer.Option("--horizon-days", help=_("Durations are counted up to so many days."), metavar="DAYS", min=0),
    ] = None
    term_days: Annotated[
        float | None,
        typer.Option("--term-days", help=_("Term of the share, in calendar days."), metavar="DAYS", min=0),
    ] = None
    attribute: Annotated[
        str, typer.Option("--attribute", help=_("Attribute of cases whose value is counted."), metavar="NAME")
    ] = ""
    value: Annotated[str, typer.Option("--value", help=_("The value that is counted."), metavar="TEXT")] = ""
    rebase: Annotated[
        list[str] | None,
        typer.Option("--rebase", help=_("Day from which mean and limits begin anew; may be repeated."), metavar="DATE"),
    ] = None
    fixed_after: Annotated[
        int | None,
        typer.Option("--fixed-after", help=_("Mean and limits come from the first so many periods."), min=3),
    ] = None
    out: Annotated[Path | None, typer.Option("--out", help=_("Write the picture, .svg or .png."), metavar="FILE")] = (
        None
    )


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("chart", cls=PotokCommand, help=_("Chart a figure by periods, and mark what is not ordinary scatter."))(
        guarded(with_source_options(_with_table(_with_filter(_with_chart(chart_command)))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_filter = with_shared_options("filtering", FilterOptions)
_with_chart = with_shared_options("charted", ChartOptions)


def chart_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    filtering: FilterOptions,
    charted: ChartOptions,
) -> None:
    """Chart a figure of a log."""
    form = table_format(table)
    from potok.cli.requests import choice_of
    from potok.report.verification.watched import check_picture_file, watched_as_json, watched_tables, write_picture
    from potok.verify.watching import Step, Watch, WatchedFigure, watch_figure

    check_picture_file(charted.out)
    watch = Watch(
        figure=choice_of("--figure", charted.figure, WatchedFigure),
        step=choice_of("--by", charted.by, Step),
        horizon_days=charted.horizon_days,
        term_days=charted.term_days,
        attribute=charted.attribute,
        value=charted.value,
        rebase=tuple(map(_day, charted.rebase or ())),
        fixed_after=charted.fixed_after,
    )
    store = open_filtered(source, options, filtering)
    found = watch_figure(store, watch)
    if charted.out is not None:
        write_picture(charted.out, found)
        write_note(_("Written: {path}").format(path=charted.out))
    if form is TableFormat.JSON:
        record = {"name": Path(source).name, "content_sha256": str(store.manifest["content_sha256"])}
        deliver_json(watched_as_json(found, source=record), table.output)
        return
    deliver_all(list(watched_tables(found)), form, table.output)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ChartOptionsError(
            _("«{text}» is no date.").format(text=text),
            where="--rebase",
            remedy=_("Write the year, month and day, such as 2026-11-23."),
        ) from error
