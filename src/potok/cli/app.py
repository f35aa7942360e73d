"""The commands, declared in the language chosen; each imports what it needs only when it runs."""

from typing import Annotated

import typer

import potok
from potok.cli.commands import audit, cases, demo, describe, import_, join, key, reveal, top_up
from potok.cli.console import write_data
from potok.core.language import current_language
from potok.core.language import gettext as _


def _show_version(asked: bool) -> None:
    if asked:
        write_data(f"potok {potok.__version__}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """Build the command-line application."""
    if current_language() == "ru":
        _translate_panels()
    app = typer.Typer(
        name="potok",
        help=_("Potok: evidence for faster public services."),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_global_options)
    for module in (audit, import_, describe, cases, join, top_up, key, reveal, demo):
        module.register(app)
    return app


def _global_options(
    lang: Annotated[str, typer.Option("--lang", help=_("Language: ru or en."), metavar="LANGUAGE")] = "",
    version: Annotated[
        bool, typer.Option("--version", help=_("Show the version and exit."), is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    del version
    if lang:
        raise typer.BadParameter(_("choose ru or en"), param_hint="--lang")


def _translate_panels() -> None:
    """Give Typer's own headings in Russian; it has no catalogue for them."""
    from typer import rich_utils

    rich_utils.OPTIONS_PANEL_TITLE = _("Options")
    rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.ERRORS_PANEL_TITLE = _("Error")
