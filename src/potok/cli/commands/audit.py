"""``potok audit``: from a source or store to a report that opens in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import guarded, write_data, write_json
from potok.cli.measure_options import MeasureOptions, open_request
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.core.errors import UsageError
from potok.core.language import current_language
from potok.core.language import gettext as _


class OneCalendarError(UsageError):
    """The audit is given departments' calendars, which it would leave out in silence."""

    code = "POTOK-K034"


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("audit", cls=PotokCommand, help=_("Audit a log: quality, process map, times, rework, longest waits."))(
        guarded(with_source_options(with_shared_options("measuring", MeasureOptions)(audit_command)))
    )


def audit_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    measuring: MeasureOptions,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=_("File of the HTML report."), metavar="FILE")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help=_("Write the audit as a workbook, too."), metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write the audit as JSON."))] = False,
) -> None:
    """Audit a log."""
    from potok.log.importing.folder import replace_file
    from potok.report.audit import build_audit
    from potok.report.audit_json import audit_as_json
    from potok.report.audit_workbook import render_workbook

    request = open_request(source, options, measuring)
    if request.calendars is not None:
        raise OneCalendarError(
            _("The audit works on one calendar; this is a set of departments' calendars."),
            where="--calendar",
            remedy=_("Name a single one; potok measure takes the set."),
        )
    audit = build_audit(
        request.store,
        opened_as=source,
        asked_with=_asked_with(measuring),
        regulation=request.regulation,
        calendar=request.calendar,
    )
    if xlsx is not None:
        replace_file(xlsx, render_workbook(audit))
    if as_json:
        write_json(audit_as_json(audit))
        if output is None:
            return
    from potok.report.html import render_audit

    file = output or _report_name(source)
    replace_file(file, render_audit(audit, language=current_language()))
    if not as_json:
        write_data(str(file))


def _asked_with(measuring: MeasureOptions) -> dict[str, str]:
    """Return the options that were given, as commands in the report repeat them."""
    given = {
        "--filter": measuring.case_filter,
        "--regulation": str(measuring.regulation or ""),
        "--calendar": measuring.calendar,
    }
    return {name: value for name, value in given.items() if value}


def _report_name(source: str) -> Path:
    """Name a report in the current folder after the source, or after its folder if that is ``.`` or a hidden file."""
    path = Path(source)
    stems = (name.split(".")[0] for name in (path.name, *path.resolve().parts[::-1]))
    return Path(next(filter(None, stems), "potok") + ".audit.html")
