"""``potok audit``: from a source or store to a report that opens in a browser."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from potok.cli.console import guarded, write_data, write_json
from potok.cli.measure_options import DeclaredOptions, MeasureOptions, open_request
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.core.errors import UsageError
from potok.core.language import current_language
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.diagnose.declared import Declared
    from potok.report.audit import Described
    from potok.report.measured import Audit

A3_SUFFIXES: Final = (".docx", ".pdf")


class OneCalendarError(UsageError):
    """The audit is given departments' calendars, which it would leave out in silence."""

    code = "POTOK-K034"


class A3NameError(UsageError):
    """A file for the A3 whose name does not say what it is to be."""

    code = "POTOK-K050"


@dataclass(frozen=True, slots=True)
class DocumentOptions(DeclaredOptions):
    """Documents beside the report, and what people say of the process in them, as given on the command line."""

    a3: Annotated[
        list[Path] | None,
        typer.Option("--a3", help=_("Write an A3 as well, DOCX or PDF; may be repeated."), metavar="FILE"),
    ] = None
    brief: Annotated[
        bool, typer.Option("--brief", help=_("Leave out findings beyond the time of applicants: they take longest."))
    ] = False
    value_adding: Annotated[
        list[str] | None,
        typer.Option("--value-adding", help=_("Activity that adds value; may be repeated."), metavar="ACTIVITY"),
    ] = None
    organisation: Annotated[
        str, typer.Option("--organisation", help=_("Organisation, for the documents."), metavar="NAME")
    ] = ""
    process: Annotated[
        str, typer.Option("--process", help=_("Name of the process, for the documents."), metavar="NAME")
    ] = ""
    owner: Annotated[str, typer.Option("--owner", help=_("Owner of the flow, for the documents."), metavar="NAME")] = ""
    author: Annotated[str, typer.Option("--author", help=_("Author of the documents."), metavar="NAME")] = ""
    date: Annotated[str, typer.Option("--date", help=_("Date of the documents."), metavar="DATE")] = ""


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("audit", cls=PotokCommand, help=_("Audit a log: quality, process map, times, rework, longest waits."))(
        guarded(with_source_options(_with_measuring(_with_documents(audit_command))))
    )


_with_measuring = with_shared_options("measuring", MeasureOptions)
_with_documents = with_shared_options("documents", DocumentOptions)


def audit_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    measuring: MeasureOptions,
    documents: DocumentOptions,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=_("File of the HTML report."), metavar="FILE")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help=_("Write the audit as a workbook, too."), metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write the audit as JSON."))] = False,
) -> None:
    """Audit a log."""
    _check_names(documents)
    from potok.log.importing.folder import replace_file
    from potok.report.audit import build_audit, look_further
    from potok.report.audit_json import audit_as_json
    from potok.report.audit_workbook import render_workbook

    declared = documents.read()
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
        asked_with=_asked_with(measuring, documents),
        regulation=request.regulation,
        calendar=request.calendar,
        described=_described(documents, declared),
    )
    if not documents.brief:
        audit = look_further(
            audit, request.store, regulation=request.regulation, calendar=request.calendar, declared=declared
        )
    for target in documents.a3 or ():
        replace_file(target, _render_a3(audit, target))
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


def _check_names(documents: DocumentOptions) -> None:
    for target in documents.a3 or ():
        if target.suffix.lower() not in A3_SUFFIXES:
            raise A3NameError(
                _("The A3 cannot be written as «{name}».").format(name=target.name),
                where="--a3",
                remedy=_("Choose a name that ends in one of: {suffixes}.").format(suffixes=", ".join(A3_SUFFIXES)),
            )


def _described(documents: DocumentOptions, declared: "Declared | None") -> "Described":
    from potok.diagnose.declared import Declared
    from potok.report.a3.head import DocumentHead
    from potok.report.audit import Described

    head = DocumentHead(documents.organisation, documents.process, documents.owner, documents.author, documents.date)
    return Described(tuple(documents.value_adding or ()), head, declared or Declared())


def _render_a3(audit: "Audit", target: Path) -> bytes:
    from potok.report.a3.document import make_a3
    from potok.report.a3.docx import render_a3_docx
    from potok.report.a3.pdf import render_a3_pdf

    render = render_a3_pdf if target.suffix.lower() == ".pdf" else render_a3_docx
    return render(make_a3(audit), author=audit.head.author)


def _asked_with(measuring: MeasureOptions, documents: DocumentOptions) -> dict[str, str]:
    """Return the options that were given, as commands in the report repeat them."""
    given = {
        "--filter": measuring.case_filter,
        "--regulation": str(measuring.regulation or ""),
        "--calendar": measuring.calendar,
        "--declared": str(documents.declared or ""),
        "--rules": str(documents.rules or ""),
    }
    flags = {"--skip-unknown": ""} if measuring.skip_unknown else {}
    return {name: value for name, value in given.items() if value} | flags


def _report_name(source: str) -> Path:
    """Name a report in the current folder after the source, or after its folder if that is ``.`` or a hidden file."""
    path = Path(source)
    stems = (name.split(".")[0] for name in (path.name, *path.resolve().parts[::-1]))
    return Path(next(filter(None, stems), "potok") + ".audit.html")
