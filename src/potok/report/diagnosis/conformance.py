"""Conformance as tables and as JSON."""

from collections.abc import Iterable
from typing import Any, Final

from potok.diagnose.conformance.conformance import Conformance
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence
from potok.report.diagnosis.conformance_checks import check_as_json, checks_table
from potok.report.diagnosis.conformance_model import conformity_as_json, deviations_table, fitness_table
from potok.report.diagnosis.conformance_rules import branches_as_json, branches_table, rules_as_json, rules_table
from potok.report.diagnosis.findings import NamedFinding, finding_record
from potok.report.tables import Table

SCHEMA: Final = "potok.conform/1"


def conformance_tables(found: Conformance, *, zone: str) -> tuple[Table, ...]:
    """Return the tables of what was asked: checks, discovered rules, branches, deviations from a model."""
    tables: list[Table] = []
    if found.checks:
        tables.append(checks_table(found.checks, zone=zone))
    if found.discovered is not None:
        tables.append(rules_table(found.discovered, zone=zone))
    if found.decisions is not None:
        tables.append(branches_table(found.decisions, zone=zone))
    if found.conformity is not None:
        tables.append(fitness_table(found.conformity, model_name=found.model_name, zone=zone))
        tables.append(deviations_table(found.conformity, zone=zone))
    return tuple(tables)


def conformance_as_json(found: Conformance, store: LogStore, *, rules_id: str = "") -> dict[str, Any]:
    """Return the JSON of a log's conformance, schema ``potok.conform/1``.

    Parameters
    ----------
    rules_id
        Id of the regulation, on which those of findings depend as in an audit; empty without one.
    """
    name = store.content_sha256 + rules_id
    return {
        "schema": SCHEMA,
        "content_sha256": store.content_sha256,
        "checks": [check_as_json(result) for result in found.checks],
        "discovered_rules": None if found.discovered is None else rules_as_json(found.discovered),
        "decisions": None if found.decisions is None else branches_as_json(found.decisions),
        "model": None
        if found.conformity is None
        else conformity_as_json(found.conformity, model_name=found.model_name),
        "findings": [finding_record(NamedFinding(one.identifier(name), one)) for one in found.findings],
    }


def cases_as_json(found: Iterable[CaseEvidence], *, which: str) -> dict[str, Any]:
    """Return the cases behind a check or a deviation as JSON, schema ``potok.cases/1``."""
    return {
        "schema": "potok.cases/1",
        "check": which,
        "cases": [
            {"case": one.case, "case_id": one.case_id, "seconds": one.seconds, "source_rows": list(one.source_rows)}
            for one in found
        ],
    }
