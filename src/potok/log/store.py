"""A finished log store: a folder written once and then only read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
