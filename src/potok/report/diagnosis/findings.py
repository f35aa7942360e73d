"""Findings as tables and records, of the applicants' ledger and beyond it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from potok.core.finding import Finding, Place
from potok.core.language import gettext as _
from potok.report.finding_words import (
    describe_change,
    describe_finding,
    name_confidence,
    name_kind,
    name_waste,
)
from potok.report.tables import Column, ColumnKind, Table


@dataclass(frozen=True, slots=True)
class NamedFinding:
    """A finding with the id by which ``potok cases --finding`` lists its cases."""

    identifier: str
    finding: Finding


def ledger_table(findings: Sequence[NamedFinding], *, has_start_times: bool, zone: str) -> Table:
    """Tabulate findings of the applicants' ledger: their hours may be added up."""
    return Table(
        name="ledger",
        title=_("Where applicants lose time"),
        columns=(
            *_what_columns(),
            Column("applicant_seconds", _("Time of applicants"), ColumnKind.DURATION),
            Column("lead_time_share", _("Share of all lead time"), ColumnKind.SHARE),
            Column("staff_seconds", _("Time of staff"), ColumnKind.DURATION),
            *_size_columns(),
        ),
        rows=tuple(
            (
                *_what(named.finding, has_start_times=has_start_times),
                named.finding.applicant_seconds,
                named.finding.lead_time_share,
                named.finding.staff_seconds,
                *_size(named),
            )
            for named in findings
        ),
        zone=zone,
        notes=(
            _("Each moment of a case counts in one finding at most, so the hours may be added up."),
            _("Time of staff is another ledger and is never added to the time of applicants."),
            _("Hours spent in a place are not hours that a change would save."),
        ),
    )


def further_table(findings: Sequence[NamedFinding], *, zone: str) -> Table:
    """Tabulate findings beyond the ledger: the time that they concern may overlap."""
    return Table(
        name="further_findings",
        title=_("What else looks wrong"),
        columns=(
            *_what_columns(),
            Column("affected_seconds", _("Time concerned"), ColumnKind.DURATION),
            Column("staff_seconds", _("Time of staff"), ColumnKind.DURATION),
            *_size_columns(),
        ),
        rows=tuple(
            (
                *_what(named.finding, has_start_times=True),
                named.finding.affected_seconds,
                named.finding.staff_seconds,
                *_size(named),
            )
            for named in findings
        ),
        zone=zone,
        notes=(
            _("These findings claim no time of the ledger: the time concerned overlaps and must not be added up."),
            *dict.fromkeys(_(named.finding.assumption) for named in findings if named.finding.assumption),
        ),
    )


def finding_record(named: NamedFinding) -> dict[str, Any]:
    """Return a finding as plain values; what is unknown or empty is left out."""
    finding = named.finding
    record: dict[str, Any] = {
        "id": named.identifier,
        "kind": finding.kind.value,
        "waste": finding.waste.value,
        "where": place_record(finding.where),
        "cases": finding.cases,
        "occurrences": finding.occurrences,
        "applicant_seconds": finding.applicant_seconds,
        "lead_time_share": finding.lead_time_share,
        "confidence": finding.confidence.value,
    }
    if finding.staff_seconds is not None:
        record["staff_seconds"] = finding.staff_seconds
    if finding.affected_seconds is not None:
        record["affected_seconds"] = finding.affected_seconds
    if finding.assumption:
        record["assumption"] = finding.assumption
    if finding.changes:
        record["changes"] = [change.as_record() for change in finding.changes]
    return record


def place_record(place: Place) -> dict[str, str]:
    """Return the labels of a place that are not empty."""
    return {name: value for name, value in asdict(place).items() if value}


def _what_columns() -> tuple[Column, ...]:
    return (
        Column("place", _("Finding")),
        Column("kind", _("Kind")),
        Column("waste", _("Kind of waste")),
    )


def _what(finding: Finding, *, has_start_times: bool) -> tuple[str, str, str]:
    said = describe_finding(finding, has_start_times=has_start_times)
    return said[:1].upper() + said[1:], name_kind(finding.kind), name_waste(finding.waste)


def _size_columns() -> tuple[Column, ...]:
    return (
        Column("cases", _("Cases"), ColumnKind.COUNT),
        Column("occurrences", _("Times"), ColumnKind.COUNT),
        Column("confidence", _("Rests on")),
        Column("changes", _("What could be tried")),
        Column("id", "ID"),
    )


def _size(named: NamedFinding) -> tuple[Any, ...]:
    finding = named.finding
    tried = "; ".join(describe_change(change) for change in finding.changes)
    return finding.cases, finding.occurrences, name_confidence(finding.confidence), tried or None, named.identifier
