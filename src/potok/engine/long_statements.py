"""Long statements: shown advancing, interrupted cleanly, and failing in words a user understands."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from potok.core.errors import BadDataError, EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.progress import Progress

POLL_SECONDS: Final = 0.2
PERCENT: Final = 100
NO_SPACE: Final = "No space left on device"
DAMAGE: Final = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.NotImplementedException,
)


class OutOfSpaceError(EnvironmentFailureError):
    """The disk is full."""

    code = "POTOK-E031"


class OutOfMemoryError(EnvironmentFailureError):
    """The memory limit is too small for this log."""

    code = "POTOK-E032"


class UnreadableInputError(BadDataError):
    """The engine cannot read the input."""

    code = "POTOK-E033"


def run_statement(connection: Any, statement: str, *, progress: Progress, stage: str) -> None:
    """Run one statement, reporting its percentage; an interrupt stops it at once."""
    progress.start(stage, total=PERCENT, unit="%")
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(connection, progress, stop), daemon=True)
    watcher.start()
    try:
        connection.execute(statement)
    finally:
        stop.set()
        watcher.join()
        progress.finish()


def _watch(connection: Any, progress: Progress, stop: threading.Event) -> None:
    while not stop.wait(POLL_SECONDS):
        done = connection.query_progress()
        if done > 0:
            progress.advance_to(int(done))


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn the engine's failures of space, memory and input into Potok's own errors."""
    try:
        yield
    except duckdb.Error as error:
        raise _translated(error, path) from error
    except RuntimeError as error:
        # Some versions of DuckDB say so of Ctrl-C.
        if "interrupted" not in str(error).lower():
            raise
        raise KeyboardInterrupt from error


def _translated(error: duckdb.Error, path: Path) -> BaseException:
    """Return what the engine's error means; the error itself if it was not anticipated."""
    if isinstance(error, duckdb.InterruptException):
        return KeyboardInterrupt()
    if NO_SPACE in str(error):
        return _no_space(path)
    if isinstance(error, duckdb.OutOfMemoryException):
        return _memory_or_space(error, path)
    if isinstance(error, duckdb.IOException) and _is_about_writing(error):
        return OutOfSpaceError(
            _("Reading or writing failed: {reason}.").format(reason=_first_line(error)),
            where=str(path),
            remedy=_("Check that the disk has room and that you may write there. Nothing was stored."),
        )
    # Damaged pages of Parquet files raise the bare base class, some others an internal error.
    return _unreadable(error) if isinstance(error, DAMAGE) or type(error) is duckdb.Error else error


def _is_about_writing(error: duckdb.Error) -> bool:
    text = str(error).lower()
    return any(word in text for word in ("space", "write", "permission", "create", "truncate"))


def _unreadable(error: duckdb.Error) -> UnreadableInputError:
    return UnreadableInputError(
        _("The source cannot be read to its end: {reason}.").format(reason=_first_line(error)),
        where=_file_named(error),
        remedy=_("The file seems damaged. Export it again, or open and save it with the program that made it."),
    )


def _file_named(error: duckdb.Error) -> str:
    """Return the file that the engine's message names, without its folder; empty if none."""
    match = re.search(r"""['"]([^'"]*/)?(?P<name>[^'"/]+[.]\w+)['"]""", str(error))
    return match["name"] if match else ""


def _memory_or_space(error: duckdb.Error, path: Path) -> EnvironmentFailureError:
    if "disk" in str(error).lower() or "max_temp_directory_size" in str(error):
        return _no_space(path)
    return OutOfMemoryError(
        _("The work does not fit into the memory limit."),
        where=str(path),
        remedy=_("Give more memory, for example --memory 6GB. Nothing was stored."),
    )


def _no_space(path: Path) -> OutOfSpaceError:
    return OutOfSpaceError(
        _("There is not enough room on the disk for temporary files."),
        where=str(path),
        remedy=_("Free some space or choose another disk for --into. Nothing was stored."),
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
