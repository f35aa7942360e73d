"""Opens an OCEL file for reading, unpacked as it is read and never beyond the limit."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import zstandard

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.sources.arrow_staging import read_start, reading

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
ZIP_MAGIC: Final = b"PK\x03\x04"


class BrokenOcelError(BadDataError):
    """An object-centric log is damaged or cut off."""

    code = "POTOK-L051"


class OversizedOcelError(BadDataError):
    """A packed object-centric log unpacks to more than is allowed."""

    code = "POTOK-L052"


class OcelStream:
    """The bytes of an OCEL file, unpacked.

    Parameters
    ----------
    path
        The file.
    content
        Where its unpacked bytes are read from.
    packed
        The file itself, whose position tells the progress.
    max_bytes
        Limit of what may be unpacked.
    advance
        Told how many bytes of the file have been read.
    """

    def __init__(
        self, path: Path, content: BinaryIO, *, packed: BinaryIO, max_bytes: int, advance: Callable[[int], None]
    ) -> None:
        self.path = path
        self._content = content
        self._packed = packed
        self._left = max_bytes
        self._advance = advance
        self._peeked = b""

    def peek(self, size: int) -> bytes:
        """Return the first bytes, which will be read again."""
        self._peeked = self.read(size)
        return self._peeked

    def read(self, size: int) -> bytes:
        """Return the next bytes; none at the end.

        Raises
        ------
        BrokenOcelError, OversizedOcelError
            If they cannot be unpacked, or only beyond the limit.
        """
        if self._peeked:
            peeked, self._peeked = self._peeked, b""
            return peeked
        try:
            chunk = self._content.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError, zipfile.BadZipFile) as error:
            raise broken_ocel(self.path, str(error)) from error
        self._left -= len(chunk)
        if self._left < 0:
            raise OversizedOcelError(
                _("{name} unpacks to more than is allowed.").format(name=self.path.name),
                where=str(self.path),
                remedy=_("If it is genuine, unpack it first."),
            )
        self._advance(self._packed.tell())
        return chunk


def broken_ocel(path: Path, reason: str, *, place: str = "") -> BrokenOcelError:
    """Return the error for a file that cannot be read for `reason`, at a `place` within it."""
    return BrokenOcelError(
        _("{name} is damaged: {reason}.").format(name=path.name, reason=reason),
        where=f"{path}, {place}" if place else str(path),
        remedy=_("Copy or export it again."),
    )


@contextmanager
def open_ocel(path: Path, *, max_bytes: int, advance: Callable[[int], None]) -> Iterator[OcelStream]:
    """Open an OCEL file, packed by gzip, Zstandard or zip or not at all."""
    start = read_start(path)
    with reading(path):
        packed = path.open("rb")
    with packed:
        content = _unpacked(path, packed, start)
        with content:
            yield OcelStream(path, content, packed=packed, max_bytes=max_bytes, advance=advance)


def _unpacked(path: Path, packed: BinaryIO, start: bytes) -> BinaryIO:
    if start.startswith(GZIP_MAGIC):
        return cast(BinaryIO, gzip.GzipFile(fileobj=packed))
    if start.startswith(ZSTD_MAGIC):
        reader: Any = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        return cast(BinaryIO, io.BufferedReader(reader))
    if start.startswith(ZIP_MAGIC):
        return _only_member(path, packed)
    return packed


def _only_member(path: Path, packed: BinaryIO) -> BinaryIO:
    try:
        archive = zipfile.ZipFile(packed)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise broken_ocel(path, _("the archive holds {count} files instead of one").format(count=len(members)))
        return cast(BinaryIO, archive.open(members[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise broken_ocel(path, str(error)) from error
