"""Stores that reading commands make for themselves, in the user's cache folder.

A cached store is found again by the bytes of its sources, everything that decides the import, and Potok's version.
Deleting the folder costs time only.
"""

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import potok
from potok.log.importing.folder import StoreExistsError
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.sources.opening import is_database, require_existing
from potok.log.store import LogStore, is_store, open_store

CHUNK_BYTES: Final = 1 << 20
DECIDING: Final = (
    "mapping",
    "preset",
    "encoding",
    "delimiter",
    "sheet",
    "object_type",
    "query",
    "max_rejected_share",
)


def cache_folder() -> Path:
    """Return the user's folder for cached stores (``POTOK_CACHE_DIR`` overrides it)."""
    if own := os.environ.get("POTOK_CACHE_DIR"):
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "potok" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"


def open_or_import(request: ImportRequest) -> LogStore:
    """Open the store that a request's source is, or was imported to before; else import it into the cache.

    Parameters
    ----------
    request
        Its ``into`` is disregarded.
    """
    paths = [Path(source) for source in request.sources if not is_database(source)]
    if len(paths) == 1 and is_store(paths[0]):
        return open_store(paths[0])
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in paths:
        require_existing(path)
    into = folder / fingerprint(request)
    live = len(paths) < len(request.sources)
    if is_store(into) and not live:
        return open_store(into)
    try:
        return import_log(replace(request, into=into, replace=live))
    except StoreExistsError:
        return open_store(into)  # another command made the same store meanwhile; it may be reading it


def fingerprint(request: ImportRequest) -> str:
    """Return a hash of the sources' bytes and of everything that decides the import."""
    total = hashlib.sha256(potok.__version__.encode())
    for name in DECIDING:
        total.update(f"\x1e{name}={getattr(request, name)!r}".encode())
    total.update((request.key.identifier if request.key else "plain").encode())
    beside = [name for name in (request.case_table, request.preset) if name]
    for source in (*request.sources, *beside):
        total.update(_hash_source(source))
    return total.hexdigest()[:32]


def _hash_source(source: str) -> bytes:
    path = Path(source)
    if is_database(source) or not path.exists():
        return os.fsencode(source)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    digest = hashlib.sha256(os.fsencode(path.name))
    for file in files:
        if file.is_file():
            with file.open("rb") as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    digest.update(chunk)
    return digest.digest()
