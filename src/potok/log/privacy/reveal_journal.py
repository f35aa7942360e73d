"""The journal of revealed ids: one line of JSON for each, chained by hashes.

Each line holds its own SHA-256 and that of the line before it, so a line that was altered, removed or slipped in is
noticed. Lines removed at the end are noticed only by who noted the number of lines or the last hash elsewhere:
`verify_reveal_journal` returns both.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from potok.core.errors import EnvironmentFailureError, IntegrityError, UsageError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.privacy.private_files import BINARY, PRIVATE_FILE_MODE, make_private_folder, sync_folder

try:
    import fcntl
except ImportError:  # Windows: two clerks at one computer do not reveal at the same instant
    fcntl = None  # type: ignore[assignment]  # the module is missing there

FIRST_HASH: Final = "0" * 64
_FIELDS: Final = frozenset(
    {"number", "at", "by", "reason", "pseudonym", "key_id", "sealed_map", "previous_sha256", "sha256"}
)


class RevealJournalBrokenError(IntegrityError):
    """A reveal journal whose lines do not follow from one another."""

    code = "POTOK-L120"


class RevealJournalAccessError(EnvironmentFailureError):
    """A reveal journal that the system does not let us read or write."""

    code = "POTOK-L121"


class RevealJournalMissingError(UsageError):
    """There is no reveal journal to verify."""

    code = "POTOK-L122"


@dataclass(frozen=True, slots=True)
class Revelation:
    """That somebody learnt which id stands behind a pseudonym. The id itself is not recorded.

    Parameters
    ----------
    at
        When; with a time zone.
    by
        Who.
    reason
        What for.
    pseudonym
        Which case.
    key_id
        With which key.
    sealed_map
        Name of the map, without its folder.
    """

    at: datetime
    by: str
    reason: str
    pseudonym: str
    key_id: str
    sealed_map: str


@dataclass(frozen=True, slots=True)
class RevealJournal:
    """A verified journal.

    Parameters
    ----------
    entries
        Number of lines.
    last_sha256
        Hash of the last line; note it elsewhere to notice lines removed at the end.
    """

    entries: int
    last_sha256: str


def append_revelation(journal: Path, revelation: Revelation) -> RevealJournal:
    """Write a revelation to the end of the journal and wait until it lies on disk.

    Parameters
    ----------
    journal
        Created, readable by its owner alone, if it does not exist.
    revelation
        What to write.

    Raises
    ------
    RevealJournalBrokenError
        If the journal so far is broken; nothing is written.
    RevealJournalAccessError
        If the system refuses; the journal is as before.
    """
    try:
        make_private_folder(journal.parent)
        with _locked(journal) as descriptor:
            content = _read_all(descriptor)
            before = _verify(content, journal)
            line = _write_line(revelation, before)
            _append(descriptor, len(content), line)
        sync_folder(journal.parent)
    except OSError as error:
        raise _inaccessible(journal, error) from error
    return RevealJournal(before.entries + 1, json.loads(line)["sha256"])


def verify_reveal_journal(path: Path) -> RevealJournal:
    """Check that no line of a reveal journal was altered, removed or slipped in.

    Raises
    ------
    RevealJournalBrokenError
        Naming the first line that does not follow from those before it.
    RevealJournalMissingError
        If there is no such file.
    RevealJournalAccessError
        If the system refuses to read it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RevealJournalMissingError(
            _("There is no reveal journal."), where=str(path), remedy=_("Check the name of the file.")
        ) from error
    except OSError as error:
        raise _inaccessible(path, error) from error
    return _verify(content, path)


@contextmanager
def _locked(journal: Path) -> Iterator[int]:
    descriptor = os.open(journal, os.O_RDWR | os.O_CREAT | BINARY, PRIVATE_FILE_MODE)
    try:
        # Closing releases the lock.
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return b"".join(iter(lambda: os.read(descriptor, max(size, 1)), b""))


def _append(descriptor: int, end: int, line: bytes) -> None:
    try:
        os.lseek(descriptor, end, os.SEEK_SET)
        while line:
            line = line[os.write(descriptor, line) :]
        os.fsync(descriptor)
    except OSError:
        # Half a line would make the journal look tampered with.
        os.ftruncate(descriptor, end)
        raise


def _write_line(revelation: Revelation, before: RevealJournal) -> bytes:
    record = asdict(revelation) | {
        "at": revelation.at.astimezone(UTC).isoformat(),
        "number": before.entries + 1,
        "previous_sha256": before.last_sha256,
    }
    return _dump(record | {"sha256": _hash(record)}) + b"\n"


def _verify(content: bytes, path: Path) -> RevealJournal:
    previous = FIRST_HASH
    lines = content.split(b"\n")
    # A line without its end was cut off.
    unfinished = lines.pop()
    for number, line in enumerate(lines, start=1):
        record = _parse(line)
        if record is None or record["number"] != number or record["previous_sha256"] != previous:
            raise _broken(path, number)
        previous = record["sha256"]
    if unfinished:
        raise _broken(path, len(lines) + 1)
    return RevealJournal(len(lines), previous)


def _parse(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line whose own hash fits; None for any other line."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.keys() != _FIELDS or _dump(record) != line:
        return None
    content = {name: value for name, value in record.items() if name != "sha256"}
    return record if record["sha256"] == _hash(content) else None


def _dump(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")


def _hash(record: dict[str, Any]) -> str:
    return hashlib.sha256(_dump(record)).hexdigest()


def _broken(path: Path, number: int) -> RevealJournalBrokenError:
    return RevealJournalBrokenError(
        _("The reveal journal was altered: line {number} does not follow from those before it.").format(number=number),
        where=str(path),
        remedy=_("Show it to whoever supervises data protection; keep the file and begin a new one."),
    )


def _inaccessible(path: Path, error: OSError) -> RevealJournalAccessError:
    return RevealJournalAccessError(
        _("The reveal journal cannot be used: {reason}.").format(reason=system_reason(error)),
        where=str(path),
        remedy=_("Nothing is revealed unless it can be written down; name a file that you may write."),
    )
