"""Personal data is stopped before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.log.importing.attributes import TypedAttribute
from potok.log.mapping import Mapping
from potok.log.privacy.detectors import detect_personal_data, screening_expression
from potok.log.privacy.free_text import looks_like_free_text
from potok.log.privacy.personal_data import require_no_personal_data
from potok.log.sources.base import ColumnKind

MAX_CANDIDATES: Final = 200_000
TEXT_SAMPLE_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """What may be stored.

    Parameters
    ----------
    attributes
        The attributes that are kept.
    free_text
        Names of columns of free text, which are dropped unless asked for.
    """

    attributes: tuple[TypedAttribute, ...]
    free_text: tuple[str, ...]


def guard_personal_data(
    connection: Any, attributes: Sequence[TypedAttribute], *, mapping: Mapping, plain_ids: bool
) -> Guarded:
    """Drop free text, and stop if personal data would be stored openly.

    Raises
    ------
    PersonalDataError
        Naming every column in which personal data was seen.
    """
    free_text = tuple(a.name for a in attributes if _is_free_text(connection, a, mapping))
    kept = tuple(a for a in attributes if a.name not in free_text)
    columns = [_Column(a.name, a.column) for a in kept if _is_open(a, mapping, plain_ids)]
    columns.append(_Column(" / ".join(mapping.activity), "activity"))
    if plain_ids:
        columns += [_Column(mapping.case_id, "case_id"), _Column(mapping.resource, "resource")]
    unchecked = [column for column in columns if column.name and column.name not in mapping.allow_personal]
    candidates, distinct = {}, {}
    for column in unchecked:
        values, count = _candidates(connection, column)
        if values:
            candidates[column.name], distinct[column.name] = values, count
    require_no_personal_data(detect_personal_data(candidates, distinct=distinct), allowed=mapping.allow_personal)
    return Guarded(kept, free_text)


def _is_open(attribute: TypedAttribute, mapping: Mapping, plain_ids: bool) -> bool:
    concealed = attribute.name in mapping.pseudonymise and not plain_ids
    return not concealed and attribute.kind in (ColumnKind.TEXT, ColumnKind.INTEGER)


def _is_free_text(connection: Any, attribute: TypedAttribute, mapping: Mapping) -> bool:
    if attribute.kind is not ColumnKind.TEXT or attribute.name in mapping.keep_text:
        return False
    column = attribute.column
    rows = connection.execute(
        f"SELECT {column}, count(*) FROM (SELECT {column} FROM taken WHERE {column} IS NOT NULL "
        f"LIMIT {TEXT_SAMPLE_ROWS}) GROUP BY 1"
    ).fetchall()
    return looks_like_free_text([row[0] for row in rows], rows=sum(row[1] for row in rows))


def _candidates(connection: Any, column: _Column) -> tuple[list[str], int]:
    """Return the distinct values in which a detector may find something, and how many distinct values there are."""
    value = column.expression
    # Materialised, since the optimiser would otherwise screen every row before it looks for distinct values.
    distinct = f"SELECT DISTINCT CAST({value} AS VARCHAR) AS value FROM taken WHERE {value} IS NOT NULL"
    screen = screening_expression("value", name=column.name)
    rows = connection.execute(
        f"WITH d AS MATERIALIZED ({distinct}) SELECT value, (SELECT count(*) FROM d) FROM d WHERE {screen} "
        f"ORDER BY 1 LIMIT {MAX_CANDIDATES}"
    ).fetchall()
    return [row[0] for row in rows], rows[0][1] if rows else 0
