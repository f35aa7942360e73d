"""Attributes known at a decision: those of its own instance, and those of its case."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from potok.engine.duckdb import connect
from potok.engine.sql import quote_file, quote_identifier
from potok.log.store import LogStore
from potok.measure.case_groups import ATTRIBUTE_PREFIX

CASE_COLUMNS: Final = ("channel", "service", "agency")
MOST_ATTRIBUTES: Final = 60
MOST_VALUES: Final = 30
LEAST_KNOWN_SHARE: Final = 0.5
LEAST_NUMERIC_SHARE: Final = 0.99

Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Attributes:
    """Attributes of decisions as numbers.

    Parameters
    ----------
    names
        Of each column; `values` of them that are texts have a column for every value, 1 where it holds.
    texts
        The value that a column stands for; None for numbers.
    matrix
        (n, k): NaN where unknown.
    case, position
        (n,): the instance of each row, ascending.
    """

    names: tuple[str, ...]
    texts: tuple[str | None, ...]
    matrix: Values
    case: Places
    position: Places

    def places(self, case: Places, position: Places) -> Places:
        """Return the row of each instance; −1 where there is none."""
        if not len(self.case):
            return np.full(len(case), -1, np.int64)
        factor = int(max(self.position.max(), position.max(initial=0))) + 1
        keys, wanted = self.case * factor + self.position, case * factor + position
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[found] == wanted, found, -1)

    def take(self, rows: Places) -> "Attributes":
        """Return some rows."""
        return Attributes(self.names, self.texts, self.matrix[rows], self.case[rows], self.position[rows])


def read_attributes(store: LogStore, activity: int, *, most: int) -> Attributes:
    """Read the attributes of the instances of an activity; of more than `most` those of every so-manieth case.

    Texts with more than `MOST_VALUES` different values, and attributes unknown in half of the instances, are left out,
    as is the outcome, which no decision can know.
    """
    events, cases = (f"read_parquet({quote_file(store.folder / f'{name}.parquet')})" for name in ("events", "cases"))
    connection = connect()
    try:
        own = _attribute_columns(connection, events, "e")
        of_cases = _attribute_columns(connection, cases, "c", (*CASE_COLUMNS,))
        ((instances,),) = connection.execute(f'SELECT count(*) FROM {events} WHERE "activity" = {activity}').fetchall()
        step = 1 + instances // (most + 1)
        chosen = dict(list({**of_cases, **own}.items())[:MOST_ATTRIBUTES])
        columns = "".join(f", {column} AS {quote_identifier(name)}" for name, column in chosen.items())
        # Whole pairs of cases are taken, so that both halves stay alike.
        table = connection.sql(
            f'SELECT e."case", e."position"{columns} FROM {events} AS e JOIN {cases} AS c ON c."case" = e."case"'
            f' WHERE e."activity" = {activity} AND (e."case" // 2) % {step} = 0 ORDER BY e."case", e."position"'
        ).to_arrow_table()
    finally:
        connection.close()
    return _as_numbers(table, tuple(chosen))


def _attribute_columns(connection: object, source: str, alias: str, built_in: tuple[str, ...] = ()) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # type: ignore[attr-defined]
    names = [row[0] for row in described]
    kept = [name for name in names if name.startswith(ATTRIBUTE_PREFIX) or name in built_in]
    return {
        name.removeprefix(ATTRIBUTE_PREFIX): f"CAST({alias}.{quote_identifier(name)} AS VARCHAR)"
        for name in sorted(kept)
    }


def _as_numbers(table: pa.Table, names: tuple[str, ...]) -> Attributes:
    columns: list[Values] = []
    labels: list[str] = []
    texts: list[str | None] = []
    for name in names:
        values = table[name].to_pylist()
        known = [value for value in values if value]
        if len(known) < LEAST_KNOWN_SHARE * len(values) or len(set(known)) < 2:
            continue
        numbers = np.array([_number(value) for value in values])
        if np.isfinite(numbers).sum() >= LEAST_NUMERIC_SHARE * len(known):
            columns.append(numbers)
            labels.append(name)
            texts.append(None)
        elif len(set(known)) <= MOST_VALUES:
            for text in sorted(set(known)):
                columns.append(np.array([float(value == text) for value in values]))
                labels.append(name)
                texts.append(text)
    matrix = np.column_stack(columns) if columns else np.zeros((table.num_rows, 0))
    case, position = (np.asarray(table[name].to_numpy(), dtype=np.int64) for name in ("case", "position"))
    return Attributes(tuple(labels), tuple(texts), matrix, case, position)


def _number(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan
