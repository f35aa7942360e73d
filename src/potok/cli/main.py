"""Entry point: the language first, then the commands."""

import sys
from collections.abc import Sequence

from potok.core.language import LANGUAGES, set_language


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
    rest = _choose_language(arguments)
    from potok.cli.app import build_app

    try:
        build_app()(rest)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _choose_language(arguments: Sequence[str]) -> list[str]:
    """Set the language that ``--lang`` asks for, wherever it stands; return the other arguments.

    A wrong value is left for the parser to refuse.
    """
    rest = list(arguments)
    for index, argument in enumerate(arguments):
        name, _separator, value = argument.partition("=")
        value = value or (arguments[index + 1] if index + 1 < len(arguments) else "")
        if name == "--lang" and value in LANGUAGES:
            set_language(value)
            del rest[index : index + (1 if "=" in argument else 2)]
            break
    return rest
