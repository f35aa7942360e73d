"""A store appears whole or not at all.

The importer works in a sibling of the store named ``.NAME.importing-TOKEN``, holds a lock on it while it lives,
syncs every file, and renames the finished folder into place. What a killed import leaves behind is such a sibling
without a living lock; the next import into the same place removes it.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from potok.core.errors import EnvironmentFailureError, UsageError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason

LOCK_NAME: Final = "lock"
YOUNG_SECONDS: Final = 60
SHOWN_NAME_LENGTH: Final = 80
MANIFEST_NAME: Final = "manifest.json"


class StoreExistsError(UsageError):
    """The place where the store should go is taken."""

    code = "POTOK-L001"


class CannotWriteError(EnvironmentFailureError):
    """The operating system refuses to write."""

    code = "POTOK-L002"


class UnusableNameError(UsageError):
    """A name that the operating system or the engine refuses."""

    code = "POTOK-L019"


def is_usable_name(path: Path) -> bool:
    """Return whether a path can be looked up and written as UTF-8."""
    try:
        str(path).encode()
        path.exists()
    except PermissionError:
        return True  # the name is sound; writing will say what is wrong
    except (OSError, ValueError):
        return False
    return True


def check_destination(into: Path, *, replace: bool) -> None:
    """Raise `StoreExistsError` or `UnusableNameError` unless a store may be written to `into`."""
    if not is_usable_name(into):
        raise UnusableNameError(
            _("A folder cannot be called that: {name}.").format(name=ascii(str(into)[:SHOWN_NAME_LENGTH])),
            where="--into",
            remedy=_("Choose a shorter name of ordinary letters and digits."),
        )
    try:
        if not into.exists():
            return
    except PermissionError as error:
        raise cannot_write(error, into) from error
    is_store = (into / MANIFEST_NAME).is_file()
    if is_store and replace:
        return
    if into.is_dir() and not any(into.iterdir()):
        return
    if is_store:
        raise StoreExistsError(
            _("There is already another log store at {path}.").format(path=into),
            where=str(into),
            remedy=_("Name another folder after --into, or add --replace to write this one anew."),
        )
    raise StoreExistsError(
        _("{path} exists and is not a log store.").format(path=into),
        where=str(into),
        remedy=_("Name a folder that does not exist yet after --into."),
    )


@contextmanager
def working_folder(into: Path) -> Iterator[Path]:
    """Give a locked temporary sibling of `into`; remove it at the end, whatever happened."""
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(into)
        folder = into.parent / f"{_prefix(into)}{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        lock = (folder / LOCK_NAME).open("w", encoding="utf-8")
    except OSError as error:
        raise cannot_write(error, into) from error
    try:
        _lock(lock)
        yield folder
    finally:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def cannot_write(error: OSError, path: Path) -> CannotWriteError:
    """Translate an operating-system refusal."""
    return CannotWriteError(
        _("Cannot write to {path}: {reason}.").format(path=path, reason=system_reason(error)),
        where=str(error.filename or path),
        remedy=_("Free some space or choose a folder that you may write to. Nothing was stored."),
    )


def _prefix(into: Path) -> str:
    """Return how working folders of `into` begin: a name that no glob and no engine reads as anything else."""
    safe = re.sub(r"[^\w.-]", "_", into.name)
    return f".{safe}.importing-"


def remove_leftovers(into: Path) -> None:
    """Remove what killed imports into the same place left behind."""
    for leftover in into.parent.glob(f"{_prefix(into)}*"):
        if _is_abandoned(leftover):
            shutil.rmtree(leftover, ignore_errors=True)


def publish(finished: Path, into: Path, *, replace: bool) -> None:
    """Sync `finished` to disk and put it in the place of `into` by renaming.

    Raises
    ------
    StoreExistsError
        If a store has appeared there meanwhile and may not be replaced.
    """
    check_destination(into, replace=replace)
    try:
        for file in finished.iterdir():
            _sync(file)
        _sync(finished)
        _swap(finished, into, replace=replace)
        _sync(into.parent)
    except OSError as error:
        raise cannot_write(error, into) from error


def _swap(finished: Path, into: Path, *, replace: bool) -> None:
    if not replace or not into.exists() or not any(into.iterdir()):
        if into.exists():
            into.rmdir()  # fails unless empty, so that no other import's store is lost
        finished.rename(into)
        return
    replaced = finished.parent / "replaced"
    into.rename(replaced)
    try:
        finished.rename(into)
    except OSError:
        replaced.rename(into)
        raise


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot sync a folder
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(file: TextIO) -> None:
    """Hold a lock that dies with the process."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore] # Windows only
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_abandoned(folder: Path) -> bool:
    try:
        with (folder / LOCK_NAME).open("r+", encoding="utf-8") as file:
            _lock(file)
    except FileNotFoundError:
        # Killed between making the folder and its lock, or another import is just there now.
        return time.time() - folder.stat().st_mtime > YOUNG_SECONDS
    except OSError:
        return False
    return True


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a small file so that a reader sees the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # A file name that is no UTF-8 must not stop the text that mentions it.
        data = content if isinstance(content, bytes) else content.encode("utf-8", errors="backslashreplace")
        temporary.write_bytes(data)
        _sync(temporary)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise cannot_write(error, path) from error
