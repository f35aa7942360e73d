"""Help in the user's language, its options under headings; Typer has English only, and headings only with Rich."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from typer import core

from potok.cli.parser_errors import explain_command
from potok.core.language import gettext as _
from potok.core.language import mark

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

# Typer looks these up in a catalogue of its own, which it does not have.
PARSER_WORDS: Final = (
    mark("required"),
    mark("default: {default}"),
    mark("[OPTIONS]"),
    mark("COMMAND [ARGS]..."),
    mark("Missing command."),
)


def use_own_words() -> None:
    """Let the parser take its few words from our catalogue."""
    vars(core)["_"] = _


class PotokCommand(core.TyperCommand):
    """A command with help in the user's language."""

    def format_usage(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the line that shows how the command is called."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write arguments and options under their headings."""
        _write_parameters(self, ctx, formatter)

    def get_help_option(self, ctx: "Context") -> Any:
        """Return the option ``--help``."""
        return _described(super().get_help_option(ctx))


class PotokGroup(core.TyperGroup):
    """A group of commands with help in the user's language."""

    def format_usage(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the line that shows how the group is called."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write options and commands under their headings."""
        _write_parameters(self, ctx, formatter)
        rows = [(name, command.get_short_help_str(formatter.width)) for name, command in self.commands.items()]
        _write_section(formatter, _("Commands"), rows)

    def get_help_option(self, ctx: "Context") -> Any:
        """Return the option ``--help``."""
        return _described(super().get_help_option(ctx))

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        """Find the command that the arguments name.

        Raises
        ------
        UnknownCommandError
            If there is none of that name.
        """
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise explain_command(args[0], list(self.commands), where=ctx.command_path)
        return super().resolve_command(ctx, args)


def _write_usage(command: "Command", ctx: "Context", formatter: "HelpFormatter") -> None:
    # The parser puts required arguments in braces, which read as part of the command.
    pieces = [re.sub(r"[{}]", "", _(piece)) for piece in command.collect_usage_pieces(ctx)]
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage:") + " ")


def _write_parameters(command: "Command", ctx: "Context", formatter: "HelpFormatter") -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        if parameter.param_type_name == "argument":
            sections.setdefault(_("Arguments"), []).append((parameter.metavar or parameter.name, record[1]))
        else:
            sections.setdefault(getattr(parameter, "rich_help_panel", None) or _("Options"), []).append(record)
    for heading in sorted(sections, key=_section_rank):
        _write_section(formatter, heading, sections[heading])


def _section_rank(heading: str) -> int:
    """Put arguments and the command's own options before what it shares with others."""
    first = (_("Arguments"), _("Options"))
    return first.index(heading) if heading in first else len(first)


def _write_section(formatter: "HelpFormatter", heading: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(heading):
            formatter.write_dl(rows)


def _described(option: Any) -> Any:
    if option is not None:
        option.help = _("Show this help and exit.")
    return option
