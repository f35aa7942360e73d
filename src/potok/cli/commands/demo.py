"""``potok demo``: a made-up region, or one made-up service, imported and audited."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import TerminalProgress, guarded, write_data, write_note
from potok.cli.parser_help import PotokCommand
from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.demo.demonstration import Demonstration, make_permits_demonstration, make_region_demonstration

DEFAULT_FOLDER = Path("potok-demo")


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("demo", cls=PotokCommand, help=_("Make up a region's log with known truth, import and audit it."))(
        guarded(demo_command)
    )


def demo_command(
    *,
    out: Annotated[Path, typer.Option("--out", help=_("Folder for everything."), metavar="FOLDER")] = DEFAULT_FOLDER,
    permits: Annotated[
        bool, typer.Option("--permits", help=_("One permit service with --cases cases instead of a region."))
    ] = False,
    cases: Annotated[
        int, typer.Option("--cases", help=_("Number of cases of the permit service."), metavar="NUMBER", min=100)
    ] = 5000,
    size: Annotated[
        float,
        typer.Option(
            "--size",
            help=_("How large the region is: 1 is about a million rows in three years."),
            metavar="NUMBER",
            min=0.01,
            max=2.0,
        ),
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the random numbers."), metavar="NUMBER", min=0)] = 1,
    show: Annotated[
        bool, typer.Option("--open/--no-serve", help=_("Whether to open the report in the browser."))
    ] = False,
) -> None:
    """Make up a log, import and audit it."""
    from potok.log.importing.folder import replace_file
    from potok.log.importing.pipeline import import_log
    from potok.log.importing.request import ImportRequest
    from potok.report.audit import build_audit, look_further
    from potok.report.html import render_audit

    made = (
        make_permits_demonstration(out, cases=cases, seed=seed, note=write_note)
        if permits
        else make_region_demonstration(out, scale=size, seed=seed, note=write_note)
    )
    write_note(_("Importing …"))
    store = import_log(
        ImportRequest((str(made.log),), out / "store", made.mapping, replace=True, progress=TerminalProgress())
    )
    write_note(_("Auditing …"))
    report = out / f"audit.{current_language()}.html"
    audit = look_further(build_audit(store, opened_as=str(out / "store")), store)
    replace_file(report, render_audit(audit, language=current_language()))
    write_data(_("Report: {path}").format(path=report.resolve()))
    write_data(_("What was hidden in the log: {path}").format(path=made.truth.resolve()))
    _suggest(made, out / "store", [one.identifier for one in audit.findings[:1]])
    if show:
        webbrowser.open(report.resolve().as_uri())


def _suggest(made: Demonstration, store: Path, finding_ids: list[str]) -> None:
    """Print what to look at; nothing if the demonstration has no projects."""
    if not made.protocols:
        return
    write_data("")
    write_data(_("What to look at:"))
    for command, purpose in (
        (f"potok waste {store}", _("where applicants wait, by cause")),
        *((f"potok cases {store} --finding {one}", _("the cases behind the first finding")) for one in finding_ids),
        (f"potok compare {store} --by agency", _("which agencies differ, and what explains it")),
        (f"potok drift {store}", _("when the processes changed")),
        (f"potok superfluous {store}", _("which steps alter nothing")),
    ):
        write_data(f"  {command}\n      {purpose}")
    for protocol in made.protocols:
        write_data(f"  potok verify {store} --protocol {protocol}")
    write_data("      " + _("which of the region's projects worked, and whether quality held"))
