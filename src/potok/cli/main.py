"""Entry point: the language first, then the commands."""

import sys
from collections.abc import Sequence

from potok.cli.console import show_error, write_any_character, write_note
from potok.cli.parser_errors import ParameterValueError
from potok.core.errors import PotokError
from potok.core.first_use import listen_for_first_use
from potok.core.language import LANGUAGES, set_language
from potok.core.language import gettext as _


def run() -> None:
    """Run the command line and exit."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run the command line.

    Returns
    -------
    int
        Exit code: 0 ok, 1 problems found, 2 usage, 3 bad data, 4 integrity, 5 environment, 130 interrupted.
    """
    write_any_character()
    try:
        rest = _choose_language(arguments)
    except PotokError as error:
        show_error(error, as_json="--json" in arguments)
        return error.exit_code
    if sys.stderr.isatty():
        listen_for_first_use(write_note)
    # Only now: what options are for is said while they are declared.
    from potok.cli.app import run_commands

    return run_commands(rest)


def _choose_language(arguments: Sequence[str]) -> list[str]:
    """Set the language that ``--lang`` asks for, wherever it stands; return the other arguments."""
    rest = list(arguments)
    for index, argument in enumerate(arguments):
        name, separator, value = argument.partition("=")
        if name != "--lang":
            continue
        value = value if separator else "".join(arguments[index + 1 : index + 2])
        if value not in LANGUAGES:
            raise ParameterValueError(
                _("There is no language {name}.").format(name=value), where="--lang", remedy=_("Choose ru or en.")
            )
        set_language(value)
        del rest[index : index + (1 if separator else 2)]
        break
    return rest
