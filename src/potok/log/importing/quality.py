"""Step 8: the quality report, which says what is doubtful and repairs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from potok.core.time_units import DAY_US, MINUTE_US
from potok.log.importing.attributes import TypedAttribute

BATCH_CASES: Final = 5
CLOCK_SKEW_US: Final = 5 * MINUTE_US
MOSTLY_EMPTY_SHARE: Final = 0.9
HEAP_SHARE: Final = 0.05
EXAMPLES: Final = 5
RESTART_PAUSES: Final = 10
SMALLEST_MEAN_BLOCK: Final = 2
HAPPENED: Final = "coalesce(completed_us, started_us, enabled_us)"


class Severity(StrEnum):
    """How much a check's outcome matters to what is measured later."""

    INFO = "info"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """Outcome of one check.

    Parameters
    ----------
    check
        Name of the check, snake_case.
    count
        How many rows, cases, columns or labels it concerns (`of` says which).
    share
        Count over all of the same kind, 0–1; None where that means nothing.
    where
        Column or place; empty if the whole log.
    examples
        Up to five rows, cases or labels.
    """

    check: str
    count: int
    of: str
    severity: Severity
    share: float | None = None
    where: str = ""
    examples: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """Return the check as it stands in the manifest."""
        return {
            "check": self.check,
            "count": self.count,
            "of": self.of,
            "share": self.share,
            "severity": str(self.severity),
            "where": self.where,
            "examples": list(self.examples),
            "detail": self.detail,
        }


def check_rows(connection: Any, *, rows: int) -> list[QualityCheck]:
    """Check the order and repetition of rows in one streaming pass over ``sorted``."""
    stream = f"""
        SELECT *, {HAPPENED} AS happened, lead({HAPPENED}) OVER () AS following, lead("case") OVER () AS following_case,
               lead(source_row) OVER () AS following_row, lead(started_us) OVER () AS following_start,
               lead(activity) OVER () AS following_activity, lead(resource) OVER () AS following_resource
        FROM sorted"""
    same = 'following_case = "case"'
    tied = f"{same} AND following = happened AND following_start IS NOT DISTINCT FROM started_us"
    backwards = f"{same} AND following_row < source_row AND following > happened"
    row = connection.execute(
        f"""
        SELECT count(*) FILTER ({tied}),
               count(*) FILTER ({tied} AND following_activity = activity
                                AND following_resource IS NOT DISTINCT FROM resource),
               count(*) FILTER ({backwards}),
               count(*) FILTER ({backwards} AND following - happened <= {CLOCK_SKEW_US}),
               min(source_row) FILTER ({tied}), min(following_row) FILTER ({backwards}),
               count(*) FILTER (started_us > completed_us), min(source_row) FILTER (started_us > completed_us),
               count(started_us), count(resource), count(org_unit)
        FROM ({stream})
        """
    ).fetchone()
    ties, repeated, disordered, skewed, tie_row, disorder_row, negative, negative_row, starts, resources, units = row
    return [
        _check("tied_order", ties, rows, Severity.WARNING, examples=_row(tie_row)),
        _check("repeated_rows", repeated, rows, Severity.WARNING),
        *_order_checks(disordered, skewed, rows, disorder_row),
        _check("completed_before_started", negative, rows, Severity.PROBLEM, examples=_row(negative_row)),
        _missing("no_start_times", rows - starts, rows),
        _missing("no_resource", rows - resources, rows),
        _missing("no_org_unit", rows - units, rows),
    ]


def _order_checks(disordered: int, skewed: int, rows: int, first: int | None) -> list[QualityCheck]:
    """Judge rows that stand in the source after a later one of their case.

    If most rows do, the source is simply not kept in time order and nothing can be said of clocks.
    """
    if disordered > rows / 4:
        return [_check("source_not_in_time_order", disordered, rows, Severity.INFO)]
    return [
        _check("out_of_order", disordered - skewed, rows, Severity.WARNING, examples=_row(first)),
        _check("clock_skew", skewed, rows, Severity.WARNING),
    ]


def _row(number: int | None) -> tuple[str, ...]:
    return () if number is None else (str(number),)


def _check(
    name: str, count: int, rows: int, severity: Severity, *, of: str = "rows", examples: tuple[str, ...] = ()
) -> QualityCheck:
    share = count / rows if rows else None
    return QualityCheck(name, count, of, severity if count else Severity.INFO, share, examples=examples)


def _missing(name: str, count: int, rows: int) -> QualityCheck:
    return _check(name, count, rows, Severity.WARNING if count == rows else Severity.INFO)


def check_times(connection: Any, *, local_shift_us: str, rows: int) -> list[QualityCheck]:
    """Check for instants without a time of day and heaps at midnight.

    Parameters
    ----------
    local_shift_us
        SQL over ``sorted`` that turns ``happened`` (UTC) into local microseconds.
    """
    midnight, first_year, last_year = connection.execute(
        f"SELECT count(*) FILTER (({local_shift_us}) % {DAY_US} = 0), "
        f"year(make_timestamp(min(happened))), year(make_timestamp(max(happened))) "
        f"FROM (SELECT {HAPPENED} AS happened FROM sorted)"
    ).fetchone()
    share = midnight / rows
    name = "day_resolution" if share > 1 - HEAP_SHARE else "midnight_heap"
    severity = Severity.WARNING if share > HEAP_SHARE else Severity.INFO
    return [
        QualityCheck(name, midnight, "rows", severity, share, detail={"first_year": first_year, "last_year": last_year})
    ]


def check_batches(connection: Any, *, rows: int) -> QualityCheck:
    """Count rows that one resource completed at the very same instant for five or more cases.

    Registration in batches makes waits look as they were registered, not as they were. Midnight is left out: there it
    is the resolution of dates that makes instants equal.
    """
    count, groups = connection.execute(
        f"""
        WITH heaps AS (
            SELECT completed_us, activity, resource FROM sorted
            WHERE completed_us IS NOT NULL AND completed_us % {DAY_US} <> 0
            GROUP BY ALL HAVING count(*) >= {BATCH_CASES}
        ), batches AS (
            SELECT count(*) AS n FROM sorted s JOIN heaps h
            ON h.completed_us = s.completed_us AND h.activity = s.activity
            AND h.resource IS NOT DISTINCT FROM s.resource
            GROUP BY h.completed_us, h.activity, h.resource HAVING count(DISTINCT s."case") >= {BATCH_CASES}
        )
        SELECT coalesce(sum(n), 0), count(*) FROM batches
        """
    ).fetchone()
    check = _check("batch_registration", int(count), rows, Severity.WARNING)
    return QualityCheck(check.check, check.count, "rows", check.severity, check.share, detail={"batches": groups})


def check_columns(attributes: Sequence[TypedAttribute], *, rows: int) -> list[QualityCheck]:
    """Name attribute columns that are mostly empty."""
    empty = [a for a in attributes if rows and a.filled < (1 - MOSTLY_EMPTY_SHARE) * rows]
    if not empty:
        return []
    names = tuple(a.name for a in empty)
    return [
        QualityCheck(
            "mostly_empty_columns",
            len(empty),
            "columns",
            Severity.INFO,
            len(empty) / len(attributes),
            examples=names[:EXAMPLES],
            detail={"columns": list(names)},
        )
    ]


def check_labels(connection: Any) -> list[QualityCheck]:
    """Find activity labels that differ only in case, spaces or ё."""
    rows = connection.execute(
        "SELECT list(DISTINCT label ORDER BY label) AS labels FROM activity_codes "
        "GROUP BY regexp_replace(replace(lower(trim(label)), 'ё', 'е'), '\\s+', ' ', 'g') HAVING len(labels) > 1"
    ).fetchall()
    if not rows:
        return []
    examples = tuple(" = ".join(f"«{label}»" for label in row[0]) for row in rows)
    count = sum(len(row[0]) for row in rows)
    return [QualityCheck("similar_activity_labels", count, "labels", Severity.WARNING, examples=examples[:EXAMPLES])]


def check_case_ids(connection: Any, *, cases: int, has_traces: bool, settled_us: int) -> list[QualityCheck]:
    """Find case ids that restart: one id for several histories.

    In XES every trace element is a history. Elsewhere an id is suspect if its rows stand in several blocks of a source
    in which rows of most cases stand together, or if after a silence longer than anything usual the case begins
    again with the activity with which most cases begin.
    """
    if has_traces:
        merged, histories = connection.execute(
            "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(DISTINCT trace) AS n FROM taken GROUP BY case_key "
            "HAVING count(DISTINCT trace) > 1)"
        ).fetchone()
        remedy = "trace"
    else:
        merged, histories = _blocks(connection)
        remedy = ""
        if not merged:
            merged, histories = _restarts(connection, settled_us)
    if not merged:
        return []
    remedy = remedy or f"gap:{_longest_usual_pause(connection)}d"
    detail = {"histories": int(histories), "split_cases_on": remedy}
    return [QualityCheck("repeated_case_ids", int(merged), "cases", Severity.PROBLEM, merged / cases, detail=detail)]


def _blocks(connection: Any) -> tuple[int, int]:
    """Count cases with several blocks of rows that each begin as most cases begin, and those blocks.

    Says nothing (0) of a source that is not kept case by case: there every other row begins a block.
    """
    stream = "SELECT case_key, activity, lag(case_key) OVER () IS DISTINCT FROM case_key AS begins FROM taken"
    rows, blocks = connection.execute(f"SELECT count(*), count(*) FILTER (begins) FROM ({stream})").fetchone()
    if rows < SMALLEST_MEAN_BLOCK * blocks:
        return (0, 0)
    merged, histories = connection.execute(
        f"""
        WITH openings AS (
            SELECT arg_min(activity, ({HAPPENED}, source_row)) AS activity FROM taken GROUP BY case_key
        ), usual AS (
            SELECT mode(activity) AS activity FROM openings
        ), blocks AS (
            SELECT count(*) AS n FROM ({stream}) WHERE begins AND activity = (SELECT activity FROM usual)
            GROUP BY case_key HAVING count(*) > 1
        )
        SELECT count(*), coalesce(sum(n), 0) FROM blocks
        """
    ).fetchone()
    return (merged, int(histories))


def _longest_usual_pause(connection: Any) -> int:
    """Return ten times the 90th percentile of each case's median pause, whole days: a silence no history has."""
    pauses = connection.execute(
        f"""
        SELECT quantile_cont(pause, 0.9) FROM (
            SELECT "case", median(pause) AS pause FROM (
                SELECT "case", {HAPPENED} - lag({HAPPENED}) OVER () AS pause, lag("case") OVER () AS before FROM sorted)
            WHERE before = "case" GROUP BY 1)
        """
    ).fetchone()[0]
    return max(1, int((pauses or 0) * RESTART_PAUSES // DAY_US))


def _restarts(connection: Any, settled_us: int) -> tuple[int, int]:
    """Count cases that begin again after a silence of many times the usual longest pause, and their histories."""
    row = connection.execute(
        f"""
        WITH stream AS (
            SELECT "case", activity, {HAPPENED} - lag({HAPPENED}) OVER () AS pause, lag("case") OVER () AS before
            FROM sorted
        ), first AS (
            SELECT mode(activity) AS activity FROM stream WHERE before IS DISTINCT FROM "case"
        )
        SELECT count(DISTINCT "case"), count(*) + count(DISTINCT "case") FROM stream
        WHERE before = "case" AND pause > {max(settled_us, DAY_US) * RESTART_PAUSES}
          AND activity = (SELECT activity FROM first)
        """
    ).fetchone()
    return (row[0], row[1])
