"""``potok protocol``: write a promise down before the change, look what it can prove, draw an order, hash it."""

import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potok.cli.console import guarded, write_data, write_json, write_note
from potok.cli.parser_help import PotokCommand, PotokGroup
from potok.cli.source_options import SourceOptions, with_source_options
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.verify.protocol.foresight import Foresight
    from potok.verify.protocol.model import Protocol
    from potok.verify.protocol.questions import Question

_LARGEST_DRAWN_SEED = 2**32
JsonOption = Annotated[bool, typer.Option("--json", help=_("Write JSON."))]
FileArgument = Annotated[Path, typer.Argument(help=_("TOML file of a protocol."), metavar="FILE")]


class ProtocolThereError(UsageError):
    """A new protocol would replace a file that is there."""

    code = "POTOK-V006"


class BadDrawOptionError(UsageError):
    """Options of a draw that cannot be understood."""

    code = "POTOK-V007"


class BadAnswerOptionError(UsageError):
    """An option with an answer that is not written KEY=ANSWER."""

    code = "POTOK-V008"


def register(app: typer.Typer) -> None:
    """Declare the group of commands."""
    group = typer.Typer(
        cls=PotokGroup,
        help=_("Write down, before a change, what it is to bring and how that will be judged."),
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for name, command, text in (
        ("init", init_command, _("Ask for everything a protocol needs, and write it.")),
        ("check", with_source_options(check_command), _("Say what a protocol cannot prove, before anything changes.")),
        ("draw", draw_command, _("Draw the order in which agencies change, so that anybody can repeat it.")),
        ("hash", hash_command, _("Show the hash of what a protocol promises.")),
    ):
        group.command(name, cls=PotokCommand, help=text)(guarded(command))
    app.add_typer(group, name="protocol")


def init_command(
    *,
    file: Annotated[Path, typer.Argument(help=_("File to write."), metavar="FILE")] = Path("protocol.toml"),
    answers: Annotated[
        Path | None, typer.Option("--answers", help=_("TOML file with answers, by key."), metavar="FILE")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", help=_("An answer given beforehand; may be repeated."), metavar="KEY=ANSWER"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=_("Replace a file that is there."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a protocol."""
    from potok.log.importing.folder import replace_file
    from potok.report.verification.foresight import check_lines
    from potok.verify.protocol.interview import make_protocol, read_answers
    from potok.verify.protocol.reading import read_protocol
    from potok.verify.protocol.writing import render_protocol

    if file.exists() and not force:
        raise ProtocolThereError(
            _("{path} is there already.").format(path=file),
            where=str(file),
            remedy=_("Give another name, or --force to replace it."),
        )
    given = (read_answers(answers) if answers else {}) | dict(map(_pair, answer or ()))
    ask = _ask if sys.stdin.isatty() else None
    today = datetime.now(UTC).astimezone().date()
    protocol = make_protocol(given, today=today, ask=ask, tell=write_note)
    replace_file(file, render_protocol(protocol))
    protocol = read_protocol(file)
    if as_json:
        write_json(_record(protocol))
        return
    write_data(_("Written: {path}").format(path=file))
    write_data("\n".join(check_lines(protocol, None)))


def check_command(
    *,
    file: FileArgument,
    sources: Annotated[
        list[str] | None,
        typer.Argument(help=_("Logs of the time before the change."), metavar="LOG", show_default=False),
    ] = None,
    options: SourceOptions,
    as_json: JsonOption = False,
) -> None:
    """Check a protocol."""
    from potok.report.verification.foresight import check_as_json, check_lines
    from potok.verify.protocol.reading import read_protocol

    protocol = read_protocol(file)
    foreseen = _foresee(protocol, sources, options) if sources else None
    if as_json:
        write_json(check_as_json(protocol, foreseen))
    else:
        write_data("\n".join(check_lines(protocol, foreseen)))


def draw_command(
    *,
    agencies: Annotated[
        str, typer.Option("--agencies", help=_("Agencies, separated by semicolons."), metavar="LIST")
    ] = "",
    waves: Annotated[
        str,
        typer.Option(
            "--waves",
            help=_("Days, separated by semicolons; DAY=NUMBER says how many agencies begin on it."),
            metavar="LIST",
        ),
    ],
    seed: Annotated[
        int | None,
        typer.Option("--seed", help=_("Number from which to draw, agreed on beforehand."), metavar="NUMBER", min=0),
    ] = None,
    strata: Annotated[
        str,
        typer.Option(
            "--strata",
            help=_("Groups of agencies within which to draw, instead of --agencies: A; B | C; D."),
            metavar="GROUPS",
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Draw an order."""
    from potok.report.verification.foresight import draw_as_json, draw_lines
    from potok.verify.protocol.drawing import draw_order

    groups = [_names(group) for group in strata.split("|")] if strata else []
    names = _names(agencies) or [agency for group in groups for agency in group]
    days, sizes = _days(waves)
    if seed is None:
        seed = secrets.randbelow(_LARGEST_DRAWN_SEED)
        taken = _("No number was given; {seed} was taken. A number agreed on in public convinces more.")
        write_note(taken.format(seed=seed))
    draw = draw_order(names, days, seed=seed, sizes=sizes, strata=groups)
    if as_json:
        write_json(draw_as_json(draw))
    else:
        write_data("\n".join(draw_lines(draw)))


def hash_command(*, file: FileArgument, as_json: JsonOption = False) -> None:
    """Show the hash of a protocol."""
    from potok.verify.protocol.reading import read_protocol

    protocol = read_protocol(file)
    if as_json:
        write_json(_record(protocol))
    else:
        write_data(f"{protocol.sha256}  {file}")


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise BadAnswerOptionError(
            _("“{text}” cannot be used.").format(text=text),
            where="--answer",
            remedy=_("Write --answer KEY=ANSWER, such as --answer estimand.horizon_days=60."),
        )
    return key.strip(), value


def _ask(question: "Question") -> str:
    """Ask a person, after saying what the question is good for."""
    write_note(f"\n{_(question.title)}\n  {_(question.explanation)}")
    for number, (value, meaning) in enumerate(question.choices, start=1):
        write_note(f"  {number}  {_(meaning)} ({value})")
    usual = question.usual or ""
    return str(typer.prompt(">", default=usual, show_default=bool(usual), prompt_suffix=" ", err=True))


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _days(text: str) -> tuple[list[date], list[int]]:
    from potok.verify.protocol.interview import parse_day

    days, sizes = [], []
    for part in _names(text):
        written, sign, size = (piece.strip() for piece in part.partition("="))
        day = parse_day(written)
        if day is None or (sign and not size.isdecimal()):
            raise _bad_waves(part)
        days.append(day)
        sizes += [int(size)] if sign else []
    if sizes and len(sizes) != len(days):
        raise _bad_waves(text)
    return days, sizes


def _bad_waves(text: str) -> BadDrawOptionError:
    return BadDrawOptionError(
        _("“{text}” cannot be used.").format(text=text),
        where="--waves",
        remedy=_("Give days such as 2026-03-01; 2026-09-01, all or none of them with a number: 2026-03-01=2."),
    )


def _foresee(protocol: "Protocol", sources: Sequence[str], options: SourceOptions) -> "Foresight":
    from potok.cli.requests import open_source
    from potok.report.catalogue.clock import find_calendar, require_calendar
    from potok.verify.outcomes.reading import read_study
    from potok.verify.protocol.foresight import foresee

    stores = [open_source(source, options) for source in sources]
    name = protocol.estimand.calendar
    calendar = require_calendar(find_calendar(name, regulation=None, store=stores[0])) if name else None
    study = read_study(stores, protocol, looked_on=protocol.look.on, calendar=calendar)
    return foresee(study, protocol, calendar=calendar)


def _record(protocol: "Protocol") -> dict[str, Any]:
    from potok.verify.protocol.canonical import protocol_as_mapping

    return {**protocol_as_mapping(protocol), "sha256": protocol.sha256}
