"""``potok demo``: a made-up permit service, imported and audited."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import TerminalProgress, guarded, write_data, write_note
from potok.cli.parser_help import PotokCommand
from potok.core.language import current_language
from potok.core.language import gettext as _

DEFAULT_FOLDER = Path("potok-demo")


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("demo", cls=PotokCommand, help=_("Make up a permit service's log, import and audit it."))(
        guarded(demo_command)
    )


def demo_command(
    *,
    out: Annotated[Path, typer.Option("--out", help=_("Folder for everything."), metavar="FOLDER")] = DEFAULT_FOLDER,
    cases: Annotated[int, typer.Option("--cases", help=_("Number of cases."), metavar="NUMBER", min=100)] = 5000,
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the random numbers."), metavar="NUMBER")] = 1,
    show: Annotated[bool, typer.Option("--open", help=_("Open the report in the browser."))] = False,
) -> None:
    """Make up a log, import and audit it."""
    from potok.demo.permit_service import ZONE, generate, write_permit_log
    from potok.log.importing.folder import replace_file
    from potok.log.importing.pipeline import import_log
    from potok.log.importing.request import ImportRequest
    from potok.log.mapping import ExtractionKind, Mapping
    from potok.report.audit import build_audit, look_further
    from potok.report.html import render_audit

    write_note(_("Making up {cases} cases …").format(cases=cases))
    files = write_permit_log(out, log=generate(cases, seed=seed))
    write_note(_("Importing …"))
    request = ImportRequest(
        (str(files.utf8),),
        out / "store",
        Mapping(zone=ZONE, extraction=ExtractionKind.OPENED, extracted_at="2026-01-01T00:00:00+02:00"),
        replace=True,
        progress=TerminalProgress(),
    )
    store = import_log(request)
    write_note(_("Auditing …"))
    report = out / f"audit.{current_language()}.html"
    audit = look_further(build_audit(store, opened_as=str(out / "store")), store)
    replace_file(report, render_audit(audit, language=current_language()))
    write_data(_("Report: {path}").format(path=report.resolve()))
    write_data(_("What was hidden in the log: {path}").format(path=files.truth.resolve()))
    if show:
        webbrowser.open(report.resolve().as_uri())
