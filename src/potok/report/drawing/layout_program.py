"""Finding and running the program that lays out graphs (Graphviz, by way of ``graphviz-pure``)."""

import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Final

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _

PROGRAMS: Final = ("graphviz-pure", "dot")
TIME_LIMIT_SECONDS: Final = 20.0


class NoLayoutProgramError(EnvironmentFailureError):
    """No program that can lay out a graph is installed."""

    code = "POTOK-R001"


class LayoutFailedError(EnvironmentFailureError):
    """The layout program failed or took too long."""

    code = "POTOK-R002"


def run_layout_program(description: str, *, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> bytes:
    """Lay out a graph given in the DOT language and return Graphviz's JSON.

    Raises
    ------
    NoLayoutProgramError
        If neither ``graphviz-pure`` nor ``dot`` is found.
    LayoutFailedError
        If the program fails, cannot be started or exceeds the time limit.
    """
    program = find_layout_program()
    try:
        finished = subprocess.run(  # noqa: S603 - the program is ours or on PATH; the graph holds numbers only
            [program, "-Kdot", "-Tjson"],
            input=description.encode("ascii"),
            capture_output=True,
            timeout=time_limit_seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise LayoutFailedError(
            _("The process map was not laid out within {seconds} s.").format(seconds=round(time_limit_seconds)),
            where=program,
            remedy=_("Ask for less detail; the tables show everything that the map would."),
        ) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise LayoutFailedError(
            _("The layout program failed: {reason}").format(reason=_reason(error)),
            where=program,
            remedy=_("Reinstall it with: pip install --force-reinstall graphviz-pure"),
        ) from error
    return finished.stdout


def _reason(error: subprocess.CalledProcessError | OSError) -> str:
    if isinstance(error, OSError):
        return str(error)
    return error.stderr.decode("utf-8", errors="replace").strip()[:500] or str(error)


@cache
def find_layout_program() -> str:
    """Return the path of the layout program: beside this Python first, then on PATH.

    Raises
    ------
    NoLayoutProgramError
        If there is none.
    """
    for program in PROGRAMS:
        for folder in (str(Path(sys.executable).parent), sysconfig.get_path("scripts"), None):
            found = shutil.which(program, path=folder)
            if found:
                return found
    raise NoLayoutProgramError(
        _("No program to lay out the process map was found ({programs}).").format(programs=", ".join(PROGRAMS)),
        remedy=_("Install it with: pip install graphviz-pure"),
    )
