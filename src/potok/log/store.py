"""A finished log store: a folder written once and then only read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from potok.core.errors import BadDataError, IntegrityError
from potok.core.language import gettext as _

SCHEMA: Final = "potok.log/1"
TABLES: Final = ("events", "cases", "activities", "resources", "units", "variants", "rejected")
NEEDED: Final = ("content_sha256", "source", "mapping", "guesses", "zone", "closing", "log", "quality")


class NotAStoreError(BadDataError):
    """A folder that is not a log store, or an unfinished one."""

    code = "POTOK-L013"


class BrokenStoreError(IntegrityError):
    """A log store with a part missing or of another version."""

    code = "POTOK-L014"


@dataclass(frozen=True, slots=True)
class LogStore:
    """A log store on disk.

    Parameters
    ----------
    folder
        The store's folder.
    manifest
        Its ``manifest.json``.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def extracted_us(self) -> int:
        """Instant up to which the log reaches: declared, else the last instant in it; microseconds UTC."""
        return int(self.manifest["log"]["extracted_us"])

    @property
    def content_sha256(self) -> str:
        """Hash of the taken rows, whatever file they came from."""
        return str(self.manifest["content_sha256"])


def is_store(path: Path) -> bool:
    """Return whether a folder holds a log store."""
    try:
        return (path / "manifest.json").is_file()
    except (OSError, ValueError):  # a name that the system refuses
        return False


def open_store(folder: Path) -> LogStore:
    """Open a finished log store.

    Raises
    ------
    NotAStoreError
        If the folder has no manifest.
    BrokenStoreError
        If the manifest cannot be read, is of another version, or a table is missing.
    """
    if not is_store(folder):
        raise NotAStoreError(
            _("{path} is not a log store.").format(path=folder),
            where=str(folder),
            remedy=_("Make one with potok import SOURCE --into FOLDER."),
        )
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise broken_store(folder, _("its manifest cannot be read")) from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise broken_store(folder, _("it was written by another version of Potok"))
    lacking = [name for name in NEEDED if name not in manifest]
    if lacking:
        raise broken_store(folder, _("its manifest lacks {names}").format(names=", ".join(lacking)))
    missing = [table for table in TABLES if not (folder / f"{table}.parquet").is_file()]
    if missing:
        raise broken_store(folder, _("it lacks {tables}").format(tables=", ".join(missing)))
    return LogStore(folder, manifest)


def broken_store(folder: Path, reason: str) -> BrokenStoreError:
    """Return the error for a store that cannot be used."""
    return BrokenStoreError(
        _("The log store {path} cannot be used: {reason}.").format(path=folder, reason=reason),
        where=str(folder),
        remedy=_("Import the source again."),
    )
