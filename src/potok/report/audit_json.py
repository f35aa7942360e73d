"""An audit as JSON, by the documented schema ``potok.audit/1`` (``docs/reference/potok.audit.schema.json``)."""

from dataclasses import asdict
from typing import Any, Final

from potok.measure.case_durations import CaseDurations
from potok.measure.deadlines import OpenTerm
from potok.measure.directly_follows import DirectlyFollowsGraph
from potok.measure.hand_overs import HandOver
from potok.measure.variants import Variant
from potok.report.audit_flow_json import activity_times_record, lead_times_record, load_records
from potok.report.diagnosis.findings import NamedFinding, finding_record
from potok.report.diagnosis.value_stream import value_stream_as_json
from potok.report.formats import instant_of
from potok.report.measured import Audit, AuditFinding, AuditTerms
from potok.report.sections.source import filter_text

SCHEMA: Final = "potok.audit/1"
LISTED_VARIANTS: Final = 100


def audit_as_json(audit: Audit) -> dict[str, Any]:
    """Return an audit as a record of plain JSON values.

    Durations are calendar seconds, shares 0–1, instants ISO 8601 with the offset of the log's zone; enumerations are
    snake_case English whatever the language.
    """
    return {
        "schema": SCHEMA,
        "log": _log(audit),
        "quality": _quality(audit.manifest),
        "measures": _measures(audit),
        "value_stream": value_stream_as_json(audit.value_stream) if audit.value_stream else None,
        "findings": [_finding(finding) for finding in audit.findings],
        "further_findings": [finding_record(NamedFinding(one.identifier, one.finding)) for one in audit.further],
    }


def _log(audit: Audit) -> dict[str, Any]:
    manifest, counts = audit.manifest, audit.counts
    log = manifest["log"]
    return {
        "cases": counts.cases,
        "events": log["events"],
        "activity_instances": counts.activity_instances,
        "activities": counts.activities,
        "variants": counts.variants,
        "open_cases": counts.open_cases,
        "resources": counts.resources,
        "org_units": counts.org_units,
        "first_at": _instant(counts.first_us, audit),
        "last_at": _instant(counts.last_us, audit),
        "extracted_at": _instant(log["extracted_us"], audit),
        "rejected_rows": log["rejected_rows"],
        "zone": audit.zone,
        "content_sha256": manifest["content_sha256"],
        "source": {
            "format": manifest["source"]["format"],
            "files": [
                {"name": file["name"], "size_bytes": file["size_bytes"], "sha256": file["sha256"]}
                for file in manifest["source"]["files"]
            ],
        },
        "derived_from": _derived_from(manifest),
    }


def _derived_from(manifest: dict[str, Any]) -> dict[str, Any] | None:
    """Return from which log, and by which filter, a filtered log was made."""
    origin = manifest.get("derived_from")
    return None if origin is None else {**origin, "expression": filter_text(manifest)}


def _instant(microseconds: int, audit: Audit) -> str:
    return instant_of(microseconds, zone=audit.zone).isoformat()


def _quality(manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "checks": manifest["quality"],
        "guesses": manifest["guesses"],
        "closing": manifest["closing"],
        "extraction": manifest.get("extraction", {}),
        "mapping": manifest["mapping"],
    }


def _measures(audit: Audit) -> dict[str, Any]:
    return {
        "lead_time": _lead_time(audit.durations),
        "lead_times": lead_times_record(audit.times),
        "activity_times": activity_times_record(audit.times),
        **load_records(audit.load),
        "directly_follows_graph": _graph(audit.graph),
        "variants": {
            "total": audit.counts.variants,
            "listed": [_variant(variant) for variant in audit.variants[:LISTED_VARIANTS]],
        },
        "starts": [asdict(start) for start in audit.endpoints.starts],
        "ends": [asdict(end) for end in audit.endpoints.ends],
        "terms": _terms(audit.terms),
        "rework": [asdict(activity) for activity in audit.rework],
        "hand_overs": {
            "between_resources": [_hand_over(pair) for pair in audit.hand_overs.between_resources],
            "between_units": [_hand_over(pair) for pair in audit.hand_overs.between_units],
        },
    }


def _terms(terms: AuditTerms | None) -> dict[str, Any] | None:
    if terms is None:
        return None
    return {
        "service": terms.regulation.service,
        "act": terms.regulation.act,
        "regulation_id": terms.regulation.regulation_id,
        "calendar_id": terms.calendar.calendar_id,
        "zone": terms.calendar.zone,
        "listed": [asdict(term) for term in terms.compliance],
        "worklist": [_open_term(case, terms.calendar.zone) for case in terms.worklist],
    }


def _open_term(case: OpenTerm, zone: str) -> dict[str, Any]:
    record = asdict(case)
    for name in ("started", "due"):
        record[f"{name}_at"] = instant_of(record.pop(f"{name}_us"), zone=zone).isoformat()
    return record


def _lead_time(durations: CaseDurations) -> dict[str, Any]:
    return asdict(durations) | {"histogram": [asdict(bin_) for bin_ in durations.histogram]}


def _graph(graph: DirectlyFollowsGraph) -> dict[str, Any]:
    # Enablement by "the previous event" is the weakest there is; a reader must be able to see that.
    return {
        "enablement": "previous",
        "has_start_times": graph.has_start_times,
        "nodes": [asdict(node) for node in graph.nodes],
        "edges": [asdict(edge) for edge in graph.edges],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return asdict(variant) | {"activities": list(variant.activities)}


def _hand_over(pair: HandOver) -> dict[str, Any]:
    return asdict(pair)


def _finding(audited: AuditFinding) -> dict[str, Any]:
    examples = [
        {"case_id": case.case_id, "seconds": case.seconds, "source_rows": list(case.source_rows)}
        for case in audited.examples
    ]
    return finding_record(NamedFinding(audited.identifier, audited.finding)) | {"examples": examples}
