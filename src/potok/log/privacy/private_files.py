"""Files that only their owner may read: keys, sealed maps, journals."""

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

PRIVATE_FILE_MODE: Final = 0o600
PRIVATE_FOLDER_MODE: Final = 0o700
OPEN_TO_OTHERS: Final = 0o077
# Windows would write "\r\n" otherwise.
BINARY: Final = int(getattr(os, "O_BINARY", 0))


def is_posix() -> bool:
    """Return whether file modes mean anything on this system."""
    return os.name == "posix"


def make_private_folder(folder: Path) -> None:
    """Create `folder` for its owner alone; one that exists is left as it is.

    Raises
    ------
    OSError
        If it cannot be created, or is no folder.
    """
    if folder.is_dir():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE_FOLDER_MODE, exist_ok=True)
    except FileExistsError as error:
        # A file in the folder's place must not be taken for the file that was to be written into it.
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error


def write_new_private_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file that did not exist before, readable by its owner alone, and wait until it lies on disk.

    Parameters
    ----------
    path
        The file.
    write
        Writes the content to the open file.

    Raises
    ------
    FileExistsError
        If there is something at `path` already, even a dangling link; it is left untouched.
    OSError
        If it cannot be written. As after any failure, nothing is left behind.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, PRIVATE_FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_new_private_file_at_once(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Do as `write_new_private_file`, but give the file its name only when it is complete, whatever interrupts.

    Raises
    ------
    FileExistsError, OSError
        As `write_new_private_file`.
    """
    if os.path.lexists(path):
        raise FileExistsError(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    write_new_private_file(partial, write)
    try:
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut (POSIX only)."""
    if not is_posix():
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
