"""Files as they lie on disk, and the compressed containers around them: gzip, Zstandard and zip.

Everything is a stream of small chunks: memory does not grow with the file, and limits stop what would unpack without
end. A member's name is only ever shown; nothing is written under it.
"""

import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from potok.core.errors import BadDataError, EnvironmentFailureError, UsageError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.sources.unpacking import damaged, gunzip, unzstd

CHUNK_BYTES: Final = 3 * 2**19
HEAD_BYTES: Final = 512
MAX_MEMBERS: Final = 1_000
MIB: Final = 2**20
ENCRYPTED_FLAG: Final = 0x1
UTF8_NAME_FLAG: Final = 0x800

Watcher = Callable[[bytes], object]


class MissingSourceError(UsageError):
    """There is no file at the path given."""

    code = "POTOK-L060"


class NotAFileError(UsageError):
    """The path given is a folder, a device or a pipe."""

    code = "POTOK-L061"


class UnreadableSourceError(EnvironmentFailureError):
    """The system refuses to read the file."""

    code = "POTOK-L062"


class UnpackedSizeError(BadDataError):
    """A compressed file unpacks to more than the limit."""

    code = "POTOK-L073"


class UnpackingRatioError(BadDataError):
    """A compressed file unpacks to so many times its size that it looks like an attack."""

    code = "POTOK-L074"


class ArchiveContentError(BadDataError):
    """A compressed file holds what cannot be read from it."""

    code = "POTOK-L075"


class UnsafeMemberNameError(BadDataError):
    """A name in a zip file points outside its folder."""

    code = "POTOK-L076"


class ContainerKind(StrEnum):
    """How a file is packed."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"
    ZIP = "zip"


@dataclass(frozen=True, slots=True)
class UnpackingLimits:
    """What a compressed file may unpack to.

    Parameters
    ----------
    max_bytes
        Bytes of all members together.
    max_ratio
        Unpacked bytes for each packed byte, looked at once `ratio_from_bytes` are unpacked.
    """

    max_bytes: int = 200 * 2**30
    max_ratio: int = 1_000
    ratio_from_bytes: int = 100 * 10**6


@dataclass(frozen=True, slots=True)
class Member:
    """One stream in a file: what a zip file lists, or the file itself.

    Parameters
    ----------
    name
        For people; never a path to write to.
    entry
        Its entry in the zip file, if it is one.
    """

    name: str
    entry: zipfile.ZipInfo | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A file and the members in it.

    Parameters
    ----------
    path
        The file.
    kind
        How it is packed, told by its first bytes and not by its name.
    members
        In the order of the zip file; for any other file the file itself.
    """

    path: Path
    kind: ContainerKind
    members: tuple[Member, ...]


def read_chunks(path: Path, *, watch: Watcher | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks of at most `CHUNK_BYTES`.

    Parameters
    ----------
    watch
        Sees each chunk before it is yielded (hash, progress).

    Raises
    ------
    MissingSourceError, NotAFileError, UnreadableSourceError
        If the file cannot be read.
    """
    check_is_file(path)
    with _readable(path), path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            if watch is not None:
                watch(chunk)
            yield chunk


def check_is_file(path: Path) -> None:
    """Raise unless there is an ordinary file at `path`."""
    with _readable(path):
        if path.is_file():
            return
        exists = path.exists()
    if not exists:
        raise MissingSourceError(
            _("There is no file “{name}”.").format(name=path), remedy=_("Check the path and the name of the file.")
        )
    raise NotAFileError(
        _("“{name}” is a folder or a device, not a file.").format(name=path), remedy=_("Give the path of a file.")
    )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UnreadableSourceError:
    return UnreadableSourceError(
        _("The system refuses to read the file “{name}”: {reason}.").format(
            name=path.name, reason=system_reason(error)
        ),
        where=str(path),
        remedy=_("Check the permissions of the file and the disk it lies on."),
    )


def open_container(path: Path) -> Container:
    """Find out how a file is packed and what is in it.

    Raises
    ------
    UnsafeMemberNameError
        If a zip file names a member outside its own folder.
    ArchiveContentError, DamagedArchiveError
        If a zip file has no members, too many, or cannot be listed.
    """
    kind = detect_kind(read_head(path))
    if kind is ContainerKind.ZIP:
        return Container(path, kind, _list_members(path))
    return Container(path, kind, (Member(path.name),))


def read_head(path: Path) -> bytes:
    """Return the first bytes of a file."""
    return next(read_chunks(path), b"")[:HEAD_BYTES]


def detect_kind(head: bytes) -> ContainerKind:
    """Tell from its first bytes how a file is packed."""
    if head.startswith(b"\x1f\x8b"):
        return ContainerKind.GZIP
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return ContainerKind.ZSTD
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ContainerKind.ZIP
    return ContainerKind.PLAIN


def read_member(
    container: Container,
    member: Member,
    *,
    limits: UnpackingLimits,
    unpacked_bytes: int = 0,
    watch: Watcher | None = None,
) -> Iterator[bytes]:
    """Yield the unpacked bytes of one member.

    Parameters
    ----------
    unpacked_bytes
        What members read before have unpacked to; the limits are for all of them.
    watch
        Sees the bytes as they lie on disk; for a member of a zip file, its unpacked bytes.

    Raises
    ------
    DamagedArchiveError, ArchiveContentError, UnpackedSizeError, UnpackingRatioError
        If the member cannot be unpacked, or unpacks to too much.
    """
    if container.kind is ContainerKind.PLAIN:
        return read_chunks(container.path, watch=watch)
    meter = _Meter(container.path, limits, unpacked_bytes)
    if member.entry is not None:
        return meter.limit(_unzip(container.path, member.entry, watch))
    unpack = gunzip if container.kind is ContainerKind.GZIP else unzstd
    return meter.limit(unpack(meter.count(read_chunks(container.path, watch=watch)), where=str(container.path)))


class _Meter:
    """Counts what goes in and what comes out, and stops what grows without end."""

    def __init__(self, path: Path, limits: UnpackingLimits, unpacked_bytes: int) -> None:
        self._path = path
        self._limits = limits
        self._packed: int | None = None
        self._unpacked = unpacked_bytes

    def count(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        self._packed = 0
        for chunk in chunks:
            self._packed += len(chunk)
            yield chunk

    def limit(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._unpacked += len(chunk)
            if self._unpacked > self._limits.max_bytes:
                raise self._too_large()
            if self._unpacked > max(self._limits.ratio_from_bytes, self._limits.max_ratio * self._packed_bytes()):
                raise self._too_dense()
            yield chunk

    def _packed_bytes(self) -> int:
        return self._path.stat().st_size if self._packed is None else self._packed

    def _too_large(self) -> UnpackedSizeError:
        return UnpackedSizeError(
            _("The compressed file “{name}” unpacks to more than {limit} MiB.").format(
                name=self._path.name, limit=self._limits.max_bytes // MIB
            ),
            where=str(self._path),
            remedy=_("If the file is what it should be, unpack it yourself, or raise the limit."),
        )

    def _too_dense(self) -> UnpackingRatioError:
        return UnpackingRatioError(
            _("The compressed file “{name}” unpacks to more than {ratio} times its size.").format(
                name=self._path.name, ratio=self._limits.max_ratio
            ),
            where=str(self._path),
            remedy=_("Such files are made to fill disks. If this one is what it should be, unpack it yourself."),
        )


def _list_members(path: Path) -> tuple[Member, ...]:
    with _zip_errors(path), zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not _is_chaff(entry)]
    for entry in entries:
        _check_entry(path, entry)
    if not 0 < len(entries) <= MAX_MEMBERS:
        raise ArchiveContentError(
            _("The zip file holds {count} files; it must hold between 1 and {limit}.").format(
                count=len(entries), limit=MAX_MEMBERS
            ),
            where=str(path),
            remedy=_("Pack only the files that belong to the log."),
        )
    return tuple(Member(_shown_name(entry), entry) for entry in entries)


def _is_chaff(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder or what operating systems add on their own."""
    parts = PurePosixPath(entry.filename).parts
    if entry.is_dir() or "__MACOSX" in parts:
        return True
    return bool(parts) and parts[-1].lower() in {".ds_store", "thumbs.db", "desktop.ini"}


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise UnsafeMemberNameError(
            _("The zip file names a file outside its own folder: “{member}”.").format(member=_shown_name(entry)),
            where=str(path),
            remedy=_("Pack the file again, without paths that lead upwards."),
        )
    if entry.flag_bits & ENCRYPTED_FLAG:
        raise ArchiveContentError(
            _("The file “{member}” in the zip file is encrypted.").format(member=_shown_name(entry)),
            where=str(path),
            remedy=_("Unpack the zip file with its password and give the file in it."),
        )


def _shown_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name for people: old Windows packers write it in code page 866."""
    if entry.flag_bits & UTF8_NAME_FLAG:
        return entry.filename
    return entry.orig_filename.encode("cp437", "replace").decode("cp866")


def _unzip(path: Path, entry: zipfile.ZipInfo, watch: Watcher | None) -> Iterator[bytes]:
    with _zip_errors(path), zipfile.ZipFile(path) as archive, archive.open(entry) as file:
        while chunk := file.read(CHUNK_BYTES):
            if watch is not None:
                watch(chunk)
            yield chunk


@contextmanager
def _zip_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (NotImplementedError, RuntimeError) as error:
        raise ArchiveContentError(
            _("The zip file is packed in a way that cannot be read: {reason}.").format(reason=error),
            where=str(path),
            remedy=_("Pack the file again with the usual method (deflate)."),
        ) from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError, OverflowError) as error:
        raise damaged(str(path), str(error)) from error
    except OSError as error:
        if error.errno in {None, errno.EINVAL}:  # what bzip2 raises, and a seek to where a damaged list points
            raise damaged(str(path), str(error)) from error
        raise _unreadable(path, error) from error
