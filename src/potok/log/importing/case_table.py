"""A table with one row per case beside the events: its columns become attributes of the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.engine.sql import quote_identifier
from potok.log.importing.quality import QualityCheck, Severity
from potok.log.importing.raw_table import Attribute
from potok.log.sources.base import ColumnKind, ColumnLevel, Staged

SMALLEST_OVERLAP: Final = 0.05


class NoCaseColumnError(BadDataError):
    """No column of the case table holds the events' case ids."""

    code = "POTOK-L017"


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A staged case table and the attributes it gives to cases.

    Parameters
    ----------
    staged
        One row per case.
    attributes
        Its columns; `column` is where ``raw`` will hold them.
    """

    staged: Staged
    attributes: tuple[Attribute, ...]


def describe_case_table(staged: Staged, *, taken: Sequence[str], first: int) -> CaseTable:
    """Return which columns of a staged case table become attributes.

    Parameters
    ----------
    taken
        Names that the events already use; the case table's own of that name are left out.
    first
        Number of attributes that events have.
    """
    own = [column for column in staged.columns if column.name not in taken]
    return CaseTable(
        staged,
        tuple(Attribute(c.name, f"a{first + i}", c.kind, ColumnLevel.CASE) for i, c in enumerate(own)),
    )


def join_case_table(connection: Any, table: CaseTable) -> list[QualityCheck]:
    """Add the case table's columns to ``raw``; report cases without a row, rows without a case, repeated rows.

    Raises
    ------
    NoCaseColumnError
        If fewer than one case in twenty is found in any column.
    """
    connection.execute(f"CREATE TABLE case_rows AS SELECT * FROM {table.staged.relation}")
    key = _find_key(connection, table)
    value = f"CAST({quote_identifier(key)} AS VARCHAR)"
    firsts = f"SELECT * FROM case_rows QUALIFY row_number() OVER (PARTITION BY {value} ORDER BY rowid) = 1"
    own = "".join(f", {_value(a)} AS {a.column}" for a in table.attributes)
    numbered = connection.execute(
        "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'raw' AND column_name = 'source_row'"
    ).fetchone()[0]
    row = "" if numbered else "raw.rowid + 1 AS source_row, "
    connection.execute(
        f"CREATE TABLE widened AS SELECT {row}raw.*{own} FROM raw LEFT JOIN ({firsts}) c ON {value} = raw.case_id"
    )
    connection.execute("DROP TABLE raw")
    connection.execute("ALTER TABLE widened RENAME TO raw")
    return _judge(connection, value)


def _value(attribute: Attribute) -> str:
    quoted = f"c.{quote_identifier(attribute.name)}"
    return f"nullif({quoted}, '')" if attribute.kind is ColumnKind.TEXT else quoted


def _find_key(connection: Any, table: CaseTable) -> str:
    """Return the column in which most case ids of the events are found."""
    names = [column.name for column in table.staged.columns]
    cases = connection.execute("SELECT count(DISTINCT case_id) FROM raw").fetchone()[0]
    found = {
        name: connection.execute(
            f"SELECT count(DISTINCT case_id) FROM raw SEMI JOIN case_rows "
            f"ON CAST({quote_identifier(name)} AS VARCHAR) = case_id"
        ).fetchone()[0]
        for name in names
    }
    best = max(names, key=lambda name: found[name])
    if found[best] < SMALLEST_OVERLAP * cases:
        raise NoCaseColumnError(
            _("No column of the case table holds the case ids of the events."),
            where=", ".join(file.name for file in table.staged.files),
            remedy=_("Columns of the case table: {names}.").format(names=", ".join(names)),
        )
    return best


def _judge(connection: Any, value: str) -> list[QualityCheck]:
    cases, rows, lonely_cases, lonely_rows, repeated = connection.execute(
        f"""
        WITH ids AS (SELECT DISTINCT case_id FROM raw WHERE case_id IS NOT NULL),
             keys AS (SELECT {value} AS key, count(*) AS n FROM case_rows GROUP BY 1)
        SELECT (SELECT count(*) FROM ids), (SELECT count(*) FROM case_rows),
               (SELECT count(*) FROM ids WHERE case_id NOT IN (SELECT key FROM keys WHERE key IS NOT NULL)),
               (SELECT count(*) FROM keys WHERE key IS NULL OR key NOT IN (SELECT case_id FROM ids)),
               (SELECT coalesce(sum(n - 1), 0) FROM keys)
        """
    ).fetchone()
    found = {
        "cases_without_case_row": (lonely_cases, cases, "cases"),
        "case_rows_without_events": (lonely_rows, rows, "rows"),
        "repeated_case_rows": (int(repeated), rows, "rows"),
    }
    return [
        QualityCheck(name, count, of, Severity.WARNING, count / total)
        for name, (count, total, of) in found.items()
        if count
    ]
