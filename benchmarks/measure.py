"""Measure a command in a fresh process: wall seconds, CPU seconds with its children, peak memory of the whole tree.

This module and the program that uses it load nothing large: Linux counts the memory of the process that starts a
program into that program's peak.
"""

import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MIB: Final = 1 << 20
SAMPLE_SECONDS: Final = 0.1
PAGE_BYTES: Final = resource.getpagesize()
PROC: Final = Path("/proc")
SESSION_FIELD, RESIDENT_FIELD = 3, 21
"""Places in ``/proc/PID/stat`` after the command's name."""

SHOWN_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Limits:
    """When a command is stopped: after so many seconds, or above so much resident memory (MiB)."""

    seconds: float
    memory_mib: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a command took.

    Parameters
    ----------
    wall_seconds
        From start to end.
    cpu_seconds
        User and system time of the process and of all processes it waited for.
    peak_mib
        Highest resident memory: the larger of what the system noted for one process and the highest sum sampled over
        the process and its descendants.
    error
        Why there is no result: a limit, or the exit code with the end of the messages. Empty if all went well.
    output
        Standard output.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    error: str
    output: str


@dataclass(slots=True)
class _Watch:
    """Samples the memory of a session and ends it when a limit is passed."""

    session: int
    limits: Limits
    peak_mib: float = 0.0
    verdict: str = ""
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Watch until `stop` is called."""
        deadline = time.monotonic() + self.limits.seconds
        while not self._over.wait(SAMPLE_SECONDS):
            self.peak_mib = max(self.peak_mib, _resident_mib(self.session))
            if time.monotonic() > deadline:
                self._end(f"more than {self.limits.seconds:g} s")
            elif self.limits.memory_mib is not None and self.peak_mib > self.limits.memory_mib:
                self._end(f"more than {self.limits.memory_mib:g} MiB")

    def stop(self) -> None:
        """End the watch."""
        self._over.set()

    def _end(self, verdict: str) -> None:
        self.verdict = verdict
        os.killpg(self.session, signal.SIGKILL)
        self._over.set()


def measure_command(
    command: Sequence[str], *, limits: Limits, environment: Mapping[str, str] | None = None
) -> Measurement:
    """Run a command to its end, or to a limit, and return what it took."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        started = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            stdout=output,
            stderr=messages,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        watch = _Watch(process.pid, limits)
        watcher = threading.Thread(target=watch.run)
        watcher.start()
        _pid, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - started
        watch.stop()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        messages.seek(0)
        return Measurement(
            wall_seconds=wall_seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_mib=max(usage.ru_maxrss * 1024 / MIB, watch.peak_mib),
            error=watch.verdict or _failure(process.returncode, messages=messages.read()),
            output=output.read().decode(errors="replace"),
        )


def _failure(exit_code: int, *, messages: bytes) -> str:
    if exit_code == 0:
        return ""
    return f"exit code {exit_code}: {messages.decode(errors='replace').strip()[-SHOWN_CHARACTERS:]}"


def _resident_mib(session: int) -> float:
    """Return the resident memory of all processes of a session; pages they share count more than once."""
    pages = 0
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if entry.name.isdigit():
            pages += _resident_pages(entry, session=session)
    return pages * PAGE_BYTES / MIB


def _resident_pages(entry: Path, *, session: int) -> int:
    try:
        after_name = (entry / "stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return 0  # it has just ended
    return int(after_name[RESIDENT_FIELD]) if int(after_name[SESSION_FIELD]) == session else 0
