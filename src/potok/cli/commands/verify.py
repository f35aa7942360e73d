"""``potok verify``: whether a project worked, and whether quality held."""

import re
import shlex
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import guarded, write_data, write_note
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.core.calendars import Calendar
    from potok.log.store import LogStore
    from potok.report.verification.results import EffectResults
    from potok.verify.effect import Design
    from potok.verify.persistence import Persistence
    from potok.verify.protocol.model import Protocol
    from potok.verify.verification import Verification


class VerifyOptionsError(UsageError):
    """Options of a verification that cannot be, or not together."""

    code = "POTOK-V090"


class FailOn(StrEnum):
    """For which verdicts the command is to fail."""

    NEVER = "never"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How a verification is made, as given on the command line."""

    protocol: Annotated[
        Path, typer.Option("--protocol", help=_("TOML file of the registered protocol."), metavar="FILE")
    ]
    registered: Annotated[
        str,
        typer.Option(
            "--registered",
            help=_("Hash of the protocol as registered; if it says something else now, nothing is verified."),
            metavar="SHA256",
        ),
    ] = ""
    on: Annotated[
        str, typer.Option("--on", help=_("Day of the verdict; the logs' last day if left out."), metavar="DATE")
    ] = ""
    design: Annotated[
        str,
        typer.Option("--design", help=_("Another design than proposed; then nothing is verified."), metavar="DESIGN"),
    ] = ""
    calendar: Annotated[
        str, typer.Option("--calendar", help=_("Calendar of working days, if the protocol counts in them."))
    ] = ""
    board: Annotated[
        Path | None,
        typer.Option("--board", help=_("Write one page for a board: .pdf, .docx or .html."), metavar="FILE"),
    ] = None
    auditor: Annotated[
        Path | None,
        typer.Option("--auditor", help=_("Write everything: .html, .pdf, .docx or .xlsx."), metavar="FILE"),
    ] = None
    cases_out: Annotated[
        Path | None,
        typer.Option("--cases-out", help=_("Write every case with its side and outcome, .csv."), metavar="FILE"),
    ] = None
    persistence: Annotated[
        Path | None,
        typer.Option(
            "--persistence", help=_("JSON of the verified effect: say whether it lasts on later cases."), metavar="FILE"
        ),
    ] = None
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help=_("Exit with 1 unless the effect is verified."), metavar="WHEN")
    ] = FailOn.NEVER


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("verify", cls=PotokCommand, help=_("Say whether a project worked, and whether quality held."))(
        guarded(with_source_options(_with_table(_with_verify(verify_command))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_verify = with_shared_options("asked", VerifyOptions)


def verify_command(
    *,
    sources: Annotated[
        list[str], typer.Argument(help=_("Files, database URLs or log stores, one or more."), metavar="LOG")
    ],
    options: SourceOptions,
    table: TableOptions,
    asked: VerifyOptions,
) -> None:
    """Verify a project."""
    form = table_format(table)
    from potok.cli.requests import open_source
    from potok.report.verification.study_cases import write_study_cases
    from potok.report.verification.tables import effect_tables
    from potok.report.verification.text import effect_as_text
    from potok.report.verification.writing import PageKind, check_effect_file, write_effect
    from potok.verify.effect import Verdict
    from potok.verify.effect_json import effect_as_json
    from potok.verify.persistence import persist_stores, read_effect
    from potok.verify.protocol.reading import read_protocol
    from potok.verify.verification import verify_stores

    pages = ((asked.board, PageKind.BOARD), (asked.auditor, PageKind.AUDITOR))
    for target, kind in pages:
        check_effect_file(target, kind=kind)
    registered = _registered(asked)
    protocol, design, day = read_protocol(asked.protocol), _design(asked.design), _day(asked.on)
    stores = [open_source(source, options) for source in sources]
    calendar = _calendar(asked.calendar or protocol.estimand.calendar, stores[0])
    if asked.persistence is not None:
        effect = read_effect(asked.persistence)
        found_later = persist_stores(stores, protocol, effect, looked_on=day, calendar=calendar)
        _show_persistence(found_later, protocol, table)
        return
    found = verify_stores(
        stores,
        protocol,
        decided_on=day,
        design=design,
        calendar=calendar,
        registered_sha256=registered,
    )
    for target, kind in pages:
        if target is not None:
            write_effect(target, _results(found, sources, asked), kind=kind)
            write_note(_("Written: {path}").format(path=target))
    if asked.cases_out is not None:
        write_study_cases(asked.cases_out, found)
        write_note(_("Written: {path}").format(path=asked.cases_out))
    if form is TableFormat.JSON:
        deliver_json(effect_as_json(found), table.output)
    elif form is TableFormat.TEXT and table.output is None:
        write_data(effect_as_text(found.effect, protocol))
    else:
        deliver_all(list(effect_tables(found.effect, protocol)), form, table.output)
    if asked.fail_on is FailOn.NOT_VERIFIED and found.effect.decision.verdict is not Verdict.VERIFIED:
        raise typer.Exit(1)


def _results(found: "Verification", sources: list[str], asked: VerifyOptions) -> "EffectResults":
    from potok.report.verification.control import results_of

    # As it can be typed anywhere: names of files without their folders.
    typed = ["potok", "verify", *(Path(source).name for source in sources), "--protocol", asked.protocol.name, "--json"]
    if asked.registered:
        typed += ["--registered", asked.registered]
    return results_of(found, command=shlex.join(typed))


def _show_persistence(found: "tuple[Persistence, ...]", protocol: "Protocol", table: TableOptions) -> None:
    """Show whether a verified effect lasts."""
    from potok.report.verification.lasting import persistence_as_json, persistence_table

    form = table_format(table)
    if form is TableFormat.JSON:
        deliver_json(persistence_as_json(found, protocol), table.output)
    else:
        deliver_all([persistence_table(found, protocol)], form, table.output)


def _design(name: str) -> "Design | None":
    if not name:
        return None
    from potok.cli.requests import choice_of
    from potok.verify.effect import Design

    return choice_of("--design", name, Design)


def _registered(asked: VerifyOptions) -> str | None:
    value = asked.registered
    text = value.strip().lower()
    if text and asked.persistence is not None:
        raise VerifyOptionsError(
            _("Whether an effect lasts is asked of the protocol that the effect itself names."),
            where="--registered, --persistence",
            remedy=_("Leave --registered out."),
        )
    if text and not re.fullmatch("[0-9a-f]{64}", text):
        raise VerifyOptionsError(
            _("“{value}” is no hash of a protocol.").format(value=value),
            where="--registered",
            remedy=_("Give the 64 digits that potok protocol hash has printed."),
        )
    return text or None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise VerifyOptionsError(
            _("«{text}» is no date.").format(text=text),
            where="--on",
            remedy=_("Write the year, month and day, such as 2026-11-23."),
        ) from error


def _calendar(name: str, store: "LogStore") -> "Calendar | None":
    from potok.report.catalogue.clock import find_calendar, require_calendar

    return require_calendar(find_calendar(name, regulation=None, store=store)) if name else None
