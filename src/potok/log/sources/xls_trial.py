"""Tries a workbook of the old format (.xls) in a process of its own.

The reader trusts lengths that such a file states: a damaged one can end the process that reads it, and no exception is
raised that could be caught. What can be read once can be read again.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from potok.core.language import gettext as _
from potok.log.sources.xlsx_container import broken_workbook

MEMORY_BYTES: Final = 4 * 2**30
LIMIT_SECONDS: Final = 600
ORDINARY_ERROR: Final = 4

# An ordinary error will be raised again by whoever asked; a panic or a signal gives another status.
_PROGRAM: Final = f"""
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES}, {MEMORY_BYTES}))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
import python_calamine
try:
    with open(sys.argv[1], "rb") as file:
        workbook = python_calamine.CalamineWorkbook.from_filelike(file)
        for name in workbook.sheet_names:
            workbook.get_sheet_by_name(name)
except Exception:
    sys.exit({ORDINARY_ERROR})
"""


def check_old_workbook(path: Path) -> None:
    """Raise `BrokenWorkbookError` if reading an .xls file ends the process that does it."""
    command = [sys.executable, "-I", "-c", _PROGRAM, str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and program; the path is one argument
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise broken_workbook(path, _("reading it does not end")) from error
    if done.returncode not in (0, ORDINARY_ERROR):
        raise broken_workbook(path, _("it breaks the rules of its format"))
