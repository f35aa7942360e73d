"""The bytes of a log, unpacked and hashed in one pass."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from potok.core.language import gettext as _
from potok.core.progress import Progress
from potok.log.sources.archive import (
    ArchiveContentError,
    Container,
    ContainerKind,
    Member,
    UnpackingLimits,
    open_container,
    read_chunks,
    read_member,
)
from potok.log.sources.base import SourceFile
from potok.log.sources.xes.errors import EmptyXesError

# Limits on what an event may hold are looked at between pieces.
PIECE_BYTES: Final = 1 << 18


class SourceBytes:
    """The unpacked bytes of one file, and its hash as it lies on disk.

    Parameters
    ----------
    path
        A file; its first bytes, not its name, say how it is compressed.
    limits
        For what it may unpack to.
    progress
        Told the bytes of the file read so far; of a log in a zip archive, the unpacked bytes.

    Attributes
    ----------
    kind
        How the file is packed.
    """

    def __init__(self, path: Path, *, limits: UnpackingLimits, progress: Progress) -> None:
        self._path = path
        self._limits = limits
        self._progress = progress
        self._container = open_container(path)
        self._digest = hashlib.sha256()
        self._size = self._advanced = 0
        self.kind = self._container.kind

    def pieces(self) -> Iterator[bytes]:
        """Yield the unpacked bytes in small pieces.

        Raises
        ------
        EmptyXesError
            If there are none.
        PotokError
            If the file cannot be read or unpacked (`archive.read_member`).
        """
        member = _only_log(self._container)
        is_empty = True
        self._progress.start(_("Reading {name}").format(name=self._path.name), total=self._total(member), unit="bytes")
        try:
            for chunk in self._chunks(member):
                is_empty = False
                for start in range(0, len(chunk), PIECE_BYTES):
                    yield chunk[start : start + PIECE_BYTES]
        finally:
            self._progress.finish()
        if is_empty:
            raise EmptyXesError(
                _("The file {name} is empty.").format(name=self._path.name),
                where=str(self._path),
                remedy=_("Export the log again and check that the export finished."),
            )

    def as_source_file(self) -> SourceFile:
        """Return size and hash of the file; only after its last piece."""
        return SourceFile(self._path.name, self._size, self._digest.hexdigest())

    def _total(self, member: Member) -> int:
        return member.entry.file_size if member.entry else self._path.stat().st_size

    def _chunks(self, member: Member) -> Iterator[bytes]:
        if self.kind is not ContainerKind.ZIP:
            return read_member(self._container, member, limits=self._limits, watch=self._hash_and_advance)
        # A zip archive is read from its end, so that hashing takes a pass of its own over the packed bytes.
        for chunk in read_chunks(self._path):
            self._hash(chunk)
        return read_member(self._container, member, limits=self._limits, watch=self._advance)

    def _hash_and_advance(self, chunk: bytes) -> None:
        self._hash(chunk)
        self._advance(chunk)

    def _hash(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._size += len(chunk)

    def _advance(self, chunk: bytes) -> None:
        self._advanced += len(chunk)
        self._progress.advance_to(self._advanced)


def _only_log(container: Container) -> Member:
    members = container.members
    logs = [member for member in members if member.name.lower().endswith(".xes")] or members
    if len(logs) == 1:
        return logs[0]
    raise ArchiveContentError(
        _("The zip file should hold one XES file, but holds {count} files.").format(count=len(logs)),
        where=str(container.path),
        remedy=_("Unpack it and give the XES file itself, or several of them."),
    )
