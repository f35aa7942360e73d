"""What commands write: data to standard output, everything else to standard error."""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import typer

from potok.core.errors import EXIT_INTERRUPTED, EnvironmentFailureError, PotokError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason

P = ParamSpec("P")
T = TypeVar("T")

REFRESH_SECONDS: Final = 0.2
# What comes from data must not steer the terminal.
HARMLESS: Final = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}


class OutputError(EnvironmentFailureError):
    """Standard output cannot be written to."""

    code = "POTOK-K009"


class SystemRefusalError(EnvironmentFailureError):
    """The operating system refuses something that no step foresaw."""

    code = "POTOK-K010"


def write_data(text: str) -> None:
    """Write lines of text to standard output."""
    _write_output(text.translate(HARMLESS))


def write_json(record: Any) -> None:
    """Write a JSON document to standard output."""
    _write_output(json.dumps(record, ensure_ascii=False, indent=2))


def _write_output(text: str) -> None:
    """Write to standard output; a reader that stops reading (``| head``) is no failure."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        _discard_output()
        raise OutputError(
            _("The result cannot be written: {reason}.").format(reason=system_reason(error)),
            where=_("standard output"),
            remedy=_("Free some space, or send the output elsewhere."),
        ) from error


def _discard_output() -> None:
    # Python tries to write what is left when it exits, and would complain then.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_note(text: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(text.translate(HARMLESS) + "\n")


def write_any_character() -> None:
    """Let both streams escape what their encoding lacks, such as bytes of a file name that are no text."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def guarded(command: Callable[P, T]) -> Callable[P, T]:
    """Let a command fail in words: an anticipated error becomes a message and its exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except PotokError as error:
            show_error(error, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            show_error(_refusal(error), as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(SystemRefusalError.exit_code) from error
        except KeyboardInterrupt as error:
            write_note("\n" + _("Interrupted. Nothing was left half done."))
            raise typer.Exit(EXIT_INTERRUPTED) from error

    return run


def _refusal(error: OSError) -> SystemRefusalError:
    return SystemRefusalError(
        _("The system refuses: {reason}.").format(reason=system_reason(error)),
        where=str(error.filename or ""),
        remedy=_("Check the name, and that you may read and write there."),
    )


def show_error(error: PotokError, *, as_json: bool) -> None:
    """Show what went wrong, where, and what to do."""
    if as_json:
        write_json({"schema": "potok.error/1", "error": error.as_record()})
        return
    lines = [_("Error {code}: {message}").format(code=error.code, message=error.message)]
    if error.where:
        lines.append(_("Where: {where}").format(where=error.where))
    if error.remedy:
        lines.append(_("What to do: {remedy}").format(remedy=error.remedy))
    write_note("\n".join(lines))


class TerminalProgress:
    """Shows one line per stage on a terminal: done, rate and remaining time. Silent elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._stage = ""
        self._total: int | None = None
        self._unit = ""
        self._began = 0.0
        self._refreshed = 0.0

    def start(self, stage: str, *, total: int | None = None, unit: str = "") -> None:
        """Begin a stage."""
        self._stage, self._total, self._unit = stage, total, unit
        self._began = self._refreshed = time.monotonic()
        self._draw(stage + " …")

    def advance_to(self, done: int) -> None:
        """Redraw, at most a few times a second."""
        now = time.monotonic()
        if now - self._refreshed < REFRESH_SECONDS:
            return
        self._refreshed = now
        self._draw(self._line(done, now - self._began))

    def finish(self) -> None:
        """Wipe the line."""
        self._draw("")

    def _line(self, done: int, seconds: float) -> str:
        if not self._total or done <= 0:
            return f"{self._stage} …"
        share = min(done / self._total, 1.0)
        parts = [f"{self._stage}: {share:.0%}"]
        if self._unit == "bytes":
            parts.append(_("{rate} MB/s").format(rate=round(done / 1e6 / max(seconds, 1e-9))))
        parts.append(_("{seconds} s left").format(seconds=round(seconds * (1 - share) / share)))
        return ", ".join(parts)

    def _draw(self, line: str) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K" + line)
            sys.stderr.flush()
