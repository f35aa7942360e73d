"""Step 1: from staged sources to one table ``raw`` of parsed rows.

``raw`` has one row per source row: ``case_id``, ``activity``, ``enabled_us``, ``started_us``, ``completed_us``,
``resource``, ``org_unit``, ``cost``, ``transition``, ``instance``, ``trace``, ``bad_time`` (text of an instant that
could not be read), ``bad_cost``, then one column ``a0 … an`` per attribute. Columns that would hold nothing, since the
mapping gives them no source, are left out (`CONSTANTS`): ten of them would take a fifth of the memory of an import.
DuckDB keeps insertion order, so ``rowid + 1`` is the number of the row unless the reader supplies ``source_row``.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.engine.sql import quote_identifier
from potok.log.importing.cost_column import check_cost_kind
from potok.log.mapping import ClosingBasis, Mapping, TimeColumn
from potok.log.numbers import number_expression
from potok.log.sources.base import ColumnKind, ColumnLevel, Staged, StagedColumn
from potok.log.time_formats import instant_expression, is_ambiguous_expression, is_nonexistent_expression
from potok.log.zones import ambiguous_times, nonexistent_times

INSTANT_ROLES = ("enabled_at", "started_at", "completed_at")
TEXT_ROLES = ("resource", "org_unit", "lifecycle", "instance")
# What a column of ``raw`` stands for when it is left out.
CONSTANTS: Final = {
    "enabled_us": "NULL::BIGINT",
    "started_us": "NULL::BIGINT",
    "completed_us": "NULL::BIGINT",
    "is_ambiguous": "false",
    "is_nonexistent": "false",
    "resource": "NULL::VARCHAR",
    "org_unit": "NULL::VARCHAR",
    "transition": "NULL::VARCHAR",
    "instance": "NULL::VARCHAR",
    "cost": "NULL::DOUBLE",
    "bad_cost": "NULL::VARCHAR",
}


_OPTIONS_OF_ONE: Final = {
    "--case": "case_id",
    "--resource": "resource",
    "--org-unit": "org_unit",
    "--cost": "cost",
    "--lifecycle-column": "lifecycle",
    "--instance": "instance",
    "--outcome": "outcome",
    "--channel": "channel",
    "--service": "service",
    "--agency": "agency",
    "--split-cases-on": "split_cases_on",
}
_OPTIONS_OF_MANY: Final = {
    "--activity": "activity",
    "--drop-column": "drop",
    "--keep-text": "keep_text",
    "--pseudonymise": "pseudonymise",
    "--allow-personal": "allow_personal",
    "[attributes] keep": "attributes",
}


class UnknownColumnError(UsageError):
    """The mapping names a column that the source does not have."""

    code = "POTOK-L003"


class DifferentColumnsError(BadDataError):
    """Files read together have different columns."""

    code = "POTOK-L004"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A source column kept as ``attr:<name>``, held in ``raw`` as `column`."""

    name: str
    column: str
    kind: ColumnKind
    level: ColumnLevel


def common_columns(staged: Sequence[Staged]) -> tuple[StagedColumn, ...]:
    """Return the columns of sources read together, in order of appearance.

    A column whose kind differs between the files becomes text.
    """
    columns: dict[str, StagedColumn] = {}
    for source in staged:
        for column in source.columns:
            seen = columns.get(column.name)
            if seen is not None and seen.kind != column.kind:
                column = StagedColumn(column.name, ColumnKind.TEXT, column.level)
            columns[column.name] = column
    return tuple(columns.values())


def check_columns(mapping: Mapping, columns: Iterable[StagedColumn]) -> None:
    """Check what the mapping says of columns.

    Raises
    ------
    UnknownColumnError
        If it names a column that no source has; the options that name it are told.
    CostColumnError
        If the column of costs holds times.
    """
    columns = tuple(columns)
    present = {column.name for column in columns}
    unknown = [name for name in named_columns(mapping) if name not in present]
    if unknown:
        raise UnknownColumnError(
            _("There is no column {names}.").format(names=", ".join(f"«{name}»" for name in unknown)),
            where=", ".join(options_naming(mapping, unknown)),
            remedy=_("Columns of the source: {names}.").format(names=", ".join(sorted(present))),
        )
    check_cost_kind(mapping, columns)


def options_naming(mapping: Mapping, names: Collection[str]) -> tuple[str, ...]:
    """Return the options that name one of some columns (keys of the mapping file where there is no option)."""
    rules = {
        "--closed-by-status" if mapping.closing.basis is ClosingBasis.STATUS else "--closed-by-field": (
            mapping.closing.column,
        )
    }
    texts = {option: (getattr(mapping, role),) for option, role in _OPTIONS_OF_ONE.items()}
    lists = {option: getattr(mapping, role) or () for option, role in _OPTIONS_OF_MANY.items()}
    times = {f"--{role.removesuffix('_at')}": _time_columns(getattr(mapping, role)) for role in reversed(INSTANT_ROLES)}
    excluded = {"--exclude": tuple(exclusion.column for exclusion in mapping.exclude)}
    naming = {**texts, **lists, **times, **rules, **excluded}
    return tuple(option for option, columns in naming.items() if set(columns) & set(names))


def named_columns(mapping: Mapping) -> list[str]:
    """Return every source column that a mapping names, in order, without repetition."""
    singles = (mapping.case_id, mapping.resource, mapping.org_unit, mapping.cost, mapping.lifecycle, mapping.instance)
    cases = (mapping.outcome, mapping.channel, mapping.service, mapping.agency)
    times = [name for role in INSTANT_ROLES for name in _time_columns(getattr(mapping, role))]
    many = [*mapping.activity, *times, *mapping.drop, *mapping.pseudonymise, *mapping.allow_personal]
    rules = [mapping.closing.column, *(exclusion.column for exclusion in mapping.exclude)]
    split = [] if mapping.split_cases_on == "trace" or ":" in mapping.split_cases_on else [mapping.split_cases_on]
    names = [*singles, *cases, *many, *(mapping.attributes or ()), *mapping.keep_text, *rules, *split]
    return [name for name in dict.fromkeys(names) if name]


def _time_columns(column: TimeColumn | None) -> tuple[str, ...]:
    return column.columns if column else ()


def choose_attributes(mapping: Mapping, columns: Sequence[StagedColumn]) -> tuple[Attribute, ...]:
    """Choose the columns that are kept as attributes: those without a role that the mapping does not drop."""
    roles = {mapping.case_id, mapping.resource, mapping.org_unit, mapping.cost, mapping.lifecycle, mapping.instance}
    roles |= {*mapping.activity, *(name for role in INSTANT_ROLES for name in _time_columns(getattr(mapping, role)))}
    needed = {mapping.outcome, mapping.channel, mapping.service, mapping.agency, mapping.closing.column}
    needed |= {exclusion.column for exclusion in mapping.exclude} | {mapping.split_cases_on}
    wanted = [
        column
        for column in columns
        if column.name not in roles
        and column.name != "@trace"
        and (column.name in needed or _is_kept(mapping, column.name))
    ]
    return tuple(Attribute(c.name, f"a{i}", c.kind, c.level) for i, c in enumerate(wanted))


def _is_kept(mapping: Mapping, name: str) -> bool:
    if name in mapping.drop:
        return False
    return mapping.attributes is None or name in mapping.attributes


def create_raw_table(
    connection: Any,
    staged: Sequence[Staged],
    *,
    mapping: Mapping,
    attributes: Sequence[Attribute],
    execute: Any,
) -> tuple[int, ...]:
    """Read every staged source into ``raw``.

    Parameters
    ----------
    execute
        Called with each long statement; it runs the statement and shows progress.

    Returns
    -------
    tuple of int
        Number of rows of ``raw`` before each source (where its rows begin).
    """
    numbered = len(staged) > 1 or any(source.row_column for source in staged)
    first_rows = []
    for index, source in enumerate(staged):
        first_row = _last_row(connection) if index else 0
        first_rows.append(first_row)
        select = _select(source, mapping=mapping, attributes=attributes, offset=first_row if numbered else None)
        execute(f"CREATE TABLE raw AS {select}" if index == 0 else f"INSERT INTO raw BY NAME {select}")
        if source.rejected is not None:
            _take_rejected(connection, source.rejected, first_row)
    return tuple(first_rows)


def _last_row(connection: Any) -> int:
    """Return the last row number given so far, to a taken row or to a rejected one."""
    last = "SELECT max(source_row) AS source_row FROM raw UNION ALL SELECT max(source_row) FROM rejected"
    return int(connection.execute(f"SELECT coalesce(max(source_row), 0) FROM ({last})").fetchone()[0])


def _take_rejected(connection: Any, insert: Callable[[Any, str], None], first_row: int) -> None:
    connection.execute("CREATE TABLE rejected_here AS FROM rejected LIMIT 0")
    insert(connection, "rejected_here")
    connection.execute(
        f"INSERT INTO rejected SELECT * REPLACE (source_row + {first_row} AS source_row) FROM rejected_here"
    )
    connection.execute("DROP TABLE rejected_here")


def _select(source: Staged, *, mapping: Mapping, attributes: Sequence[Attribute], offset: int | None) -> str:
    kinds = {column.name: column.kind for column in source.columns}
    times = [column for column in (getattr(mapping, role) for role in INSTANT_ROLES) if column]
    parts = [*_role_expressions(mapping, kinds), *(_attribute_expression(a, kinds) for a in attributes)]
    parts += [f"{_text(column.columns[0], kinds)} AS time_text{i}" for i, column in enumerate(times)]
    if offset is not None:
        own = f"CAST({quote_identifier(source.row_column)} AS BIGINT)" if source.row_column else "row_number() OVER ()"
        parts.append(f"{own} + {offset} AS source_row")
    if "@trace" in kinds:
        parts.append('"@trace" AS trace')
    texts = ", ".join(f"time_text{i}" for i in range(len(times)))
    return (
        f"SELECT * EXCLUDE ({texts}), {_bad_time(mapping)} AS bad_time "
        f"FROM (SELECT {', '.join(parts)} FROM {source.relation})"
    )


def _role_expressions(mapping: Mapping, kinds: dict[str, ColumnKind]) -> list[str]:
    parts = [
        f"{_text(mapping.case_id, kinds)} AS case_id",
        f"{_joined(mapping.activity, kinds)} AS activity",
        *(
            f"{_instant(getattr(mapping, role), kinds, mapping)} AS {_raw_instant(role)}"
            for role in INSTANT_ROLES
            if getattr(mapping, role)
        ),
        *_odd_times(mapping, kinds),
        *(
            f"{_text(getattr(mapping, role), kinds)} AS {_RAW_NAMES.get(role, role)}"
            for role in TEXT_ROLES
            if getattr(mapping, role)
        ),
        *_cost_expressions(mapping, kinds),
    ]
    if mapping.closing.basis is ClosingBasis.FIELD:
        closing = TimeColumn((mapping.closing.column,), mapping.closing.encoding, mapping.closing.patterns)
        parts.append(f"{_instant(closing, kinds, mapping)} AS closing_us")
    return parts


def _raw_instant(role: str) -> str:
    return role.replace("_at", "_us")


def _odd_times(mapping: Mapping, kinds: dict[str, ColumnKind]) -> list[str]:
    """Return flags of completion (else start) times that the clocks skipped or repeated, if the zone's clocks do so."""
    column = mapping.completed_at or mapping.started_at
    if column is None or not (ambiguous_times(mapping.zone).bounds or nonexistent_times(mapping.zone).bounds):
        return []
    if any(name not in kinds for name in column.columns):
        return ["false AS is_ambiguous", "false AS is_nonexistent"]
    return [
        f"{is_ambiguous_expression(column, kinds=kinds, zone=mapping.zone)} AS is_ambiguous",
        f"{is_nonexistent_expression(column, kinds=kinds, zone=mapping.zone)} AS is_nonexistent",
    ]


_RAW_NAMES = {"lifecycle": "transition"}


def _text(name: str, kinds: dict[str, ColumnKind]) -> str:
    """Return the column as text, empty text as NULL."""
    if not name or name not in kinds:
        return "NULL::VARCHAR"
    quoted = quote_identifier(name)
    return f"nullif({quoted}, '')" if kinds[name] is ColumnKind.TEXT else f"CAST({quoted} AS VARCHAR)"


def _joined(names: Sequence[str], kinds: dict[str, ColumnKind]) -> str:
    if len(names) == 1:
        return _text(names[0], kinds)
    return f"nullif(concat_ws(' / ', {', '.join(_text(name, kinds) for name in names)}), '')"


def _instant(column: TimeColumn | None, kinds: dict[str, ColumnKind], mapping: Mapping) -> str:
    if column is None or any(name not in kinds for name in column.columns):
        return "NULL::BIGINT"
    return instant_expression(column, kinds=kinds, zone=mapping.zone)


def _bad_time(mapping: Mapping) -> str:
    """Return the first text that should be an instant but could not be read as one."""
    roles = [role for role in INSTANT_ROLES if getattr(mapping, role)]
    branches = [
        f"WHEN time_text{i} IS NOT NULL AND {_raw_instant(role)} IS NULL THEN time_text{i}"
        for i, role in enumerate(roles)
    ]
    return f"CASE {' '.join(branches)} END"


def _cost_expressions(mapping: Mapping, kinds: dict[str, ColumnKind]) -> list[str]:
    if not mapping.cost:
        return []
    if mapping.cost not in kinds:
        return ["NULL::DOUBLE AS cost", "NULL::VARCHAR AS bad_cost"]
    quoted = quote_identifier(mapping.cost)
    if kinds[mapping.cost] is not ColumnKind.TEXT:
        return [f"CAST({quoted} AS DOUBLE) AS cost", "NULL::VARCHAR AS bad_cost"]
    number = number_expression(quoted, decimal=mapping.decimal)
    bad = f"CASE WHEN nullif(trim({quoted}), '') IS NOT NULL AND ({number}) IS NULL THEN {quoted} END"
    return [f"{number} AS cost", f"{bad} AS bad_cost"]


def _attribute_expression(attribute: Attribute, kinds: dict[str, ColumnKind]) -> str:
    if attribute.name not in kinds:
        return f"NULL::VARCHAR AS {attribute.column}"
    quoted = quote_identifier(attribute.name)
    if kinds[attribute.name] is ColumnKind.TEXT:
        return f"nullif({quoted}, '') AS {attribute.column}"
    if attribute.kind is ColumnKind.TEXT:
        return f"CAST({quoted} AS VARCHAR) AS {attribute.column}"
    return f"{quoted} AS {attribute.column}"
