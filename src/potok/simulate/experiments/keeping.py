"""Keeping what was computed, so that an interrupted experiment goes on where it stopped."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.log.importing.folder import replace_file

Reals = npt.NDArray[np.float64]
VERSION: Final = 3
"""Raised when the same inputs would give other figures."""


def content_hash(*contents: Any) -> str:
    """Return a hash of values: dataclasses, mappings, sequences, arrays, dates and plain values.

    Equal content has an equal hash, on any machine.
    """
    text = json.dumps([VERSION, *map(_plain, contents)], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Calendar):
        return {"calendar": value.calendar_id}
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"": type(value).__name__, **named}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return sorted([_plain(key), _plain(member)] for key, member in value.items())
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()]
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]
    if isinstance(value, float):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows of figures by number, each a file that appears whole or not at all.

    Parameters
    ----------
    folder
        Where they lie; None keeps nothing.
    kind
        What they are rows of: the first part of their files' names.
    shape
        Of each row.
    """

    folder: Path | None
    kind: str
    shape: tuple[int, ...]

    def get(self, number: int) -> Reals | None:
        """Return a row kept before; None if there is none, or it is damaged."""
        if self.folder is None:
            return None
        try:
            values = json.loads(self._path(number).read_text(encoding="utf-8"))
            row = np.array([float.fromhex(value) for value in values], dtype=np.float64)
            return row.reshape(self.shape)
        except (OSError, ValueError, TypeError):
            return None

    def put(self, number: int, row: Reals) -> None:
        """Keep a row."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self._path(number), json.dumps([float(value).hex() for value in row.ravel()]))

    def _path(self, number: int) -> Path:
        return (self.folder or Path()) / f"{self.kind}-{number:06d}.json"
