"""The commands, declared in the language chosen; each imports what it needs only when it runs."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer
from typer.main import get_command

import potok
from potok.cli.commands import (
    audit,
    cases,
    chart,
    compare,
    conform,
    demo,
    describe,
    drift,
    import_,
    join,
    key,
    measure,
    practise,
    protocol,
    register,
    reveal,
    simulate,
    superfluous,
    top_up,
    verify,
    waste,
)
from potok.cli.commands import map as map_
from potok.cli.console import show_error, write_data, write_note
from potok.cli.parser_errors import explain, is_bare_call
from potok.cli.parser_help import PotokGroup, use_own_words
from potok.core.errors import EXIT_INTERRUPTED, EXIT_USAGE, PotokError
from potok.core.language import Language, current_language
from potok.core.language import gettext as _


def _show_version(asked: bool) -> None:
    if asked:
        write_data(f"potok {potok.__version__}")
        raise typer.Exit


def run_commands(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; return the exit code."""
    try:
        code = _declared(current_language())(list(arguments), prog_name="potok", standalone_mode=False)
    except PotokError as error:
        return _refuse(error, arguments)
    except typer.TyperException as error:
        if is_bare_call(error):
            write_note(error.format_message())
            return EXIT_USAGE
        return _refuse(explain(error), arguments)
    except typer.Abort:
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else 0


@cache
def _declared(language: Language) -> Any:
    """Return the commands as declared in a language: who runs several in one process declares them once."""
    del language
    return get_command(build_app())


def _refuse(error: PotokError, arguments: Sequence[str]) -> int:
    show_error(error, as_json="--json" in arguments)
    return error.exit_code


def build_app() -> typer.Typer:
    """Build the command-line application."""
    use_own_words()
    app = typer.Typer(
        name="potok",
        cls=PotokGroup,
        help=_("Potok: evidence for faster public services."),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_global_options)
    for module in (
        audit,
        import_,
        describe,
        measure,
        map_,
        waste,
        conform,
        drift,
        compare,
        superfluous,
        practise,
        simulate,
        protocol,
        verify,
        chart,
        register,
        cases,
        join,
        top_up,
        key,
        reveal,
        demo,
    ):
        module.register(app)
    return app


def _global_options(
    lang: Annotated[str, typer.Option("--lang", help=_("Language: ru or en."), metavar="LANGUAGE")] = "",
    version: Annotated[
        bool, typer.Option("--version", help=_("Show the version and exit."), is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    # The language was set before the commands were declared; the version is shown by its callback.
    del lang, version
