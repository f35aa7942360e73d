"""What was known of cases before a step: their mix, as indicators for a regression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.diagnose.comparison.covariates import speaks_of_later
from potok.diagnose.superfluous.traces import Codes
from potok.engine.duckdb import connect
from potok.engine.sql import quote_file, quote_identifier
from potok.inference.observations import Floats
from potok.log.store import LogStore

COLUMNS: Final = ("channel", "service", "agency")
ATTRIBUTE_PREFIX: Final = "attr:"
MOST_VALUES: Final = 30
MOST_LEVELS: Final = 8
MOST_COLUMNS: Final = 12
LEAST_SHARE: Final = 0.01
PERIODS: Final = 4


class UnknownColumnError(UsageError):
    """Step rules name a column that the log does not have."""

    code = "POTOK-D031"


@dataclass(frozen=True, slots=True)
class CaseMix:
    """Recorded circumstances of the cases of traces.

    Parameters
    ----------
    names
        The columns used.
    levels
        Shape (c, k): code of the level of each case in each column; the last column is the quarter of the log in which
        the case was opened.
    outcome
        Shape (c,): the case's outcome; empty where it is unknown.
    """

    names: tuple[str, ...]
    levels: Codes
    outcome: "np.ndarray[tuple[int], np.dtype[np.str_]]"

    def design(self, owner: Codes, context: Codes) -> Floats:
        """Return indicators of the levels of some cases, and of what came before the step, shape (m, p)."""
        columns = [_indicators(column) for column in (*self.levels[owner].T, context)]
        return np.concatenate([np.zeros((len(owner), 0)), *columns], axis=1)


def _indicators(codes: Codes) -> Floats:
    found, counts = np.unique(codes, return_counts=True)
    order = found[np.argsort(-counts, kind="stable")]
    held = [code for code in order[1:MOST_LEVELS] if (codes == code).mean() >= LEAST_SHARE]
    return np.asarray(codes[:, None] == np.array(held, np.int64)[None, :], np.float64)


def fetch_case_mix(store: LogStore, case: Codes, opened_us: Codes, *, asked: tuple[str, ...] | None) -> CaseMix:
    """Fetch the mix of some cases.

    Parameters
    ----------
    case, opened_us
        Shape (c,): codes, ascending, and openings.
    asked
        Columns named by people; None takes channel, service, agency and all attributes of cases that have at most
        `MOST_VALUES` different values, fewest first, up to `MOST_COLUMNS`, but for those whose names speak of what is
        known later only. Others may be written later too: see `may_be_later`.

    Raises
    ------
    UnknownColumnError
        If the log lacks a column that is asked for.
    """
    source = f"read_parquet({quote_file(store.folder / 'cases.parquet')})"
    connection = connect()
    try:
        held = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        names = _named(asked, held) if asked is not None else _suitable(connection, source, held)
        texts = ", ".join(f"CAST({quote_identifier(name)} AS VARCHAR) AS c{n}" for n, name in enumerate(names))
        query = f'SELECT "case", outcome{", " if names else ""}{texts} FROM {source} ORDER BY "case"'
        table = connection.sql(query).to_arrow_table()
    finally:
        connection.close()
    place = np.searchsorted(table.column("case").to_numpy(), case)
    coded = [_coded(table.column(f"c{n}"))[place] for n in range(len(names))]
    if asked is None:
        names, coded = _different(names, coded)
    outcome = np.array([value or "" for value in table.column("outcome").to_pylist()], np.str_)
    levels = np.column_stack([*coded, _periods(opened_us)])
    return CaseMix(names, levels.astype(np.int64), outcome[place] if len(outcome) else outcome)


def may_be_later(names: Sequence[str]) -> bool:
    """Return whether a mix that nobody declared holds what may have been written after a step, even because of it.

    Cases made alike by an outcome show no harm of leaving a step out: the harm went into what they were made alike by.
    """
    return any(name not in COLUMNS for name in names)


def _named(asked: tuple[str, ...], held: list[str]) -> tuple[str, ...]:
    found = []
    for name in asked:
        column = name if name in held else ATTRIBUTE_PREFIX + name
        if column not in held:
            usable = [known for known in held if known in COLUMNS or known.startswith(ATTRIBUTE_PREFIX)]
            raise UnknownColumnError(
                _("The log has no column “{name}” of cases.").format(name=name),
                where="case_mix",
                remedy=_("Use one of: {labels}.").format(labels=", ".join(usable) or "–"),
            )
        found.append(column)
    return tuple(found)


def _suitable(connection: "object", source: str, held: list[str]) -> tuple[str, ...]:
    names = [
        name for name in held if name in COLUMNS or (name.startswith(ATTRIBUTE_PREFIX) and not speaks_of_later(name))
    ]
    if not names:
        return ()
    counts = ", ".join(f"approx_count_distinct({quote_identifier(name)})" for name in names)
    (values,) = connection.execute(f"SELECT {counts} FROM {source}").fetchall()  # type: ignore[attr-defined]
    held_counts = ((name not in COLUMNS, count, name) for count, name in zip(values, names, strict=True))
    ranked = sorted(entry for entry in held_counts if 2 <= entry[1] <= MOST_VALUES)
    return tuple(name for _is_attribute, _count, name in ranked[:MOST_COLUMNS])


def _coded(column: pa.ChunkedArray) -> Codes:
    filled = pc.fill_null(column, "").combine_chunks().dictionary_encode()
    return np.asarray(filled.indices.to_numpy(), np.int64)


def _different(names: tuple[str, ...], coded: list[Codes]) -> tuple[tuple[str, ...], list[Codes]]:
    """Leave out columns that tell the same as one before: a source often holds a role as an attribute as well."""
    kept: list[int] = []
    for number, codes in enumerate(coded):
        if not any(_tell_the_same(codes, coded[other]) for other in kept):
            kept.append(number)
    return tuple(names[number] for number in kept), [coded[number] for number in kept]


def _tell_the_same(first: Codes, second: Codes) -> bool:
    pairs = len(np.unique(np.column_stack([first, second]), axis=0))
    return pairs == len(np.unique(first)) == len(np.unique(second))


def _periods(opened_us: Codes) -> Codes:
    if not len(opened_us):
        return np.zeros(0, np.int64)
    limits = np.quantile(opened_us, np.arange(1, PERIODS) / PERIODS)
    return np.searchsorted(limits, opened_us, side="right").astype(np.int64)
