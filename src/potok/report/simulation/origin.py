"""Where a forecast comes from, in words."""

from collections.abc import Mapping
from typing import Any

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.report.drawing.svg import make_visible


def describe_origin(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Say from which log a model was learned, and in which zone its hours of work are, by the log's manifest."""
    files = ", ".join(quoted(make_visible(file["name"])) for file in manifest["source"]["files"])
    learned = _("The model was learned from {files}; content hash of the log: {hash}.")
    zone = _("Times without an offset were read as local times of the zone {zone}; hours of work depend on it.")
    return (
        learned.format(files=files, hash=manifest["content_sha256"]),
        zone.format(zone=manifest["zone"]),
    )
