"""Conformance as tables and as JSON."""

from typing import Any, Final

from potok.core.finding import Finding
from potok.diagnose.conformance.conformance import Conformance
from potok.log.store import LogStore
from potok.report.diagnosis.conformance_checks import check_as_json, checks_table
from potok.report.tables import Table

SCHEMA: Final = "potok.conform/1"


def conformance_tables(found: Conformance, *, zone: str) -> tuple[Table, ...]:
    """Return the tables of what was asked: checks, discovered rules, branches, deviations from a model."""
    tables: list[Table] = []
    if found.checks:
        tables.append(checks_table(found.checks, zone=zone))
    return tuple(tables)


def conformance_as_json(found: Conformance, store: LogStore) -> dict[str, Any]:
    """Return the JSON of a log's conformance, schema ``potok.conform/1``."""
    return {
        "schema": SCHEMA,
        "content_sha256": store.content_sha256,
        "checks": [check_as_json(result) for result in found.checks],
        "findings": [finding_as_json(finding, store) for finding in found.findings],
    }


def finding_as_json(finding: Finding, store: LogStore) -> dict[str, Any]:
    """Return a finding about conformance as plain values."""
    return {
        "id": finding.identifier(store.content_sha256),
        "kind": finding.kind.value,
        "waste": finding.waste.value,
        "activity": finding.where.activity or None,
        "rule": finding.where.rule or None,
        "cases": finding.cases,
        "occurrences": finding.occurrences,
        "applicant_seconds": finding.applicant_seconds,
        "affected_seconds": finding.affected_seconds,
        "confidence": finding.confidence.value,
        "assumption": finding.assumption,
        "example_cases": list(finding.example_cases),
    }
