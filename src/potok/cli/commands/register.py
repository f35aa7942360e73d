"""``potok register``: a ministry's register of processes, what overlaps in it, and the share that could go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import TerminalProgress, guarded, write_data, write_note
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.diagnose.register.diagnosis import RegisterDiagnosis
    from potok.diagnose.register.evidence import Evidence, ProcessLog
    from potok.diagnose.register.model import Register

SHOWN_PROPOSALS = 15


class RegisterNeededError(UsageError):
    """Neither a register nor a place for the template is given."""

    code = "POTOK-K048"


class LinkError(UsageError):
    """A link of a process to its log that cannot be understood."""

    code = "POTOK-K049"


@dataclass(frozen=True, slots=True)
class RegisterOptions:
    """What stands beside a register, as given on the command line."""

    link: Annotated[
        list[str] | None,
        typer.Option("--link", help=_("Log of a process, by its code or name; may be repeated."), metavar="NAME=LOG"),
    ] = None
    pilots: Annotated[
        Path | None, typer.Option("--pilots", help=_("TOML file with the verified pilots."), metavar="FILE")
    ] = None
    sheet: Annotated[str, typer.Option("--sheet", help=_("Read this sheet only."), metavar="NAME")] = ""
    template: Annotated[
        Path | None, typer.Option("--template", help=_("Write the empty form there instead."), metavar="FILE")
    ] = None
    workbook: Annotated[
        Path | None, typer.Option("--xlsx", help=_("Write all tables as a workbook, too."), metavar="FILE")
    ] = None
    plain_ids: Annotated[bool, typer.Option("--plain-ids", help=_("Import linked logs without pseudonyms."))] = False


_with_table = with_shared_options("table", TableOptions)
_with_register = with_shared_options("beside", RegisterOptions)


def register(app: typer.Typer) -> None:
    """Declare the command."""
    text = _("Find in a register of processes what overlaps or serves nobody, and the share that could go.")
    app.command("register", cls=PotokCommand, help=text)(guarded(_with_table(_with_register(register_command))))


def register_command(
    *,
    file: Annotated[
        Path | None, typer.Argument(help=_("Register as a workbook or CSV."), metavar="FILE", show_default=False)
    ] = None,
    table: TableOptions,
    beside: RegisterOptions,
) -> None:
    """Diagnose a register, or write its empty form."""
    form = table_format(table)
    if beside.template is not None:
        _write_template(beside.template)
        return
    if file is None:
        raise RegisterNeededError(
            _("No register is given."),
            where="FILE",
            remedy=_("Give a workbook or CSV file, or write the empty form with --template FILE."),
        )
    result = _diagnose(file, beside)
    if beside.workbook is not None:
        _write_workbook(result, beside.workbook)
    _deliver(result, form, table.output)


def _write_template(path: Path) -> None:
    from potok.log.importing.folder import replace_file
    from potok.report.diagnosis.register_template import register_template

    replace_file(path, register_template())
    write_data(str(path))


def _write_workbook(result: "RegisterDiagnosis", path: Path) -> None:
    from potok.log.importing.folder import replace_file
    from potok.report.diagnosis.register import register_tables
    from potok.report.tables.as_workbook import as_workbook

    replace_file(path, as_workbook(register_tables(result)))
    write_note(_("Workbook: {path}").format(path=path))


def _diagnose(file: Path, beside: RegisterOptions) -> "RegisterDiagnosis":
    from potok.diagnose.register.diagnosis import diagnose_register
    from potok.diagnose.register.reading import read_register

    links = _read_links(beside.link or ())
    found = read_register(file, sheet=beside.sheet, progress=TerminalProgress())
    return diagnose_register(found, evidence=_evidence(found, links, beside))


def _deliver(result: "RegisterDiagnosis", form: TableFormat, output: Path | None) -> None:
    from potok.report.diagnosis.register import register_as_json, register_lines, register_tables

    if form is TableFormat.JSON:
        deliver_json(register_as_json(result), output)
    elif form is TableFormat.TEXT and output is None:
        write_data("\n".join(register_lines(result, limit=SHOWN_PROPOSALS)))
    else:
        deliver_all(register_tables(result), form, output)


def _read_links(given: Sequence[str]) -> dict[str, str]:
    links = {}
    for text in given:
        name, sign, log = text.rpartition("=")
        if not (sign and name.strip() and log.strip()):
            raise LinkError(
                _("{option} cannot be «{value}».").format(option="--link", value=text),
                where="--link",
                remedy=_("Write --link NAME=LOG: code or name of a process, then a file or a log store."),
            )
        links[name.strip()] = log.strip()
    return links


def _evidence(register: "Register", links: dict[str, str], beside: RegisterOptions) -> "Evidence":
    from potok.diagnose.register.evidence import Evidence, find_process, load_pilots

    given = {find_process(register, name): log for name, log in links.items()}
    pilots = load_pilots(beside.pilots, register) if beside.pilots else {}
    sources = _logs_of_cards(register) | given
    logs = {number: _summarise(log, plain_ids=beside.plain_ids) for number, log in sources.items()}
    return Evidence(logs, pilots)


def _logs_of_cards(register: "Register") -> dict[int, str]:
    """Return the logs that cards name and that are there; the others are told."""
    found = {}
    for process in register.processes:
        if process.log:
            place = register.path.parent / process.log
            if place.exists():
                found[process.number] = str(place)
            else:
                text = _("There is no log at {path}, which {code} names; its card alone was judged.")
                write_note(text.format(path=place, code=process.code))
    return found


def _summarise(source: str, *, plain_ids: bool) -> "ProcessLog":
    from potok.cli.requests import open_source
    from potok.diagnose.register.store_logs import summarise_log

    return summarise_log(open_source(source, SourceOptions(plain_ids=plain_ids)))
