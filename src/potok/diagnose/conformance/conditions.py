"""Conditions on data: which cases and which activity instances fulfil them, as small tables beside the store.

Attributes are no part of the tables that analyses are written against, so they are looked up in the store's files, for
the activities concerned only.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import ibis
import pyarrow as pa

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.diagnose.conformance.rules import Condition, Operator
from potok.engine.duckdb import connect
from potok.engine.sql import quote_file, quote_identifier, quote_literal
from potok.log.store import LogStore
from potok.measure.case_groups import ATTRIBUTE_PREFIX

CASE_COLUMNS: Final = ("channel", "service", "agency", "outcome")
_DICTIONARIES: Final = {"org_unit": "units", "resource": "resources"}
_COMPARED: Final = {
    Operator.BELOW: "<",
    Operator.AT_MOST: "<=",
    Operator.ABOVE: ">",
    Operator.AT_LEAST: ">=",
}


class UnknownAttributeError(BadDataError):
    """A rule has a condition on an attribute that the log does not have."""

    code = "POTOK-D041"


def matching_cases(store: LogStore, conditions: Sequence[Condition]) -> pa.Table:
    """Return the cases (`case`) that fulfil all conditions.

    Raises
    ------
    UnknownAttributeError
        If cases do not have an attribute.
    """
    columns = _columns(store.folder / "cases.parquet")
    tests = [_test(condition, _find(condition, columns, CASE_COLUMNS)) for condition in conditions]
    return _query(f'SELECT "case" FROM {_file(store, "cases")} WHERE {" AND ".join(tests)}')


def matching_instances(store: LogStore, conditions: Sequence[Condition], *, activities: Sequence[int]) -> pa.Table:
    """Return the instances (`case`, `position`) of some activities that fulfil all conditions.

    An attribute that never differs within a case is looked for at the case.

    Raises
    ------
    UnknownAttributeError
        If neither instances nor cases have an attribute.
    """
    own = _columns(store.folder / "events.parquet")
    of_cases = {column for column in _columns(store.folder / "cases.parquet") if column.startswith(ATTRIBUTE_PREFIX)}
    tests = list(_instance_tests(conditions, own, of_cases))
    codes = ", ".join(str(int(code)) for code in activities)
    return _query(
        f'SELECT e."case", e."position" FROM {_file(store, "events")} AS e JOIN {_file(store, "cases")} AS c'
        f' ON c."case" = e."case" LEFT JOIN {_file(store, "units")} AS u ON u."org_unit" = e."org_unit"'
        f' LEFT JOIN {_file(store, "resources")} AS r ON r."resource" = e."resource"'
        f' WHERE e."activity" IN ({codes}) AND {" AND ".join(tests)}'
    )


def instances_table(name: str) -> ibis.Table:
    """Return the unbound table of instances under a name: `case`, `position`."""
    return ibis.table({"case": "int64", "position": "int32"}, name=name)


def cases_table(name: str) -> ibis.Table:
    """Return the unbound table of cases under a name: `case`."""
    return ibis.table({"case": "int64"}, name=name)


def _instance_tests(conditions: Sequence[Condition], own: set[str], of_cases: set[str]) -> Iterator[str]:
    for condition in conditions:
        if condition.attribute in _DICTIONARIES:
            label = '"label"'
            yield _test(condition, f"{'u' if condition.attribute == 'org_unit' else 'r'}.{label}")
            continue
        name = _attribute(condition.attribute)
        if name in own:
            yield _test(condition, f"e.{quote_identifier(name)}")
        else:
            yield _test(condition, "c." + _find(condition, of_cases, ()))


def _attribute(name: str) -> str:
    return name if name.startswith(ATTRIBUTE_PREFIX) else ATTRIBUTE_PREFIX + name


def _find(condition: Condition, columns: set[str], built_in: Sequence[str]) -> str:
    if condition.attribute in built_in:
        return quote_identifier(condition.attribute)
    name = _attribute(condition.attribute)
    if name in columns:
        return quote_identifier(name)
    known = sorted(column.removeprefix(ATTRIBUTE_PREFIX) for column in columns if column.startswith(ATTRIBUTE_PREFIX))
    raise UnknownAttributeError(
        _("The log has no attribute “{name}”.").format(name=condition.attribute),
        where=condition.of,
        remedy=_("Use one of: {labels}.").format(labels=", ".join((*built_in, *known)) or "–"),
    )


def _test(condition: Condition, column: str) -> str:
    """Return the SQL of a condition; unknown values fulfil none."""
    if condition.operator in _COMPARED:
        (number,) = condition.values
        return f"coalesce(TRY_CAST({column} AS DOUBLE) {_COMPARED[condition.operator]} {float(number)!r}, false)"
    listed = ", ".join(quote_literal(str(value)) for value in condition.values)
    negation = "NOT " if condition.operator is Operator.NONE_OF else ""
    return f"coalesce(CAST({column} AS VARCHAR) {negation}IN ({listed}), false)"


def _columns(path: Path) -> set[str]:
    connection = connect()
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({quote_file(path)})").fetchall()
    finally:
        connection.close()
    return {row[0] for row in rows}


def _query(sql: str) -> pa.Table:
    connection = connect()
    try:
        return connection.sql(sql).to_arrow_table()
    finally:
        connection.close()


def _file(store: LogStore, table: str) -> str:
    return f"read_parquet({quote_file(store.folder / f'{table}.parquet')})"
