"""What is wrong with a command line, in the user's language."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer._click import exceptions

from potok.core.errors import PotokError, UsageError
from potok.core.language import gettext as _


class UnknownOptionError(UsageError):
    """There is no such option."""

    code = "POTOK-K004"


class MissingParameterError(UsageError):
    """A required argument or option is missing, or an option has no value."""

    code = "POTOK-K005"


class UnknownCommandError(UsageError):
    """There is no such command."""

    code = "POTOK-K006"


class ParameterValueError(UsageError):
    """An option or argument has a value that it cannot take."""

    code = "POTOK-K007"


class CommandLineError(UsageError):
    """The command line cannot be understood."""

    code = "POTOK-K008"


def is_bare_call(error: typer.TyperException) -> bool:
    """Return whether a group of commands was called without any; the error's message is then the help."""
    return isinstance(error, exceptions.NoArgsIsHelpError)


def explain(error: typer.TyperException) -> PotokError:
    """Say in the user's language what the parser found wrong."""
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else ""
    remedy = _("See {command} --help.").format(command=where or "potok")
    match error:
        case exceptions.NoSuchOption():
            return UnknownOptionError(
                _("There is no option {option}.").format(option=error.option_name),
                where=where,
                remedy=_suggest(error.possibilities or ()) or remedy,
            )
        case exceptions.BadOptionUsage():
            return MissingParameterError(
                _("The option {option} needs a value.").format(option=error.option_name), where=where, remedy=remedy
            )
        case exceptions.MissingParameter():
            return MissingParameterError(
                _("{parameter} is missing.").format(parameter=_name(error.param)), where=where, remedy=remedy
            )
        case typer.BadParameter():
            return ParameterValueError(
                _("The value of {parameter} cannot be used.").format(parameter=_name(error.param)),
                where=where,
                remedy=_say_kind(error.param) or remedy,
            )
    return CommandLineError(_say_surplus(error.format_message()), where=where, remedy=remedy)


def explain_command(name: str, known: Sequence[str], *, where: str) -> UnknownCommandError:
    """Say that there is no such command, and which ones there are."""
    return UnknownCommandError(
        _("There is no command {name}.").format(name=name),
        where=where,
        remedy=_suggest(get_close_matches(name, known)) or _("Commands: {names}.").format(names=", ".join(known)),
    )


def _say_surplus(message: str) -> str:
    # The parser has no class of its own for this.
    surplus = re.search(r"extra argument\(s\) \((.*)\)", message, re.DOTALL)
    if surplus:
        return _("There are more arguments than the command takes: {arguments}.").format(arguments=surplus[1])
    return _("The command line cannot be understood: {reason}").format(reason=message)


def _suggest(names: Sequence[str]) -> str:
    return _("Did you mean {names}?").format(names=", ".join(sorted(names))) if names else ""


def _name(parameter: Any) -> str:
    if parameter is None:
        return ""
    return str(parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar or parameter.name)


def _say_kind(parameter: Any) -> str:
    """Say what numbers an option takes; nothing for what is no number."""
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if low is not None and high is not None:
        return _("Give a number from {low} to {high}.").format(low=low, high=high)
    if low is not None:
        return _("Give a whole number of at least {low}.").format(low=low)
    return ""
