"""Step 3: of what type each attribute is, and whether it belongs to the event or to the case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from potok.log.importing.raw_table import Attribute
from potok.log.numbers import number_expression
from potok.log.sources.base import ColumnKind

SAMPLE_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class TypedAttribute:
    """An attribute with its final type.

    Parameters
    ----------
    name
        As in the source.
    column
        Column of ``raw``.
    expression
        SQL over ``raw`` giving the typed value.
    filled
        Rows in which it has a value.
    is_case_level
        Whether it never differs within a case.
    is_complete
        Whether it has a value in every row.
    """

    name: str
    column: str
    expression: str
    kind: ColumnKind
    filled: int
    is_case_level: bool = False
    is_complete: bool = False


def type_attributes(connection: Any, attributes: Sequence[Attribute], *, decimal: str) -> tuple[TypedAttribute, ...]:
    """Give text attributes the narrowest type that keeps every value: integer, real, boolean, else text.

    An integer type is given only if writing it out again gives the text back, so that codes such as ``007`` stay text.
    """
    if not attributes:
        return ()
    candidates = _candidates(connection, attributes, decimal)
    parts = [
        f"count({attribute.column}), {_count_misfits(attribute, kind, decimal)}"
        for attribute, kind in zip(attributes, candidates, strict=True)
    ]
    counts = connection.execute(f"SELECT {', '.join(parts)} FROM taken").fetchone()
    typed = []
    for index, (attribute, kind) in enumerate(zip(attributes, candidates, strict=True)):
        filled, misfits = counts[2 * index], counts[2 * index + 1]
        final = attribute.kind if misfits else kind
        expression = (
            _convert(final, attribute.column, decimal) if attribute.kind is ColumnKind.TEXT else attribute.column
        )
        typed.append(TypedAttribute(attribute.name, attribute.column, expression, final, filled))
    return tuple(typed)


def _count_misfits(attribute: Attribute, kind: ColumnKind, decimal: str) -> str:
    if kind is attribute.kind:
        return "0"
    return f"count(*) FILTER ({attribute.column} IS NOT NULL AND NOT ({_fits(kind, attribute.column, decimal)}))"


def _candidates(connection: Any, attributes: Sequence[Attribute], decimal: str) -> list[ColumnKind]:
    kinds = (ColumnKind.BOOLEAN, ColumnKind.INTEGER, ColumnKind.REAL)
    parts = [
        f"bool_and({_fits(kind, attribute.column, decimal)}) FILTER ({attribute.column} IS NOT NULL)"
        for attribute in attributes
        for kind in kinds
    ]
    sample = f"(SELECT {', '.join(a.column for a in attributes)} FROM taken LIMIT {SAMPLE_ROWS})"
    fits = connection.execute(f"SELECT {', '.join(parts)} FROM {sample}").fetchone()
    chosen = []
    for index, attribute in enumerate(attributes):
        own = fits[index * len(kinds) : (index + 1) * len(kinds)]
        best = next((kind for kind, fit in zip(kinds, own, strict=True) if fit), ColumnKind.TEXT)
        chosen.append(best if attribute.kind is ColumnKind.TEXT else attribute.kind)
    return chosen


def _fits(kind: ColumnKind, column: str, decimal: str) -> str:
    """Return SQL that is true where the text, which is not NULL, can be held as `kind` without loss."""
    match kind:
        case ColumnKind.BOOLEAN:
            return f"lower(CAST({column} AS VARCHAR)) IN ('true', 'false')"
        case ColumnKind.INTEGER:
            return f"coalesce(CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) = CAST({column} AS VARCHAR), false)"
        case ColumnKind.REAL:
            text = f"CAST({column} AS VARCHAR)"
            return (
                f"({number_expression(text, decimal=decimal)}) IS NOT NULL AND NOT regexp_matches({text}, '^-?0[0-9]')"
            )
        case _:
            return "true"


def _convert(kind: ColumnKind, column: str, decimal: str) -> str:
    match kind:
        case ColumnKind.BOOLEAN:
            return f"lower({column}) = 'true'"
        case ColumnKind.INTEGER:
            return f"TRY_CAST({column} AS BIGINT)"
        case ColumnKind.REAL:
            return number_expression(column, decimal=decimal)
        case _:
            return column


def gather_cases(connection: Any, attributes: Sequence[TypedAttribute], *, rows: int) -> tuple[TypedAttribute, ...]:
    """Create table ``case_facts`` and find which attributes never differ within a case.

    ``case_facts`` has one row per case: ``case_key``, ``n_rows``, ``opened_us``, ``last_us`` and, per attribute column,
    some value of it. All that is asked of the rows of a case is asked in this one pass, since grouping by long ids is
    among the dearest steps of an import. Values are compared by 64-bit hash within a case, missing values apart.
    """
    attributes = tuple(replace(attribute, is_complete=attribute.filled == rows) for attribute in attributes)
    columns = [attribute.column for attribute in attributes]
    values = "".join(f", any_value({a.column}) AS {a.column}, {_is_same(a)} AS same_{a.column}" for a in attributes)
    connection.execute(
        "CREATE TABLE case_facts AS SELECT case_key, count(*) AS n_rows, "
        "min(least(enabled_us, started_us, completed_us)) AS opened_us, "
        f"max(greatest(enabled_us, started_us, completed_us)) AS last_us{values} FROM taken GROUP BY 1"
    )
    if not attributes:
        return ()
    tests = ", ".join(f"bool_and(same_{c})" for c in columns)
    row = connection.execute(f"SELECT {tests} FROM case_facts").fetchone()
    return tuple(
        replace(attribute, is_case_level=constant) for attribute, constant in zip(attributes, row, strict=True)
    )


def _is_same(attribute: TypedAttribute) -> str:
    """Return SQL that is true where the values of a group, the missing ones apart, are all the same."""
    value = f"hash({attribute.column})"
    if attribute.is_complete:
        return f"min({value}) = max({value})"
    present = f"FILTER ({attribute.column} IS NOT NULL)"
    return f"coalesce(min({value}) {present} = max({value}) {present}, true)"
