"""Records of a study, kept on disk so that an interrupted study goes on, and the code that made them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import potok


class KeptRecords:
    """Records by key, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        """Read what is there."""
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.records: dict[str, dict[str, Any]] = {one["key"]: one for one in map(json.loads, lines)}

    def put(self, record: dict[str, Any]) -> dict[str, Any]:
        """Keep a record."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        self.records[record["key"]] = record
        return record


def identify_code(*parts: str, also: tuple[Path, ...] = ()) -> str:
    """Return a hash of Potok's files and of others.

    Parameters
    ----------
    parts
        Folders of the package that count, all of it if none is named.
    also
        Other files that count.
    """
    package = Path(potok.__file__).parent
    folders = [package / part for part in parts] or [package]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    total = hashlib.sha256()
    for path in (*sorted(path for path in files if "__pycache__" not in path.parts), *also):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]
