"""The manifest: what was read, by which mapping, with what result."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import potok
from potok.log.guessing import Reason
from potok.log.importing.attributes import TypedAttribute
from potok.log.importing.closing import ClosingReport, Extraction
from potok.log.importing.folder import replace_file
from potok.log.importing.lifecycle import LifecycleReport
from potok.log.importing.preparing import Prepared
from potok.log.importing.quality import QualityCheck
from potok.log.importing.request import ImportRequest
from potok.log.mapping_record import mapping_as_record

SCHEMA: Final = "potok.log/1"
UNSEEN_FACTS: Final = ("log_attributes", "log_attributes_left_out", "skipped_text")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an import found out, for the manifest.

    Parameters
    ----------
    rows
        Source rows taken.
    first_rows
        Rows before each source; its row k is ``first_rows[i] + k`` in ``source_row``.
    """

    rows: int
    first_rows: tuple[int, ...]
    extraction: Extraction
    closing: ClosingReport
    lifecycle: LifecycleReport
    attributes: tuple[TypedAttribute, ...]
    free_text: tuple[str, ...]
    quality: tuple[QualityCheck, ...]


def compose_manifest(connection: Any, *, request: ImportRequest, prepared: Prepared, facts: Facts) -> dict[str, Any]:
    """Return the manifest, without the content hash and the time of import."""
    mapping = prepared.mapping
    return {
        "schema": SCHEMA,
        "potok_version": potok.__version__,
        "key_id": request.key.identifier if request.key else request.inherited_key_id,
        "source": {
            "format": prepared.staged[0].format,
            "files": _files(prepared, facts.first_rows),
            "facts": _facts(prepared.staged[0].facts),
        },
        "mapping": mapping_as_record(mapping),
        "guesses": [_guess(reason) for reason in prepared.guess.reasons],
        "notes": {language: list(sentences) for language, sentences in prepared.notes.items()},
        "zone": mapping.zone,
        "extraction": {
            "kind": str(mapping.extraction),
            "declared": facts.extraction.is_declared,
            "watched_from_us": facts.extraction.watched_from_us,
        },
        "closing": asdict(facts.closing),
        "lifecycle": asdict(facts.lifecycle),
        "attributes": [_attribute(attribute) for attribute in facts.attributes],
        "dropped_free_text": list(facts.free_text),
        "log": _log(connection, facts),
        "quality": [check.as_record() for check in (*request.extra_checks, *facts.quality)],
    }


def _guess(reason: Reason) -> dict[str, Any]:
    """Return a guess without its sentence: the manifest is the same whatever the language."""
    column = " + ".join(reason.columns)
    return {"role": reason.role, "column": column, "confidence": reason.confidence, "reason": reason.code}


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a reader found out, without case ids and text that no detector has seen."""
    kept = {name: fact for name, fact in facts.items() if name not in UNSEEN_FACTS}
    empty = kept.get("empty_traces")
    return kept | ({"empty_traces": empty["count"]} if isinstance(empty, dict) else {})


def _files(prepared: Prepared, first_rows: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256, "first_row": first + 1}
        for staged, first in zip(prepared.staged, first_rows, strict=True)
        for file in staged.files
    ]


def _attribute(attribute: TypedAttribute) -> dict[str, Any]:
    return {
        "name": attribute.name,
        "kind": str(attribute.kind),
        "level": "case" if attribute.is_case_level else "event",
        "filled": attribute.filled,
    }


def _log(connection: Any, facts: Facts) -> dict[str, Any]:
    cases, first_us, last_us = connection.execute(
        "SELECT count(*), min(opened_us), max(last_us) FROM case_codes"
    ).fetchone()

    def count(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    return {
        "cases": cases,
        "events": facts.rows,
        "activity_instances": count("SELECT count(*) FROM sorted"),
        "activities": count("SELECT count(DISTINCT code) FROM activity_codes"),
        "resources": count("SELECT count(*) FROM resource_codes"),
        "org_units": count("SELECT count(*) FROM unit_codes"),
        "variants": count("SELECT count(*) FROM variants"),
        "open_cases": facts.closing.open_cases,
        "first_us": first_us,
        "last_us": last_us,
        "extracted_us": facts.extraction.extracted_us,
        "rejected_rows": count("SELECT count(*) FROM rejected"),
    }


def write_manifest(file: Path, manifest: dict[str, Any], *, content_sha256: str) -> None:
    """Write the manifest, last of all files, with the content hash and the time of import."""
    record = manifest | {
        "content_sha256": content_sha256,
        "imported_at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
    }
    replace_file(file, json.dumps(record, ensure_ascii=False, indent=1, default=str) + "\n")
