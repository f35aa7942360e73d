"""The quality report put together."""

from collections.abc import Sequence
from typing import Any

from potok.log.importing import quality
from potok.log.importing.attributes import TypedAttribute
from potok.log.importing.closing import ClosingReport
from potok.log.importing.lifecycle import LifecycleReport
from potok.log.importing.preparing import Prepared
from potok.log.importing.quality import QualityCheck, Severity
from potok.log.importing.rows import CHOSEN_REASONS
from potok.log.mapping import ClosingBasis
from potok.log.time_formats import local_expression


def report_quality(
    connection: Any,
    *,
    prepared: Prepared,
    attributes: Sequence[TypedAttribute],
    lifecycle: LifecycleReport,
    closing: ClosingReport,
    rows: int,
) -> list[QualityCheck]:
    """Run every check on the sorted instances and what led to them.

    Parameters
    ----------
    rows
        Source rows taken.
    """
    instances = connection.execute("SELECT count(*) FROM sorted").fetchone()[0]
    cases = closing.closed_cases + closing.open_cases
    has_traces = any(column.name == "@trace" for column in prepared.staged[0].columns)
    settled_us = int(closing.settled_after_seconds * 1e6)
    span = connection.execute("SELECT min(opened_us), max(last_us) FROM case_codes").fetchone()
    local = local_expression("happened", zone=prepared.mapping.zone, span=span)
    return [
        *_rejected(connection, rows),
        *quality.check_rows(connection, rows=instances),
        *quality.check_times(connection, local_shift_us=local, rows=instances),
        quality.check_batches(connection, rows=instances),
        *quality.check_case_ids(connection, cases=cases, has_traces=has_traces, settled_us=settled_us),
        *quality.check_columns(attributes, rows=rows),
        *quality.check_labels(connection),
        *_unknown_labels(connection, prepared, closing),
        *_lifecycle(lifecycle, instances),
        *_cases(closing, cases),
        *_costs(connection, prepared, rows),
        *_clock_changes(connection, rows),
    ]


def _rejected(connection: Any, rows: int) -> list[QualityCheck]:
    found = connection.execute(
        'SELECT reason, any_value("column"), count(*), list(coalesce(line, source_row))[:5], list(text)[:5] '
        "FROM rejected GROUP BY 1 ORDER BY 3 DESC, 1"
    ).fetchall()
    total = rows + sum(row[2] for row in found)
    return [
        QualityCheck(
            f"rejected_{reason}",
            count,
            "rows",
            Severity.INFO if reason in CHOSEN_REASONS else Severity.PROBLEM,
            count / total,
            where=column or "",
            examples=tuple(str(number) for number in numbers if number is not None),
            detail={"texts": [text for text in texts if text]},
        )
        for reason, column, count, numbers, texts in found
    ]


def _lifecycle(lifecycle: LifecycleReport, instances: int) -> list[QualityCheck]:
    if not lifecycle.transitions:
        return []
    detail = {"paired": lifecycle.paired, "transitions": dict(lifecycle.transitions)}
    counts = {
        "unmatched_starts": lifecycle.unmatched_starts,
        "unmatched_schedules": lifecycle.unmatched_schedules,
        "completions_without_start": lifecycle.completions_without_start,
    }
    found = [
        QualityCheck(name, count, "instances", Severity.WARNING, count / instances)
        for name, count in counts.items()
        if count
    ]
    return [QualityCheck("life_cycle", len(lifecycle.transitions), "transitions", Severity.INFO, detail=detail), *found]


def _cases(closing: ClosingReport, cases: int) -> list[QualityCheck]:
    severity = Severity.WARNING if closing.guessed else Severity.INFO
    detail = {
        "guessed": closing.guessed,
        "end_values": list(closing.values),
        "settled_after_seconds": closing.settled_after_seconds,
    }
    share = closing.open_cases / cases
    checks = [QualityCheck("open_cases", closing.open_cases, "cases", severity, share, detail=detail)]
    if closing.dormant_cases:
        dormant = closing.dormant_cases
        checks.append(QualityCheck("dormant_open_cases", dormant, "cases", Severity.WARNING, dormant / cases))
    return checks


def _costs(connection: Any, prepared: Prepared, rows: int) -> list[QualityCheck]:
    if not prepared.mapping.cost:
        return []
    count = connection.execute("SELECT count(bad_cost) FROM taken").fetchone()[0]
    severity = Severity.PROBLEM if count else Severity.INFO
    return [QualityCheck("unreadable_cost", count, "rows", severity, count / rows, where=prepared.mapping.cost)]


def _clock_changes(connection: Any, rows: int) -> list[QualityCheck]:
    """Count local times that the clocks skipped or repeated: their instant is a convention, not a fact."""
    counts = connection.execute(
        "SELECT count(*) FILTER (is_ambiguous), count(*) FILTER (is_nonexistent) FROM taken"
    ).fetchone()
    names = ("ambiguous_local_time", "nonexistent_local_time")
    return [
        QualityCheck(name, count, "rows", Severity.WARNING, count / rows)
        for name, count in zip(names, counts, strict=True)
        if count
    ]


def _unknown_labels(connection: Any, prepared: Prepared, closing: ClosingReport) -> list[QualityCheck]:
    """Name activities of the mapping that do not occur in the log."""
    rows = connection.execute("SELECT value, label FROM activity_codes").fetchall()
    values, labels = {row[0] for row in rows}, {row[1] for row in rows}
    mapping = prepared.mapping
    named = [old for old, _new in mapping.renames if old not in values]
    named += [label for label, _phase in mapping.phases if label not in labels]
    if closing.basis is ClosingBasis.ACTIVITIES:
        named += [value for value in closing.values if value not in labels]
    unknown = list(dict.fromkeys(named))
    if not unknown:
        return []
    examples = tuple(unknown[: quality.EXAMPLES])
    return [QualityCheck("unknown_activities_in_mapping", len(unknown), "labels", Severity.INFO, examples=examples)]
