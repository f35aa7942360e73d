"""``potok practise``: change a small process under a budget, and see what it would bring."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import TerminalProgress, guarded, write_data, write_json, write_note
from potok.cli.parser_help import PotokCommand
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.simulate.practice import PracticeGround, Trial


class UnknownMeasureError(UsageError):
    """A number that is none of the ground's measures."""

    code = "POTOK-S152"


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("practise", cls=PotokCommand, help=_("Change a small process under a budget and see what it brings."))(
        guarded(practise_command)
    )


def practise_command(
    *,
    ground: Annotated[
        str, typer.Option("--ground", help=_("Name of a practice ground, or its TOML file."), metavar="GROUND")
    ] = "permits",
    choose: Annotated[
        str | None,
        typer.Option(
            "--choose",
            help=_("Numbers of the measures to take, such as 1,4; without it you are asked."),
            metavar="LIST",
        ),
    ] = None,
    best: Annotated[bool, typer.Option("--best", help=_("Compare with the best that can be had."))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write JSON."))] = False,
) -> None:
    """Practise."""
    from potok.report.simulation.practice import describe_ground, describe_rank, describe_trial, practice_as_json
    from potok.simulate.practice import find_best, load_ground, rank_trial, try_measures

    place = load_ground(ground)
    if choose is None and not as_json:
        write_data(describe_ground(place, try_measures(place, ())))
        if not sys.stdin.isatty():
            write_note(_("Choose measures with --choose 1,4."))
            return
        trial = _ask(place)
        best = True
    else:
        trial = try_measures(place, _numbers(choose or "", place))
        if not as_json:
            write_data(describe_trial(place, trial))
    ranked = rank_trial(trial, find_best(place, progress=TerminalProgress())) if best else None
    if as_json:
        write_json(practice_as_json(place, trial, ranked))
    elif ranked:
        write_data(describe_rank(place, ranked))


def _ask(place: "PracticeGround") -> "Trial":
    """Let the trainee try sets of measures until an empty line; the last one counts."""
    from potok.report.simulation.practice import describe_trial
    from potok.simulate.practice import try_measures

    trial = try_measures(place, ())
    while True:
        answer = typer.prompt(_("Numbers of measures (empty line: done)"), default="", show_default=False, err=True)
        if not answer.strip():
            return trial
        try:
            numbers = _numbers(answer, place)
        except UnknownMeasureError as error:
            write_note(f"{error.message} {error.remedy}")
            continue
        trial = try_measures(place, numbers)
        write_data(describe_trial(place, trial))


def _numbers(text: str, place: "PracticeGround") -> tuple[int, ...]:
    numbers = []
    for part in text.replace(" ", ",").split(","):
        if not part:
            continue
        if not part.isdecimal() or not 1 <= int(part) <= len(place.measures):
            raise UnknownMeasureError(
                _("“{text}” is no measure.").format(text=part),
                where="--choose",
                remedy=_("Give numbers from 1 to {most}, separated by commas.").format(most=len(place.measures)),
            )
        numbers.append(int(part) - 1)
    return tuple(numbers)
